//! The account as it is seen while a redrive goes.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::watch;

use crate::domain::{Interest, NodeId};
use crate::store::Snapshot;

/// Snapshots of the account during an operation.
#[derive(Clone)]
pub struct Live {
    snapshots: watch::Receiver<Arc<Snapshot>>,
    attend: Option<watch::Sender<Interest>>,
}

impl Live {
    /// `attend` sets the interest of the pollers; `None` if others do.
    #[must_use]
    pub fn new(snapshots: watch::Receiver<Arc<Snapshot>>, attend: Option<watch::Sender<Interest>>) -> Self {
        Self { snapshots, attend }
    }

    /// What is known now.
    #[must_use]
    pub fn now(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshots.borrow())
    }

    /// Waits for the next snapshot; `false` once the pollers have ended.
    pub async fn changed(&mut self) -> bool {
        self.snapshots.changed().await.is_ok()
    }

    /// Waits for the next snapshot; for ever once the pollers have ended.
    pub async fn more(&mut self) {
        if !self.changed().await {
            std::future::pending::<()>().await;
        }
    }

    /// Waits until a snapshot satisfies `holds`, or the pollers have ended.
    pub async fn until(&mut self, holds: impl FnMut(&Arc<Snapshot>) -> bool) {
        // The snapshot says what is still unknown.
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
