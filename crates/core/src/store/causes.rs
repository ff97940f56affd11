//! One row for one cause: of all that is said of a link and its ends, the worst. Where few rows fit, each is of another loss.

use std::collections::BTreeSet;

use super::issues::Issue;
use super::trouble::{Kind, Severity, Trouble};

/// The issues, worst first, in the order in which they are told where few rows fit: first what loses events, one row a cause;
/// of the others, the worst of each node before what else is wrong with it.
#[must_use]
pub fn causes(issues: Vec<Issue>) -> Vec<Issue> {
    let mut told: Vec<Issue> = Vec::new();
    for issue in issues {
        let is_told =
            |worse: &Issue| worse.stands_for == 1 && issue.stands_for == 1 && explains(&worse.trouble, &issue.trouble);
        if !told.iter().any(is_told) {
            told.push(issue);
        }
    }
    let mut named = BTreeSet::new();
    told.sort_by_cached_key(|issue| {
        let again = !named.insert(issue.trouble.id.clone());
        // Two links of one node that nothing passes are two losses.
        (!loses(&issue.trouble), again && !loses(&issue.trouble))
    });
    told
}

/// Whether events are lost by it, or will be.
#[must_use]
pub fn loses(trouble: &Trouble) -> bool {
    let will_be = matches!(
        trouble.kind,
        Kind::Unreached | Kind::LossToCome | Kind::ForgetsBeforeDeadLetter
    );
    trouble.severity == Severity::Loss || trouble.severity == Severity::Failing && will_be
}

/// Whether what is said of the second is the same loss as the first tells, or why it is lost.
fn explains(worse: &Trouble, other: &Trouble) -> bool {
    let of_one_node = worse.id == other.id;
    let is_source_of_it = worse.link.as_ref() == Some(&other.id);
    let has_it_as_source = other.link.as_ref() == Some(&worse.id);
    let of_one_link = worse.link.is_some() && worse.link == other.link && of_one_node;
    if !loses(worse) {
        return worse.kind == Kind::LossToCome && of_one_node && other.kind == Kind::Fails;
    }
    if of_one_link {
        return true;
    }
    match other.kind {
        // That nothing comes in does not tell why what came in before fails.
        Kind::Fails if worse.kind == Kind::Unreached => of_one_node,
        Kind::Fails => of_one_node || is_source_of_it,
        Kind::LossToCome => of_one_node || has_it_as_source,
        // A group's loss names the schedule.
        Kind::Unreached => worse.severity == Severity::Loss && (of_one_node || is_source_of_it),
        Kind::ForgetsBeforeDeadLetter => is_source_of_it,
        Kind::MappingOff => has_it_as_source,
        Kind::DeadLetters | Kind::KeptShorter | Kind::KeptNoLonger | Kind::ForgetsBeforeMaximumAge => of_one_node,
        Kind::Diverted | Kind::Other | Kind::Missing | Kind::Off | Kind::MayFeedItself | Kind::OfGroup => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::NodeId;
    use crate::store::health::What;

    fn of(id: &str, severity: Severity, kind: Kind, link: Option<&str>) -> Issue {
        let trouble = Trouble {
            kind,
            link: link.map(NodeId::from),
            ..Trouble::of(NodeId::from(id), severity, What::Missing)
        };
        Issue { trouble, stands_for: 1 }
    }

    fn told(issues: Vec<Issue>) -> Vec<(String, Kind)> {
        let rows = causes(issues).into_iter();
        rows.map(|issue| (issue.trouble.id.to_string(), issue.trouble.kind))
            .collect()
    }

    fn rows(rows: &[(&str, Kind)]) -> Vec<(String, Kind)> {
        rows.iter().map(|(id, kind)| ((*id).to_owned(), *kind)).collect()
    }

    #[test]
    fn a_rule_that_lost_events_is_told_once_with_the_target_that_it_cannot_invoke() {
        let all = vec![
            of("rule", Severity::Loss, Kind::Other, None),
            of("rule", Severity::Failing, Kind::Unreached, Some("book")),
            of("rule", Severity::Warning, Kind::Diverted, Some("keep")),
        ];
        assert_eq!(told(all), rows(&[("rule", Kind::Other), ("rule", Kind::Diverted)]));
    }

    #[test]
    fn a_queue_that_deletes_what_its_reader_fails_with_is_one_cause() {
        let all = vec![
            of("q", Severity::Failing, Kind::ForgetsBeforeDeadLetter, Some("work")),
            of("work", Severity::Warning, Kind::LossToCome, Some("q")),
            of("work", Severity::Warning, Kind::Fails, None),
            of("work", Severity::Warning, Kind::Other, None),
        ];
        assert_eq!(
            told(all),
            rows(&[("q", Kind::ForgetsBeforeDeadLetter), ("work", Kind::Other)])
        );
        // Once some expired, the function that failed is named.
        let all = vec![
            of("work", Severity::Loss, Kind::Other, Some("q")),
            of("q", Severity::Failing, Kind::ForgetsBeforeDeadLetter, Some("work")),
            of("work", Severity::Failing, Kind::Fails, None),
        ];
        assert_eq!(told(all), rows(&[("work", Kind::Other)]));
    }

    #[test]
    fn a_dead_letter_queue_that_is_gone_is_told_with_what_was_lost_for_it() {
        let all = vec![
            of("work", Severity::Loss, Kind::Other, Some("dlq")),
            of("work", Severity::Warning, Kind::Other, Some("dlq")),
            of("work", Severity::Warning, Kind::Other, Some("on-success")),
        ];
        assert_eq!(told(all), rows(&[("work", Kind::Other), ("work", Kind::Other)]));
    }

    #[test]
    fn a_mapping_that_is_off_is_told_with_the_queue_whose_messages_expire() {
        let all = vec![
            of("q", Severity::Failing, Kind::LossToCome, None),
            of("work", Severity::Notice, Kind::MappingOff, Some("q")),
            of("idle", Severity::Notice, Kind::MappingOff, Some("other")),
        ];
        assert_eq!(told(all), rows(&[("q", Kind::LossToCome), ("idle", Kind::MappingOff)]));
    }

    #[test]
    fn two_links_that_nothing_passes_are_two_rows_before_what_loses_nothing() {
        let all = vec![
            of("bucket", Severity::Failing, Kind::Unreached, Some("a")),
            of("bucket", Severity::Failing, Kind::Unreached, Some("b")),
            of("a", Severity::Failing, Kind::Fails, None),
            of("work", Severity::Failing, Kind::LossToCome, None),
            of("work", Severity::Failing, Kind::Fails, None),
        ];
        assert_eq!(
            told(all),
            rows(&[
                ("bucket", Kind::Unreached),
                ("bucket", Kind::Unreached),
                ("work", Kind::LossToCome),
                ("a", Kind::Fails),
            ])
        );
    }

    #[test]
    fn what_fails_and_loses_nothing_stays_by_itself() {
        let all = vec![
            of("work", Severity::Failing, Kind::Fails, None),
            of("work", Severity::Warning, Kind::Other, None),
            of("dlq", Severity::Warning, Kind::DeadLetters, None),
        ];
        assert_eq!(
            told(all),
            rows(&[("work", Kind::Fails), ("dlq", Kind::DeadLetters), ("work", Kind::Other)])
        );
    }
}
