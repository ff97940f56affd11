//! What holds whatever happens: messages are conserved, and looking changes nothing.

use proptest::prelude::*;

use super::{START, lines, world};
use crate::call::{Call, Service};
use crate::services::dispatch;
use crate::value::map;
use crate::world::World;
use crate::world::queue::{Letter, Queue};

/// What a client may do to a queue.
#[derive(Clone, Debug)]
enum Act {
    Send { delay_s: i64, group: u8 },
    Receive { max: usize, visibility_s: i64 },
    Delete { pick: usize },
    Hide { pick: usize, seconds: i64 },
    Wait { seconds: i64 },
    Move,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => (0..20_i64, 0..3_u8).prop_map(|(delay_s, group)| Act::Send { delay_s, group }),
        4 => (1..10_usize, 0..60_i64).prop_map(|(max, visibility_s)| Act::Receive { max, visibility_s }),
        2 => (0..20_usize).prop_map(|pick| Act::Delete { pick }),
        1 => (0..20_usize, 0..30_i64).prop_map(|(pick, seconds)| Act::Hide { pick, seconds }),
        3 => (0..40_i64).prop_map(|seconds| Act::Wait { seconds }),
        1 => Just(Act::Move),
    ];
    proptest::collection::vec(act, 0..120)
}

/// Runs acts on a queue and its dead-letter queue; both come back, settled at the end.
fn play(name: &str, acts: &[Act]) -> (Queue, Queue) {
    let (mut queue, mut dead) = (Queue::new(name, 0), Queue::new(&format!("dead-{name}"), 0));
    queue.settings.retention_ms = 200_000;
    dead.settings.retention_ms = 400_000;
    let (mut now, mut sent, mut held) = (0, 0, Vec::new());
    for act in acts {
        match act {
            Act::Send { delay_s, group } => {
                sent += 1;
                let mut letter = Letter::of(format!("{sent}"));
                letter.delay_ms = Some(delay_s * 1000);
                letter.group = queue.is_fifo().then(|| group.to_string());
                letter.dedup = queue.is_fifo().then(|| sent.to_string());
                queue.send(format!("id-{sent}"), letter, now);
            }
            Act::Receive { max, visibility_s } => {
                let found = queue.receive(*max, visibility_s * 1000, Some(3), now);
                for message in found.dead {
                    dead.move_in(message, "arn", now);
                }
                held.extend(
                    found
                        .places
                        .iter()
                        .map(|p| (*p, queue.get(*p).map_or(0, |m| m.receives))),
                );
            }
            Act::Delete { pick } => {
                if let Some((place, receives)) = held.get(*pick) {
                    queue.delete(*place, *receives);
                }
            }
            Act::Hide { pick, seconds } => {
                if let Some((place, _)) = held.get(*pick) {
                    queue.change_visibility(*place, seconds * 1000, now);
                }
            }
            Act::Wait { seconds } => now += seconds * 1000,
            Act::Move => {
                if let Some(message) = dead.take_first(now) {
                    queue.send(format!("{}-again", message.id), message.letter, now);
                }
            }
        }
        queue.settle(now);
        dead.settle(now);
        for queue in [&queue, &dead] {
            let counted = queue.visible() + queue.in_flight() + queue.delayed();
            assert_eq!(counted, queue.len(), "each message is in one state");
        }
    }
    (queue, dead)
}

fn conserved(queue: &Queue) {
    let ledger = queue.ledger;
    let left = ledger.entered - ledger.deleted - ledger.expired - ledger.moved - ledger.purged;
    assert_eq!(
        left,
        queue.len() as u64,
        "what came in is there, or went out with a reason: {ledger:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_message_vanishes_but_by_deletion_retention_or_a_move(acts in acts(), fifo in any::<bool>()) {
        let (queue, dead) = play(if fifo { "q.fifo" } else { "q" }, &acts);
        conserved(&queue);
        conserved(&dead);
    }

    #[test]
    fn a_fifo_group_is_never_received_out_of_order(acts in acts()) {
        let mut queue = Queue::new("q.fifo", 0);
        let (mut now, mut sent) = (0, 0_u64);
        let mut last = std::collections::BTreeMap::new();
        for act in acts {
            match act {
                Act::Send { group, .. } => {
                    sent += 1;
                    let letter = Letter { group: Some(group.to_string()), dedup: Some(sent.to_string()), ..Letter::of("") };
                    queue.send(sent.to_string(), letter, now);
                }
                Act::Receive { max, .. } => {
                    // Each is deleted at once, so that what comes must be newer than what came.
                    for place in queue.receive(max, 30_000, None, now).places {
                        let message = queue.get(place).cloned().expect("it was received");
                        let before = last.insert(message.letter.group.clone(), message.seq);
                        prop_assert!(before.is_none_or(|before| before < message.seq));
                        queue.delete(place, message.receives);
                    }
                }
                Act::Wait { seconds } => now += seconds * 1000,
                _ => {}
            }
        }
    }
}

