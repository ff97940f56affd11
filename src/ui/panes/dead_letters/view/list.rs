//! The list of messages of a queue.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::queues::left_until;
use super::{becomes, cursor, first_in_sight, origin_word};
use crate::dead_letters::dead_letter::Group;
use crate::dead_letters::expiry::Nearness;
use crate::dead_letters::export::error_text;
use crate::dead_letters::neighbours::Part;
use crate::dead_letters::peek::End;
use crate::dead_letters::{DeadLetter, FunctionMatch};
use crate::dlq::DlqContents;
use crate::redrive::history::Fate;
use crate::ui::panes::dead_letters::state::message::short;
use crate::ui::panes::dead_letters::state::{DeadLettersPane, List, Row as Item};
use crate::ui::text::{count, pad, width};
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// The lines above the messages: the reading, and the column heads.
const ABOVE: u16 = 2;

/// Draws the messages. Returns the number of hidden rows above and below.
pub(super) fn render(buffer: &mut Buffer, area: Rect, state: &DeadLettersPane, look: &RenderContext) -> (usize, usize) {
    let (Some(letters), list) = (&state.letters, &state.list) else {
        return (0, 0);
    };
    let cells = usize::from(area.width);
    let mut put = |y: u16, row: Row| {
        buffer.set_line(area.x, y, &row.cut(look, cells).line(), area.width);
    };
    put(area.y, what_reading_did(letters, look));
    let columns = Columns::of(letters, cells, look);
    put(area.y + 1, columns.head(look));
    if list.rows.is_empty() {
        let text = match &list.filter.wrong {
            Some(why) => look.cut(&look.say(why), cells),
            None if letters.entries.is_empty() && letters.held_elsewhere() > 0 => {
                say!(look, "dlq-none-in-flight")
            }
            None if letters.entries.is_empty() => say!(look, "dlq-none"),
            None if list.gone.len() == letters.entries.len() => {
                say!(look, "dlq-all-redriven")
            }
            None => say!(look, "dlq-no-match"),
        };
        put(area.y + ABOVE, Row::of(look, Role::Muted, text));
        return (0, 0);
    }
    let (first, room) = window(area, list);
    for ((place, item), y) in list
        .rows
        .iter()
        .enumerate()
        .skip(first)
        .take(room)
        .zip(area.y + ABOVE..)
    {
        let row = match *item {
            Item::Group(n) => list.groups.get(n).map(|group| group_row(group, list, letters, look)),
            Item::Letter(at) => letters
                .entries
                .get(at)
                .map(|entry| letter_row(entry, list, letters, &columns, look)),
        };
        let Some(row) = row else { continue };
        buffer.set_line(area.x, y, &row.cut(look, cells).line(), area.width);
        if place == list.at {
            cursor(buffer, area, y, look);
        }
    }
    (first, list.rows.len().saturating_sub(first + room))
}

/// The visible rows: the index of the first, and their number.
fn window(area: Rect, list: &List) -> (usize, usize) {
    let room = usize::from(area.height.saturating_sub(ABOVE)).max(1);
    (first_in_sight(list.at, list.rows.len(), room), room)
}

/// The index of the row at a line of the screen.
#[must_use]
pub fn row_at(area: Rect, y: u16, list: &List) -> Option<usize> {
    let (first, room) = window(area, list);
    let row = usize::from(y.checked_sub(area.y + ABOVE)?);
    (row < room && first + row < list.rows.len()).then_some(first + row)
}

