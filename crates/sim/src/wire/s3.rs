//! What only S3 does: root elements of its own, keys encoded in listings, errors without a wrapper.

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::schema::Kind;
use super::xml::Writer;
use crate::call::Fault;
use crate::value::{Map, Value};

/// The attribute of every root element.
pub const NAMESPACE: &str = " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

/// What S3 leaves as it is under `encoding-type=url`.
const KEY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/')
    .remove(b'*');

/// The members that `encoding-type=url` encodes, wherever they are in a listing.
const ENCODED: [&str; 8] = [
    "Key",
    "Prefix",
    "Delimiter",
    "Marker",
    "NextMarker",
    "StartAfter",
    "KeyMarker",
    "NextKeyMarker",
];

/// The root element of an operation's answer, for the ones whose answer is XML.
#[must_use]
pub fn root(op: &str) -> Option<&'static str> {
    Some(match op {
        "ListBuckets" => "ListAllMyBucketsResult",
        "ListObjects" | "ListObjectsV2" => "ListBucketResult",
        "ListObjectVersions" => "ListVersionsResult",
        "ListMultipartUploads" => "ListMultipartUploadsResult",
        "ListParts" => "ListPartsResult",
        "GetBucketLocation" => "LocationConstraint",
        "GetBucketNotificationConfiguration" => "NotificationConfiguration",
        "GetBucketVersioning" => "VersioningConfiguration",
        "GetBucketTagging" | "GetObjectTagging" => "Tagging",
        "GetBucketAcl" => "AccessControlPolicy",
        "GetBucketCors" => "CORSConfiguration",
        "GetBucketEncryption" => "ServerSideEncryptionConfiguration",
        "GetBucketLifecycleConfiguration" => "LifecycleConfiguration",
        "GetPublicAccessBlock" => "PublicAccessBlockConfiguration",
        "GetObjectAttributes" => "GetObjectAttributesResponse",
        "CopyObject" => "CopyObjectResult",
        "UploadPartCopy" => "CopyPartResult",
        "CreateMultipartUpload" => "InitiateMultipartUploadResult",
        "CompleteMultipartUpload" => "CompleteMultipartUploadResult",
        "DeleteObjects" => "DeleteResult",
        _ => return None,
    })
}

/// Encodes the keys of a listing whose caller asked for `encoding-type=url`, and says so in it.
#[must_use]
pub fn url_encoded(output: Value) -> Value {
    let mut output = encode(output);
    output.set("EncodingType", "url");
    output
}

fn encode(value: Value) -> Value {
    match value {
        Value::Map(map) => {
            let each = map.into_iter().map(|(name, value)| match value {
                Value::Str(text) if ENCODED.contains(&name.as_str()) => {
                    (name, Value::Str(utf8_percent_encode(&text, KEY).to_string()))
                }
                value => (name, encode(value)),
            });
            Value::Map(each.collect::<Map>())
        }
        Value::List(list) => list.into_iter().map(encode).collect(),
        value => value,
    }
}

/// Writes an error.
#[must_use]
pub fn write_error(fault: &Fault, code: &str, request_id: &str) -> Bytes {
    let mut xml = Writer::new(None, &[]);
    xml.open("Error", "");
    xml.text("Code", code);
    xml.text("Message", &fault.message);
    for (name, value) in &fault.extra {
        xml.member(name, value, &Kind::Plain);
    }
    xml.text("RequestId", request_id);
    xml.text("HostId", request_id);
    xml.close("Error");
    xml.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{list, map};

    #[test]
    fn keys_of_a_listing_are_encoded_on_demand() {
        let output = map! { "Contents" => list![map! { "Key" => "a b/é+", "ETag" => "\"e\"" }], "Prefix" => "a " };
        let encoded = url_encoded(output);
        assert_eq!(encoded.path("Contents.0.Key").str(), Some("a%20b/%C3%A9%2B"));
        assert_eq!(encoded.path("Contents.0.ETag").str(), Some("\"e\""));
        assert_eq!(encoded.get("EncodingType").str(), Some("url"));
    }
}
