//! Who wrote a message.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Made, function, id, letter, moved, queue, with};
use crate::dead_letters::origin::provenance;
use crate::dead_letters::provenance::{Event, FunctionMatch, Provenance};
use crate::dead_letters::queues;
use crate::dead_letters::run_history::{Answer, NoHistory, RunHistory};
use crate::dead_letters::words::{Capacity, Condition, Evidence, Records};
use crate::domain::{
    Batching, EdgeKind, EdgePolicy, Invocation, NodeId, Origin, QueueMessage, RunError, RunOutcome, RunReport,
};

/// Has read the logs of these functions, with these requests in them.
#[derive(Default)]
struct Logs {
    read: BTreeMap<NodeId, Vec<&'static str>>,
    starts: u64,
    throttles: u64,
    errors: Vec<&'static str>,
}

impl RunHistory for Logs {
    fn run(&self, function: &NodeId, request_id: &str) -> Answer<Invocation> {
        match self.read.get(function) {
            None => Answer::Unread,
            Some(requests) if !requests.contains(&request_id) => Answer::No,
            Some(_) => Answer::Yes(Invocation {
                function: function.clone(),
                request_id: request_id.to_owned(),
                attempt: 3,
                stream: String::new(),
                start: None,
                end: None,
                outcome: RunOutcome::Error,
                error: None,
                report: RunReport::default(),
                xray: None,
                version: None,
                message_ids: Vec::new(),
            }),
        }
    }

    fn run_of_message(&self, _: &NodeId, _: &str) -> Option<Invocation> {
        None
    }

    fn errors(&self, _: &NodeId, from: Timestamp, to: Timestamp) -> Answer<Vec<RunError>> {
        assert!(from <= to);
        let errors = self.errors.iter().map(|text| RunError {
            kind: Some("KeyError".to_owned()),
            message: (*text).to_owned(),
        });
        Answer::Yes(errors.collect())
    }

    fn starts(&self, _: &NodeId, _: Timestamp, _: Timestamp) -> Answer<u64> {
        Answer::Yes(self.starts)
    }

    fn throttles(&self, _: &NodeId, _: Timestamp, _: Timestamp) -> Answer<u64> {
        Answer::Yes(self.throttles)
    }
}

fn told(letter: &QueueMessage, made: &Made, witness: &dyn RunHistory) -> Provenance {
    let queue = queues::queue(made.chain(), &queue("dlq"), None);
    provenance(letter, &queue, made.chain(), witness)
}

fn certain(name: &str) -> FunctionMatch {
    FunctionMatch::Function {
        id: function(name),
        qualifier: None,
    }
}

fn asynchronous() -> QueueMessage {
    with(
        letter("{}"),
        &[("RequestID", "r-1"), ("ErrorCode", "200"), ("ErrorMessage", "'price'")],
    )
}

#[test]
fn one_feeder_is_the_function() {
    let made = Made::default().dead(&function("f"), &queue("dlq"), "lambda", None);
    let found = told(&asynchronous(), &made, &NoHistory);
    assert_eq!((found.origin, found.configured), (Origin::LambdaAsync, true));
    assert_eq!(found.function, certain("f"));
    assert_eq!(found.request_id.as_deref(), Some("r-1"));
    assert_eq!(found.capacity, None);
}

