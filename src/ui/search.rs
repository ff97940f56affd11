//! Finding boxes by a part of their name.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::picture::{Item, Picture};
use crate::domain::NodeId;

/// The nodes whose name matches, best first. Those in a fold count by the names of its members, which only the whole
/// topology knows: they are found by the end of their id.
#[must_use]
pub fn matches(picture: &Picture, query: &str) -> Vec<NodeId> {
    let names = picture.items.iter().flat_map(|(id, item)| match item {
        Item::Node(node) => vec![(id, node.name.as_str())],
        Item::Fold(fold) => fold
            .members
            .iter()
            .map(|member| (member, last_part(member.as_str())))
            .collect(),
    });
    let pattern = Pattern::parse(query, CaseMatching::Smart, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut letters = Vec::new();
    let mut found: Vec<(u32, &str, &NodeId)> = names
        .filter_map(|(id, name)| {
            Some((
                pattern.score(Utf32Str::new(name, &mut letters), &mut matcher)?,
                name,
                id,
            ))
        })
        .collect();
    found.sort_by(|one, other| {
        other
            .0
            .cmp(&one.0)
            .then(one.1.len().cmp(&other.1.len()))
            .then(one.1.cmp(other.1))
    });
    found.into_iter().map(|(_, _, id)| id.clone()).collect()
}

/// Which letters of a name match, by their place among its characters.
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

fn last_part(id: &str) -> &str {
    id.rsplit([':', '/']).next().unwrap_or(id)
}
