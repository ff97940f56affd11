//! Which delivery comes first, how long ended ones stay, and when the picture changes by itself.

use jiff::{SignedDuration, Timestamp};

use crate::domain::delivery::{Deliveries, Delivery, Fate};

/// The last that is known to have happened to it.
fn touched(row: &Delivery) -> Option<Timestamp> {
    let attempts = row.attempts.iter().flat_map(|attempt| [attempt.start, attempt.end]);
    attempts.flatten().chain(row.end.as_ref().and_then(|end| end.at)).max()
}

fn is_lost(fate: Fate) -> bool {
    matches!(fate, Fate::Dropped | Fate::Expired)
}

/// Forgets what ended long ago.
pub(super) fn forget(rows: &mut Vec<Delivery>, now: Timestamp, memory: SignedDuration) {
    rows.retain(|row| row.end.is_none() || touched(row).is_none_or(|at| now.duration_since(at) <= memory));
}

/// What needs a person soonest first: what will be lost, by the time of it; then what was lost; then what is under way, by
/// the time at which it is given up; then what has ended. Of those of one time, and what is overdue, the newest first.
pub(super) fn sort(rows: &mut [Delivery], now: Timestamp) {
    rows.sort_by_cached_key(|row| {
        let newest = std::cmp::Reverse(touched(row));
        let (class, by) = match (&row.end, &row.outlook) {
            (None, Some(outlook)) if is_lost(outlook.fate) => {
                let at = outlook.earliest.or(outlook.latest).unwrap_or(Timestamp::MAX);
                (0, at)
            }
            (Some(end), _) if is_lost(end.fate) => (1, Timestamp::MIN),
            (None, outlook) => {
                let at = outlook.as_ref().and_then(|outlook| outlook.earliest.or(outlook.latest));
                (2, at.map_or(Timestamp::MAX, |at| at.max(now)))
            }
            (Some(_), _) => (3, Timestamp::MIN),
        };
        (class, by, newest, row.function.clone(), row.id.clone())
    });
}

/// When the next window opens or passes: until then the picture stays as it is, unless something is observed.
#[must_use]
pub fn next_change(deliveries: &Deliveries, now: Timestamp) -> Option<Timestamp> {
    let times = deliveries.deliveries.iter().flat_map(|row| {
        let next = row.next.as_ref().map(|next| (Some(next.earliest), next.latest));
        let end = row.outlook.as_ref().map(|outlook| (outlook.earliest, outlook.latest));
        [next, end].into_iter().flatten().flat_map(|(a, b)| [a, b]).flatten()
    });
    times.filter(|at| *at > now).min()
}