#[test]
fn of_several_feeders_the_log_tells_and_else_nobody_does() {
    let made = Made::default()
        .dead(&function("a"), &queue("dlq"), "lambda", None)
        .dead(&function("b"), &queue("dlq"), "lambda", None);
    let both = FunctionMatch::OneOf(vec![function("a"), function("b")]);
    assert_eq!(told(&asynchronous(), &made, &NoHistory).function, both);
    let mut logs = Logs {
        read: [(function("a"), vec!["other"]), (function("b"), vec!["r-1"])].into(),
        ..Logs::default()
    };
    let found = told(&asynchronous(), &made, &logs);
    assert_eq!((found.function, found.tries), (certain("b"), Some(3)));
    assert!(
        found.evidence.contains(
            &Evidence::LogHas {
                function: function("b"),
                request: "r-1".into()
            }
            .into()
        ),
        "{:?}",
        found.evidence
    );
    // Somebody printed the request in both logs: that is no proof.
    logs.read.insert(function("a"), vec!["r-1"]);
    assert_eq!(told(&asynchronous(), &made, &logs).function, both);
    logs.read = [(function("a"), vec![]), (function("b"), vec![])].into();
    let found = told(&asynchronous(), &made, &logs);
    assert_eq!(found.function, both);
    assert!(
        found.evidence.contains(
            &Evidence::NoLogHas {
                functions: 2,
                request: "r-1".into()
            }
            .into()
        )
    );
}

#[test]
fn a_letter_that_nothing_sends_is_not_confirmed() {
    let found = told(&asynchronous(), &Made::default(), &NoHistory);
    assert_eq!(
        (found.origin, found.configured, found.function),
        (Origin::LambdaAsync, false, FunctionMatch::Nobody)
    );
}

#[test]
fn throttled_and_never_run_is_a_fault_of_capacity() {
    let made = Made::default().dead(&function("f"), &queue("dlq"), "lambda", None);
    let throttled = with(
        letter("{}"),
        &[
            ("RequestID", "r"),
            ("ErrorCode", "429"),
            ("ErrorMessage", "Rate Exceeded."),
        ],
    );
    assert!(told(&throttled, &made, &NoHistory).capacity.is_some());
    let off = made.reserves("f", 0);
    assert_eq!(
        told(&throttled, &off, &NoHistory).capacity,
        Some(
            Capacity::ReservedZero {
                function: function("f")
            }
            .into()
        )
    );
    // It ran and failed by its own word: what is configured now does not matter.
    assert_eq!(told(&asynchronous(), &off, &NoHistory).capacity, None);
}

#[test]
fn receives_used_up_without_a_run_are_a_fault_of_capacity() {
    let made = Made::default()
        .keeps("work", 86_400)
        .dead(&queue("work"), &queue("dlq"), "sqs", None)
        .trigger(&queue("work"), &function("f"), None);
    let letter = moved(letter("order"), &queue("work"));
    let never = Logs {
        throttles: 7,
        ..Logs::default()
    };
    let found = told(&letter, &made, &never);
    assert_eq!(
        (found.origin, found.function, found.tries),
        (Origin::SqsRedrive, certain("f"), Some(3))
    );
    let never_started = Capacity::NeverStarted {
        function: function("f"),
        throttles: 7,
    };
    assert_eq!(found.capacity, Some(never_started.into()));
    let ran = Logs { starts: 1, ..never };
    assert_eq!(told(&letter, &made, &ran).capacity, None);
    assert_eq!(told(&letter, &made, &NoHistory).capacity, None);
}

#[test]
fn what_all_failed_runs_said_while_a_message_was_tried_is_its_error() {
    let made = Made::default()
        .keeps("work", 86_400)
        .dead(&queue("work"), &queue("dlq"), "sqs", None)
        .trigger(&queue("work"), &function("f"), None);
    let letter = moved(letter("order"), &queue("work"));
    let saying = |errors: &[&'static str]| Logs {
        starts: 3,
        errors: errors.to_vec(),
        ..Logs::default()
    };
    let found = told(&letter, &made, &saying(&["'customer_id'"]));
    assert_eq!(found.error.map(|error| error.message), Some("'customer_id'".to_owned()));
    let several = told(&letter, &made, &saying(&["'customer_id'", "'price'"]));
    assert_eq!(several.error, None);
    let unclear = Evidence::SeveralErrors {
        function: function("f"),
    };
    assert!(several.evidence.contains(&unclear.into()));
    assert_eq!(told(&letter, &made, &saying(&[])).error, None);
    // Where single messages of a batch may fail, an invocation that succeeds may have refused it.
    let policy = EdgePolicy {
        batching: Batching {
            partial_response: Some(true),
            ..Batching::default()
        },
        ..EdgePolicy::default()
    };
    let partial = Made::default()
        .keeps("work", 86_400)
        .dead(&queue("work"), &queue("dlq"), "sqs", None)
        .edge(EdgeKind::Trigger, &queue("work"), &function("f"), policy);
    assert_eq!(told(&letter, &partial, &saying(&["'customer_id'"])).error, None);
}

