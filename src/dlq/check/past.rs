//! What a function's log says of the time before the last minutes: read backwards, from now on, until an invocation is found
//! that ended, or everything that counts was read.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tokio::time::Instant;

use crate::aws::{Error, Session};
use crate::domain::{Detail, NodeId, Point};
use crate::logs::{Invocations, may_be_shared, owner};
use crate::store::runs::said;
use crate::store::snapshot::{Runs, Topology};

/// AWS (apis): a page is 10,000 lines or 1 MB, by a budget of five calls a second for the whole account.
const PAGES: usize = 20;
/// How long one check waits for a log. Wall time.
const PATIENCE: Duration = Duration::from_secs(8);
/// The first piece, from now back; each further one is four times as long.
const PIECE: SignedDuration = SignedDuration::from_mins(15);

/// What was read of one function's log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Past {
    /// Its invocations in short. Minutes are those of the whole time read, not of the last hour alone.
    pub runs: Runs,
    /// What was wanted and not read; `None` if it was not needed.
    pub unread: Option<Unread>,
}

/// Why a log was not read as far back as it would count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// From when on it was read; `None` if nothing was.
    pub since: Option<Timestamp>,
    /// From when on it would count.
    pub wanted: Timestamp,
    /// Why no further.
    pub why: Limit,
}

/// What ended the reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// As many pages as one check reads.
    Pages(usize),
    /// Seconds that one check waits.
    Seconds(u64),
    /// The answer could not be had.
    Failed(String),
}

/// Whether a stream is of this version. AWS (logs): its name has the version in brackets, `2026/11/30/[1]0123abcd`, behind the
/// function's name where the group is a named one.
fn is_of(version: Option<&str>, stream: &str) -> bool {
    version.is_none_or(|version| stream.contains(&format!("[{version}]")))
}

/// Reads a function's log, or that of one of its versions, from `now` back to `wanted`, or to the last invocation that ended; all of it where `whole`.
pub(super) async fn read(
    session: &Session,
    topology: &Topology,
    (function, version): (&NodeId, Option<&str>),
    (wanted, now): (Timestamp, Timestamp),
    whole: bool,
) -> Past {
    let group = group(topology, function);
    let writers: Vec<NodeId> = topology
        .nodes
        .values()
        .filter(|node| matches!(&node.detail, Detail::Function(function) if function.logging.group == group))
        .map(|node| node.id.clone())
        .collect();
    let writers = if writers.is_empty() {
        vec![function.clone()]
    } else {
        writers
    };
    let shared = may_be_shared(&group);
    let began = Instant::now();
    let (mut runs, mut pages) = (Invocations::default(), 0);
    let (mut to, mut piece, mut since) = (now, PIECE, None);
    while to > wanted {
        let from = to.checked_sub(piece).unwrap_or(wanted).max(wanted);
        let mut token: Option<String> = None;
        loop {
            let limit = if pages >= PAGES {
                Some(Limit::Pages(PAGES))
            } else {
                (began.elapsed() >= PATIENCE).then_some(Limit::Seconds(PATIENCE.as_secs()))
            };
            if let Some(why) = limit {
                return past(&mut runs, function, since, Some(Unread { since, wanted, why }));
            }
            pages += 1;
            let marks = session.chooses_lines();
            let asked = session.log_page(&group, (from, to), token.as_deref(), marks);
            let page = match asked.await {
                // A function that was never invoked has no log: nothing in it.
                Err(Error::NotFound) => return past(&mut runs, function, Some(wanted), None),
                Err(error) => {
                    let why = Limit::Failed(error.to_string());
                    return past(&mut runs, function, since, Some(Unread { since, wanted, why }));
                }
                Ok(page) => page,
            };
            for event in &page.events {
                let is_its = owner(&group, (&writers, shared), &event.line.stream) == Some(function);
                if is_its && is_of(version, &event.line.stream) {
                    runs.take(function, &event.line.stream, event.line.at, &event.line.text);
                }
            }
            token = page.token;
            if token.is_none() {
                break;
            }
        }
        since = Some(from);
        runs.refresh();
        if !whole && runs.runs(function).iter().any(|run| run.outcome.has_ended()) {
            break;
        }
        // AWS (logs): the end of a span counts as within it; the next piece must not bring a line twice.
        to = from.checked_sub(SignedDuration::from_millis(1)).unwrap_or(wanted);
        piece = piece.checked_mul(4).unwrap_or(piece);
    }
    past(&mut runs, function, since, None)
}

