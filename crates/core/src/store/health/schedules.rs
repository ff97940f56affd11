//! Which schedules of a group lost what AWS counts by the group.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::losses::because;
use super::words::{Because, Next, What, Why};
use super::{Neighbours, View};
use crate::domain::phrase::Phrase;
use crate::domain::{Edge, EdgeKind, NodeId};
use crate::logs::Runs;
use crate::permissions::{Obstacle, does, target_name};
use crate::store::HOUR;
use crate::store::arrivals::{Arrivals, keeper};
use crate::store::losses::{Loss, Losses, Way, group_of};
use crate::store::snapshot::{Kind, Severity, Trouble};

/// What is known of schedules and their targets.
#[derive(Clone, Copy)]
pub struct Schedules<'a> {
    /// The edges at all nodes.
    pub neighbours: &'a Neighbours<'a>,
    /// Which links are cut.
    pub arrivals: &'a Arrivals,
    /// The invocations of each function, as its log shows them.
    pub invocations: &'a BTreeMap<NodeId, Arc<Runs>>,
    /// Account time, as far as logs could be read.
    pub logs: Timestamp,
}

impl<'a> Schedules<'a> {
    fn of(view: &View<'a>) -> Self {
        Self {
            neighbours: view.neighbours,
            arrivals: view.arrivals,
            invocations: view.invocations,
            logs: view.read.logs,
        }
    }

    /// The links of a group's schedules that may be those whose events are lost: by configuration, or if that cuts none, those
    /// whose targets were not invoked. One that delivers is no suspect where another may be.
    fn suspects(&self, group: &NodeId, way: Way) -> Vec<&'a Edge> {
        let of_group = |id: &NodeId| group_of(id).as_ref() == Some(group);
        let schedules = self.neighbours.out.iter().filter(|(id, _)| of_group(id));
        let links = schedules.flat_map(|(_, out)| {
            let has_queue = out.iter().any(|edge| edge.key.kind == EdgeKind::DeadLetter);
            // One with a dead-letter queue loses only what cannot be written there.
            let may_lose = has_queue == (way == Way::DeadLetterUnwritten);
            out.iter()
                .copied()
                .filter(move |edge| may_lose && edge.key.kind == EdgeKind::Trigger)
        });
        let all: Vec<&Edge> = links.collect();
        let narrowed = |all: &[&'a Edge], is_one: &dyn Fn(&Edge) -> bool| {
            let some: Vec<&'a Edge> = all.iter().copied().filter(|edge| is_one(edge)).collect();
            if some.is_empty() { all.to_vec() } else { some }
        };
        let enabled = narrowed(&all, &|edge| edge.enabled);
        let cut = narrowed(&enabled, &|edge| self.is_cut(edge));
        narrowed(&cut, &|edge| self.is_cut(edge) || !self.ran(edge))
    }

    fn is_cut(&self, edge: &Edge) -> bool {
        self.arrivals.cut.contains_key(&edge.key)
            && keeper(edge, self.neighbours.out(&edge.key.from), self.arrivals).is_none()
    }

    /// Whether an invocation of the target was seen in the last hour.
    fn ran(&self, edge: &Edge) -> bool {
        let recent = |at: Timestamp| self.logs.duration_since(at) <= HOUR;
        let runs = self.invocations.get(&edge.key.to);
        runs.is_some_and(|runs| runs.iter().any(|run| run.start.is_some_and(recent)))
    }

    /// What a group lost, with the schedule that it is of where only one can be.
    fn lost(&self, group: &NodeId, loss: &Loss) -> Trouble {
        let suspects = self.suspects(group, loss.way);
        let cut = suspects.first().filter(|edge| self.is_cut(edge));
        let cannot = cut.map(|edge| match suspects.len() - 1 {
            0 => Because::Cannot { does: does(edge) },
            more => Because::CannotAndMore { does: does(edge), more },
        });
        let gone = cut.filter(|edge| self.arrivals.cut.get(&edge.key) == Some(&Obstacle::Gone));
        let next = match (gone, loss.way) {
            (Some(edge), _) => Phrase::clauses([
                Next::CreateTarget {
                    name: target_name(edge),
                }
                .into(),
                Next::ThenAddDlqs.into(),
            ]),
            (None, Way::DeadLetterUnwritten) => Next::CheckKeepersOfSchedules.into(),
            (None, _) => Next::CheckRoles.into(),
        };
        let mut among: Vec<NodeId> = suspects.iter().map(|edge| edge.key.from.clone()).collect();
        let probably = among.pop_if(|_| suspects.len() == 1);
        Trouble {
            link: probably.clone(),
            why: Why::GroupMetric {
                metric: match loss.way {
                    Way::DeadLetterUnwritten => "InvocationsFailedToBeSentToDeadLetterCount",
                    _ => "InvocationDroppedCount",
                },
                probably,
                among,
            }
            .into(),
            next,
            ..Trouble::of(
                group.clone(),
                Severity::Loss,
                What::EventsLost {
                    count: loss.count,
                    at_least: loss.at_least,
                    reasons: cannot.into_iter().chain([because(loss)]).collect(),
                },
            )
        }
    }
}

/// What groups of schedules lost: AWS counts by the group, and names none of its schedules.
#[must_use]
pub fn groups_lost(losses: &Losses, schedules: &Schedules<'_>) -> Vec<Trouble> {
    let groups = losses.certain.iter().filter_map(|loss| {
        let id = loss.of.as_ref()?;
        id.as_str().contains(":schedule-group/").then_some((id, loss))
    });
    groups.map(|(id, loss)| schedules.lost(id, loss)).collect()
}

/// A schedule that may be the one whose events its group lost. Its box says so; the list tells the group.
pub(super) fn of_its_group(view: &View<'_>) -> Option<Trouble> {
    let group = group_of(&view.node.id)?;
    let schedules = Schedules::of(view);
    let is_suspect = |loss: &Loss| {
        let suspects = schedules.suspects(&group, loss.way);
        suspects.iter().any(|edge| edge.key.from == view.node.id)
    };
    view.losses.of(&group).any(is_suspect).then(|| Trouble {
        kind: Kind::OfGroup,
        why: Why::CountedByGroup.into(),
        next: Next::CheckRole.into(),
        ..view.trouble(Severity::Warning, What::GroupLost { group: group.clone() })
    })
}
