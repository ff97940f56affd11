//! Typed text: the name of a box, a command, a regular expression, an answer; and the keys while typing.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::logs::Pattern;
use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::app::effect::Effect;
use crate::ui::app::mode::Mode;
use crate::ui::app::notice::Notice;
use crate::ui::app::update::{reveal, run};
use crate::ui::chain::selection::select;
use crate::ui::dialogs::find::state::matches;
use crate::ui::input::keys::Command;
use crate::ui::panes::state::Pane;
use crate::ui::panes::update as panes;

pub(crate) fn type_in(app: &mut App, snapshot: &Snapshot, key: &KeyEvent) {
    let typed = match &mut app.mode {
        Mode::Find(find) => &mut find.query,
        Mode::Palette(palette) => &mut palette.query,
        Mode::Pattern(text) | Mode::Answer(_, text) => text,
        _ => return,
    };
    match key.code {
        KeyCode::Char('u') if key.modifiers.contains(KeyModifiers::CONTROL) => typed.clear(),
        KeyCode::Char(c) if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => typed.push(c),
        KeyCode::Backspace => {
            typed.pop();
        }
        _ => return,
    }
    on_typed(app, snapshot);
}

pub(crate) fn on_typed(app: &mut App, snapshot: &Snapshot) {
    match &mut app.mode {
        Mode::Palette(palette) => palette.narrow(),
        Mode::Pattern(_) => on_pattern(app, snapshot),
        Mode::Answer(..) => panes::typing(app),
        _ => on_query(app, snapshot),
    }
}

/// The pattern for lines, as far as it is typed.
fn on_pattern(app: &mut App, snapshot: &Snapshot) {
    let Mode::Pattern(typed) = &app.mode else { return };
    let pane = match &mut app.panes.below {
        Pane::Logs(pane) => pane,
        Pane::Table(table) => return table.filter(typed, snapshot),
        _ => return,
    };
    if typed.is_empty() {
        pane.pattern = None;
    } else {
        match Pattern::new(typed) {
            Ok(pattern) => pane.pattern = Some(pattern),
            // What is half typed is often none yet: the last good one stays.
            Err(why) => {
                app.notice = Some(Notice::NoPattern { why: why.to_string() });
            }
        }
    }
    pane.update_from(snapshot);
}

pub(crate) fn in_pattern(app: &mut App, snapshot: &Snapshot, command: Command) {
    match command {
        Command::Open => {
            if let Mode::Pattern(text) = std::mem::take(&mut app.mode)
                && is_part_of_an_id(&text)
                && matches!(app.panes.below, Pane::Logs(_))
            {
                app.notice = Some(Notice::PartOfId);
            }
            app.mode = Mode::Chain;
        }
        Command::Close => {
            app.mode = Mode::Pattern(String::new());
            on_pattern(app, snapshot);
            app.mode = Mode::Chain;
        }
        _ => {}
    }
}

/// Whether the pattern looks like a part of a request ID, which not every line of a request contains.
fn is_part_of_an_id(text: &str) -> bool {
    let is_of_one = |c: char| c.is_ascii_hexdigit() || c == '-';
    text.len() >= 8 && text.chars().all(is_of_one) && text.contains(|c: char| c.is_ascii_digit())
}

fn on_query(app: &mut App, snapshot: &Snapshot) {
    let Mode::Find(find) = &mut app.mode else { return };
    find.matches = matches(&app.chain.shown.picture, &snapshot.topology, &find.query);
    find.at = 0;
    select_match(app);
}

fn select_match(app: &mut App) {
    let Mode::Find(find) = &app.mode else { return };
    let id = find
        .matches
        .get(find.at)
        .and_then(|id| app.chain.shown.picture.box_of(id))
        .cloned();
    let id = id.or_else(|| find.before.clone());
    select(app, id);
}

pub(crate) fn in_find(app: &mut App, snapshot: &Snapshot, command: Command) -> Vec<Effect> {
    let Mode::Find(find) = &mut app.mode else {
        return Vec::new();
    };
    match command {
        Command::Down if !find.matches.is_empty() => {
            find.at = (find.at + 1) % find.matches.len();
            select_match(app);
        }
        Command::Up if !find.matches.is_empty() => {
            find.at = (find.at + find.matches.len() - 1) % find.matches.len();
            select_match(app);
        }
        Command::Open => {
            let found = find.matches.get(find.at).cloned();
            app.mode = Mode::Chain;
            if let Some(id) = found {
                return reveal(app, snapshot, &id);
            }
        }
        Command::Close => {
            let before = find.before.clone();
            app.mode = Mode::Chain;
            select(app, before);
        }
        _ => {}
    }
    Vec::new()
}

pub(crate) fn in_palette(app: &mut App, snapshot: &Snapshot, command: Command) -> Vec<Effect> {
    let Mode::Palette(palette) = &mut app.mode else {
        return Vec::new();
    };
    match command {
        Command::Down => palette.go(1),
        Command::Up => palette.go(-1),
        Command::Open => {
            let chosen = palette.chosen();
            app.mode = Mode::Chain;
            return chosen.map_or_else(Vec::new, |chosen| run(app, snapshot, chosen));
        }
        _ => app.mode = Mode::Chain,
    }
    Vec::new()
}
