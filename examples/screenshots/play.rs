//! A scenario, played with a screen before it. The account's time stands still while anybody asks or draws, and moves on in
//! steps; nothing that is drawn depends on the wall's clock, the time zone, the locale or the order in which threads run.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use jiff::Timestamp;
use pitagora::aws::{Options, Session};
use pitagora::dlq::{Command, DlqContext, DlqState, task};
use pitagora::domain::{Clock, MayWrite, NodeId};
use pitagora::pollers::Pace;
use pitagora::pollers::stepped::{Lockstep, Rhythm};
use pitagora::sim::account::{Account, Home};
use pitagora::sim::connector::InProcess;
use pitagora::sim::scenario;
use pitagora::sim::world::World;
use pitagora::sim::world::marbles::{Marble, MarbleStage};
use pitagora::store::{Snapshot, Store};
use pitagora::ui::app::demo::{DroppedEvent, Footstep, Stage as Happened};
use pitagora::ui::app::effect::Effect;
use pitagora::ui::app::update::Msg;
use pitagora::ui::testing::Stage;
use pitagora::ui::{DemoControl, DemoState, Settings};
use pitagora::words::Language;
use ratatui::buffer::Buffer;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::Failure;

/// All stories begin at 14:00 in Tokyo.
const START: i64 = 1_781_758_800_000;
/// So long before a picture time goes in small steps, by the watch, so that marbles are where they would be.
const FINE: Duration = Duration::from_secs(5);
const FINE_STEP: Duration = Duration::from_millis(125);
const COARSE_STEP: Duration = Duration::from_secs(1);
/// The desk waits for the account when for so long nothing else happened, and is given up after so long. Wall time.
const SETTLED: Duration = Duration::from_millis(150);
const PATIENCE: Duration = Duration::from_mins(1);

/// A scenario under way, and a screen.
pub struct Play {
    account: Arc<Account<World>>,
    clock: Clock,
    pollers: Lockstep,
    store: Store,
    publish: watch::Sender<Arc<Snapshot>>,
    stage: Stage,
    commands: mpsc::Sender<Command>,
    desk: watch::Receiver<Arc<DlqState>>,
    speed: f64,
    now: i64,
}

/// What the account saw of an event that was dropped, as the screen is told it.
fn dropped(marble: &Marble, language: Language) -> DroppedEvent {
    let steps = marble.steps.iter().map(|step| Footstep {
        at: time(step.at),
        node: NodeId::from(step.node.as_str()),
        stage: match step.stage {
            MarbleStage::Reached => Happened::Reached,
            MarbleStage::Begins => Happened::Begins,
            MarbleStage::Failed => Happened::Failed,
            MarbleStage::Done => Happened::Done,
            MarbleStage::Lost => Happened::Lost,
        },
    });
    DroppedEvent {
        id: marble.id,
        number: marble.number,
        name: marble
            .name
            .as_ref()
            .map(|name| name.said_in(language.name()).to_owned()),
        steps: steps.collect(),
    }
}

