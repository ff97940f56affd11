//! What streams and queues forget, and what waits for what within a shard.

use super::{START, world};
use crate::world::World;

const HOUR: i64 = 3_600_000;

fn runs(world: &World) -> u64 {
    world.lambda.functions["f"].runs
}

/// A stream or table whose only record fails for ever, with this for its mapping.
fn poisoned(source: &str, from: &str, put: &str, mapping: &str) -> World {
    world(&format!(
        r#"
        {source}
        [[queue]]
        name = "failed"
        [[function]]
        name = "f"
        does = {{ work = "50ms", fails = [{{ error = "ValueError: bad" }}] }}
        [[mapping]]
        from = "{from}"
        to = "f"
        on_failure = "queue:failed"
        {mapping}
        [[script]]
        at = "1s"
        does = {put}
        "#
    ))
}

fn on_kinesis(stream: &str, mapping: &str) -> World {
    let source = format!("[[stream]]\nname = \"s\"\n{stream}");
    poisoned(
        &source,
        "stream:s",
        "{ put_record = { stream = \"s\", key = \"k\", data = \"bad\" } }",
        mapping,
    )
}

/// Tries go on until the hour before, and end by the hour after; a record is written or not.
fn ends(mut world: World, hours: i64, record: Option<&str>) {
    world.advance_to(START + hours * HOUR - 120_000);
    let before = runs(&world);
    world.advance_to(START + hours * HOUR - 10_000);
    assert!(runs(&world) > before, "it is tried until the end");
    world.advance_to(START + hours * HOUR + 90_000);
    let at_the_end = runs(&world);
    world.advance_to(START + hours * HOUR + 6 * HOUR);
    assert_eq!(runs(&world), at_the_end, "it ends, although nothing new comes in");
    let failed: Vec<String> = world.messaging.queues["failed"]
        .iter()
        .map(|m| m.letter.body.to_string())
        .collect();
    match record {
        None => assert!(
            failed.is_empty(),
            "AWS does not say that anything is written: {failed:?}"
        ),
        Some(condition) => assert!(failed.len() == 1 && failed[0].contains(condition), "{failed:?}"),
    }
}

#[test]
fn a_record_is_tried_no_longer_than_its_stream_keeps_it() {
    ends(on_kinesis("", ""), 24, None);
    ends(on_kinesis("retention = \"48h\"", ""), 48, None);
    let table = "[[table]]\nname = \"orders\"\nstream = true";
    let put = "{ put_item = { table = \"orders\", item = { id = \"1\" } } }";
    ends(poisoned(table, "table:orders", put, ""), 24, None);
}

#[test]
fn a_maximum_age_cannot_outlive_the_retention() {
    ends(on_kinesis("", "max_age = \"48h\""), 24, None);
    ends(on_kinesis("", "max_age = \"20h\""), 20, Some("RecordAgeExceeded"));
    ends(
        on_kinesis("retention = \"72h\"", "max_age = \"36h\""),
        36,
        Some("RecordAgeExceeded"),
    );
}

#[test]
fn a_failing_key_holds_up_its_own_lane_only() {
    let text = r#"
        [[stream]]
        name = "s"
        [[function]]
        name = "f"
        does = { work = "10ms", print = ["saw {data}"], fails = [{ on = "YmFk" }] }
        [[mapping]]
        from = "stream:s"
        to = "f"
        batch = 1
        lanes = 10
        [[traffic]]
        every = "1s"
        does = { put_record = { stream = "s", key = "key-{n}", data = "good" } }
        [[script]]
        at = "0s"
        does = { put_record = { stream = "s", key = "bad", data = "bad" } }
    "#;
    let mut apart = world(text);
    apart.advance_to(START + 120_000);
    let mut together = world(&text.replace("lanes = 10", ""));
    together.advance_to(START + 120_000);
    let good = |world: &World| {
        let lines = super::lines(world, "f");
        lines.iter().filter(|(_, line)| line.contains("saw good")).count()
    };
    assert_eq!(good(&together), 0, "one lane: all wait for the first");
    assert!(
        (90..=118).contains(&good(&apart)),
        "ten lanes: one in ten waits, {} went on",
        good(&apart)
    );
}

#[test]
fn a_queue_forgets_before_its_dead_letter_queue_gets_anything() {
    let text = |retention: &str| {
        format!(
            r#"
            [[queue]]
            name = "q"
            visibility = "30s"
            retention = "{retention}"
            dlq = "dead"
            max_receives = 3
            [[queue]]
            name = "dead"
            [[function]]
            name = "f"
            does = {{ fails = [{{ error = "E: e" }}] }}
            [[mapping]]
            from = "queue:q"
            to = "f"
            [[script]]
            at = "0s"
            does = {{ send_message = {{ queue = "q", body = "b" }} }}
            "#
        )
    };
    let ended = |retention: &str| {
        let mut world = world(&text(retention));
        world.advance_to(START + 300_000);
        (
            world.messaging.queues["dead"].len(),
            world.messaging.queues["q"].ledger.expired,
            runs(&world),
        )
    };
    assert_eq!(ended("80s"), (0, 1, 3));
    assert_eq!(ended("60s"), (0, 1, 2));
    assert_eq!(ended("2m"), (1, 0, 3));
}

/// A stream of large records whose mapping reads, or fails on the first of them for ever.
fn stuffed(fails: &str) -> World {
    let mut world = world(&format!(
        r#"
        [[stream]]
        name = "s"
        [[function]]
        name = "f"
        does = {{ work = "1ms"{fails} }}
        [[mapping]]
        from = "stream:s"
        to = "f"
        from_start = true
        "#
    ));
    for second in 0..120 {
        world.advance_to(START + second * 1_000);
        let _ = world.put_record("s", "k", bytes::Bytes::from(vec![b' '; 200_000]));
    }
    world.advance_to(START + 180_000);
    world
}

#[test]
fn what_every_mapping_has_read_goes_when_it_is_too_much_and_what_waits_stays() {
    let shard = |world: &World| (world.storage.streams["s"].shards[0].len(), world.held());
    let (kept, held) = shard(&stuffed(""));
    assert!(kept < 100 && held < 1_000_000, "{kept} records, {held} bytes of state");
    let (kept, held) = shard(&stuffed(", fails = [{ error = \"bad\" }]"));
    assert_eq!(kept, 120, "none is lost that waits");
    assert!(held > 10_000_000, "and they count as state: {held}");
}

#[test]
fn messages_items_and_objects_count_as_state() {
    let mut world = world(
        r#"
        [[queue]]
        name = "q"
        [[table]]
        name = "table"
        [[bucket]]
        name = "bucket"
        "#,
    );
    let big = "x".repeat(100_000);
    for n in 0..700 {
        let queue = world.messaging.queues.get_mut("q").expect("a queue");
        queue.send(n.to_string(), crate::world::message::Letter::of(big.as_str()), START);
        let item = serde_json::json!({"id": {"S": n.to_string()}, "text": {"S": big}});
        world.put_item("table", &item).expect("a table");
    }
    world.advance_to(START + 60_000);
    assert!(world.is_full() && world.held() > 140_000_000, "{}", world.held());
    world
        .messaging
        .queues
        .get_mut("q")
        .expect("a queue")
        .purge(START + 60_000);
    world.advance_to(START + 120_000);
    assert!(!world.is_full() && world.held() > 70_000_000, "{}", world.held());
}
