//! A function's environment: read to guess what the function calls, and never to be seen.

use std::collections::BTreeSet;

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

    /// The resources that a value names, and whether it names them as nothing else could be: by an ARN or URL.
    fn find(&self, value: &str) -> (&[NodeId], bool) {
        let value = value.trim();
        let direct = |text: &str| self.by_text.get(text).map(Vec::as_slice);
        let by_arn = |arn: Arn<'_>| {
            direct(value)
                // An alias's ARN names its function; a table's ARN the node of its stream, which is known by the table's name.
                .or_else(|| direct(arn.node().0.as_str()))
                .or_else(|| direct(arn.name()).filter(|_| arn.service == "dynamodb"))
        };
        let found = if let Some(arn) = Arn::parse(value) {
            by_arn(arn)
        } else if value.contains("://") {
            let bucket = |rest: &str| direct(rest.split('/').next().unwrap_or(rest).to_owned().as_str());
            direct(value)
                .or_else(|| queue_path(value).and_then(direct))
                .or_else(|| value.strip_prefix("s3://").and_then(bucket))
        } else {
            return (direct(value).unwrap_or_default(), false);
        };
        (found.unwrap_or_default(), true)
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

    /// The known resources named, each with the variable that names it. An ARN or a URL names one whatever the variable
    /// is called; a bare name only where the variable's own name says of what kind it is (`QUEUE_URL`), and then only
    /// one of that kind. What a function itself consumes is left out where it is a queue or a stream: the variable says
    /// what is read.
    #[must_use]
    pub fn names(&self, known: &KnownIndex, consumed: &BTreeSet<NodeId>) -> Vec<(String, NodeId)> {
        let mut found = Vec::new();
        for (variable, value) in &self.0 {
            if is_of_a_tool(variable) {
                continue;
            }
            for value in value.split(',') {
                let (ids, is_exact) = known.find(value);
                let mut fitting = ids
                    .iter()
                    .filter(|id| (is_exact && ids.len() == 1) || is_hinted(variable, id));
                let (Some(id), None) = (fitting.next(), fitting.next()) else {
                    continue;
                };
                let is_read = consumed.contains(id)
                    && Arn::parse(id.as_str()).is_none_or(|arn| !matches!(arn.service, "dynamodb" | "s3"));
                if !is_read {
                    found.push((variable.clone(), id.clone()));
                }
            }
        }
        found
    }
}

/// Whether a variable belongs to a library or to Lambda itself: these hold names that are no resource's, whatever they
/// are called.
fn is_of_a_tool(variable: &str) -> bool {
    const OF_TOOLS: [&str; 5] = ["POWERTOOLS_", "DD_", "OTEL_", "AWS_LAMBDA_", "NEW_RELIC_"];
    let variable = variable.to_ascii_uppercase();
    OF_TOOLS.iter().any(|prefix| variable.starts_with(prefix))
}

