//! The size of boxes: the largest in which the whole chain fits, or the one that a person zoomed to.

use crate::layout::{Placed, Request, place};
use crate::ui::app::effect::Shown;

/// A size of boxes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum BoxSize {
    /// One row: kind and name, or a mark and the name.
    Narrow,
    /// One row: kind, name, mark and a number.
    Compact,
    /// Like normal ones, without a gap between rows.
    Close,
    /// With a border, its name and a line of vital signs.
    #[default]
    Normal,
}

impl BoxSize {
    /// Largest first.
    pub const ALL: [Self; 4] = [Self::Normal, Self::Close, Self::Compact, Self::Narrow];

    /// Whether boxes have no border.
    #[must_use]
    pub fn is_compact(self) -> bool {
        self <= Self::Compact
    }

    /// The next size when zooming.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Narrow | Self::Compact => Self::Normal,
            Self::Close | Self::Normal => Self::Compact,
        }
    }
}

/// The input of the layout for each possible size of boxes, largest first; nothing else differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// At least one, except before the first layout.
    pub by_size: Vec<Request>,
    /// The sizes, in the same order.
    pub sizes: Vec<BoxSize>,
    /// The rows to fit into.
    pub height: u16,
}

impl Requests {
    /// Lays out the largest size that fits, else the smallest. On the same page a size that still fits stays.
    #[must_use]
    pub fn place(&self, previous: Option<&Shown>) -> (usize, Placed) {
        let same = |shown: &&Shown| {
            let requests = &shown.requests;
            requests.height == self.height
                && requests.by_size.len() == self.by_size.len()
                && shown.request().map(|request| request.page) == self.by_size.first().map(|request| request.page)
        };
        let first = previous.filter(same).map(|shown| shown.chosen);
        let mut last = (0, Placed::default());
        for chosen in first.into_iter().chain(0..self.by_size.len()) {
            let request = &self.by_size[chosen];
            let placed = place(request, previous.map(|shown| &*shown.placed));
            let fits = placed.height <= u32::from(self.height)
                && request.page.is_none_or(|page| placed.width <= u32::from(page));
            last = (chosen, placed);
            if fits {
                break;
            }
        }
        last
    }
}
