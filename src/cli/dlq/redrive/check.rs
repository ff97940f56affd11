//! Is the cause fixed? Reads what the check before a redrive needs, and reports its findings.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::dlq::check::{Check, Evidence, Gap, Verdict, check, functions_of, words};
use crate::dlq::{DlqService, Live};
use crate::domain::phrase::Phrase;
use crate::domain::text::plain;
use crate::store::Snapshot;
use crate::words::Words;

/// Longest wait for the logs of the targets. Wall time.
const PATIENCE: Duration = Duration::from_secs(10);

/// Checks the functions behind the targets. What cannot be read in time stays unknown.
pub(super) async fn look(service: &DlqService, live: &mut Live, evidence: &mut Evidence) -> Check {
    let (snapshot, targets) = (live.now(), evidence.targets.clone());
    let functions = functions_of(&targets, &snapshot);
    live.look_at(&functions);
    let is_read = |snapshot: &Arc<Snapshot>| {
        let runs = |id| snapshot.vitals.get(id).is_some_and(|vitals| vitals.runs.is_some());
        let refused = |id| snapshot.logs.of(id).any(|group| group.unread.is_some());
        functions.iter().all(|id| runs(id) || refused(id))
    };
    let both = async {
        let metrics = evidence.read(service.session(), &snapshot, &functions, service.clock().now());
        let _ = tokio::join!(metrics, tokio::time::timeout(PATIENCE, live.until(is_read)));
    };
    tokio::select! {
        () = both => {}
        () = service.stopped() => {}
    }
    check(&targets, evidence, &live.now(), service.clock().now())
}

/// The findings in words, reasons against a redrive first.
pub(super) fn lines(check: &Check, now: Timestamp) -> Vec<String> {
    let say = Words::utc();
    let verdict = format!("is the cause fixed? {}", say.say(&words::verdict(check)));
    let reasons = check.reasons.iter().map(|reason| words::reason(reason, now));
    let gaps = check.gaps.iter().map(|gap| words::gap(gap, now));
    let notes = check.notes.iter().map(|note| words::note(note, now));
    let found = reasons.chain(gaps).chain(notes).map(|one| say.say(&one));
    let lines = std::iter::once(verdict).chain(found);
    lines.map(|line| plain(&line).into_owned()).collect()
}

/// Why an unattended redrive must not start; `None` if the check passed.
///
/// `canary`: whether a message is sent first, or is the only one, which proves what is not proven yet.
pub(super) fn refusal(check: &Check, canary: bool, now: Timestamp) -> Option<String> {
    let said: Vec<Phrase> = match check.verdict() {
        Verdict::Passed => return None,
        Verdict::Failed => check.reasons.iter().map(|reason| words::reason(reason, now)).collect(),
        Verdict::Unknown => check.gaps.iter().map(|gap| words::gap(gap, now)).collect(),
        Verdict::Unproven if canary => return None,
        Verdict::Unproven => {
            let open = check.notes.iter().filter(|note| note.wants_canary());
            open.map(|note| words::note(note, now)).collect()
        }
    };
    let what = match check.verdict() {
        Verdict::Failed => "The cause is not fixed",
        Verdict::Unproven => "Whether the cause is fixed is not proven, and no canary is sent to prove it",
        _ if check.gaps.iter().all(|gap| matches!(gap, Gap::Unproved { .. })) => {
            "Whether the cause is fixed is not proven"
        }
        _ => "Whether the cause is fixed is unknown",
    };
    Some(format!(
        "{what}: {}. Nothing was sent. Fix that, or redrive anyway with --ignore-check.",
        plain(&Words::utc().say(&Phrase::clauses(said)))
    ))
}

/// The JSON of the contract, phrases not yet in words: fields are added, never renamed.
pub(super) fn document(check: &Check, now: Timestamp) -> Value {
    json!({
        "verdict": check.verdict(),
        "canary_first": check.verdict() == Verdict::Unproven,
        "reasons": told(&check.reasons, |one| words::reason(one, now)),
        "unknown": told(&check.gaps, |one| words::gap(one, now)),
        "notes": told(&check.notes, |one| words::note(one, now)),
    })
}

/// Each finding with its sentence.
fn told<T: Serialize>(all: &[T], text: impl Fn(&T) -> Phrase) -> Vec<Value> {
    let one = |one| {
        let mut value = serde_json::to_value(one).unwrap_or_default();
        if let Value::Object(fields) = &mut value {
            fields.insert("text".to_owned(), serde_json::to_value(text(one)).unwrap_or_default());
        }
        value
    };
    all.iter().map(one).collect()
}
