//! What could not be read, with and without which the chain is complete.

use super::Survey;
use crate::aws::Error;
use crate::domain::{Fact, Part};

impl Survey<'_> {
    /// Says that one part could not be read, and what is not known because of it. The part stays as it was.
    pub(super) async fn unread(&self, part: Part, what: &str, error: &Error) {
        self.link.report(error);
        {
            let mut state = self.state();
            state.progress.failed = true;
            if part.of.is_empty() {
                state.unread.insert(part.api.clone());
            }
            state.parts.insert(part.clone());
        }
        let unknown = error.unknown(what);
        self.emit.send(Fact::unread(part, unknown)).await;
    }

    /// Says that one part that only adds to the chain could not be read. Where a permission is missing the chain is complete
    /// without it; an endpoint in place of AWS that does not know the call has nothing of the kind.
    pub(super) async fn optional_unread(&self, part: Part, what: &str, error: &Error) {
        let is_elsewhere = self.session.endpoint().is_some();
        match error {
            Error::Denied { .. } => {
                {
                    let mut state = self.state();
                    state.unread.insert(part.api.clone());
                    state.parts.insert(part.clone());
                }
                let unknown = error.unknown(what);
                let optional = true;
                self.emit
                    .send(Fact::Unread {
                        part,
                        unknown,
                        optional,
                    })
                    .await;
            }
            Error::NotFound | Error::Unreadable { .. } | Error::Empty { .. } | Error::Failed { .. } if is_elsewhere => {
                tracing::debug!(%error, "not known at this endpoint");
                self.state().unread.insert(part.api.clone());
            }
            _ => self.unread(part, what, error).await,
        }
    }
}
