//! The event loop: it waits for messages, updates the state, and draws if something changed, at most 30 times a second. When
//! nothing happens, nothing runs.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyEventKind};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use crate::dlq::DlqHandle;
use crate::domain::{Clock, Interest};
use crate::signals::{self, Ending, Signal, Signals};
use crate::store::snapshot::Snapshot;
use crate::ui::app::demo::DemoHandle;
use crate::ui::app::effect::{Effect, Job, Shown};
use crate::ui::app::notice::Notice;
use crate::ui::app::update::{Msg, update};
use crate::ui::app::{App, SetupError, view};
use crate::ui::jobs::Jobs;
use crate::ui::settings::Settings;
use crate::ui::terminal::editor::Edited;
use crate::ui::terminal::keyboard::Keyboard;
use crate::ui::terminal::{Screen, Stop, editor, survived};

/// The least time between two drawings.
const FRAME: Duration = Duration::from_millis(33);
/// The least time between two drawings that only the passing of time causes.
const TICK: Duration = Duration::from_secs(1);

/// Why the screen ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitReason {
    /// The person quit.
    Quit,
    /// A signal ended it.
    Signal(Ending),
    /// The terminal is gone.
    Closed,
}

/// Why the screen cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Theme, keys or patterns are invalid: no terminal was taken yet.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The terminal cannot be used.
    #[error("the terminal: {0}")]
    Terminal(#[from] io::Error),
    /// The layout thread panicked.
    #[error("the layout crashed: {0}")]
    Layout(#[from] tokio::task::JoinError),
}

/// Shows snapshots until the person quits.
pub async fn run(
    (snapshots, interest): (watch::Receiver<Arc<Snapshot>>, watch::Sender<Interest>),
    signals: Signals,
    clock: Clock,
    settings: Settings,
    desk: Option<DlqHandle>,
    demo: Option<DemoHandle>,
) -> Result<ExitReason, RunError> {
    let app = App::new(settings, clock.now())?;
    let screen = Screen::enter(app.mouse.is_ours)?;
    let snapshot = Arc::clone(&snapshots.borrow());
    let mut running = Running {
        app,
        screen,
        snapshot,
        clock,
        started: Instant::now(),
        interest,
        desk,
        demo,
        draft: None,
        layouts: JoinSet::new(),
        jobs: Jobs::new(),
        waiting: None,
        drawn: None,
        dirty: true,
        changes: None,
        end: None,
    };
    let ended = running.watch(snapshots, signals).await;
    drop(running);
    match ended {
        // Nobody is left to be told: the terminal went away in the middle of a drawing.
        Err(RunError::Terminal(error)) if is_gone(&error) => Ok(ExitReason::Closed),
        other => other,
    }
}

fn is_gone(error: &io::Error) -> bool {
    // EIO is what a terminal without its other end answers.
    const EIO: i32 = 5;
    matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof)
        || error.raw_os_error() == Some(EIO)
}

struct Running {
    app: App,
    screen: Screen,
    snapshot: Arc<Snapshot>,
    clock: Clock,
    started: Instant,
    interest: watch::Sender<Interest>,
    desk: Option<DlqHandle>,
    demo: Option<DemoHandle>,
    /// The message to edit: its ID and body.
    draft: Option<(String, String)>,
    layouts: JoinSet<Shown>,
    jobs: Jobs,
    /// The next layout job, once the running one is finished.
    waiting: Option<Job>,
    drawn: Option<Instant>,
    dirty: bool,
    /// When the picture next changes merely because time passes.
    changes: Option<Instant>,
    end: Option<ExitReason>,
}

/// Whether the difference should be seen at once: the chain, issues, the connection, a marble.
fn is_news(before: &Snapshot, now: &Snapshot) -> bool {
    before.topology.revision != now.topology.revision
        || before.topology.cached != now.topology.cached
        || before.topology.complete != now.topology.complete
        || !Arc::ptr_eq(&before.connection, &now.connection)
        || !Arc::ptr_eq(&before.troubles, &now.troubles)
        || !Arc::ptr_eq(&before.pulses, &now.pulses)
}

