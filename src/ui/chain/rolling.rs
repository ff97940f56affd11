//! What rolls over the chain: counted traffic, and the events that were dropped by hand, with the waits that they leave behind.

use std::time::Duration;

use jiff::SignedDuration;
use ratatui::style::{Modifier, Style};

use crate::domain::phrase::Arg;
use crate::domain::{NodeId, NodeKind};
use crate::layout::{Rect, Route};
use crate::store::snapshot::{Health, Snapshot};
use crate::ui::app::App;
use crate::ui::app::demo::DroppedEvent;
use crate::ui::app::presenter;
use crate::ui::chain::boxes::is_compact;
use crate::ui::chain::canvas::Canvas;
use crate::ui::chain::dropped::{Dropped, Ending, FLASH, Picture, REST, Way};
use crate::ui::chain::motion::{Spot, flight, spot};
use crate::ui::chain::scene::{Item, health};
use crate::ui::settings::Charset;
use crate::ui::text::width;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::words::say;

/// How long the end of one is told.
const TOLD: Duration = Duration::from_secs(12);
/// Half of a blink.
const BLINK: u128 = 250;

impl Picture for App {
    fn way(&self, from: &NodeId, to: &NodeId) -> Option<Way> {
        let route = route_between(self, from, to)?;
        Some(Way { length: route.len() })
    }

    fn has(&self, node: &NodeId) -> bool {
        self.chain.shown.picture.box_of(node).is_some()
    }

    fn leads_on(&self, node: &NodeId) -> bool {
        let item = self.chain.shown.picture.items.get(node);
        let is_function = matches!(item, Some(Item::Node(node)) if node.kind == NodeKind::Lambda);
        let lines = &self.chain.shown.picture.lines;
        is_function || lines.iter().any(|line| line.from == *node && !line.dead_letter)
    }
}

fn route_between<'a>(app: &'a App, from: &NodeId, to: &NodeId) -> Option<&'a Route> {
    let shown = &app.chain.shown;
    let (from, to) = (shown.picture.box_of(from)?, shown.picture.box_of(to)?);
    let at = shown
        .picture
        .lines
        .iter()
        .position(|line| line.from == *from && line.to == *to)?;
    shown.placed.routes.get(at).filter(|route| !route.is_empty())
}

/// Takes in what the account says of the events that were dropped by hand, once their way is known.
pub fn follow(app: &mut App) {
    if !app.chain.settled || app.chain.shown.picture.items.is_empty() {
        return;
    }
    let Some(events) = app.demo.as_ref().map(|demo| std::sync::Arc::clone(&demo.dropped)) else {
        return;
    };
    let wall = app.clock.wall;
    let mut followed = std::mem::take(&mut app.chain.dropped);
    let is_new = |event: &DroppedEvent, followed: &[Dropped]| followed.iter().all(|known| known.id != event.id);
    if events.iter().any(|event| is_new(event, &followed)) {
        followed.retain(|one| one.end.as_ref().is_none_or(|end| wall < end.at + FLASH));
    }
    let newest = followed
        .iter()
        .map(|one| one.id)
        .max()
        .unwrap_or(0)
        .max(app.chain.last_dropped);
    for event in events.iter() {
        if event.id > newest {
            followed.push(Dropped::new(event));
        }
        let Some(one) = followed.iter_mut().find(|one| one.id == event.id) else {
            continue;
        };
        one.take(event, wall, &*app);
        let is_dead = one
            .end
            .as_ref()
            .is_some_and(|end| app.chain.edges.is_dead_letter_queue(&end.node));
        if is_dead {
            one.is_dead();
        }
    }
    app.chain.last_dropped = events.iter().map(|event| event.id).max().unwrap_or(0).max(newest);
    followed.retain(|one| one.end.as_ref().is_none_or(|end| wall < end.at + TOLD));
    app.chain.dropped = followed;
    presenter::follow(app);
}

