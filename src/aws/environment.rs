//! A function's environment: read to guess what the function calls, and never to be seen.

use crate::domain::{Arn, NodeId};

/// The variables of one function. Has no `Debug` that shows values, no serialisation, and no way to read a value out:
/// it can only be asked which known resources it names.
#[derive(Clone, Default)]
pub struct Environment(Vec<(String, String)>);

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Environment({} variables)", self.0.len())
    }
}

/// A resource that a variable may name.
#[derive(Clone, Debug)]
pub struct Known {
    /// The node.
    pub id: NodeId,
    /// Its short name.
    pub name: String,
    /// Its URL, for a queue.
    pub url: Option<String>,
}

/// Known resources, indexed by every text that names them.
#[derive(Debug, Default)]
pub struct KnownIndex {
    by_text: std::collections::HashMap<String, Vec<NodeId>>,
}

/// Names shorter than this match by accident.
const SHORTEST_NAME: usize = 3;

impl KnownIndex {
    /// Adds a resource.
    pub fn insert(&mut self, known: &Known) {
        let mut add = |text: String| {
            let ids = self.by_text.entry(text).or_default();
            if !ids.contains(&known.id) {
                ids.push(known.id.clone());
            }
        };
        add(known.id.as_str().to_owned());
        if known.name.len() >= SHORTEST_NAME {
            add(known.name.clone());
        }
        if let Some(url) = &known.url {
            add(queue_path(url).unwrap_or(url).to_owned());
        }
    }

    fn find(&self, value: &str) -> &[NodeId] {
        let value = value.trim();
        let direct = |text: &str| self.by_text.get(text).map(Vec::as_slice);
        let arn = Arn::parse(value);
        let found = direct(value)
            .or_else(|| queue_path(value).and_then(direct))
            // An alias's ARN names its function; a table's ARN the node of its stream, which is known by the table's name.
            .or_else(|| arn.and_then(|arn| direct(arn.node().0.as_str())))
            .or_else(|| {
                arn.filter(|arn| arn.service == "dynamodb")
                    .and_then(|arn| direct(arn.name()))
            })
            .or_else(|| {
                value
                    .strip_prefix("s3://")
                    .and_then(|rest| direct(rest.split('/').next().unwrap_or(rest)))
            });
        found.unwrap_or_default()
    }
}

/// `/account/name` of a queue's URL: hosts differ between endpoints, regions and old URLs.
fn queue_path(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let path = &rest[rest.find('/')?..];
    let mut parts = path[1..].rsplitn(3, '/');
    let (name, account) = (parts.next()?, parts.next()?);
    let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    (is_account && !name.is_empty()).then(|| &path[path.len() - name.len() - account.len() - 2..])
}

impl Environment {
    /// Takes the variables in.
    pub(super) fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut variables: Vec<_> = variables.into_iter().collect();
        variables.sort();
        Self(variables)
    }

    /// The known resources named, each with the variable that names it. Where a name fits several resources, the
    /// variable's own name decides (`QUEUE_URL`); where it does not, nothing is guessed.
    #[must_use]
    pub fn names(&self, known: &KnownIndex) -> Vec<(String, NodeId)> {
        let mut found = Vec::new();
        for (variable, value) in &self.0 {
            for value in value.split(',') {
                let id = match known.find(value) {
                    [] => continue,
                    [one] => one,
                    several => {
                        let mut hinted = several.iter().filter(|id| is_hinted(variable, id));
                        match (hinted.next(), hinted.next()) {
                            (Some(one), None) => one,
                            _ => continue,
                        }
                    }
                };
                found.push((variable.clone(), id.clone()));
            }
        }
        found
    }
}

fn is_hinted(variable: &str, id: &NodeId) -> bool {
    let variable = variable.to_ascii_uppercase();
    let words: &[&str] = match Arn::parse(id.as_str()).map(|arn| arn.service) {
        Some("sqs") => &["QUEUE", "SQS"],
        Some("sns") => &["TOPIC", "SNS"],
        Some("s3") => &["BUCKET", "S3"],
        Some("dynamodb") => &["TABLE", "DYNAMO", "DDB"],
        Some("kinesis") => &["STREAM", "KINESIS"],
        Some("events") => &["BUS", "EVENT"],
        Some("lambda") => &["FUNCTION", "LAMBDA"],
        Some("states") => &["MACHINE", "STATE"],
        _ => &[],
    };
    words.iter().any(|word| variable.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "000000000000";

    fn index() -> KnownIndex {
        let mut index = KnownIndex::default();
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
        let found = Environment::new([(variable.to_owned(), value.to_owned())]).names(&index());
        found.into_iter().map(|(_, id)| id.to_string()).collect()
    }

    #[test]
    fn urls_match_whatever_their_host() {
        let url = format!("https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/orders");
        assert_eq!(names("X", &url), ["arn:aws:sqs:r:000000000000:orders"]);
        assert!(names("X", "https://example.com/orders").is_empty());
    }

    #[test]
    fn an_ambiguous_name_is_decided_by_the_variable_or_not_at_all() {
        assert_eq!(names("TOPIC", "orders"), ["arn:aws:sns:r:000000000000:orders"]);
        assert_eq!(names("ORDER_QUEUE", "orders"), ["arn:aws:sqs:r:000000000000:orders"]);
        assert!(names("APP", "orders").is_empty());
    }

    #[test]
    fn tables_aliases_and_bucket_urls_lead_to_their_nodes() {
        assert_eq!(names("T", "arn:aws:dynamodb:r:000000000000:table/items").len(), 1);
        assert_eq!(names("T", "items").len(), 1);
        assert_eq!(
            names("F", "arn:aws:lambda:r:000000000000:function:worker:live").len(),
            1
        );
        assert_eq!(names("B", "s3://bucket/prefix").len(), 1);
        assert!(names("STAGE", "A").is_empty());
    }

    #[test]
    fn values_are_not_in_the_debug_text() {
        let text = format!("{:?}", Environment::new([("SECRET".to_owned(), "hunter2".to_owned())]));
        assert!(!text.contains("hunter2") && !text.contains("SECRET"));
    }
}
