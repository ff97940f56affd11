//! The steps of a demonstration, each as it was last seen.

use std::sync::Arc;

use jiff::Timestamp;

use crate::store::snapshot::Snapshot;
use crate::ui::app::App;

/// One step.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    /// What was known at its end.
    pub(super) snapshot: Arc<Snapshot>,
    /// What was said.
    pub(super) caption: String,
    /// Account time of its end.
    pub(super) now: Timestamp,
}

/// All that were seen, in their order.
#[derive(Debug, Default)]
pub(super) struct Steps(Vec<Kept>);

impl Steps {
    /// Keeps what is known now as the present step; what is shown of an earlier one changes nothing.
    pub(super) fn keep(&mut self, app: &App, snapshot: &Arc<Snapshot>) {
        let (Some(demo), Some(presenter)) = (&app.demo, &app.presenter) else {
            return;
        };
        let number = demo.step.0;
        if presenter.past.is_some() || presenter.restarts || app.clock.frozen.is_some() || number == 0 {
            return;
        }
        let kept = Kept {
            snapshot: Arc::clone(snapshot),
            caption: demo.caption.clone().unwrap_or_default(),
            now: app.clock.now,
        };
        // A step that nobody saw, because time went past it, is as the one after it.
        self.0.resize(number, kept.clone());
        self.0[number - 1] = kept;
    }

    /// A step, counted from 1; `None`: the last one.
    pub(super) fn get(&self, step: Option<usize>) -> Option<Kept> {
        match step {
            Some(step) => self.0.get(step.checked_sub(1)?).cloned(),
            None => self.0.last().cloned(),
        }
    }

    /// Forgets a step and those after it: they are played anew.
    pub(super) fn forget_from(&mut self, step: usize) {
        self.0.truncate(step.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::app::demo::DemoState;
    use crate::ui::app::presenter::Past;
    use crate::ui::settings::Settings;

    fn at(app: &mut App, step: usize, second: i64) {
        app.clock.now = Timestamp::from_second(second).expect("a time");
        app.demo = Some(DemoState {
            step: (step, 4),
            caption: Some(format!("step {step}")),
            ..DemoState::default()
        });
    }

    #[test]
    fn each_step_is_kept_as_it_was_last_seen() {
        let settings = Settings {
            presenter: true,
            ..Settings::default()
        };
        let mut app = App::new(settings, Timestamp::UNIX_EPOCH).expect("a screen");
        let mut steps = Steps::default();
        let snapshots: Vec<Arc<Snapshot>> = (0..4).map(|_| Arc::default()).collect();
        for (snapshot, (step, second)) in snapshots.iter().zip([(1, 10), (1, 20), (3, 30)]) {
            at(&mut app, step, second);
            steps.keep(&app, snapshot);
        }
        let first = steps.get(Some(1)).expect("kept");
        assert!(Arc::ptr_eq(&first.snapshot, &snapshots[1]) && first.now.as_second() == 20);
        assert_eq!(
            steps.get(Some(2)).expect("kept").caption,
            "step 3",
            "nobody saw the second"
        );
        assert!(Arc::ptr_eq(&steps.get(None).expect("kept").snapshot, &snapshots[2]));
        // What is shown of the past changes nothing.
        if let Some(presenter) = &mut app.presenter {
            presenter.past = Some(Past {
                step: 1,
                caption: String::new(),
            });
        }
        at(&mut app, 3, 40);
        steps.keep(&app, &snapshots[3]);
        assert!(Arc::ptr_eq(&steps.get(None).expect("kept").snapshot, &snapshots[2]));
        steps.forget_from(1);
        assert!(steps.get(Some(1)).is_none());
    }
}
