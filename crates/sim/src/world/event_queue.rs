//! What is due when: one queue of events in virtual time decides what happens next.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// Something that happens at a moment, without anyone asking.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// An attempt of an asynchronous event.
    Async(u64),
    /// A running invocation reaches its next point.
    Run(u64),
    /// A queue's poller asks for messages.
    QueuePoll(String),
    /// A throttled batch is retried within the same receive.
    QueueRetry(u64),
    /// A reader of a shard polls its next batch, or retries the current one.
    StreamPoll {
        /// The mapping's UUID.
        mapping: String,
        /// Which shard.
        shard: usize,
        /// Which lane of the shard (parallelization).
        lane: usize,
    },
    /// A delivery attempt of a topic to a subscriber.
    Subscriber(u64),
    /// A delivery attempt of a rule or a schedule to a target.
    Target(u64),
    /// A bucket reports an object.
    Notification(u64),
    /// A rule with a schedule fires: bus and rule.
    Rule(String, String),
    /// A schedule of the Scheduler fires: group and name.
    Schedule(String, String),
    /// Log lines go to a group's subscribers.
    LogFeed(String),
    /// A move task moves its next message.
    Move(u64),
    /// A user pool's timeout: sign-in and attempt.
    SignIn(u64, u32),
    /// A state machine's task is retried.
    Task(u64),
    /// A minute has passed: gauges are read, alarms are judged.
    Minute,
    /// A piece of the scenario's traffic.
    Traffic(usize),
    /// A step of the scenario's script.
    Script(usize),
}

#[derive(Debug)]
struct Due {
    at: i64,
    seq: u64,
    what: Happening,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.seq) == (other.at, other.seq)
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.seq).cmp(&(other.at, other.seq))
    }
}

/// The queue of what is due, by time and then by the order in which it was set down.
#[derive(Debug, Default)]
pub struct Agenda {
    heap: BinaryHeap<Reverse<Due>>,
    seq: u64,
}

impl Agenda {
    /// Sets down an event, account time in milliseconds.
    pub fn add(&mut self, at: i64, what: Happening) {
        self.seq += 1;
        self.heap.push(Reverse(Due {
            at,
            seq: self.seq,
            what,
        }));
    }

    /// When the next event is due.
    #[must_use]
    pub fn next(&self) -> Option<i64> {
        self.heap.peek().map(|Reverse(due)| due.at)
    }

    /// The next event.
    #[cfg(test)]
    pub fn peek(&self) -> Option<(i64, &Happening)> {
        self.heap.peek().map(|Reverse(due)| (due.at, &due.what))
    }

    /// Takes the next event that is due by `now`.
    pub fn take(&mut self, now: i64) -> Option<(i64, Happening)> {
        if self.next()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse(due)| (due.at, due.what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_order_of_equal_times() {
        let mut agenda = Agenda::default();
        agenda.add(5, Happening::Run(1));
        agenda.add(5, Happening::Run(2));
        agenda.add(4, Happening::Run(3));
        assert_eq!(agenda.next(), Some(4));
        assert_eq!(agenda.take(3), None);
        let order: Vec<_> = std::iter::from_fn(|| agenda.take(9)).map(|(_, what)| what).collect();
        assert_eq!(order, [Happening::Run(3), Happening::Run(1), Happening::Run(2)]);
    }
}
