//! Which of many alarms that notify the same topic or function are drawn: an account has hundreds of them, most of which lead to
//! one topic, and as many boxes would hide the chain.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::{Arn, Edge, EdgeKey, Evidence, NodeId};
use crate::permissions::Arrival;

/// Alarms drawn at one target, those aside whose notifications cannot arrive.
pub(super) const SHOWN: usize = 5;

/// The edges from alarms that are too many: the first few of each target stay, and whatever cannot arrive.
pub(super) fn surplus(edges: &[Arc<Edge>], arrivals: &BTreeMap<EdgeKey, Arrival>) -> BTreeSet<EdgeKey> {
    let mut shown: BTreeMap<&NodeId, usize> = BTreeMap::new();
    let mut surplus = BTreeSet::new();
    for edge in edges {
        let is_alarm = edge.evidence == Evidence::Configured
            && Arn::parse(edge.key.from.as_str()).is_some_and(|arn| arn.service == "cloudwatch");
        if !is_alarm || matches!(arrivals.get(&edge.key), Some(Arrival::CannotArrive(_))) {
            continue;
        }
        let count = shown.entry(&edge.key.to).or_default();
        *count += 1;
        if *count > SHOWN {
            surplus.insert(edge.key.clone());
        }
    }
    surplus
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::EdgeKind;
    use crate::permissions::Obstacle;

    #[test]
    fn of_many_alarms_the_first_stay_and_those_that_cannot_arrive() {
        let edge = |n: usize, to: &str| {
            let from = format!("arn:aws:cloudwatch:r:1:alarm:a{n:02}");
            Arc::new(Edge::new(
                from.into(),
                to.into(),
                EdgeKind::Trigger,
                Evidence::Configured,
            ))
        };
        let (ops, pages) = ("arn:aws:sns:r:1:ops", "arn:aws:sns:r:1:pages");
        let mut edges: Vec<_> = (0..20).map(|n| edge(n, ops)).collect();
        edges.extend((0..SHOWN).map(|n| edge(n, pages)));
        let gone = Arrival::CannotArrive(Obstacle::Gone);
        let arrivals = BTreeMap::from([(edges[19].key.clone(), gone)]);
        let left: Vec<_> = edges
            .iter()
            .filter(|edge| !surplus(&edges, &arrivals).contains(&edge.key))
            .collect();
        assert_eq!(left.len(), SHOWN + 1 + SHOWN);
        assert!(left.contains(&&edges[19]));
    }
}
