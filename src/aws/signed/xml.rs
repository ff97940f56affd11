//! Answers in XML, as values.

use serde_json::{Map, Value};
use xmlparser::{ElementEnd, Token, Tokenizer};

/// No answer of AWS nests as deep.
const DEPTH: usize = 64;

#[derive(Default)]
struct Element {
    name: String,
    text: String,
    children: Vec<(String, Value)>,
}

impl Element {
    /// Its children by their names; as an array where all are `member`s; its text where it has none.
    fn value(self) -> Value {
        if self.children.is_empty() {
            return Value::String(self.text);
        }
        if self.children.iter().all(|(name, _)| name == "member") {
            return self.children.into_iter().map(|(_, value)| value).collect();
        }
        Value::Object(self.children.into_iter().collect::<Map<_, _>>())
    }
}

/// What the root element holds. `None` if it is no XML.
pub(super) fn read(body: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(body).ok()?;
    let mut open: Vec<Element> = Vec::new();
    for token in Tokenizer::from(text) {
        match token.ok()? {
            Token::ElementStart { local, .. } => {
                if open.len() == DEPTH {
                    return None;
                }
                open.push(Element {
                    name: local.as_str().to_owned(),
                    ..Element::default()
                });
            }
            Token::ElementEnd {
                end: ElementEnd::Close(..) | ElementEnd::Empty,
                ..
            } => {
                let mut done = open.pop()?;
                let name = std::mem::take(&mut done.name);
                match open.last_mut() {
                    Some(parent) => parent.children.push((name, done.value())),
                    None => return Some(done.value()),
                }
            }
            Token::Text { text } => open.last_mut()?.text.push_str(&plain(text.as_str())),
            Token::Cdata { text, .. } => open.last_mut()?.text.push_str(text.as_str()),
            _ => {}
        }
    }
    None
}

/// A text without its entities.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let known = after
            .split_once(';')
            .and_then(|(name, tail)| Some((entity(name)?, tail)));
        let Some((c, tail)) = known else {
            plain.push('&');
            rest = after;
            continue;
        };
        plain.push(c);
        rest = tail;
    }
    plain + rest
}

fn entity(name: &str) -> Option<char> {
    let number = |digits: &str, radix| char::from_u32(u32::from_str_radix(digits, radix).ok()?);
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match name.strip_prefix("#x") {
            Some(hex) => number(hex, 16),
            None => number(name.strip_prefix('#')?, 10),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_structures_and_texts_are_told_apart() {
        let body = r#"<?xml version="1.0"?>
<GetResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetResult>
  <Roles><member><Name>a &amp; b</Name><Tags/></member><member><Name><![CDATA[<c>]]></Name></member></Roles>
  <IsTruncated>false</IsTruncated>
</GetResult></GetResponse>"#;
        let read = read(body.as_bytes()).expect("XML");
        assert_eq!(
            read,
            json!({"GetResult": {
                "Roles": [{"Name": "a & b", "Tags": ""}, {"Name": "<c>"}], "IsTruncated": "false",
            }})
        );
    }

    #[test]
    fn what_is_cut_off_or_no_xml_is_none() {
        for body in ["", "{}", "<a>", "<a></a", "<html><body>proxy"] {
            assert_eq!(super::read(body.as_bytes()), None, "{body}");
        }
        let deep = "<a>".repeat(100_000);
        assert_eq!(super::read(deep.as_bytes()), None);
        assert_eq!(plain("&#38;&#x26;&unknown; & &"), "&&&unknown; & &");
    }
}
