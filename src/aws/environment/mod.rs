//! A function's environment: read to guess what the function calls, and never to be seen.

mod hint;
mod known;
#[cfg(test)]
mod templates;

use std::collections::BTreeSet;

use crate::domain::{Arn, NodeId};

use hint::{is_hinted, is_of_a_tool};
pub use known::{Known, KnownIndex};

/// The variables of one function. Has no `Debug` that shows values, no serialisation, and no way to read a value out:
/// it can only be asked which known resources it names.
#[derive(Clone, Default)]
pub struct Environment(Vec<(String, String)>);

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Environment({} variables)", self.0.len())
    }
}

impl Environment {
    /// Takes the variables in.
    pub(super) fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut variables: Vec<_> = variables.into_iter().collect();
        variables.sort();
        Self(variables)
    }

    /// The resources named, each with the variable that names it. An ARN or a URL names one whatever the variable is called,
    /// and wherever in the value it stands; a bare name only where the variable's own name says of what kind it is
    /// (`QUEUE_NAME`), and then only one of that kind. What a function itself consumes is left out where it is a queue or a
    /// stream: the variable says what is read.
    #[must_use]
    pub fn names(&self, known: &KnownIndex<'_>, consumed: &BTreeSet<NodeId>) -> Vec<(String, NodeId)> {
        let mut found: Vec<(String, NodeId)> = Vec::new();
        for (variable, value) in &self.0 {
            if is_of_a_tool(variable) {
                continue;
            }
            let exact = pieces(value).filter_map(|piece| known.exact(piece));
            let bare = value.split(',').filter_map(|name| {
                let mut fitting = known.named(name.trim()).iter().filter(|id| is_hinted(variable, id));
                match (fitting.next(), fitting.next()) {
                    (Some(id), None) => Some(id.clone()),
                    _ => None,
                }
            });
            for id in exact.chain(bare) {
                let is_read = consumed.contains(&id)
                    && Arn::parse(id.as_str()).is_none_or(|arn| !matches!(arn.service, "dynamodb" | "s3"));
                if !is_read && !found.iter().any(|(by, known)| by == variable && *known == id) {
                    found.push((variable.clone(), id));
                }
            }
        }
        found
    }

    /// Whether a variable says that it holds a stream's name.
    #[must_use]
    pub fn hints_at_stream(&self) -> bool {
        self.hints_at("arn:aws:kinesis:r:1:stream/x")
    }

    /// Whether a variable says that it holds a table's name.
    #[must_use]
    pub fn hints_at_table(&self) -> bool {
        self.hints_at("arn:aws:dynamodb:r:1:table/x")
    }

    fn hints_at(&self, example: &str) -> bool {
        let any = NodeId::from(example);
        let mut variables = self.0.iter().map(|(variable, _)| variable);
        variables.any(|variable| !is_of_a_tool(variable) && is_hinted(variable, &any))
    }
}