/// Draws all of it.
pub fn render(canvas: &mut Canvas, app: &App, snapshot: &Snapshot, look: &RenderContext) {
    traffic(canvas, app, snapshot, look);
    for one in &app.chain.dropped {
        dropped(canvas, one, app, look);
    }
}

fn traffic(canvas: &mut Canvas, app: &App, snapshot: &Snapshot, look: &RenderContext) {
    let (shown, wall) = (&app.chain.shown, app.clock.wall);
    for marble in app.chain.marbles.live() {
        let Some(at) = shown.picture.line_of.get(&marble.edge).copied() else {
            continue;
        };
        let (Some(line), Some(route)) = (shown.picture.lines.get(at), shown.placed.routes.get(at)) else {
            continue;
        };
        let style = look.style(if marble.old { Role::MarbleOld } else { Role::Marble });
        let time = flight(route.len());
        if let Some(progress) = marble.progress(wall, time) {
            let place = spot(route, progress, marble.shared);
            put(canvas, place, marble.inferred, style, look);
        } else if marble.has_just_arrived(wall, time)
            && let Some(seat) = shown.placed.seat(&line.to)
            // What fails keeps its colour, however much arrives.
            && health(snapshot, &line.to) < Health::Warning
        {
            light(canvas, seat.rect, style);
        }
    }
}

fn put(canvas: &mut Canvas, place: Option<Spot>, inferred: bool, style: Style, look: &RenderContext) {
    let lines = &look.glyphs.lines;
    let [half, half_inferred] = lines.marble_between;
    let (whole, half) = if inferred {
        (lines.marble_inferred, half_inferred)
    } else {
        (lines.marble, half)
    };
    match place {
        None => {}
        Some(Spot::Whole((x, y))) => canvas.put(x, y, whole, style),
        // Where there is no smaller dot it goes cell by cell.
        Some(Spot::Half((x, y), _)) if look.glyphs.charset == Charset::Ascii => canvas.put(x, y, whole, style),
        Some(Spot::Half(one, other)) => {
            for (x, y) in [one, other] {
                canvas.put(x, y, half, style);
            }
        }
    }
}

/// Lights a box up: its border, or where it has none its words.
fn light(canvas: &mut Canvas, rect: Rect, style: Style) {
    let (right, bottom) = (rect.right(), rect.bottom());
    for y in rect.y..=bottom {
        for x in rect.x..=right {
            if is_compact(rect) || y == rect.y || y == bottom || x == rect.x || x == right {
                canvas.ink(x, y, style);
            }
        }
    }
}

fn dropped(canvas: &mut Canvas, one: &Dropped, app: &App, look: &RenderContext) {
    let (wall, style) = (app.clock.wall, look.style(Role::MarbleOwn));
    let rect_of = |node: &NodeId| {
        let id = app.chain.shown.picture.box_of(node)?;
        app.chain.shown.placed.seat(id).map(|seat| seat.rect)
    };
    for node in one.boxes(wall) {
        let Some(rect) = rect_of(node) else { continue };
        light(canvas, rect, style);
        let since = one.resting.get(node).copied().unwrap_or(wall);
        let far = wall.saturating_sub(since).as_secs_f64() / REST.as_secs_f64();
        put(canvas, Some(Spot::Whole(within(rect, far))), false, style, look);
    }
    for wait in one.waits.iter().filter(|wait| wait.shown <= wall) {
        if let Some(rect) = rect_of(&wait.node) {
            left_behind(canvas, rect, &seconds(wait.length), style);
        }
    }
    for (leg, far) in one.rolling(wall) {
        let place = route_between(app, &leg.from, &leg.to).and_then(|route| spot(route, far, false));
        put(canvas, place, false, style, look);
    }
    if let Some(end) = one.end.as_ref().filter(|end| end.at <= wall)
        && let Some(rect) = rect_of(&end.node)
    {
        let role = match end.how {
            Ending::Done => Role::MarbleOwn,
            Ending::Dead => Role::Failing,
            Ending::Lost => Role::Loss,
        };
        let style = look.style(role).add_modifier(Modifier::BOLD);
        let since = wall.saturating_sub(end.at);
        if since < FLASH && (since.as_millis() / BLINK).is_multiple_of(2) {
            light(canvas, rect, style.add_modifier(Modifier::REVERSED));
        }
        let place = app.chain.shown.picture.items.get(&end.node).map(|item| match item {
            Item::Node(node) => node.name.clone(),
            Item::Fold(_) => String::new(),
        });
        let name = one.name.clone().unwrap_or_else(|| say!(look, "marble-name"));
        let key = match end.how {
            Ending::Done => "marble-done",
            Ending::Dead => "marble-dead",
            Ending::Lost => "marble-lost",
        };
        let args = [
            ("name", name.into()),
            ("n", one.number.to_string().into()),
            ("time", time(end.total)),
            ("place", look.name(&place.unwrap_or_default(), 24).into()),
        ];
        told(canvas, rect, &look.words.with(key, &args), style);
    }
}

