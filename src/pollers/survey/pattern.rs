//! Whether a rule's event pattern can match what a bucket or a function sends to the default event bus.
//!
//! A bucket's event is known in part: whose it is and of which bucket, but not which object and why. So the answer is
//! *may match*: what an event may hold does not exclude it, what it can never hold does.

use serde_json::{Map, Value};

/// AWS (patterns): the kinds of event that S3 sends to EventBridge.
const KINDS: [&str; 10] = [
    "Object Created",
    "Object Deleted",
    "Object Restore Initiated",
    "Object Restore Completed",
    "Object Restore Expired",
    "Object Storage Class Changed",
    "Object Access Tier Changed",
    "Object ACL Updated",
    "Object Tags Added",
    "Object Tags Deleted",
];

/// What is known of a field of the events of one bucket.
enum Field {
    /// Always one of these.
    OneOf(Vec<String>),
    /// Any text or number, or absent.
    Anything,
    /// Any text but those that begin with `aws.`, which AWS keeps for its own services.
    NotAws,
    /// A part with fields of its own.
    Inner,
    /// A part that may hold any fields, and those any others.
    Free,
    /// Never there.
    Absent,
}

/// The account and region of a bucket.
#[derive(Clone, Copy)]
pub(super) struct Sender<'a> {
    /// Its name.
    pub bucket: &'a str,
    /// The account's number.
    pub account: &'a str,
    /// The region's name.
    pub region: &'a str,
    /// `aws`, `aws-cn`, …
    pub partition: &'a str,
}

impl Sender<'_> {
    /// AWS (patterns): the form of S3's events, `EventBridge` user guide of S3.
    fn field(&self, path: &[&str]) -> Field {
        let one = |text: &str| Field::OneOf(vec![text.to_owned()]);
        match path {
            ["source"] => one("aws.s3"),
            ["account"] => one(self.account),
            ["region"] => one(self.region),
            ["version"] | ["detail", "version"] => one("0"),
            ["detail-type"] => Field::OneOf(KINDS.map(str::to_owned).to_vec()),
            ["resources"] => one(&format!("arn:{}:s3:::{}", self.partition, self.bucket)),
            ["detail", "bucket", "name"] => one(self.bucket),
            ["detail"] | ["detail", "bucket" | "object"] => Field::Inner,
            ["id" | "time"]
            | ["detail", "object", "key" | "size" | "etag" | "version-id" | "sequencer"]
            | [
                "detail",
                "request-id"
                | "requester"
                | "source-ip-address"
                | "reason"
                | "deletion-type"
                | "restore-expiry-time"
                | "source-storage-class"
                | "destination-storage-class"
                | "destination-access-tier",
            ] => Field::Anything,
            _ => Field::Absent,
        }
    }
}

/// What a function sends to the default event bus.
#[derive(Clone, Copy)]
pub(super) enum Sent {
    /// Its own events (`PutEvents`).
    Own,
    /// Its results by way of a destination: those of invocations that succeeded, or failed.
    Result {
        /// Which of the two.
        success: bool,
    },
}

impl Sent {
    /// AWS (apis): the form of a destination's events, Lambda developer guide; `PutEvents` refuses a source that begins with `aws.`.
    fn field(self, path: &[&str], account: &str, region: &str) -> Field {
        let one = |text: &str| Field::OneOf(vec![text.to_owned()]);
        match (path, self) {
            (["account"], _) => one(account),
            (["region"], _) => one(region),
            (["version"], _) => one("0"),
            (["source"], Self::Own) => Field::NotAws,
            (["source"], Self::Result { .. }) => one("lambda"),
            (["detail-type"], Self::Result { success }) => one(if success {
                "Lambda Function Invocation Result - Success"
            } else {
                "Lambda Function Invocation Result - Failure"
            }),
            (["detail", ..], _) => Field::Free,
            (["detail-type" | "id" | "time" | "resources"], _) => Field::Anything,
            _ => Field::Absent,
        }
    }
}

