//! Troubles as a person reads them: those that are alike are one line, whatever their number.

use super::snapshot::{Kind, Severity, Trouble};
use crate::domain::NodeId;
use crate::domain::phrase::Phrase;

/// Names told of those that are alike.
const NAMED: usize = 3;
/// So many hints that are alike are told together; warnings are read one by one as long as they can be.
const HINTS: usize = 4;
const WARNINGS: usize = 20;

/// One line of what needs a look.
#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    /// The trouble; of several that are alike the first, with words for all.
    pub trouble: Trouble,
    /// How many troubles it stands for: with more than one, its words begin with their number and need no name before them.
    pub stands_for: usize,
}

/// The troubles, worst first, those that are alike in one; `name` says what a node is called.
#[must_use]
pub fn issues(troubles: &[Trouble], name: impl Fn(&NodeId) -> String) -> Vec<Issue> {
    let mut issues: Vec<Issue> = Vec::new();
    let mut folded: Vec<(Severity, Kind)> = Vec::new();
    for trouble in troubles {
        let key = (trouble.severity, trouble.kind);
        if folded.contains(&key) {
            continue;
        }
        let least = match trouble.severity {
            Severity::Notice => HINTS,
            Severity::Warning => WARNINGS,
            // What fails or is lost is named, each by itself.
            Severity::Failing | Severity::Loss => usize::MAX,
        };
        let alike: Vec<&Trouble> = if trouble.kind == Kind::Other || least == usize::MAX {
            Vec::new()
        } else {
            let is_alike = |other: &&Trouble| (other.severity, other.kind) == key;
            troubles.iter().filter(is_alike).collect()
        };
        match together(trouble.kind, alike.len()).filter(|_| alike.len() >= least) {
            Some(words) => {
                folded.push(key);
                issues.push(one_for_all(&alike, &words, &name));
            }
            None => issues.push(Issue {
                trouble: trouble.clone(),
                stands_for: 1,
            }),
        }
    }
    issues
}

fn one_for_all(all: &[&Trouble], words: &str, name: impl Fn(&NodeId) -> String) -> Issue {
    let mut named: Vec<String> = all.iter().take(NAMED).map(|trouble| name(&trouble.id)).collect();
    if all.len() > NAMED {
        let last = named.pop().unwrap_or_default();
        named.push(format!("{last} and {} more", all.len() - NAMED));
    }
    // What holds for some alone is not said of all.
    let same = |of: fn(&Trouble) -> &Phrase| {
        let first = of(all[0]);
        let is_same = all.iter().all(|trouble| of(trouble) == first);
        if is_same { first.clone() } else { Phrase::default() }
    };
    Issue {
        trouble: Trouble {
            what: format!("{words}: {}", named.join(", ")).into(),
            since: None,
            longer: false,
            last: None,
            due: None,
            why: same(|trouble| &trouble.why),
            next: same(|trouble| &trouble.next),
            ..all[0].clone()
        },
        stands_for: all.len(),
    }
}

/// What is said of so many of a kind. `None` where each has words of its own.
fn together(kind: Kind, n: usize) -> Option<String> {
    Some(match kind {
        Kind::Unreached | Kind::Diverted | Kind::LossToCome | Kind::Other => return None,
        Kind::Missing => format!("{n} targets do not exist"),
        Kind::DeadLetters => format!("{n} dead-letter queues hold messages"),
        Kind::ForgetsBeforeDeadLetter => format!("{n} queues delete failing messages before their DLQ gets them"),
        Kind::KeptShorter => format!("{n} dead-letter queues keep messages for less time than their source"),
        Kind::KeptNoLonger => format!("{n} dead-letter queues keep messages no longer than their source"),
        Kind::ForgetsBeforeMaximumAge => {
            format!("{n} functions may fail until their stream's retention ends, before the maximum record age")
        }
        Kind::MappingOff => format!("{n} functions do not read a source, its mapping is disabled"),
        Kind::Off => format!("{n} rules, schedules or pipes are disabled"),
        Kind::MayFeedItself => format!("{n} functions may feed themselves"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(n: usize, severity: Severity, kind: Kind) -> Trouble {
        Trouble {
            id: NodeId::from(format!("q{n}").as_str()),
            severity,
            kind,
            what: "its own words".into(),
            since: None,
            longer: false,
            last: None,
            due: None,
            why: format!("of {n}").into(),
            next: "raise the retention".into(),
        }
    }

    fn read(troubles: &[Trouble]) -> Vec<(Phrase, usize)> {
        let issues = issues(troubles, ToString::to_string);
        issues
            .into_iter()
            .map(|issue| (issue.trouble.what, issue.stands_for))
            .collect()
    }

    #[test]
    fn a_hundred_hints_that_are_alike_are_one_line() {
        let mut troubles: Vec<Trouble> = (0..100)
            .map(|n| trouble(n, Severity::Notice, Kind::KeptNoLonger))
            .collect();
        troubles.insert(0, trouble(200, Severity::Failing, Kind::Other));
        let issues = issues(&troubles, ToString::to_string);
        assert_eq!(issues.len(), 2);
        let folded = &issues[1];
        assert_eq!(
            folded.trouble.what,
            "100 dead-letter queues keep messages no longer than their source: q0, q1, q2 and 97 more"
        );
        assert_eq!((folded.stands_for, folded.trouble.id.as_str()), (100, "q0"));
        assert_eq!(
            (&folded.trouble.why, &folded.trouble.next),
            (&"".into(), &"raise the retention".into())
        );
    }

    #[test]
    fn few_are_told_one_by_one() {
        let few: Vec<Trouble> = (0..3).map(|n| trouble(n, Severity::Notice, Kind::Off)).collect();
        assert_eq!(read(&few).len(), 3);
        let warnings = |count| -> Vec<Trouble> {
            (0..count)
                .map(|n| trouble(n, Severity::Warning, Kind::DeadLetters))
                .collect()
        };
        assert_eq!(read(&warnings(19)).len(), 19);
        assert_eq!(read(&warnings(20)).len(), 1);
    }

    #[test]
    fn what_fails_is_never_told_by_number_alone() {
        for severity in [Severity::Failing, Severity::Loss] {
            let all: Vec<Trouble> = (0..50).map(|n| trouble(n, severity, Kind::Missing)).collect();
            assert_eq!(read(&all).len(), 50);
        }
        let own: Vec<Trouble> = (0..50).map(|n| trouble(n, Severity::Warning, Kind::Other)).collect();
        assert_eq!(read(&own).len(), 50, "each has words of its own");
    }
}