/// The ARNs and URLs that a text may hold: alone, in a list, in JSON, and in JSON within JSON.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let is_between = |c: char| c.is_whitespace() || c.is_control() || r#",;|="'`\{}[]()<>"#.contains(c);
    text.split(is_between)
        .filter(|piece| piece.starts_with("arn:") || piece.contains("://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "000000000000";

    fn scope() -> &'static crate::domain::Scope {
        static SCOPE: std::sync::LazyLock<crate::domain::Scope> = std::sync::LazyLock::new(|| crate::domain::Scope {
            partition: "aws".into(),
            account: ACCOUNT.into(),
            region: "r".into(),
        });
        &SCOPE
    }

    fn index() -> KnownIndex<'static> {
        let mut index = KnownIndex::new(scope());
        for (id, name, url) in [
            (
                "arn:aws:sqs:r:000000000000:orders",
                "orders",
                Some("http://q.example:4566/000000000000/orders"),
            ),
            ("arn:aws:sns:r:000000000000:orders", "orders", None),
            ("arn:aws:s3:::bucket", "bucket", None),
            ("arn:aws:dynamodb:r:000000000000:table/items/stream/1", "items", None),
            ("arn:aws:lambda:r:000000000000:function:worker", "worker", None),
            ("arn:aws:kinesis:r:000000000000:stream/clicks", "clicks", None),
            ("arn:aws:events:r:000000000000:event-bus/default", "default", None),
        ] {
            index.insert(&Known {
                id: id.into(),
                name: name.into(),
                url: url.map(str::to_owned),
            });
        }
        index
    }

    fn names(variable: &str, value: &str) -> Vec<String> {
        named_by(variable, value, &BTreeSet::new())
    }

    fn named_by(variable: &str, value: &str, consumed: &BTreeSet<NodeId>) -> Vec<String> {
        let found = Environment::new([(variable.to_owned(), value.to_owned())]).names(&index(), consumed);
        found.into_iter().map(|(_, id)| id.to_string()).collect()
    }

    #[test]
    fn urls_match_whatever_their_host() {
        let url = format!("https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/orders");
        assert_eq!(names("X", &url), ["arn:aws:sqs:r:000000000000:orders"]);
        assert!(names("X", "https://example.com/orders").is_empty());
    }

    #[test]
    fn a_bare_name_is_decided_by_the_variable_or_not_at_all() {
        assert_eq!(names("TOPIC", "orders"), ["arn:aws:sns:r:000000000000:orders"]);
        assert_eq!(names("ORDER_QUEUE", "orders"), ["arn:aws:sqs:r:000000000000:orders"]);
        assert_eq!(names("WORKER_FUNCTION", "worker").len(), 1);
        for variable in ["APP", "SERVICE_NAME", "STAGE", "NODE_ENV", "TABLE_NAME", "BUSINESS"] {
            assert!(names(variable, "orders").is_empty(), "{variable}");
        }
        assert!(
            names("NAME", "worker").is_empty(),
            "of one kind only, and still no hint"
        );
    }

    #[test]
    fn tables_aliases_and_bucket_urls_lead_to_their_nodes() {
        assert_eq!(names("T", "arn:aws:dynamodb:r:000000000000:table/items").len(), 1);
        assert_eq!(names("TABLE", "items").len(), 1);
        assert_eq!(
            names("F", "arn:aws:lambda:r:000000000000:function:worker:live").len(),
            1
        );
        assert_eq!(names("B", "s3://bucket/prefix").len(), 1);
        let consumer = "arn:aws:kinesis:r:000000000000:stream/clicks/consumer/reader:1524472707";
        assert_eq!(names("X", consumer), ["arn:aws:kinesis:r:000000000000:stream/clicks"]);
        assert_eq!(names("EVENT_BUS_NAME", "default").len(), 1);
        assert!(names("PROFILE", "default").is_empty());
        assert!(names("STAGE", "A").is_empty());
    }

    #[test]
    fn a_queue_that_is_read_is_not_written_but_a_table_or_bucket_may_be() {
        let queue = "arn:aws:sqs:r:000000000000:orders";
        let table = "arn:aws:dynamodb:r:000000000000:table/items/stream/1";
        let consumed: BTreeSet<NodeId> = [queue.into(), table.into()].into();
        let url = format!("https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/orders");
        for value in ["orders", url.as_str(), queue] {
            assert!(named_by("QUEUE_URL", value, &consumed).is_empty(), "{value}");
        }
        assert_eq!(named_by("TABLE_NAME", "items", &consumed), [table]);
    }

    #[test]
    fn what_libraries_set_names_nothing() {
        for variable in [
            "POWERTOOLS_SERVICE_NAME",
            "DD_QUEUE",
            "OTEL_FUNCTION_NAME",
            "AWS_LAMBDA_FUNCTION_NAME",
        ] {
            assert!(names(variable, "orders").is_empty() && names(variable, "worker").is_empty());
        }
    }

    #[test]
    fn an_arn_or_url_counts_wherever_in_the_value_it_stands() {
        let url = format!("https://sqs.r.amazonaws.com/{ACCOUNT}/orders");
        let (queue, topic) = ("arn:aws:sqs:r:000000000000:orders", "arn:aws:sns:r:000000000000:orders");
        for (value, named) in [
            (format!(r#"{{"queueUrl": "{url}", "retries": 3}}"#), &[queue][..]),
            (format!(r#"[{{"to":"{topic}"}},"{queue}"]"#), &[topic, queue]),
            (format!(r#"{{"inner": "{{"url": "{url}"}}"}}"#), &[queue]),
            (format!("a={queue};b={topic}"), &[queue, topic]),
            (
                format!(
                    "{queue}
{topic}"
                ),
                &[queue, topic],
            ),
            (format!("redis://cache:6379 {queue} {queue}"), &[queue]),
            (r#"{"queue": "orders"}"#.to_owned(), &[]),
        ] {
            assert_eq!(names("CONFIG", &value), named, "{value}");
        }
    }

    #[test]
    fn what_no_listing_tells_is_named_by_its_arn() {
        for arn in [
            "arn:aws:kinesis:r:000000000000:stream/unread",
            "arn:aws:firehose:r:000000000000:deliverystream/logs",
            "arn:aws:states:r:000000000000:stateMachine:flow",
            "arn:aws:sqs:r:999988887777:theirs",
            "arn:aws:events:other:000000000000:event-bus/central",
        ] {
            assert_eq!(names("X", arn), [arn]);
        }
        assert_eq!(
            names("X", "https://sqs.eu-west-1.amazonaws.com/999988887777/theirs"),
            ["arn:aws:sqs:eu-west-1:999988887777:theirs"]
        );
        for other in [
            "arn:aws:sqs:r:000000000000:gone",
            "arn:aws:kinesis:r:000000000000:stream/*",
            "arn:aws:iam::000000000000:role/x",
            "arn:aws:dynamodb:r:000000000000:table/plain",
            "arn:aws:logs:r:000000000000:log-group:/x",
            "arn:aws:lambda:other:000000000000:layer:x:1",
            "arn:aws:events:other:000000000000:rule/x",
            "https://example.com/999988887777/theirs",
        ] {
            assert!(names("X", other).is_empty(), "{other}");
        }
    }

    #[test]
    fn a_function_is_named_as_an_invocation_may_name_it() {
        for (variable, value) in [
            ("FUNCTION_NAME", "worker"),
            ("WORKER_LAMBDA", "worker:live"),
            ("workerFn", "000000000000:function:worker"),
            ("X_FN_ARN", "arn:aws:lambda:r:000000000000:function:worker:3"),
        ] {
            assert_eq!(
                names(variable, value),
                ["arn:aws:lambda:r:000000000000:function:worker"],
                "{variable}"
            );
        }
        assert!(names("HANDLER", "worker").is_empty());
    }

    #[test]
    fn a_table_and_a_queue_of_one_name_are_told_apart() {
        let mut index = index();
        index.insert(&Known {
            id: "arn:aws:sqs:r:000000000000:items".into(),
            name: "items".into(),
            url: None,
        });
        let table = "arn:aws:dynamodb:r:000000000000:table/items";
        let found = Environment::new([("T".to_owned(), table.to_owned())]).names(&index, &BTreeSet::new());
        assert_eq!(found.len(), 1);
        assert!(found[0].1.as_str().contains(":dynamodb:"));
    }

    #[test]
    fn values_are_not_in_the_debug_text() {
        let text = format!("{:?}", Environment::new([("SECRET".to_owned(), "hunter2".to_owned())]));
        assert!(!text.contains("hunter2") && !text.contains("SECRET"));
    }
}