/// A chain of everything, with failures of all kinds.
const BUSY: &str = r#"
seed = 11

[[queue]]
name = "q"
visibility = "5s"
dlq = "dlq"
max_receives = 2

[[queue]]
name = "dlq"

[[bucket]]
name = "bin"
notify = [{ to = "function:parse" }]

[[table]]
name = "tab"
stream = true

[[topic]]
name = "n"
subscribe = [{ to = "function:save" }, { to = "queue:copy" }]

[[queue]]
name = "copy"

[[function]]
name = "parse"
dlq = "dlq"
does = { work = "10ms..90ms", fails = [{ one_in = 5 }], steps = [{ send_message = { queue = "q", body = "{object}" } }] }

[[function]]
name = "work"
does = { work = "10ms..90ms", fails = [{ one_in = 4 }], steps = [{ publish = { topic = "n", message = "{record.body}" } }] }

[[function]]
name = "save"
does = { work = "10ms..90ms", fails = [{ one_in = 6, how = "crash" }], steps = [{ put_item = { table = "tab", item = { id = "{uuid}" } } }] }

[[function]]
name = "tell"
runtime = "nodejs22.x"
does = { work = "10ms..90ms", fails = [{ one_in = 7, how = "timeout" }] }

[[mapping]]
from = "queue:q"
to = "work"
batch = 3

[[mapping]]
from = "table:tab"
to = "tell"
batch = 5
retries = 2
bisect = true

[[traffic]]
every = "300ms..900ms"
does = { put_object = { bucket = "bin", key = "k{n}", body = "body {n}" } }
"#;

/// What anyone may look at, without changing anything.
fn look(world: &mut World, how: usize) {
    let url = "https://sqs/1/q";
    let call = match how % 8 {
        0 => Call::new(
            Service::Sqs,
            "GetQueueAttributes",
            map! { "QueueUrl" => url, "AttributeNames" => vec!["All"] },
        ),
        1 => Call::new(Service::Lambda, "ListFunctions", map! {}),
        2 => Call::new(Service::Lambda, "ListEventSourceMappings", map! {}),
        3 => Call::new(
            Service::Logs,
            "FilterLogEvents",
            map! { "logGroupName" => "/aws/lambda/work" },
        ),
        4 => Call::new(Service::CloudWatch, "ListMetrics", map! {}),
        5 => Call::new(Service::Sns, "ListSubscriptions", map! {}),
        6 => Call::new(Service::Events, "ListRules", map! {}),
        _ => Call::new(Service::DynamoDb, "DescribeTable", map! { "TableName" => "tab" }),
    };
    dispatch(world, &call);
}

/// Everything that was said and everything that is left, as text.
fn told(world: &mut World) -> String {
    let now = world.now();
    let functions = ["parse", "work", "save", "tell"];
    let said: Vec<_> = functions.iter().map(|f| lines(world, f)).collect();
    let left: Vec<_> = world
        .messaging
        .queues
        .values_mut()
        .map(|q| {
            q.settle(now);
            (
                q.name.clone(),
                q.ledger,
                q.iter().map(|m| (m.id.clone(), m.receives)).collect::<Vec<_>>(),
            )
        })
        .collect();
    format!("{said:#?} {left:#?}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn looking_changes_nothing(looks in proptest::collection::vec((1..9000_i64, 0..8_usize), 1..60)) {
        let mut quiet = world(BUSY);
        quiet.advance_to(START + 120_000);
        let mut watched = world(BUSY);
        let mut now = START;
        for (wait, how) in looks {
            now = (now + wait).min(START + 120_000);
            watched.advance_to(now);
            look(&mut watched, how);
        }
        watched.advance_to(START + 120_000);
        let (quiet, watched) = (told(&mut quiet), told(&mut watched));
        prop_assert!(quiet == watched, "the account went another way because it was looked at");
        prop_assert!(quiet.len() > 20_000, "it did something");
    }
}

#[test]
fn another_seed_is_another_story() {
    let mut one = world(BUSY);
    let mut two = world(&BUSY.replace("seed = 11", "seed = 12"));
    for world in [&mut one, &mut two] {
        world.advance_to(START + 60_000);
    }
    assert_ne!(told(&mut one), told(&mut two));
}

#[test]
fn the_chain_loses_nothing() {
    let mut world = world(BUSY);
    world.advance_to(START + 600_000);
    let now = world.now();
    for queue in world.messaging.queues.values_mut() {
        queue.settle(now);
        conserved(queue);
    }
    let work = world.messaging.queues["q"].ledger;
    assert!(
        work.deleted > 300 && work.moved > 5,
        "messages passed, and some died: {work:?}"
    );
    assert!(
        world.messaging.queues["dlq"].ledger.entered >= work.moved,
        "the dead are in the dead-letter queue"
    );
}
