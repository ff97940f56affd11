//! Whole environments as public templates of SAM, CDK, Serverless Framework and Terraform have them, with other names and values,
//! and what each leads to.

use std::collections::BTreeSet;

use super::{Environment, Known, KnownIndex};
use crate::domain::Scope;

const SQS: &str = "https://sqs.eu-west-1.amazonaws.com/111122223333";
const ARN: &str = "arn:aws";
const HERE: &str = "eu-west-1:111122223333";

/// Variables, and the last parts of the ARNs that they lead to.
type Template = (&'static [(&'static str, &'static str)], &'static [&'static str]);

const TEMPLATES: &[Template] = &[
    // SAM: an API that takes bids and has them carried out later by a function.
    (
        &[
            ("BIDS_TABLE", "bids"),
            ("SCHEDULER_GROUP_NAME", "bids"),
            ("EXECUTOR_FUNCTION_ARN", "{lambda}function:worker"),
        ],
        &["table/bids/stream/1", "function:worker"],
    ),
    // SAM: a bot's front that leaves the work to another function.
    (
        &[
            ("PUBLIC_KEY", "worker"),
            ("WORKER_LAMBDA_ARN", "{lambda}function:worker:live"),
        ],
        &["function:worker"],
    ),
    // SAM: a page that starts a digest by name; the stage is called as a function is.
    (
        &[("DIGEST_FUNCTION_NAME", "digest"), ("STAGE", "digest")],
        &["function:digest"],
    ),
    // SAM: a collector; nothing in the account reads the stream.
    (
        &[("KINESIS_STREAM_NAME", "clicks"), ("DDB_TABLE_NAME", "bids")],
        &["stream/clicks", "table/bids/stream/1"],
    ),
    // CloudFormation: a notice that is written to a log stream.
    (&[("LOG_GROUP_NAME", "orders"), ("LOG_STREAM_NAME", "clicks")], &[]),
    // SAM: an execution to start; its key and its role are nothing that an event goes to.
    (
        &[
            ("STATE_MACHINE_ARN", "{states}stateMachine:flow"),
            ("KMS_KEY_ID", "{kms}key/1"),
            ("SCHEDULER_ROLE_ARN", "arn:aws:iam::111122223333:role/worker"),
        ],
        &["stateMachine:flow"],
    ),
    // CDK: a producer.
    (&[("QUEUE_URL", "{url}/orders"), ("ENV", "orders")], &["orders"]),
    // Terraform: documents are cut up, and the parts queued.
    (
        &[
            ("DYNAMODB_DOCUMENTS_TABLE", "bids"),
            ("EMBEDDING_QUEUE_URL", "{url}/orders"),
            ("S3_BUCKET", "media-files"),
        ],
        &["table/bids/stream/1", "orders", "media-files"],
    ),
    // Terraform: `jsonencode` of several settings in one variable, with addresses of other things.
    (
        &[(
            "APP_CONFIG",
            r#"{"queue":{"url":"{url}/orders","wait":20},"topics":["{sns}alerts"],"db":"mongodb://u:p@h:27017","stage":"digest"}"#,
        )],
        &["orders", "alerts"],
    ),
    // Serverless Framework: URLs of feeds beside functions; a URL's path is no queue.
    (
        &[
            ("FEED_URL", "https://feeds.example.com/111122223333/orders.atom?token=x"),
            ("TARGET_FUNCTION_ARN", "{lambda}function:digest"),
        ],
        &["function:digest"],
    ),
    // CDK: a bus, and what Powertools and the tracer want to know.
    (
        &[
            ("EVENT_BUS_NAME", "shop"),
            ("POWERTOOLS_SERVICE_NAME", "orders"),
            ("DD_SERVICE", "orders"),
            ("AWS_NODEJS_CONNECTION_REUSE_ENABLED", "1"),
        ],
        &["event-bus/shop"],
    ),
    // A Firehose stream of the account, and a queue of another.
    (
        &[
            ("TRACK", "{firehose}deliverystream/track"),
            ("PARTNER", "https://sqs.eu-west-1.amazonaws.com/999988887777/partner"),
        ],
        &["deliverystream/track", "partner"],
    ),
];

#[test]
fn environments_of_public_templates_lead_where_their_functions_write() {
    let scope = Scope {
        partition: "aws".into(),
        account: "111122223333".into(),
        region: "eu-west-1".into(),
    };
    let mut index = KnownIndex::new(&scope);
    for (service, resource, name) in [
        ("sqs", "orders", "orders"),
        ("sns", "alerts", "alerts"),
        ("lambda", "function:worker", "worker"),
        ("lambda", "function:digest", "digest"),
        ("dynamodb", "table/bids/stream/1", "bids"),
        ("kinesis", "stream/clicks", "clicks"),
        ("events", "event-bus/shop", "shop"),
    ] {
        index.insert(&Known {
            id: scope.arn(service, resource).into(),
            name: name.into(),
            url: (service == "sqs").then(|| format!("{SQS}/{name}")),
        });
    }
    index.insert(&Known {
        id: "arn:aws:s3:::media-files".into(),
        name: "media-files".into(),
        url: None,
    });
    for (variables, leads_to) in TEMPLATES {
        let filled = |text: &str| {
            let text = text.replace("{url}", SQS);
            ["lambda", "states", "kms", "sns", "firehose"]
                .iter()
                .fold(text, |text, service| {
                    text.replace(&format!("{{{service}}}"), &format!("{ARN}:{service}:{HERE}:"))
                })
        };
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), filled(value)));
        let found = Environment::new(variables).names(&index, &BTreeSet::new());
        let found: BTreeSet<String> = found
            .iter()
            .map(|(_, id)| id.as_str().splitn(6, ':').nth(5).unwrap_or_default().to_owned())
            .collect();
        let expected: BTreeSet<String> = leads_to.iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }
}
