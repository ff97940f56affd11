//! One box of the graph. Colour and shape show its status: a failing box has a heavy border and a cross, a disabled one
//! a dashed border, an unknown one a question mark.
//!
//! ```text
//! ╭ SQS ────── ▲ ╮   ┏ λ ━━━━━━━━ ✗ ┓   ╭ SQS ─────────╮   ╭ S3 ──────── ? ╮
//! │ orders-q     │   ┃ orders-work  ┃   │ q-dlq    101 │   │ orders-bkt    │
//! │ 41 ▂▃▅▇ 38 s │   ┃ ✗ 16/16  ↻ 7 ┃   ╰──── 2 d 4 h ─╯   │ *.json        │
//! ╰──────────────╯   ┗━━━━━━━━━━━━━━┛                      ╰───────────────╯
//! ```

use ratatui::style::{Modifier, Style};
use ratatui::symbols::border::Set;

use super::canvas::Canvas;
use crate::layout::Rect;
use crate::store::snapshot::Health;
use crate::ui::chain::node_card::NodeCard;
use crate::ui::text::{pad, width};
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::widgets::spark::spark;

/// The fewest cells for a word.
const WORD: usize = 4;

/// The colour of a border.
#[must_use]
pub fn border_role(health: Health, selected: bool) -> Role {
    match health {
        Health::Failing => Role::Failing,
        Health::Warning => Role::Warning,
        _ if selected => Role::LineSelected,
        Health::Off => Role::Off,
        Health::Unknown => Role::Unknown,
        Health::Well => Role::Box,
    }
}

fn border(health: Health, look: &RenderContext) -> Set<'static> {
    match health {
        Health::Failing => look.glyphs.borders.heavy,
        Health::Off => look.glyphs.borders.dashed,
        _ => look.glyphs.borders.light,
    }
}

fn mark(health: Health, look: &RenderContext) -> Option<(&'static str, Role)> {
    match health {
        Health::Failing => Some((look.glyphs.signs.failing, Role::Failing)),
        Health::Warning => Some((look.glyphs.signs.warning, Role::Warning)),
        Health::Off => Some((look.glyphs.signs.off, Role::Off)),
        Health::Unknown => Some((look.glyphs.signs.unknown, Role::Unknown)),
        Health::Well => None,
    }
}

/// Draws the box.
pub fn draw(canvas: &mut Canvas, rect: Rect, face: &NodeCard, selected: bool, look: &RenderContext) {
    if is_compact(rect) {
        return compact(canvas, rect, face, selected, look);
    }
    let ground = look.style(Role::Text).patch(if selected {
        look.style(Role::Selected)
    } else {
        Style::new()
    });
    // A ground that only swaps the two colours is a glaring block where nothing is written: there the name alone has it.
    let plain = if ground.add_modifier.contains(Modifier::REVERSED) {
        look.style(Role::Text)
    } else {
        ground
    };
    canvas.fill((rect.x, rect.y, rect.w, rect.h), look.style(Role::Text));
    canvas.fill((rect.x + 1, rect.y + 1, rect.w - 2, rect.h.saturating_sub(2)), plain);
    frame(canvas, rect, face, selected, look);

    let inner = usize::from(rect.w).saturating_sub(4);
    let (x, y) = (rect.x + 2, rect.y + 1);
    let quiet = matches!(face.health, Health::Off | Health::Unknown);
    let name_role = match face.health {
        Health::Failing => Role::Failing,
        _ if quiet => Role::Muted,
        _ => Role::Strong,
    };
    let vital = vital(face, inner, look);
    let say = |canvas: &mut Canvas, x: i32, y: i32, text: &str, role: Role| {
        canvas.text(x, y, text, on(plain, look.style(role)));
    };
    let say_name = |canvas: &mut Canvas, room: usize| {
        canvas.text(x, y, &look.name(&face.name, room), on(ground, look.style(name_role)));
    };
    if face.name.is_empty() || face.is_dead_letter_queue {
        // One line: the name, if any, and the count at its end.
        let count: String = if face.is_dead_letter_queue {
            before(face) + &face.left.0
        } else {
            String::new()
        };
        if face.is_dead_letter_queue {
            let room = inner.saturating_sub(width(&count) + 1);
            say_name(canvas, room);
            let at = rect.right() - 1 - i32::try_from(width(&count)).unwrap_or(0);
            say(canvas, at, y, &count, face.left.1.unwrap_or(Role::Text));
        } else {
            // A fold has no name: what it says stands for it.
            draw_vital(canvas, (x, y), vital, (ground, plain), look);
        }
    } else {
        say_name(canvas, inner);
        draw_vital(canvas, (x, y + 1), vital, (plain, plain), look);
    }
}

/// Whether the box is too small for a border.
#[must_use]
pub fn is_compact(rect: Rect) -> bool {
    rect.h < 3
}

