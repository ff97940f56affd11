//! Where on the screen everything is.
//!
//! ```text
//!  header
//!  answers, one to three lines
//!  ╭ Chain ──────────────────────────╮╭ details ────╮
//!  │                                 ││             │
//!  ├ Needs a look ───────────────────┤│             │
//!  ├ Retries, at a glance ───────────┤│             │
//!  ╰─────────────────────────────────╯╰─────────────╯
//!  caption, in a demonstration
//!  footer
//! ```

use ratatui::layout::Rect;

/// The smallest screen that is drawn on.
pub const SMALLEST: (u16, u16) = (60, 15);

/// Lines of a caption at the most: what is told fits in these on the smallest screen.
pub const MOST_CAPTION: u16 = 3;

/// Rows that a list leaves of the chain, its frame included.
const WORST: u16 = 11;

/// From this height on there is room for a glance at the retries.
const HIGH: u16 = 44;

/// What is asked of the arrangement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Whether the details are open.
    pub details: bool,
    /// Lines of the caption; 0 where there is none.
    pub caption: u16,
    /// What there is to list beneath the chain.
    pub issues: Listed,
    /// What lies beneath the chain.
    pub below: Share,
}

/// How many rows there are to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// All of them.
    pub rows: u16,
    /// Those that lose events.
    pub losing: u16,
}

/// How much of the screen is for what lies beneath the chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Share {
    /// A few lines, where there is room for them.
    #[default]
    Small,
    /// The same, and on a high screen a glance at what is tried again beneath it.
    Glance,
    /// More than half of it; all of it on a low screen.
    Half,
    /// All of it.
    Whole,
}

/// The arrangement. Rects with frames include them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    /// Who, where, what it costs.
    pub header: Rect,
    /// What is said first.
    pub answers: Rect,
    /// The graph, with its frame; the lower border is shared with the troubles.
    pub chain: Rect,
    /// What lies beneath the chain (what needs a look, retries, …), with its frame.
    pub below: Option<Rect>,
    /// What is tried again, where nobody opened a pane and there is room, with its frame.
    pub glance: Option<Rect>,
    /// The details, with their frame.
    pub details: Option<Rect>,
    /// What a demonstration says.
    pub caption: Option<Rect>,
    /// Keys.
    pub footer: Rect,
}

impl Areas {
    /// On a screen of that size; nothing where it is too small.
    #[must_use]
    pub fn of(width: u16, height: u16, wanted: Wanted) -> Option<Self> {
        if width < SMALLEST.0 || height < SMALLEST.1 {
            return None;
        }
        let row = |y: u16, h: u16| Rect::new(0, y, width, h);
        let answers = match height {
            0..20 => 1,
            20..34 => 2,
            _ => 3,
        };
        let caption = wanted.caption.min(MOST_CAPTION);
        let top = 1 + answers;
        let body = height - top - 1 - caption;
        let side = match width {
            0..76 => width,
            _ => (width / 3).clamp(40, 64),
        };
        let details = wanted.details.then(|| Rect::new(width - side, top, side, body));
        let left = match details {
            Some(_) if side < width => width - side,
            _ => width,
        };
        let below = match (wanted.below, height) {
            (Share::Small | Share::Glance, 24..30) if wanted.issues.rows > 0 => listing(6, body, 0, &wanted),
            (Share::Small | Share::Glance, 0..30) => 0,
            (Share::Small, 30..) => listing(8, body, 0, &wanted),
            (Share::Glance, 30..) => listing(8, body, glance_of(body, height), &wanted),
            (Share::Half, 32..) => body * 3 / 5,
            (Share::Half | Share::Whole, _) => body,
        };
        let glance = match (wanted.below, height) {
            (Share::Glance, _) => glance_of(body, height),
            _ => 0,
        };
        // Both share a border; what has the whole body leaves nothing of the chain.
        let chain = if below == body {
            0
        } else {
            body - glance - below.max(1) + 1
        };
        Some(Self {
            header: row(0, 1),
            answers: row(1, answers),
            chain: Rect::new(0, top, left, chain),
            below: (below > 0).then(|| Rect::new(0, top + body - glance - below, left, below)),
            glance: (glance > 0).then(|| Rect::new(0, top + body - glance - 1, left, glance + 1)),
            details,
            caption: (caption > 0).then(|| row(height - 1 - caption, caption)),
            footer: row(height - 1, 1),
        })
    }

