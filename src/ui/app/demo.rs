//! What a demonstration lets the screen do to the simulated account.

use std::collections::BTreeSet;

use crate::domain::NodeId;

/// Something done to the simulated account.
#[derive(Clone, Debug, PartialEq)]
pub enum DemoControl {
    /// One event into the head of the chain.
    DropMarble,
    /// Runs of this function fail.
    Break(NodeId),
    /// They do no longer.
    Mend(NodeId),
    /// The function's concurrency is used up; again: no longer.
    Throttle(NodeId),
    /// One permission is taken away; again: given back.
    DenyPermission,
    /// The credentials expire; again: they are renewed.
    ExpireCredentials,
    /// Answers are slow; again: no longer.
    SlowNetwork,
    /// Services answer 500; again: no longer.
    Answer500,
    /// Account seconds in one of the watch.
    Speed(f64),
    /// Account time stands still; again: goes on.
    Pause,
    /// One second of account time, while it stands still.
    Step,
    /// Account time goes on to where the script next says something.
    NextStep,
}

/// What the demonstration says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct DemoState {
    /// What is about to be seen.
    pub caption: Option<String>,
    /// When the script next says something, in milliseconds since 1970; none where it has said all.
    pub next_caption_at_ms: Option<i64>,
    /// Account seconds in one of the watch.
    pub speed: f64,
    /// Where account time stands still, in milliseconds since 1970; none while it passes.
    pub paused_at_ms: Option<i64>,
    /// What it really does, where this machine cannot keep up with that.
    pub pace: Option<f64>,
    /// Bytes that the account holds and may hold, where it holds more: time is slowed then.
    pub full: Option<(usize, usize)>,
    /// What is broken on purpose, in words.
    pub faults: Vec<String>,
    /// The functions whose concurrency is used up.
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

/// The two lanes between the screen and the simulated account.
#[derive(Debug)]
pub struct DemoHandle {
    /// What is done.
    pub knobs: tokio::sync::mpsc::Sender<DemoControl>,
    /// What is said.
    pub state: tokio::sync::watch::Receiver<DemoState>,
}
