use super::made::{Made, by, edge, function_id, id, mapping, queue_id};
use crate::doctor::{Hint, Rule};
use crate::domain::{EdgeKind, EdgePolicy, Function, NodeKind, Queue};
use crate::permissions::Fix;
use crate::store::snapshot::Severity;

fn timeout(timeout_s: u32) -> Function {
    Function {
        timeout_s,
        ..Function::default()
    }
}

fn visible(visibility_timeout_s: u32) -> Queue {
    Queue {
        visibility_timeout_s,
        retention_s: 345_600,
        ..Queue::default()
    }
}

fn visibility(queue: &str, visibility_s: u32, timeout_s: u32, window_s: u32) -> Option<Hint> {
    let made = Made::default()
        .queue(queue, visible(visibility_s))
        .function("f", timeout(timeout_s))
        .edge(mapping(&queue_id(queue), "f", 10, window_s));
    made.hints_of(Rule::VisibilityTimeout).pop()
}

/// Queue, function and window as public templates set them: patterns of aws-samples/serverless-patterns, and the numbers of public
/// issues and pull requests about this setting.
#[test]
fn a_visibility_timeout_holds_six_timeouts_and_the_window() {
    for (what, queue, visibility_s, timeout_s, window_s, least) in [
        ("api-sqs-lambda-python", "q", 30, 30, 0, Some(180)),
        ("apigw-rest-api-eventbridge-sqs-sam", "q", 30, 29, 0, Some(174)),
        ("apigw-sqs-lambda-iot", "q", 30, 10, 0, Some(60)),
        ("apigw-websocket-api-sqs-lambda, FIFO", "q.fifo", 30, 15, 0, Some(90)),
        (
            "eventbridge-schedule-remove-one-time-schedules",
            "q",
            350,
            300,
            0,
            Some(1_800),
        ),
        (
            "iot-mqttoverhttp-customauth, a window of 5 s",
            "q",
            30,
            29,
            5,
            Some(179),
        ),
        ("lambda-durable-esm-and-chaining", "q", 960, 900, 10, Some(5_410)),
        ("sqs-lambda-lmi-esm-provisioned-sam", "q", 90, 30, 5, Some(185)),
        ("sqs-lambda-ddb-sam-ts", "q", 20, 10, 2, Some(62)),
        ("sqs-lambda-tenant-isolation-sam-py", "q", 300, 60, 0, Some(360)),
        ("the example fixed by aws-cdk-examples 691", "q", 30, 30, 0, Some(180)),
        ("identity-terraform 27, refused by Lambda", "q", 60, 120, 0, Some(720)),
        (
            "getlift/lift 361: no queue can hide for longer than 12 h",
            "q",
            43_199,
            7_200,
            0,
            Some(43_200),
        ),
        // Long enough.
        ("apigw-sqs-lambda", "q", 30, 3, 0, None),
        ("sns-sqs-lambda-xray: exactly six", "q", 30, 5, 0, None),
        ("apigw-http-api-fifo-sqs-lambda-sns-sam", "q.fifo", 300, 3, 0, None),
        ("authentication-api 3053: 180 s", "q", 180, 30, 0, None),
        ("six timeouts and the window", "q", 24, 3, 6, None),
        ("12 h is all there is", "q", 43_200, 7_200, 0, None),
    ] {
        let hint = visibility(queue, visibility_s, timeout_s, window_s);
        let command = least.map(|least| format!("VisibilityTimeout={least}"));
        let said = hint.as_ref().and_then(|hint| match &hint.cure.copy {
            Some(Fix::Command(words)) => words.last().cloned(),
            _ => None,
        });
        assert_eq!(said, command, "{what}");
        assert!(hint.is_none_or(|hint| hint.severity == Severity::Warning), "{what}");
    }
}

