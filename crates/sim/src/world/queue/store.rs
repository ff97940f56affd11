//! The messages of one queue by place, and in the orders in which they are looked for.

use std::collections::{BTreeMap, BTreeSet};

use super::{Message, State};

/// How many messages a FIFO queue looks through for a free group. AWS (sqs): 120,000 (20,000 before 2024).
const FIFO_LOOK: usize = 120_000;
/// How many messages over the limit one receive moves at most: bounds the time of a receive.
const MOVED_AT_ONCE: usize = 1000;

/// Messages, each in the orders that its state asks for.
#[derive(Debug)]
pub(super) struct Store {
    /// Whether order is kept within groups.
    pub(super) fifo: bool,
    // Boxed: a tree's nodes are half empty when they fill in order, and a queue may hold a million.
    messages: BTreeMap<u64, Box<Message>>,
    hidden: BTreeSet<(i64, u64)>,
    ready: BTreeSet<(i64, u64)>,
    by_age: BTreeSet<(i64, u64)>,
    in_flight: usize,
    busy_groups: BTreeMap<String, usize>,
    seq: u64,
    bytes: usize,
}

impl Store {
    pub(super) fn new(fifo: bool) -> Self {
        Self {
            fifo,
            messages: BTreeMap::new(),
            hidden: BTreeSet::new(),
            ready: BTreeSet::new(),
            by_age: BTreeSet::new(),
            in_flight: 0,
            busy_groups: BTreeMap::new(),
            seq: 0,
            bytes: 0,
        }
    }

    /// Shows what is hidden until a moment.
    pub(super) fn show_until(&mut self, now: i64) {
        while let Some(&(at, seq)) = self.hidden.first()
            && at <= now
        {
            self.hidden.pop_first();
            self.show(seq);
        }
    }

    fn show(&mut self, seq: u64) {
        let fifo = self.fifo;
        if let Some(message) = self.messages.get_mut(&seq) {
            let key = if fifo { 0 } else { message.visible_at };
            self.ready.insert((key, seq));
            let was = std::mem::replace(&mut message.state, State::Ready);
            let group = message.letter.group.clone();
            if was == State::InFlight {
                self.in_flight -= 1;
                self.free_group(group.as_deref());
            }
        }
    }

    fn free_group(&mut self, group: Option<&str>) {
        if let Some(group) = group.filter(|_| self.fifo)
            && let Some(count) = self.busy_groups.get_mut(group)
        {
            *count -= 1;
            if *count == 0 {
                self.busy_groups.remove(group);
            }
        }
    }

    /// The place of the message that comes in next.
    pub(super) fn next_seq(&self) -> u64 {
        self.seq + 1
    }

    /// Puts a message in, hidden until it is visible. Its place comes back.
    pub(super) fn enter(&mut self, mut message: Message) -> u64 {
        self.seq += 1;
        let seq = self.seq;
        message.seq = seq;
        message.sequence = seq;
        self.hidden.insert((message.visible_at, seq));
        self.by_age.insert((message.sent, seq));
        self.bytes += message.bytes();
        self.messages.insert(seq, Box::new(message));
        seq
    }

    /// Places of up to `max` messages that a receive finds, and between them of those that it finds too often received.
    pub(super) fn pick(&self, max: usize, limit: Option<u32>) -> Vec<(u64, bool)> {
        let mut picked = Vec::new();
        let (mut alive, mut dead) = (0, 0);
        let mut full: BTreeSet<&str> = BTreeSet::new();
        for &(_, seq) in self.ready.iter().take(if self.fifo { FIFO_LOOK } else { usize::MAX }) {
            if alive >= max || dead >= MOVED_AT_ONCE {
                break;
            }
            let Some(message) = self.messages.get(&seq) else {
                continue;
            };
            if self.fifo
                && let Some(group) = message.letter.group.as_deref()
                && (self.busy_groups.contains_key(group) || full.contains(group))
            {
                full.insert(group);
                continue;
            }
            let is_dead = limit.is_some_and(|limit| message.receives >= limit);
            *(if is_dead { &mut dead } else { &mut alive }) += 1;
            picked.push((seq, is_dead));
        }
        picked
    }

    /// Counts a receive of a message that can be seen, and hides it.
    pub(super) fn hide(&mut self, seq: u64, until: i64, now: i64) {
        let Some(message) = self.messages.get_mut(&seq) else {
            return;
        };
        let key = if self.fifo { 0 } else { message.visible_at };
        self.ready.remove(&(key, seq));
        message.receives += 1;
        message.first_received.get_or_insert(now);
        message.visible_at = until;
        message.state = State::InFlight;
        self.in_flight += 1;
        self.hidden.insert((until, seq));
        if let Some(group) = message.letter.group.clone().filter(|_| self.fifo) {
            *self.busy_groups.entry(group).or_default() += 1;
        }
    }

    /// Hides a message in flight until another moment.
    pub(super) fn hide_until(&mut self, seq: u64, until: i64) {
        if let Some(message) = self.messages.get_mut(&seq) {
            self.hidden.remove(&(message.visible_at, seq));
            message.visible_at = until;
            self.hidden.insert((until, seq));
        }
    }

    /// Takes a message out of everything.
    pub(super) fn take(&mut self, seq: u64) -> Option<Message> {
        let message = *self.messages.remove(&seq)?;
        self.bytes -= message.bytes();
        self.by_age.remove(&(message.sent, seq));
        match message.state {
            State::Ready => {
                let key = if self.fifo { 0 } else { message.visible_at };
                self.ready.remove(&(key, seq));
            }
            State::InFlight => {
                self.hidden.remove(&(message.visible_at, seq));
                self.in_flight -= 1;
                self.free_group(message.letter.group.as_deref());
            }
            State::Delayed => {
                self.hidden.remove(&(message.visible_at, seq));
            }
        }
        Some(message)
    }

    pub(super) fn clear(&mut self) {
        let empty = Self::new(self.fifo);
        let seq = self.seq;
        *self = Self { seq, ..empty };
    }

    pub(super) fn get(&self, seq: u64) -> Option<&Message> {
        self.messages.get(&seq).map(Box::as_ref)
    }

    /// The first message that can be seen.
    pub(super) fn first_ready(&self) -> Option<u64> {
        self.ready.first().map(|(_, seq)| *seq)
    }

    /// When the oldest message was sent, and its place.
    pub(super) fn oldest(&self) -> Option<(i64, u64)> {
        self.by_age.first().copied()
    }

    /// Messages, the oldest first.
    pub(super) fn by_age(&self) -> impl Iterator<Item = &Message> {
        self.by_age.iter().filter_map(|(_, seq)| self.get(*seq))
    }

    /// Messages in the order of their arrival.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Message> {
        self.messages.values().map(Box::as_ref)
    }

    pub(super) fn next_visible(&self) -> Option<i64> {
        self.hidden.first().map(|(at, _)| *at)
    }

    pub(super) fn ready(&self) -> usize {
        self.ready.len()
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    pub(super) fn delayed(&self) -> usize {
        self.hidden.len() - self.in_flight
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }
}
