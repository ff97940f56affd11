//! The play of a demonstration: where it stops before its next step, and how it begins anew from an earlier one.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::domain::Clock;
use crate::sim::account::Account;
use crate::sim::behaviour::Behaviours;
use crate::sim::scenario::Scenario;
use crate::sim::world::World;
use crate::ui::DemoControl;

/// A scenario, where it plays, and what a person did to it.
pub(super) struct Play {
    /// What is played.
    pub(super) scenario: Scenario,
    /// Where, unless the scenario says.
    pub(super) region: Option<String>,
    /// What functions that a client creates do.
    pub(super) behaviours: Option<Behaviours>,
    /// When it began, in milliseconds since 1970.
    pub(super) began_ms: i64,
    /// What was done to it and when, in account milliseconds.
    pub(super) inputs: Vec<(i64, DemoControl)>,
    /// Whether account time stops before each step.
    pub(super) is_gated: bool,
    /// The screen's clock.
    pub(super) clock: Clock,
    /// Whoever reads the account is told here that it begins anew.
    pub(super) anew: mpsc::Sender<()>,
}

/// The account is stopped so long before a step.
const BEFORE: i64 = 1;

impl Play {
    /// Keeps what is done to the account, to do it again.
    pub(super) fn note(&mut self, at_ms: i64, knob: &DemoControl) {
        if matches!(
            knob,
            DemoControl::DropMarble | DemoControl::Break(_) | DemoControl::Mend(_) | DemoControl::Throttle(_)
        ) {
            self.inputs.push((at_ms, knob.clone()));
        }
    }

    /// Stops account time before the next step, where that is wanted.
    pub(super) fn gate(&self, account: &Account<World>) {
        let next = account.with(|world| world.next_caption_at());
        account.set_end(next.map(|at| at - BEFORE).filter(|_| self.is_gated));
    }

    /// Begins anew, as it was when a step began, counted from 1: with the same seed and the same inputs until then.
    pub(super) async fn restart(&mut self, account: &Arc<Account<World>>, step: usize) {
        let Some((world, at_ms)) = self.at_step(step) else {
            return;
        };
        self.inputs.retain(|(at, _)| *at <= at_ms);
        account.restart(world, at_ms);
        self.clock.restart(at_ms);
        // Nobody reads it where the screen has ended.
        let _ = self.anew.send(()).await;
        self.gate(account);
        account.set_motion(crate::sim::account::Motion::Running);
    }

    /// The account as it was when a step began.
    fn at_step(&self, step: usize) -> Option<(World, i64)> {
        let mut world = self.scenario.build(self.began_ms, self.region.as_deref()).ok()?;
        if let Some(behaviours) = &self.behaviours {
            world.behaviours = behaviours.clone();
        }
        let mut inputs = self.inputs.iter().peekable();
        let mut at_ms = self.began_ms;
        for _ in 0..step {
            at_ms = world.next_caption_at()?.max(self.began_ms);
            while let Some((at, knob)) = inputs.next_if(|(at, _)| *at <= at_ms) {
                world.advance_to(*at);
                carry_out(&mut world, knob);
            }
            world.advance_to(at_ms);
        }
        Some((world, at_ms))
    }
}

/// Does to the account what a knob of the person's does to it.
pub(super) fn carry_out(world: &mut World, knob: &DemoControl) {
    match knob {
        DemoControl::DropMarble => drop(world.drop_marble()),
        DemoControl::Break(id) => drop(world.break_function(id.short_name())),
        DemoControl::Mend(id) => drop(world.mend_function(id.short_name())),
        DemoControl::Throttle(id) => drop(if world.used_up_functions().any(|name| name == id.short_name()) {
            world.throttle_function(id.short_name(), None)
        } else {
            world.use_up_function(id.short_name())
        }),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::NodeId;

    #[test]
    fn it_begins_anew_with_the_same_seed_and_the_same_inputs() {
        let scenario = crate::sim::scenario::built_in("pitagora")
            .expect("it is there")
            .expect("it parses");
        let began_ms = 1_780_000_000_000;
        let work = NodeId::from("arn:aws:lambda:ap-northeast-1:123456789012:function:orders-work");
        let play = Play {
            inputs: vec![
                (began_ms + 5_000, DemoControl::DropMarble),
                (began_ms + 50_000, DemoControl::Throttle(work)),
                (began_ms + 130_000, DemoControl::DropMarble),
            ],
            scenario,
            region: None,
            behaviours: None,
            began_ms,
            is_gated: true,
            clock: Clock::told(),
            anew: mpsc::channel(1).0,
        };
        let (world, at_ms) = play.at_step(3).expect("a third step");
        assert_eq!((at_ms, world.now()), (began_ms + 125_000, began_ms + 125_000));
        assert_eq!(world.caption_count().0, 3);
        assert_eq!(
            world.marbles().count(),
            3,
            "two of the script, one of the person's before that step"
        );
        assert_eq!(world.used_up_functions().collect::<Vec<_>>(), ["orders-work"]);
        let (again, _) = play.at_step(3).expect("a third step");
        let steps = |world: &World| world.marbles().map(|one| one.steps.clone()).collect::<Vec<_>>();
        assert_eq!(steps(&again), steps(&world));
        assert!(steps(&world).iter().all(|steps| steps.len() > 3), "they rolled");
        let (first, at_ms) = play.at_step(1).expect("a first step");
        assert_eq!((at_ms, first.caption_count().0), (began_ms, 1));
        assert!(play.at_step(99).is_none());
    }
}