impl Running {
    async fn watch(
        &mut self,
        mut snapshots: watch::Receiver<Arc<Snapshot>>,
        mut signals: Signals,
    ) -> Result<ExitReason, RunError> {
        let mut events = Keyboard::new()?;
        let mut told = self.demo.as_ref().map(|demo| demo.state.clone());
        let mut desk = self.desk.as_ref().map(|desk| desk.state.clone());
        let (mut more_snapshots, mut more_told, mut more_desk) = (true, true, true);
        let (width, height) = self.screen.size()?;
        self.take(Msg::Resize(width, height))?;
        if let Some(told) = &mut told {
            let state = told.borrow_and_update().clone();
            self.take(Msg::Demo(state))?;
        }
        if let Some(desk) = &mut desk {
            let state = Arc::clone(&desk.borrow_and_update());
            self.take(Msg::Dlq(state))?;
        }
        snapshots.mark_unchanged();
        self.take(Msg::Snapshot)?;
        loop {
            if let Some(reason) = self.end {
                return Ok(reason);
            }
            if let Some((id, body)) = self.draft.take() {
                // The editor reads the terminal itself: nobody else may.
                events.leave().await;
                let outcome = self.screen.lend(|| editor::edit(body, &mut signals)).await?;
                events = Keyboard::new()?;
                match outcome {
                    Edited::Back(outcome) => self.take(Msg::Edited(id, outcome))?,
                    Edited::Ended(ending) => self.obey(ending),
                }
                continue;
            }
            let frame = self.drawn.map_or_else(Instant::now, |at| at + FRAME);
            tokio::select! {
                biased;
                signal = signals.next() => self.on_signal(signal)?,
                error = self.screen.fails() => return Err(error.into()),
                event = events.next() => match event {
                    Some(Ok(event)) => self.on_event(event)?,
                    Some(Err(error)) => return Err(error.into()),
                    None => return Ok(ExitReason::Closed),
                },
                () = sleep_until(frame.into()), if self.dirty => self.draw()?,
                Some(done) = self.layouts.join_next() => {
                    self.take(Msg::Placed(done?))?;
                    if let Some(mut job) = self.waiting.take() {
                        // It starts from where the boxes are now, not from where they were when it was asked for.
                        job.previous = job.previous.map(|_| self.app.chain.shown.clone());
                        self.lay_out(job);
                    }
                }
                Some(done) = self.jobs.next() => self.take(done)?,
                changed = snapshots.changed(), if more_snapshots && self.app.clock.frozen.is_none() => match changed {
                    Ok(()) => {
                        let before = std::mem::replace(&mut self.snapshot, Arc::clone(&snapshots.borrow_and_update()));
                        let was_dirty = self.dirty;
                        self.take(Msg::Snapshot)?;
                        if !is_news(&before, &self.snapshot) {
                            // Numbers that creep on are drawn together, once a second.
                            self.dirty = was_dirty || self.app.moves();
                            let soon = self.drawn.map_or_else(Instant::now, |at| at + TICK);
                            self.changes = Some(self.changes.map_or(soon, |at| at.min(soon)));
                        }
                    }
                    Err(_) => more_snapshots = false,
                },
                state = next_state(&mut told), if more_told => match state {
                    Some(state) => self.take(Msg::Demo(state))?,
                    None => more_told = false,
                },
                state = next_state(&mut desk), if more_desk => match state {
                    Some(state) => self.take(Msg::Dlq(state))?,
                    None => more_desk = false,
                },
                () = sleep_until(self.changes.unwrap_or(frame).into()), if self.changes.is_some() && !self.dirty => {
                    self.dirty = true;
                }
            }
        }
    }

