//! The state of a redrive, by subject.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use super::super::effect::Ticket;
use crate::domain::phrase::Phrase;

/// What is under way.
#[derive(Clone, Debug)]
pub(super) enum Doing {
    /// Intents on their way to the disk.
    Intent { items: Vec<usize>, way: usize },
    /// Messages on their way to the target.
    Send { items: Vec<usize> },
    /// Outcomes on their way to the disk.
    Note { items: Vec<usize> },
    /// Deletes, each with the handle it was made with.
    Delete { items: Vec<(usize, String)> },
    /// Longer hiding: when it was asked for, and for how long.
    Hide { items: Vec<usize>, at: i64, seconds: u32 },
    /// Make messages visible again: nothing follows.
    GiveBack,
}

/// What this redrive holds of the queue, hidden from others for as long as it is leased.
#[derive(Default)]
pub(super) struct Leases {
    /// IDs of this redrive's messages at their targets: one that comes back is a bounce, and is left.
    pub(super) own: HashSet<String>,
    /// Messages in hand that were not chosen: handle, and when others may see them again.
    pub(super) others: BTreeMap<String, (String, i64)>,
    /// When leases are to be lengthened.
    pub(super) expiry: BTreeSet<(i64, usize)>,
}

/// What waits for its turn to be sent or deleted.
#[derive(Default)]
pub(super) struct Lanes {
    /// In hand and not sent, in their order.
    pub(super) ready: BTreeSet<usize>,
    /// Not in a lane's turn, or waiting for their time.
    pub(super) later: BTreeSet<(i64, usize)>,
    /// Unsent messages of each group, in their order.
    pub(super) waiting: HashMap<String, BTreeSet<usize>>,
    /// Groups of which a message is on its way.
    pub(super) busy: HashSet<String>,
    /// Groups that stopped at a failure.
    pub(super) stopped: HashMap<String, Phrase>,
    pub(super) to_delete: VecDeque<usize>,
}

/// What was asked for and is not answered yet.
#[derive(Default)]
pub(super) struct Inflight {
    pub(super) doing: HashMap<Ticket, Doing>,
    pub(super) next_ticket: Ticket,
    pub(super) sends: usize,
    pub(super) deletes: usize,
}

/// The looking for messages that were chosen and are not in hand.
pub(super) struct Receiving {
    /// When each receive under way was asked for.
    pub(super) receives: VecDeque<i64>,
    /// Neither sent nor in hand, or sent and to be found again.
    pub(super) missing: usize,
    /// No receive before this moment.
    pub(super) receive_at: i64,
    /// When a message came last that was looked for.
    pub(super) found_at: i64,
    /// When the queue last answered a receive.
    pub(super) answered_at: i64,
    /// Whether it has not answered for longer than anything is waited for.
    pub(super) deaf: bool,
    pub(super) empty_receives: u32,
    /// The queue was asked how many messages it has, while some are looked for.
    pub(super) counting: bool,
    /// Times in a row that it had none but those that stay.
    pub(super) barren: u32,
}

impl Receiving {
    pub(super) fn begin(now: i64) -> Self {
        Self {
            receives: VecDeque::new(),
            missing: 0,
            receive_at: now,
            found_at: now,
            answered_at: now,
            deaf: false,
            empty_receives: 0,
            counting: false,
            barren: 0,
        }
    }
}

/// How many may go, and when.
pub(super) struct Pacing {
    /// Messages that may still begin to go: the canary's number until the person says go on.
    pub(super) allowance: Option<usize>,
    /// The next batch may start then.
    pub(super) next_send_at: i64,
}

/// Figures that are only reported.
pub(super) struct Report {
    pub(super) runs: (u64, u64),
    pub(super) sent_at: Option<i64>,
    /// When sending started, and how many had been deleted by then.
    pub(super) since: (i64, usize),
    pub(super) unknown_total: u64,
    pub(super) trouble: Option<Phrase>,
}