    /// The graph without its frame.
    #[must_use]
    pub fn viewport(&self) -> Rect {
        Rect::new(
            self.chain.x + 1,
            self.chain.y + 1,
            self.chain.width.saturating_sub(2),
            self.chain.height.saturating_sub(2),
        )
    }
}

/// Rows of the glance at the retries, without the border that it shares.
fn glance_of(body: u16, height: u16) -> u16 {
    if height < HIGH { 0 } else { body * 2 / 5 - 8 }
}

/// Rows for the list of issues, with its frame: so many at least, and as many as lose events, where that leaves the chain its worst
/// box and what is around it.
fn listing(least: u16, body: u16, glance: u16, wanted: &Wanted) -> u16 {
    // Both share a border.
    let room = body.saturating_sub(glance) + 1;
    let beside_worst = room.saturating_sub(WORST).min(body / 2);
    least.max((wanted.issues.losing + 2).min(beside_worst))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_fits_on_every_screen_from_the_smallest() {
        for width in SMALLEST.0..=300 {
            for height in SMALLEST.1..=100 {
                let all = [Share::Small, Share::Glance, Share::Half, Share::Whole];
                let all = all.map(|below| [(false, 0, below), (true, 0, below), (true, 1, below)]);
                let long = [(false, MOST_CAPTION, Share::Small), (true, 9, Share::Small)];
                for (details, caption, below) in all.into_iter().flatten().chain(long) {
                    let wanted = Wanted {
                        details,
                        caption,
                        issues: Listed {
                            rows: height % 3 * 7,
                            losing: height % 2 * 9,
                        },
                        below,
                    };
                    let areas = Areas::of(width, height, wanted).expect("large enough");
                    let screen = Rect::new(0, 0, width, height);
                    let all = [
                        Some(areas.header),
                        Some(areas.answers),
                        Some(areas.chain),
                        areas.below,
                        areas.glance,
                        areas.details,
                    ];
                    for area in all.into_iter().flatten().chain([areas.footer]).chain(areas.caption) {
                        assert_eq!(area.intersection(screen), area, "{width}x{height}");
                    }
                    let chain_end = areas.glance.or(areas.below).unwrap_or(areas.chain).bottom();
                    assert_eq!(
                        chain_end + areas.caption.map_or(0, |c| c.height),
                        areas.footer.y,
                        "{width}x{height}"
                    );
                    let least = 9 - caption.clamp(1, MOST_CAPTION) + 1;
                    let rows = areas.below.map_or(0, |area| area.height);
                    if let Some(glance) = areas.glance {
                        assert!(glance.height >= 7 && height >= HIGH, "{width}x{height}: {areas:?}");
                    }
                    match below {
                        Share::Small | Share::Glance => {
                            let least = least.min(WORST - 2);
                            assert!(areas.viewport().height >= least, "{width}x{height}: {areas:?}");
                        }
                        Share::Half if height >= 32 => {
                            assert!(
                                rows >= 15 && areas.viewport().height >= 7,
                                "{width}x{height}: {areas:?}"
                            );
                        }
                        Share::Half | Share::Whole => {
                            assert!(rows >= 11 && areas.viewport().is_empty(), "{width}x{height}: {areas:?}");
                        }
                    }
                }
            }
        }
        assert_eq!(Areas::of(59, 40, Wanted::default()), None);
        assert_eq!(Areas::of(160, 14, Wanted::default()), None);
    }

    fn listed((width, height): (u16, u16), rows: u16, losing: u16) -> u16 {
        let wanted = Wanted {
            issues: Listed { rows, losing },
            ..Wanted::default()
        };
        let below = Areas::of(width, height, wanted).and_then(|areas| areas.below);
        below.map_or(0, |area| area.height - 2)
    }

    #[test]
    fn all_that_loses_events_is_listed() {
        assert_eq!(listed((80, 24), 0, 0), 0);
        assert_eq!(listed((80, 24), 9, 1), 4);
        assert_eq!(listed((80, 24), 9, 6), 6);
        assert_eq!(listed((80, 24), 30, 30), 8, "the chain keeps its worst box");
        assert_eq!(listed((120, 40), 9, 1), 6);
        assert_eq!(listed((120, 40), 9, 8), 8);
    }
}
