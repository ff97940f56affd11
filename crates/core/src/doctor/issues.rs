//! What the health rules conclude from configuration alone, taken over as hints.

use super::words::Cure as Set;
use super::{Chain, Cure, Hint, Rule};
use crate::domain::{Edge, EdgeKind};
use crate::permissions::{Fix, Obstacle, fix};
use crate::store::health::Next;
use crate::store::snapshot::{Kind, Trouble};

/// DLQs are made to keep messages for so long. AWS (sqs): 14 d at most.
const LONGEST_RETENTION_S: u32 = 1_209_600;

/// The hints among the issues.
pub(super) fn hints(chain: &Chain<'_>) -> Vec<Hint> {
    chain
        .troubles
        .iter()
        .filter_map(|trouble| hint(chain, trouble))
        .collect()
}

fn hint(chain: &Chain<'_>, trouble: &Trouble) -> Option<Hint> {
    let (rule, cure) = match trouble.kind {
        Kind::ForgetsBeforeDeadLetter => (Rule::RetentionBeforeDlq, keep_longer(chain, trouble)),
        Kind::KeptShorter | Kind::KeptNoLonger => (Rule::DlqRetention, keep_longer(chain, trouble)),
        Kind::ForgetsBeforeMaximumAge => (Rule::RetentionBeforeMaximumAge, said(trouble)),
        Kind::MayFeedItself => (Rule::Loop, said(trouble)),
        _ if trouble.what.is("trouble", "refused-by-dlq") => (Rule::RedriveAllowPolicy, said(trouble)),
        _ if trouble.what.is("permissions", "cannot") => {
            let (edge, obstacle) = cut(chain, trouble)?;
            let rule = match edge.key.kind {
                EdgeKind::Trigger => Rule::CannotArrive,
                _ => Rule::DlqNotWritable,
            };
            (rule, let_in(chain, edge, obstacle))
        }
        _ => return None,
    };
    Some(Hint {
        rule,
        of: trouble.id.clone(),
        link: trouble.link.clone(),
        severity: trouble.severity,
        what: trouble.what.clone(),
        why: trouble.why.clone(),
        cure,
    })
}

/// What the issue says to do.
fn said(trouble: &Trouble) -> Cure {
    Cure {
        what: trouble.next.clone(),
        copy: None,
    }
}

/// A longer retention of the queue itself.
fn keep_longer(chain: &Chain<'_>, trouble: &Trouble) -> Cure {
    let cure = said(trouble);
    let Some(queue) = chain
        .queue(&trouble.id)
        .filter(|queue| queue.retention_s < LONGEST_RETENTION_S)
    else {
        return cure;
    };
    let value = format!("MessageRetentionPeriod={LONGEST_RETENTION_S}");
    cure.by(&[
        "sqs",
        "set-queue-attributes",
        "--queue-url",
        &queue.url,
        "--attributes",
        &value,
    ])
}

/// The cut link of an issue, and what cuts it.
fn cut<'a>(chain: &'a Chain<'_>, trouble: &Trouble) -> Option<(&'a Edge, &'a Obstacle)> {
    let out = chain.leaving(&trouble.id).iter().copied();
    let cut = out.filter_map(|edge| Some((edge, chain.arrivals.cut.get(&edge.key)?)));
    cut.filter(|(edge, _)| Some(&edge.key.to) == trouble.link.as_ref())
        .find(|(_, obstacle)| {
            let args = &trouble.what.args;
            args.iter()
                .any(|(name, arg)| name == "why" && *arg == obstacle.said().into())
        })
}

fn let_in(chain: &Chain<'_>, edge: &Edge, obstacle: &Obstacle) -> Cure {
    match obstacle {
        Obstacle::AwsManagedKey(_) => next(Next::OwnKey),
        Obstacle::Denied { statement, .. } => next(Next::ChangeStatement {
            statement: statement.clone(),
        }),
        Obstacle::Gone => Cure::set(Set::Create {
            name: edge.key.to.clone(),
        }),
        Obstacle::Fifo => Cure::set(Set::NotFifo),
        Obstacle::MappingOff => Cure::set(Set::Enable),
        Obstacle::State(_) => next(Next::DeployAgain),
        Obstacle::NotAllowed { .. } => {
            let target = chain.topology.nodes.get(&edge.key.to);
            let copy = target.and_then(|target| fix(obstacle, target));
            let set = match copy {
                Some(Fix::Statement(_)) => Set::AddStatement,
                _ => Set::AddPermission,
            };
            Cure { copy, ..Cure::set(set) }
        }
    }
}

fn next(next: Next) -> Cure {
    Cure {
        what: next.into(),
        copy: None,
    }
}
