//! MD5 as SQS takes it of messages, to see that what arrived is what was sent.

use std::collections::BTreeMap;

use md5::{Digest as _, Md5};

use crate::domain::{AttributeValue, MessageAttribute};

/// MD5 of a body.
pub(super) fn of_body(body: &str) -> String {
    hex(&Md5::digest(body.as_bytes()))
}

/// MD5 of message attributes. AWS (sqs): names, types and values in the order of the names, each with its length before it and
/// the value's kind (1 text, 2 binary) before that. `None` if there are none.
pub(super) fn of_attributes(attributes: &BTreeMap<String, MessageAttribute>) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    let mut md5 = Md5::new();
    let mut put = |kind: &[u8], bytes: &[u8]| {
        md5.update(kind);
        md5.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        md5.update(bytes);
    };
    for (name, attribute) in attributes {
        put(&[], name.as_bytes());
        put(&[], attribute.data_type.as_bytes());
        match &attribute.value {
            AttributeValue::Text(text) => put(&[1], text.as_bytes()),
            AttributeValue::Binary(bytes) => put(&[2], bytes),
        }
    }
    Some(hex(&md5.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_digests() {
        assert_eq!(of_body("hello"), "5d41402abc4b2a76b9719d911017c592");
        assert_eq!(of_attributes(&BTreeMap::new()), None);
        // Laid out by hand, as the developer guide describes it.
        let attribute = MessageAttribute {
            data_type: "String".into(),
            value: AttributeValue::Text("v".into()),
        };
        let mut bytes = Vec::new();
        for part in [&b"\0\0\0\x01k"[..], b"\0\0\0\x06String", b"\x01\0\0\0\x01v"] {
            bytes.extend(part);
        }
        let of_bytes = hex(&Md5::digest(&bytes));
        assert_eq!(of_attributes(&[("k".to_owned(), attribute)].into()), Some(of_bytes));
    }
}
