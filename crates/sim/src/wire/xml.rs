//! XML in and out, for S3 and for the answers of the query form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::schema::{Kind, Member, Model};
use crate::call::Fault;
use crate::time;
use crate::value::{Map, Value};

/// How deep a request may nest. AWS's deepest structure in XML has eight levels.
const DEPTH: usize = 32;

/// An element as it was read: its name, its text and its children.
#[derive(Debug, Default)]
pub struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

/// Reads a document into its root element. Entities other than the five of XML and character numbers are refused, so
/// that nothing can grow; declarations and comments are skipped.
pub fn read(body: &Bytes) -> Result<Element, Fault> {
    let malformed = || {
        Fault::bad(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema",
        )
    };
    let text = std::str::from_utf8(body).map_err(|_| malformed())?;
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        let closed = match reader.read_event().map_err(|_| malformed())? {
            Event::Start(start) => {
                if open.len() == DEPTH || root.is_some() {
                    return Err(malformed());
                }
                open.push(Element::named(start.local_name().as_ref()));
                None
            }
            Event::Empty(empty) => Some(Element::named(empty.local_name().as_ref())),
            Event::End(_) => open.pop(),
            Event::Text(text) => {
                if let Some(top) = open.last_mut() {
                    top.text.push_str(&text.xml10_content());
                }
                None
            }
            Event::CData(data) => {
                if let Some(top) = open.last_mut() {
                    top.text.push_str(&data.xml10_content());
                }
                None
            }
            Event::GeneralRef(entity) => {
                let number = entity.resolve_char_ref().map_err(|_| malformed())?;
                let named = || quick_xml::escape::resolve_xml_entity(&entity.xml10_content()).map(str::to_owned);
                let resolved = number.map(String::from).or_else(named).ok_or_else(malformed)?;
                if let Some(top) = open.last_mut() {
                    top.text.push_str(&resolved);
                }
                None
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => None,
        };
        if let Some(element) = closed {
            match open.last_mut() {
                Some(parent) => parent.children.push(element),
                None if root.is_none() => root = Some(element),
                None => return Err(malformed()),
            }
        }
    }
    if !open.is_empty() {
        return Err(malformed());
    }
    root.ok_or_else(malformed)
}

impl Element {
    fn named(name: impl AsRef<[u8]>) -> Self {
        Self {
            name: String::from_utf8_lossy(name.as_ref()).into_owned(),
            ..Self::default()
        }
    }

    /// The element's value by the service's table: children become members under their names in the model.
    #[must_use]
    pub fn value(self, model: &Model, kind: &Kind) -> Value {
        match kind {
            Kind::Structure(name) => self.structure(model, model.members(Some(name))),
            Kind::List(_, inner) => self
                .children
                .into_iter()
                .map(|child| child.value(model, inner))
                .collect(),
            _ if self.children.is_empty() => Value::Str(self.text),
            _ => self.structure(model, &[]),
        }
    }

    fn structure(self, model: &Model, members: &[Member]) -> Value {
        let mut map = Map::new();
        let mut flat: Vec<(&Member, Vec<Value>)> = Vec::new();
        for child in self.children {
            let member = members.iter().find(|m| m.wire == child.name);
            match member.map(|m| (m, &m.kind)) {
                Some((member, Kind::Flat(inner))) => {
                    let value = child.value(model, inner);
                    match flat.iter_mut().find(|(m, _)| m.name == member.name) {
                        Some((_, list)) => list.push(value),
                        None => flat.push((member, vec![value])),
                    }
                }
                Some((member, kind)) => map.push(member.name, child.value(model, kind)),
                None => {
                    let name = child.name.clone();
                    map.push(name, child.value(model, &Kind::Plain));
                }
            }
        }
        for (member, list) in flat {
            map.push(member.name, Value::List(list));
        }
        Value::Map(map)
    }
}

/// A document being written.
#[derive(Debug)]
pub struct Writer<'m> {
    out: String,
    model: Option<&'m Model>,
    maps: &'static [&'static str],
}

