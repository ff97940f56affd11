//! The queue and the targets of a redrive, reached through the one place that changes an account.

use super::route::Target;
use crate::aws::{Error, Session};
use crate::dead_letters::content::{Content, content};
use crate::domain::{Clock, Handled, MayWrite, NodeId, Outgoing, Received, Sending};

/// A queue whose messages are redriven. Cheap to clone.
#[derive(Clone)]
pub struct Remote {
    session: Session,
    right: MayWrite,
    queue: NodeId,
    url: String,
}

impl Remote {
    /// The queue with this ARN and URL.
    #[must_use]
    pub fn new(session: Session, right: MayWrite, queue: NodeId, url: String) -> Self {
        Self {
            session,
            right,
            queue,
            url,
        }
    }

    /// Account time.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.session.clock().unwrap_or(Clock::System)
    }

    /// Receives up to 10.
    pub async fn receive(&self, max: usize, visibility_s: u32, wait_s: u32) -> Result<Vec<Received>, Error> {
        let how = (max, visibility_s, wait_s);
        self.session.receive(self.right, &self.queue, &self.url, how).await
    }

    /// Sets the visibility timeout; 0 makes messages visible.
    pub async fn hide(&self, handles: &[String], seconds: u32) -> Vec<Handled> {
        let answer = self
            .session
            .change_visibility(self.right, &self.url, handles, seconds)
            .await;
        answer.unwrap_or_else(|error| failed(handles.len(), &error))
    }

    /// Deletes, in one attempt.
    pub async fn delete(&self, handles: &[String]) -> Vec<Handled> {
        let answer = self.session.delete(self.right, &self.url, handles).await;
        answer.unwrap_or_else(|error| failed(handles.len(), &error))
    }

    /// Sends, in one attempt.
    pub async fn send(&self, target: &Target, messages: &[Outgoing]) -> Vec<Sending> {
        if let Target::Queue { url, .. } = target {
            return self.session.send(self.right, url, messages).await;
        }
        let mut outcomes = Vec::new();
        for message in messages {
            outcomes.push(match target {
                Target::Event { arn } => self.session.invoke_event(self.right, arn, &message.body).await,
                Target::Run { arn } => self.run_again(arn, &message.body).await,
                Target::Topic { arn } | Target::Queue { arn, .. } => {
                    self.session.publish(self.right, arn, message).await
                }
            });
        }
        outcomes
    }

    /// Reads a batch again and invokes its function with it.
    async fn run_again(&self, function: &str, record: &str) -> Sending {
        let Content::Stream(_, batch) = content(record) else {
            return Sending::Refused {
                why: "it does not name a stream batch".into(),
            };
        };
        match self.session.batch_again(&batch, function).await {
            Ok(event) => self.session.invoke_and_wait(self.right, function, &event).await,
            Err(why) => why,
        }
    }

    /// Messages that the queue says it has, in any state.
    pub async fn count(&self) -> Result<u64, Error> {
        let (visible, in_flight, delayed) = self.counts().await?;
        Ok(visible + in_flight + delayed)
    }

    /// Messages that the queue says are visible, in flight, and delayed.
    pub async fn counts(&self) -> Result<(u64, u64, u64), Error> {
        Ok(self.session.queue(&self.url).await?.depth)
    }
}

fn failed(count: usize, error: &Error) -> Vec<Handled> {
    vec![Handled::Failed { why: error.to_string() }; count]
}
