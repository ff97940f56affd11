//! Is the cause fixed? Reads what the check before a redrive needs, and says what it found.

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

/// How long the logs of the targets are waited for. Wall time.
const PATIENCE: Duration = Duration::from_secs(10);

/// Looks at what runs behind the targets of this evidence. What cannot be read in time stays unknown.
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

/// Its sentences, the reasons first.
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

/// Why a run that nobody watches does not begin; `None` if the check passed.
///
/// `canary` says whether one message goes first, or is the only one: it proves what is not proven yet.
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
        Verdict::Failed => "The check before the redrive failed",
        Verdict::Unproven => "The check before the redrive found no proof of a fix, and no canary is to bring it",
        _ if check.gaps.iter().all(|gap| matches!(gap, Gap::Unproved { .. })) => {
            "The check before the redrive found no proof of a fix"
        }
        _ => "The check before the redrive could not be made",
    };
    Some(format!(
        "{what}: {}. Nothing was sent. Fix that, or redrive all the same with --ignore-check.",
        plain(&Words::utc().say(&Phrase::clauses(said)))
    ))
}

/// It by the contract of JSON, its phrases not yet in words: fields are added, never renamed.
pub(super) fn document(check: &Check, now: Timestamp) -> Value {
    json!({
        "verdict": check.verdict(),
        "canary_first": check.verdict() == Verdict::Unproven,
        "reasons": told(&check.reasons, |one| words::reason(one, now)),
        "unknown": told(&check.gaps, |one| words::gap(one, now)),
        "notes": told(&check.notes, |one| words::note(one, now)),
    })
}

/// Each with its sentence.
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