impl<'m> Writer<'m> {
    /// A writer with the names of a service's table. `maps` are the members that are maps rather than structures,
    /// which the value alone does not say.
    #[must_use]
    pub fn new(model: Option<&'m Model>, maps: &'static [&'static str]) -> Self {
        Self {
            out: String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"),
            model,
            maps,
        }
    }

    /// Opens an element, with attributes as they stand.
    pub fn open(&mut self, name: &str, attributes: &str) {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push_str(attributes);
        self.out.push('>');
    }

    /// Closes an element.
    pub fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// Text, escaped.
    pub fn raw_text(&mut self, text: &str) {
        escape(&mut self.out, text);
    }

    /// An element with text in it.
    pub fn text(&mut self, name: &str, text: &str) {
        self.open(name, "");
        escape(&mut self.out, text);
        self.close(name);
    }

    /// The members of a structure, without an element around them.
    pub fn members(&mut self, value: &Value, kind: &Kind) {
        let members = match (self.model, kind) {
            (Some(model), Kind::Structure(name)) => model.members(Some(name)),
            _ => &[],
        };
        for (name, value) in value.entries() {
            match members.iter().find(|member| member.name == name) {
                Some(member) if member.wire.contains(':') => {}
                Some(member) => self.member(member.wire, value, &member.kind),
                None if self.maps.contains(&name) => self.map(name, value),
                None => self.member(name, value, &Kind::Plain),
            }
        }
    }

    /// A member: an element, or several for a flattened list, or none for `Null`.
    pub fn member(&mut self, name: &str, value: &Value, kind: &Kind) {
        match (value, kind) {
            (Value::Null, _) => {}
            (Value::List(list), Kind::Flat(inner)) => {
                for value in list {
                    self.member(name, value, inner);
                }
            }
            (Value::List(list), _) => {
                let (item, inner) = match kind {
                    Kind::List(item, inner) => (*item, &**inner),
                    _ => ("member", &Kind::Plain),
                };
                self.open(name, "");
                for value in list {
                    self.member(item, value, inner);
                }
                self.close(name);
            }
            (Value::Map(_), _) => {
                self.open(name, &attributes(value));
                self.members(value, kind);
                self.close(name);
            }
            (Value::Time(ms), Kind::Epoch) => self.text(name, &time::to_seconds(*ms).to_string()),
            (Value::Time(ms), Kind::HttpDate) => self.text(name, &time::to_http_date(*ms)),
            (Value::Time(ms), _) => self.text(name, &time::to_iso(*ms)),
            (Value::Blob(bytes), _) => self.text(name, &BASE64.encode(bytes)),
            (value, _) => self.text(name, &value.text().unwrap_or_default()),
        }
    }

    fn map(&mut self, name: &str, value: &Value) {
        self.open(name, "");
        for (key, value) in value.entries() {
            self.open("entry", "");
            self.text("key", key);
            self.member("value", value, &Kind::Plain);
            self.close("entry");
        }
        self.close(name);
    }

    /// The document.
    #[must_use]
    pub fn finish(self) -> Bytes {
        self.out.into()
    }
}

/// An S3 grantee says what it is in an attribute, the only one in any answer.
fn attributes(value: &Value) -> String {
    match value.get("Type").str() {
        Some(kind @ ("CanonicalUser" | "Group" | "AmazonCustomerByEmail")) => {
            format!(" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"{kind}\"")
        }
        _ => String::new(),
    }
}

/// Text inside an element. What XML 1.0 cannot say at all becomes U+FFFD.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#xD;"),
            '\t' | '\n' => out.push(c),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::call::Service;
    use crate::value::{list, map};

    fn s3() -> &'static Model {
        Model::of(Service::S3).expect("a REST service")
    }

    #[test]
    fn a_notification_configuration_goes_there_and_back() {
        let conf = map! { "LambdaFunctionConfigurations" => list![map! {
            "Id" => "b", "LambdaFunctionArn" => "arn:aws:lambda:us-east-1:1:function:f",
            "Events" => list!["s3:ObjectCreated:*"],
            "Filter" => map! { "Key" => map! { "FilterRules" => list![map! { "Name" => "prefix", "Value" => "a&b/" }] } },
        }] };
        let kind = Kind::Structure("NotificationConfiguration");
        let mut writer = Writer::new(Some(s3()), &[]);
        writer.member("NotificationConfiguration", &conf, &kind);
        let text = writer.finish();
        let expected = "<CloudFunctionConfiguration><Id>b</Id><CloudFunction>arn:aws:lambda:us-east-1:1:function:f\
            </CloudFunction><Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>prefix</Name>\
            <Value>a&amp;b/</Value></FilterRule></S3Key></Filter></CloudFunctionConfiguration>";
        assert!(
            std::str::from_utf8(&text).is_ok_and(|text| text.contains(expected)),
            "{text:?}"
        );
        let back = read(&text).expect("its own text").value(s3(), &kind);
        assert_eq!(
            back.path("LambdaFunctionConfigurations.0.Events.0").str(),
            Some("s3:ObjectCreated:*")
        );
        let rule = "LambdaFunctionConfigurations.0.Filter.Key.FilterRules.0";
        assert_eq!(back.path(rule), conf.path(rule));
    }

    #[test]
    fn hostile_documents_are_malformed() {
        for bad in [
            "",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "x",
            "<a>&lol;</a>",
            "<!DOCTYPE a [<!ENTITY l \"ll\">]><a>&l;</a>",
            &"<a>".repeat(100_000),
        ] {
            assert_eq!(
                read(&Bytes::from(bad.to_owned())).err().map(|f| f.code).as_deref(),
                Some("MalformedXML"),
                "{bad:.40}"
            );
        }
        let ok = read(&Bytes::from_static(
            b"<?xml version='1.0'?><a><!-- c --><b>1 &lt; &#50;<![CDATA[<]]></b></a>",
        ));
        assert_eq!(
            ok.expect("well-formed").value(s3(), &Kind::Plain),
            map! { "b" => "1 < 2<" }
        );
    }

    proptest! {
        #[test]
        fn any_text_goes_there_and_back(text in "[^\u{0}-\u{8}\u{b}\u{c}\u{e}-\u{1f}\u{fffe}\u{ffff}]{0,40}") {
            let mut writer = Writer::new(None, &[]);
            writer.text("a", &text);
            let back = read(&writer.finish()).expect("its own text").value(s3(), &Kind::Plain);
            prop_assert_eq!(back.str(), Some(text.as_str()));
        }

        #[test]
        fn any_bytes_are_an_answer(data in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&Bytes::from(data));
        }
    }
}
