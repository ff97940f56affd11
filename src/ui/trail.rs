//! What a demonstration's screen looks at where the chain is wider than the screen: it goes along with one event, hop by
//! hop, from the head of its chain to the end. Whoever moves by hand takes over.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use super::app::App;
use super::moves;
use super::picture::{Line, Picture};
use crate::domain::NodeId;
use crate::graph;
use crate::store::snapshot::{Pulse, Severity, Snapshot};

/// An event that has made no hop for so long is lost from sight, by the watch.
const LOST: Duration = Duration::from_secs(20);
/// The end of a chain is looked at for so long before the next event is followed.
const REST: Duration = Duration::from_secs(4);
/// The screen stays with a hop for so long, so that the eye can follow.
const DWELL: Duration = Duration::from_millis(700);
/// In one frame the screen goes this part of the way that is left.
const PART: i32 = 6;

/// The event that is followed.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    hop: Option<Hop>,
    /// Whether the next event at a head is to be followed.
    wanted: bool,
    /// Whether a person has taken the screen over.
    by_hand: bool,
    /// Pulses up to this number were seen.
    seen: u64,
}

#[derive(Clone, Debug)]
struct Hop {
    from: NodeId,
    to: NodeId,
    at: Timestamp,
    seen: Duration,
}

impl Trail {
    /// The next event that comes in is followed: somebody dropped one.
    pub fn begin(&mut self) {
        *self = Self {
            wanted: true,
            seen: self.seen,
            ..Self::default()
        };
    }

    /// Something else is to be seen.
    pub fn stop(&mut self) {
        self.hop = None;
        self.wanted = false;
    }

    /// Somebody moves by hand: nothing is followed until an event is dropped.
    pub fn let_go(&mut self) {
        self.stop();
        self.by_hand = true;
    }

    /// The boxes between which the event is.
    #[must_use]
    pub fn between(&self) -> Option<(&NodeId, &NodeId)> {
        self.hop.as_ref().map(|hop| (&hop.from, &hop.to))
    }

    /// Goes on with the traffic that was seen. `unasked`: events are followed although nobody dropped one.
    fn take(&mut self, pulses: &[Pulse], picture: &Picture, wall: Duration, unasked: bool) {
        let ways = Ways::of(picture);
        let is_over = self.hop.as_ref().is_some_and(|hop| {
            let passed = wall.saturating_sub(hop.seen);
            passed > LOST || (passed > REST && ways.onward(&hop.to).next().is_none())
        });
        if is_over {
            self.hop = None;
        }
        let line = |pulse: &Pulse| {
            let at = picture.line_of.get(&pulse.edge)?;
            picture.lines.get(*at)
        };
        if self.hop.is_none() && (self.wanted || (unasked && !self.by_hand)) {
            let fresh = pulses.iter().filter(|pulse| pulse.number > self.seen);
            let heads = fresh.filter_map(|pulse| Some((pulse, line(pulse)?)));
            let first = heads
                .filter(|(_, line)| ways.is_head(line))
                .max_by_key(|(pulse, _)| pulse.at);
            if let Some((pulse, line)) = first {
                self.wanted = false;
                self.hop = Some(Hop::new(line, pulse, wall));
            }
        }
        // Logs are read one after the other: what comes next may have been seen before.
        for _ in &picture.lines {
            let Some(hop) = self.hop.as_ref().filter(|hop| wall >= hop.seen + DWELL) else {
                break;
            };
            let after = pulses.iter().filter(|pulse| pulse.at >= hop.at);
            let next = after
                .filter_map(|pulse| Some((pulse, line(pulse)?)))
                .filter(|(_, line)| ways.onward(&hop.to).any(|way| std::ptr::eq(way, *line)))
                .min_by_key(|(pulse, _)| pulse.at);
            let Some((pulse, line)) = next else { break };
            self.hop = Some(Hop::new(line, pulse, wall));
        }
        self.seen = pulses
            .iter()
            .map(|pulse| pulse.number)
            .max()
            .unwrap_or(0)
            .max(self.seen);
    }
}

impl Hop {
    fn new(line: &Line, pulse: &Pulse, seen: Duration) -> Self {
        Self {
            from: line.from.clone(),
            to: line.to.clone(),
            at: pulse.at,
            seen,
        }
    }
}

/// The lines that lead on: forwards, and not into what only stores.
struct Ways<'a> {
    lines: Vec<&'a Line>,
    sources: BTreeSet<&'a NodeId>,
    targets: BTreeSet<&'a NodeId>,
}

impl<'a> Ways<'a> {
    fn of(picture: &'a Picture) -> Self {
        let lines: Vec<&Line> = picture.lines.iter().filter(|line| !line.dead_letter).collect();
        Self {
            sources: lines.iter().map(|line| &line.from).collect(),
            targets: lines.iter().map(|line| &line.to).collect(),
            lines,
        }
    }

    fn is_head(&self, line: &Line) -> bool {
        !line.dead_letter && !self.targets.contains(&line.from)
    }

    /// The lines out of a box; where some of them lead further than the next box, only those.
    fn onward(&self, id: &NodeId) -> impl Iterator<Item = &'a Line> {
        let out = self.lines.iter().copied().filter(move |line| line.from == *id);
        let further = out.clone().any(|line| self.sources.contains(&line.to));
        let out: Vec<&Line> = out.filter(|line| !further || self.sources.contains(&line.to)).collect();
        out.into_iter()
    }
}

