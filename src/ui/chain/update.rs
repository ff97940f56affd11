//! Commands in the chain.

use crate::layout::Direction;
use crate::store::snapshot::Snapshot;
use crate::ui::app::effect::Effect;
use crate::ui::app::mode::{Details, Find, List, ListOf, Mode};
use crate::ui::app::notice::Notice;
use crate::ui::app::update::{Keep, draw_anew};
use crate::ui::app::{App, demo_keys};
use crate::ui::chain::scene::Item;
use crate::ui::chain::selection::{clamp, go, next_issue, scroll_by, scroll_details, show_selected};
use crate::ui::dialogs::{copy, find};
use crate::ui::input::keys::Command;
use crate::ui::panes::logs::state::LogPane;
use crate::ui::panes::{details, update as panes};
use crate::ui::settings::Zone;
use crate::ui::text::commands::Note;

pub(crate) fn in_chain(app: &mut App, snapshot: &Snapshot, command: Command) -> Vec<Effect> {
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
            if app.panes.details.take().is_none() && app.chain.filter.focus.take().is_some() {
                return draw_anew(app, snapshot, Keep::Nothing);
            }
            clamp(app);
        }
        Command::Find => {
            app.mode = Mode::Find(Find {
                matches: find::state::matches(&app.chain.shown.picture, &snapshot.topology, ""),
                before: app.chain.selected.clone(),
                ..Find::default()
            });
        }
        Command::Focus => return focus(app, snapshot),
        Command::Collapse => {
            app.chain.filter.collapse = !app.chain.filter.collapse;
            app.chain.filter.opened.clear();
            return draw_anew(app, snapshot, Keep::Nothing);
        }
        Command::InferredEdges => {
            app.chain.filter.guesses = !app.chain.filter.guesses;
            app.notice = Some(Notice::InferredEdges {
                shown: app.chain.filter.guesses,
            });
            return draw_anew(app, snapshot, Keep::Places);
        }
        Command::Relayout | Command::Zoom => return fit(app, snapshot, command),
        Command::NextIssue => next_issue(app, snapshot, 1),
        Command::PreviousIssue => next_issue(app, snapshot, -1),
        Command::Freeze => {
            app.clock.frozen = if app.clock.frozen.is_some() {
                None
            } else {
                Some(app.clock.now)
            }
        }
        Command::Retries => panes::open_retries(app, snapshot),
        Command::Logs => {
            let of_failure = panes::log_of_failure(app, snapshot);
            let pane = of_failure.unwrap_or_else(|| LogPane::of(panes::selected_function(app, snapshot)));
            panes::open_logs(app, snapshot, pane);
        }
        Command::DeadLetters => panes::open_dead_letters(app, snapshot),
        Command::Issues => app.mode = list(ListOf::Issues),
        Command::Unknown => app.mode = list(ListOf::Unknown),
        Command::Info => app.mode = list(ListOf::Info),
        Command::NextLink => choose_link(app, 1),
        Command::PreviousLink => choose_link(app, -1),
        Command::Copy if app.panes.details.is_some() => return copy(app, snapshot),
        Command::Copy => copy::open(app),
        Command::Console => return console(app, snapshot),
        Command::Mouse => return turn_mouse(app),
        Command::Theme => app.mode = Mode::Themes(app.theme_at()),
        Command::Zone => {
            app.clock.zone = match app.clock.zone {
                Zone::Local => Zone::Utc,
                Zone::Utc => Zone::Local,
            };
        }
        Command::Help => app.mode = Mode::Help(0),
        command if panes::subject(command).is_some() => {
            if let Some(subject) = panes::subject(command) {
                panes::open_table(app, snapshot, subject);
            }
        }
        knob => return demo_keys::turn(app, snapshot, knob),
    }
    Vec::new()
}

/// Lays the chain out again: in the largest boxes that fit, or in larger or smaller ones.
fn fit(app: &mut App, snapshot: &Snapshot, command: Command) -> Vec<Effect> {
    let zooms = command == Command::Zoom;
    app.chain.zoom = zooms.then(|| app.chain.shown.size().other());
    draw_anew(app, snapshot, if zooms { Keep::Places } else { Keep::Nothing })
}

/// Opens the selected box in the AWS console, and copies the address.
fn console(app: &mut App, snapshot: &Snapshot) -> Vec<Effect> {
    if app.settings.aim.is_none() {
        app.notice = Some(Notice::SimulatedConsole);
        return Vec::new();
    }
    let Some(url) = copy::console(app, snapshot) else {
        app.notice = Some(Notice::NoConsole);
        return Vec::new();
    };
    let mut effects = copy::copied(app, url.clone());
    effects.push(Effect::Open(url));
    effects
}

/// Takes the mouse, or gives it back to the terminal.
fn turn_mouse(app: &mut App) -> Vec<Effect> {
    app.mouse.is_ours = !app.mouse.is_ours;
    app.notice = Some(Notice::Mouse {
        ours: app.mouse.is_ours,
    });
    vec![Effect::Mouse(app.mouse.is_ours)]
}

fn list(of: ListOf) -> Mode {
    Mode::List(List { of, at: 0 })
}

pub(crate) fn open(app: &mut App, snapshot: &Snapshot) -> Vec<Effect> {
    if let Some((_, Item::Fold(fold))) = app.selected_item() {
        let members = fold.members.clone();
        app.chain.filter.opened.extend(members);
        app.chain.chosen = true;
        return draw_anew(app, snapshot, Keep::Places);
    }
    if app.panes.details.take().is_none() && app.chain.selected.is_some() {
        app.panes.details = Some(Details::default());
    }
    show_selected(app);
    Vec::new()
}

fn focus(app: &mut App, snapshot: &Snapshot) -> Vec<Effect> {
    let Some((id, Item::Node(node))) = app.selected_item().map(|(id, item)| (id.clone(), item.clone())) else {
        return Vec::new();
    };
    app.chain.filter.focus = match app.chain.filter.focus.take() {
        Some(_) => None,
        None => Some(id),
    };
    let is_focused = app.chain.filter.focus.is_some();
    app.notice = is_focused.then(|| Notice::OnlyThrough {
        name: node.name.clone(),
    });
    app.chain.chosen = true;
    draw_anew(app, snapshot, Keep::Nothing)
}

fn choose_link(app: &mut App, step: isize) {
    let Some((id, Item::Node(_))) = app.selected_item() else {
        return;
    };
    let links = app.chain.edges.reaching(id).count() + app.chain.edges.leaving(id).count();
    if let (Some(open), true) = (&mut app.panes.details, links > 0) {
        open.link = (open.link + links).saturating_add_signed(step) % links;
    }
}

fn copy(app: &mut App, snapshot: &Snapshot) -> Vec<Effect> {
    let Some(command) = details::command(app, snapshot) else {
        let why = details::why_no_command(app, snapshot);
        app.notice = Some(Notice::NotCopied { why });
        return Vec::new();
    };
    if app.settings.aim.is_none() {
        app.notice = Some(Notice::NotCopied { why: Note::DemoAccount });
        return Vec::new();
    }
    app.notice = Some(Notice::Copied {
        command: command.line.clone(),
    });
    vec![Effect::Copy(command.line)]
}
