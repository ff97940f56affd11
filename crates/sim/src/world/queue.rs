//! One queue: messages, who may see them when, and what a receive does to them. Pure: no world, no clock.

mod store;

use std::collections::BTreeMap;

use store::Store;

pub use super::message::{Attribute, AttributeValue, Attributes, Letter};

/// Fifteen minutes to twelve hours and so on are AWS's; these are the defaults of a queue. AWS (sqs): visibility 30 s,
/// retention 4 days.
const DEFAULTS: Settings = Settings {
    visibility_ms: 30_000,
    retention_ms: 345_600_000,
    delay_ms: 0,
    wait_ms: 0,
    max_bytes: 1_048_576,
};

/// How long FIFO queues remember a deduplication id. AWS (sqs): 5 minutes.
const DEDUP_MS: i64 = 300_000;
/// The attributes of a queue that its messages obey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a received message stays hidden.
    pub visibility_ms: i64,
    /// How long a message is kept after it was sent.
    pub retention_ms: i64,
    /// How long a new message stays hidden.
    pub delay_ms: i64,
    /// How long a receive waits when it does not say.
    pub wait_ms: i64,
    /// The largest message.
    pub max_bytes: i64,
}

/// Where messages go that were received too often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    /// The dead-letter queue's ARN.
    pub target: String,
    /// After how many receives.
    pub max_receives: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Delayed,
    InFlight,
    Ready,
}

/// A message in a queue.
#[derive(Clone, Debug)]
pub struct Message {
    /// `MessageId`.
    pub id: String,
    /// What was sent.
    pub letter: Letter,
    /// `SentTimestamp`.
    pub sent: i64,
    /// `ApproximateFirstReceiveTimestamp`.
    pub first_received: Option<i64>,
    /// `ApproximateReceiveCount`.
    pub receives: u32,
    /// `DeadLetterQueueSourceArn`: the queue from which a redrive policy moved it.
    pub moved_from: Option<String>,
    /// `SequenceNumber`: FIFO only.
    pub sequence: u64,
    /// The end of its visibility timeout or delay.
    pub visible_at: i64,
    /// Its place in the queue.
    pub seq: u64,
    state: State,
}

impl Message {
    /// Bytes that it takes, by what its sender gave.
    fn bytes(&self) -> usize {
        /// Beside its texts, its places in the queue's orders included, as measured.
        const MESSAGE: usize = 600;
        const ATTRIBUTE: usize = 200;
        MESSAGE + self.letter.body.len() + self.letter.attributes.len() * ATTRIBUTE
    }
}

/// The result of one receive.
#[derive(Debug, Default)]
pub struct Received {
    /// Places of the messages received, for [`Queue::get`].
    pub places: Vec<u64>,
    /// Messages over `maxReceiveCount`, removed for the dead-letter queue.
    pub dead: Vec<Message>,
}

/// A count of what happened to messages since the queue exists: what came in is what is there, plus what went out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Sent, or moved in.
    pub entered: u64,
    /// Deleted by a consumer.
    pub deleted: u64,
    /// Past their retention.
    pub expired: u64,
    /// Moved to a dead-letter queue, or by a move task.
    pub moved: u64,
    /// Purged.
    pub purged: u64,
}

/// The messages of one queue.
#[derive(Debug)]
pub struct Queue {
    /// The queue's name.
    pub name: String,
    /// What its messages obey.
    pub settings: Settings,
    /// Its redrive policy.
    pub redrive: Option<Redrive>,
    /// Attributes that are kept and echoed: `Policy`, `RedriveAllowPolicy`, `KmsMasterKeyId`, ….
    pub echoed: BTreeMap<String, String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// When it was created.
    pub created: i64,
    /// When its attributes last changed.
    pub modified: i64,
    /// When it was last purged.
    pub purged: Option<i64>,
    /// What happened to its messages.
    pub ledger: Ledger,
    store: Store,
    /// Deduplication ids that are remembered: until when, and of which message.
    dedup: BTreeMap<String, (i64, String, u64)>,
}

impl Queue {
    /// An empty queue; a name that ends in `.fifo` makes a FIFO queue.
    #[must_use]
    pub fn new(name: &str, now: i64) -> Self {
        Self {
            name: name.to_owned(),
            settings: DEFAULTS,
            redrive: None,
            echoed: BTreeMap::new(),
            tags: BTreeMap::new(),
            created: now,
            modified: now,
            purged: None,
            ledger: Ledger::default(),
            store: Store::new(super::arn::is_fifo(name)),
            dedup: BTreeMap::new(),
        }
    }

