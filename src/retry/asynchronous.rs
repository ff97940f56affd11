//! Asynchronous events: Lambda's own queue runs a failed one again after about 1 and 2 minutes, with the same request
//! id, until its retries or its age are used up.

use jiff::{SignedDuration, Timestamp};

use super::input::Input;
use super::passed::{overdue, reach};
use super::place::{Place, begun, heard};
use super::policy::{
    ASYNC_MAX_AGE, ASYNC_RETRIES, ASYNC_WAITS, MEMORY, Window, async_retry, async_wait, plus, throttle_pause,
};
use super::sort::Tries;
use super::words::{between, clock, count, span};
use crate::domain::delivery::{AttemptOutcome, Delivery, End, Fate, Known, Missed, Outlook, Pattern, Prediction};
use crate::domain::{Edge, EdgeKind, Invocation, Metric, NodeId};

/// How long a function tries an event, and where it leaves what it gives up.
struct Policy<'a> {
    retries: u32,
    max_age: SignedDuration,
    dead_letter: Option<&'a NodeId>,
    on_failure: Option<&'a NodeId>,
}

/// Why an event was given up.
#[derive(Clone, Copy)]
enum Reason {
    Retries,
    Age,
    Off,
}

impl<'a> Policy<'a> {
    fn of(place: &Place<'a>) -> Self {
        Self::with(
            place.config.async_retries,
            place.config.async_max_age_s,
            place.dead_letter(),
            &place.out,
            qualifier(place),
        )
    }

    fn with(
        retries: Option<u32>,
        max_age_s: Option<u32>,
        dead_letter: Option<&'a NodeId>,
        out: &[&'a Edge],
        qualifier: Option<&str>,
    ) -> Self {
        let on_failure = out.iter().find(|edge| {
            edge.key.kind == EdgeKind::Destination
                && edge.key.qualifier.as_deref() == qualifier
                && edge
                    .policies
                    .iter()
                    .any(|policy| policy.condition.as_deref() == Some("OnFailure"))
        });
        // An alias has a configuration of its own; it is known where it has a destination.
        let own = on_failure
            .filter(|_| qualifier.is_some())
            .and_then(|edge| edge.policies.first());
        let number = |n: Option<i64>| n.and_then(|n| u32::try_from(n).ok());
        Self {
            retries: own
                .map_or(retries, |policy| number(policy.max_retries))
                .unwrap_or(ASYNC_RETRIES),
            max_age: own
                .map_or(max_age_s, |policy| number(policy.max_age_s))
                .map_or(ASYNC_MAX_AGE, |s| SignedDuration::from_secs(s.into())),
            dead_letter,
            on_failure: on_failure.map(|edge| &edge.key.to),
        }
    }

    fn fate(&self, reason: Reason) -> (Fate, Option<NodeId>) {
        match (self.dead_letter, self.on_failure, reason) {
            (Some(queue), _, _) => (Fate::DeadLetter, Some(queue.clone())),
            (None, Some(target), _) => (Fate::Destination, Some(target.clone())),
            (None, None, Reason::Retries | Reason::Off) => (Fate::Dropped, None),
            (None, None, Reason::Age) => (Fate::Expired, None),
        }
    }

    /// Where it lands, to end a sentence.
    fn lands(&self, input: &Input) -> String {
        let name = |id| input.name(id).to_owned();
        match (self.dead_letter, self.on_failure) {
            (Some(queue), Some(target)) => format!("it lands in {} and {}", name(queue), name(target)),
            (Some(only), None) | (None, Some(only)) => format!("it lands in {}", name(only)),
            (None, None) => "it is dropped: the function has no dead-letter queue and no destination".to_owned(),
        }
    }
}

/// The alias or version that all known triggers use, if it is one.
fn qualifier<'a>(place: &Place<'a>) -> Option<&'a str> {
    let mut used = place
        .triggers
        .asynchronous
        .iter()
        .map(|edge| edge.key.qualifier.as_deref());
    let first = used.next()??;
    used.all(|other| other == Some(first)).then_some(first)
}