/// Whether the pattern may match what a function of this account and region sends to the default bus.
pub(super) fn may_match_sent(pattern: &str, sent: Sent, account: &str, region: &str) -> bool {
    matches(pattern, &|path| sent.field(path, account, region))
}

/// Whether the pattern may match an event of the bucket. A pattern that cannot be read matches nothing.
pub(super) fn may_match(pattern: &str, sender: Sender<'_>) -> bool {
    matches(pattern, &|path| sender.field(path))
}

fn matches(pattern: &str, field: &dyn Fn(&[&str]) -> Field) -> bool {
    match serde_json::from_str(pattern) {
        Ok(Value::Object(pattern)) => object(&pattern, &mut Vec::new(), field),
        _ => false,
    }
}

/// What narrows the events of a bucket further, in words: the kinds asked for, and prefix and suffix of the key.
pub(super) fn narrowed(pattern: &str) -> (Vec<String>, Vec<String>) {
    let Ok(pattern) = serde_json::from_str::<Value>(pattern) else {
        return (Vec::new(), Vec::new());
    };
    let kinds = pattern.get("detail-type").and_then(Value::as_array);
    let kinds = kinds.into_iter().flatten();
    let kinds = kinds.filter_map(|kind| kind.as_str().map(str::to_owned)).collect();
    let keys = pattern.pointer("/detail/object/key").and_then(Value::as_array);
    let word = |key: &Value| {
        let (name, value) = match key {
            Value::String(text) => ("key", text.clone()),
            Value::Object(matcher) => {
                let (name, value) = matcher.iter().next()?;
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                match name.as_str() {
                    "prefix" => ("prefix", text),
                    "suffix" => ("suffix", text),
                    _ => ("key", key.to_string()),
                }
            }
            other => ("key", other.to_string()),
        };
        Some(format!("{name} {value}"))
    };
    (kinds, keys.into_iter().flatten().filter_map(word).collect())
}

fn object<'a>(pattern: &'a Map<String, Value>, path: &mut Vec<&'a str>, field: &dyn Fn(&[&str]) -> Field) -> bool {
    pattern.iter().all(|(name, value)| {
        if name == "$or"
            && let Value::Array(ways) = value
        {
            return ways
                .iter()
                .filter_map(Value::as_object)
                .any(|way| object(way, path, field));
        }
        path.push(name);
        let matches = match value {
            Value::Object(inner) => matches!(field(path), Field::Inner | Field::Free) && object(inner, path, field),
            Value::Array(matchers) => {
                let field = field(path);
                matchers.iter().any(|matcher| one(matcher, &field))
            }
            // AWS refuses such a pattern.
            _ => false,
        };
        path.pop();
        matches
    })
}

/// Whether one matcher of a list may hold for a field.
fn one(matcher: &Value, field: &Field) -> bool {
    let exists = matcher.get("exists").and_then(Value::as_bool);
    match field {
        Field::Anything | Field::Free => true,
        Field::NotAws => exists.unwrap_or_else(|| !is_of_aws(matcher)),
        Field::Absent => exists == Some(false),
        // AWS (patterns): `exists` on a part that has fields of its own is taken and matches nothing.
        Field::Inner => false,
        Field::OneOf(texts) => exists.unwrap_or_else(|| texts.iter().any(|text| holds(matcher, text))),
    }
}

/// Whether a matcher asks for a source of AWS, which no event of one's own has.
fn is_of_aws(matcher: &Value) -> bool {
    let wanted = matcher
        .as_str()
        .or_else(|| matcher.get("prefix").and_then(Value::as_str));
    wanted.is_some_and(|wanted| wanted.starts_with("aws."))
}

fn holds(matcher: &Value, text: &str) -> bool {
    let matcher = match matcher {
        Value::String(wanted) => return wanted == text,
        Value::Object(matcher) => matcher,
        _ => return false,
    };
    // AWS (patterns): one matcher of a kind in each object.
    matcher.iter().all(|(kind, wanted)| match kind.as_str() {
        "prefix" => part(wanted, text, |text, wanted| text.starts_with(wanted)),
        "suffix" => part(wanted, text, |text, wanted| text.ends_with(wanted)),
        "equals-ignore-case" => wanted.as_str().is_some_and(|wanted| wanted.eq_ignore_ascii_case(text)),
        "wildcard" => wanted.as_str().is_some_and(|wanted| wildcard(wanted, text)),
        "anything-but" => !excluded(wanted, text),
        // Numbers and addresses: no field of one certain text holds these.
        _ => false,
    })
}

