//! SQS moves a queue behind a canary that the own engine sends.

use std::collections::BTreeMap;
use std::sync::Arc;

use pitagora::dlq::state::Run;
use pitagora::dlq::{Command, DlqState, RedriveRequest};

use super::{Bench, may};

/// Whether the canary was sent and the rest waits.
fn waits(desk: &Arc<DlqState>) -> bool {
    desk.run.as_ref().is_some_and(Run::waits)
}

#[tokio::test(flavor = "multi_thread")]
async fn sqs_moves_the_rest_behind_a_canary_of_the_own_engine() {
    let mut bench = Bench::new(may()).await;
    let ids = bench.read().await;
    let mut wish = RedriveRequest::of(bench.dlq.clone(), ids.clone(), true, BTreeMap::new());
    wish.move_task = true;
    bench.ask(Command::Plan(wish)).await;
    let desk = bench.until(|desk| desk.planned.is_some()).await;
    let planned = desk.planned.clone().expect("a plan");
    let said = planned.course(1);
    assert!(planned.is_move_task() && said.canary == 1 && said.messages == 3);
    bench.ask(Command::Go { at_once: false }).await;
    let desk = bench.until(waits).await;
    let run = desk.run.clone().expect("a run");
    assert_eq!(run.course, said, "what was said is what is done");
    assert_eq!(run.progress().map(|progress| progress.sent), Some(1));
    assert_eq!(bench.counts("dlq").await.0, 2, "the rest is there, and visible");
    bench
        .until(|desk| desk.gone.values().any(|gone| gone.ids.len() == 1))
        .await;
    bench.ask(Command::GoOn).await;
    let desk = bench.until(|desk| desk.run.as_ref().is_some_and(|run| run.over)).await;
    let Some(task) = desk.run.as_ref().and_then(|run| run.task.as_ref()) else {
        panic!("{:?}", desk.run)
    };
    assert_eq!((task.status.as_str(), task.moved), ("COMPLETED", 2));
    let desk = bench
        .until(|desk| desk.gone.values().any(|gone| gone.ids.len() == 3))
        .await;
    assert_eq!(desk.gone[&bench.dlq].ids.len(), ids.len());
    bench.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stops_behind_the_canary_keeps_the_rest() {
    let mut bench = Bench::new(may()).await;
    let ids = bench.read().await;
    let mut wish = RedriveRequest::of(bench.dlq.clone(), ids, true, BTreeMap::new());
    wish.move_task = true;
    bench.ask(Command::Plan(wish)).await;
    bench.until(|desk| desk.planned.is_some()).await;
    bench.ask(Command::Go { at_once: false }).await;
    bench.until(waits).await;
    bench.ask(Command::Stop).await;
    bench.until(|desk| desk.run.as_ref().is_some_and(|run| run.over)).await;
    assert_eq!(bench.counts("dlq").await, (2, 0));
    bench.ask(Command::GoOn).await;
    bench.ask(bench.reading()).await;
    bench
        .until(|desk| desk.reading.is_none() && desk.letters.values().any(|letters| letters.entries.len() == 2))
        .await;
    bench.leave().await;
}
