//! Attributes a loss of the account to a function before the functions' metrics are read.

use std::collections::BTreeSet;

use super::{Losses, Way};
use crate::domain::delivery::Deliveries;
use crate::domain::{Edge, EdgeKind, Missing, NodeId};
use crate::store::coming::failed;
use crate::store::snapshot::Topology;

/// Whether an edge is one along which an unwritten dead letter or record was to be written.
pub(in crate::store) fn is_written_by(way: Way, edge: &Edge) -> bool {
    match way {
        Way::DeadLetterUnwritten => edge.key.kind == EdgeKind::DeadLetter && edge.keeps_failures(),
        Way::DestinationUnreached => edge.key.kind == EdgeKind::Destination || edge.is_of_mapping(),
        _ => false,
    }
}

impl Losses {
    /// Attributes a count of the account to a function if it is the only one possible: its queue or destination does not exist,
    /// and it alone of such functions had an event at its end. The count covers whole minutes of the account, so it may include more.
    pub(super) fn attribute(&mut self, topology: &Topology, deliveries: &Deliveries) {
        for loss in &mut self.certain {
            if loss.of.is_none()
                && let Some(id) = only_one(loss.way, topology, deliveries)
            {
                loss.of = Some(id.clone());
                loss.at_least = true;
            }
        }
    }
}

fn only_one<'a>(way: Way, topology: &'a Topology, deliveries: &Deliveries) -> Option<&'a NodeId> {
    let ended = |id: &NodeId| {
        let mut rows = deliveries.deliveries.iter().filter(|row| row.function == *id);
        rows.any(|row| row.end.is_some() && failed(row) > 0)
    };
    let is_of_success = |edge: &Edge| edge.key.kind == EdgeKind::Destination && !edge.keeps_failures();
    let edges = topology.edges.iter().filter(|edge| is_written_by(way, edge));
    let writes = edges.filter(|edge| is_of_success(edge) || ended(&edge.key.from));
    let all: BTreeSet<(&NodeId, bool)> = writes
        .map(|edge| (&edge.key.from, Missing::cuts(&topology.missing, &edge.key)))
        .collect();
    let mut all = all.into_iter();
    match (all.next(), all.next()) {
        (Some((id, true)), None) if ended(id) => Some(id),
        _ => None,
    }
}
