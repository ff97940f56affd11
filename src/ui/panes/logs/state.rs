//! The log pane: which lines are shown, which one is chosen, and whether the end is followed.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::domain::log::Level;
use crate::domain::{Invocation, NodeId};
use crate::logs::invocations::Runs;
use crate::logs::search::Span;
use crate::logs::{Filter, LineId, Logs, Pattern, Search, Shown, View};
use crate::store::snapshot::Snapshot;
use crate::ui::panes::logs::search::{Job, Marks};
use crate::ui::panes::runs::state::Table;

/// One request's lines: of which function, and its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The function.
    pub function: NodeId,
    /// Its id.
    pub id: String,
    /// Which of its attempts; all of them where nothing is said.
    pub attempt: Option<u32>,
}

/// The state of the pane.
#[derive(Clone, Debug, Default)]
pub struct LogPane {
    /// Only lines that match.
    pub pattern: Option<Pattern>,
    /// Only lines of this level or a graver one.
    pub level: Option<Level>,
    /// Only the lines of one function.
    pub only: Option<NodeId>,
    /// Only the lines of one request.
    pub request: Option<Request>,
    /// The chosen line; nothing while the end is followed.
    pub chosen: Option<LineId>,
    /// The row on screen where it is.
    pub row: usize,
    /// The last line when following was let go: what comes after it is new.
    pub left_at: Option<LineId>,
    /// Whether long lines go on in the next row.
    pub wrap: bool,
    /// Whether the service's lines are shown as they are: else one line stands for the end of an invocation.
    pub marks_shown: bool,
    /// Lines that are unfolded.
    pub open: HashSet<LineId>,
    /// From when on lines are read, where somebody asked for more than the last quarter of an hour.
    pub since: Option<jiff::Timestamp>,
    /// The table of runs that it was opened from.
    pub table: Option<Table>,
    /// Whether a live tail is wanted.
    pub live: bool,
    /// The lines to show.
    pub view: View,
    /// Where the pattern matches in the rows on screen.
    pub marks: Option<Arc<Marks>>,
    /// The search at work; until it is done, the lines are those of the search before.
    pub searching: Option<Job>,
    /// Whether it was not handed out yet.
    is_new: bool,
    search: Search,
    /// The lines that the view is of.
    seen: Option<Arc<Logs>>,
}

impl LogPane {
    /// A pane that follows the end of one function's log, or of all.
    #[must_use]
    pub fn of(only: Option<NodeId>) -> Self {
        Self {
            only,
            ..Self::default()
        }
    }

    /// A pane on one request.
    #[must_use]
    pub fn on(request: Request) -> Self {
        Self {
            only: Some(request.function.clone()),
            request: Some(request),
            ..Self::default()
        }
    }

    /// Whether the end is followed.
    #[must_use]
    pub fn follows(&self) -> bool {
        self.chosen.is_none()
    }

    /// Looks at the lines there are now.
    pub fn update_from(&mut self, snapshot: &Snapshot) {
        let filter = Filter {
            pattern: self.pattern.clone(),
            level: self.level,
            functions: self.only.iter().cloned().collect(),
            request: self.request.as_ref().map(|request| spans(request, snapshot)),
            without_marks: !self.marks_shown,
            ..Filter::default()
        };
        let is_known = *self.search.filter() == filter;
        let Some(pattern) = &filter.pattern else {
            self.stop();
            (self.marks, self.seen) = (None, None);
            if !is_known {
                self.search = Search::new(filter);
            }
            self.view = self.search.view(&snapshot.logs);
            return;
        };
        if self.marks.as_ref().is_none_or(|marks| marks.pattern() != pattern) {
            self.marks = Some(Arc::new(Marks::new(pattern.clone())));
        }
        // One of the same filter looks again once it is done.
        if self.searching.as_ref().is_some_and(|job| *job.filter() == filter) {
            return;
        }
        self.stop();
        let is_seen = |seen: &Arc<Logs>| Arc::ptr_eq(seen, &snapshot.logs);
        if is_known && self.seen.as_ref().is_some_and(is_seen) {
            return;
        }
        let search = if is_known {
            self.search.clone()
        } else {
            Search::new(filter)
        };
        self.searching = Some(Job::new(search, Arc::clone(&snapshot.logs), !is_known));
        self.is_new = true;
    }