    fn on_event(&mut self, event: Event) -> io::Result<()> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => self.take(Msg::Key(key)),
            Event::Mouse(event) => self.take(Msg::Mouse(event)),
            Event::Paste(text) => self.take(Msg::Paste(text)),
            _ => Ok(()),
        }
    }

    fn on_signal(&mut self, signal: Signal) -> io::Result<()> {
        self.dirty = true;
        match signal {
            Signal::Stop => self.screen.suspend(Stop::Process),
            Signal::Continue => self.screen.resume(),
            Signal::Resize => {
                let (width, height) = self.screen.size()?;
                self.take(Msg::Resize(width, height))
            }
            Signal::End(ending) => {
                self.obey(ending);
                Ok(())
            }
        }
    }

    fn obey(&mut self, ending: Ending) {
        signals::obey(ending);
        self.end = Some(ExitReason::Signal(ending));
    }

    fn take(&mut self, msg: Msg) -> io::Result<()> {
        self.look_at_the_clock();
        // The mouse moving over the screen is no reason to draw.
        self.dirty |= !matches!(&msg, Msg::Mouse(event) if event.kind == crossterm::event::MouseEventKind::Moved);
        for effect in update(&mut self.app, &self.snapshot, msg) {
            self.act(effect)?;
        }
        self.jobs.keep(&self.app);
        let interest = self.app.interest();
        self.interest.send_if_modified(|known| {
            let changed = *known != interest;
            if changed {
                *known = interest;
            }
            changed
        });
        Ok(())
    }

    fn look_at_the_clock(&mut self) {
        if self.app.clock.frozen.is_none() {
            self.app.clock.now = self.clock.now();
            self.app.clock.wall = self.started.elapsed();
        }
    }

    fn act(&mut self, effect: Effect) -> io::Result<()> {
        match effect {
            Effect::Layout(job) if self.layouts.is_empty() => self.lay_out(job),
            Effect::Layout(job) => self.waiting = Some(job),
            Effect::Copy(text) => self.screen.copy(&text),
            Effect::Mouse(mouse) => self.screen.set_mouse(mouse),
            Effect::Suspend => self.screen.suspend(Stop::Group)?,
            Effect::Redraw => self.screen.forget()?,
            Effect::DemoControl(knob) => {
                let refused = |demo: &DemoHandle| demo.knobs.try_send(knob).is_err();
                if self.demo.as_ref().is_some_and(refused) {
                    self.app.notice = Some(Notice::NoAnswer);
                }
            }
            Effect::Dlq(command) => {
                let refused = |desk: &DlqHandle| desk.commands.try_send(command).is_err();
                if self.desk.as_ref().is_none_or(refused) {
                    self.app.notice = Some(Notice::ReadOnlyHere);
                }
            }
            Effect::Sift(job) => self.jobs.sift(job),
            Effect::Search(job) => self.jobs.search(job),
            Effect::Edit { id, body } => self.draft = Some((id, body)),
            Effect::Quit => self.end = Some(ExitReason::Quit),
        }
        Ok(())
    }

    fn lay_out(&mut self, job: Job) {
        self.layouts.spawn_blocking(move || job.run());
    }

    fn draw(&mut self) -> io::Result<()> {
        self.look_at_the_clock();
        if let Some(report) = survived() {
            self.app.notice = Some(Notice::Restarted { report });
        }
        self.app.chain.marbles.settle(self.app.clock.wall);
        let (app, snapshot) = (&self.app, &self.snapshot);
        let next = self.screen.draw(|frame| view::render(frame, app, snapshot))?.flatten();
        let now = Instant::now();
        self.drawn = Some(now);
        self.dirty = self.app.moves();
        self.changes = next.filter(|_| self.app.clock.frozen.is_none()).map(|at| {
            let account = at.duration_since(self.app.clock.now).as_secs_f64() / self.clock.speed().max(0.001);
            now + Duration::from_secs_f64(account.clamp(0.0, 86_400.0)).max(TICK)
        });
        self.jobs.mark(&self.app);
        if self.jobs.is_busy() {
            self.changes = Some(self.changes.map_or(now + TICK, |at| at.min(now + TICK)));
        }
        Ok(())
    }
}

async fn next_state<T: Clone>(told: &mut Option<watch::Receiver<T>>) -> Option<T> {
    match told {
        Some(told) => {
            told.changed().await.ok()?;
            Some(told.borrow_and_update().clone())
        }
        // Nobody says anything: the loop asks no more.
        None => None,
    }
}