#[test]
fn an_event_that_grew_too_old_unrun_is_a_fault_of_capacity() {
    let made = Made::default();
    let record = |response: &str| {
        letter(&format!(
            r#"{{"requestContext":{{"requestId":"r","functionArn":"arn:aws:lambda:r:1:function:f:live","condition":"EventAgeExceeded","approximateInvokeCount":1}},"requestPayload":{{"id":7}}{response}}}"#
        ))
    };
    let found = told(&record(""), &made, &NoHistory);
    assert_eq!(found.origin, Origin::Destination);
    assert!(found.capacity.is_some());
    assert_eq!(
        found.function,
        FunctionMatch::Function {
            id: function("f"),
            qualifier: Some("live".into())
        }
    );
    let ran = record(r#","responseContext":{"functionError":"Unhandled"},"responsePayload":{"errorMessage":"boom"}"#);
    let found = told(&ran, &made, &NoHistory);
    assert_eq!(found.capacity, None);
    assert_eq!(found.event_text(&ran.body).as_deref(), Some(r#"{"id":7}"#));
}

#[test]
fn a_subscription_is_told_by_the_link_to_leave_it() {
    let topic = id("sns:r:1:t");
    let made = Made::default()
        .dead(&topic, &queue("dlq"), "sns", Some("arn:aws:sns:r:1:t:s1"))
        .dead(&topic, &queue("dlq"), "sns", Some("arn:aws:sns:r:1:t:s2"))
        .trigger(&topic, &function("a"), Some("arn:aws:sns:r:1:t:s1"))
        .trigger(&topic, &function("b"), Some("arn:aws:sns:r:1:t:s2"));
    let body = |leave: &str| {
        letter(&format!(
            r#"{{"Type":"Notification","TopicArn":"arn:aws:sns:r:1:t","Message":"hi","UnsubscribeURL":"{leave}"}}"#
        ))
    };
    let known = body("https://sns/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:r:1:t:s2");
    let found = told(&known, &made, &NoHistory);
    assert_eq!((found.origin, &found.function), (Origin::Sns, &certain("b")));
    assert_eq!(found.event_text(&known.body).as_deref(), Some("hi"));
    let found = told(&body("https://sns/"), &made, &NoHistory);
    assert_eq!(found.function, FunctionMatch::OneOf(vec![function("a"), function("b")]));
}

#[test]
fn a_functions_letter_by_way_of_a_topic_is_the_functions() {
    let topic = id("sns:r:1:dead");
    let made = Made::default()
        .dead(&function("f"), &topic, "lambda", None)
        .trigger(&topic, &queue("dlq"), Some("s1"));
    let body = r#"{"Type":"Notification","TopicArn":"arn:aws:sns:r:1:dead","Message":"{\"id\":7}","MessageAttributes":{
        "RequestID":{"Type":"String","Value":"r"},"ErrorCode":{"Type":"Number","Value":"200"},"ErrorMessage":{"Type":"String","Value":"boom"}}}"#;
    let found = told(&letter(body), &made, &NoHistory);
    assert_eq!(
        (found.origin, &found.function, found.event),
        (Origin::LambdaAsync, &certain("f"), Event::Message)
    );
    assert_eq!(found.event_text(body).as_deref(), Some(r#"{"id":7}"#));
}

#[test]
fn a_bare_letter_is_told_by_configuration_alone_or_not_at_all() {
    let topic = id("sns:r:1:t");
    let made = Made::default()
        .dead(&topic, &queue("dlq"), "sns", Some("s1"))
        .dead(&function("g"), &queue("dlq"), "lambda", None)
        .trigger(&topic, &function("f"), None);
    let found = told(&letter("plain"), &made, &NoHistory);
    assert_eq!((found.origin, found.source.as_ref()), (Origin::Sns, Some(&topic)));
    let two = made.dead(&id("sns:r:1:u"), &queue("dlq"), "sns", Some("s2"));
    assert_eq!(told(&letter("plain"), &two, &NoHistory).origin, Origin::Unknown);
    assert_eq!(
        told(&letter("plain"), &Made::default(), &NoHistory).origin,
        Origin::Unknown
    );
}

#[test]
fn a_rules_and_a_schedules_letter_name_both_ends() {
    let rule = id("events:r:1:rule/nightly");
    let made = Made::default().dead(&rule, &queue("dlq"), "eventbridge", Some("t1"));
    let attributes = [
        ("RULE_ARN", rule.as_str()),
        ("TARGET_ARN", "arn:aws:lambda:r:1:function:f"),
        ("ERROR_CODE", "NO_PERMISSIONS"),
        ("ERROR_MESSAGE", "not authorized"),
        ("RETRY_ATTEMPTS", "0"),
    ];
    let found = told(&with(letter("{}"), &attributes), &made, &NoHistory);
    assert_eq!(
        (found.origin, found.configured, found.function),
        (Origin::Eventbridge, true, certain("f"))
    );
    assert_eq!((found.tries, found.source), (Some(1), Some(rule)));
    let attributes = [
        ("SCHEDULE_ARN", "arn:aws:scheduler:r:1:schedule/default/s"),
        ("TARGET_ARN", "arn:aws:sqs:r:1:x"),
    ];
    let found = told(&with(letter("{}"), &attributes), &made, &NoHistory);
    assert_eq!(
        (found.origin, found.configured, found.function),
        (Origin::Scheduler, false, FunctionMatch::Nobody)
    );
}

#[test]
fn a_batch_of_kafka_that_was_given_up_is_a_streams() {
    let cluster = id("kafka:r:1:cluster/events/6ee4-2");
    let made = Made::default().dead(&function("consume"), &queue("dlq"), "mapping", None);
    let body = format!(
        r#"{{"requestContext":{{"requestId":"r-1","functionArn":"{}","condition":"RetryAttemptsExhausted",
            "approximateInvokeCount":3}},"responseContext":{{"statusCode":200,"functionError":"Unhandled"}},
            "version":"1.0","KafkaBatchInfo":{{"batchSize":12,"eventSourceArn":"{cluster}","bootstrapServers":"b:9098",
            "payloadSize":2039,"recordsInfo":{{"orders-0":{{"firstRecordOffset":"100","lastRecordOffset":"111",
            "firstRecordTimestamp":"2026-11-30T07:59:04.835Z"}}}}}}}}"#,
        function("consume")
    );
    let found = told(&letter(&body), &made, &NoHistory);
    assert_eq!((found.origin, found.configured), (Origin::Stream, true));
    assert_eq!((found.source, found.function), (Some(cluster), certain("consume")));
    assert_eq!((found.event, found.tries), (Event::Elsewhere, Some(3)));
    let word = "RetryAttemptsExhausted".to_owned();
    assert_eq!(found.condition, Some(Condition::Service { word }.into()));
    let offsets = Records::Offsets {
        partition: "orders-0".into(),
        first: "100".into(),
        last: "111".into(),
    };
    let named = Evidence::KafkaRecords { records: vec![offsets] };
    assert!(found.evidence.contains(&named.into()), "{:?}", found.evidence);
    // Too large for the function: it was never invoked, and there was no answer.
    let large = body
        .replace("RetryAttemptsExhausted", "MaximumPayloadSizeExceeded")
        .replace(r#"{"statusCode":200,"functionError":"Unhandled"}"#, "null");
    let found = told(&letter(&large), &made, &NoHistory);
    assert_eq!((found.origin, found.error), (Origin::Stream, None));
}
