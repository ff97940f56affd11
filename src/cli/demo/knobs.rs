//! Between the screen and the simulated account: what is done to it, and what it says of itself.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};

use super::play::{self, Play};
use crate::domain::{Clock, NodeId};
use crate::sim::account::{Account, Motion, Rule, Share, Trouble};
use crate::sim::call::Service;
use crate::sim::world::marbles::{Marble, MarbleStage, MarbleStep};
use crate::sim::world::{World, held};
use crate::ui::app::demo::{DroppedEvent, Footstep, Stage};
use crate::ui::{DemoControl, DemoState};
use crate::words::Language;

/// Tells the screen what the account says of itself, and its clock the time: while the account stands still nobody asks it
/// anything, and no answer would tell that it was moved on by hand.
pub(super) async fn tell(
    account: Arc<Account<World>>,
    clock: Clock,
    language: Language,
    say: watch::Sender<DemoState>,
) {
    let mut turn = tokio::time::interval(Duration::from_millis(100));
    let mut pace = Pacer::default();
    loop {
        turn.tick().await;
        let (caption, step, next_caption_at_ms, used_up, full, marbles) = account.with(|world| {
            let used_up = world.used_up_functions().map(str::to_owned).collect();
            let caption = world
                .caption()
                .map(|(_, text)| text.said_in(language.name()).to_owned());
            let marbles: Vec<DroppedEvent> = world.marbles().map(|marble| dropped(marble, language)).collect();
            let step = world.caption_count();
            (caption, step, world.next_caption_at(), used_up, full(world), marbles)
        });
        let (now_ms, speed) = (account.now_ms(), account.speed());
        clock.tell(now_ms, speed);
        let pace = pace.measure(Instant::now(), now_ms, speed);
        let faults = account.rules().iter().map(Rule::words).collect();
        let kept_speed = account.kept_speed();
        say.send_if_modified(|state| {
            let paused = speed == 0.0;
            let now = DemoState {
                caption,
                step,
                next_caption_at_ms,
                // Standing still is no speed: it goes on with the one that is kept.
                speed: kept_speed,
                paused_at_ms: paused.then_some(now_ms),
                pace,
                full,
                faults,
                used_up,
                dropped: if *state.dropped == marbles {
                    Arc::clone(&state.dropped)
                } else {
                    Arc::new(marbles)
                },
            };
            let changed = *state != now;
            *state = now;
            changed
        });
        if say.is_closed() {
            return;
        }
    }
}

/// What the account saw of an event that was dropped.
fn dropped(marble: &Marble, language: Language) -> DroppedEvent {
    let step = |step: &MarbleStep| {
        Some(Footstep {
            at: Timestamp::from_millisecond(step.at).ok()?,
            node: NodeId::from(step.node.as_str()),
            stage: match step.stage {
                MarbleStage::Reached => Stage::Reached,
                MarbleStage::Begins => Stage::Begins,
                MarbleStage::Failed => Stage::Failed,
                MarbleStage::Done => Stage::Done,
                MarbleStage::Lost => Stage::Lost,
            },
        })
    };
    DroppedEvent {
        id: marble.id,
        number: marble.number,
        name: marble
            .name
            .as_ref()
            .map(|name| name.said_in(language.name()).to_owned()),
        steps: marble.steps.iter().filter_map(step).collect(),
    }
}

/// Bytes that the account holds and may hold, where it holds more.
pub(super) fn full(world: &World) -> Option<(usize, usize)> {
    world.is_full().then(|| (world.held(), held::BUDGET))
}

/// Measures how fast account time really goes: a busy world holds its clock back.
#[derive(Default)]
struct Pacer {
    speed: f64,
    seen: VecDeque<(Instant, i64)>,
}

impl Pacer {
    /// Seconds looked at.
    const SPAN: Duration = Duration::from_secs(3);

    /// The pace, where it is well below the speed that is wanted; in two digits, so that it does not flicker.
    fn measure(&mut self, now: Instant, account_ms: i64, speed: f64) -> Option<f64> {
        if self.speed.to_bits() != speed.to_bits() {
            self.speed = speed;
            self.seen.clear();
        }
        self.seen.push_back((now, account_ms));
        while self.seen.len() > 2
            && self
                .seen
                .get(1)
                .is_some_and(|(at, _)| now.duration_since(*at) >= Self::SPAN)
        {
            self.seen.pop_front();
        }
        let (since, before) = *self.seen.front()?;
        let passed = now.duration_since(since);
        if passed < Self::SPAN || speed == 0.0 {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "seconds of a demonstration")]
        let pace = (account_ms - before) as f64 / 1_000.0 / passed.as_secs_f64();
        let digit = if pace < 10.0 {
            1.0
        } else {
            10.0_f64.powf(pace.log10().floor() - 1.0)
        };
        (pace < 0.8 * speed).then(|| (pace / digit).round() * digit)
    }
}