/// When the queue was read, and the effect of that on its messages.
fn what_reading_did(letters: &DlqContents, look: &RenderContext) -> Row {
    let mut row = Row::of(
        look,
        Role::Muted,
        say!(
            look,
            "dlq-read",
            time = look.time_of_day(letters.read_at, true),
            n = letters.receives
        ),
    );
    if let Some((least, most)) = letters.receive_counts() {
        let before = |n: u32| n.saturating_sub(1);
        let (becomes, to) = (becomes(look), look.glyphs.text.to);
        let counts = if least == most {
            format!("{} {becomes} {least}", before(least))
        } else {
            format!("{}{to}{} {becomes} {least}{to}{most}", before(least), before(most))
        };
        let text = say!(look, "dlq-receive-count", counts = counts, one = least == most);
        row = row.then(look, Role::Muted, text);
    }
    row = row.then(
        look,
        Role::Muted,
        say!(look, "dlq-visible-again", n = letters.given_back),
    );
    let dot = format!(" {} ", look.glyphs.text.dot);
    let mut add = |role: Role, text: String| {
        let so_far = std::mem::take(&mut row);
        row = so_far.then(look, Role::Faint, dot.clone()).then(look, role, text);
    };
    match &letters.end {
        End::Empty => {}
        End::Full => add(Role::Warning, say!(look, "dlq-read-more")),
        End::Stopped => add(Role::Warning, say!(look, "dlq-stopped")),
        End::Failed(why) => add(Role::Warning, say!(look, "dlq-ended-early", why = look.cut(why, 60))),
    }
    if letters.held_elsewhere() > 0 {
        let n = letters.held_elsewhere();
        add(Role::Warning, say!(look, "dlq-in-flight", n = n));
    }
    if letters.queue.is_fifo() {
        add(Role::Warning, say!(look, "dlq-fifo"));
    }
    if let Some(last) = letters.left.iter().map(|left| left.until).max() {
        let text = say!(
            look,
            "dlq-invisible",
            n = letters.left.len(),
            time = look.time_of_day(last, true)
        );
        add(Role::Warning, text);
    }
    if letters.repeated > 0 {
        add(Role::Warning, say!(look, "dlq-twice", n = letters.repeated));
    }
    for what in &letters.unread {
        add(Role::Unknown, say!(look, "dlq-not-read", what = look.cut(what, 60)));
    }
    row
}

/// The widths of the columns; 0 if there is no room for one.
struct Columns {
    age: usize,
    origin: usize,
    function: usize,
    error: usize,
    receives: usize,
    size: usize,
    gone: usize,
}

impl Columns {
    fn of(letters: &DlqContents, cells: usize, look: &RenderContext) -> Self {
        let names = letters
            .entries
            .iter()
            .take(1_000)
            .map(|entry| width(&function(entry, look)));
        let longest = names.max().unwrap_or(0).max(8);
        let mut columns = Self {
            age: 12,
            origin: if cells < 100 { 0 } else { 12 },
            function: if cells < 72 {
                0
            } else {
                longest.min(if cells < 110 { 16 } else { 28 }) + 2
            },
            error: 0,
            receives: 5,
            size: if cells < 90 { 0 } else { 8 },
            gone: 12,
        };
        let fixed =
            4 + columns.age + columns.origin + columns.function + columns.receives + columns.size + columns.gone;
        columns.error = cells.saturating_sub(fixed).max(8);
        columns
    }

    fn head(&self, look: &RenderContext) -> Row {
        let left = |text: &str, cells: usize| pad(&look.cut(text, cells.saturating_sub(1)), cells);
        let right = |text: &str, cells: usize| {
            if cells == 0 {
                String::new()
            } else {
                format!("{text:>cells$}")
            }
        };
        let text = format!(
            "    {}{}{}{}{}{}{}",
            left(&say!(look, "order-age"), self.age),
            left(&say!(look, "order-origin"), self.origin),
            left(&say!(look, "column-function"), self.function),
            left(&say!(look, "column-error"), self.error),
            right(&say!(look, "column-receives"), self.receives),
            right(&say!(look, "order-size"), self.size),
            right(&say!(look, "column-expires"), self.gone),
        );
        Row::of(look, Role::Faint, text)
    }
}

fn function(entry: &DeadLetter, look: &RenderContext) -> String {
    match &entry.provenance.function {
        FunctionMatch::Function { id, .. } => look.name(short(id.as_str()), 40),
        FunctionMatch::OneOf(several) => say!(look, "dlq-one-of-n", n = several.len()),
        FunctionMatch::Nobody => "?".to_owned(),
    }
}

/// What an earlier redrive did with the message, and its error.
fn fate(entry: &DeadLetter, letters: &DlqContents, look: &RenderContext) -> String {
    let fault = fault(entry, look);
    match letters.fate(entry) {
        None => fault,
        Some(Fate::Sent(run)) => say!(look, "dlq-sent-not-deleted", time = look.time_of_day(run.at, true)),
        Some(Fate::Back(run)) => {
            let time = look.time_of_day(run.at, true);
            say!(look, "dlq-back-with", time = time, fault = fault)
        }
    }
}

/// The error of a message for its row.
fn fault(entry: &DeadLetter, look: &RenderContext) -> String {
    if entry.provenance.capacity.is_some() {
        return say!(look, "dlq-throttled");
    }
    if matches!(entry.part, Some(Part::Neighbour { .. })) {
        return say!(look, "dlq-neighbour");
    }
    match &entry.provenance.error {
        Some(error) if matches!(entry.part, Some(Part::OneOf { .. })) => {
            say!(look, "dlq-batch-failed", error = error_text(error))
        }
        Some(error) => error_text(error),
        None => look.say(&entry.signature),
    }
}