/// One event, from its tries.
pub(super) fn delivery(place: &Place, tries: &Tries) -> Delivery {
    let first = first_number(place, &tries.runs);
    let attempts: Vec<_> = (first.unwrap_or(1)..)
        .zip(&tries.runs)
        .map(|(n, run)| place.attempt(n, run))
        .collect();
    let mut row = Delivery {
        id: tries.runs.first().map(|run| run.request_id.clone()).unwrap_or_default(),
        function: place.id.clone(),
        source: source(place, tries),
        pattern: Pattern::Asynchronous,
        attempts,
        next: None,
        waits: None,
        missed: None,
        overdue: None,
        outlook: None,
        end: None,
        count: 1,
        estimate: false,
        notes: Vec::new(),
    };
    if let Some(done) = row
        .attempts
        .iter()
        .position(|attempt| attempt.outcome == AttemptOutcome::Ok)
    {
        succeeded(&mut row, done);
        return row;
    }
    let (Some(last), Some(run)) = (row.attempts.last().cloned(), tries.runs.last()) else {
        return row;
    };
    let story = Story {
        place,
        policy: Policy::of(place),
        tries,
        run,
        first,
        failures: last.n,
    };
    if last.outcome == AttemptOutcome::Running {
        story.running(&mut row);
    } else {
        story.failed(&mut row, last.outcome == AttemptOutcome::Unknown);
    }
    row
}

fn succeeded(row: &mut Delivery, done: usize) {
    let good = &row.attempts[done];
    let later = row.attempts.len() - done - 1;
    row.end = Some(End {
        fate: Fate::Succeeded,
        at: good.end.or(good.start),
        not_before: None,
        to: None,
        evidence: Known::Observed,
        why: match good.n {
            1 => "its run ended well".to_owned(),
            n => format!("attempt {n} ended well"),
        },
    });
    if later > 0 {
        // AWS: an asynchronous event may be delivered more than once.
        row.notes.push(format!(
            "{} after it had succeeded: delivered twice, not tried again",
            count(later as u64, "START")
        ));
    }
}

/// Where it came from, where only one source can have sent it.
fn source(place: &Place, tries: &Tries) -> Option<NodeId> {
    let triggers = &place.triggers;
    match (&triggers.asynchronous[..], &triggers.either[..]) {
        _ if tries.only_if.is_some() => None,
        ([only], []) | ([], [only]) => Some(only.key.from.clone()),
        _ => None,
    }
}

/// The number of the first try that was seen; nothing where earlier ones may lie before what was read.
fn first_number(place: &Place, runs: &[&Invocation]) -> Option<u32> {
    let (Some(from), Some(start)) = (place.log.from, runs.first().and_then(|run| begun(run))) else {
        return Some(1);
    };
    let [one, two] = ASYNC_WAITS;
    if start.duration_since(from) > (two + two / 4) + place.timeout() {
        return Some(1);
    }
    // Two tries tell by the pause between them.
    let (ended, next) = (place.ended(runs[0])?, begun(runs.get(1)?)?);
    let pause = next.duration_since(ended.earliest);
    Some(if pause > (one + two) / 2 { 2 } else { 1 })
}

/// What is known of an event whose tries all failed so far.
struct Story<'p, 'a> {
    place: &'p Place<'a>,
    policy: Policy<'a>,
    tries: &'p Tries<'a>,
    run: &'p Invocation,
    first: Option<u32>,
    failures: u32,
}

impl Story<'_, '_> {
    /// When the event is too old. It was accepted a moment before its first run.
    fn too_old(&self) -> Option<Timestamp> {
        let start = self.tries.runs.first().and_then(|run| begun(run))?;
        Some(plus(start, self.policy.max_age))
    }

