//! The size of boxes: the largest in which the whole chain fits, or the one that a person zoomed to.

use crate::layout::{Metrics, Placed, Request, place};
use crate::ui::app::effect::Shown;

/// The narrowest large box.
const LARGE: u16 = 20;

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
    /// With a second line of numbers, a longer sparkline, and longer lines between boxes.
    Large,
}

impl BoxSize {
    /// Those that are tried where nobody zoomed, largest first.
    pub const FITTED: [Self; 4] = [Self::Normal, Self::Close, Self::Compact, Self::Narrow];

    /// Whether boxes have no border.
    #[must_use]
    pub fn is_compact(self) -> bool {
        self <= Self::Compact
    }

    /// The next size when zooming.
    #[must_use]
    pub fn larger(self) -> Self {
        match self {
            Self::Narrow | Self::Compact => Self::Normal,
            Self::Close | Self::Normal | Self::Large => Self::Large,
        }
    }

    /// What zooming out leads to.
    #[must_use]
    pub fn smaller(self) -> Self {
        match self {
            Self::Large => Self::Normal,
            Self::Close | Self::Normal | Self::Narrow | Self::Compact => Self::Compact,
        }
    }

    /// Distances between boxes, and the narrowest of them.
    #[must_use]
    pub fn metrics(self) -> Metrics {
        let (gutter, gap, band_gap, column) = match self {
            Self::Narrow | Self::Compact => (3, 0, 1, 12),
            Self::Close => (4, 0, 2, 12),
            Self::Normal => (4, 1, 2, 12),
            Self::Large => (8, 1, 2, LARGE),
        };
        Metrics {
            gutter,
            gap,
            band_gap,
            column,
            compact: self.is_compact(),
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
    /// Whether the first survey has ended. Until then boxes may get larger: what is not linked yet stands in a row of its own.
    pub settled: bool,
}

impl Requests {
    /// Places the largest size that fits, else the smallest. Once all is known, a size that still fits stays while the page
    /// is the same.
    #[must_use]
    pub fn place(&self, previous: Option<&Shown>) -> (usize, Placed) {
        let same = |shown: &&Shown| {
            let requests = &shown.requests;
            requests.settled
                && requests.height == self.height
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