fn group_row(group: &Group, list: &List, letters: &DlqContents, look: &RenderContext) -> Row {
    let arrow = if list.is_open(group) {
        look.glyphs.lines.arrows[1]
    } else {
        look.glyphs.lines.arrows[3]
    };
    let ids = group.members.iter().filter_map(|at| letters.entries.get(*at));
    let marked = ids
        .filter(|entry| list.marks.contains(&entry.letter.message_id))
        .count();
    let mark = match marked {
        0 => " ",
        n if n == group.members.len() => look.glyphs.lines.marble,
        _ => look.glyphs.lines.marble_inferred,
    };
    let functions: Vec<String> = group
        .functions
        .iter()
        .map(|id| look.name(short(id.as_str()), 30))
        .collect();
    let functions = match functions.as_slice() {
        [] => say!(look, "dlq-no-function"),
        [only] => only.clone(),
        several => say!(look, "dlq-one-of", names = several.to_vec()),
    };
    let (role, fault) = if group.capacity {
        (Role::Warning, say!(look, "dlq-throttled"))
    } else {
        (Role::Strong, look.cut(&look.say(&group.signature), 100))
    };
    Row::of(look, Role::Notice, mark)
        .then(look, Role::Muted, format!(" {arrow} "))
        .then(
            look,
            Role::Text,
            format!("{} {} ", count(group.members.len() as u64), look.glyphs.text.times),
        )
        .then(look, role, fault)
        .then(
            look,
            Role::Muted,
            format!("  {functions}  {}", origin_word(group.origin, look)),
        )
}

fn letter_row(entry: &DeadLetter, list: &List, letters: &DlqContents, columns: &Columns, look: &RenderContext) -> Row {
    let id = &entry.letter.message_id;
    let mark = if list.marks.contains(id) {
        look.glyphs.lines.marble
    } else {
        " "
    };
    let edited = if list.edits.contains_key(id) {
        look.glyphs.signs.change
    } else {
        " "
    };
    let left = |text: &str, cells: usize| pad(&look.cut(text, cells.saturating_sub(1)), cells);
    let age = entry
        .letter
        .sent()
        .map_or_else(|| "?".to_owned(), |sent| look.age(sent));
    let (role, gone) = match (entry.expires, letters.queue.retention()) {
        (Some(expiry), Some(kept)) => {
            let near = expiry.nearness(look.now, kept) >= Nearness::Soon;
            let left = left_until(expiry.at, look).unwrap_or_else(|| say!(look, "box-now"));
            (if near { Role::Warning } else { Role::Muted }, left)
        }
        _ => (Role::Unknown, "?".to_owned()),
    };
    let fault_role = if entry.provenance.capacity.is_some() {
        Role::Warning
    } else {
        Role::Text
    };
    let mut row =
        Row::of(look, Role::Notice, format!("{mark}{edited}  ")).then(look, Role::Muted, left(&age, columns.age));
    if columns.origin > 0 {
        row = row.then(
            look,
            Role::Muted,
            left(&origin_word(entry.provenance.origin, look), columns.origin),
        );
    }
    if columns.function > 0 {
        let name = look.name(&function(entry, look), columns.function - 2);
        row = row.then(look, Role::Text, pad(&name, columns.function));
    }
    let said = fate(entry, letters, look);
    row = row.then(look, fault_role, left(&said, columns.error)).then(
        look,
        Role::Muted,
        format!("{:>cells$}", entry.letter.receive_count(), cells = columns.receives),
    );
    if columns.size > 0 {
        row = row.then(
            look,
            Role::Muted,
            format!("{:>cells$}", bytes(entry.letter.size()), cells = columns.size),
        );
    }
    let row = row.then(look, role, format!("{gone:>cells$}", cells = columns.gone));
    if list.gone.contains(id) {
        row.struck_through()
    } else {
        row
    }
}

/// A size: `312 B`, `4.1 KB`.
fn bytes(n: usize) -> String {
    match n {
        0..1_024 => format!("{n} B"),
        1_024..1_048_576 => format!("{}.{} KB", n / 1_024, n % 1_024 * 10 / 1_024),
        _ => format!("{}.{} MB", n / 1_048_576, n % 1_048_576 * 10 / 1_048_576),
    }
}
