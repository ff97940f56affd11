//! Troubles as a person reads them: those that are alike are one line, whatever their number.

use super::snapshot::{Kind, Severity, Trouble};
use crate::domain::NodeId;
use crate::domain::phrase::Phrase;
use crate::phrases;

/// Names shown of similar issues.
const NAMED: usize = 3;
/// From this many on, similar notices are grouped; warnings stay separate as long as possible.
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
            // Failures and losses are never grouped.
            Severity::Failing | Severity::Loss => usize::MAX,
        };
        let alike: Vec<&Trouble> = if trouble.kind == Kind::Other || least == usize::MAX {
            Vec::new()
        } else {
            let is_alike = |other: &&Trouble| (other.severity, other.kind) == key;
            troubles.iter().filter(is_alike).collect()
        };
        let together = (alike.len() >= least).then(|| Together::of(trouble.kind, alike.len(), named(&alike, &name)));
        match together.flatten() {
            Some(together) => {
                folded.push(key);
                issues.push(one_for_all(&alike, together));
            }
            None => issues.push(Issue {
                trouble: trouble.clone(),
                stands_for: 1,
            }),
        }
    }
    issues
}

/// The names of the first few, and how many more there are.
fn named(all: &[&Trouble], name: impl Fn(&NodeId) -> String) -> Named {
    Named::Nodes {
        names: all.iter().take(NAMED).map(|trouble| name(&trouble.id)).collect(),
        more: all.len().saturating_sub(NAMED),
    }
}

fn one_for_all(all: &[&Trouble], together: Together) -> Issue {
    // What holds for some alone is not said of all.
    let same = |of: fn(&Trouble) -> &Phrase| {
        let first = of(all[0]);
        let is_same = all.iter().all(|trouble| of(trouble) == first);
        if is_same { first.clone() } else { Phrase::default() }
    };
    Issue {
        trouble: Trouble {
            what: together.into(),
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

phrases! {
    /// Sentences for several similar issues.
    pub enum Together in "issue" {
        Missing { count: usize, nodes: Named },
        DeadLetters { count: usize, nodes: Named },
        RetentionBeforeDlq { count: usize, nodes: Named },
        RetentionShorter { count: usize, nodes: Named },
        RetentionNoLonger { count: usize, nodes: Named },
        RetentionBeforeMaximumAge { count: usize, nodes: Named },
        MappingDisabled { count: usize, nodes: Named },
        Disabled { count: usize, nodes: Named },
        MayFeedItself { count: usize, nodes: Named },
    }
}

phrases! {
    /// The first few of many.
    pub enum Named in "named" {
        Nodes { names: Vec<String>, more: usize },
    }
}

impl Together {
    /// `None` where each has words of its own.
    fn of(kind: Kind, count: usize, nodes: Named) -> Option<Self> {
        Some(match kind {
            Kind::Unreached | Kind::Diverted | Kind::LossToCome | Kind::Fails | Kind::Other | Kind::OfGroup => {
                return None;
            }
            Kind::Missing => Self::Missing { count, nodes },
            Kind::DeadLetters => Self::DeadLetters { count, nodes },
            Kind::ForgetsBeforeDeadLetter => Self::RetentionBeforeDlq { count, nodes },
            Kind::KeptShorter => Self::RetentionShorter { count, nodes },
            Kind::KeptNoLonger => Self::RetentionNoLonger { count, nodes },
            Kind::ForgetsBeforeMaximumAge => Self::RetentionBeforeMaximumAge { count, nodes },
            Kind::MappingOff => Self::MappingDisabled { count, nodes },
            Kind::Off => Self::Disabled { count, nodes },
            Kind::MayFeedItself => Self::MayFeedItself { count, nodes },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::health::{Next, What, Why};

    fn trouble(n: usize, severity: Severity, kind: Kind) -> Trouble {
        Trouble {
            kind,
            why: Why::MessagesWait { count: n as u64 }.into(),
            next: Next::RaiseDlqRetention.into(),
            ..Trouble::of(NodeId::from(format!("q{n}").as_str()), severity, What::Missing)
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
            Phrase::from(Together::RetentionNoLonger {
                count: 100,
                nodes: Named::Nodes {
                    names: vec!["q0".into(), "q1".into(), "q2".into()],
                    more: 97
                }
            })
        );
        assert_eq!((folded.stands_for, folded.trouble.id.as_str()), (100, "q0"));
        assert_eq!(
            (&folded.trouble.why, &folded.trouble.next),
            (&Phrase::default(), &Next::RaiseDlqRetention.into())
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
