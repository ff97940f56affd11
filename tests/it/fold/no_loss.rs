//! When it can be said that nothing was lost: once all that could contradict it was read, and nothing announces a loss.

use pitagora::store::no_loss::{NoLoss, Unseen};

use super::*;

fn depth(queue: &str, visible: u64) -> Fact {
    Fact::Depth {
        queue: queue_id(queue),
        visible,
        in_flight: 0,
        delayed: 0,
    }
}

fn log(read: Vec<Line>) -> Fact {
    lines(read)
}

fn age(queue: &str, value: f64) -> Fact {
    Fact::Metric {
        subject: Subject::Node(queue_id(queue)),
        metric: Metric::OldestMessageAge,
        points: vec![Point { at: at(60), value }],
    }
}

fn no_loss(told: &mut Told) -> NoLoss {
    told.snapshot().no_loss()
}

#[test]
fn each_reading_that_could_contradict_it_is_waited_for() {
    let mut told = Told::default();
    assert_eq!(no_loss(&mut told), NoLoss::Unread(Unseen::Chain));
    let mut told = chain();
    assert_eq!(no_loss(&mut told), NoLoss::Unread(Unseen::Logs { count: 1 }));
    told.tell(60, log(vec![]));
    assert_eq!(no_loss(&mut told), NoLoss::Unread(Unseen::Depths { count: 2 }));
    told.tell(61, depth("q", 3)).tell(61, depth("dead", 2));
    // What is in the queue is read by a function; nothing takes out what is in the other one.
    assert_eq!(no_loss(&mut told), NoLoss::Unread(Unseen::Ages { count: 1 }));
    told.tell(62, age("dead", 40_000.0));
    assert_eq!(no_loss(&mut told), NoLoss::Known);
}

#[test]
fn a_log_that_cannot_be_read_any_more_takes_it_back() {
    let mut told = chain();
    told.tell(60, log(vec![]))
        .tell(61, depth("q", 0))
        .tell(61, depth("dead", 0));
    assert_eq!(no_loss(&mut told), NoLoss::Known);
    told.0.apply(Observation {
        at: at(70),
        scope: scope(),
        source: Source::Logs,
        what: Fact::SourceState {
            error: Some(Unknown {
                what: "logs".into(),
                why: "denied".into(),
            }),
        },
    });
    assert_eq!(no_loss(&mut told), NoLoss::Unread(Unseen::Refused { count: 1 }));
}

#[test]
fn nothing_is_called_safe_that_announces_a_loss() {
    let read = |detail: &dyn Fn(&mut Function)| {
        let mut told = chain();
        let mut work = function("work");
        if let Detail::Function(function) = &mut work.detail {
            detail(function);
        }
        told.tell(2, found("functions", vec![work], vec![]));
        told.tell(60, log(vec![]))
            .tell(61, depth("q", 0))
            .tell(61, depth("dead", 0));
        told
    };
    assert_eq!(no_loss(&mut read(&|_| ())), NoLoss::Known);
    // Nothing that something sends there is invoked.
    let mut refused = read(&|function| function.reserved_concurrency = Some(0));
    assert_eq!(no_loss(&mut refused), NoLoss::NotExcluded);
}
