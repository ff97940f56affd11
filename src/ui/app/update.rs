//! Updates of the screen by messages: a key, the mouse, a snapshot, a finished layout. Pure: effects are returned.

use std::sync::Arc;

use crate::ui::chain::update::in_chain;
use crate::ui::input::mouse::on_mouse;
use crate::ui::input::typing::{in_find, in_palette, in_pattern, on_typed, type_in};
use crate::ui::panes::update as panes;
use crate::ui::panes::update::PaneRequest;
use crossterm::event::{KeyEvent, MouseEvent};

use crate::dlq::DlqState;
use crate::domain::NodeId;
use crate::logs::View;
use crate::store::causes::{causes, loses};
use crate::store::issues::issues;
use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::app::demo::DemoState;
use crate::ui::app::effect::{Effect, Job, Shown};
use crate::ui::app::mode::{List, ListOf, Mode};
use crate::ui::app::notice::Notice;
use crate::ui::app::screen_layout::Listed;
use crate::ui::chain::node_card::Edges;
use crate::ui::chain::scene::{Item, healths};
use crate::ui::chain::selection::{clamp, first, follow, select, show_selected};
use crate::ui::dialogs::palette::state::Palette;
use crate::ui::input::keys::{Chord, Command};
use crate::ui::panes::dead_letters::state::sift;
use crate::ui::panes::logs::search;
use crate::ui::panes::retries::state::{in_flight, needs_a_look};
use crate::ui::panes::state::Pane;
use crate::ui::terminal::editor::EditError;
use crate::ui::text::bytes;

/// A message for the screen.
#[derive(Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// A mouse event.
    Mouse(MouseEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal was resized.
    Resize(u16, u16),
    /// A new snapshot, which is passed beside the message.
    Snapshot,
    /// A layout was finished.
    Placed(Shown),
    /// A new state of the demo.
    Demo(DemoState),
    /// A new state of dead letters.
    Dlq(Arc<DlqState>),
    /// The lines that a search found.
    Searched(search::Job, View),
    /// The matches of a search in other lines are known: redraw.
    Marked,
    /// The messages that a filter chose.
    Sifted(sift::Job, sift::Outcome),
    /// A message came back from the editor.
    Edited(String, Result<String, EditError>),
}

/// Updates the state by a message.
pub fn update(app: &mut App, snapshot: &Snapshot, msg: Msg) -> Vec<Effect> {
    let mut effects = take_in(app, snapshot, msg);
    effects.extend(panes::work(app));
    effects
}

fn take_in(app: &mut App, snapshot: &Snapshot, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Key(key) => on_key(app, snapshot, &key),
        Msg::Mouse(event) => on_mouse(app, snapshot, event),
        Msg::Paste(text) => {
            let text = text.chars().filter(|c| !c.is_control());
            match &mut app.mode {
                Mode::Find(find) => find.query.extend(text),
                Mode::Palette(palette) => palette.query.extend(text),
                Mode::Pattern(typed) | Mode::Answer(_, typed) => typed.extend(text),
                _ => return Vec::new(),
            }
            on_typed(app, snapshot);
            Vec::new()
        }
        Msg::Resize(width, height) => {
            app.size = (width, height);
            let effects = draw_anew(app, snapshot, Keep::Places);
            show_selected(app);
            effects
        }
        Msg::Snapshot => on_snapshot(app, snapshot),
        Msg::Placed(shown) => {
            on_placed(app, snapshot, shown);
            Vec::new()
        }
        Msg::Dlq(desk) => {
            on_dlq(app, desk);
            Vec::new()
        }
        Msg::Searched(job, view) => {
            if let Pane::Logs(pane) = &mut app.panes.below {
                pane.searched(job, view, snapshot);
            }
            Vec::new()
        }
        Msg::Marked => Vec::new(),
        Msg::Sifted(job, outcome) => {
            if let Some(said) = panes::sifted(app, &job, outcome) {
                app.notice = Some(app.look().say(&said).into());
            }
            Vec::new()
        }
        Msg::Edited(id, outcome) => {
            app.notice = None;
            let asked = panes::edited(app, id, outcome);
            answer(app, snapshot, asked)
        }
        Msg::Demo(demo) => {
            let was_full = app.demo.as_ref().is_some_and(|before| before.full.is_some());
            if let Some((held, budget)) = demo.full.filter(|_| !was_full) {
                let (held, budget) = (bytes(held), bytes(budget));
                app.notice = Some(Notice::Full { held, budget });
            }
            app.demo = Some(demo);
            clamp(app);
            Vec::new()
        }
    }
}

