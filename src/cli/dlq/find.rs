//! From what a person calls a queue to the queue, with its attributes as they are now.

use super::super::failure::Failure;
use crate::aws::{Error, Session};
use crate::dead_letters::{DeadLetterQueue, QueueCounts, queues};
use crate::dlq::queues::chain;
use crate::domain::text::plain;
use crate::domain::{Arn, Clock, Detail, NodeId};
use crate::store::snapshot::Topology;

/// The queue that a name, a URL or an ARN means. Reads its attributes, receives nothing.
pub(in crate::cli) async fn queue(
    session: &Session,
    topology: &Topology,
    text: &str,
) -> Result<DeadLetterQueue, Failure> {
    let unknown = || {
        Failure::usage(format_args!(
            "There is no queue {} in this account and region: `pitagora dlq list` names them.",
            plain(text)
        ))
    };
    let url = match url(session, topology, text).await {
        Ok(Some(url)) => url,
        Ok(None) | Err(Error::NotFound) => return Err(unknown()),
        Err(error) => return Err(failed(text, &error)),
    };
    let seen = match session.queue(&url).await {
        Ok(seen) => seen,
        Err(Error::NotFound) => return Err(unknown()),
        Err(error) => return Err(failed(text, &error)),
    };
    if text.starts_with("arn:") && seen.id.as_str() != text {
        // The same name elsewhere is another queue.
        return Err(unknown());
    }
    let clock = session.clock().unwrap_or(Clock::System);
    let (visible, in_flight, delayed) = seen.depth;
    let counted = QueueCounts {
        visible,
        in_flight,
        delayed,
        at: clock.now(),
    };
    let found = queues::queue(chain(topology), &seen.id, Some(counted));
    Ok(DeadLetterQueue {
        moves_on_to: seen.dead_letter.map(NodeId::from),
        detail: Some(seen.detail),
        ..found
    })
}

async fn url(session: &Session, topology: &Topology, text: &str) -> Result<Option<String>, Error> {
    if text.starts_with("http://") || text.starts_with("https://") {
        return Ok(Some(text.to_owned()));
    }
    let arn = Arn::parse(text);
    if text.starts_with("arn:") && arn.is_none_or(|arn| arn.service != "sqs" || !session.scope.holds(&arn)) {
        return Ok(None);
    }
    let name = arn.map_or(text, |arn| arn.name());
    let here = topology
        .nodes
        .values()
        .find(|node| node.name == name && matches!(node.detail, Detail::Queue(_)));
    if let Some(Detail::Queue(detail)) = here.map(|node| &node.detail) {
        return Ok(Some(detail.url.clone()));
    }
    session.queue_url(name).await.map(Some)
}

fn failed(text: &str, error: &Error) -> Failure {
    Failure::no_connection(format_args!(
        "The attributes of queue {} could not be read ({error}).",
        plain(text)
    ))
}
