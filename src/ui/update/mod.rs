//! What happens on the screen when something happens: a key, the mouse, a snapshot, a layout that is done. Pure: what
//! is to be done outside comes back as effects.

mod knobs;
mod mouse;
mod panes;
mod typing;

use std::sync::Arc;

use crossterm::event::{KeyEvent, MouseEvent};

use crate::dlq::DlqState;
use crate::domain::NodeId;
use crate::domain::text::plain;
use crate::layout::Direction;
use crate::store::issues::issues;
use crate::store::snapshot::Snapshot;
use crate::ui::app::{App, Details, Effect, Find, Job, List, ListOf, Mode, Shown};
use crate::ui::commands;
use crate::ui::demo::DemoState;
use crate::ui::keys::{Chord, Command};
use crate::ui::logs::LogPane;
use crate::ui::node_card::Edges;
use crate::ui::palette::Palette;
use crate::ui::pane::Pane;
use crate::ui::retries::{in_flight, needs_a_look};
use crate::ui::scene::{Item, healths};
use crate::ui::search;
use crate::ui::selection::{
    clamp, first, follow, follow_event, go, next_trouble, scroll_by, scroll_details, select, show_selected,
};
use crate::ui::settings::Zone;
use crate::ui::views::details;
use mouse::on_mouse;
use panes::Asked;
use typing::{in_find, in_palette, in_pattern, on_typed, type_in};

/// What happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this size.
    Resize(u16, u16),
    /// There is a new snapshot: the one that is passed along.
    Snapshot,
    /// A layout is done.
    Placed(Shown),
    /// The demonstration says something.
    Demo(DemoState),
    /// The state of the dead letters is new.
    DlqState(Arc<DlqState>),
    /// A letter comes back from the editor.
    Edited(String, Result<String, String>),
}

/// Takes in what happened.
pub fn update(app: &mut App, snapshot: &Snapshot, msg: Msg) -> Vec<Effect> {
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
            show_selected(app);
            Vec::new()
        }
        Msg::Snapshot => on_snapshot(app, snapshot),
        Msg::Placed(shown) => {
            on_placed(app, snapshot, shown);
            Vec::new()
        }
        Msg::DlqState(desk) => {
            on_desk(app, desk);
            Vec::new()
        }
        Msg::Edited(id, outcome) => {
            app.notice = None;
            let asked = panes::edited(app, id, outcome);
            answer(app, snapshot, asked)
        }
        Msg::Demo(demo) => {
            app.demo = Some(demo);
            clamp(app);
            Vec::new()
        }
    }
}

fn on_desk(app: &mut App, desk: Arc<DlqState>) {
    let before = std::mem::replace(&mut app.desk, desk);
    let number = |desk: &DlqState| desk.said.as_ref().map(|said| said.number);
    if number(&before) != number(&app.desk)
        && let Some(said) = &app.desk.said
    {
        app.notice = Some(plain(&said.text).into_owned());
    }
    panes::look_at_the_desk(app);
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
    app.marbles.take(&snapshot.pulses, app.now, app.wall);
    match &mut app.below {
        Pane::Logs(pane) => pane.look(snapshot),
        Pane::Retries(pane) => pane.look(snapshot),
        Pane::Runs(pane) => pane.look(snapshot),
        Pane::Troubles | Pane::Letters(_) => {}
    }
    if !Arc::ptr_eq(&app.deliveries, &snapshot.deliveries) {
        app.deliveries = Arc::clone(&snapshot.deliveries);
        app.in_flight = Arc::new(in_flight(&snapshot.deliveries));
        let retried = snapshot.deliveries.deliveries.iter().any(needs_a_look);
        if app.retried != retried {
            app.retried = retried;
            show_selected(app);
        }
    }
    // It stays: the chain would jump with each trouble that comes and goes.
    if !app.has_issues && !snapshot.troubles.is_empty() {
        app.has_issues = true;
        show_selected(app);
    }
    let changed = app.revision != Some(snapshot.topology.revision);
    if changed {
        app.revision = Some(snapshot.topology.revision);
        app.edges = Arc::new(Edges::of(&snapshot.topology.edges));
    }
    let keep = if settles(app, snapshot) {
        Keep::Nothing
    } else {
        Keep::Places
    };
    let healths = app.filter.collapse.then(|| healths(snapshot));
    let refold = app.filter.collapse && app.healths != healths;
    app.healths = healths;
    let effects = if changed || refold || keep == Keep::Nothing {
        draw_anew(app, snapshot, keep)
    } else {
        Vec::new()
    };
    follow(app, snapshot);
    follow_event(app, snapshot);
    effects
}

/// Whether this is the end of the first survey. Boxes were seated as they were found, in any order: now that all are
/// known they are seated once more, unless somebody has begun to find their way.
fn settles(app: &mut App, snapshot: &Snapshot) -> bool {
    let topology = &snapshot.topology;
    let has_ended = !topology.cached && topology.progress.is_none() && topology.surveyed_at.is_some();
    let is_first = has_ended && !app.settled;
    app.settled |= has_ended;
    is_first && !app.chosen
}

