use super::made::{Made, at_most, by, edge, id, mapping, partial, queue_id};
use crate::doctor::Rule;
use crate::doctor::words::What;
use crate::domain::{EdgeKind, Function, NodeKind, Queue};
use crate::permissions::Fix;
use crate::store::snapshot::Severity;

fn queue() -> Queue {
    Queue {
        visibility_timeout_s: 180,
        retention_s: 345_600,
        max_receive_count: Some(5),
        ..Queue::default()
    }
}

fn with_dlq(name: &str) -> Made {
    let moved = by("sqs", edge(&queue_id(name), &queue_id("dead"), EdgeKind::DeadLetter));
    Made::default().queue(name, queue()).queue("dead", queue()).edge(moved)
}

#[test]
fn one_failure_does_not_bring_the_whole_batch_back() {
    let of = |queue: &str, batch: u32, is_partial: bool| {
        let read = mapping(&queue_id(queue), "f", batch, 0);
        let read = if is_partial { partial(read) } else { read };
        let made = with_dlq(queue).function("f", Function::default()).edge(read);
        made.hints_of(Rule::PartialBatchResponse)
            .pop()
            .map(|hint| hint.severity)
    };
    for (what, queue, batch, is_partial, severity) in [
        (
            "apigw-sqs-lambda-ddb: 10 if not set",
            "q",
            10,
            false,
            Some(Severity::Warning),
        ),
        (
            "eventbridge-schedule-remove-one-time-schedules",
            "q",
            10,
            false,
            Some(Severity::Warning),
        ),
        (
            "lambda-durable-esm-and-chaining",
            "q",
            5,
            false,
            Some(Severity::Warning),
        ),
        (
            "iot-mqttoverhttp-customauth",
            "q",
            10_000,
            false,
            Some(Severity::Warning),
        ),
        (
            "sqs-lambda-tenant-isolation-sam-py",
            "q",
            10,
            false,
            Some(Severity::Warning),
        ),
        ("two at a time", "q", 2, false, Some(Severity::Warning)),
        ("serverless-message-processing", "q", 10, true, None),
        ("sqs-lambda-ddb-sam-ts", "q", 10, true, None),
        ("sqs-lambda-partial-batch-rust-sam", "q", 10, true, None),
        ("one at a time", "q", 1, false, None),
        ("apigw-http-api-fifo-sqs-lambda-sns-sam", "q.fifo", 10, false, None),
        ("fifo-sqs-redrive", "q.fifo", 10, false, None),
    ] {
        assert_eq!(of(queue, batch, is_partial), severity, "{what}");
    }
    // Without a dead-letter queue no healthy message is moved with the failing one.
    let alone = Made::default()
        .queue(
            "q",
            Queue {
                max_receive_count: None,
                ..queue()
            },
        )
        .function("f", Function::default())
        .edge(mapping(&queue_id("q"), "f", 10, 0));
    assert_eq!(alone.hints_of(Rule::PartialBatchResponse)[0].severity, Severity::Notice);
}

#[test]
fn streams_and_what_is_no_mapping_are_no_batches_of_messages() {
    for (resource, service, kind) in [
        ("stream/s", "kinesis", NodeKind::Kinesis),
        ("table/t/stream/2026", "dynamodb", NodeKind::DynamodbStream),
        ("cluster/c/uuid", "kafka", NodeKind::Kafka),
        ("broker:b", "mq", NodeKind::Mq),
        ("cluster:docs", "rds", NodeKind::Documentdb),
    ] {
        let source = id(service, resource);
        let made = Made::default()
            .node(source.clone(), kind)
            .function("f", Function::default());
        let made = made.edge(mapping(&source, "f", 100, 0));
        assert!(made.hints_of(Rule::PartialBatchResponse).is_empty(), "{kind:?}");
    }
}

