//! Finds a queue by name, URL or ARN, with its current attributes. Receives nothing.

use super::queues::{chain, url};
use super::{DlqError, DlqService};
use crate::aws::Error;
use crate::dead_letters::read_guard::{self, Refusal, refusals};
use crate::dead_letters::{DeadLetterQueue, QueueCounts, queues};
use crate::domain::{Arn, Detail, NodeId};
use crate::store::snapshot::Topology;

/// Checks that reading the queue does no harm, or is requested anyway. If the survey was narrowed, a missing source proves
/// nothing: a destination or a schedule may use the queue, as its messages will show.
///
/// # Errors
/// If there are reasons against reading it.
pub fn guard(queue: &DeadLetterQueue, topology: &Topology, anyway: bool) -> Result<(), DlqError> {
    let mut against = refusals(queue);
    against.retain(|refusal| !topology.narrowed || *refusal != Refusal::Ordinary);
    if anyway || against.is_empty() {
        return Ok(());
    }
    let against = read_guard::against(&against, &queue.name);
    Err(DlqError::Guarded { against })
}

impl DlqService {
    /// A queue of the chain.
    ///
    /// # Errors
    /// If its attributes were not read yet, or cannot be read.
    pub async fn queue(&self, topology: &Topology, id: &NodeId) -> Result<DeadLetterQueue, DlqError> {
        let known = queues::queue(chain(topology), id, None);
        let (queue, url) = (known.name.clone(), url(&known));
        if url.is_empty() {
            return Err(DlqError::NotSurveyed { queue });
        }
        let found = self.seen(topology, &url).await;
        found.map_err(|why| DlqError::Unread { queue, why })
    }

    /// The queue that a name, a URL or an ARN means.
    ///
    /// # Errors
    /// If there is none, or its attributes cannot be read.
    pub async fn queue_named(&self, topology: &Topology, text: &str) -> Result<DeadLetterQueue, DlqError> {
        let unknown = || DlqError::NoQueue { queue: text.to_owned() };
        let failed = |why| match why {
            Error::NotFound => unknown(),
            why => DlqError::AttributesUnread {
                queue: text.to_owned(),
                why,
            },
        };
        let url = self.url(topology, text).await.map_err(failed)?.ok_or_else(unknown)?;
        let found = self.seen(topology, &url).await.map_err(failed)?;
        // The same name elsewhere is another queue.
        if text.starts_with("arn:") && found.id.as_str() != text {
            return Err(unknown());
        }
        Ok(found)
    }

    async fn seen(&self, topology: &Topology, url: &str) -> Result<DeadLetterQueue, Error> {
        let seen = self.session().queue(url).await?;
        let (visible, in_flight, delayed) = seen.depth;
        let counted = QueueCounts {
            visible,
            in_flight,
            delayed,
            at: self.clock().now(),
        };
        Ok(DeadLetterQueue {
            moves_on_to: seen.dead_letter.map(NodeId::from),
            detail: Some(seen.detail),
            ..queues::queue(chain(topology), &seen.id, Some(counted))
        })
    }

    async fn url(&self, topology: &Topology, text: &str) -> Result<Option<String>, Error> {
        if text.starts_with("http://") || text.starts_with("https://") {
            return Ok(Some(text.to_owned()));
        }
        let arn = Arn::parse(text);
        let is_here = |arn: &Arn<'_>| arn.service == "sqs" && self.session().scope.holds(arn);
        if text.starts_with("arn:") && !arn.as_ref().is_some_and(is_here) {
            return Ok(None);
        }
        let name = arn.map_or(text, |arn| arn.name());
        let mut here = topology.nodes.values().filter(|node| node.name == name);
        let known = here.find_map(|node| match &node.detail {
            Detail::Queue(detail) => Some(detail.url.clone()),
            _ => None,
        });
        match known {
            Some(url) => Ok(Some(url)),
            None => self.session().queue_url(name).await.map(Some),
        }
    }
}
