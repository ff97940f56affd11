//! A journey in lines: a row a hop, with the evidence of the link before it at the row's end.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use super::Unsearched;
use crate::domain::delivery::Fate;
use crate::domain::duration::span;
use crate::domain::phrase::Arg;
use crate::domain::text::plain;
use crate::domain::{NodeId, RunOutcome};
use crate::journey::{Cut, Hop, Joint, Journey};
use crate::store::Snapshot;
use crate::words::{self, Words};

/// Characters of the id that are shown in the title.
const LONGEST: usize = 80;

/// The heads of the columns.
const HEADS: [&str; 6] = [
    "journey-heads-start",
    "journey-heads-function",
    "journey-heads-what",
    "journey-heads-waited",
    "journey-heads-ran",
    "journey-heads-known",
];

/// Puts a journey into lines.
struct Told<'a> {
    snapshot: &'a Snapshot,
    words: Words,
}

/// The journey, and what was not searched.
pub(super) fn whole(snapshot: &Snapshot, journey: &Journey, since: SignedDuration, unsearched: &Unsearched) -> String {
    let told = Told {
        snapshot,
        words: Words::utc(),
    };
    let mut text = told.journey(journey);
    for what in told.unsearched(since, unsearched) {
        let line = told.words.with("journey-not-searched", &[("what", Arg::Text(what))]);
        let _ = writeln!(text, "{line}");
    }
    text
}

/// An id as a title may show it.
fn shown(id: &str) -> String {
    let short: String = id.chars().take(LONGEST).collect();
    let cut = if short.len() < id.len() { "…" } else { "" };
    plain(&short).into_owned() + cut
}