    /// Whether it keeps order within groups.
    #[must_use]
    pub fn is_fifo(&self) -> bool {
        self.store.fifo
    }

    /// Lets time pass: what was hidden until now shows again, what is past its retention goes.
    pub fn settle(&mut self, now: i64) {
        self.store.show_until(now);
        while let Some((sent, seq)) = self.store.oldest()
            && sent + self.settings.retention_ms <= now
        {
            if self.store.take(seq).is_some() {
                self.ledger.expired += 1;
            }
        }
        if !self.dedup.is_empty() {
            self.dedup.retain(|_, (until, _, _)| *until > now);
        }
    }

    /// The deduplication entry of an id seen in the last 5 minutes: message id and sequence number.
    #[must_use]
    pub fn seen(&self, dedup: &str, now: i64) -> Option<(String, u64)> {
        let (until, id, sequence) = self.dedup.get(dedup)?;
        (*until > now).then(|| (id.clone(), *sequence))
    }

    /// Puts a new message in. Its place comes back.
    pub fn send(&mut self, id: String, letter: Letter, now: i64) -> u64 {
        let delay = letter
            .delay_ms
            .filter(|_| !self.is_fifo())
            .unwrap_or(self.settings.delay_ms);
        if let Some(dedup) = letter.dedup.clone().filter(|_| self.is_fifo()) {
            self.dedup
                .insert(dedup, (now + DEDUP_MS, id.clone(), self.store.next_seq()));
        }
        let message = Message {
            id,
            letter,
            sent: now,
            first_received: None,
            receives: 0,
            moved_from: None,
            sequence: 0,
            visible_at: now + delay,
            seq: 0,
            state: State::Delayed,
        };
        self.enter(message)
    }

    /// Puts a message in that a redrive policy moved. AWS (dead-letters): id, body, attributes, receive count and (on a standard queue)
    /// the send time are kept; a FIFO queue's retention begins anew, and the deduplication id becomes the message id.
    pub fn move_in(&mut self, mut message: Message, from: &str, now: i64) -> u64 {
        message.moved_from = Some(from.to_owned());
        if self.is_fifo() {
            message.sent = now;
            message.letter.dedup = Some(message.id.clone());
        }
        message.visible_at = now;
        message.state = State::Delayed;
        self.enter(message)
    }

    fn enter(&mut self, message: Message) -> u64 {
        self.ledger.entered += 1;
        self.store.enter(message)
    }

    /// Takes up to `max` messages that can be seen, hides them for `visibility_ms` and counts the receive; what was
    /// received too often already is taken out instead (AWS (dead-letters): at the receive that would exceed the limit).
    pub fn receive(&mut self, max: usize, visibility_ms: i64, limit: Option<u32>, now: i64) -> Received {
        self.settle(now);
        let mut found = Received::default();
        for (seq, dead) in self.store.pick(max, limit) {
            if dead {
                found.dead.extend(self.store.take(seq));
                self.ledger.moved += 1;
            } else {
                self.store.hide(seq, now + visibility_ms, now);
                found.places.push(seq);
            }
        }
        if visibility_ms <= 0 {
            self.settle(now);
        }
        found
    }

    /// A message by its place.
    #[must_use]
    pub fn get(&self, place: u64) -> Option<&Message> {
        self.store.get(place)
    }

    /// A message by its place, while the receive with that count is its last one.
    #[must_use]
    pub fn held(&self, place: u64, receives: u32) -> Option<&Message> {
        self.get(place).filter(|m| m.receives == receives)
    }

    /// Whether a message is in flight.
    #[must_use]
    pub fn is_in_flight(&self, place: u64) -> bool {
        self.get(place).is_some_and(|m| m.state == State::InFlight)
    }

    /// Deletes a message if the receive with that count is its last one. AWS (sqs): the delete with an older receipt handle
    /// succeeds and deletes nothing.
    pub fn delete(&mut self, place: u64, receives: u32) -> bool {
        let gone = self.held(place, receives).is_some() && self.store.take(place).is_some();
        if gone {
            self.ledger.deleted += 1;
        }
        gone
    }

    /// Hides a message in flight for so long from now; 0 shows it at once.
    pub fn change_visibility(&mut self, place: u64, visibility_ms: i64, now: i64) {
        if !self.is_in_flight(place) {
            return;
        }
        self.store.hide_until(place, now + visibility_ms);
        self.settle(now);
    }

    /// The first message that can be seen, as of the last [`Queue::settle`].
    #[must_use]
    pub fn peek_first(&self) -> Option<&Message> {
        self.store.first_ready().and_then(|seq| self.get(seq))
    }