/// Takes a new snapshot in.
pub(super) fn follow(app: &mut App, snapshot: &Snapshot) {
    if app.demo.is_none() {
        return;
    }
    let is_calm = snapshot
        .troubles
        .iter()
        .all(|trouble| trouble.severity < Severity::Failing);
    let view = app.viewport();
    let is_wider = app.shown.placed.width > u32::from(view.w);
    let unasked = is_calm && is_wider && !app.chosen && app.details.is_none();
    app.trail.take(&snapshot.pulses, &app.shown.picture, app.wall, unasked);
}

/// Where the screen should be for the event that is followed.
fn wanted(app: &App) -> Option<(i32, i32)> {
    let (from, to) = app.trail.between()?;
    let (from, to) = (app.shown.placed.seat(from)?.rect, app.shown.placed.seat(to)?.rect);
    let both = graph::Rect {
        x: from.x.min(to.x),
        y: from.y.min(to.y),
        w: u16::try_from(from.right().max(to.right()) - from.x.min(to.x) + 1).ok()?,
        h: u16::try_from(from.bottom().max(to.bottom()) - from.y.min(to.y) + 1).ok()?,
    };
    let view = app.viewport();
    Some(moves::within(
        app,
        moves::around(view, both, (i32::from(view.w) / 4, 3)),
    ))
}

/// Whether the screen is on its way.
#[must_use]
pub(super) fn is_moving(app: &App) -> bool {
    wanted(app).is_some_and(|scroll| scroll != app.scroll)
}

/// Goes a part of the way, once a frame.
pub(super) fn go_along(app: &mut App) {
    let Some((x, y)) = wanted(app) else { return };
    let part = |now: i32, then: i32| match then - now {
        0 => now,
        left => now + left.signum() * (left.abs() / PART).max(1),
    };
    app.scroll = (part(app.scroll.0, x), part(app.scroll.1, y));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{EdgeKey, EdgeKind, EdgePolicy, Evidence, NodeKind};
    use crate::ui::demo::DemoState;
    use crate::ui::settings::Settings;
    use crate::ui::testing::{Account, Stage, noon};
    use crate::ui::update::Msg;

    /// A chain much wider than the screen; its links.
    fn long_chain() -> (Account, Vec<EdgeKey>) {
        let mut account = Account::new(noon());
        let nodes: Vec<NodeId> = (0..12)
            .map(|n| account.node(NodeKind::Lambda, &format!("step-{n:02}")))
            .collect();
        let links = nodes
            .windows(2)
            .map(|pair| account.edge(&pair[0], &pair[1], EdgeKind::Trigger, EdgePolicy::default()))
            .collect();
        (account, links)
    }

    fn stage(account: &Account) -> Stage {
        let mut stage = Stage::new(Settings::default(), account, (120, 35)).expect("settings");
        stage.tell(Msg::Demo(DemoState::default()));
        stage
    }

    /// As many frames as it takes.
    fn arrive(stage: &mut Stage) {
        for _ in 0..200 {
            go_along(&mut stage.app);
        }
        assert!(!is_moving(&stage.app), "it comes to rest");
    }

    #[test]
    fn the_screen_goes_along_with_an_event_to_the_end() {
        let (mut account, links) = long_chain();
        let mut stage = stage(&account);
        assert!(!stage.text().contains("step-11"), "the chain is wider than the screen");
        for (n, link) in links.iter().enumerate() {
            account.now += jiff::SignedDuration::from_secs(1);
            account.pulse(link, 1, Evidence::Observed);
            stage.app.wall += DWELL;
            stage.show(&account);
            arrive(&mut stage);
            let text = stage.text();
            for name in [format!("step-{n:02}"), format!("step-{:02}", n + 1)] {
                assert!(text.contains(&name), "{name} is on screen:\n{text}");
            }
        }
        stage.app.wall += REST * 2;
        account.now += jiff::SignedDuration::from_secs(9);
        account.pulse(&links[0], 1, Evidence::Observed);
        stage.show(&account);
        arrive(&mut stage);
        assert!(stage.text().contains("step-00"), "then the next one is followed");
    }

    #[test]
    fn whoever_moves_by_hand_is_left_alone_until_a_marble_is_dropped() {
        let (mut account, links) = long_chain();
        let mut stage = stage(&account);
        let mut pass = |stage: &mut Stage| {
            for link in &links {
                account.now += jiff::SignedDuration::from_secs(1);
                account.pulse(link, 1, Evidence::Observed);
            }
            for _ in &links {
                stage.app.wall += DWELL;
                stage.show(&account);
            }
            arrive(stage);
            stage.text().contains("step-11")
        };
        stage.press("l");
        assert!(!pass(&mut stage), "somebody walks through the chain");
        stage.press("space");
        assert!(pass(&mut stage), "somebody wants to see this one");
    }

    #[test]
    fn events_that_run_in_a_circle_are_followed_once_around() {
        let mut account = Account::new(noon());
        let (a, b) = (account.node(NodeKind::Lambda, "a"), account.node(NodeKind::S3, "b"));
        let head = account.node(NodeKind::Sns, "head");
        let links = [(&head, &a), (&a, &b), (&b, &a)]
            .map(|(from, to)| account.edge(from, to, EdgeKind::Trigger, EdgePolicy::default()));
        for link in &links {
            account.pulse(link, 1, Evidence::Observed);
        }
        let mut stage = stage(&account);
        stage.press("space");
        stage.app.trail.seen = 0;
        for _ in 0..10 {
            stage.app.wall += DWELL;
            stage.show(&account);
        }
        assert!(stage.app.trail.between().is_some(), "and that ends");
    }
}
