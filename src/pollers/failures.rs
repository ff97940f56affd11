//! Errors of failed invocations during the attempts of queue messages, read from logs once.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::aws::{Error, Session};
use crate::dead_letters::run_history::{Answer, FailedBatch};
use crate::domain::{Invocation, NodeId, RunError};
use crate::logs::signature::signature;
use crate::logs::{Invocations, may_be_shared, owner};

/// Pages of a log that are read at most: 10,000 lines or 1 MB each, by a budget of five calls a second.
const PAGES: usize = 20;

/// The invocations of functions in spans of time.
#[derive(Debug, Default)]
pub(super) struct Failures {
    read: BTreeMap<NodeId, Span>,
}

#[derive(Debug)]
struct Span {
    from: Timestamp,
    to: Timestamp,
    runs: Vec<Arc<Invocation>>,
}

impl Failures {
    /// Reads one function's log; `all` are the functions that write to its group. Answers with whether it was read whole.
    pub(super) async fn read(
        &mut self,
        session: &Session,
        group: &str,
        (function, all): (&NodeId, &[NodeId]),
        (from, to): (Timestamp, Timestamp),
    ) -> Result<bool, Error> {
        let mut runs = Invocations::default();
        let shared = may_be_shared(group);
        let mut token: Option<String> = None;
        for _ in 0..PAGES {
            let marks = session.chooses_lines();
            let page = match session.log_page(group, (from, to), token.as_deref(), marks).await {
                // A function that was never invoked has no log.
                Err(Error::NotFound) => crate::domain::log::Page::default(),
                other => other?,
            };
            for event in &page.events {
                if owner(group, (all, shared), &event.line.stream) == Some(function) {
                    runs.take(function, &event.line.stream, event.line.at, &event.line.text);
                }
            }
            token = page.token;
            if token.is_none() {
                runs.refresh();
                let runs = runs.runs(function).iter().cloned().collect();
                self.read.insert(function.clone(), Span { from, to, runs });
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The last invocation whose lines name a message.
    pub(super) fn run_of_message(&self, function: &NodeId, message_id: &str) -> Option<Invocation> {
        let runs = self.read.get(function)?.runs.iter();
        let names = |run: &&Arc<Invocation>| run.message_ids.iter().any(|id| id == message_id);
        runs.filter(names)
            .max_by_key(|run| run.start)
            .map(|run| Invocation::clone(run))
    }

    /// Failed invocations that began between two moments, with the messages that their lines name.
    pub(super) fn batches(&self, function: &NodeId, from: Timestamp, to: Timestamp) -> Answer<Vec<FailedBatch>> {
        let span = self
            .read
            .get(function)
            .filter(|span| span.from <= from && to <= span.to);
        let Some(span) = span else { return Answer::Unread };
        let failed = span.runs.iter().filter(|run| run.outcome.is_failure());
        let batches = failed.filter_map(|run| {
            Some(FailedBatch {
                start: run.start.filter(|start| (from..=to).contains(start))?,
                message_ids: run.message_ids.iter().map(ToString::to_string).collect(),
                error: run.error.clone().unwrap_or_default(),
            })
        });
        Answer::Yes(batches.collect())
    }

    /// What failed invocations said that began between two moments: each error once, the most frequent one first.
    pub(super) fn errors(&self, function: &NodeId, from: Timestamp, to: Timestamp) -> Answer<Vec<RunError>> {
        let Some(span) = self
            .read
            .get(function)
            .filter(|span| span.from <= from && to <= span.to)
        else {
            return Answer::Unread;
        };
        let mut errors: BTreeMap<String, (usize, RunError)> = BTreeMap::new();
        let failed = span.runs.iter().filter(|run| run.outcome.is_failure());
        for run in failed.filter(|run| run.start.is_some_and(|start| (from..=to).contains(&start))) {
            let error = run.error.clone().unwrap_or_default();
            errors.entry(signature(&error)).or_insert((0, error)).0 += 1;
        }
        let mut errors: Vec<_> = errors.into_values().collect();
        errors.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        if errors.is_empty() {
            return Answer::No;
        }
        Answer::Yes(errors.into_iter().map(|(_, error)| error).collect())
    }
}