/// `λ orders-work ✗ 16/16`: kind and name, a sign, and the most important number if it fits.
fn compact(canvas: &mut Canvas, rect: Rect, face: &NodeCard, selected: bool, look: &RenderContext) {
    let ground = if selected {
        look.style(Role::Text)
            .patch(look.style(Role::Selected))
            .add_modifier(Modifier::BOLD)
    } else {
        look.style(Role::Text)
    };
    canvas.fill((rect.x, rect.y, rect.w, 1), ground);
    let mut room = usize::from(rect.w).saturating_sub(2);
    let mut x = rect.x + 1;
    let mut say = |text: &str, role: Role| {
        canvas.text(x, rect.y, text, on(ground, look.style(role)));
        x += i32::try_from(width(text)).unwrap_or(0);
    };
    let role = border_role(face.health, selected);
    let is_well = face.health == Health::Well;
    // The sign stands once.
    let sign = mark(face.health, look).map_or("", |(sign, _)| sign);
    let left = face.left.0.strip_prefix(sign).unwrap_or(&face.left.0).trim_start();
    let number = format!(" {}{left}", before(face));
    let has_number = face.left.0.chars().any(|c| c.is_ascii_digit());
    let mark = mark(face.health, look);
    let kind = if face.is_dead_letter_queue { "" } else { &face.kind };
    // Where there is no room for both, the mark stands in the place of the kind.
    let needed = width(kind) + 1 + width(&face.name) + mark.map_or(0, |_| 2);
    let (first, last) = if needed > room { (mark, None) } else { (None, mark) };
    let (kind, kind_role) = first.unwrap_or((kind, if is_well { Role::Muted } else { role }));
    if !kind.is_empty() {
        let kind = format!("{kind} ");
        room = room.saturating_sub(width(&kind));
        say(&kind, kind_role);
    }
    let held = if face.is_dead_letter_queue { width(&number) } else { 0 } + last.map_or(0, |_| 2);
    let name = look.name(&face.name, room.saturating_sub(held));
    room = room.saturating_sub(width(&name));
    say(&name, if is_well { Role::Strong } else { role });
    if let Some((mark, role)) = last {
        room = room.saturating_sub(2);
        say(&format!(" {mark}"), role);
    }
    if has_number && width(&number) <= room {
        say(&number, face.left.1.unwrap_or(Role::Text));
    }
}

/// The foreground of a style on another background.
fn on(ground: Style, ink: Style) -> Style {
    ground.patch(Style { bg: None, ..ink })
}

/// Puts `~` before a value that may be outdated.
fn before(face: &NodeCard) -> String {
    if face.stale { "~".to_owned() } else { String::new() }
}

fn vital(face: &NodeCard, inner: usize, look: &RenderContext) -> Vec<(String, Role)> {
    let plain = if face.stale { Role::Stale } else { Role::Text };
    let role = |given: Option<Role>| {
        if face.stale {
            Role::Stale
        } else {
            given.unwrap_or(plain)
        }
    };
    let said_first = width(&face.left.0) + usize::from(face.stale);
    let whole = said_first + 1 + width(&face.right.0);
    let right = match &face.right_short {
        Some(short) if whole > inner => short,
        _ => &face.right.0,
    };
    // Of a number and words, words are cut: `▲ 156 throt…`. What is left of them must still be a word.
    let is_number = face.left.0.chars().any(|c| c.is_ascii_digit());
    let room = if is_number {
        inner.saturating_sub(said_first + 1)
    } else {
        inner
    };
    let right = if room < WORD && width(right) > room {
        String::new()
    } else {
        look.cut(right, room)
    };
    let mut room = inner - width(&right);
    // Two words that touch are read as one.
    let gap = usize::from(!right.is_empty() && room > 0);
    let left = look.cut(&(before(face) + &face.left.0), room - gap);
    room -= width(&left);
    let mut parts = vec![(left, role(face.left.1))];
    // A blank on either side.
    let bars = room.saturating_sub(1 + usize::from(!right.is_empty())).min(8);
    if !face.spark.is_empty() && bars >= 3 {
        let bars = spark(&face.spark, bars.min(face.spark.len()), look.glyphs);
        room -= width(&bars) + 1;
        parts.push((format!(" {bars}"), Role::Spark));
    }
    parts.push((pad("", room), plain));
    parts.push((right, role(face.right.1)));
    parts
}

/// Draws the parts; the first may have a background of its own.
fn draw_vital(
    canvas: &mut Canvas,
    (x, y): (i32, i32),
    parts: Vec<(String, Role)>,
    (first, rest): (Style, Style),
    look: &RenderContext,
) {
    let mut at = x;
    let grounds = std::iter::once(first).chain(std::iter::repeat(rest));
    for ((text, role), ground) in parts.into_iter().zip(grounds) {
        canvas.text(at, y, &text, on(ground, look.style(role)));
        at += i32::try_from(width(&text)).unwrap_or(0);
    }
}

fn frame(canvas: &mut Canvas, rect: Rect, face: &NodeCard, selected: bool, look: &RenderContext) {
    let border = border(face.health, look);
    let style = look.style(border_role(face.health, selected));
    let style = if selected {
        style.add_modifier(Modifier::BOLD)
    } else {
        style
    };
    let (left, right, top, bottom) = (rect.x, rect.right(), rect.y, rect.bottom());
    for x in left + 1..right {
        canvas.put(x, top, border.horizontal_top, style);
        canvas.put(x, bottom, border.horizontal_top, style);
    }
    for y in top + 1..bottom {
        canvas.put(left, y, border.vertical_left, style);
        canvas.put(right, y, border.vertical_left, style);
    }
    canvas.put(left, top, border.top_left, style);
    canvas.put(right, top, border.top_right, style);
    canvas.put(left, bottom, border.bottom_left, style);
    canvas.put(right, bottom, border.bottom_right, style);
    let kind = if matches!(face.health, Health::Well) {
        look.style(Role::Muted)
    } else {
        style
    };
    canvas.text(left + 1, top, &format!(" {} ", face.kind), kind);
    if let Some((mark, role)) = mark(face.health, look) {
        canvas.text(right - 3, top, &format!(" {mark} "), look.style(role));
    } else if face.has_hint {
        // Health alone has a colour.
        canvas.text(
            right - 3,
            top,
            &format!(" {} ", look.glyphs.signs.hint),
            look.style(Role::Muted),
        );
    }
    if !face.foot.is_empty() {
        let foot = format!(" {} ", face.foot);
        let at = right - 1 - i32::try_from(width(&foot)).unwrap_or(0);
        canvas.text(at, bottom, &foot, look.style(face.left.1.unwrap_or(Role::Muted)));
    }
}
