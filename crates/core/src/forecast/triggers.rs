//! Triggers of a function, and their retry rules.

use super::input::Input;
use super::sources;
use crate::domain::delivery::Pattern;
use crate::domain::{Arn, Edge, EdgeKind, NodeKind};

/// What leads into a function, by the rules that its events follow.
#[derive(Default)]
pub(super) struct Triggers<'a> {
    pub asynchronous: Vec<&'a Edge>,
    pub queue: Vec<&'a Edge>,
    pub stream: Vec<&'a Edge>,
    pub request: Vec<&'a Edge>,
    /// What may call it either way: other functions, pipes, what is not known.
    pub either: Vec<&'a Edge>,
}

impl<'a> Triggers<'a> {
    pub fn of(input: &Input<'a>, incoming: &[&'a Edge]) -> Self {
        let mut triggers = Self::default();
        for edge in incoming {
            let list = match edge.key.kind {
                EdgeKind::Trigger => match pattern(input, edge) {
                    Some(Pattern::Asynchronous | Pattern::SourceDelivery) => &mut triggers.asynchronous,
                    Some(Pattern::Queue) => &mut triggers.queue,
                    Some(Pattern::Stream) => &mut triggers.stream,
                    Some(Pattern::RequestResponse) => &mut triggers.request,
                    None => &mut triggers.either,
                },
                // AWS (destinations): destinations invoke asynchronously.
                EdgeKind::Destination => &mut triggers.asynchronous,
                EdgeKind::Writes => &mut triggers.either,
                EdgeKind::DeadLetter => continue,
            };
            list.push(edge);
        }
        triggers
    }

    /// The only kind of trigger, if there is one kind.
    pub fn only(&self) -> Option<Pattern> {
        let kinds = [
            (Pattern::Asynchronous, &self.asynchronous),
            (Pattern::Queue, &self.queue),
            (Pattern::Stream, &self.stream),
            (Pattern::RequestResponse, &self.request),
        ];
        let mut there = kinds.iter().filter(|(_, edges)| !edges.is_empty());
        let (first, second) = (there.next(), there.next());
        match (first, second, self.either.is_empty()) {
            (Some((pattern, _)), None, true) => Some(*pattern),
            _ => None,
        }
    }
}

/// The retry rules of a trigger, by the kind of its source; `None` if both are possible.
fn pattern(input: &Input, edge: &Edge) -> Option<Pattern> {
    let kind = input.nodes.get(&edge.key.from).map(|node| node.kind);
    let kind = kind
        .filter(|kind| *kind != NodeKind::External)
        .or_else(|| Some(Arn::parse(edge.key.from.as_str())?.kind()))?;
    sources::facts(kind)?.pattern
}