fn on_dlq(app: &mut App, desk: Arc<DlqState>) {
    let before = std::mem::replace(&mut app.dlq, desk);
    let number = |desk: &DlqState| desk.said.as_ref().map(|said| said.number);
    if number(&before) != number(&app.dlq)
        && let Some(said) = &app.dlq.said
    {
        app.notice = Some(said.text.clone().into());
    }
    panes::update_dlq(app);
}

fn in_answer(app: &mut App, snapshot: &Snapshot, command: Command) -> Vec<Effect> {
    let given = match command {
        Command::Open => true,
        Command::Close => false,
        _ => return Vec::new(),
    };
    let asked = panes::answered(app, snapshot, given);
    answer(app, snapshot, asked)
}

fn on_snapshot(app: &mut App, snapshot: &Snapshot) -> Vec<Effect> {
    app.chain.marbles.take(&snapshot.pulses, app.clock.now, app.clock.wall);
    match &mut app.panes.below {
        Pane::Logs(pane) => pane.update_from(snapshot),
        Pane::Retries(pane) => pane.update_from(snapshot),
        Pane::Runs(pane) => pane.update_from(snapshot),
        Pane::Issues | Pane::DeadLetters(_) => {}
    }
    if !Arc::ptr_eq(&app.retries.deliveries, &snapshot.deliveries) {
        app.retries.deliveries = Arc::clone(&snapshot.deliveries);
        app.retries.in_flight = Arc::new(in_flight(&snapshot.deliveries));
        let retried = snapshot.deliveries.deliveries.iter().any(needs_a_look);
        if app.retries.any != retried {
            app.retries.any = retried;
            clamp(app);
        }
    }
    app.hints.update_from(snapshot);
    list(app, snapshot);
    let changed = app.chain.revision != Some(snapshot.topology.revision);
    if changed {
        app.chain.revision = Some(snapshot.topology.revision);
        app.chain.edges = Arc::new(Edges::of(&snapshot.topology.edges));
    }
    let keep = if settles(app, snapshot) {
        Keep::Nothing
    } else {
        Keep::Places
    };
    let healths = app.chain.filter.collapse.then(|| healths(snapshot));
    let refold = app.chain.filter.collapse && app.chain.healths != healths;
    app.chain.healths = healths;
    let effects = if changed || refold || keep == Keep::Nothing {
        draw_anew(app, snapshot, keep)
    } else {
        Vec::new()
    };
    follow(app, snapshot);
    effects
}

/// Makes room for the issues. The room stays, so that the chain does not jump when an issue comes or goes.
fn list(app: &mut App, snapshot: &Snapshot) {
    let rows = causes(issues(&snapshot.troubles, ToString::to_string));
    let count = |n: usize| u16::try_from(n).unwrap_or(u16::MAX / 2);
    let losing = count(rows.iter().filter(|issue| loses(&issue.trouble)).count());
    let before = app.panes.issues;
    app.panes.issues = Listed {
        rows: before.rows.max(count(rows.len())),
        losing: if losing == 0 { 0 } else { before.losing.max(losing) },
    };
    if app.panes.issues != before {
        clamp(app);
    }
}

/// Whether this is the end of the first survey. Boxes were placed in the order in which they were found: now that all are
/// known they are laid out anew, unless a person has begun to navigate.
fn settles(app: &mut App, snapshot: &Snapshot) -> bool {
    let topology = &snapshot.topology;
    let has_ended = !topology.cached && topology.progress.is_none() && topology.surveyed_at.is_some();
    let is_first = has_ended && !app.chain.settled;
    app.chain.settled |= has_ended;
    is_first && !app.chain.chosen
}