#[test]
fn only_what_a_function_reads_by_a_mapping_of_its_own_name_is_held_to_its_timeout() {
    let made = || Made::default().queue("q", visible(30)).function("f", timeout(60));
    let of = |made: Made| made.hints_of(Rule::VisibilityTimeout).len();
    assert_eq!(of(made().edge(mapping(&queue_id("q"), "f", 1, 0))), 1);
    // A version's timeout was not read.
    let by_alias = mapping(&queue_id("q"), "f", 1, 0).qualified(Some("live".into()));
    assert_eq!(of(made().edge(by_alias)), 0);
    assert_eq!(of(made().edge(mapping(&queue_id("q"), "f", 1, 0).enabled(false))), 0);
    // A pipe, a topic that delivers to the queue, a stream, a dead-letter queue that nothing reads.
    let pipe = id("pipes", "pipe/p");
    let piped = made().node(pipe.clone(), NodeKind::Pipe);
    assert_eq!(of(piped.edge(edge(&queue_id("q"), &pipe, EdgeKind::Trigger))), 0);
    let topic = id("sns", "t");
    let told = made().node(topic.clone(), NodeKind::Sns);
    assert_eq!(of(told.edge(edge(&topic, &queue_id("q"), EdgeKind::Trigger))), 0);
    let stream = id("kinesis", "stream/s");
    let read = made().node(stream.clone(), NodeKind::Kinesis);
    assert_eq!(of(read.edge(mapping(&stream, "f", 100, 0))), 0);
    assert_eq!(
        of(made().edge(edge(&function_id("f"), &queue_id("q"), EdgeKind::DeadLetter))),
        0
    );
    // The slowest of its readers decides.
    let two = made()
        .function("slow", timeout(90))
        .edge(mapping(&queue_id("q"), "f", 1, 0))
        .edge(mapping(&queue_id("q"), "slow", 1, 0));
    let hints = two.hints_of(Rule::VisibilityTimeout);
    assert_eq!((hints.len(), hints[0].link.as_ref()), (1, Some(&function_id("slow"))));
}

fn receives(queue: &str, receives: u32) -> Option<Severity> {
    let source = Queue {
        max_receive_count: Some(receives),
        ..visible(30)
    };
    let dead = format!(
        "dead{}",
        if queue.strip_suffix(".fifo").is_some() {
            ".fifo"
        } else {
            ""
        }
    );
    let made = Made::default()
        .queue(queue, source)
        .queue(&dead, visible(30))
        .function("f", timeout(3))
        .edge(by(
            "sqs",
            edge(&queue_id(queue), &queue_id(&dead), EdgeKind::DeadLetter),
        ))
        .edge(mapping(&queue_id(queue), "f", 10, 0));
    made.hints_of(Rule::MaxReceiveCount).pop().map(|hint| hint.severity)
}

#[test]
fn a_queue_that_a_function_reads_gives_a_message_five_receives() {
    for (what, queue, count, severity) in [
        ("sqs-lambda-partial-batch-rust-sam", "q", 1, Some(Severity::Warning)),
        ("a module that sends mails", "q", 2, Some(Severity::Notice)),
        ("serverless-message-processing", "q", 3, Some(Severity::Notice)),
        ("sqs-lambda-dotnet-sam", "q", 3, Some(Severity::Notice)),
        ("sqs-lambda-tenant-isolation-sam-py", "q", 3, Some(Severity::Notice)),
        ("voice-of-customer-datalake 253", "q", 3, Some(Severity::Notice)),
        ("a Terraform module's default", "q", 4, Some(Severity::Notice)),
        ("apigw-sqs-lambda-ddb", "q", 5, None),
        ("eventbridge-schedule-remove-one-time-schedules", "q", 5, None),
        ("SQS's own default", "q", 10, None),
        ("sqs-lambda-ddb-sam-ts", "q", 20, None),
        ("fifo-sqs-redrive: a group waits for each receive", "q.fifo", 1, None),
        ("apigw-http-api-fifo-sqs-lambda-sns-sam", "q.fifo", 5, None),
    ] {
        assert_eq!(receives(queue, count), severity, "{what}");
    }
}

#[test]
fn few_receives_are_a_choice_where_no_function_reads() {
    let source = || Queue {
        max_receive_count: Some(1),
        ..visible(30)
    };
    let moved = || by("sqs", edge(&queue_id("q"), &queue_id("dead"), EdgeKind::DeadLetter));
    let made = || {
        Made::default()
            .queue("q", source())
            .queue("dead", visible(30))
            .edge(moved())
    };
    assert!(made().hints_of(Rule::MaxReceiveCount).is_empty());
    let off = mapping(&queue_id("q"), "f", 10, 0).enabled(false);
    assert!(
        made()
            .function("f", timeout(3))
            .edge(off)
            .hints_of(Rule::MaxReceiveCount)
            .is_empty()
    );
}

#[test]
fn the_command_keeps_the_dead_letter_queue() {
    let source = Queue {
        max_receive_count: Some(3),
        ..visible(30)
    };
    let made = Made::default()
        .queue("q", source)
        .queue("dead", visible(30))
        .function("f", timeout(3))
        .edge(by("sqs", edge(&queue_id("q"), &queue_id("dead"), EdgeKind::DeadLetter)))
        .edge(mapping(&queue_id("q"), "f", 10, 0));
    let hint = made.hints_of(Rule::MaxReceiveCount).remove(0);
    let line = hint.cure.copy.and_then(|copy| copy.line(&[])).expect("a line");
    let words = shlex::split(&line).expect("a line of a shell");
    let set: serde_json::Value = serde_json::from_str(words.last().expect("a word")).expect("JSON");
    let policy = set["RedrivePolicy"].as_str().expect("text");
    assert_eq!(
        policy,
        r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:dead","maxReceiveCount":"5"}"#
    );
}

