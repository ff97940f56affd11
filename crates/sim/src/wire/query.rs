//! The query form: a form in (`Action=Publish&Message=…`), XML out. SNS, STS and IAM speak only it; older clients speak
//! it to SQS and `CloudWatch` too.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::schema::Kind;
use super::xml::Writer;
use crate::call::{Fault, Service};
use crate::value::{Map, Value};

/// The most parameters that a request may have.
const PARAMETERS: usize = 100_000;

/// How deep a parameter's name may nest.
const DEPTH: usize = 24;

/// The members of answers that are maps, not structures.
const MAPS: &[&str] = &["Attributes", "attributes", "SummaryMap"];

/// What a form holds.
#[derive(Debug, PartialEq)]
pub struct Form {
    /// The operation.
    pub action: Option<String>,
    /// The API version.
    pub version: Option<String>,
    /// All other parameters, lists and maps put together.
    pub input: Value,
}

/// A parameter's name taken apart: `Tags.member.1.Key` is four nodes.
#[derive(Default)]
struct Node {
    text: Option<String>,
    children: BTreeMap<String, Node>,
}

/// Reads the form in the body, or in the query of a GET.
pub fn read(query: Option<&str>, body: &Bytes) -> Result<Form, Fault> {
    let malformed = |why: &str| Fault::bad("MalformedQueryString", why);
    let mut root = Node::default();
    let (mut action, mut version) = (None, None);
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).chain(form_urlencoded::parse(body));
    for (i, (name, value)) in pairs.enumerate() {
        if i == PARAMETERS {
            return Err(malformed("Too many parameters"));
        }
        match name.as_ref() {
            "Action" => action = Some(value.into_owned()),
            "Version" => version = Some(value.into_owned()),
            name if name.starts_with("X-Amz-") => {}
            name => {
                if name.split('.').nth(DEPTH).is_some() {
                    return Err(malformed("A parameter's name nests too deep"));
                }
                let node = name.split('.').fold(&mut root, |node, part| {
                    node.children.entry(part.to_owned()).or_default()
                });
                node.text = Some(value.into_owned());
            }
        }
    }
    // The request itself is a structure, whatever its parameters are called.
    let input: Map = root
        .children
        .into_iter()
        .map(|(name, node)| (name, node.value()))
        .collect();
    let input = Value::Map(input);
    Ok(Form { action, version, input })
}

impl Node {
    /// `member.N` and bare numbers are lists, `entry.N.key/value` is a map, all else a structure.
    fn value(self) -> Value {
        if self.children.is_empty() {
            return Value::Str(self.text.unwrap_or_default());
        }
        let mut children = self.children;
        if children.len() == 1 {
            if let Some(inner) = children.remove("member") {
                return inner.value();
            }
            if let Some(entries) = children.remove("entry") {
                return pairs(entries);
            }
        }
        if children.keys().all(|key| key.parse::<u32>().is_ok()) {
            let mut numbered: Vec<_> = children
                .into_iter()
                .filter_map(|(k, node)| Some((k.parse::<u32>().ok()?, node)))
                .collect();
            numbered.sort_by_key(|(n, _)| *n);
            return numbered.into_iter().map(|(_, node)| node.value()).collect();
        }
        Value::Map(children.into_iter().map(|(name, node)| (name, node.value())).collect())
    }
}

/// The pairs of a map; SNS calls a pair's parts `Name` and `Value` in message attributes, `key` and `value` elsewhere.
fn pairs(entries: Node) -> Value {
    let entries = entries.children.into_values().filter_map(|mut entry| {
        let mut take = |one: &str, other: &str| entry.children.remove(one).or_else(|| entry.children.remove(other));
        let key = take("key", "Name")?.text?;
        Some((key, take("value", "Value").unwrap_or_default().value()))
    });
    Value::Map(entries.collect())
}

/// A name on the wire, the name in the model, and for a map the names of a pair's key and value.
type Renamed = (&'static str, &'static str, Option<(&'static str, &'static str)>);

/// The names of SQS in its old form, which are not those of its model.
const SQS: [Renamed; 13] = [
    ("Attribute", "Attributes", Some(("Name", "Value"))),
    ("AttributeName", "AttributeNames", None),
    ("MessageSystemAttributeName", "MessageSystemAttributeNames", None),
    ("MessageAttributeName", "MessageAttributeNames", None),
    ("MessageAttribute", "MessageAttributes", Some(("Name", "Value"))),
    (
        "MessageSystemAttribute",
        "MessageSystemAttributes",
        Some(("Name", "Value")),
    ),
    ("SendMessageBatchRequestEntry", "Entries", None),
    ("DeleteMessageBatchRequestEntry", "Entries", None),
    ("ChangeMessageVisibilityBatchRequestEntry", "Entries", None),
    ("Tag", "Tags", Some(("Key", "Value"))),
    ("TagKey", "TagKeys", None),
    ("ActionName", "Actions", None),
    ("AWSAccountId", "AWSAccountIds", None),
];

