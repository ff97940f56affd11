//! What a variable's own name says of what it holds.

use crate::domain::{Arn, NodeId};

/// Whether a variable belongs to a library or to Lambda itself: these hold names that are no resource's, whatever they
/// are called.
pub(super) fn is_of_a_tool(variable: &str) -> bool {
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
pub(super) fn is_hinted(variable: &str, id: &NodeId) -> bool {
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
}