/// Where it is in a box: it rolls along the lower border, or from one end of the row to the other.
fn within(rect: Rect, far: f64) -> (i32, i32) {
    let far = far.clamp(0.0, 1.0);
    if is_compact(rect) {
        return (if far < 0.5 { rect.x } else { rect.right() }, rect.y);
    }
    #[expect(clippy::cast_possible_truncation, reason = "within the box")]
    let x = (f64::from(rect.w.saturating_sub(3)) * far).round() as i32;
    (rect.x + 1 + x, rect.bottom())
}

/// The same in the reader's language, from ten seconds on.
fn time(length: SignedDuration) -> Arg {
    if length < SignedDuration::from_secs(10) {
        seconds(length).into()
    } else {
        length.into()
    }
}

/// `1.9 s`, `30 s`, `1 min 30 s`.
fn seconds(length: SignedDuration) -> String {
    if length < SignedDuration::from_secs(10) {
        return format!("{:.1} s", length.as_secs_f64());
    }
    crate::domain::duration::span(length.as_secs())
}

/// A wait, in the lower border of its box or beneath its row.
fn left_behind(canvas: &mut Canvas, rect: Rect, text: &str, style: Style) {
    if is_compact(rect) {
        free_text(canvas, rect.x + 1, rect.y + 1, text, style);
    } else if width(text) + 4 <= usize::from(rect.w) {
        canvas.text(rect.x + 1, rect.bottom(), &format!(" {text} "), style);
    }
}

/// Writes where all cells are free, with one on either side; says whether it did.
fn free_text(canvas: &mut Canvas, x: i32, y: i32, text: &str, style: Style) -> bool {
    let end = x + i32::try_from(width(text)).unwrap_or(i32::MAX / 2);
    let is_free = (x - 1..=end).all(|column| canvas.is_free(column, y));
    if is_free {
        canvas.text(x, y, text, style);
    }
    is_free
}

/// How it ended, close to where it did: beneath, above, or to the right.
fn told(canvas: &mut Canvas, rect: Rect, text: &str, style: Style) {
    let long = i32::try_from(width(text)).unwrap_or(0);
    let places = [
        (rect.x + 1, rect.bottom() + 1),
        (rect.right() - long, rect.bottom() + 1),
        (rect.x + 1, rect.y - 1),
        (rect.right() - long, rect.y - 1),
        (rect.x + 1, rect.bottom() + 2),
        (rect.right() - long, rect.bottom() + 2),
        (rect.right() + 2, rect.line()),
        (rect.x + 1, rect.y - 2),
    ];
    for (x, y) in places {
        if free_text(canvas, x, y, text, style) {
            return;
        }
    }
    let (x, y) = canvas.last_row();
    canvas.text(x + 1, y, text, style);
}
