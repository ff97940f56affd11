//! What makes a message the same message: its body and attributes, byte for byte.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::domain::{AttributeValue, MessageAttribute, QueueMessage};

/// The first 128 bits of SHA-256 over body and attributes, each part with its length before it, in hexadecimal.
#[must_use]
pub fn fingerprint(body: &str, attributes: &BTreeMap<String, MessageAttribute>) -> String {
    let mut hash = Sha256::new();
    let mut put = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    put(body.as_bytes());
    for (name, attribute) in attributes {
        put(name.as_bytes());
        put(attribute.data_type.as_bytes());
        match &attribute.value {
            AttributeValue::Text(text) => put(text.as_bytes()),
            AttributeValue::Binary(bytes) => put(bytes),
        }
    }
    hash.finalize().iter().take(16).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The fingerprint of a message as received.
#[must_use]
pub fn of_letter(letter: &QueueMessage) -> String {
    fingerprint(&letter.body, &letter.attributes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_counts_and_its_place() {
        let attributes = |name: &str, data_type: &str, value: AttributeValue| {
            let data_type = data_type.to_owned();
            BTreeMap::from([(name.to_owned(), MessageAttribute { data_type, value })])
        };
        let text = |text: &str| AttributeValue::Text(text.to_owned());
        let all = [
            fingerprint("a", &BTreeMap::new()),
            fingerprint("a ", &BTreeMap::new()),
            fingerprint("a", &attributes("k", "String", text("v"))),
            fingerprint("a", &attributes("k", "String.x", text("v"))),
            fingerprint("ak", &attributes("", "String", text("v"))),
            fingerprint("a", &attributes("k", "Number", text("1"))),
        ];
        for (n, one) in all.iter().enumerate() {
            assert_eq!(one.len(), 32);
            assert!(!all[..n].contains(one), "{n}");
        }
    }
}