    /// Takes the first message that can be seen, for a move task. AWS (move-tasks): hidden messages are left where they are.
    pub fn take_first(&mut self, now: i64) -> Option<Message> {
        self.settle(now);
        let seq = self.store.first_ready()?;
        self.ledger.moved += 1;
        self.store.take(seq)
    }

    /// Deletes everything.
    pub fn purge(&mut self, now: i64) {
        self.purged = Some(now);
        self.ledger.purged += u64::try_from(self.store.len()).unwrap_or(u64::MAX);
        self.store.clear();
    }

    /// When the next hidden message shows again.
    #[must_use]
    pub fn next_visible(&self) -> Option<i64> {
        self.store.next_visible()
    }

    /// Messages that can be received, as of the last [`Queue::settle`].
    #[must_use]
    pub fn visible(&self) -> usize {
        self.store.ready()
    }

    /// Messages received and not yet deleted.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.store.in_flight()
    }

    /// Delayed messages, as of the last [`Queue::settle`].
    #[must_use]
    pub fn delayed(&self) -> usize {
        self.store.delayed()
    }

    /// All messages.
    #[must_use]
    pub fn len(&self) -> usize {
        self.store.len()
    }

    /// Bytes that all messages take, approximately.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.store.bytes()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.store.len() == 0
    }

    /// All messages in the order in which they came in.
    pub fn iter(&self) -> impl Iterator<Item = &Message> {
        self.store.iter()
    }

    /// When the oldest message was sent that was not received three times yet. AWS (sqs): a standard queue's message received
    /// three times or more does not count for `ApproximateAgeOfOldestMessage`.
    #[must_use]
    pub fn oldest(&self) -> Option<i64> {
        let counted = |m: &Message| self.is_fifo() || m.receives < 3;
        self.store.by_age().take(200).find(|m| counted(m)).map(|m| m.sent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(name: &str, n: usize) -> Queue {
        let mut queue = Queue::new(name, 0);
        for i in 0..n {
            let mut letter = Letter::of(format!("b{i}"));
            letter.group = crate::world::arn::is_fifo(name).then(|| format!("g{}", i % 2));
            queue.send(format!("id{i}"), letter, 0);
        }
        queue
    }

    #[test]
    fn hides_for_the_visibility_timeout_and_counts_receives() {
        let mut queue = filled("q", 1);
        assert_eq!(queue.receive(10, 30_000, Some(2), 0).places.len(), 1);
        assert_eq!((queue.visible(), queue.in_flight()), (0, 1));
        assert!(queue.receive(10, 30_000, Some(2), 29_999).places.is_empty());
        let again = queue.receive(10, 30_000, Some(2), 30_000);
        assert_eq!(queue.get(again.places[0]).map(|m| m.receives), Some(2));
        let dead = queue.receive(10, 30_000, Some(2), 60_000).dead;
        assert_eq!(dead[0].receives, 2, "moved at the receive that would exceed the limit");
        assert!(queue.is_empty());
    }

    #[test]
    fn an_old_handle_deletes_nothing() {
        let mut queue = filled("q", 1);
        let place = queue.receive(1, 1000, None, 0).places[0];
        queue.receive(1, 1000, None, 1000);
        assert!(!queue.delete(place, 1));
        assert!(queue.delete(place, 2));
    }

    #[test]
    fn a_fifo_group_waits_for_its_message_in_flight() {
        let mut queue = filled("q.fifo", 4);
        let first = queue.receive(1, 30_000, None, 0);
        let second = queue.receive(10, 30_000, None, 0);
        let bodies: Vec<_> = second
            .places
            .iter()
            .filter_map(|p| queue.get(*p))
            .map(|m| &*m.letter.body)
            .collect();
        assert_eq!(bodies, ["b1", "b3"], "only the other group, in order");
        queue.delete(first.places[0], 1);
        assert_eq!(queue.receive(10, 30_000, None, 1).places.len(), 1);
    }

    #[test]
    fn retention_counts_from_the_send_also_after_a_move() {
        let mut queue = filled("q", 1);
        queue.receive(1, 0, None, 0);
        let dead = queue.receive(1, 0, Some(1), 1000).dead.remove(0);
        let mut dlq = Queue::new("dlq", 0);
        dlq.move_in(dead, "arn:q", 1000);
        dlq.settle(345_599_999);
        assert_eq!(dlq.len(), 1);
        dlq.settle(345_600_000);
        assert_eq!((dlq.len(), dlq.ledger.expired), (0, 1));
    }
}