/// A queue and its dead-letter queue.
fn with_dlq() -> Made {
    let source = Queue {
        max_receive_count: Some(5),
        ..visible(30)
    };
    let dead = Queue {
        retention_s: 1_209_600,
        ..visible(30)
    };
    Made::default()
        .queue("q", source)
        .queue("dead", dead)
        .edge(by("sqs", edge(&queue_id("q"), &queue_id("dead"), EdgeKind::DeadLetter)))
}

#[test]
fn a_dead_letter_queue_is_watched_by_a_metric_that_counts_what_sqs_moves() {
    for (what, metrics, severity) in [
        ("nothing watches it", &[][..], Some(Severity::Notice)),
        (
            "another queue's alarm",
            &[("other", "ApproximateNumberOfMessagesVisible")],
            Some(Severity::Notice),
        ),
        (
            "the source's own age",
            &[("q", "ApproximateAgeOfOldestMessage")],
            Some(Severity::Notice),
        ),
        (
            "sqs-lambda-lmi-esm-provisioned-sam",
            &[("dead", "NumberOfMessagesSent")],
            Some(Severity::Warning),
        ),
        (
            "construct-hub 1779: never in flight",
            &[("dead", "ApproximateNumberOfMessagesNotVisible")],
            Some(Severity::Notice),
        ),
        (
            "nothing receives",
            &[("dead", "NumberOfMessagesReceived")],
            Some(Severity::Notice),
        ),
        (
            "ecs-watchbot 140",
            &[("dead", "ApproximateNumberOfMessagesVisible")],
            None,
        ),
        (
            "deno_registry2 107: by age",
            &[("dead", "ApproximateAgeOfOldestMessage")],
            None,
        ),
        (
            "cumulus-orca 220",
            &[
                ("q", "NumberOfMessagesSent"),
                ("dead", "ApproximateNumberOfMessagesVisible"),
            ],
            None,
        ),
        (
            "both, of which one sees",
            &[
                ("dead", "NumberOfMessagesSent"),
                ("dead", "ApproximateNumberOfMessagesVisible"),
            ],
            None,
        ),
    ] {
        let found = with_dlq().watched(metrics).hints_of(Rule::DlqWithoutAlarm).pop();
        assert_eq!(found.map(|hint| hint.severity), severity, "{what}");
    }
    // Alarms that were not read, or that find their queues by a query, prove nothing.
    assert!(with_dlq().hints_of(Rule::DlqWithoutAlarm).is_empty());
    assert!(with_dlq().searched().hints_of(Rule::DlqWithoutAlarm).is_empty());
}

#[test]
fn what_is_read_or_only_sent_to_needs_no_alarm_on_moves() {
    // serverless-message-processing: a function decides over what is in the dead-letter queue.
    let read = with_dlq()
        .function("decide", timeout(3))
        .edge(mapping(&queue_id("dead"), "decide", 10, 0));
    assert!(read.watched(&[]).hints_of(Rule::DlqWithoutAlarm).is_empty());
    // Lambda sends what a function failed with: that is counted as sent.
    let sent = |metrics: &[(&str, &str)]| {
        let made = Made::default().queue("dead", visible(30)).function("f", timeout(3));
        let made = made.edge(by(
            "lambda",
            edge(&function_id("f"), &queue_id("dead"), EdgeKind::DeadLetter),
        ));
        made.watched(metrics).hints_of(Rule::DlqWithoutAlarm).len()
    };
    assert_eq!((sent(&[]), sent(&[("dead", "NumberOfMessagesSent")])), (1, 0));
    // An on-failure destination is one, an on-success destination is not.
    let destination = |condition: &str| {
        let policy = EdgePolicy {
            condition: Some(condition.into()),
            ..EdgePolicy::default()
        };
        let made = Made::default().queue("records", visible(30)).function("f", timeout(3));
        let made = made.edge(edge(&function_id("f"), &queue_id("records"), EdgeKind::Destination).with(policy));
        made.watched(&[]).hints_of(Rule::DlqWithoutAlarm).len()
    };
    assert_eq!((destination("OnFailure"), destination("OnSuccess")), (1, 0));
    // A work queue.
    let work = Made::default().queue("q", visible(30)).watched(&[]);
    assert!(work.hints_of(Rule::DlqWithoutAlarm).is_empty());
}