/// Whether known boxes keep their places.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    Places,
    Nothing,
}

/// Rebuilds the scene, and requests a layout if boxes or lines changed.
pub(crate) fn draw_anew(app: &mut App, snapshot: &Snapshot, keep: Keep) -> Vec<Effect> {
    app.chain.wanted = Arc::new(app.picture(snapshot));
    let requests = app.requests(&app.chain.wanted);
    if requests == *app.chain.requested && keep == Keep::Places {
        // Names and policies may have changed; who stands where has not.
        if Arc::ptr_eq(&app.chain.shown.requests, &app.chain.requested) {
            app.chain.shown.picture = Arc::clone(&app.chain.wanted);
        }
        return Vec::new();
    }
    app.chain.requested = Arc::new(requests);
    vec![Effect::Layout(Job {
        picture: Arc::clone(&app.chain.wanted),
        requests: Arc::clone(&app.chain.requested),
        previous: (keep == Keep::Places).then(|| app.chain.shown.clone()),
    })]
}

fn on_placed(app: &mut App, snapshot: &Snapshot, shown: Shown) {
    let before = std::mem::replace(&mut app.chain.shown, shown);
    if Arc::ptr_eq(&app.chain.shown.requests, &app.chain.requested) {
        app.chain.shown.picture = Arc::clone(&app.chain.wanted);
    }
    let selected = app.chain.selected.take();
    app.chain.selected = selected
        .as_ref()
        .and_then(|id| app.chain.shown.picture.box_of(id).cloned())
        .or_else(|| selected.as_ref().and_then(|id| unfolded(&before, &app.chain.shown, id)))
        .filter(|_| app.chain.chosen)
        .or_else(|| first(app, snapshot));
    let shift = app
        .chain
        .selected
        .as_ref()
        .filter(|id| selected.as_ref() == Some(*id))
        .and_then(|id| app.chain.shown.placed.shift_since(&before.placed, id));
    if let Some((x, y)) = shift {
        app.chain.scroll.0 += x;
        app.chain.scroll.1 += y;
    }
    clamp(app);
    if shift.is_none() {
        show_selected(app);
    }
}

/// The box of a node whose folded box no longer exists.
fn unfolded(before: &Shown, after: &Shown, id: &NodeId) -> Option<NodeId> {
    match before.picture.items.get(id)? {
        Item::Fold(fold) => fold
            .members
            .iter()
            .find_map(|member| after.picture.box_of(member))
            .cloned(),
        Item::Node(_) => None,
    }
}

fn on_key(app: &mut App, snapshot: &Snapshot, key: &KeyEvent) -> Vec<Effect> {
    app.notice = None;
    let Some(command) = app.keys.run(&app.places(), Chord::of(key)) else {
        type_in(app, snapshot, key);
        return Vec::new();
    };
    run(app, snapshot, command)
}

/// Runs a command of a key or of the palette.
pub(crate) fn run(app: &mut App, snapshot: &Snapshot, command: Command) -> Vec<Effect> {
    match command {
        Command::Suspend => return vec![Effect::Suspend],
        Command::Redraw => return vec![Effect::Redraw],
        Command::Quit => return vec![Effect::Quit],
        _ => {}
    }
    match app.mode {
        Mode::Chain => below_key(app, snapshot, command),
        Mode::Find(_) => in_find(app, snapshot, command),
        Mode::Palette(_) => in_palette(app, snapshot, command),
        Mode::Pattern(_) => {
            in_pattern(app, snapshot, command);
            Vec::new()
        }
        Mode::Answer(..) => in_answer(app, snapshot, command),
        Mode::Help(_) => in_help(app, command),
        Mode::List(list) => in_list(app, snapshot, list, command),
    }
}

