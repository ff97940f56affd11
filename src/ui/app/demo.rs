//! What a demonstration lets the screen do to the simulated account.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

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
    /// Whether account time stops before each step of the script; until then it passes.
    Gate(bool),
    /// Account time stands still, whatever it did.
    Hold,
    /// The account begins anew, as it was in this step of the script, counted from 1.
    Restart(usize),
}

/// An event that was dropped by hand, as the account saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DroppedEvent {
    /// Counts what was dropped, from 1.
    pub id: u64,
    /// Its number among the events of its kind: `12` of `order 12`.
    pub number: u64,
    /// What the scenario calls such an event, in the screen's language.
    pub name: Option<String>,
    /// What happened to it, in order of time.
    pub steps: Vec<Footstep>,
}

/// One thing that happened to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Footstep {
    /// When, in account time.
    pub at: Timestamp,
    /// Where.
    pub node: NodeId,
    /// What.
    pub stage: Stage,
}

/// What can happen to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is there: matched, stored, queued or accepted.
    Reached,
    /// An invocation with it starts.
    Begins,
    /// An invocation with it failed.
    Failed,
    /// An invocation with it succeeded.
    Done,
    /// Its last attempt failed, and nothing keeps it.
    Lost,
}

/// The state of the demo.
#[derive(Clone, Debug, PartialEq)]
pub struct DemoState {
    /// The caption of the current step.
    pub caption: Option<String>,
    /// How many steps of the script have said something, and how many do.
    pub step: (usize, usize),
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
    /// The events that were dropped by hand and are followed.
    pub dropped: Arc<Vec<DroppedEvent>>,
}

impl Default for DemoState {
    fn default() -> Self {
        Self {
            caption: None,
            step: (0, 0),
            next_caption_at_ms: None,
            speed: 1.0,
            paused_at_ms: None,
            pace: None,
            full: None,
            faults: Vec::new(),
            used_up: BTreeSet::new(),
            dropped: Arc::default(),
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