pub(super) async fn turn_knobs(account: Arc<Account<World>>, mut knobs: mpsc::Receiver<DemoControl>, mut play: Play) {
    while let Some(knob) = knobs.recv().await {
        play.note(account.now_ms(), &knob);
        match knob {
            DemoControl::DropMarble | DemoControl::Break(_) | DemoControl::Mend(_) | DemoControl::Throttle(_) => {
                account.with(|world| play::carry_out(world, &knob));
            }
            DemoControl::Gate(is_on) => {
                play.is_gated = is_on;
                play.gate(&account);
                account.set_motion(Motion::Running);
            }
            DemoControl::Hold => account.set_motion(Motion::Paused),
            DemoControl::Restart(step) => play.restart(&account, step).await,
            DemoControl::DenyPermission => toggle(
                &account,
                Rule {
                    service: Some(Service::Sqs),
                    op: "GetQueueAttributes".to_owned(),
                    trouble: Trouble::Denied,
                    share: Share::ALL,
                },
            ),
            DemoControl::ExpireCredentials => toggle(&account, Rule::all(Trouble::Expired)),
            DemoControl::SlowNetwork => toggle(&account, Rule::all(Trouble::Slow(Duration::from_millis(800)))),
            DemoControl::Answer500 => toggle(&account, Rule::all(Trouble::Broken)),
            DemoControl::Speed(speed) => account.set_speed(speed),
            DemoControl::Pause => {
                let motion = if account.speed() == 0.0 {
                    Motion::Running
                } else {
                    Motion::Paused
                };
                account.set_motion(motion);
            }
            DemoControl::Step => account.step(1_000),
            // What the words tell of has happened by then: time goes on to them, and no step is taken before its time.
            DemoControl::NextStep => {
                if let Some(at) = account.with(|world| world.next_caption_at()) {
                    account.set_end(None);
                    account.step(u32::try_from(at - account.now_ms()).unwrap_or(0));
                    if play.is_gated {
                        play.gate(&account);
                        account.set_motion(Motion::Running);
                    }
                }
            }
        }
    }
}

/// Puts a rule of trouble in force, or lifts it.
fn toggle(account: &Account<World>, rule: Rule) {
    let mut rules = account.rules();
    let before = rules.len();
    rules.retain(|known| *known != rule);
    if rules.len() == before {
        rules.push(rule);
    }
    account.set_rules(rules);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_account_that_is_moved_on_by_hand_says_so_though_nobody_asks_it_anything() {
        let scenario = crate::sim::scenario::built_in("empty")
            .expect("it is there")
            .expect("it parses");
        let start = 1_780_000_000_000;
        let world = scenario.build(start, None).expect("it builds");
        let home = crate::sim::account::Home {
            account: world.account.clone(),
            region: world.region.clone(),
        };
        let account = Account::paused(world, home, start, 60.0);
        let clock = Clock::told();
        let (say, mut state) = watch::channel(DemoState::default());
        tokio::spawn(tell(Arc::clone(&account), clock.clone(), Language::English, say));
        for stands_at in [start, start + 1_000] {
            state.changed().await.expect("it says so");
            assert_eq!(state.borrow_and_update().paused_at_ms, Some(stands_at));
            assert_eq!(clock.now().as_millisecond(), stands_at);
            account.step(1_000);
        }
    }

    #[test]
    fn a_clock_that_is_held_back_is_told_at_its_pace() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut pacer = Pacer::default();
        assert_eq!(pacer.measure(after(0), 0, 20.0), None, "nothing is known yet");
        assert_eq!(pacer.measure(after(3), 59_000, 20.0), None, "it keeps up");
        assert_eq!(pacer.measure(after(6), 80_000, 20.0), Some(7.0));
        assert_eq!(
            pacer.measure(after(7), 101_000, 10.0),
            None,
            "another speed begins anew"
        );
        assert_eq!(pacer.measure(after(11), 101_000, 10.0), Some(0.0));
        assert_eq!(pacer.measure(after(11), 101_000, 0.0), None, "it is to stand still");
    }
}
