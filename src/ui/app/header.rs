//! The first line: account, region, cost, and how current the data is.
//!
//! ```text
//!  pitagora  orders · ap-northeast-1 · 1234…9012        READ-ONLY   2.1 calls/s  $0.03/h   ● 14:03:27 JST
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::Connection;
use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::text::edge_text;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::rows::Row;
use crate::words::say;

/// Draws the header.
pub fn render(buffer: &mut Buffer, area: Rect, app: &App, snapshot: &Snapshot, look: &RenderContext) {
    let width = usize::from(area.width);
    // What is left out first on a narrow screen stands last.
    let parts = [
        Some(clock(app, snapshot, look)),
        app.settings.read_only.then(|| read_only(look)),
        survey(snapshot, look, width >= 140),
        Some(price(snapshot, look)),
        Some(pace(snapshot, look, width)),
    ];
    let order = [1, 2, 4, 3, 0];
    let named = who(app, snapshot, look, width, true);
    let (left, mut shown) = match (fitting(&parts, &named, width), who(app, snapshot, look, width, false)) {
        // The product's name gives way to what only the header says.
        (shown, brief) if count(&fitting(&parts, &brief, width)) > count(&shown) => {
            let shown = fitting(&parts, &brief, width);
            (brief, shown)
        }
        (shown, _) => (named, shown),
    };
    let right = order
        .into_iter()
        .filter_map(|at| shown[at].take())
        .fold(Row::new(), |row, part| {
            if row.width() == 0 {
                part
            } else {
                row.then(look, Role::Muted, "  ").join(part)
            }
        });
    buffer.set_line(area.x, area.y, &left.cut(look, width).line(), area.width);
    let x = area
        .right()
        .saturating_sub(u16::try_from(right.width()).unwrap_or(0) + 1);
    let wide = area.right() - x;
    buffer.set_line(x, area.y, &right.line(), wide);
}

type Parts = [Option<Row>; 5];

/// The parts that fit beside the left side.
fn fitting(parts: &Parts, left: &Row, width: usize) -> Parts {
    let mut room = width.saturating_sub(left.width() + 2);
    parts.each_ref().map(|part| {
        let part = part.as_ref().filter(|part| part.width() + 2 <= room)?;
        room -= part.width() + 2;
        Some(part.clone())
    })
}

fn count(parts: &Parts) -> usize {
    parts.iter().flatten().count()
}

fn who(app: &App, snapshot: &Snapshot, look: &RenderContext, width: usize, with_product: bool) -> Row {
    let product = if with_product { " pitagora  " } else { " " };
    let mut row = Row::of(look, Role::Product, product);
    let dot = format!(" {} ", look.glyphs.text.dot);
    if let Some(title) = &app.settings.title {
        row = row.then(look, Role::Strong, look.cut(title, width / 3));
    }
    let Some(scope) = &snapshot.scope else {
        return row;
    };
    if app.settings.title.is_some() {
        row = row.then(look, Role::Faint, dot.clone());
    }
    row = row.then(look, Role::Text, look.cut(&scope.region, 16));
    if width >= 80 || app.settings.title.is_none() {
        row = row
            .then(look, Role::Faint, dot)
            .then(look, Role::Text, account(&scope.account, look));
    }
    row
}

/// The badge READ-ONLY.
pub fn read_only(look: &RenderContext) -> Row {
    Row::of(look, Role::Badge, format!(" {} ", say!(look, "header-read-only")))
}

/// An account ID shortened so that its owner recognizes it, but nobody can copy it from a projector.
fn account(number: &str, look: &RenderContext) -> String {
    if number.len() == 12 && number.is_ascii() {
        format!("{}{}{}", &number[..4], look.glyphs.text.ellipsis, &number[8..])
    } else {
        look.cut(number, 12)
    }
}

fn survey(snapshot: &Snapshot, look: &RenderContext, wide: bool) -> Option<Row> {
    let topology = &snapshot.topology;
    let mut row = Row::new();
    if topology.cached {
        let age = say!(look, "header-cached", age = topology.surveyed_at.map(|at| look.age(at)));
        row = row.then(look, Role::Stale, age);
    }
    if let Some((done, total)) = topology.progress {
        if row.width() > 0 {
            row = row.then(look, Role::Muted, ", ");
        }
        row = row.then(
            look,
            Role::Notice,
            say!(look, "header-survey", done = done, total = total),
        );
        if topology.shares_calls() && wide {
            row = row.then(look, Role::Muted, format!(", {}", say!(look, "header-shares-calls")));
        }
    }
    (row.width() > 0).then_some(row)
}

fn pace(snapshot: &Snapshot, look: &RenderContext, width: usize) -> Row {
    let rate = format!("{:.1}", snapshot.cost.calls.per_second);
    Row::of(
        look,
        Role::Muted,
        say!(look, "header-calls", rate = rate, short = width < 100),
    )
}

fn price(snapshot: &Snapshot, look: &RenderContext) -> Row {
    Row::of(
        look,
        Role::Muted,
        edge_text::per_hour(snapshot.cost.calls.dollars_per_hour),
    )
}

/// The account time of the last observation: it stops when observations stop.
fn clock(app: &App, snapshot: &Snapshot, look: &RenderContext) -> Row {
    let glyphs = look.glyphs;
    if let Some(at) = app.clock.frozen {
        return Row::of(
            look,
            Role::Stale,
            format!(
                "{} {}",
                glyphs.signs.off,
                say!(look, "header-paused", clock = look.clock(at))
            ),
        );
    }
    let (mark, role, word) = match &*snapshot.connection {
        Connection::Opening => (
            glyphs.signs.not_live,
            Role::Notice,
            Some(say!(look, "header-connecting")),
        ),
        Connection::Open if snapshot.is_blind() => {
            (glyphs.signs.failing, Role::Failing, Some(say!(look, "header-errors")))
        }
        Connection::Open => (glyphs.signs.live, Role::Well, None),
        Connection::Expired { .. } => (glyphs.signs.failing, Role::Failing, Some(say!(look, "header-expired"))),
        Connection::Unreachable { .. } => (
            glyphs.signs.failing,
            Role::Failing,
            Some(say!(look, "header-no-answer")),
        ),
        Connection::Failing { .. } => (glyphs.signs.failing, Role::Failing, Some(say!(look, "header-errors"))),
    };
    let mut row = Row::of(look, role, format!("{mark} "));
    if let Some(word) = &word {
        row = row.then(look, role, format!("{word} "));
    }
    match snapshot.as_of {
        Some(at) if word.is_some() => row.then(look, Role::Stale, say!(look, "header-as-of", clock = look.clock(at))),
        Some(at) if look.is_older(at, 90) => row.then(
            look,
            Role::Stale,
            say!(look, "header-late", clock = look.clock(at), age = look.age(at)),
        ),
        Some(at) => row.then(look, Role::Text, look.clock(at)),
        None => row,
    }
}
