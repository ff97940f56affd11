//! The last line: keys from the key table, or a notice.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::app::App;
use crate::ui::app::mode::{List, ListOf, Mode};
use crate::ui::input::keys::{Command, Context};
use crate::ui::panes::dead_letters::state::Question;
use crate::ui::panes::dead_letters::state::dialog::READ_ANYWAY;
use crate::ui::panes::state::Pane;
use crate::ui::text;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// Draws the footer.
pub fn render(buffer: &mut Buffer, area: Rect, app: &App, look: &RenderContext) {
    let right = demo(app, look);
    let room = usize::from(area.width).saturating_sub(right.width() + 2);
    let left = match &app.notice {
        _ if matches!(app.mode, Mode::Answer(..)) => question(app, look, room),
        Some(notice) => Row::of(
            look,
            Role::Notice,
            format!(" {}", look.cut(&look.say(&notice.clone().into()), room)),
        ),
        None => hints(app, look, room),
    };
    buffer.set_line(area.x, area.y, &left.line(), area.width);
    let x = area
        .right()
        .saturating_sub(u16::try_from(right.width()).unwrap_or(0) + 1);
    let width = area.right() - x;
    buffer.set_line(x, area.y, &right.line(), width);
}

fn hints(app: &App, look: &RenderContext, room: usize) -> Row {
    let places = app.places();
    let hint = |key: &str, hint: &str| {
        Row::of(look, Role::Text, " ")
            .then(look, Role::Key, key)
            .then(look, Role::Muted, format!(" {hint} "))
    };
    let mut all: Vec<(bool, Row)> = Vec::new();
    if places.contains(&Context::Chain) {
        let moves = [Command::Left, Command::Down, Command::Up, Command::Right];
        let keys: String = moves
            .iter()
            .filter_map(|command| key_of(app, Context::Chain, *command))
            .collect();
        if text::width(&keys) == moves.len() {
            all.push((false, hint(&keys, &say!(look, "footer-move"))));
        }
    }
    let goes_somewhere = |list: List| list.of == ListOf::Issues;
    let is_pointless = |run: Command| {
        run == Command::Open
            && (matches!(app.mode, Mode::Help(_)) || matches!(app.mode, Mode::List(list) if !goes_somewhere(list)))
    };
    // A key means what its pane says; what it means elsewhere is not said there.
    let mut taken = BTreeSet::new();
    for binding in [
        Context::DeadLetters,
        Context::Retries,
        Context::Logs,
        Context::Invocations,
        Context::Journey,
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
            // Help and the way out are what one looks for when lost.
            let is_needed = matches!(binding.run, Command::Help | Command::Quit | Command::Close);
            if !is_pointless(binding.run) && taken.insert(key.to_string()) {
                all.push((is_needed, hint(&short(&key.to_string(), look), word)));
            }
        }
    }
    let mut left = room.saturating_sub(
        all.iter()
            .filter(|(needed, _)| *needed)
            .map(|(_, row)| row.width())
            .sum(),
    );
    let mut fits = true;
    all.into_iter().fold(Row::new(), |row, (is_needed, hint)| {
        fits &= is_needed || hint.width() <= left;
        if is_needed {
            row.join(hint)
        } else if fits {
            left -= hint.width();
            row.join(hint)
        } else {
            row
        }
    })
}

/// A question with the answer typed so far.
fn question(app: &App, look: &RenderContext, room: usize) -> Row {
    let Mode::Answer(question, typed) = &app.mode else {
        return Row::new();
    };
    let queue = match &app.panes.below {
        Pane::DeadLetters(state) => state.letters.as_ref().map_or("", |letters| &letters.queue.name),
        _ => "",
    };
    let asked = look.cut(&asked(question, queue, look), room / 2);
    let left = room.saturating_sub(text::width(&asked) + 4);
    // The end of a long answer is where one types.
    let typed = crate::domain::text::plain(typed);
    let skipped = typed.chars().count().saturating_sub(left);
    let tail: String = typed.chars().skip(skipped).collect();
    Row::of(look, Role::Notice, format!(" {asked} "))
        .then(look, Role::Strong, tail)
        .then(look, Role::Key, look.glyphs.text.cursor)
}

/// The text of a question; `queue` is the queue's name.
fn asked(question: &Question, queue: &str, look: &RenderContext) -> String {
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
