//! What can be copied of the selected box, to choose from.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::pick::{Pick, pick};
use crate::domain::text::plain;
use crate::domain::{Arn, Detail, Node};
use crate::store::snapshot::Snapshot;
use crate::ui::app::App;
use crate::ui::app::effect::Effect;
use crate::ui::app::mode::Mode;
use crate::ui::app::notice::Notice;
use crate::ui::chain::scene::Item;
use crate::ui::input::keys::Command;
use crate::ui::panes::details;
use crate::ui::text::console::console_url;
use crate::ui::theme::render_context::RenderContext;
use crate::words::say;

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Name,
    Arn,
    Url,
    Console,
    Command,
}

/// The node of the selected box.
fn node(app: &App) -> Option<&Node> {
    match app.selected_item() {
        Some((_, Item::Node(node))) => Some(node),
        _ => None,
    }
}

/// The page of the selected box in the console; `None` in a simulated account, which has none.
#[must_use]
pub fn console(app: &App, snapshot: &Snapshot) -> Option<String> {
    let scope = snapshot.scope.as_ref().filter(|_| app.settings.aim.is_some())?;
    console_url(node(app)?, scope)
}

fn texts(app: &App, snapshot: &Snapshot) -> Vec<(What, String)> {
    let Some(node) = node(app) else { return Vec::new() };
    let mut all = vec![(What::Name, node.name.clone())];
    if Arn::parse(node.id.as_str()).is_some() {
        all.push((What::Arn, node.id.to_string()));
    }
    if let Detail::Queue(queue) = &node.detail {
        all.push((What::Url, queue.url.clone()));
    }
    all.extend(console(app, snapshot).map(|url| (What::Console, url)));
    if app.settings.aim.is_some() {
        all.extend(details::command(app, snapshot).map(|command| (What::Command, command.line)));
    }
    all
}

/// Opens the list.
pub fn open(app: &mut App) {
    if node(app).is_some() {
        app.mode = Mode::Copy(0);
    }
}

/// A key in the list.
pub fn in_copy(app: &mut App, snapshot: &Snapshot, at: usize, command: Command) -> Vec<Effect> {
    let texts = texts(app, snapshot);
    if let Some(to) = command.row_from(at) {
        app.mode = Mode::Copy(to.min(texts.len().saturating_sub(1)));
        return Vec::new();
    }
    match (command, texts.into_iter().nth(at)) {
        (Command::Open, Some((_, text))) => {
            app.mode = Mode::Chain;
            copied(app, text)
        }
        (Command::Open | Command::Close, _) => {
            app.mode = Mode::Chain;
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Copies a text and says so: whether the terminal took it, it does not say.
pub fn copied(app: &mut App, text: String) -> Vec<Effect> {
    let command = plain(&text).into_owned();
    app.notice = Some(Notice::Copied { command });
    vec![Effect::Copy(text)]
}

/// Draws the list.
pub fn render(buffer: &mut Buffer, screen: Rect, at: usize, app: &App, snapshot: &Snapshot, look: &RenderContext) {
    let rows = texts(app, snapshot).into_iter().map(|(what, text)| {
        let what = match what {
            What::Name => say!(look, "copy-name"),
            What::Arn => say!(look, "copy-arn"),
            What::Url => say!(look, "copy-url"),
            What::Console => say!(look, "copy-console"),
            What::Command => say!(look, "copy-command"),
        };
        (what, plain(&text).into_owned())
    });
    let list = Pick {
        title: say!(look, "copy-title"),
        rows: rows.collect(),
        at,
        keep: say!(look, "copy-title"),
        wide: 100,
    };
    pick(buffer, screen, &list, look);
}
