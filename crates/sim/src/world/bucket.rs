//! S3: buckets, objects, and what they report them.

use std::collections::BTreeMap;

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::json;

use super::bus::Event;
use super::lineage::Lineage;
use super::marbles::MarbleStage;
use super::notification::Notification;
use super::policy::Sender;
use super::receipt::md5_hex;
use super::{Happening, World};
use crate::call::Fault;
use crate::time::to_iso;
use crate::value::Value;

/// From the write to the notification. AWS (delivery): "seconds, sometimes a minute or longer"; simulated.
const HOP_MS: std::ops::RangeInclusive<i64> = 1000..=5000;
/// The principal, and the subject of what a topic is reported.
const S3: &str = "s3.amazonaws.com";
const SUBJECT: &str = "Amazon S3 Notification";
/// What stays as it is in the key of an event.
const KEY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'.')
    .remove(b'-')
    .remove(b'_')
    .remove(b'*');

/// A bucket.
#[derive(Clone, Debug, Default)]
pub struct Bucket {
    /// When it was created.
    pub created: i64,
    /// Where it is.
    pub region: String,
    /// Objects by key.
    pub objects: BTreeMap<String, Object>,
    /// Its notifications.
    pub notify: Vec<Notify>,
    /// Whether it shows EventBridge everything.
    pub event_bus: bool,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Sub-resources that are kept and echoed: versioning, policy, ….
    pub echoed: BTreeMap<String, Value>,
    /// Uploads in parts that are under way, by id.
    pub uploads: BTreeMap<String, Upload>,
}

/// An upload in parts.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The key that the object will have.
    pub key: String,
    /// The object without its bytes.
    pub object: Object,
    /// The parts by number.
    pub parts: BTreeMap<i64, Bytes>,
}

/// An object.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its bytes.
    pub body: Bytes,
    /// MD5 of the bytes, without quotes.
    pub etag: String,
    /// When it was written.
    pub modified: i64,
    /// `Content-Type`.
    pub content_type: String,
    /// `x-amz-meta-*` headers, names without that prefix.
    pub meta: BTreeMap<String, String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl Object {
    /// An object with these bytes.
    #[must_use]
    pub fn of(body: Bytes, now: i64) -> Self {
        Self {
            etag: md5_hex(&body),
            body,
            modified: now,
            content_type: "binary/octet-stream".to_owned(),
            meta: BTreeMap::new(),
            tags: BTreeMap::new(),
        }
    }
}

/// The kind of a notification's destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotifyKind {
    /// A function.
    Function,
    /// A queue.
    Queue,
    /// A topic.
    Topic,
}

/// One notification configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notify {
    /// Its id.
    pub id: String,
    /// The kind of the destination.
    pub kind: NotifyKind,
    /// The ARN of the destination.
    pub arn: String,
    /// Such as `s3:ObjectCreated:*`.
    pub events: Vec<String>,
    /// What a key begins with.
    pub prefix: Option<String>,
    /// What a key ends with.
    pub suffix: Option<String>,
}

impl Notify {
    fn wants(&self, event: &str, key: &str) -> bool {
        let of_kind = self.events.iter().any(|wanted| {
            let wanted = wanted.trim_start_matches("s3:");
            wanted
                .strip_suffix('*')
                .map_or(wanted == event, |start| event.starts_with(start))
        });
        of_kind
            && self.prefix.as_ref().is_none_or(|p| key.starts_with(p.as_str()))
            && self.suffix.as_ref().is_none_or(|s| key.ends_with(s.as_str()))
    }
}

impl Notify {
    /// Whether one event could be of both. AWS takes no two of them on one bucket, whatever they are sent to.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let starts = |a: &str, b: &str| a.strip_suffix('*').map_or(a == b, |start| b.starts_with(start));
        let events = self
            .events
            .iter()
            .any(|a| other.events.iter().any(|b| starts(a, b) || starts(b, a)));
        let (a, b) = (
            self.prefix.as_deref().unwrap_or(""),
            other.prefix.as_deref().unwrap_or(""),
        );
        let prefixes = a.starts_with(b) || b.starts_with(a);
        let (a, b) = (
            self.suffix.as_deref().unwrap_or(""),
            other.suffix.as_deref().unwrap_or(""),
        );
        events && prefixes && (a.ends_with(b) || b.ends_with(a))
    }
}

