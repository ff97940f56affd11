//! Operations on queues: send, receive, and wake pollers.

use serde_json::json;

use super::World;
use super::ground_truth::{Event, Landing};
use super::marbles::MarbleStage;
use super::metrics::MetricKey;
use super::queue::{Letter, Message, Queue};
use crate::call::Fault;

impl World {
    /// The fault of a queue that is not there.
    pub(crate) fn no_queue() -> Fault {
        Fault::bad("QueueDoesNotExist", "The specified queue does not exist.")
    }

    /// A queue's ARN.
    #[must_use]
    pub fn queue_arn(&self, name: &str) -> String {
        self.arn("sqs", name)
    }

    /// Sends a message; its id and, on a FIFO queue, its sequence number come back.
    pub(crate) fn send_message(&mut self, name: &str, letter: Letter) -> Result<(String, Option<u64>), Fault> {
        let now = self.clock.now;
        let Some(queue) = self.messaging.queues.get(name) else {
            return Err(Self::no_queue());
        };
        let fifo = queue.is_fifo();
        if fifo && let Some((id, sequence)) = letter.dedup.as_deref().and_then(|dedup| queue.seen(dedup, now)) {
            return Ok((id, Some(sequence)));
        }
        let id = self.next_uuid("message");
        #[expect(clippy::cast_precision_loss, reason = "a message is at most 1 MiB")]
        let size = letter.body.len() as f64;
        let Some(queue) = self.messaging.queues.get_mut(name) else {
            return Err(Self::no_queue());
        };
        let marble = letter.lineage.marble();
        let sequence = queue.send(id.clone(), letter, now);
        self.note_marble(marble, |world| world.queue_arn(name), MarbleStage::Reached);
        self.queue_metric(name, "NumberOfMessagesSent", 1.0);
        self.queue_metric(name, "SentMessageSize", size);
        self.wake_pollers(name);
        Ok((id, fifo.then_some(sequence)))
    }

    /// Receives up to `max` messages. Messages over `maxReceiveCount` go to the dead-letter queue instead.
    pub(crate) fn receive(&mut self, name: &str, max: usize, visibility_ms: Option<i64>) -> Vec<Message> {
        let now = self.clock.now;
        let arn = self.queue_arn(name);
        let Some(queue) = self.messaging.queues.get(name) else {
            return Vec::new();
        };
        // A message stays in its queue while its dead-letter queue does not exist.
        let redrive = queue
            .redrive
            .clone()
            .map(|r| (super::arn::name(&r.target).to_owned(), r.max_receives));
        let redrive = redrive.filter(|(target, _)| target != name && self.messaging.queues.contains_key(target));
        let Some(queue) = self.messaging.queues.get_mut(name) else {
            return Vec::new();
        };
        let visibility = visibility_ms.unwrap_or(queue.settings.visibility_ms);
        let found = queue.receive(max, visibility, redrive.as_ref().map(|(_, limit)| *limit), now);
        let messages: Vec<Message> = found
            .places
            .iter()
            .filter_map(|place| queue.get(*place).cloned())
            .collect();
        if let Some((target, _)) = redrive {
            let moved = !found.dead.is_empty();
            for message in found.dead {
                let event = Event::Message(name.to_owned(), message.id.clone());
                self.note_landing(event, Landing::DeadLetter);
                let marble = message.letter.lineage.marble();
                self.note_marble(marble, |world| world.queue_arn(&target), MarbleStage::Reached);
                if let Some(target) = self.messaging.queues.get_mut(&target) {
                    target.move_in(message, &arn, now);
                }
            }
            if moved {
                self.wake_pollers(&target);
            }
        }
        if messages.is_empty() {
            self.queue_metric(name, "NumberOfEmptyReceives", 1.0);
        } else {
            #[expect(clippy::cast_precision_loss, reason = "a batch is at most 10,000 messages")]
            self.queue_metric(name, "NumberOfMessagesReceived", messages.len() as f64);
        }
        messages
    }

    /// Deletes a message by its place, if its last receive was that one.
    pub(crate) fn delete_message(&mut self, name: &str, place: u64, receives: u32) {
        if self
            .messaging
            .queues
            .get_mut(name)
            .is_some_and(|queue| queue.delete(place, receives))
        {
            self.queue_metric(name, "NumberOfMessagesDeleted", 1.0);
            if self.messaging.queues.get(name).is_some_and(Queue::is_fifo) {
                self.wake_pollers(name);
            }
        }
    }

    /// Changes how long a message in flight stays hidden.
    pub(crate) fn change_visibility(&mut self, name: &str, place: u64, visibility_ms: i64) {
        let now = self.clock.now;
        if let Some(queue) = self.messaging.queues.get_mut(name) {
            queue.change_visibility(place, visibility_ms, now);
        }
        self.wake_pollers(name);
    }

    /// Counts a queue's metric now.
    pub(crate) fn queue_metric(&mut self, name: &str, metric: &str, value: f64) {
        self.records.metrics.add(
            MetricKey::new("AWS/SQS", metric, &[("QueueName", name)]),
            self.clock.now,
            value,
        );
    }

    /// A queue's redrive policy as AWS writes it.
    #[must_use]
    pub fn redrive_policy(redrive: &super::queue::Redrive) -> String {
        json!({"deadLetterTargetArn": redrive.target, "maxReceiveCount": redrive.max_receives}).to_string()
    }
}