/// The words that a variable's name consists of: `ordersQueueUrl`, `ORDERS_QUEUE_URL`, `orders-queue-url`.
fn words(variable: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut before = ' ';
    for c in variable.chars() {
        let is_new = !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && before.is_ascii_lowercase());
        if is_new {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(c.to_ascii_uppercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a variable's name says that it holds a resource of this kind.
fn is_hinted(variable: &str, id: &NodeId) -> bool {
    let words = words(variable);
    let joined = words.concat();
    // Long enough to be no part of another word.
    let holds = |list: &[&str]| list.iter().any(|text| joined.contains(text));
    // `TABLE`, `TABLENAME`, `USERTABLE`, and neither `STABLE` nor `DOWNSTREAM`.
    let word = |list: &[&str]| {
        words.iter().any(|word| {
            list.iter().any(|text| {
                let rest = word
                    .strip_prefix(text)
                    .map(|rest| rest.trim_start_matches(|c: char| c == 'S' || c.is_ascii_digit()));
                rest.is_some_and(|rest| matches!(rest, "" | "NAME" | "ARN" | "URL" | "ID"))
            })
        })
    };
    let ends = |text: &str, not: &[&str]| {
        words
            .iter()
            .any(|word| word.ends_with(text) && !not.contains(&word.as_str()))
    };
    let is_machine = holds(&["STATEMACHINE", "STEPFUNCTION", "STEPFN"]) || word(&["SFN", "WORKFLOW"]);
    // `LOG_STREAM_NAME`
    let is_of_a_log = holds(&["LOGSTREAM", "LOGGROUP"]);
    let Some(arn) = Arn::parse(id.as_str()) else {
        return false;
    };
    match arn.service {
        "sqs" => holds(&["QUEUE", "SQS", "DLQ", "DEADLETTER"]),
        "sns" => holds(&["TOPIC", "SNS"]),
        "s3" => holds(&["BUCKET"]) || word(&["S3"]),
        "dynamodb" => {
            holds(&["DYNAMO"])
                || word(&["TABLE", "DDB"])
                || ends("TABLE", &["STABLE", "UNSTABLE", "TIMETABLE"])
                || ends("TABLENAME", &[])
        }
        "kinesis" => !is_of_a_log && (holds(&["KINESIS"]) || word(&["STREAM"]) || ends("DATASTREAM", &[])),
        "firehose" => holds(&["FIREHOSE", "DELIVERYSTREAM"]) || word(&["STREAM"]),
        "events" if arn.is_bus() => holds(&["EVENTBUS", "EVENTBRIDGE"]) || word(&["BUS"]),
        "lambda" => !is_machine && (holds(&["FUNCTION", "LAMBDA"]) || word(&["FN"])),
        "states" => is_machine,
        _ => false,
    }
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

    /// Variables as public templates of SAM, CDK, Serverless Framework and Terraform name them, with the kind that each
    /// holds there; none where it holds something else.
    #[test]
    fn a_variables_own_name_says_what_kind_it_holds() {
        const KINDS: [(&str, &str); 7] = [
            ("queue", "arn:aws:sqs:r:1:x"),
            ("topic", "arn:aws:sns:r:1:x"),
            ("bucket", "arn:aws:s3:::x"),
            ("table", "arn:aws:dynamodb:r:1:table/x/stream/1"),
            ("stream", "arn:aws:kinesis:r:1:stream/x"),
            ("bus", "arn:aws:events:r:1:event-bus/x"),
            ("function", "arn:aws:lambda:r:1:function:x"),
        ];
        let says = |variable: &str| {
            let kinds = KINDS.iter().filter(|(_, arn)| is_hinted(variable, &NodeId::from(*arn)));
            kinds.map(|(kind, _)| *kind).collect::<Vec<_>>().join(" ")
        };
        for (variables, kind) in [
            (
                "QUEUE_URL SQS_QUEUE_URL PRODUCER__QUEUE_URL FEDERATION_QUEUE_URL FEDERATION_DLQ_URL TASK_QUEUE_URL queueUrl \
                 NOTIFICATION_QUEUE_URL ORDERS_QUEUE SQS_URL QUEUE sqsDeadLetterName DEAD_LETTER_QUEUE",
                "queue",
            ),
            (
                "SNS_ARN TOPIC_ARN APPOINTMENTS_TOPIC_ARN NEWORDERTOPIC ALERTS_TOPIC SNS_TOPIC_ARN topicArn",
                "topic",
            ),
            (
                "S3_BUCKET BUCKET_NAME S3_BUCKET_NAME GATEWAY_SPECS_BUCKET DOCUMENTS_BUCKET ANALYTICS_BUCKET ARCHIVE_BUCKET \
                 RESULTS_BUCKET BRAND_TEMPLATES_BUCKET BUCKET_ARN NEXT_PUBLIC_S3_BUCKET OUTPUT_BUCKET uploadBucket",
                "bucket",
            ),
            (
                "TABLE_NAME TABLE_ARN TABLE DYNAMODB_TABLE DYNAMODB_TABLE_NAME DYNAMO_TABLE_NAME DDB_TABLE_NAME CUSTOMER_TABLE \
                 ORDERS_TABLE restaurants_table SENSORS_TABLE HITS_TABLE_NAME tableName MOTION_EVENTS_TABLE",
                "table",
            ),
            (
                "KINESIS_STREAM_NAME STREAM_NAME INPUT_STREAM_NAME KINESIS_STREAM",
                "stream",
            ),
            (
                "EVENT_BUS_NAME bus_name APPOINTMENTS_EVENT_BUS_NAME EVENTBUS EVENT_BUS_ARN",
                "bus",
            ),
            (
                "EMBED_FUNCTION_NAME TARGET_FUNCTION_NAME DOWNSTREAM_FUNCTION_NAME DEVICE_REGISTRATION_FUNCTION_NAME \
                 lambdaWorkerFunctionName CREATE_GAME_FUNCTION_NAME WORKER_LAMBDA NEXT_FN",
                "function",
            ),
            (
                "STAGE NODE_ENV ENVIRONMENT SERVICE_NAME PROJECT_NAME PROJECT_PREFIX LOG_LEVEL DB_NAME DATABASE_NAME REGION \
                 MODEL_NAME QDRANT_COLLECTION REKOGNITION_COLLECTION SECRET_NAME SPOTIFY_SECRET_NAME LOG_GROUP_NAME \
                 LOG_STREAM_NAME STATE_MACHINE_ARN STEP_FUNCTION_NAME OPENAPI_SPEC_KEY STABLE_VERSION BUSINESS_UNIT UPSTREAM \
                 TABLEAU_SITE MAX_RETRY_ATTEMPTS PAYMENT_API_KEY CONFIG_ENV APP NAME",
                "",
            ),
        ] {
            for variable in variables.split_whitespace() {
                assert_eq!(says(variable), kind, "{variable}");
            }
        }
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
    fn values_are_not_in_the_debug_text() {
        let text = format!("{:?}", Environment::new([("SECRET".to_owned(), "hunter2".to_owned())]));
        assert!(!text.contains("hunter2") && !text.contains("SECRET"));
    }
}
