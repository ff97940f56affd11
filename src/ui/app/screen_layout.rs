//! The arrangement of the screen.
//!
//! ```text
//!  header
//!  overview, one to three lines
//!  ╭ Chain ──────────────────────────╮╭ details ────╮
//!  │                                 ││             │
//!  ├ Issues ─────────────────────────┤│             │
//!  ├ Retries, at a glance ───────────┤│             │
//!  ╰─────────────────────────────────╯╰─────────────╯
//!  caption, in the demo
//!  footer
//! ```

use ratatui::layout::Rect;

/// The smallest supported screen.
pub const SMALLEST: (u16, u16) = (60, 15);

/// The most lines of a caption: every caption fits into them on the smallest screen.
pub const MOST_CAPTION: u16 = 3;

/// Rows beneath the chain on a stage.
const STAGE: u16 = super::presenter::ROWS;

/// The rows that a list leaves for the chain, including its frame.
const WORST: u16 = 11;

/// The least height at which the summary of retries is shown.
const HIGH: u16 = 44;

/// What the arrangement depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Whether the details are open.
    pub details: bool,
    /// Lines of the caption; 0 if there is none.
    pub caption: u16,
    /// The number of issues.
    pub issues: Listed,
    /// Rows of the chain where it is known to need no more, its frame included: the list may have the others.
    pub chain: Option<u16>,
    /// What lies beneath the chain.
    pub below: Share,
}

/// The number of issues to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// All issues.
    pub rows: u16,
    /// Issues that lose events.
    pub losing: u16,
}

/// The share of the screen for the pane below the chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Share {
    /// A few lines, if there is room.
    #[default]
    Small,
    /// The same, with a summary of retries below it on a tall screen.
    Glance,
    /// More than half of the screen; all of it if the screen is low.
    Half,
    /// The whole screen.
    Whole,
}

/// The arrangement. Areas include their frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    /// The header.
    pub header: Rect,
    /// The overview.
    pub answers: Rect,
    /// The chain; it shares its lower border with the pane below.
    pub chain: Rect,
    /// The pane below the chain: issues, retries, …
    pub below: Option<Rect>,
    /// The summary of retries, if no pane was opened and there is room.
    pub glance: Option<Rect>,
    /// The details.
    pub details: Option<Rect>,
    /// The caption of the demo.
    pub caption: Option<Rect>,
    /// The footer.
    pub footer: Rect,
}

impl Areas {
    /// The arrangement for a screen of this size; `None` if it is too small.
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
            (Share::Small | Share::Glance, 0..30) if wanted.issues.rows == 0 => 0,
            (Share::Small | Share::Glance, 0..18) => listing(3, body, 0, &wanted),
            (Share::Small | Share::Glance, 18..24) => listing(4, body, 0, &wanted),
            (Share::Small | Share::Glance, 24..30) => listing(6, body, 0, &wanted),
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

    /// On a stage: the chain without its frame, and beneath it rows for the caption. What somebody opens lies between both.
    #[must_use]
    pub fn on_stage(width: u16, height: u16, wanted: Wanted) -> Option<Self> {
        if width < SMALLEST.0 || height < SMALLEST.1 {
            return None;
        }
        let body = height - STAGE;
        let below = match wanted.below {
            Share::Small | Share::Glance => 0,
            Share::Half => body * 3 / 5,
            Share::Whole => body,
        };
        let side = (width / 3).clamp(40, 64);
        let details = wanted.details.then(|| Rect::new(width - side, 0, side, body));
        let left = if wanted.details { width - side } else { width };
        Some(Self {
            chain: Rect::new(0, 0, left, body - below),
            below: (below > 0).then(|| Rect::new(0, body - below, left, below)),
            details,
            caption: Some(Rect::new(0, body, width, STAGE)),
            ..Self::default()
        })
    }

    /// The chain without its frame.
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

/// Rows of the summary of retries, without the shared border.
fn glance_of(body: u16, height: u16) -> u16 {
    if height < HIGH { 0 } else { body * 2 / 5 - 8 }
}

/// Rows for the list of issues, with its frame: so many at least, as many as lose events, where that leaves the chain its worst
/// box and what is around it, and all that the chain has no need of.
fn listing(least: u16, body: u16, glance: u16, wanted: &Wanted) -> u16 {
    // Both share a border.
    let room = body.saturating_sub(glance) + 1;
    let beside_worst = room.saturating_sub(WORST).min(body / 2);
    let free = wanted.chain.map_or(0, |chain| room.saturating_sub(chain));
    let all = (wanted.issues.rows + 2).min(free);
    least.max((wanted.issues.losing + 2).min(beside_worst)).max(all)
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
                        chain: (width % 2 == 0).then_some(height / 2),
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
                            // On a small screen the list has a row or two of it; what the chain has no need of is the list's.
                            let least = if height < 24 { least - 4 } else { least.min(WORST - 2) };
                            let least = wanted.chain.map_or(least, |chain| least.min(chain - 2));
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

    #[test]
    fn on_a_stage_there_is_nothing_but_the_chain_and_the_caption() {
        let areas = Areas::on_stage(80, 24, Wanted::default()).expect("large enough");
        assert_eq!(
            (areas.chain, areas.caption),
            (Rect::new(0, 0, 80, 21), Some(Rect::new(0, 21, 80, 3)))
        );
        assert!(areas.header.is_empty() && areas.answers.is_empty() && areas.footer.is_empty());
        assert_eq!((areas.below, areas.glance, areas.details), (None, None, None));
        let half = Wanted {
            below: Share::Half,
            ..Wanted::default()
        };
        let areas = Areas::on_stage(80, 24, half).expect("large enough");
        assert_eq!(areas.below.map(Rect::bottom), Some(21));
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
        assert_eq!(listed((60, 15), 9, 1), 1);
        assert_eq!(listed((80, 20), 9, 1), 2);
        assert_eq!(listed((80, 24), 9, 1), 4);
        assert_eq!(listed((80, 24), 9, 6), 6);
        assert_eq!(listed((80, 24), 30, 30), 8, "the chain keeps its worst box");
        assert_eq!(listed((120, 40), 9, 1), 6);
        assert_eq!(listed((120, 40), 9, 8), 8);
    }

    #[test]
    fn what_the_chain_has_no_need_of_lists_issues() {
        let listed = |rows, chain| {
            let wanted = Wanted {
                issues: Listed { rows, losing: 0 },
                chain: Some(chain),
                ..Wanted::default()
            };
            let below = Areas::of(80, 24, wanted).and_then(|areas| areas.below);
            below.map_or(0, |area| area.height - 2)
        };
        assert_eq!(listed(9, 9), 9);
        assert_eq!(listed(30, 9), 10, "the chain keeps what it needs");
        assert_eq!(listed(9, 18), 4);
        assert_eq!(listed(0, 5), 0);
    }
}
