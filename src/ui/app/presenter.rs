//! A demonstration on a stage: nothing but the chain and a caption, steps forward and back, and a camera that follows the event that
//! was dropped.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::Modifier;
use ratatui::text::Line;

use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::app::demo::DemoControl;
use crate::ui::app::effect::Effect;
use crate::ui::app::update::{Keep, draw_anew};
use crate::ui::chain::scroll::around;
use crate::ui::chain::selection::clamp;
use crate::ui::input::keys::Command;
use crate::ui::text;
use crate::ui::theme::Role;
use crate::ui::theme::render_context::RenderContext;
use crate::words::say;

/// Rows of a caption, and columns of it as far as it fits: the terminal may stand in its largest font.
const CAPTION: (usize, usize) = (2, 38);
/// Rows beneath the chain: the caption, and the corner.
pub const ROWS: u16 = 3;

/// How long a key is shown.
const KEY: Duration = Duration::from_secs(4);

/// What the stage remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presenter {
    /// The key that was pressed last, and when by the screen's watch.
    pub key: Option<(String, Duration)>,
    /// The earlier step that is shown, where one is.
    pub past: Option<Past>,
    /// Whether the account begins anew from an earlier step, and nothing of it is known yet.
    pub restarts: bool,
    /// Whether the camera belongs to the person.
    pub camera_stands: bool,
}

/// An earlier step, shown as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// Counted from 1.
    pub step: usize,
    /// What was said.
    pub caption: String,
}

/// Begins or ends it.
pub(crate) fn turn(app: &mut App, snapshot: &Snapshot) -> Vec<Effect> {
    app.notice = None;
    let is_on = app.presenter.is_none();
    let mut effects = Vec::new();
    if app.presenter.take().is_some_and(|presenter| presenter.past.is_some()) {
        effects.push(Effect::ShowStep(None));
    }
    app.presenter = is_on.then(Presenter::default);
    effects.push(Effect::DemoControl(DemoControl::Gate(is_on)));
    effects.extend(draw_anew(app, snapshot, Keep::Places));
    clamp(app);
    effects
}

/// A key of the stage. `None` if it is none.
pub(crate) fn run(app: &mut App, command: Command) -> Option<Vec<Effect>> {
    let shown = app.presenter.as_ref()?.past.as_ref().map(|past| past.step);
    let live = app.demo.as_ref().map_or(0, |demo| demo.step.0);
    Some(match (command, shown) {
        (Command::StageForward, Some(step)) if step + 1 < live => vec![Effect::ShowStep(Some(step + 1))],
        (Command::StageForward, Some(_)) => {
            vec![Effect::ShowStep(None), Effect::DemoControl(DemoControl::Gate(true))]
        }
        (Command::StageForward, None) => vec![Effect::DemoControl(DemoControl::NextStep)],
        (Command::StageBack, _) => {
            let step = shown.unwrap_or(live).saturating_sub(1);
            if step == 0 {
                return Some(Vec::new());
            }
            vec![Effect::DemoControl(DemoControl::Hold), Effect::ShowStep(Some(step))]
        }
        (Command::StageFromHere, Some(step)) => {
            if let Some(presenter) = &mut app.presenter {
                presenter.restarts = true;
            }
            vec![Effect::DemoControl(DemoControl::Restart(step))]
        }
        (Command::StageFromHere, None) => Vec::new(),
        (Command::Camera, _) => {
            if let Some(presenter) = &mut app.presenter {
                presenter.camera_stands = !presenter.camera_stands;
            }
            Vec::new()
        }
        _ => return None,
    })
}

/// Whether the camera follows what was dropped: only where the chain is larger than the screen.
#[must_use]
pub fn follows(app: &App) -> bool {
    let (placed, view) = (&app.chain.shown.placed, app.viewport());
    let is_larger = placed.width > u32::from(view.w) || placed.height > u32::from(view.h);
    is_larger
        && app
            .presenter
            .as_ref()
            .is_some_and(|presenter| !presenter.camera_stands && presenter.past.is_none())
}

/// Moves the camera to where the dropped event is.
pub(crate) fn follow(app: &mut App) {
    if !follows(app) {
        return;
    }
    let wall = app.clock.wall;
    let target = app.chain.dropped.last().and_then(|one| {
        let rolling = one.rolling(wall).last().map(|(leg, _)| &leg.to);
        rolling.or_else(|| one.boxes(wall).last()).cloned()
    });
    let seat = target.and_then(|id| {
        let id = app.chain.shown.picture.box_of(&id)?;
        app.chain.shown.placed.seat(id)
    });
    if let Some(rect) = seat.map(|seat| seat.rect) {
        app.chain.scroll = around(app.viewport(), rect, (12, 3));
        clamp(app);
    }
}

/// A new step begins: nothing is left of the last one's messages.
pub(crate) fn on_step(app: &mut App) {
    if app.presenter.is_some() {
        app.notice = None;
    }
}

