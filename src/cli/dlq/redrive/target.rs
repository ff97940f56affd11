//! The functions that run with what is put back: whether they fail still, and whether they fail again.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::super::super::headless::Live;
use crate::desk::queues::{functions_behind, runs_since};
use crate::domain::text::plain;
use crate::domain::{Arn, NodeId};
use crate::store::snapshot::Runs;

/// How long the logs of the targets are waited for. Wall time.
const PATIENCE: Duration = Duration::from_secs(10);
/// How far back a failure is recent.
const LATELY: SignedDuration = SignedDuration::from_mins(15);

/// The targets of a run, looked at while it goes.
pub(super) struct Target {
    live: Live,
    /// The ARNs of what takes the messages.
    to: Vec<String>,
    started: Timestamp,
    /// Runs in the minutes of the run that were there before it began.
    before: (u64, u64),
    told: (u64, u64),
}

impl Target {
    pub(super) fn new(live: Live, to: Vec<String>, started: Timestamp) -> Self {
        Self {
            live,
            to,
            started,
            before: (0, 0),
            told: (0, 0),
        }
    }

    fn functions(&self) -> BTreeSet<NodeId> {
        functions(&self.live, &self.to)
    }

    /// The run begins: what its functions did so far is not its doing.
    pub(super) fn begin(&mut self, now: Timestamp) {
        self.started = now;
        self.before = runs_since(&self.functions(), self.started, &self.live.now());
    }

    /// Waits until its functions have run again; answers with all new runs, and how many of them failed.
    pub(super) async fn more_runs(&mut self) -> (u64, u64) {
        loop {
            self.live.more().await;
            let (all, failed) = runs_since(&self.functions(), self.started, &self.live.now());
            let runs = (all.saturating_sub(self.before.0), failed.saturating_sub(self.before.1));
            if runs != self.told {
                self.told = runs;
                return runs;
            }
        }
    }
}

/// The functions behind these targets. Their logs are read first and often from now on.
fn functions(live: &Live, to: &[String]) -> BTreeSet<NodeId> {
    let functions = functions_behind(to, &live.now().topology);
    live.look_at(&functions);
    functions
}

/// Says whether the functions behind these targets have failed lately: has the cause gone?
pub(super) async fn say_cause(live: &mut Live, to: &[String], now: Timestamp, stop: &CancellationToken) {
    let functions = functions(live, to);
    let is_read = |live: &Live| {
        let snapshot = live.now();
        let read = |id| snapshot.vitals.get(id).is_some_and(|vitals| vitals.runs.is_some());
        functions.iter().all(read)
    };
    let read = async {
        while !is_read(live) {
            live.more().await;
        }
    };
    tokio::select! {
        () = read => {}
        () = tokio::time::sleep(PATIENCE) => {}
        () = stop.cancelled() => return,
    }
    let snapshot = live.now();
    for id in &functions {
        let runs = snapshot.vitals.get(id).and_then(|vitals| vitals.runs.as_ref());
        let name = Arn::parse(id.as_str()).map_or(id.as_str(), |arn| arn.name());
        eprintln!("pitagora: {}", cause(&plain(name), runs, now));
    }
}

/// How a function has been lately, in one sentence.
fn cause(name: &str, runs: Option<&Runs>, now: Timestamp) -> String {
    let Some(runs) = runs else {
        return format!("the log of {name} was not read in time: whether the cause has gone is not known.");
    };
    let since = now.checked_sub(LATELY).unwrap_or(Timestamp::MIN);
    let sum = |points: &[crate::domain::Point]| -> f64 {
        let late = points.iter().filter(|point| point.at >= since);
        late.map(|point| point.value).sum()
    };
    let (all, failed) = (sum(&runs.starts), sum(&runs.failures));
    if all < 0.5 && failed < 0.5 {
        return format!("{name} has not run in the last 15 minutes: whether the cause has gone is not known.");
    }
    if failed < 0.5 {
        return format!("{name} ran {all:.0} times in the last 15 minutes, and no run failed.");
    }
    let all = all.max(failed);
    let mut text = format!("{failed:.0} of {all:.0} runs of {name} failed in the last 15 minutes");
    if let Some((at, error)) = &runs.last_error {
        let _ = write!(text, ", the last at {at:.0} ({})", plain(error));
    }
    match runs.failed_in_row {
        0 => text.push_str("; the last one was well."),
        _ => text.push_str(": the cause is still there."),
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Point;

    #[test]
    fn a_cause_is_gone_only_where_runs_show_it() {
        let now: Timestamp = "2026-01-01T00:30:00Z".parse().expect("a time");
        let points = |minute: i8, value: f64| {
            let at = format!("2026-01-01T00:{minute:02}:00Z").parse().expect("a time");
            vec![Point { at, value }]
        };
        assert!(cause("f", None, now).contains("not known"));
        let old = Runs {
            starts: points(5, 3.0),
            failures: points(5, 3.0),
            ..Runs::default()
        };
        assert!(
            cause("f", Some(&old), now).contains("has not run"),
            "long ago says nothing of now"
        );
        let well = Runs {
            starts: points(20, 4.0),
            ..Runs::default()
        };
        assert_eq!(
            cause("f", Some(&well), now),
            "f ran 4 times in the last 15 minutes, and no run failed."
        );
        let ill = Runs {
            failures: points(20, 1.0),
            failed_in_row: 1,
            last_error: Some((now, "KeyError: 'id'".into())),
            ..well
        };
        let said = cause("f", Some(&ill), now);
        assert!(
            said.starts_with("1 of 4 runs of f failed") && said.ends_with("the cause is still there."),
            "{said}"
        );
        assert!(said.contains("KeyError: 'id'"));
    }
}