/// Runs a command in the pane below the chain.
pub(crate) fn below_key(app: &mut App, snapshot: &Snapshot, command: Command) -> Vec<Effect> {
    if command == Command::Palette {
        app.mode = Mode::Palette(Palette::new(&app.keys, &app.places()));
        return Vec::new();
    }
    match panes::run(app, snapshot, command) {
        PaneRequest::NotMine => in_chain(app, snapshot, command),
        asked => answer(app, snapshot, asked),
    }
}

/// Handles a request of a pane.
pub(crate) fn answer(app: &mut App, snapshot: &Snapshot, asked: PaneRequest) -> Vec<Effect> {
    match asked {
        PaneRequest::Nothing | PaneRequest::NotMine => Vec::new(),
        PaneRequest::Do(effect) => vec![effect],
        PaneRequest::Select(id) => reveal(app, snapshot, &id),
        PaneRequest::Logs(pane) => {
            panes::open_logs(app, snapshot, *pane);
            Vec::new()
        }
        PaneRequest::Runs(pane) => {
            panes::open_runs(app, snapshot, pane);
            Vec::new()
        }
        PaneRequest::Retries(function, request) => {
            panes::open_retries_at(app, snapshot, &function, request.as_deref());
            reveal(app, snapshot, &function)
        }
        PaneRequest::Pattern(text) => {
            app.mode = Mode::Pattern(text);
            Vec::new()
        }
        PaneRequest::Ask(question, text) => {
            app.mode = Mode::Answer(question, text);
            Vec::new()
        }
        PaneRequest::Say(notice) => {
            app.notice = Some(notice);
            Vec::new()
        }
        PaneRequest::GoTo(id) => {
            app.panes.below = Pane::Issues;
            reveal(app, snapshot, &id)
        }
        PaneRequest::Close => {
            app.panes.below = Pane::Issues;
            show_selected(app);
            Vec::new()
        }
    }
}

/// Selects a node, and unfolds the box that it is in.
pub(crate) fn reveal(app: &mut App, snapshot: &Snapshot, id: &NodeId) -> Vec<Effect> {
    if app.chain.shown.picture.items.contains_key(id) {
        select(app, Some(id.clone()));
        return Vec::new();
    }
    if app.chain.shown.picture.folded.contains_key(id) {
        app.chain.filter.opened.insert(id.clone());
        app.chain.selected = Some(id.clone());
        app.chain.chosen = true;
        return draw_anew(app, snapshot, Keep::Places);
    }
    Vec::new()
}

fn in_help(app: &mut App, command: Command) -> Vec<Effect> {
    let Mode::Help(scroll) = &mut app.mode else {
        return Vec::new();
    };
    match command {
        Command::Down => *scroll = scroll.saturating_add(1),
        Command::Up => *scroll = scroll.saturating_sub(1),
        Command::PageDown => *scroll = scroll.saturating_add(10),
        Command::PageUp => *scroll = scroll.saturating_sub(10),
        _ => app.mode = Mode::Chain,
    }
    Vec::new()
}

fn in_list(app: &mut App, snapshot: &Snapshot, list: List, command: Command) -> Vec<Effect> {
    let rows = match list.of {
        ListOf::Issues => issues(&snapshot.troubles, ToString::to_string).len(),
        ListOf::Unknown => snapshot.unread().len() + snapshot.unproved().len(),
        ListOf::Info => usize::MAX,
    };
    let end = rows.saturating_sub(1);
    let at = match command {
        Command::Down => list.at.saturating_add(1),
        Command::Up => list.at.saturating_sub(1),
        Command::PageDown => list.at.saturating_add(10),
        Command::PageUp => list.at.saturating_sub(10),
        Command::Open => {
            app.mode = Mode::Chain;
            let issues = issues(&snapshot.troubles, ToString::to_string);
            return match (list.of, issues.get(list.at)) {
                (ListOf::Issues, Some(issue)) => reveal(app, snapshot, &issue.trouble.id),
                _ => Vec::new(),
            };
        }
        _ => {
            app.mode = Mode::Chain;
            return Vec::new();
        }
    };
    app.mode = Mode::List(List {
        at: at.min(end),
        ..list
    });
    Vec::new()
}