/// Draws the rows beneath the chain.
pub fn render(buffer: &mut Buffer, area: Rect, app: &App, look: &RenderContext) {
    let (Some(presenter), Some(demo)) = (&app.presenter, &app.demo) else {
        return;
    };
    let caption = match &presenter.past {
        Some(past) => &past.caption,
        None => demo.caption.as_deref().unwrap_or_default(),
    };
    let strong = look.style(Role::Strong).add_modifier(Modifier::BOLD);
    for (line, y) in caption_lines(caption, usize::from(area.width))
        .into_iter()
        .zip(area.top()..)
    {
        let row = Rect::new(area.x, y, area.width, 1);
        ratatui::widgets::Widget::render(Line::styled(line, strong).alignment(Alignment::Center), row, buffer);
    }
    corner(
        buffer,
        Rect::new(area.x, area.bottom() - 1, area.width, 1),
        presenter,
        app,
        look,
    );
}

/// The step's number, the key, and what else has to be said.
fn corner(buffer: &mut Buffer, area: Rect, presenter: &Presenter, app: &App, look: &RenderContext) {
    let demo = app.demo.clone().unwrap_or_default();
    let step = presenter.past.as_ref().map_or(demo.step.0, |past| past.step);
    let mut parts = Vec::new();
    if presenter.restarts {
        parts.push(say!(look, "stage-restarts"));
    } else if presenter.past.is_some() {
        parts.push(say!(look, "stage-past"));
    } else if demo.paused_at_ms.is_some() {
        parts.push(say!(look, "stage-waits"));
    }
    if follows(app) {
        parts.push(say!(look, "stage-camera"));
    }
    parts.push(format!("{step} / {}", demo.step.1));
    let key = presenter.key.as_ref().filter(|(_, at)| app.clock.wall < *at + KEY);
    parts.extend(key.map(|(key, _)| key.clone()));
    let right = parts.join("  ");
    let room = usize::from(area.width).saturating_sub(text::width(&right) + 4);
    if let Some(notice) = &app.notice {
        let said = look.cut(&look.say(&notice.clone().into()), room);
        buffer.set_stringn(area.x + 1, area.y, said, room, look.style(Role::Notice));
    }
    let width = u16::try_from(text::width(&right)).unwrap_or(area.width);
    let x = area.right().saturating_sub(width + 2).max(area.x);
    buffer.set_stringn(x, area.y, right, usize::from(area.right() - x), look.style(Role::Muted));
}

/// A caption in at most two rows: of 38 columns where it fits in them, else of as many as there are.
#[must_use]
pub fn caption_lines(caption: &str, width: usize) -> Vec<String> {
    let (rows, columns) = CAPTION;
    let narrow = wrapped(caption, columns.min(width));
    if narrow.len() <= rows {
        return narrow;
    }
    wrapped(caption, width.saturating_sub(2))
}

/// In rows of so many columns; where sentences without blanks between them stand in rows of their own, there, and no row begins with
/// what ends a sentence or a clause.
fn wrapped(caption: &str, columns: usize) -> Vec<String> {
    let ends = caption.match_indices('。').map(|(at, end)| at + end.len());
    let parts = ends.map(|at| caption.split_at(at));
    let fits = |(one, other): &(&str, &str)| {
        !other.is_empty() && text::width(one).max(text::width(other)) <= columns && text::width(caption) > columns
    };
    // Of several places the one that leaves both rows most alike.
    if let Some((one, other)) = parts
        .filter(fits)
        .min_by_key(|(one, other)| text::width(one).abs_diff(text::width(other)))
    {
        return vec![one.trim().to_owned(), other.trim().to_owned()];
    }
    let mut lines = text::wrap(caption, columns);
    for n in 1..lines.len() {
        while let Some(sign) = lines[n].chars().next().filter(|sign| "。、」）".contains(*sign)) {
            // The character before it comes along.
            let Some(before) = lines[n - 1].pop() else { break };
            lines[n].insert(0, before);
            if before != sign {
                break;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caption_has_two_rows_of_38_columns_where_it_fits() {
        let short = "orders-work が壊れた。メッセージは 30 秒ごとに戻り、3 回で q-dlq へ。";
        let lines = caption_lines(short, 80);
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines.iter().all(|line| text::width(line) <= 38), "{lines:?}");
        assert_eq!(
            caption_lines("トリガーの連鎖。前の書き込みが次を起動。注文が転がる。", 80),
            ["トリガーの連鎖。", "前の書き込みが次を起動。注文が転がる。"],
            "a row ends with a sentence where both fit"
        );
        assert_eq!(
            caption_lines("あいうえおかきくけこさしすせそたちつて。と、なにぬねのはひふ。", 80),
            ["あいうえおかきくけこさしすせそたちつ", "て。と、なにぬねのはひふ。"],
            "no row begins with a full stop"
        );
        assert_eq!(caption_lines("orders-work breaks.", 80), ["orders-work breaks."]);
        let long = "word ".repeat(24);
        assert_eq!(caption_lines(&long, 80).len(), 2);
    }
}