    fn is_too_old(&self, at: Timestamp) -> bool {
        self.too_old().is_some_and(|limit| at > limit)
    }

    fn running(&self, row: &mut Delivery) {
        let Some(start) = heard(self.run) else { return };
        let ends = Window {
            earliest: self.place.now().max(start),
            latest: plus(start, self.place.timeout()).max(self.place.now()),
        };
        row.outlook = Some(self.outlook(ends, self.failures));
    }

    fn failed(&self, row: &mut Delivery, unknown: bool) {
        let Some(ended) = self.place.ended(self.run) else {
            row.waits = Some("when its last run ended is not known".to_owned());
            return;
        };
        if self.first.is_none() && self.policy.retries > 0 {
            return self.unclear(row, ended);
        }
        if self.failures > self.policy.retries {
            return self.over(row, ended, Reason::Retries);
        }
        let (Some(window), Some(wait)) = (async_retry(self.failures, ended), async_wait(self.failures)) else {
            // More attempts than AWS makes: what is observed stands, and nothing follows from the rules.
            row.waits = Some("more attempts were seen than AWS makes: what comes next is not known".to_owned());
            return;
        };
        if self.is_too_old(plus(ended.earliest, wait)) {
            return self.over(row, ended, Reason::Age);
        }
        if self.place.is_off() {
            return self.off(row, window);
        }
        if let Some(missed) = self.place.missed(window) {
            return self.not_seen(row, window, missed);
        }
        let mut only_if: Vec<String> = self.tries.only_if.iter().cloned().collect();
        if unknown {
            only_if.push("its last run failed, which no line tells".to_owned());
        }
        let mut latest = window.latest;
        if let Some(limit) = self.too_old().filter(|limit| *limit < window.latest) {
            only_if.push(format!(
                "its wait ends within its maximum age of {}",
                span(self.policy.max_age)
            ));
            latest = limit.max(window.earliest);
        }
        row.next = Some(Prediction {
            earliest: window.earliest,
            latest: Some(latest),
            attempt: self.failures + 1,
            rule: format!(
                "{} after the end of failed run {}, and up to an eighth more",
                span(wait),
                self.failures
            ),
            only_if: (!only_if.is_empty()).then(|| only_if.join(", and ")),
        });
        let ends = Window {
            earliest: window.earliest,
            latest: plus(window.latest, self.place.timeout()),
        };
        row.outlook = Some(self.outlook(ends, self.failures + 1));
    }

    /// Attempts before what was read may have been: the next is one of two, or none.
    fn unclear(&self, row: &mut Delivery, ended: Window) {
        row.notes
            .push("earlier attempts may lie before what was read of the log".to_owned());
        row.waits =
            Some("which attempt this was is not known: the log was not read far enough back (see --since)".to_owned());
        if let Some(window) = async_retry(2, ended).filter(|window| window.latest <= self.place.now()) {
            let (due, words) = overdue(Some(self.place.log), window, self.failures + 1);
            row.overdue = Some(due);
            row.waits = Some(format!("{words}; which attempt this was is not known"));
        } else if let Some(window) = async_retry(1, ended) {
            row.next = Some(Prediction {
                earliest: window.earliest,
                latest: None,
                attempt: self.failures + 1,
                rule: "after about 1 or 2 minutes, if attempts are left".to_owned(),
                only_if: self.tries.only_if.clone(),
            });
        }
        if let Some(missed) = async_retry(2, ended).and_then(|window| self.place.missed(window)) {
            row.next = None;
            row.waits = None;
            row.overdue = None;
            let (fate, to) = self.policy.fate(Reason::Retries);
            row.end = Some(End {
                fate: if self.tries.only_if.is_some() {
                    Fate::Unknown
                } else {
                    fate
                },
                at: Some(ended.latest),
                not_before: None,
                to: to.filter(|_| self.tries.only_if.is_none()),
                evidence: Known::Inferred,
                why: format!(
                    "no attempt came after this one, and the log is complete to {} UTC: {}",
                    clock(missed.complete_to),
                    self.policy.lands(self.place.input)
                ),
            });
        }
    }

