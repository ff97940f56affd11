//! Batches of streams that a mapping gave up: read again from their shard, run, and refused where they have expired.

use std::sync::Arc;

use pitagora::dead_letters::content::{Content, content};
use pitagora::domain::{MayWrite, NodeId, Outgoing, Sending};
use pitagora::redrive::queue_client::Remote;
use pitagora::redrive::route::Target;

use crate::bench::{account, connect, in_process, parsed};

const SPEED: f64 = 60.0;

/// Two sources, each with records that their function could not do until somebody mended it.
const SCENARIO: &str = r#"
title = "batches to read again"

[[stream]]
name = "s"
shards = 1

[[table]]
name = "tab"
stream = true

[[queue]]
name = "dlq"

[[mapping]]
from = "stream:s"
to = "f"
batch = 10
retries = 1
on_failure = "queue:dlq"

[[mapping]]
from = "table:tab"
to = "g"
batch = 10
retries = 1
on_failure = "queue:dlq"

[[function]]
name = "f"
does = { work = "50ms" }

[[function]]
name = "g"
does = { work = "50ms" }

[[script]]
at = "0s"
break = "f"

[[script]]
at = "0s"
break = "g"

[[script]]
at = "1s"
does = { put_record = { stream = "s", key = "k", data = "first" } }

[[script]]
at = "1s"
does = { put_item = { table = "tab", item = { id = "second" } } }

[[script]]
at = "30m"
fix = "f"

[[script]]
at = "30m"
fix = "g"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_read_again_and_its_function_runs_with_it() {
    let account = account(&parsed(SCENARIO), SPEED);
    account.step(300_000);
    let session = connect(in_process(&account)).await;
    let right = MayWrite::unless(false).expect("it may");
    let url = session.queue_url("dlq").await.expect("a queue");
    let id = NodeId::from(session.scope.arn("sqs", "dlq"));
    let remote = Remote::new(session.clone(), right, id, url);
    let letters = remote.receive(10, 30, 1).await.expect("letters");
    assert_eq!(letters.len(), 2, "one of each source");

    let mut ways = Vec::new();
    for held in &letters {
        let Content::Stream(record, batch) = content(&held.letter.body) else {
            panic!("{}", held.letter.body)
        };
        let event = session
            .batch_again(&batch, &record.function_arn)
            .await
            .expect("an event");
        let event: serde_json::Value = serde_json::from_str(&event).expect("JSON");
        let one = &event["Records"][0];
        assert_eq!(event["Records"].as_array().map(Vec::len), Some(1));
        assert_eq!(one["eventSourceARN"], batch.stream_arn.as_str());
        assert_eq!(one["awsRegion"], "eu-west-1");
        if one["eventSource"] == "aws:kinesis" {
            assert_eq!(one["kinesis"]["data"], "Zmlyc3Q=");
            assert_eq!(one["kinesis"]["partitionKey"], "k");
            assert_eq!(one["kinesis"]["sequenceNumber"], batch.start_sequence.as_str());
            assert_eq!(one["eventID"], format!("{}:{}", batch.shard_id, batch.start_sequence));
            assert!(
                one["invokeIdentityArn"]
                    .as_str()
                    .is_some_and(|arn| arn.contains(":role/"))
            );
        } else {
            assert_eq!(one["eventName"], "INSERT");
            assert_eq!(one["dynamodb"]["NewImage"]["id"]["S"], "second");
            assert_eq!(one["dynamodb"]["SequenceNumber"], batch.start_sequence.as_str());
        }
        ways.push((
            Target::Run {
                arn: record.function_arn.clone(),
            },
            Outgoing {
                body: Arc::clone(&held.letter.body),
                ..Outgoing::default()
            },
        ));
    }
    for (target, message) in &ways {
        let outcome = remote.send(target, std::slice::from_ref(message)).await;
        assert!(
            matches!(&outcome[..], [Sending::Refused { why }] if why.starts_with("the function failed again")),
            "{outcome:?}"
        );
    }
    account.step(1_800_000);
    for (target, message) in &ways {
        let outcome = remote.send(target, std::slice::from_ref(message)).await;
        assert!(matches!(&outcome[..], [Sending::Sent { .. }]), "{outcome:?}");
    }
    account.step(u32::try_from(25 * 3_600_000).expect("a day"));
    for (target, message) in &ways {
        let outcome = remote.send(target, std::slice::from_ref(message)).await;
        assert!(
            matches!(&outcome[..], [Sending::Refused { why }] if why.ends_with("have expired from the shard")),
            "{outcome:?}"
        );
    }
}
