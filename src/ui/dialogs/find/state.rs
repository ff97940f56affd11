//! Finds boxes by a part of their name.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::domain::NodeId;
use crate::store::snapshot::Topology;
use crate::ui::chain::scene::{Item, Scene};

/// The nodes whose name matches, best first, including folded ones.
#[must_use]
pub fn matches(picture: &Scene, topology: &Topology, query: &str) -> Vec<NodeId> {
    let name = |id: &NodeId| topology.nodes.get(id).map(|node| node.name.as_str());
    let ids = picture.items.iter().flat_map(|(id, item)| match item {
        Item::Node(_) => std::slice::from_ref(id),
        Item::Fold(fold) => fold.members.as_slice(),
    });
    let mut found = scored(ids.filter_map(|id| Some((id, name(id)?))), query);
    found.sort_by(|one, other| {
        other
            .0
            .cmp(&one.0)
            .then(one.1.len().cmp(&other.1.len()))
            .then(one.1.cmp(other.1))
    });
    found.into_iter().map(|(_, _, id)| id.clone()).collect()
}

/// The matching texts with their scores, in their order.
fn scored<'a, T>(texts: impl Iterator<Item = (T, &'a str)>, query: &str) -> Vec<(u32, &'a str, T)> {
    let pattern = Pattern::parse(query, CaseMatching::Smart, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut letters = Vec::new();
    texts
        .filter_map(|(what, text)| {
            let score = pattern.score(Utf32Str::new(text, &mut letters), &mut matcher)?;
            Some((score, text, what))
        })
        .collect()
}

/// The indices of the matching characters of a name.
#[must_use]
pub fn letters(name: &str, query: &str) -> Vec<usize> {
    let pattern = Pattern::parse(query, CaseMatching::Smart, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let (mut buffer, mut found) = (Vec::new(), Vec::new());
    pattern.indices(Utf32Str::new(name, &mut buffer), &mut matcher, &mut found);
    found.sort_unstable();
    found.dedup();
    found.into_iter().filter_map(|at| usize::try_from(at).ok()).collect()
}
