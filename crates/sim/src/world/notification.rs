//! What a bucket reports its objects, and an alarm of itself, on its way to a function, a queue or a topic.

use serde_json::Value as Json;

use super::bucket::NotifyKind;
use super::lineage::Lineage;
use super::policy::Sender;
use super::queue::Letter;
use super::topic::Publication;
use super::{Happening, World, arn};

/// A notification on its way.
#[derive(Clone, Debug)]
pub struct Notification {
    pub(super) sender: Sender,
    pub(super) to: NotifyKind,
    pub(super) arn: String,
    /// The subject, where it goes to a topic.
    pub(super) subject: String,
    pub(super) body: Json,
    pub(super) lineage: Lineage,
}

impl World {
    /// Delivers a notification. AWS (delivery): neither S3 nor an alarm has a dead-letter queue; undelivered ones are lost.
    pub(super) fn notify(&mut self, id: u64) {
        let Some(notification) = self.storage.notifications.remove(&id) else {
            return;
        };
        let Notification {
            sender,
            to,
            arn: target,
            subject,
            body,
            lineage,
        } = notification.clone();
        let text = body.to_string();
        match to {
            NotifyKind::Function => {
                let (function, qualifier) = arn::function(&target);
                let admitted = self
                    .lambda
                    .functions
                    .get(function)
                    .is_some_and(|f| f.admits(qualifier, sender.service, &sender.source));
                if admitted && self.invoke_async(function, qualifier, text.into(), lineage).is_err() {
                    // AWS delivers at least once: what Lambda's API refused with 5xx comes again. Simulated: a minute later.
                    self.storage.notifications.insert(id, notification);
                    self.later(self.clock.now + 60_000, Happening::Notification(id));
                }
            }
            NotifyKind::Queue => {
                let letter = Letter {
                    lineage,
                    ..Letter::of(text)
                };
                let _ = self.send_for(&sender, arn::name(&target), letter);
            }
            NotifyKind::Topic => {
                let publication = Publication {
                    message: text.into(),
                    subject: Some(subject),
                    lineage,
                    ..Publication::default()
                };
                let _ = self.publish_for(&sender, arn::name(&target), publication);
            }
        }
    }
}