impl Told<'_> {
    fn name(&self, id: &NodeId) -> String {
        let node = self.snapshot.topology.nodes.get(id);
        plain(node.map_or_else(|| id.short_name(), |node| &node.name)).into_owned()
    }

    fn journey(&self, journey: &Journey) -> String {
        let id = || ("id", Arg::Text(shown(&journey.id)));
        if journey.hops.is_empty() {
            let most = ("most", Arg::Count(64));
            let key = if journey.cut == Some(Cut::Common) {
                "journey-common"
            } else {
                "journey-none"
            };
            return self.words.with(key, &[id(), most]) + "\n";
        }
        let runs = journey.hops.iter().map(|hop| hop.attempts.len()).sum::<usize>();
        let counts = [id(), ("hops", journey.hops.len().into()), ("runs", runs.into())];
        let mut rows = vec![HEADS.map(|head| self.words.text(head))];
        rows.extend((0..journey.hops.len()).map(|n| self.row(journey, n)));
        let widths: Vec<usize> = (0..6)
            .map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0))
            .collect();
        let mut text = self.words.with("journey-title", &counts) + "\n";
        for row in &rows {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            let _ = writeln!(text, "{}", cells.join("  ").trim_end());
        }
        self.below(journey, &mut text);
        text
    }

    fn row(&self, journey: &Journey, n: usize) -> [String; 6] {
        let hop = &journey.hops[n];
        let before = journey
            .joints
            .iter()
            .filter(|joint| joint.to == n)
            .min_by_key(|joint| joint.link);
        let clock =
            |at: Option<Timestamp>| at.map_or_else(|| "?".to_owned(), |at| at.strftime("%H:%M:%S%.3f").to_string());
        let waited = journey.waited(n);
        let named = journey.named.contains(&n).then(|| self.words.text("journey-names-it"));
        [
            clock(hop.begin()),
            self.name(&hop.function),
            self.what(hop),
            waited.map_or_else(|| "-".to_owned(), length),
            hop.ran().map_or_else(|| "-".to_owned(), length),
            before.map_or_else(|| named.unwrap_or_else(|| "-".to_owned()), |joint| self.known(joint)),
        ]
    }

    /// How a link is known, by what, and what is between.
    fn known(&self, joint: &Joint) -> String {
        let (link, by) = (words::journey::link(joint.link), words::journey::by(joint.by));
        let mut known = format!("{}: {}", self.words.text(link), self.words.text(by));
        if !joint.through.is_empty() {
            let resources: Vec<String> = joint.through.iter().map(|id| self.name(id)).collect();
            let through = self
                .words
                .with("journey-through", &[("resources", Arg::Text(resources.join(", ")))]);
            let _ = write!(known, ", {through}");
        }
        known
    }

    fn what(&self, hop: &Hop) -> String {
        let mut parts = vec![self.outcome(hop)];
        if hop.batch.len() > 1 {
            parts.push(self.words.with("journey-batch", &[("n", (hop.batch.len() - 1).into())]));
        }
        if let Some(dead) = &hop.dead {
            parts.push(
                self.words
                    .with("journey-dead", &[("queue", Arg::Text(self.name(&dead.queue)))]),
            );
        }
        let Some(delivery) = &hop.delivery else {
            return parts.join(", ");
        };
        if let Some(end) = delivery.end.as_ref().filter(|_| hop.dead.is_none()) {
            match (&end.to, end.fate) {
                (Some(to), Fate::DeadLetter | Fate::Destination) => {
                    parts.push(
                        self.words
                            .with("journey-dead-predicted", &[("queue", Arg::Text(self.name(to)))]),
                    );
                }
                (_, Fate::Dropped | Fate::Expired) => parts.push(self.words.text("journey-dropped")),
                _ => {}
            }
        }
        if let (Some(next), Some(now)) = (&delivery.next, self.snapshot.as_of) {
            let n = ("n", Arg::Count(next.attempt.into()));
            parts.push(match next.latest.map(|latest| latest.duration_since(now)) {
                Some(left) if left.is_negative() => self.words.with("journey-next-late", &[n]),
                _ => {
                    let from = next.earliest.duration_since(now).max(SignedDuration::ZERO);
                    let when = next.latest.map_or_else(
                        || format!("{} or more", span(from.as_secs())),
                        |latest| format!("{}–{}", countdown(from), countdown(latest.duration_since(now))),
                    );
                    self.words.with("journey-next", &[n, ("when", Arg::Text(when))])
                }
            });
        }
        parts.join(", ")
    }

    fn outcome(&self, hop: &Hop) -> String {
        let n = hop.attempts.len();
        let last = hop.attempts.last().map(|run| run.outcome);
        let failed = hop.attempts.iter().filter(|run| run.outcome.is_failure()).count();
        match last {
            Some(RunOutcome::Ok) if failed > 0 => self.words.with("journey-succeeded-after", &[("n", n.into())]),
            Some(RunOutcome::Ok) => self.words.text("journey-succeeded"),
            Some(RunOutcome::Running) => self.words.text("journey-running"),
            Some(RunOutcome::Unknown) | None => self.words.text("journey-unknown"),
            Some(_) if n > 1 => self.words.with("journey-failed-times", &[("n", n.into())]),
            Some(_) => self.words.text("journey-failed"),
        }
    }

    fn below(&self, journey: &Journey, text: &mut String) {
        let runs = journey.hops.iter().map(|hop| hop.attempts.len()).sum::<usize>();
        let total = |each: &dyn Fn(usize) -> Option<SignedDuration>| {
            (0..journey.hops.len()).filter_map(each).sum::<SignedDuration>()
        };
        let waits = total(&|n| journey.waited(n));
        let ran = total(&|n| journey.hops[n].ran());
        let args = [
            ("waited", Arg::Text(length(waits))),
            ("ran", Arg::Text(length(ran))),
            ("runs", runs.into()),
        ];
        let _ = writeln!(text, "{}", self.words.with("journey-waited-ran", &args));
        for group in &journey.correlated {
            let mut functions: Vec<String> = group.others.iter().map(|(function, _)| self.name(function)).collect();
            functions.dedup();
            let args = [
                ("key", Arg::Text(shown(&group.key))),
                ("value", Arg::Text(shown(&group.value))),
                ("n", group.others.len().into()),
                ("functions", Arg::Text(functions.join(", "))),
            ];
            let _ = writeln!(text, "{}", self.words.with("journey-correlated-with", &args));
        }
        if journey.cut.is_some() {
            let _ = writeln!(text, "{}", self.words.text("journey-cut"));
        }
    }

    fn unsearched(&self, since: SignedDuration, unsearched: &Unsearched) -> Vec<String> {
        let mut all = Vec::new();
        if unsearched.dead_letter_queues > 0 {
            let n = ("n", unsearched.dead_letter_queues.into());
            all.push(self.words.with("journey-unsearched-dead-letters", &[n]));
        }
        let since = ("since", Arg::Text(span(since.as_secs())));
        all.push(self.words.with("journey-unsearched-older", &[since]));
        if unsearched.dropped > 0 {
            all.push(
                self.words
                    .with("journey-unsearched-dropped", &[("n", Arg::Count(unsearched.dropped))]),
            );
        }
        all
    }
}

/// `103 ms`, `1.9 s`, `2 min`.
fn length(length: SignedDuration) -> String {
    match length.as_millis() {
        ms @ ..1_000 => format!("{ms} ms"),
        ms @ ..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => span(length.as_secs()),
    }
}

/// `01:34`.
fn countdown(left: SignedDuration) -> String {
    let seconds = left.as_secs().max(0);
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}