/// `prefix` and `suffix`, which take `{"equals-ignore-case": …}` too.
fn part(wanted: &Value, text: &str, holds: fn(&str, &str) -> bool) -> bool {
    match wanted {
        Value::String(wanted) => holds(text, wanted),
        Value::Object(inner) => inner
            .get("equals-ignore-case")
            .and_then(Value::as_str)
            .is_some_and(|wanted| holds(&text.to_lowercase(), &wanted.to_lowercase())),
        _ => false,
    }
}

/// What `anything-but` leaves out: one value, a list, or what another matcher holds for.
fn excluded(wanted: &Value, text: &str) -> bool {
    match wanted {
        Value::Array(list) => list.iter().any(|wanted| excluded(wanted, text)),
        Value::Object(inner) => inner.iter().any(|(kind, wanted)| {
            let each = match wanted {
                Value::Array(list) => list.iter().collect(),
                one => vec![one],
            };
            each.into_iter().any(|one| {
                let matcher = serde_json::json!({ kind.as_str(): one });
                holds(&matcher, text)
            })
        }),
        wanted => wanted == text,
    }
}

/// `*` stands for any text; `\*` and `\\` for themselves.
fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts: Vec<String> = vec![String::new()];
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' => parts.push(String::new()),
            c => {
                let c = if c == '\\' { chars.next().unwrap_or(c) } else { c };
                if let Some(last) = parts.last_mut() {
                    last.push(c);
                }
            }
        }
    }
    let [first, inner @ .., last] = parts.as_slice() else {
        return parts.first().is_some_and(|only| only == text);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else {
        return false;
    };
    for part in inner {
        match rest.find(part.as_str()) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket_matches(pattern: &str) -> bool {
        let sender = Sender {
            bucket: "pics-in",
            account: "111122223333",
            region: "eu-west-1",
            partition: "aws",
        };
        may_match(pattern, sender)
    }

    #[test]
    fn a_pattern_that_may_match_the_buckets_events() {
        for pattern in [
            r#"{"source":["aws.s3"]}"#,
            r#"{"source":["aws.s3"],"detail-type":["Object Created"],"detail":{"bucket":{"name":["pics-in"]}}}"#,
            r#"{"source":[{"prefix":"aws."}]}"#,
            r#"{"detail":{"bucket":{"name":["other","pics-in"]}}}"#,
            r#"{"detail":{"bucket":{"name":[{"prefix":"pics-"}]}}}"#,
            r#"{"detail":{"bucket":{"name":[{"suffix":"-in"}]}}}"#,
            r#"{"detail":{"bucket":{"name":[{"wildcard":"p*-i*"}]}}}"#,
            r#"{"detail":{"bucket":{"name":[{"equals-ignore-case":"PICS-IN"}]}}}"#,
            r#"{"detail":{"bucket":{"name":[{"anything-but":["logs"]}]}}}"#,
            r#"{"source":["aws.s3"],"detail":{"object":{"key":[{"prefix":"in/"}],"size":[{"numeric":[">",0]}]}}}"#,
            r#"{"source":["aws.s3"],"detail":{"reason":["PutObject"]}}"#,
            r#"{"source":["aws.s3"],"resources":["arn:aws:s3:::pics-in"]}"#,
            r#"{"source":["aws.s3"],"account":["111122223333"],"region":["eu-west-1"]}"#,
            r#"{"source":["aws.s3"],"detail":{"error":[{"exists":false}]}}"#,
            r#"{"source":["aws.s3"],"$or":[{"detail-type":["x"]},{"detail":{"bucket":{"name":["pics-in"]}}}]}"#,
            r#"{"account":["111122223333"]}"#,
        ] {
            assert!(bucket_matches(pattern), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_never_matches_the_buckets_events() {
        for pattern in [
            r#"{"source":["shop"]}"#,
            r#"{"source":["aws.ec2"]}"#,
            r#"{"source":["aws.s3"],"detail":{"bucket":{"name":["other"]}}}"#,
            r#"{"detail":{"bucket":{"name":[{"prefix":"logs-"}]}}}"#,
            r#"{"detail":{"bucket":{"name":[{"anything-but":"pics-in"}]}}}"#,
            r#"{"detail":{"bucket":{"name":[{"anything-but":{"prefix":"pics"}}]}}}"#,
            r#"{"detail":{"bucket":{"name":[{"exists":false}]}}}"#,
            // CloudTrail's events of S3 have this source too, and come without any setting of the bucket.
            r#"{"source":["aws.s3"],"detail-type":["AWS API Call via CloudTrail"]}"#,
            r#"{"source":["aws.s3"],"detail":{"eventName":["PutObject"],"requestParameters":{"bucketName":["pics-in"]}}}"#,
            r#"{"source":["aws.s3"],"region":["us-east-1"]}"#,
            r#"{"source":["aws.s3"],"detail":{"bucket":[{"exists":true}]}}"#,
            r#"{"source":["aws.s3"],"$or":[{"detail-type":["x"]},{"account":["4"]}]}"#,
            "no JSON",
        ] {
            assert!(!bucket_matches(pattern), "{pattern}");
        }
    }

    #[test]
    fn what_a_function_sends_meets_the_rules_that_may_take_it() {
        let (well, ill) = (Sent::Result { success: true }, Sent::Result { success: false });
        for (pattern, own, on_success, on_failure) in [
            (r#"{"source":["shop"]}"#, true, false, false),
            (
                r#"{"source":[{"prefix":"shop."}],"detail":{"order":{"state":["new"]}}}"#,
                true,
                false,
                false,
            ),
            (r#"{"detail-type":["order placed"]}"#, true, false, false),
            (r#"{"source":["lambda"]}"#, true, true, true),
            (
                r#"{"source":["lambda"],"detail":{"requestContext":{"condition":["RetriesExhausted"]}}}"#,
                true,
                true,
                true,
            ),
            (
                r#"{"source":["lambda"],"detail-type":["Lambda Function Invocation Result - Failure"]}"#,
                true,
                false,
                true,
            ),
            (r#"{"source":["aws.s3"]}"#, false, false, false),
            (r#"{"source":[{"prefix":"aws."}]}"#, false, false, false),
            (r#"{"source":["aws.s3","shop"]}"#, true, false, false),
            (r#"{"source":[{"anything-but":{"prefix":"aws."}}]}"#, true, true, true),
            (r#"{"source":[{"exists":false}]}"#, false, false, false),
            (r#"{"account":["111122223333"]}"#, true, true, true),
            (r#"{"account":["4"]}"#, false, false, false),
            ("no JSON", false, false, false),
        ] {
            let met = [Sent::Own, well, ill].map(|sent| may_match_sent(pattern, sent, "111122223333", "eu-west-1"));
            assert_eq!(met, [own, on_success, on_failure], "{pattern}");
        }
    }

    #[test]
    fn kinds_and_keys_are_told_as_filters() {
        let pattern = r#"{"detail-type":["Object Created"],"detail":{"object":{"key":[{"prefix":"in/"},{"suffix":".jpg"},"a"]}}}"#;
        let (kinds, keys) = narrowed(pattern);
        assert_eq!(kinds, ["Object Created"]);
        assert_eq!(keys, ["prefix in/", "suffix .jpg", "key a"]);
    }

    #[test]
    fn wildcards_stand_for_any_text() {
        for (pattern, text, held) in [
            ("*", "", true),
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "acd", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "acb", false),
            (r"a\*c", "a*c", true),
            (r"a\*c", "abc", false),
            ("abc", "abc", true),
        ] {
            assert_eq!(wildcard(pattern, text), held, "{pattern} {text}");
        }
    }
}
