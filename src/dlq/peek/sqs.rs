//! A queue of SQS, as a scan needs it.

use jiff::Timestamp;

use super::Mailbox;
use crate::aws::Session;
use crate::domain::{Handled, MayWrite, NoAnswer, NodeId, Received};

/// One queue of an account.
pub struct SqsMailbox<'a> {
    /// Where.
    pub session: &'a Session,
    /// The right to receive, which counts and hides.
    pub right: MayWrite,
    /// The queue's ARN.
    pub queue: NodeId,
    /// Its URL.
    pub url: String,
}

impl Mailbox for SqsMailbox<'_> {
    async fn receive(&self, max: usize, hidden_s: u32, wait_s: u32) -> Result<Vec<Received>, NoAnswer> {
        let how = (max, hidden_s, wait_s);
        let answer = self.session.receive(self.right, &self.queue, &self.url, how).await;
        Ok(answer?)
    }

    async fn hide(&self, handles: &[String], seconds: u32) -> Result<Vec<Handled>, NoAnswer> {
        let answer = self
            .session
            .change_visibility(self.right, &self.url, handles, seconds)
            .await;
        Ok(answer?)
    }

    fn now(&self) -> Timestamp {
        self.session.clock().map_or_else(Timestamp::now, |clock| clock.now())
    }
}
