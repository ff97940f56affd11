//! The last line: keys from the key table, or a notice.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::app::App;
use crate::ui::app::mode::{List, ListOf, Mode};
use crate::ui::input::keys::{Command, Context};
use crate::ui::panes::dead_letters::state::Question;
use crate::ui::panes::dead_letters::state::dialog::READ_ANYWAY;
use crate::ui::text;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// Draws the footer.
pub fn render(buffer: &mut Buffer, area: Rect, app: &App, look: &RenderContext) {
    let (hints, right) = parts(app, look, usize::from(area.width));
    let room = usize::from(area.width).saturating_sub(right.width() + 2);
    let left = match &app.notice {
        _ if is_asked_here(&app.mode) => question(app, look, room),
        Some(notice) => Row::of(
            look,
            Role::Notice,
            format!(" {}", look.cut(&look.say(&notice.clone().into()), room)),
        ),
        None => hints.into_iter().fold(Row::new(), |row, hint| {
            let cells = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
            if let Some(run) = hint.run {
                look.button(
                    Rect::new(area.x + cells(row.width()), area.y, cells(hint.row.width()), 1),
                    run,
                );
            }
            row.join(hint.row)
        }),
    };
    buffer.set_line(area.x, area.y, &left.line(), area.width);
    let x = area
        .right()
        .saturating_sub(u16::try_from(right.width()).unwrap_or(0) + 1);
    let width = area.right() - x;
    buffer.set_line(x, area.y, &right.line(), width);
}

/// A key and its word.
struct Hint {
    run: Option<Command>,
    /// What is needed most is 0.
    rank: u8,
    row: Row,
}

/// The rank of what stays on the narrowest screen.
const NEEDED: u8 = 1;

fn rank(run: Command, in_chain: bool) -> u8 {
    match run {
        Command::Help => 0,
        Command::Issues | Command::Logs | Command::Retries | Command::DeadLetters if in_chain => NEEDED,
        Command::Close => NEEDED,
        Command::Quit => 2,
        _ => 3,
    }
}

/// The hints that fit, in the order of the table, and what stands at the right end. What is needed most when one is lost has
/// its place before all else.
fn parts(app: &App, look: &RenderContext, cells: usize) -> (Vec<Hint>, Row) {
    let mut hints = hints(app, look);
    let needed = hints.iter().filter(|hint| hint.rank <= NEEDED);
    let needed: usize = needed.map(|hint| hint.row.width()).sum();
    let right = demo(app, look).cut(look, cells.saturating_sub(needed + 2));
    let mut left = cells.saturating_sub(right.width() + 2);
    let mut order: Vec<usize> = (0..hints.len()).collect();
    order.sort_by_key(|at| hints[*at].rank);
    let mut shown = vec![false; hints.len()];
    for at in order {
        let wide = hints[at].row.width();
        if wide > left {
            break;
        }
        left -= wide;
        shown[at] = true;
    }
    let mut shown = shown.into_iter();
    hints.retain(|_| shown.next().unwrap_or(false));
    (hints, right)
}

fn hints(app: &App, look: &RenderContext) -> Vec<Hint> {
    let places = app.places();
    let in_chain = places.contains(&Context::Chain);
    let row = |key: &str, hint: &str| {
        Row::of(look, Role::Text, " ")
            .then(look, Role::Key, key)
            .then(look, Role::Muted, format!(" {hint} "))
    };
    let mut all: Vec<Hint> = Vec::new();
    if in_chain && !app.prefixed {
        let moves = [Command::Left, Command::Down, Command::Up, Command::Right];
        let keys: String = moves
            .iter()
            .filter_map(|command| key_of(app, Context::Chain, *command))
            .collect();
        if text::width(&keys) == moves.len() {
            all.push(Hint {
                run: None,
                rank: 3,
                row: row(&keys, &say!(look, "footer-move")),
            });
        }
    }
    let goes_somewhere = |list: List| list.of == ListOf::Issues;
    let is_pointless = |run: Command| {
        matches!(run, Command::Open | Command::Logs)
            && (matches!(app.mode, Mode::Help(_) | Mode::Themes(_) | Mode::Copy(_))
                || matches!(app.mode, Mode::List(list) if !goes_somewhere(list)))
    };
    // A key means what its pane says; what it means elsewhere is not said there.
    let mut taken = BTreeSet::new();
    for binding in [
        Context::DeadLetters,
        Context::Retries,
        Context::Logs,
        Context::Invocations,
        Context::Table,
        Context::Answer,
        Context::Pane,
        Context::Chain,
        Context::Demo,
        Context::Find,
        Context::Palette,
        Context::List,
    ]
    .iter()
    .filter(|place| places.contains(place))
    .flat_map(|place| app.keys.of(*place))
    {
        if let (Some(key), Some(word)) = (binding.on.first(), &binding.hint) {
            let awaited = !app.prefixed || key.is_prefixed();
            if awaited && !is_pointless(binding.run) && taken.insert(key.to_string()) {
                all.push(Hint {
                    run: Some(binding.run),
                    rank: rank(binding.run, in_chain),
                    row: row(&short(&key.to_string(), look), word),
                });
            }
        }
    }
    all
}

