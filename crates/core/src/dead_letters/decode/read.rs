//! Opens a body layer by layer.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::MultiGzDecoder;
use serde_json::Value;

use super::{BYTES, Cut, DEPTH, LAYERS, Layer, LayerBody, What, dynamo};

/// Opens a body as far as it goes.
#[must_use]
pub fn unwrap(body: &str) -> Layer {
    let mut opener = Opener {
        bytes: BYTES.saturating_sub(body.len()),
        layers: LAYERS,
    };
    opener.text(String::new(), Vec::new(), body.to_owned(), 0)
}

/// What may still be opened.
struct Opener {
    bytes: usize,
    layers: usize,
}

impl Opener {
    fn text(&mut self, at: String, packed: Vec<&'static str>, text: String, depth: usize) -> Layer {
        let value = could_be_json(&text)
            .then(|| serde_json::from_str::<Value>(&text).ok())
            .flatten();
        let mut layer = Layer {
            at,
            what: value.as_ref().map_or(What::Text, What::of),
            packed,
            held: LayerBody::Text(String::new()),
            inside: Vec::new(),
            cut: None,
        };
        match value {
            // A JSON text in a JSON text.
            Some(Value::String(inner)) if could_be_json(&inner) && depth < DEPTH => {
                layer.held = LayerBody::Json(text);
                self.take(&mut layer, String::new(), Vec::new(), inner.into_bytes(), depth);
            }
            Some(value) => {
                layer.held = LayerBody::Json(text);
                self.members(&mut layer, &value, &mut String::new(), depth);
            }
            None => layer.held = LayerBody::Text(text),
        }
        layer
    }

    /// Looks through a value for what can be opened.
    fn members(&mut self, layer: &mut Layer, value: &Value, path: &mut String, depth: usize) {
        match value {
            Value::String(text) if is_container(text) => {
                self.take(layer, path.clone(), Vec::new(), text.clone().into_bytes(), depth);
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    within(path, &format!("[{index}]"), |path| {
                        self.members(layer, item, path, depth);
                    });
                }
            }
            Value::Object(fields) => {
                for (name, field) in fields {
                    within(path, &step(name), |path| {
                        self.member(layer, value, name, field, path, depth);
                    });
                }
            }
            _ => {}
        }
    }

    fn member(
        &mut self,
        layer: &mut Layer,
        around: &Value,
        name: &str,
        field: &Value,
        path: &mut String,
        depth: usize,
    ) {
        let packed = match (name, field) {
            // Kinesis' records as a function gets them, and as a pipe does; what Logs sends.
            ("data", Value::String(text)) if around.get("kinesisSchemaVersion").is_some() => Some(text),
            ("data", Value::String(text)) if path.ends_with(".awslogs.data") => Some(text),
            _ => None,
        };
        if let Some(bytes) = packed.and_then(|text| STANDARD.decode(text).ok()) {
            return self.take(layer, path.clone(), vec!["base64"], bytes, depth);
        }
        let is_image = matches!(name, "NewImage" | "OldImage" | "Keys");
        match dynamo::item(field).filter(|item| is_image && item.as_object().is_some_and(|item| !item.is_empty())) {
            Some(item) => self.image(layer, path.clone(), &item, depth),
            None => self.members(layer, field, path, depth),
        }
    }

    /// Adds a layer for what was found packed.
    fn take(&mut self, layer: &mut Layer, at: String, mut packed: Vec<&'static str>, bytes: Vec<u8>, depth: usize) {
        let Some(bytes) = self.unzip(layer, &mut packed, bytes) else {
            return;
        };
        if !self.may_open(layer, bytes.len(), depth) {
            return;
        }
        let inner = match String::from_utf8(bytes) {
            Ok(text) => self.text(at, packed, text, depth + 1),
            Err(error) => Layer {
                at,
                what: What::Bytes,
                packed,
                held: LayerBody::Bytes(error.into_bytes()),
                inside: Vec::new(),
                cut: None,
            },
        };
        layer.inside.push(inner);
    }

    fn image(&mut self, layer: &mut Layer, at: String, item: &Value, depth: usize) {
        let text = item.to_string();
        if self.may_open(layer, text.len(), depth) {
            let mut inner = self.text(at, Vec::new(), text, depth + 1);
            inner.what = What::Item;
            layer.inside.push(inner);
        }
    }

    fn may_open(&mut self, layer: &mut Layer, bytes: usize, depth: usize) -> bool {
        let why = if depth >= DEPTH {
            Cut::TooDeep
        } else if self.layers == 0 {
            Cut::TooMany
        } else if bytes > self.bytes {
            Cut::TooLarge
        } else {
            self.layers -= 1;
            self.bytes -= bytes;
            return true;
        };
        layer.cut.get_or_insert(why);
        false
    }

    /// The bytes, decompressed if they are gzip; `None` if they would be too many.
    fn unzip(&self, layer: &mut Layer, packed: &mut Vec<&'static str>, bytes: Vec<u8>) -> Option<Vec<u8>> {
        if !bytes.starts_with(&[0x1f, 0x8b]) {
            return Some(bytes);
        }
        let mut plain = Vec::new();
        let limit = self.bytes as u64;
        match MultiGzDecoder::new(bytes.as_slice())
            .take(limit + 1)
            .read_to_end(&mut plain)
        {
            Ok(_) if plain.len() as u64 > limit => {
                layer.cut.get_or_insert(Cut::TooLarge);
                None
            }
            Ok(_) => {
                packed.push("gzip");
                Some(plain)
            }
            // It only began like gzip.
            Err(_) => Some(bytes),
        }
    }
}