    fn stop(&mut self) {
        if let Some(job) = self.searching.take() {
            job.stop().store(true, Ordering::Relaxed);
        }
    }

    /// The search that is to begin, once.
    pub fn job(&mut self) -> Option<Job> {
        std::mem::take(&mut self.is_new)
            .then(|| self.searching.clone())
            .flatten()
    }

    /// Takes in what a search found, and looks at what came in meanwhile.
    pub fn searched(&mut self, job: Job, view: View, snapshot: &Snapshot) {
        if self.searching.take_if(|mine| mine.is(&job)).is_none() {
            return;
        }
        let (search, logs) = job.into_parts();
        (self.search, self.seen, self.view) = (search, Some(logs), view);
        self.update_from(snapshot);
    }

    /// How many lines came after following was let go.
    #[must_use]
    pub fn new_lines(&self) -> usize {
        let behind = self.left_at.as_ref().and_then(|id| self.view.line(id));
        behind.map_or(0, |walk| self.view.len().saturating_sub(walk.position() + 1))
    }

    /// The chosen line; the last one while the end is followed.
    #[must_use]
    pub fn line(&self) -> Option<Shown<'_>> {
        let Some(id) = &self.chosen else {
            return self.view.end().backward();
        };
        if let Some(mut walk) = self.view.line(id) {
            return walk.forward();
        }
        // It was let go to make room, or no longer matches: the next one in time.
        let at = jiff::Timestamp::from_millisecond(id.at).ok()?;
        self.view.at(at).forward().or_else(|| self.view.end().backward())
    }

    /// Goes some lines up or down. Down from the last line follows the end again.
    pub fn go(&mut self, lines: isize, height: usize) {
        let Some(from) = self.line().map(|line| line.id()) else {
            return;
        };
        let Some(mut walk) = self.view.line(&from) else { return };
        let mut to = None;
        for _ in 0..lines.unsigned_abs() {
            let next = if lines < 0 {
                walk.backward()
            } else {
                // The walk stands before the present line.
                walk.forward();
                let mut ahead = walk.clone();
                ahead.forward()
            };
            match next {
                Some(line) => to = Some(line.id()),
                None => break,
            }
        }
        let row = if self.follows() {
            height.saturating_sub(1)
        } else {
            self.row
        };
        match to {
            Some(id) => self.choose(id),
            None if lines > 0 => return self.follow(),
            None => self.choose(from),
        }
        self.row = row.saturating_add_signed(lines).min(height.saturating_sub(1));
    }

    /// Chooses a line, and lets go of the end.
    pub fn choose(&mut self, id: LineId) {
        if self.follows() {
            self.left_at = self.view.end().backward().map(|line| line.id());
        }
        self.chosen = Some(id);
    }

    /// To the first line.
    pub fn top(&mut self) {
        if let Some(id) = self.view.start().forward().map(|line| line.id()) {
            self.choose(id);
            self.row = 0;
        }
    }

    /// Chooses the last error, where there is one.
    pub fn choose_error(&mut self) {
        let mut walk = self.view.end();
        while let Some(line) = walk.backward() {
            if line.line.level >= Some(Level::Error) {
                let id = line.id();
                self.choose(id);
                return;
            }
        }
    }

    /// Follows the end.
    pub fn follow(&mut self) {
        self.chosen = None;
        self.left_at = None;
    }

    /// Unfolds the chosen line, or folds it.
    pub fn unfold(&mut self) {
        let Some(id) = self.line().map(|line| line.id()) else {
            return;
        };
        if !self.open.remove(&id) {
            self.open.insert(id.clone());
        }
        self.choose(id);
    }

    /// Reads further back: one hour, three, twelve.
    pub fn further(&mut self, now: jiff::Timestamp) {
        let hours = [1, 3, 12].map(jiff::SignedDuration::from_hours);
        let back = self
            .since
            .map_or(jiff::SignedDuration::ZERO, |since| now.duration_since(since));
        let next = hours.into_iter().find(|hours| *hours > back).unwrap_or(hours[2]);
        let since = now - next;
        self.since = Some(self.since.map_or(since, |before| before.min(since)));
    }

    /// The next level: all, information, warnings, errors.
    pub fn next_level(&mut self) {
        self.level = match self.level {
            None => Some(Level::Info),
            Some(Level::Info) => Some(Level::Warn),
            Some(Level::Warn) => Some(Level::Error),
            Some(_) => None,
        };
    }
}

