//! What will be lost, and that what is known to be lost stays so.

use crate::in_words::InWords as _;
use pitagora::domain::Source;
use pitagora::store::coming::Cause;
use pitagora::store::snapshot::Overview;
use proptest::prelude::*;

use super::losses::{asynchronous, kept, read_to};
use super::*;

fn failure(at: i64, id: &str) -> Vec<Line> {
    vec![start(at, id), report(at + 1, id, true)]
}

#[test]
fn an_event_that_will_be_dropped_is_announced_while_it_can_be_saved() {
    let mut told = asynchronous();
    told.tell(1_010, read_to(1_010, failure(1_000, "a")));
    let snapshot = told.snapshot();
    let coming = &snapshot.answers.coming;
    assert_eq!((coming.len(), coming[0].cause), (1, Cause::NoDeadLetterQueue));
    assert_eq!((&coming[0].of, coming[0].conditional), (&function_id("work"), false));
    let first = coming[0].earliest.expect("a window");
    assert!(first > at(1_170) && first < at(1_200), "{first}");
    let due = snapshot
        .troubles
        .iter()
        .find(|trouble| trouble.due.is_some())
        .expect("told");
    assert_eq!((due.severity, due.due), (Severity::Failing, Some(first)));
    assert!(due.why.said().contains("no DLQ"), "{}", due.why.said());
    // With a dead-letter queue nothing is lost.
    told.tell(1_011, found("configuration", vec![queue("dead")], vec![kept("work")]))
        .tell(1_013, Fact::Reached);
    assert!(told.snapshot().answers.coming.is_empty());
}

/// It is announced as without one, by its name.
#[test]
fn an_event_whose_dead_letter_queue_does_not_exist_is_announced_as_lost() {
    let mut told = asynchronous();
    let dead = Node {
        detail: Detail::None,
        ..queue("dead")
    };
    let missing = Missing {
        id: queue_id("dead"),
        qualifier: None,
    };
    told.tell(2, found("configuration", vec![dead], vec![kept("work")]))
        .tell(2, Fact::Missing([missing].into()))
        .tell(3, surveyed(&["rules", "configuration"]))
        .tell(1_010, read_to(1_010, failure(1_000, "a")));
    let snapshot = told.snapshot();
    let coming = &snapshot.answers.coming;
    assert_eq!((coming.len(), coming[0].cause), (1, Cause::KeeperGone));
    assert_eq!(
        (coming[0].gone.clone(), coming[0].conditional),
        (Some(queue_id("dead")), false)
    );
    let due = snapshot.troubles.iter().find(|trouble| trouble.due.is_some());
    let due = due.expect("told");
    assert_eq!(
        (due.severity, due.why.said().as_str()),
        (Severity::Failing, "its DLQ dead is gone")
    );
    let promised = snapshot
        .troubles
        .iter()
        .find(|trouble| trouble.next.said().contains("go to the DLQ"));
    assert_eq!(promised, None);
    // It exists again: nothing is lost.
    told.tell(1_011, found("queues", vec![queue("dead")], vec![]))
        .tell(1_013, Fact::Reached);
    assert!(told.snapshot().answers.coming.is_empty());
}

/// What can still be saved is counted down, beside one of which no line tells yet.
#[test]
fn an_event_that_may_be_lost_by_now_hides_none_that_can_be_saved() {
    let mut told = asynchronous();
    let first: Vec<Line> = [1_000, 1_066, 1_197]
        .into_iter()
        .flat_map(|at| failure(at, "a"))
        .collect();
    // The last attempt of the first is not in the log yet; its window is past.
    let lines = first.into_iter().take(4).chain(failure(1_150, "b")).collect();
    told.tell(1_160, read_to(1_160, lines)).tell(1_300, Fact::Reached);
    let snapshot = told.snapshot();
    let one = &snapshot.answers.coming[0];
    assert_eq!((one.count, one.past), (2, false));
    assert!(one.earliest.expect("a window") > at(1_320));
}

/// How sure the headline is: nothing known, perhaps, lost; and how many.
fn certainty(answers: &Overview) -> (u8, u64) {
    let count = answers.losses.count();
    match (count, answers.losses.unsure.is_empty()) {
        (0, true) => (0, 0),
        (0, false) => (1, 0),
        (n, _) => (2, n),
    }
}

/// What the pollers bring in each round. Metrics show minutes later, each series at its own time.
#[derive(Clone, Copy, Debug)]
enum Look {
    Log,
    Function,
    Account,
    Survey,
    Depths,
    Time,
}

fn looks() -> impl Strategy<Value = Vec<Look>> {
    let one = prop_oneof![
        3 => Just(Look::Log),
        2 => Just(Look::Function),
        2 => Just(Look::Account),
        1 => Just(Look::Survey),
        1 => Just(Look::Depths),
        2 => Just(Look::Time),
    ];
    prop::collection::vec(one, 20..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes first of log, function's and account's metric, and however late: what is known to be lost is never
    /// called "perhaps" again, and not forgotten within its hour, while everything can be read.
    #[test]
    fn the_headline_never_grows_less_certain(
        looks in looks(),
        step in 5_i64..30,
        (log_late, function_late, account_late) in (0_i64..40, 60_i64..200, 60_i64..200),
        events in 1_i64..4,
    ) {
        let mut told = asynchronous();
        // Each event fails three times, 66 and 197 s after its first run, and is dropped then.
        let runs: Vec<(i64, String)> = (0..events)
            .flat_map(|n| [0, 66, 197].map(|after| (1_000 + n * 10 + after, format!("e{n}"))))
            .collect();
        let dropped: Vec<i64> = (0..events).map(|n| 1_000 + n * 10 + 198).collect();
        let mut read = 0;
        let mut before = (0, 0);
        let mut now = 1_000;
        for look in looks {
            now += step;
            let shown = |late: i64| {
                let mut minutes = std::collections::BTreeMap::<i64, f64>::new();
                for at in dropped.iter().filter(|at| (*at / 60 + 1) * 60 + late <= now) {
                    *minutes.entry(at / 60 * 60).or_default() += 1.0;
                }
                minutes.into_iter().map(|(s, value)| Point { at: at(s), value }).collect::<Vec<_>>()
            };
            let counted = |subject, late| Fact::Metric {
                subject,
                metric: Metric::AsyncEventsDropped,
                points: shown(late),
            };
            let what = match look {
                Look::Log => {
                    let upto = now - log_late;
                    let lines = runs.iter().filter(|(at, _)| *at + 1 > read && *at < upto);
                    let lines: Vec<Line> = lines.flat_map(|(at, id)| failure(*at, id)).collect();
                    read = upto;
                    read_to(upto, lines)
                }
                Look::Function => counted(Subject::Node(function_id("work")), function_late),
                Look::Account => counted(Subject::Account, account_late),
                Look::Survey => surveyed(&["rules"]),
                Look::Depths => Fact::Progress { done: 1, total: 2 },
                Look::Time => Fact::Reached,
            };
            told.0.apply(Observation { at: at(now), scope: scope(), source: Source::Metrics, what });
            let answers = certainty(&told.snapshot().answers);
            prop_assert!(answers >= before, "{before:?} → {answers:?} at {now} after {look:?}");
            before = answers;
        }
    }
}