/// Whether a question stands in the last line: filters do; what belongs to a window stands in the window.
fn is_asked_here(mode: &Mode) -> bool {
    matches!(mode, Mode::Answer(question, _) if !question.is_of_a_window())
}

/// A question with the answer typed so far.
fn question(app: &App, look: &RenderContext, room: usize) -> Row {
    let Mode::Answer(question, typed) = &app.mode else {
        return Row::new();
    };
    let asked = look.cut(&asked(question, "", look), room / 2);
    let left = room.saturating_sub(text::width(&asked) + 4);
    Row::of(look, Role::Notice, format!(" {asked} ")).join(answer(typed, left, look))
}

/// An answer so far, in so many cells: the end of a long one is where one types.
pub fn answer(typed: &str, cells: usize, look: &RenderContext) -> Row {
    let typed = crate::domain::text::plain(typed);
    let mut from = 0;
    let mut letters = typed.char_indices();
    while text::width(&typed[from..]) > cells {
        let Some((_, letter)) = letters.next() else { break };
        from += letter.len_utf8();
    }
    Row::of(look, Role::Strong, &typed[from..]).then(look, Role::Key, look.glyphs.text.cursor)
}

/// What is asked; `queue` is the queue's name.
pub fn asked(question: &Question, queue: &str, look: &RenderContext) -> String {
    match question {
        Question::Text => say!(look, "ask-text"),
        Question::Jq => say!(look, "ask-jq"),
        Question::Export => say!(look, "ask-export"),
        Question::DeleteTo => say!(look, "ask-delete-to"),
        Question::DeleteName(_) => say!(look, "ask-delete-name", queue = queue),
        Question::ReadAnyway { .. } => say!(look, "ask-read-anyway", word = READ_ANYWAY),
        Question::Elsewhere => say!(look, "ask-elsewhere"),
        Question::GoName { .. } => say!(look, "ask-redrive-name", queue = queue),
    }
}

fn key_of(app: &App, place: Context, command: Command) -> Option<String> {
    app.keys
        .of(place)
        .find(|binding| binding.run == command)?
        .on
        .first()
        .map(ToString::to_string)
}

fn short(key: &str, look: &RenderContext) -> String {
    match key {
        "Enter" if look.glyphs.charset == crate::ui::settings::Charset::Utf8 => "⏎".to_owned(),
        other => other.to_owned(),
    }
}

fn demo(app: &App, look: &RenderContext) -> Row {
    let Some(demo) = &app.demo else { return Row::new() };
    let mut row = Row::new();
    for fault in &demo.faults {
        row = row.then(
            look,
            Role::Warning,
            format!("{} {} ", look.glyphs.signs.warning, look.cut(fault, 32)),
        );
    }
    if demo.paused_at_ms.is_some() {
        row = row.then(
            look,
            Role::Stale,
            format!("{} {} ", look.glyphs.signs.off, say!(look, "footer-paused")),
        );
    }
    let speed = format!("{}{}", look.glyphs.text.times, text::number(demo.speed));
    match demo.pace.filter(|_| demo.paused_at_ms.is_none()) {
        // The clock is held back: a wait is longer than the speed says.
        Some(pace) => row
            .then(
                look,
                Role::Stale,
                format!("{}{}", look.glyphs.text.times, text::number(pace)),
            )
            .then(
                look,
                Role::Muted,
                format!(" {}", say!(look, "footer-of-speed", speed = speed)),
            ),
        None => row.then(look, Role::Muted, speed),
    }
}