    fn over(&self, row: &mut Delivery, ended: Window, reason: Reason) {
        let lands = self.policy.lands(self.place.input);
        let attempts = count(self.failures.into(), "attempt");
        let why = match reason {
            Reason::Retries => format!("{attempts} failed, and no retry is left: {lands}"),
            Reason::Age => format!(
                "{attempts} failed, and the next wait would end past its maximum age of {}: {lands}",
                span(self.policy.max_age)
            ),
            Reason::Off => format!("the function's reserved concurrency is 0: {lands}"),
        };
        let (fate, to) = self.policy.fate(reason);
        let sure = self.tries.only_if.is_none();
        row.end = Some(End {
            fate: if sure { fate } else { Fate::Unknown },
            at: Some(ended.latest),
            not_before: Some(ended.earliest).filter(|earliest| *earliest < ended.latest),
            to: to.filter(|_| sure),
            evidence: Known::Inferred,
            why: match &self.tries.only_if {
                None => why,
                Some(doubt) => format!("if {doubt}: {why}; else its caller got the error"),
            },
        });
    }

    /// Nothing runs: at its next try the event is refused and ends.
    fn off(&self, row: &mut Delivery, window: Window) {
        if self.place.missed(window).is_some() {
            return self.over(row, window, Reason::Off);
        }
        let (fate, to) = self.policy.fate(Reason::Off);
        row.waits = Some(if window.latest > self.place.now() {
            format!(
                "the function's reserved concurrency is 0: its next try is refused at {}, and the event ends",
                between(window)
            )
        } else {
            format!(
                "the function's reserved concurrency is 0: its next try was refused at {}; {}",
                between(window),
                reach(Some(self.place.log))
            )
        });
        row.outlook = Some(Outlook {
            fate,
            to,
            earliest: Some(window.earliest),
            latest: Some(window.latest),
            attempts_left: Some(0),
            rule: self.policy.lands(self.place.input),
        });
    }

    /// The window passed, and the log is complete past it.
    fn not_seen(&self, row: &mut Delivery, window: Window, missed: Missed) {
        let said = format!(
            "expected {}, not seen; the log is complete to {} UTC",
            between(window),
            clock(missed.complete_to)
        );
        if self.tries.only_if.is_some() {
            // The prediction held under a condition: it is the condition that was not so.
            row.pattern = Pattern::RequestResponse;
            row.end = Some(End {
                fate: Fate::Unknown,
                at: Some(self.run.end.unwrap_or(window.earliest)),
                not_before: None,
                to: None,
                evidence: Known::Inferred,
                why: format!(
                    "no retry came ({said}), so it was a call that waits for its answer: its caller got the error"
                ),
            });
            return;
        }
        row.missed = Some(missed);
        let too_old = self.too_old().filter(|limit| *limit < missed.complete_to);
        if let Some(limit) = too_old {
            let (fate, to) = self.policy.fate(Reason::Age);
            row.end = Some(End {
                fate,
                at: Some(limit),
                not_before: None,
                to,
                evidence: Known::Inferred,
                why: format!(
                    "{said}; by now it is past its maximum age of {}: {}",
                    span(self.policy.max_age),
                    self.policy.lands(self.place.input)
                ),
            });
            return;
        }
        let throttled = self.place.input.throttled_within(self.place.id, MEMORY);
        let why = if throttled {
            let late = missed.complete_to.duration_since(window.earliest);
            format!(
                "; the function is throttled: tried again at least every {}",
                span(throttle_pause(late))
            )
        } else {
            String::new()
        };
        row.waits = Some(format!("{said}; what comes next is not known{why}"));
        let (fate, to) = self.policy.fate(Reason::Age);
        row.outlook = Some(Outlook {
            fate,
            to,
            earliest: None,
            latest: self.too_old(),
            attempts_left: Some(self.policy.retries + 1 - self.failures),
            rule: format!(
                "at its maximum age of {}, or after its last attempt: {}",
                span(self.policy.max_age),
                self.policy.lands(self.place.input)
            ),
        });
    }

