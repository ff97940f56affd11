//! What a demonstration lets the screen do to the simulated account.

use std::collections::BTreeSet;

use crate::domain::NodeId;

/// A change to the simulated account.
#[derive(Clone, Debug, PartialEq)]
pub enum DemoControl {
    /// Send one event into the head of the chain.
    DropMarble,
    /// Make invocations of this function fail.
    Break(NodeId),
    /// Make them succeed again.
    Mend(NodeId),
    /// Throttle the function; again: stop.
    Throttle(NodeId),
    /// Remove one permission; again: restore it.
    DenyPermission,
    /// Expire the credentials; again: renew them.
    ExpireCredentials,
    /// Slow down every response; again: stop.
    SlowNetwork,
    /// Respond with HTTP 500; again: stop.
    Answer500,
    /// Account seconds per second of real time.
    Speed(f64),
    /// Pause account time; again: resume it.
    Pause,
    /// Advance account time by one second while it is paused.
    Step,
    /// Advance account time to the next step of the script.
    NextStep,
}

/// The state of the demo.
#[derive(Clone, Debug, PartialEq)]
pub struct DemoState {
    /// The caption of the current step.
    pub caption: Option<String>,
    /// The time of the next step, in milliseconds since 1970; `None` after the last.
    pub next_caption_at_ms: Option<i64>,
    /// Account seconds per second of real time.
    pub speed: f64,
    /// The account time at which it is paused, in milliseconds since 1970; `None` while it runs.
    pub paused_at_ms: Option<i64>,
    /// The actual speed, if this machine cannot keep up.
    pub pace: Option<f64>,
    /// Bytes that the account holds and may hold, if it holds more: time runs slower then.
    pub full: Option<(usize, usize)>,
    /// What was broken on purpose, for the screen.
    pub faults: Vec<String>,
    /// The throttled functions.
    pub used_up: BTreeSet<String>,
}

impl Default for DemoState {
    fn default() -> Self {
        Self {
            caption: None,
            next_caption_at_ms: None,
            speed: 1.0,
            paused_at_ms: None,
            pace: None,
            full: None,
            faults: Vec::new(),
            used_up: BTreeSet::new(),
        }
    }
}

/// The channels between the screen and the simulated account.
#[derive(Debug)]
pub struct DemoHandle {
    /// Changes to the account.
    pub knobs: tokio::sync::mpsc::Sender<DemoControl>,
    /// The state of the demo.
    pub state: tokio::sync::watch::Receiver<DemoState>,
}
