//! A screen without a terminal: keys in, cells out, layouts done at once.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use super::Account;
use crate::dead_letters::DeadLetter;
use crate::dead_letters::jq::{Program, Verdict};
use crate::dlq::jq::Sifted;
use crate::store::Snapshot;
use crate::ui::app::effect::Effect;
use crate::ui::app::update::{Msg, update};
use crate::ui::app::view::Drawn;
use crate::ui::app::{App, SetupError, view};
use crate::ui::input::keys::Chord;
use crate::ui::panes::dead_letters::state::sift::{Job, Outcome};
use crate::ui::panes::state::Pane;
use crate::ui::settings::Settings;

/// An app and what it looks at.
#[derive(Debug)]
pub struct Stage {
    /// The state.
    pub app: App,
    /// What it draws.
    pub snapshot: Snapshot,
    /// Whether filters come to an end at once, in this process; else they stay at work.
    pub sifts: bool,
}

impl Stage {
    /// A screen of that size on an account.
    pub fn new(settings: Settings, account: &Account, (width, height): (u16, u16)) -> Result<Self, SetupError> {
        let mut stage = Self {
            app: App::new(settings, account.now)?,
            snapshot: account.snapshot(),
            sifts: true,
        };
        stage.tell(Msg::Resize(width, height));
        stage.tell(Msg::Snapshot);
        Ok(stage)
    }

    /// A screen of that size on what a store has folded.
    pub fn over(
        settings: Settings,
        now: Timestamp,
        snapshot: &Snapshot,
        (width, height): (u16, u16),
    ) -> Result<Self, SetupError> {
        let mut stage = Self {
            app: App::new(settings, now)?,
            snapshot: snapshot.clone(),
            sifts: true,
        };
        stage.tell(Msg::Resize(width, height));
        stage.tell(Msg::Snapshot);
        Ok(stage)
    }

    /// Time has passed on the account's clock and on the screen's watch, and this is what is known now. Takes the loop's
    /// steps of one frame.
    pub fn frame(&mut self, now: Timestamp, wall: Duration, snapshot: &Snapshot) {
        (self.app.clock.now, self.app.clock.wall) = (now, wall);
        self.snapshot = snapshot.clone();
        self.tell(Msg::Snapshot);
        self.app.chain.marbles.settle(wall);
    }

    /// The account is another one now.
    pub fn show(&mut self, account: &Account) {
        self.app.clock.now = account.now;
        self.snapshot = account.snapshot();
        self.tell(Msg::Snapshot);
    }

    /// Something happens; layouts are done, the other effects come back.
    pub fn tell(&mut self, msg: Msg) -> Vec<Effect> {
        let mut outside = Vec::new();
        for effect in update(&mut self.app, &self.snapshot, msg) {
            match effect {
                Effect::Layout(job) => outside.extend(self.tell(Msg::Placed(job.run()))),
                Effect::Sift(job) if self.sifts => {
                    let outcome = sifted(&job);
                    outside.extend(self.tell(Msg::Sifted(job, outcome)));
                }
                Effect::Search(job) if self.sifts => {
                    if let Some((job, view)) = job.run() {
                        outside.extend(self.tell(Msg::Searched(job, view)));
                    }
                }
                other => outside.push(other),
            }
        }
        outside
    }

    /// Keys are pressed: `n enter / o r d`, each by its character or its name.
    pub fn press(&mut self, keys: &str) -> Vec<Effect> {
        keys.split_whitespace()
            .flat_map(events)
            .flat_map(|key| self.tell(Msg::Key(key)))
            .collect()
    }

    /// The first cell of a text on the screen is clicked.
    pub fn click_on(&mut self, text: &str) -> Vec<Effect> {
        let (buffer, drawn) = self.drawn();
        self.app.mouse.buttons = drawn.buttons;
        let screen = text_of(&buffer);
        let found = screen.lines().enumerate().find_map(|(y, line)| {
            let x = crate::ui::text::width(&line[..line.find(text)?]);
            Some((u16::try_from(x).ok()?, u16::try_from(y).ok()?))
        });
        let (column, row) = found.unwrap_or_else(|| panic!("there is no {text:?}:\n{screen}"));
        self.tell(Msg::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column,
            row,
            modifiers: KeyModifiers::NONE,
        }))
    }

    /// The cells, and when they change only because time passes.
    #[must_use]
    pub fn draw(&self) -> (Buffer, Option<Timestamp>) {
        if let Pane::Logs(pane) = &self.app.panes.below
            && let Some(marks) = &pane.marks
        {
            // What a first drawing misses, the next one has.
            self.drawn();
            Arc::clone(marks).work();
        }
        let (buffer, drawn) = self.drawn();
        (buffer, drawn.changes_at)
    }

    fn drawn(&self) -> (Buffer, Drawn) {
        let (width, height) = self.app.size;
        let mut drawn = Drawn::default();
        let Ok(mut terminal) = Terminal::new(TestBackend::new(width, height));
        let Ok(_) = terminal.draw(|frame| drawn = view::render(frame, &self.app, &self.snapshot));
        (terminal.backend().buffer().clone(), drawn)
    }

    /// The cells as text, without the blanks at the end of each line.
    #[must_use]
    pub fn text(&self) -> String {
        text_of(&self.draw().0)
    }
}

/// What a filter chooses, without a process of its own.
fn sifted(job: &Job) -> Outcome {
    let program = job.filter.expression().map(Program::new).transpose()?;
    let entries = job.letters.entries.iter().enumerate();
    let holds = |entry: &DeadLetter| match &program {
        Some(program) => program.run(job.filter.seen(entry).as_bytes()) == Verdict::Holds,
        None => true,
    };
    let passing = entries.filter(|(_, entry)| job.filter.has_text(entry) && holds(entry));
    Ok(Sifted {
        chosen: passing.map(|(place, _)| place).collect(),
        ..Sifted::default()
    })
}

/// A buffer as text. A wide character fills two cells and is written once.
#[must_use]
pub fn text_of(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut line = String::new();
        let mut covered = 0;
        for x in buffer.area.left()..buffer.area.right() {
            let symbol = buffer[(x, y)].symbol();
            if covered == 0 {
                line.push_str(symbol);
                covered = crate::ui::text::width(symbol).max(1);
            }
            covered -= 1;
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

fn events(key: &str) -> impl Iterator<Item = KeyEvent> {
    Chord::parse(key)
        .unwrap_or_else(|| panic!("there is no key {key:?}"))
        .events()
}