    /// Where it ends if all goes on failing, from the end of the `failures`-th run on.
    fn outlook(&self, mut ends: Window, mut failures: u32) -> Outlook {
        let mut reason = Reason::Retries;
        while failures <= self.policy.retries {
            let (Some(next), Some(wait)) = (async_retry(failures, ends), async_wait(failures)) else {
                break;
            };
            if self.is_too_old(plus(ends.earliest, wait)) {
                reason = Reason::Age;
                break;
            }
            failures += 1;
            ends = Window {
                earliest: next.earliest,
                latest: plus(next.latest, self.place.timeout()),
            };
        }
        let (fate, to) = self.policy.fate(reason);
        let left = failures.saturating_sub(self.failures);
        Outlook {
            fate,
            to,
            earliest: Some(ends.earliest),
            latest: Some(ends.latest),
            attempts_left: Some(left),
            rule: format!(
                "{}{} left; then {}",
                self.tries
                    .only_if
                    .as_ref()
                    .map(|doubt| format!("if {doubt}: "))
                    .unwrap_or_default(),
                count(left.into(), "attempt"),
                self.policy.lands(self.place.input)
            ),
        }
    }
}

/// Events that ended without a line: throttled until they were too old, or refused. Only a metric counts them.
pub(super) fn dropped_unseen(input: &Input, rows: &[Delivery]) -> Vec<Delivery> {
    let mut found = Vec::new();
    for ((id, metric), measured) in &input.metrics {
        let Some(config) = input.function(id).filter(|_| *metric == Metric::AsyncEventsDropped) else {
            continue;
        };
        let off = config.reserved_concurrency == Some(0);
        if !(off || input.throttled_within(id, MEMORY)) {
            continue;
        }
        let told = rows.iter().filter(|row| {
            row.function == **id
                && row.pattern == Pattern::Asynchronous
                && row.end.as_ref().is_some_and(|end| end.fate != Fate::Succeeded)
        });
        let unseen = measured.total(input.now, MEMORY).saturating_sub(told.count() as u64);
        let Some(last) = measured.last().filter(|_| unseen > 0) else {
            continue;
        };
        let out: Vec<&Edge> = input
            .edges
            .iter()
            .map(AsRef::as_ref)
            .filter(|edge| edge.key.from == **id)
            .collect();
        let dead_letter = out
            .iter()
            .find(|edge| super::is_dead_letter_of_function(edge))
            .map(|edge| &edge.key.to);
        let policy = Policy::with(config.async_retries, config.async_max_age_s, dead_letter, &out, None);
        let (fate, to) = policy.fate(if off { Reason::Off } else { Reason::Age });
        let why = if off {
            "its reserved concurrency is 0".to_owned()
        } else {
            format!("throttled until past their maximum age of {}", span(policy.max_age))
        };
        found.push(Delivery {
            id: format!("dropped {id}"),
            function: (*id).clone(),
            source: None,
            pattern: Pattern::Asynchronous,
            attempts: Vec::new(),
            next: None,
            waits: None,
            missed: None,
            overdue: None,
            outlook: None,
            end: Some(End {
                fate,
                at: Some(last.at),
                not_before: None,
                to,
                evidence: Known::Observed,
                why: format!(
                    "{} ended without a line in the log (metric AsyncEventsDropped): {why}; {}",
                    count(unseen, "event"),
                    policy.lands(input)
                ),
            }),
            count: unseen,
            estimate: false,
            notes: Vec::new(),
        });
    }
    found
}