fn time(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl Play {
    /// Begins. `papers` is the folder of journals and audit lines.
    pub async fn begin(name: &str, settings: Settings, size: (u16, u16), papers: &Path) -> Result<Self, Failure> {
        let scenario = scenario::built_in(name).ok_or("there is no such scenario")??;
        let title = scenario.title.said_in(settings.language.name()).to_owned();
        let world = scenario.build(START, None)?;
        let speed = world.wanted_speed();
        let home = Home {
            account: world.account.clone(),
            region: world.region.clone(),
        };
        let account = Account::paused(world, home, START, speed);
        let clock = Clock::at(time(START));
        let options = Options {
            region: Some(account.home().region.clone()),
            http_client: Some(SharedHttpClient::new(InProcess::new(Arc::clone(&account)))),
            clock: Some(clock.clone()),
            simulated: true,
            // Limiters wait by the wall's clock.
            budgets: Some(10_000),
            ..Options::default()
        };
        let session = Session::connect(options).await?;
        let (publish, snapshots) = watch::channel(Arc::new(Snapshot::default()));
        let (commands, asked) = mpsc::channel(16);
        let (lay_out, desk) = watch::channel(Arc::default());
        let office = DlqContext {
            session: session.clone(),
            right: MayWrite::unless(false),
            production: false,
            journals: Some(papers.join("redrive")),
            audit: Some(papers.join("audit.jsonl")),
        };
        tokio::spawn(task::attend(
            office,
            snapshots,
            asked,
            lay_out,
            CancellationToken::new(),
        ));
        let pollers = Lockstep::new(session, clock.clone(), Rhythm::of(&Pace::DEMO, speed));
        let settings = Settings {
            title: Some(title),
            ..settings
        };
        let mut play = Self {
            stage: Stage::over(settings, clock.now(), &Snapshot::default(), size)?,
            account,
            clock,
            pollers,
            store: Store::new(),
            publish,
            commands,
            desk,
            speed,
            now: START,
        };
        play.look().await?;
        Ok(play)
    }

    /// Plays until so many seconds after the beginning, in account time.
    pub async fn until(&mut self, seconds: u32) -> Result<(), Failure> {
        let end = START + i64::from(seconds) * 1_000;
        while self.now < end {
            let left = end - self.now;
            let step = if left > self.account_ms(FINE) {
                COARSE_STEP
            } else {
                FINE_STEP
            };
            self.pass(self.account_ms(step).min(left)).await?;
        }
        Ok(())
    }

    /// Plays on for so long of the wall's time.
    pub async fn roll(&mut self, wall: Duration) -> Result<(), Failure> {
        self.pass(self.account_ms(wall)).await
    }

    /// Presses keys, and does what comes of them.
    pub async fn press(&mut self, keys: &str) -> Result<(), Failure> {
        for effect in self.stage.press(keys) {
            match effect {
                Effect::Dlq(command) => self.commands.send(command).await?,
                Effect::DemoControl(DemoControl::DropMarble) => drop(self.account.with(World::drop_marble)),
                other => return Err(format!("nobody does {other:?} here").into()),
            }
        }
        Ok(())
    }

    /// Lets the desk work until that holds. Time goes on only while the desk waits for the account.
    pub async fn until_the_desk(&mut self, holds: fn(&DlqState) -> bool) -> Result<(), Failure> {
        let begun = Instant::now();
        let mut waits_since: Option<Instant> = None;
        while !holds(&self.desk.borrow()) {
            if begun.elapsed() > PATIENCE {
                return Err(format!("the desk does not get there: {:?}", self.desk.borrow()).into());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
            if self.account.waiting() == 0 || self.desk.has_changed()? {
                self.desk.mark_unchanged();
                waits_since = None;
            } else if waits_since.get_or_insert_with(Instant::now).elapsed() > SETTLED {
                waits_since = None;
                self.pass(self.account_ms(FINE_STEP)).await?;
            }
        }
        self.look().await
    }

    /// What is on screen.
    pub fn draw(&self) -> Buffer {
        self.stage.draw().0
    }

    fn account_ms(&self, watch: Duration) -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "seconds")]
        let ms = (watch.as_secs_f64() * self.speed * 1_000.0).round() as i64;
        ms.max(1)
    }

    async fn pass(&mut self, ms: i64) -> Result<(), Failure> {
        self.account.step(u32::try_from(ms)?);
        self.now += ms;
        self.clock.set(time(self.now));
        self.look().await
    }

    /// The pollers ask, the store folds, the screen is told.
    async fn look(&mut self) -> Result<(), Failure> {
        for observation in self.pollers.look(&self.stage.app.interest()).await? {
            self.store.apply(observation);
        }
        let snapshot = self.store.snapshot();
        self.publish.send_replace(Arc::clone(&snapshot));
        let language = self.stage.app.settings.language;
        self.stage.tell(Msg::Demo(DemoState {
            caption: self.account.with(|world| {
                world
                    .caption()
                    .map(|(_, text)| text.said_in(language.name()).to_owned())
            }),
            dropped: Arc::new(
                self.account
                    .with(|world| world.marbles().map(|one| dropped(one, language)).collect()),
            ),
            speed: self.speed,
            ..DemoState::default()
        }));
        let desk = Arc::clone(&self.desk.borrow());
        self.stage.tell(Msg::Dlq(desk));
        #[expect(clippy::cast_precision_loss, reason = "minutes")]
        let wall = Duration::from_secs_f64((self.now - START) as f64 / 1_000.0 / self.speed);
        self.stage.frame(time(self.now), wall, &snapshot);
        Ok(())
    }
}