/// Reserved concurrency and the maxima of the mappings.
fn concurrency(queue: &str, reserved: Option<u32>, maxima: &[Option<u32>]) -> Option<(What, Severity, String)> {
    let function = Function {
        reserved_concurrency: reserved,
        ..Function::default()
    };
    let mut made = Made::default().function("f", function);
    for (n, maximum) in maxima.iter().enumerate() {
        let name = queue.replace('q', &format!("q{n}"));
        let read = mapping(&queue_id(&name), "f", 1, 0);
        let read = maximum.map_or(read.clone(), |maximum| at_most(read, maximum));
        made = made.queue(&name, queue_of()).edge(read);
    }
    let hint = made.hints_of(Rule::ReservedConcurrency).pop()?;
    let reserved = reserved.expect("reserved");
    let names: Vec<_> = (0..maxima.len())
        .map(|n| queue_id(&queue.replace('q', &format!("q{n}"))))
        .collect();
    let below = What::ReservedBelowMaximum {
        reserved,
        maximum: maxima.iter().flatten().sum(),
        queues: names.clone(),
    };
    let pollers = What::ReservedBelowPollers {
        reserved,
        queue: names[0].clone(),
    };
    let what = [below, pollers]
        .into_iter()
        .find(|what| hint.what == *what)
        .expect("one of the two");
    let Some(Fix::Command(words)) = hint.cure.copy else {
        panic!("a command")
    };
    Some((what, hint.severity, words.last().expect("a word").clone()))
}

fn queue_of() -> Queue {
    Queue {
        max_receive_count: None,
        ..queue()
    }
}

#[test]
fn reserved_concurrency_holds_what_the_mappings_invoke_at_a_time() {
    for (what, queue, reserved, maxima, last) in [
        (
            "AWS's own demonstration, limited on one side only",
            "q",
            Some(3),
            &[Some(10)][..],
            Some("MaximumConcurrency=3"),
        ),
        ("one at a time cannot be a maximum", "q", Some(1), &[Some(2)], Some("2")),
        ("two queues share it", "q", Some(10), &[Some(5), Some(10)], Some("15")),
        (
            "a FIFO queue has a maximum too",
            "q.fifo",
            Some(3),
            &[Some(20)],
            Some("MaximumConcurrency=3"),
        ),
        (
            "overpull of a non-thread-safe API, 2025",
            "q",
            Some(1),
            &[None],
            Some("MaximumConcurrency=2"),
        ),
        (
            "a limit of 3, Charles 2019",
            "q",
            Some(3),
            &[None],
            Some("MaximumConcurrency=3"),
        ),
        (
            "a legacy system behind it",
            "q",
            Some(4),
            &[None],
            Some("MaximumConcurrency=4"),
        ),
        // Enough.
        ("sqs-lambda-ddb-sam-ts: nothing reserved", "q", None, &[Some(2)], None),
        ("as much", "q", Some(5), &[Some(5)], None),
        ("more", "q", Some(50), &[Some(20), Some(30)], None),
        ("what it starts with", "q", Some(5), &[None], None),
        ("iso20022: 20 reserved", "q", Some(20), &[None], None),
        ("a FIFO queue has as many as groups", "q.fifo", Some(1), &[None], None),
        ("nothing runs: an issue of its own", "q", Some(0), &[Some(5)], None),
        ("no queue", "q", Some(1), &[], None),
    ] {
        let found = concurrency(queue, reserved, maxima);
        assert!(
            found
                .as_ref()
                .is_none_or(|(_, severity, _)| *severity == Severity::Warning),
            "{what}"
        );
        assert_eq!(found.map(|(_, _, last)| last).as_deref(), last, "{what}");
    }
}

#[test]
fn streams_wait_for_concurrency_without_losing_a_receive() {
    let stream = id("kinesis", "stream/s");
    let function = Function {
        reserved_concurrency: Some(1),
        ..Function::default()
    };
    let made = Made::default()
        .node(stream.clone(), NodeKind::Kinesis)
        .function("f", function);
    assert!(
        made.edge(mapping(&stream, "f", 100, 0))
            .hints_of(Rule::ReservedConcurrency)
            .is_empty()
    );
}
