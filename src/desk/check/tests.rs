//! What speaks against a redrive, told over small chains: a queue `work` with the dead-letter queue `dlq`, read by `f`.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Check, Counts, Died, Evidence, Gap, Note, Reason, Verdict, check, words};
use crate::aws::function_now::FunctionNow;
use crate::domain::{
    Detail, Edge, EdgeKind, EdgePolicy, Evidence as Known, Function, Node, NodeId, NodeKind, Point, Queue,
};
use crate::logs::held::GroupLog;
use crate::permissions::Obstacle;
use crate::redrive::way::Target;
use crate::store::snapshot::{Runs, Snapshot, Topology, Vitals};

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
            log_group: "/aws/lambda/f".to_owned(),
            ..Function::default()
        },
        mapping: EdgePolicy {
            id: Some("uuid".to_owned()),
            state: Some("Enabled".to_owned()),
            batch_size: Some(1),
            partial_response: Some(false),
            last_modified: Some(ago(90)),
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
        let trigger = Edge::new(WORK.into(), F.into(), EdgeKind::Trigger, Known::Configured);
        let dead = Edge::new(WORK.into(), DLQ.into(), EdgeKind::DeadLetter, Known::Configured);
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

fn said(check: &Check) -> String {
    let reasons = check.reasons.iter().map(|reason| words::reason(reason, now()));
    let notes = check.notes.iter().map(|note| words::note(note, now()));
    reasons.chain(notes).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_function_that_works_passes() {
    let check = healthy().check();
    assert_eq!(check.verdict(), Verdict::Passed, "{check:?}");
    assert_eq!(
        said(&check),
        "f: 4 invocations in the last 15 min, none failed; last success 4 min ago"
    );
}

#[test]
fn throttles_speak_against_it_although_no_invocation_failed() {
    let mut story = healthy();
    let throttled = Counts {
        throttles: points(9, 156.0),
        ..Counts::default()
    };
    story.counts(throttled.clone());
    story.function.reserved_concurrency = Some(1);
    story.evidence.messages = 1;
    let check = story.check();
    assert_eq!(check.verdict(), Verdict::Failed);
    assert!(
        said(&check)
            .contains("f: throttled 156 times in the last 1 h, the last time 9 min ago (reserved concurrency 1)"),
        "{}",
        said(&check)
    );
    // The limit was taken off, or raised above what the mapping asks for, and nothing was throttled since.
    for reserved in [None, Some(50)] {
        story.function.reserved_concurrency = reserved;
        let check = story.check();
        assert!(check.passes(), "{check:?}");
        assert!(
            matches!(check.notes[0], Note::ThrottledBefore { times: 156, .. }),
            "{check:?}"
        );
    }
    // Metrics are late: what was throttled just now may still be.
    story.counts(Counts {
        throttles: points(3, 2.0),
        ..Counts::default()
    });
    assert!(matches!(
        story.check().reasons[..],
        [Reason::Throttled { times: 2, .. }]
    ));
}

#[test]
fn no_concurrency_and_too_little_of_it_speak_against_it() {
    let mut story = healthy();
    story.function.reserved_concurrency = Some(0);
    assert_eq!(story.check().reasons, [Reason::ConcurrencyZero { function: F.into() }]);
    story.function.reserved_concurrency = Some(2);
    let low = Reason::ConcurrencyLow {
        function: F.into(),
        reserved: 2,
        wanted: 5,
        batches: 10,
    };
    assert_eq!(story.check().reasons, [low]);
    // Two batches fit; a mapping that asks for no more does; a FIFO queue has as many as it has groups.
    story.mapping.batch_size = Some(5);
    assert!(story.check().passes());
    story.mapping.batch_size = Some(1);
    story.mapping.maximum_concurrency = Some(2);
    assert!(story.check().passes());
    story.mapping.maximum_concurrency = None;
    story.fifo = true;
    assert!(story.check().passes());
    story.fifo = false;
    // A rate is the person's own remedy.
    story.evidence.rate = Some(1);
    let check = story.check();
    assert!(
        check.passes()
            && check
                .notes
                .iter()
                .any(|note| matches!(note, Note::ConcurrencyTight { .. }))
    );
    story.evidence.rate = None;
    // Where invocations are short, all can run before the receives are used up.
    let quick = |ms| Counts {
        duration_ms: points(5, ms),
        ..Counts::default()
    };
    story.counts(quick(120.0));
    assert!(story.check().passes());
    story.counts(quick(20_000.0));
    assert!(!story.check().passes());
}

#[test]
fn a_mapping_that_is_disabled_or_refused_speaks_against_it() {
    let mut story = healthy();
    (story.enabled, story.mapping.state) = (false, Some("Disabled".to_owned()));
    let disabled = Reason::MappingDisabled {
        function: F.into(),
        queue: WORK.into(),
        state: "Disabled".to_owned(),
    };
    assert_eq!(story.check().reasons, [disabled]);
    let mut story = healthy();
    let result = "PROBLEM: The provided execution role does not have permissions to call ReceiveMessage on SQS";
    story.mapping.last_result = Some(result.to_owned());
    assert!(matches!(&story.check().reasons[..], [Reason::MappingRefused { result: said, .. }] if said == result));
    // What its function did is told by the function's own invocations.
    story.mapping.last_result = Some("PROBLEM: Function call failed".to_owned());
    assert!(story.check().passes());
}

#[test]
fn a_state_that_refuses_and_a_missing_target_speak_against_it() {
    let mut story = healthy();
    story.function.state = Some("Failed".to_owned());
    assert!(matches!(&story.check().reasons[..], [Reason::StateRefuses { state, .. }] if state == "Failed"));
    story.function.state = Some("Inactive".to_owned());
    assert!(story.check().passes(), "it comes back by itself");
    let target = Target::Queue {
        arn: "arn:aws:sqs:r:1:gone".to_owned(),
        url: String::new(),
        fifo: false,
    };
    let mut snapshot = healthy().snapshot();
    let id = NodeId::from(target.arn());
    let bare = Node {
        id: id.clone(),
        kind: NodeKind::Sqs,
        name: "gone".to_owned(),
        detail: Detail::None,
    };
    Arc::make_mut(&mut snapshot.topology)
        .nodes
        .insert(id.clone(), Arc::new(bare));
    let found = check(&[target], &Evidence::default(), &snapshot, now());
    assert_eq!(found.reasons, [Reason::Missing { target: id }]);
}

#[test]
fn failing_invocations_count_unless_a_deployment_came_after_them() {
    let mut story = healthy();
    let error = (ago(2), "KeyError: 'price'".to_owned());
    story.runs().failures = points(2, 3.0);
    story.runs().failed_in_row = 3;
    story.runs().last_error = Some(error.clone());
    let check = story.check();
    assert_eq!(
        words::reason(&check.reasons[0], now()),
        "f: 3 of 4 invocations failed in the last 15 min, the last one 2 min ago: KeyError: 'price'"
    );
    // Deployed since, and not invoked since: nobody knows, and that stops nothing.
    story.function.last_modified = Some(ago(1));
    let check = story.check();
    assert!(check.passes(), "{check:?}");
    assert_eq!(
        said(&check),
        "f: not invoked since it was deployed 1 min ago: not known to be fixed"
    );
    // Some succeed in between: an error of another kind than that of the messages is another matter.
    story.function.last_modified = Some(ago(60));
    story.runs().failed_in_row = 0;
    story.evidence.died = vec![Died {
        error: Some(super::died::kind("ValueError: no price in order 17")),
        ..died(120, 118)
    }];
    assert!(story.check().passes());
    story.runs().last_error = Some((ago(2), "ValueError: no price in order 18".to_owned()));
    assert!(
        matches!(story.check().reasons[..], [Reason::Failing { failed: 3, .. }]),
        "the same but for its number"
    );
}

#[test]
fn a_failure_of_long_ago_counts_while_nothing_was_deployed() {
    let mut story = healthy();
    *story.runs() = Runs {
        last_error: Some((ago(40), "KeyError: 'price'".to_owned())),
        failed_in_row: 2,
        last_start: Some(ago(40)),
        ..Runs::default()
    };
    let text = said(&story.check());
    assert!(
        text.starts_with(
            "f: its last 2 invocations failed, the last one 40 min ago, and nothing was deployed since: KeyError: 'price'"
        ),
        "{text}"
    );
}

#[test]
fn errors_that_only_the_metric_knows_count() {
    let mut story = healthy();
    story.counts(Counts {
        invocations: points(6, 8.0),
        errors: points(6, 2.0),
        ..Counts::default()
    });
    let text = said(&story.check());
    assert!(
        text.contains("f: 2 of 8 invocations failed in the last 15 min (metric Errors"),
        "{text}"
    );
    story.function.last_modified = Some(ago(5));
    assert!(story.check().passes(), "before the deployment");
}

#[test]
fn invocations_that_succeed_and_give_messages_back_speak_against_it() {
    let mut story = healthy();
    story.mapping.partial_response = Some(true);
    story.runs().starts = points(30, 6.0);
    story.evidence.died = vec![died(31, 29)];
    let partial = Reason::PartialFailures {
        function: F.into(),
        queue: WORK.into(),
        messages: 1,
    };
    assert_eq!(story.check().reasons, [partial]);
    // Throttled, failed, not read so far back, tried before the last deployment: there is another explanation.
    let mut throttled = healthy();
    throttled.mapping.partial_response = Some(true);
    throttled.runs().starts = points(30, 6.0);
    throttled.evidence.died = vec![died(31, 29)];
    throttled.counts(Counts {
        throttles: points(30, 1.0),
        ..Counts::default()
    });
    assert!(throttled.check().passes());
    story.runs().failures = points(30, 1.0);
    assert!(story.check().passes());
    story.runs().failures.clear();
    story.runs().read_since = Some(ago(20));
    assert!(story.check().passes());
    story.runs().read_since = Some(ago(60));
    story.function.last_modified = Some(ago(30));
    assert!(story.check().passes());
}

/// A function that always fails: three messages died of it 23 minutes ago, and nothing ran since.
fn morning_after() -> Story {
    let mut story = healthy();
    *story.runs() = Runs {
        read_since: Some(ago(15)),
        read_to: Some(now()),
        ..Runs::default()
    };
    story.evidence.died = vec![died(26, 23), died(25, 23)];
    let of = |value| points(24, value);
    story.counts(Counts {
        invocations: of(9.0),
        errors: of(9.0),
        ..Counts::default()
    });
    story
}

#[test]
fn a_function_that_always_fails_does_not_pass_because_it_is_silent() {
    let check = morning_after().check();
    assert_eq!(
        said(&check),
        "f: its last 9 invocations failed, the last one 24 min ago, and nothing was deployed since"
    );
    assert_eq!(check.verdict(), Verdict::Failed);
    // The log tells what it said.
    let mut story = morning_after();
    story.runs().failed_in_row = 9;
    story.runs().last_error = Some((ago(24), "ValueError: always".to_owned()));
    assert!(said(&story.check()).ends_with("nothing was deployed since: ValueError: always"));
    // Nothing of it was read: that proves nothing either way.
    let mut story = morning_after();
    story.counts(Counts::default());
    let check = story.check();
    assert_eq!(check.verdict(), Verdict::Unknown, "{check:?}");
    assert_eq!(
        words::gap(&check.gaps[0]),
        "f: no invocation is known to have succeeded since the messages died: not proved that the cause is fixed"
    );
    assert_eq!(
        words::verdict(&check),
        "unknown: nothing proves that the cause is fixed"
    );
    // A success from before their deaths is none since.
    story.runs().last_success = Some(ago(30));
    assert_eq!(story.check().verdict(), Verdict::Unknown);
    story.runs().last_success = Some(ago(10));
    assert!(story.check().passes());
}

#[test]
fn a_deployment_or_a_success_since_is_what_passes() {
    let mut story = morning_after();
    story.function.last_modified = Some(ago(10));
    let check = story.check();
    assert!(check.passes(), "{check:?}");
    assert_eq!(
        said(&check),
        "f: not invoked since it was deployed 10 min ago: not known to be fixed"
    );
    // Deployed before the messages died: no fix.
    story.function.last_modified = Some(ago(23));
    story.counts(Counts::default());
    assert_eq!(story.check().verdict(), Verdict::Unknown);
    // The metric tells of one that succeeded before the log was read.
    let mut story = morning_after();
    let well = [(24, 9.0), (20, 1.0)].map(|(minute, value)| Point { at: ago(minute), value });
    story.counts(Counts {
        invocations: well.to_vec(),
        errors: points(24, 9.0),
        ..Counts::default()
    });
    let check = story.check();
    assert!(check.passes(), "{check:?}");
    assert_eq!(said(&check), "f: last success 20 min ago, no failure since");
    // A durable function ends well also while it waits.
    story.function.durable = true;
    assert_eq!(story.check().verdict(), Verdict::Failed);
}

#[test]
fn only_invocations_since_the_deployment_are_counted() {
    let mut story = healthy();
    story.runs().starts = [(10, 9.0), (4, 1.0)]
        .map(|(minute, value)| Point { at: ago(minute), value })
        .to_vec();
    story.runs().failures = points(10, 9.0);
    story.runs().last_error = Some((ago(10), "KeyError: 'a'".to_owned()));
    story.function.last_modified = Some(ago(6));
    let check = story.check();
    assert!(check.passes(), "{check:?}");
    assert_eq!(
        said(&check),
        "f: 1 invocation since it was deployed 6 min ago, none failed; last success 4 min ago"
    );
    // It fails after it as well.
    story.runs().failed_in_row = 1;
    story.runs().failures = [(10, 9.0), (4, 1.0)]
        .map(|(minute, value)| Point { at: ago(minute), value })
        .to_vec();
    story.runs().last_error = Some((ago(4), "KeyError: 'a'".to_owned()));
    assert!(said(&story.check()).starts_with("f: 1 of 1 invocations failed since it was deployed 6 min ago"));
}

#[test]
fn messages_that_died_since_the_last_change_speak_against_it() {
    let mut story = healthy();
    story.evidence.died = vec![died(9, 7), died(6, 4), died(40, 38)];
    let check = story.check();
    assert_eq!(
        words::reason(&check.reasons[0], now()),
        "dlq: 2 messages came in within the last 15 min, the last one about 4 min ago; the last deployment or mapping \
         change was 1 h ago, before their first attempt"
    );
    // The fix came while they were tried: it does not have them on its account.
    story.function.last_modified = Some(ago(5));
    assert!(story.check().passes());
}

#[test]
fn what_was_not_read_is_unknown_and_never_passed() {
    let mut story = healthy();
    story.evidence.counts.insert(
        F.into(),
        Err("access denied: allow cloudwatch:GetMetricData".to_owned()),
    );
    let check = story.check();
    assert_eq!(check.verdict(), Verdict::Unknown);
    assert!(matches!(&check.gaps[..], [Gap::Metrics { why, .. }] if why.contains("GetMetricData")));
    let mut story = healthy();
    story.log_denied = true;
    let check = story.check();
    assert_eq!(check.verdict(), Verdict::Unknown);
    assert!(matches!(&check.gaps[..], [Gap::Log { why, .. }] if why.contains("FilterLogEvents")));
    assert_eq!(
        words::gap(&check.gaps[0]),
        "f: whether its invocations fail is unknown: its log could not be read (access denied: allow logs:FilterLogEvents)"
    );
    // A reason weighs more than a gap.
    story.function.reserved_concurrency = Some(0);
    assert_eq!(story.check().verdict(), Verdict::Failed);
}

#[test]
fn a_target_elsewhere_whose_own_dead_letter_queue_grew_speaks_against_it() {
    let mut story = healthy();
    let depths = [(20, 1.0), (8, 1.0), (6, 3.0), (4, 2.0), (2, 6.0)];
    let depths = depths.map(|(minute, value)| Point { at: ago(minute), value });
    story.vitals.insert(
        DLQ.into(),
        Vitals {
            depths: depths.to_vec(),
            ..Vitals::default()
        },
    );
    let grew = Reason::OwnQueueGrew {
        target: WORK.into(),
        queue: DLQ.into(),
        by: 6,
    };
    assert_eq!(story.check().reasons, [grew]);
    // Where it is the queue that is read, its messages tell; reading makes counts fall and rise.
    story.evidence.died = vec![died(120, 118)];
    assert!(story.check().passes());
}

#[test]
fn a_cut_link_kills_what_goes_through_it_and_not_what_goes_around() {
    let topic = "arn:aws:sns:r:1:t";
    let mut snapshot = healthy().snapshot();
    let cut = Edge::new(topic.into(), F.into(), EdgeKind::Trigger, Known::Configured).key;
    let key = Obstacle::AwsManagedKey("alias/aws/sns".to_owned());
    Arc::make_mut(&mut snapshot.arrivals).cut.insert(cut, key);
    let evidence = healthy().evidence;
    let of = |target| check(&[target], &evidence, &snapshot, now());
    let published = of(Target::Topic { arn: topic.to_owned() });
    assert!(
        matches!(&published.reasons[..], [Reason::Denied(denied)] if denied.target == F.into()),
        "{published:?}"
    );
    let invoked = of(Target::Event { arn: F.to_owned() });
    assert!(
        invoked.passes() && matches!(&invoked.notes[..], [.., Note::CutLink(_)]),
        "{invoked:?}"
    );
    assert!(said(&invoked).contains("t cannot reach f: ") && said(&invoked).contains("goes around that"));
}

#[test]
fn a_queue_that_nobody_reads_is_told() {
    let target = Target::Queue {
        arn: DLQ.to_owned(),
        url: String::new(),
        fifo: false,
    };
    let found = check(&[target], &Evidence::default(), &healthy().snapshot(), now());
    assert!(found.passes());
    assert_eq!(found.notes, [Note::NobodyReads { queue: DLQ.into() }]);
}

#[test]
fn what_a_function_is_now_outranks_the_survey() {
    let mut story = healthy();
    story.function.reserved_concurrency = Some(0);
    story.function.state = Some("Failed".to_owned());
    story.evidence.now.insert(F.into(), FunctionNow::default());
    assert!(story.check().passes(), "lifted and deployed since");
    let off = FunctionNow {
        reserved: Some(0),
        ..FunctionNow::default()
    };
    story.evidence.now.insert(F.into(), off);
    assert_eq!(story.check().reasons, [Reason::ConcurrencyZero { function: F.into() }]);
}

#[test]
fn whole_batches_are_named_where_one_message_fails_them() {
    let mut story = healthy();
    story.mapping.batch_size = Some(10);
    story.runs().failures = points(2, 3.0);
    story.runs().failed_in_row = 1;
    story.runs().last_error = Some((ago(2), "KeyError".to_owned()));
    let text = said(&story.check());
    assert!(
        text.contains("f on work: ReportBatchItemFailures off: one failure retries the whole batch (batch size 10)"),
        "{text}"
    );
}