/// A key as events carry it: spaces as `+`, the rest percent-encoded.
#[must_use]
pub fn encode_key(key: &str) -> String {
    utf8_percent_encode(key, KEY).to_string().replace("%20", "+")
}

/// The key that an event's key means.
#[must_use]
pub fn decode_key(key: &str) -> String {
    percent_decode_str(&key.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}

impl World {
    /// The fault of a bucket that is not there.
    pub(crate) fn no_bucket(bucket: &str) -> Fault {
        Fault::new(404, "NoSuchBucket", "The specified bucket does not exist").with("BucketName", bucket)
    }

    /// Writes an object and reports it. `event` is such as `ObjectCreated:Put`.
    pub(crate) fn put_object(
        &mut self,
        bucket: &str,
        key: &str,
        object: Object,
        event: &str,
        lineage: &Lineage,
    ) -> Result<(), Fault> {
        let Some(found) = self.storage.buckets.get_mut(bucket) else {
            return Err(Self::no_bucket(bucket));
        };
        let (size, etag) = (object.body.len(), object.etag.clone());
        found.objects.insert(key.to_owned(), object);
        self.note_marble(
            lineage.marble(),
            |_| format!("arn:aws:s3:::{bucket}"),
            MarbleStage::Reached,
        );
        self.tell_of(bucket, key, event, Some((size, etag)), lineage);
        Ok(())
    }

    /// Copies an object. AWS (delivery): not onto itself without changing anything.
    pub(crate) fn copy_object(
        &mut self,
        from: &str,
        key: &str,
        to: &str,
        to_key: &str,
        lineage: &Lineage,
    ) -> Result<(), Fault> {
        let Some(source) = self.storage.buckets.get(from) else {
            return Err(Self::no_bucket(from));
        };
        let Some(object) = source.objects.get(key) else {
            return Err(Fault::new(404, "NoSuchKey", "The specified key does not exist.").with("Key", key));
        };
        if from == to && key == to_key {
            return Err(Fault::bad(
                "InvalidRequest",
                "This copy request is illegal because it is trying to copy an object to itself without changing the \
                 object's metadata, storage class, website redirect location or encryption attributes.",
            ));
        }
        let mut object = object.clone();
        object.modified = self.clock.now;
        self.put_object(to, to_key, object, "ObjectCreated:Copy", lineage)
    }

    /// Deletes an object. AWS (delivery): one that is not there is deleted as well.
    pub(crate) fn delete_object(&mut self, bucket: &str, key: &str) -> Result<(), Fault> {
        let Some(found) = self.storage.buckets.get_mut(bucket) else {
            return Err(Self::no_bucket(bucket));
        };
        if found.objects.remove(key).is_some() {
            self.tell_of(bucket, key, "ObjectRemoved:Delete", None, &Lineage::default());
        }
        Ok(())
    }

    fn tell_of(&mut self, bucket: &str, key: &str, event: &str, object: Option<(usize, String)>, lineage: &Lineage) {
        let Some(found) = self.storage.buckets.get(bucket) else {
            return;
        };
        let wanted: Vec<Notify> = found.notify.iter().filter(|n| n.wants(event, key)).cloned().collect();
        let to_bus = found.event_bus;
        if wanted.is_empty() && !to_bus {
            return;
        }
        let sequencer = format!("{:018X}", self.clock.now.unsigned_abs() << 8);
        for notify in wanted {
            let id = self.next_id();
            let mut record = json!({
                "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": self.region, "eventTime": to_iso(self.clock.now),
                "eventName": event, "userIdentity": {"principalId": "AWS:AIDAJDPLRKLG7UEXAMPLE"},
                "requestParameters": {"sourceIPAddress": "127.0.0.1"},
                "responseElements": {"x-amz-request-id": self.chance.hex("s3/request", id, 16).to_uppercase(),
                    "x-amz-id-2": self.chance.hex("s3/id2", id, 32)},
                "s3": {"s3SchemaVersion": "1.0", "configurationId": notify.id,
                    "bucket": {"name": bucket, "ownerIdentity": {"principalId": "A3NL1KOZZKExample"}, "arn": format!("arn:aws:s3:::{bucket}")},
                    "object": {"key": encode_key(key), "sequencer": sequencer}},
            });
            if let Some((size, etag)) = &object {
                record["s3"]["object"]["size"] = (*size).into();
                record["s3"]["object"]["eTag"] = etag.as_str().into();
            }
            let notification = Notification {
                sender: Sender::new(S3, format!("arn:aws:s3:::{bucket}")),
                to: notify.kind,
                arn: notify.arn,
                subject: SUBJECT.to_owned(),
                body: json!({"Records": [record]}),
                lineage: lineage.clone(),
            };
            let hop = self.chance.within("s3/hop", id, HOP_MS);
            self.storage.notifications.insert(id, notification);
            self.later(self.clock.now + hop, Happening::Notification(id));
        }
        if to_bus {
            let created = event.starts_with("ObjectCreated");
            let (size, etag) = object.unwrap_or_default();
            let _ = self.put_event(
                "default",
                &Event {
                    source: "aws.s3".to_owned(),
                    detail_type: if created { "Object Created" } else { "Object Deleted" }.to_owned(),
                    detail: json!({"version": "0", "bucket": {"name": bucket},
                        "object": {"key": key, "size": size, "etag": etag, "sequencer": sequencer},
                        "requester": self.account, "reason": event.split(':').nth(1).map_or("", |kind| if kind == "Copy" { "CopyObject" } else { "PutObject" })}),
                    resources: vec![format!("arn:aws:s3:::{bucket}")],
                    time: self.clock.now,
                },
            );
        }
    }

    /// Sends what AWS sends to each queue and topic when a bucket is reported to notify it. Functions get none.
    pub(crate) fn test_notifications(&mut self, bucket: &str) {
        let Some(found) = self.storage.buckets.get(bucket) else {
            return;
        };
        let told: Vec<(NotifyKind, String)> = found.notify.iter().map(|n| (n.kind, n.arn.clone())).collect();
        for (to, target) in told.into_iter().filter(|(to, _)| *to != NotifyKind::Function) {
            let id = self.next_id();
            let body = json!({
                "Service": "Amazon S3", "Event": "s3:TestEvent", "Time": to_iso(self.clock.now), "Bucket": bucket,
                "RequestId": self.chance.hex("s3/request", id, 16).to_uppercase(),
                "HostId": self.chance.hex("s3/id2", id, 32),
            });
            let notification = Notification {
                sender: Sender::new(S3, format!("arn:aws:s3:::{bucket}")),
                to,
                arn: target,
                subject: SUBJECT.to_owned(),
                body,
                lineage: Lineage::default(),
            };
            self.storage.notifications.insert(id, notification);
            self.later(self.clock.now, Happening::Notification(id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_encoded_as_events_carry_them() {
        for key in ["incoming/a b.json", "注文/1.json", "a+b=c.txt", "plain"] {
            assert_eq!(decode_key(&encode_key(key)), key);
        }
        assert_eq!(encode_key("incoming/a b.json"), "incoming/a+b.json");
    }

    #[test]
    fn a_notification_wants_its_events_and_keys() {
        let notify = Notify {
            id: "n".into(),
            kind: NotifyKind::Queue,
            arn: String::new(),
            events: vec!["s3:ObjectCreated:*".into()],
            prefix: Some("in/".into()),
            suffix: Some(".json".into()),
        };
        assert!(notify.wants("ObjectCreated:Put", "in/a.json"));
        assert!(!notify.wants("ObjectRemoved:Delete", "in/a.json"));
        assert!(!notify.wants("ObjectCreated:Put", "out/a.json"));
        assert!(!notify.wants("ObjectCreated:Put", "in/a.txt"));
    }
}
