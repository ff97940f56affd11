//! The account as it is seen while a redrive goes.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::watch;

use crate::domain::{Interest, NodeId};
use crate::store::Snapshot;

/// A look at the account that goes on beside what is done.
#[derive(Clone)]
pub struct Live {
    snapshots: watch::Receiver<Arc<Snapshot>>,
    attend: Option<watch::Sender<Interest>>,
}

impl Live {
    /// `attend` is where the pollers hear what is looked at; nothing where others tell them.
    #[must_use]
    pub fn new(snapshots: watch::Receiver<Arc<Snapshot>>, attend: Option<watch::Sender<Interest>>) -> Self {
        Self { snapshots, attend }
    }

    /// What is known now.
    #[must_use]
    pub fn now(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshots.borrow())
    }

    /// Waits until more is known; false, once nobody looks any more.
    pub async fn changed(&mut self) -> bool {
        self.snapshots.changed().await.is_ok()
    }

    /// Waits until more is known; never, once nobody looks any more.
    pub async fn more(&mut self) {
        if !self.changed().await {
            std::future::pending::<()>().await;
        }
    }

    /// Waits until this holds of what is known, or nobody looks any more.
    pub async fn until(&mut self, holds: impl FnMut(&Arc<Snapshot>) -> bool) {
        // What is not known by then is told by the snapshot.
        let _ = self.snapshots.wait_for(holds).await;
    }

    /// Reads the logs of these functions first and often.
    pub fn look_at(&self, functions: &BTreeSet<NodeId>) {
        let Some(attend) = &self.attend else { return };
        attend.send_if_modified(|interest| {
            let other = interest.visible != *functions;
            interest.visible.clone_from(functions);
            other
        });
    }
}