/// Gives an old SQS request the member names of the model. `path` names the queue where the parameters do not.
#[must_use]
pub fn sqs_input(input: Value, path: &str) -> Value {
    let mut out = sqs_names(input);
    if out.get("QueueUrl").is_null() && path.trim_matches('/').contains('/') {
        out.set("QueueUrl", path);
    }
    out
}

fn sqs_names(input: Value) -> Value {
    let Value::Map(map) = input else { return input };
    let renamed = map.into_iter().map(|(name, value)| {
        let Some((_, model, pair)) = SQS.iter().find(|(wire, ..)| *wire == name) else {
            return (name, value);
        };
        let value = match (value, pair) {
            (Value::List(list), Some((key, of))) => Value::Map(
                list.iter()
                    .filter_map(|pair| Some((pair.get(key).text()?, pair.get(of).clone())))
                    .collect(),
            ),
            (Value::List(list), None) => list.into_iter().map(sqs_names).collect(),
            (value, _) => value,
        };
        ((*model).to_owned(), value)
    });
    Value::Map(renamed.collect())
}

/// Writes an answer.
#[must_use]
pub fn write(service: Service, op: &str, output: &Value, request_id: &str) -> Bytes {
    let mut xml = Writer::new(None, MAPS);
    let (response, result) = (format!("{op}Response"), format!("{op}Result"));
    xml.open(&response, &format!(" xmlns=\"{}\"", namespace(service)));
    xml.open(&result, "");
    match service {
        Service::Sqs => sqs_output(&mut xml, op, output),
        _ => xml.members(output, &Kind::Plain),
    }
    xml.close(&result);
    xml.open("ResponseMetadata", "");
    xml.text("RequestId", request_id);
    xml.close("ResponseMetadata");
    xml.close(&response);
    xml.finish()
}

/// SQS flattens everything, and names an element by what it is one of.
fn sqs_output(xml: &mut Writer<'_>, op: &str, output: &Value) {
    for (name, value) in output.entries() {
        let element = match (name, op) {
            ("QueueUrls" | "queueUrls", _) => "QueueUrl",
            ("Messages", _) => "Message",
            ("Failed", _) => "BatchResultErrorEntry",
            ("Results", _) => "Result",
            ("Successful", "SendMessageBatch") => "SendMessageBatchResultEntry",
            ("Successful", "DeleteMessageBatch") => "DeleteMessageBatchResultEntry",
            ("Successful", _) => "ChangeMessageVisibilityBatchResultEntry",
            ("Attributes", _) => "Attribute",
            ("MessageAttributes", _) => "MessageAttribute",
            ("Tags", _) => "Tag",
            (name, _) => name,
        };
        let key = if name == "Tags" { "Key" } else { "Name" };
        match value {
            Value::List(list) => {
                for item in list {
                    if item.map().is_none() {
                        xml.member(element, item, &Kind::Plain);
                        continue;
                    }
                    xml.open(element, "");
                    sqs_output(xml, op, item);
                    xml.close(element);
                }
            }
            Value::Map(map) => {
                for (name, value) in map.iter() {
                    xml.open(element, "");
                    xml.text(key, name);
                    xml.member("Value", value, &Kind::Plain);
                    xml.close(element);
                }
            }
            value => xml.member(element, value, &Kind::Plain),
        }
    }
}

/// Writes an error.
#[must_use]
pub fn write_error(service: Option<Service>, fault: &Fault, code: &str, request_id: &str) -> Bytes {
    let mut xml = Writer::new(None, &[]);
    let attribute = service.map_or(String::new(), |service| format!(" xmlns=\"{}\"", namespace(service)));
    xml.open("ErrorResponse", &attribute);
    xml.open("Error", "");
    xml.text("Type", if fault.sender { "Sender" } else { "Receiver" });
    xml.text("Code", code);
    xml.text("Message", &fault.message);
    for (name, value) in &fault.extra {
        xml.member(name, value, &Kind::Plain);
    }
    xml.close("Error");
    xml.text("RequestId", request_id);
    xml.close("ErrorResponse");
    xml.finish()
}

