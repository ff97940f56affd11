//! What the layout is asked for.

use crate::domain::NodeId;

/// The boxes and links to place. Links to or from a node that is not among `nodes` get an empty route.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The boxes, in any order; of two with one id the first counts.
    pub nodes: Vec<Item>,
    /// The links, in any order; [`super::Placed::routes`] has the same one.
    pub edges: Vec<Link>,
    /// Distances.
    pub metrics: Metrics,
    /// The columns to keep within where that can be: chains that are wider go on in a line below. `None`: nothing is folded.
    pub page: Option<u16>,
}

/// A box to place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Who it is.
    pub id: NodeId,
    /// The width it needs in cells, border included. It gets the width of its column, which is at least this.
    pub width: u16,
    /// The height it needs in cells, border included; at least 3 are given where boxes have a border.
    pub height: u16,
}

/// A line to route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it starts.
    pub from: NodeId,
    /// Where its arrow head is.
    pub to: NodeId,
    /// Forward, or down to a dead-letter queue.
    pub kind: LinkKind,
    /// Whether it is drawn with gaps (guessed, only permitted).
    pub dashed: bool,
}

/// The direction of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkKind {
    /// From left to right, from one rank to a later one.
    Main,
    /// From the bottom of a box to the top of the queue beneath it.
    DeadLetter,
}

/// Distances of the picture, in cells. All of them are least values: a channel grows with the lines in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metrics {
    /// Between two columns of boxes, arrow head included; at least 3.
    pub gutter: u16,
    /// Between two rows of one chain; may be 0.
    pub gap: u16,
    /// Between the last row of a chain and the first of the next.
    pub band_gap: u16,
    /// The narrowest column; at least 10.
    pub column: u16,
    /// Boxes have no border and are one row high; dead-letter queues are indented beneath their source.
    pub compact: bool,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            gutter: 5,
            gap: 1,
            band_gap: 2,
            column: 12,
            compact: false,
        }
    }
}