/// Whether boxes that stay keep their places.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    Places,
    Nothing,
}

/// Makes the picture anew, and asks for its layout where boxes or lines changed.
fn draw_anew(app: &mut App, snapshot: &Snapshot, keep: Keep) -> Vec<Effect> {
    app.wanted = Arc::new(app.picture(snapshot));
    let request = app.request(&app.wanted);
    if request == *app.requested && keep == Keep::Places {
        // Names and policies may have changed; who stands where has not.
        if Arc::ptr_eq(&app.shown.request, &app.requested) {
            app.shown.picture = Arc::clone(&app.wanted);
        }
        return Vec::new();
    }
    app.requested = Arc::new(request);
    vec![Effect::Layout(Job {
        picture: Arc::clone(&app.wanted),
        request: Arc::clone(&app.requested),
        previous: (keep == Keep::Places).then(|| Arc::clone(&app.shown.placed)),
    })]
}

fn on_placed(app: &mut App, snapshot: &Snapshot, shown: Shown) {
    let before = std::mem::replace(&mut app.shown, shown);
    if Arc::ptr_eq(&app.shown.request, &app.requested) {
        app.shown.picture = Arc::clone(&app.wanted);
    }
    let selected = app.selected.take();
    app.selected = selected
        .as_ref()
        .and_then(|id| app.shown.picture.box_of(id).cloned())
        .or_else(|| selected.as_ref().and_then(|id| unfolded(&before, &app.shown, id)))
        .filter(|_| app.chosen)
        .or_else(|| first(app, snapshot));
    let shift = app
        .selected
        .as_ref()
        .filter(|id| selected.as_ref() == Some(*id))
        .and_then(|id| app.shown.placed.shift_since(&before.placed, id));
    if let Some((x, y)) = shift {
        app.scroll.0 += x;
        app.scroll.1 += y;
    }
    clamp(app);
    if shift.is_none() {
        show_selected(app);
    }
}

/// The box of one who was in a fold that is gone.
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