/// When and where the attempts of a request ran. A run whose end was not seen goes on.
fn spans(request: &Request, snapshot: &Snapshot) -> Vec<Span> {
    let Some(runs) = snapshot.invocations.get(&request.function) else {
        return Vec::new();
    };
    let wanted = |run: &&std::sync::Arc<Invocation>| request.attempt.is_none_or(|n| run.attempt == n);
    runs.attempts(&request.id)
        .filter(wanted)
        .map(|run| Span {
            stream: run.stream.clone(),
            from: run.start.map_or(i64::MIN, jiff::Timestamp::as_millisecond),
            to: run.end.map_or(i64::MAX, jiff::Timestamp::as_millisecond),
        })
        .collect()
}

/// The run that a line belongs to.
#[must_use]
pub fn owner<'a>(shown: &Shown<'_>, snapshot: &'a Snapshot) -> Option<&'a Invocation> {
    let line = &shown.line;
    let function = line.stream.function.as_ref()?;
    let runs: &Runs = snapshot.invocations.get(function)?;
    let parsed = crate::logs::parse::parse(line.text);
    runs.owner(&line.stream.name, line.at, parsed.request_id.as_deref())
        .map(AsRef::as_ref)
}

/// What an unfolded line shows, row by row: JSON indented, lines that were joined taken apart.
#[must_use]
pub fn unfolded(text: &str) -> Vec<String> {
    let trimmed = text.trim();
    if trimmed.starts_with(['{', '['])
        && let Ok(value) = serde_json::from_str::<serde_json::Value>(trimmed)
    {
        let pretty = format!("{value:#}");
        return pretty.lines().map(str::to_owned).collect();
    }
    // Python's runtime joins a traceback by carriage returns, and indents it with no-break spaces.
    let rows = text.split(['\r', '\n']).map(|row| row.replace('\u{a0}', " "));
    let rows: Vec<String> = rows.map(|row| row.trim_end().to_owned()).collect();
    let end = rows.iter().rposition(|row| !row.is_empty()).map_or(1, |last| last + 1);
    rows.into_iter().take(end).collect()
}

/// How many rows a line has when it is unfolded, as far as that can be told at a glance.
#[must_use]
pub fn has_more(text: &str) -> bool {
    let text = text.trim_end();
    text.starts_with('{') || text.contains(['\r', '\n'])
}

/// Which logs the pane looks at, of those there are.
pub fn groups<'a>(pane: &'a LogPane, logs: &'a Logs) -> impl Iterator<Item = &'a crate::logs::GroupLog> {
    logs.groups
        .values()
        .map(AsRef::as_ref)
        .filter(|group| pane.only.as_ref().is_none_or(|only| group.functions.contains(only)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceback_joined_by_carriage_returns_is_taken_apart() {
        let text = "[ERROR] KeyError: 'a'\rTraceback (most recent call last):\r\u{a0}\u{a0}File \"x\"\r";
        assert_eq!(
            unfolded(text),
            [
                "[ERROR] KeyError: 'a'",
                "Traceback (most recent call last):",
                "  File \"x\""
            ]
        );
        assert!(has_more(text) && !has_more("START RequestId: 1\n"));
    }

    #[test]
    fn json_is_indented_and_what_only_looks_like_it_stays() {
        assert_eq!(unfolded("{\"a\":1}\n"), ["{", "  \"a\": 1", "}"]);
        assert_eq!(unfolded("{not json"), ["{not json"]);
        assert_eq!(unfolded(""), [""]);
    }
}
