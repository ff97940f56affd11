//! Reasons against a redrive, tested with small chains: a queue `work` with the dead-letter queue `dlq`, read by `f`.

mod invocations;
mod limits;
mod messages;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Check, Counts, Died, Evidence, Gap, Limit, Note, Past, Reason, Unread, Verdict, check, words};
use crate::aws::Error;
use crate::aws::function_now::FunctionNow;
use crate::domain::phrase::Phrase;
use crate::domain::{
    Batching, Detail, Edge, EdgeKind, EdgePolicy, EdgeStatus, Evidence as QueueCounts, Function, Logging, Node, NodeId,
    NodeKind, Point, Queue,
};
use crate::logs::snapshot::GroupLog;
use crate::permissions::Obstacle;
use crate::redrive::route::Target;
use crate::store::snapshot::{Runs, Snapshot, Topology, Vitals};
use crate::words::Words;

const F: &str = "arn:aws:lambda:r:1:function:f";
const WORK: &str = "arn:aws:sqs:r:1:work";
const DLQ: &str = "arn:aws:sqs:r:1:dlq";

fn now() -> Timestamp {
    "2026-11-30T08:30:00Z".parse().expect("a time")
}

fn ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

fn points(minute: i64, value: f64) -> Vec<Point> {
    vec![Point { at: ago(minute), value }]
}

struct Story {
    function: Function,
    mapping: EdgePolicy,
    enabled: bool,
    queue: Queue,
    vitals: BTreeMap<NodeId, Vitals>,
    evidence: Evidence,
    fifo: bool,
    log_denied: bool,
}

/// Four invocations that succeeded, no throttles, and ten messages to redrive. The function was deployed an hour ago.
fn healthy() -> Story {
    let runs = Runs {
        starts: points(4, 4.0),
        last_start: Some(ago(4)),
        last_success: Some(ago(4)),
        read_since: Some(ago(60)),
        read_to: Some(now()),
        ..Runs::default()
    };
    Story {
        function: Function {
            last_modified: Some(ago(60)),
            logging: Logging::to("/aws/lambda/f"),
            ..Function::default()
        },
        mapping: EdgePolicy {
            id: Some("uuid".to_owned()),
            status: EdgeStatus {
                state: Some("Enabled".to_owned()),
                last_modified: Some(ago(90)),
                ..EdgeStatus::default()
            },
            batching: Batching {
                size: Some(1),
                partial_response: Some(false),
                ..Batching::default()
            },
            ..EdgePolicy::default()
        },
        enabled: true,
        queue: Queue {
            visibility_timeout_s: 30,
            max_receive_count: Some(3),
            ..Queue::default()
        },
        vitals: BTreeMap::from([(
            F.into(),
            Vitals {
                runs: Some(runs),
                ..Vitals::default()
            },
        )]),
        evidence: Evidence {
            counts: BTreeMap::from([(F.into(), Ok(Counts::default()))]),
            messages: 10,
            ..Evidence::default()
        },
        fifo: false,
        log_denied: false,
    }
}

/// A message that SQS moved out of `work`, tried from so many minutes ago on.
fn died(first: i64, at: i64) -> Died {
    Died {
        message_id: format!("m-{first}"),
        queue: DLQ.into(),
        source: Some(WORK.into()),
        function: Some(F.into()),
        first: Some(ago(first)),
        at: Some(ago(at)),
        throttled: false,
        body: None,
        error: None,
    }
}

impl Story {
    fn runs(&mut self) -> &mut Runs {
        let vitals = self.vitals.get_mut(&NodeId::from(F)).expect("there");
        vitals.runs.as_mut().expect("there")
    }

    fn counts(&mut self, counts: Counts) {
        self.evidence.counts.insert(F.into(), Ok(counts));
    }

    fn snapshot(&self) -> Snapshot {
        let node = |id: &str, kind, detail| {
            let name = id.rsplit(':').next().unwrap_or(id).to_owned();
            let id = NodeId::from(id);
            (id.clone(), Arc::new(Node { id, kind, name, detail }))
        };
        let function = Detail::Function(Box::new(self.function.clone()));
        let queue = || Detail::Queue(Box::new(self.queue.clone()));
        let trigger = Edge::new(WORK.into(), F.into(), EdgeKind::Trigger, QueueCounts::Configured);
        let dead = Edge::new(WORK.into(), DLQ.into(), EdgeKind::DeadLetter, QueueCounts::Configured);
        let mut snapshot = Snapshot {
            topology: Arc::new(Topology {
                nodes: BTreeMap::from([
                    node(F, NodeKind::Lambda, function),
                    node(WORK, NodeKind::Sqs, queue()),
                    node(DLQ, NodeKind::Sqs, queue()),
                ]),
                edges: vec![
                    Arc::new(trigger.with(self.mapping.clone()).enabled(self.enabled)),
                    Arc::new(dead),
                ],
                complete: true,
                ..Topology::default()
            }),
            vitals: Arc::new(self.vitals.clone()),
            ..Snapshot::default()
        };
        if self.log_denied {
            let group = GroupLog {
                functions: vec![F.into()],
                unread: Some("access denied: allow logs:FilterLogEvents".to_owned()),
                ..GroupLog::default()
            };
            let logs = Arc::make_mut(&mut snapshot.logs);
            logs.groups.insert("/aws/lambda/f".into(), Arc::new(group));
        }
        snapshot
    }

    fn check(&self) -> Check {
        let target = Target::Queue {
            arn: WORK.to_owned(),
            url: String::new(),
            fifo: self.fifo,
        };
        check(&[target], &self.evidence, &self.snapshot(), now())
    }
}

fn in_words(phrase: &Phrase) -> String {
    Words::utc().say(phrase)
}

fn said(check: &Check) -> String {
    let reasons = check
        .reasons
        .iter()
        .map(|reason| in_words(&words::reason(reason, now())));
    let notes = check.notes.iter().map(|note| in_words(&words::note(note, now())));
    reasons.chain(notes).collect::<Vec<_>>().join("\n")
}