/// Does what a key, or the palette, asked for.
fn run(app: &mut App, snapshot: &Snapshot, command: Command) -> Vec<Effect> {
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

/// A command in whatever is open beneath the chain.
fn below_key(app: &mut App, snapshot: &Snapshot, command: Command) -> Vec<Effect> {
    if command == Command::Palette {
        app.mode = Mode::Palette(Palette::new(&app.keys, &app.places()));
        return Vec::new();
    }
    match panes::run(app, snapshot, command) {
        Asked::NotMine => in_chain(app, snapshot, command),
        asked => answer(app, snapshot, asked),
    }
}

/// Does what the pane asked for.
fn answer(app: &mut App, snapshot: &Snapshot, asked: Asked) -> Vec<Effect> {
    match asked {
        Asked::NotMine => Vec::new(),
        Asked::Done(effects) => effects,
        Asked::Select(id) => reveal(app, snapshot, &id),
        Asked::Logs(pane) => {
            panes::open_logs(app, snapshot, *pane);
            Vec::new()
        }
        Asked::Runs(pane) => {
            panes::open_runs(app, snapshot, pane);
            Vec::new()
        }
        Asked::Retries(function, request) => {
            panes::open_retries_at(app, snapshot, &function, request.as_deref());
            reveal(app, snapshot, &function)
        }
        Asked::Pattern(text) => {
            app.mode = Mode::Pattern(text);
            Vec::new()
        }
        Asked::Ask(question, text) => {
            app.mode = Mode::Answer(question, text);
            Vec::new()
        }
        Asked::Say(text) => {
            app.notice = Some(plain(&text).into_owned());
            Vec::new()
        }
        Asked::GoTo(id) => {
            app.below = Pane::Troubles;
            reveal(app, snapshot, &id)
        }
        Asked::Close => {
            app.below = Pane::Troubles;
            show_selected(app);
            Vec::new()
        }
    }
}

fn in_chain(app: &mut App, snapshot: &Snapshot, command: Command) -> Vec<Effect> {
    let page = i32::from(app.viewport().h) * 3 / 4;
    match command {
        Command::Left => go(app, Direction::Left),
        Command::Down => go(app, Direction::Down),
        Command::Up => go(app, Direction::Up),
        Command::Right => go(app, Direction::Right),
        Command::PageDown => scroll_by(app, 0, page),
        Command::PageUp => scroll_by(app, 0, -page),
        Command::ScrollDown => scroll_details(app, snapshot, 3),
        Command::ScrollUp => scroll_details(app, snapshot, -3),
        Command::Open => return open(app, snapshot),
        Command::Close => {
            if app.details.take().is_none() && app.filter.focus.take().is_some() {
                return draw_anew(app, snapshot, Keep::Nothing);
            }
            clamp(app);
        }
        Command::Find => {
            app.mode = Mode::Find(Find {
                matches: search::matches(&app.shown.picture, &snapshot.topology, ""),
                before: app.selected.clone(),
                ..Find::default()
            });
        }
        Command::Focus => return focus(app, snapshot),
        Command::Collapse => {
            app.filter.collapse = !app.filter.collapse;
            app.filter.opened.clear();
            return draw_anew(app, snapshot, Keep::Nothing);
        }
        Command::Guesses => {
            app.filter.guesses = !app.filter.guesses;
            app.notice = Some(
                if app.filter.guesses {
                    "guessed edges are shown"
                } else {
                    "guessed edges are hidden"
                }
                .to_owned(),
            );
            return draw_anew(app, snapshot, Keep::Places);
        }
        Command::Tidy => return draw_anew(app, snapshot, Keep::Nothing),
        Command::NextTrouble => next_trouble(app, snapshot, 1),
        Command::PreviousTrouble => next_trouble(app, snapshot, -1),
        Command::Freeze => app.frozen = if app.frozen.is_some() { None } else { Some(app.now) },
        Command::Retries => panes::open_retries(app, snapshot),
        Command::Logs => {
            let only = panes::selected_function(app, snapshot);
            panes::open_logs(app, snapshot, LogPane::of(only));
        }
        Command::DeadLetters => panes::open_letters(app, snapshot),
        Command::Troubles => app.mode = list(ListOf::Troubles),
        Command::Unknown => app.mode = list(ListOf::Unknown),
        Command::Info => app.mode = list(ListOf::Info),
        Command::NextLink => choose_link(app, 1),
        Command::PreviousLink => choose_link(app, -1),
        Command::Copy => return copy(app, snapshot),
        Command::Mouse => {
            app.mouse = !app.mouse;
            app.notice = Some(
                if app.mouse {
                    "the mouse selects and scrolls"
                } else {
                    "the mouse is the terminal's: select text"
                }
                .to_owned(),
            );
            return vec![Effect::Mouse(app.mouse)];
        }
        Command::Theme => {
            app.next_theme();
            app.notice = Some(format!("theme {}", app.theme().name));
        }
        Command::Zone => {
            app.zone = match app.zone {
                Zone::Local => Zone::Utc,
                Zone::Utc => Zone::Local,
            };
        }
        Command::Help => app.mode = Mode::Help(0),
        knob => return knobs::turn(app, snapshot, knob),
    }
    Vec::new()
}

fn list(of: ListOf) -> Mode {
    Mode::List(List { of, at: 0 })
}

/// Selects a node, out of its fold where it is in one.
fn reveal(app: &mut App, snapshot: &Snapshot, id: &NodeId) -> Vec<Effect> {
    if app.shown.picture.items.contains_key(id) {
        select(app, Some(id.clone()));
        return Vec::new();
    }
    if app.shown.picture.folded.contains_key(id) {
        app.filter.opened.insert(id.clone());
        app.selected = Some(id.clone());
        app.chosen = true;
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
        ListOf::Troubles => issues(&snapshot.troubles, ToString::to_string).len(),
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
                (ListOf::Troubles, Some(issue)) => reveal(app, snapshot, &issue.trouble.id),
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

fn open(app: &mut App, snapshot: &Snapshot) -> Vec<Effect> {
    if let Some((_, Item::Fold(fold))) = app.selected_item() {
        let members = fold.members.clone();
        app.filter.opened.extend(members);
        app.chosen = true;
        return draw_anew(app, snapshot, Keep::Places);
    }
    if app.details.take().is_none() && app.selected.is_some() {
        app.details = Some(Details::default());
    }
    show_selected(app);
    Vec::new()
}

fn focus(app: &mut App, snapshot: &Snapshot) -> Vec<Effect> {
    let Some((id, Item::Node(node))) = app.selected_item().map(|(id, item)| (id.clone(), item.clone())) else {
        return Vec::new();
    };
    app.filter.focus = match app.filter.focus.take() {
        Some(_) => None,
        None => Some(id),
    };
    app.notice = app
        .filter
        .focus
        .as_ref()
        .map(|_| format!("only the chain through {}; f shows all", node.name));
    app.chosen = true;
    draw_anew(app, snapshot, Keep::Nothing)
}

fn choose_link(app: &mut App, step: isize) {
    let Some((id, Item::Node(_))) = app.selected_item() else {
        return;
    };
    let links = app.edges.reaching(id).count() + app.edges.leaving(id).count();
    if let (Some(open), true) = (&mut app.details, links > 0) {
        open.link = (open.link + links).saturating_add_signed(step) % links;
    }
}

fn copy(app: &mut App, snapshot: &Snapshot) -> Vec<Effect> {
    let Some(command) = details::command(app, snapshot) else {
        app.notice = Some(details::why_no_command(app, snapshot).to_owned());
        return Vec::new();
    };
    if app.settings.aim.is_none() {
        app.notice = Some(format!("not copied: {}", commands::NOBODY_ELSE));
        return Vec::new();
    }
    app.notice = Some(format!("copied: {}", command.line));
    vec![Effect::Copy(command.line)]
}