/// Goes one step deeper on a path, and back.
fn within(path: &mut String, step: &str, go: impl FnOnce(&mut String)) {
    let length = path.len();
    path.push_str(step);
    go(path);
    path.truncate(length);
}

/// `.name`, or `["na me"]` as `jq` writes it.
fn step(name: &str) -> String {
    let simple = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if simple && !name.starts_with(|c: char| c.is_ascii_digit()) {
        format!(".{name}")
    } else {
        format!("[{}]", Value::from(name))
    }
}

/// Whether a text may be JSON.
fn could_be_json(text: &str) -> bool {
    is_container(text) || text.trim_start().starts_with('"')
}

fn is_container(text: &str) -> bool {
    let text = text.trim();
    (text.starts_with('{') && text.ends_with('}')) || (text.starts_with('[') && text.ends_with(']'))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn zipped(bytes: &[u8]) -> String {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).expect("memory");
        STANDARD.encode(encoder.finish().expect("memory"))
    }

    /// Kinds and paths of all layers.
    fn shape(body: &str) -> Vec<(String, What, Vec<&'static str>)> {
        let layer = unwrap(body);
        let layers = layer.walk();
        layers
            .iter()
            .map(|(_, l)| (l.at.clone(), l.what, l.packed.clone()))
            .collect()
    }

    #[test]
    fn s3_in_sns_in_sqs() {
        let s3 = json!({"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": "a"}}}]}).to_string();
        let body = json!({"Type": "Notification", "TopicArn": "t", "Message": s3}).to_string();
        assert_eq!(
            shape(&body),
            [
                (String::new(), What::Notification, vec![]),
                (".Message".into(), What::BucketEvent, vec![])
            ]
        );
        assert_eq!(unwrap(&body).core().held, LayerBody::Json(s3));
    }

    #[test]
    fn kinesis_data_and_log_lines_are_unpacked() {
        let data = STANDARD.encode(r#"{"click":1}"#);
        let body = json!({"Records": [{"eventSource": "aws:kinesis", "kinesis": {"kinesisSchemaVersion": "1.0", "data": data}}]});
        assert_eq!(
            shape(&body.to_string())[1],
            (".Records[0].kinesis.data".into(), What::Json, vec!["base64"])
        );
        let lines = json!({"logGroup": "g", "logEvents": [{"message": "boom"}]}).to_string();
        let body = json!({"awslogs": {"data": zipped(lines.as_bytes())}}).to_string();
        assert_eq!(
            shape(&body)[1],
            (".awslogs.data".into(), What::LogLines, vec!["base64", "gzip"])
        );
    }

    #[test]
    fn an_image_loses_its_types() {
        let body = json!({"Records": [{"eventSource": "aws:dynamodb", "dynamodb": {"NewImage": {"id": {"N": "7"}}}}]});
        let layer = unwrap(&body.to_string());
        assert_eq!((layer.what, layer.core().what), (What::TableEvent, What::Item));
        assert_eq!(layer.core().held, LayerBody::Json(r#"{"id":7}"#.into()));
    }

    #[test]
    fn json_in_a_string_in_a_string_is_opened_to_a_bound() {
        let mut body = "{}".to_owned();
        // Each round doubles the backslashes.
        for _ in 0..DEPTH + 3 {
            body = json!({ "a": body }).to_string();
        }
        let layer = unwrap(&body);
        let layers = layer.walk();
        assert_eq!(layers.len(), DEPTH + 1);
        assert_eq!(layers.last().and_then(|(_, l)| l.cut), Some(Cut::TooDeep));
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let body = json!({"awslogs": {"data": zipped(&vec![b' '; BYTES * 4])}}).to_string();
        assert!(body.len() < 100_000, "{}", body.len());
        let layer = unwrap(&body);
        assert_eq!((layer.cut, layer.inside.len()), (Some(Cut::TooLarge), 0));
    }

    #[test]
    fn a_flood_of_layers_is_cut() {
        let body = json!(vec!["{}"; LAYERS + 10]).to_string();
        let layer = unwrap(&body);
        assert_eq!((layer.inside.len(), layer.cut), (LAYERS, Some(Cut::TooMany)));
    }

    #[test]
    fn nesting_that_would_use_up_the_stack_stays_text() {
        let body = "[".repeat(500_000) + &"]".repeat(500_000);
        assert_eq!(unwrap(&body).what, What::Text);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_fail(body in "\\PC*|[\\[{\"}:, a\\\\]*") {
            let layer = unwrap(&body);
            prop_assert!(layer.walk().len() <= LAYERS + 1);
        }

        #[test]
        fn no_payload_makes_it_fail(bytes in proptest::collection::vec(any::<u8>(), 0..200), zip: bool) {
            let data = if zip { zipped(&bytes) } else { STANDARD.encode(&bytes) };
            let body = json!({"awslogs": {"data": data}}).to_string();
            let layer = unwrap(&body);
            prop_assert_eq!(layer.inside.len(), 1);
            let held = match &layer.inside[0].held {
                LayerBody::Json(text) | LayerBody::Text(text) => text.as_bytes().to_vec(),
                LayerBody::Bytes(bytes) => bytes.clone(),
            };
            prop_assert_eq!(held, bytes);
        }
    }
}