fn past(runs: &mut Invocations, function: &NodeId, since: Option<Timestamp>, unread: Option<Unread>) -> Past {
    runs.refresh();
    let all = runs.runs(function);
    let mut ended: Vec<_> = all
        .iter()
        .filter(|run| run.outcome.has_ended())
        .filter_map(|run| Some((run.end.or(run.start)?, run)))
        .collect();
    ended.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let row = ended.iter().take_while(|(_, run)| run.outcome.is_failure());
    let row: Vec<Timestamp> = row.map(|(at, _)| *at).collect();
    Past {
        runs: Runs {
            starts: minutes(all.iter().filter_map(|run| run.start)),
            failures: minutes(
                ended
                    .iter()
                    .filter(|(_, run)| run.outcome.is_failure())
                    .map(|(at, _)| *at),
            ),
            last_start: all.iter().filter_map(|run| run.start).max(),
            last_success: ended
                .iter()
                .find(|(_, run)| !run.outcome.is_failure())
                .map(|(at, _)| *at),
            last_error: ended.iter().find_map(|(at, run)| Some((*at, said(run)?))),
            failing_since: row.last().copied(),
            failed_in_row: u32::try_from(row.len()).unwrap_or(u32::MAX),
            read_since: since,
            ..Runs::default()
        },
        unread,
    }
}

/// Counts by the minute, oldest first.
fn minutes(times: impl Iterator<Item = Timestamp>) -> Vec<Point> {
    let mut counts: BTreeMap<i64, f64> = BTreeMap::new();
    for at in times {
        *counts.entry(at.as_second().div_euclid(60) * 60).or_default() += 1.0;
    }
    let points = counts.into_iter();
    points
        .filter_map(|(second, value)| {
            Some(Point {
                at: Timestamp::from_second(second).ok()?,
                value,
            })
        })
        .collect()
}

/// What the snapshot has of a function's invocations, and what was read further back.
pub(super) fn joined(now: &Runs, past: &Runs) -> Runs {
    let newest_error = now.last_error.as_ref().map(|(at, _)| *at);
    let older_error = past.last_error.as_ref().map(|(at, _)| *at);
    Runs {
        starts: union(&past.starts, &now.starts),
        failures: union(&past.failures, &now.failures),
        last_start: now.last_start.max(past.last_start),
        last_success: now.last_success.max(past.last_success),
        last_error: if older_error > newest_error {
            past.last_error.clone()
        } else {
            now.last_error.clone()
        },
        failing_since: now.failing_since.or(past.failing_since),
        failing_longer: now.failing_longer,
        // All that the snapshot knows of has failed: the row goes on further back.
        failed_in_row: if now.last_success.is_none() {
            now.failed_in_row.max(past.failed_in_row)
        } else {
            now.failed_in_row
        },
        lately: now.lately,
        read_since: match (now.read_since, past.read_since) {
            (Some(now), Some(past)) => Some(now.min(past)),
            (one, other) => one.or(other),
        },
        read_to: now.read_to,
    }
}

/// Both read some of the same minutes: the one that knows more of a minute has it whole.
fn union(one: &[Point], other: &[Point]) -> Vec<Point> {
    let mut all: BTreeMap<Timestamp, f64> = BTreeMap::new();
    for point in one.iter().chain(other) {
        let known = all.entry(point.at).or_default();
        *known = known.max(point.value);
    }
    all.into_iter().map(|(at, value)| Point { at, value }).collect()
}

/// The group that a function writes to. AWS (logs): `/aws/lambda/<name>` where nothing else is configured.
fn group(topology: &Topology, function: &NodeId) -> String {
    match topology.nodes.get(function).map(|node| &node.detail) {
        Some(Detail::Function(function)) if !function.logging.group.is_empty() => function.logging.group.clone(),
        _ => {
            let name = function.short_name();
            format!("/aws/lambda/{name}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + s).expect("a time")
    }

    #[test]
    fn a_stream_names_the_version_that_wrote_it() {
        let streams = ["2026/11/30/[1]0123abcd", "2026/11/30/work[1]0123abcd"];
        for stream in streams {
            assert!(is_of(Some("1"), stream) && is_of(None, stream) && !is_of(Some("11"), stream));
            assert!(!is_of(Some("$LATEST"), stream));
        }
        assert!(!is_of(Some("1"), "2026/11/30/[$LATEST]0123abcd"));
    }

    #[test]
    fn what_was_read_further_back_adds_to_what_is_known_of_now() {
        let past = Runs {
            starts: minutes([at(0), at(5), at(125)].into_iter()),
            failures: minutes([at(5)].into_iter()),
            last_error: Some((at(5), "KeyError".to_owned())),
            failed_in_row: 1,
            read_since: Some(at(0)),
            ..Runs::default()
        };
        let quiet = Runs {
            read_since: Some(at(7_200)),
            ..Runs::default()
        };
        let both = joined(&quiet, &past);
        assert_eq!((both.read_since, both.failed_in_row), (Some(at(0)), 1));
        assert_eq!(both.last_error, Some((at(5), "KeyError".to_owned())));
        assert_eq!(
            both.starts.iter().map(|point| point.value).collect::<Vec<_>>(),
            [2.0, 1.0]
        );
        // A success since then ends the row.
        let well = Runs {
            last_success: Some(at(7_300)),
            ..quiet
        };
        assert_eq!(joined(&well, &past).failed_in_row, 0);
    }
}