fn namespace(service: Service) -> &'static str {
    match service {
        Service::Sqs => "http://queue.amazonaws.com/doc/2012-11-05/",
        Service::Sns => "http://sns.amazonaws.com/doc/2010-03-31/",
        Service::Iam => "https://iam.amazonaws.com/doc/2010-05-08/",
        Service::CloudWatch => "http://monitoring.amazonaws.com/doc/2010-08-01/",
        _ => "https://sts.amazonaws.com/doc/2011-06-15/",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::value::{list, map};

    fn form(text: &str) -> Form {
        read(None, &Bytes::from(text.to_owned())).expect("a form")
    }

    #[test]
    fn lists_and_maps_are_put_together() {
        let form = form(
            "Action=Subscribe&Version=2010-03-31&TopicArn=t&Attributes.entry.1.key=RawMessageDelivery&\
             Attributes.entry.1.value=true&Tags.member.2.Key=b&Tags.member.2.Value=2&Tags.member.1.Key=a&Tags.member.1.Value=1\
             &Tags.member.10.Key=c&MessageAttributes.entry.1.Name=n&MessageAttributes.entry.1.Value.DataType=String",
        );
        assert_eq!(form.input.path("MessageAttributes.n.DataType").str(), Some("String"));
        assert_eq!(form.action.as_deref(), Some("Subscribe"));
        assert_eq!(form.input.path("Attributes.RawMessageDelivery").str(), Some("true"));
        let keys: Vec<_> = form
            .input
            .get("Tags")
            .list()
            .iter()
            .map(|tag| tag.get("Key").str())
            .collect();
        assert_eq!(keys, [Some("a"), Some("b"), Some("c")]);
    }

    #[test]
    fn a_request_is_a_structure_even_if_its_names_are_numbers() {
        let numbered = form("Action=A&0=");
        assert_eq!(numbered.input.get("0").str(), Some(""));
        assert_eq!(form("Action=A&member=x").input.get("member").str(), Some("x"));
    }

    #[test]
    fn an_old_sqs_request_gets_todays_names() {
        let form = form(
            "Action=SendMessageBatch&SendMessageBatchRequestEntry.1.Id=x&SendMessageBatchRequestEntry.1.MessageBody=hi&\
             SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=k&\
             SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType=String",
        );
        let input = sqs_input(form.input, "/000000000000/q");
        assert_eq!(
            input.path("Entries.0.MessageAttributes.k.DataType").str(),
            Some("String")
        );
        assert_eq!(input.get("QueueUrl").str(), Some("/000000000000/q"));
    }

    #[test]
    fn an_answer_of_each_kind() {
        let text = |bytes: Bytes| String::from_utf8(bytes.to_vec()).expect("text");
        let sns = text(write(
            Service::Sns,
            "GetTopicAttributes",
            &map! { "Attributes" => map! { "Policy" => "{\"a\"}" } },
            "r",
        ));
        assert!(sns.contains("<GetTopicAttributesResult><Attributes><entry><key>Policy</key><value>{&quot;a&quot;}</value></entry></Attributes>"), "{sns}");
        let messages =
            map! { "Messages" => list![map! { "MessageId" => "1", "Attributes" => map! { "SentTimestamp" => "5" } }] };
        let sqs = text(write(Service::Sqs, "ReceiveMessage", &messages, "r"));
        assert!(sqs.contains("<Message><MessageId>1</MessageId><Attribute><Name>SentTimestamp</Name><Value>5</Value></Attribute></Message>"), "{sqs}");
        let topics = text(write(
            Service::Sns,
            "ListTopics",
            &map! { "Topics" => list![map! { "TopicArn" => "t" }] },
            "r",
        ));
        assert!(
            topics.contains("<Topics><member><TopicArn>t</TopicArn></member></Topics>"),
            "{topics}"
        );
        let error = text(write_error(
            Some(Service::Sns),
            &Fault::new(404, "NotFoundException", "no"),
            "NotFound",
            "r",
        ));
        assert!(
            error.contains("<Type>Sender</Type><Code>NotFound</Code><Message>no</Message>"),
            "{error}"
        );
    }

    #[test]
    fn a_flood_is_refused() {
        assert!(read(None, &Bytes::from("a=1&".repeat(PARAMETERS + 1))).is_err());
        assert!(read(None, &Bytes::from(format!("{}=1", "a.".repeat(100_000)))).is_err());
    }

    proptest! {
        #[test]
        fn any_form_is_an_answer(text in "[a.&=0-9%member]{0,200}") {
            let _ = read(None, &Bytes::from(text));
        }
    }
}
