//! `StartLiveTail`: lines within a second or two, at a price, and only a sample of them above 500 a second.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_cloudwatchlogs::types::StartLiveTailResponseStream as Told;
use jiff::Timestamp;
use tokio::time::Instant;

use super::{Error, Session, api};
use crate::domain::log::Line;

/// AWS (apis): at most this many groups in one live tail.
pub const MOST_GROUPS: usize = 10;
const MINUTE: Duration = Duration::from_mins(1);

/// A live tail under way.
pub struct LiveTail {
    output: aws_sdk_cloudwatchlogs::operation::start_live_tail::StartLiveTailOutput,
    session: Session,
    /// When the next minute begins, which costs too.
    next_minute: Instant,
}

/// The lines of one second.
#[derive(Clone, Debug, Default)]
pub struct Update {
    /// New lines, by group.
    pub lines: BTreeMap<String, Vec<Line>>,
    /// Whether they are only a sample.
    pub sampled: bool,
}

impl LiveTail {
    /// Starts one. Each minute of it costs, which the meter shows.
    pub async fn start(session: &Session, groups: &BTreeSet<String>) -> Result<Self, Error> {
        let clients = session.clients();
        let scope = &session.scope;
        let arns: Vec<String> = groups
            .iter()
            .take(MOST_GROUPS)
            .map(|group| {
                format!(
                    "arn:{}:logs:{}:{}:log-group:{group}",
                    scope.partition, scope.region, scope.account
                )
            })
            .collect();
        let elsewhere = session.endpoint().is_some();
        let call = || {
            let request = clients.logs.start_live_tail();
            let request = request.set_log_group_identifiers(Some(arns.clone()));
            request
                .customize()
                // The SDK puts a prefix before AWS's host; another endpoint has no such host.
                .mutate_request(move |request| {
                    if elsewhere && let Some(uri) = without_prefix(request.uri()) {
                        // A URI that was one stays one without its prefix.
                        let _ = request.set_uri(uri);
                    }
                })
                .send()
        };
        let output = session.caller.call(&api::START_LIVE_TAIL, call).await?;
        Ok(Self {
            output,
            session: session.clone(),
            next_minute: Instant::now() + MINUTE,
        })
    }

    /// The next lines; `None` if the session ended. AWS (apis): three hours after it began at the latest.
    pub async fn next(&mut self) -> Result<Option<Update>, Error> {
        loop {
            let told = tokio::select! {
                told = self.output.response_stream.recv() => told,
                () = tokio::time::sleep_until(self.next_minute) => {
                    self.session.caller.meter().count(&api::START_LIVE_TAIL, 0);
                    self.next_minute += MINUTE;
                    continue;
                }
            };
            match told {
                Ok(Some(Told::SessionUpdate(update))) => return Ok(Some(read(&update))),
                Ok(Some(_)) => {}
                Ok(None) => return Ok(None),
                Err(error) => {
                    // What comes within a stream bears its kind, and no code.
                    if error
                        .as_service_error()
                        .is_some_and(aws_sdk_cloudwatchlogs::types::error::StartLiveTailResponseStreamError::is_session_timeout_exception)
                    {
                        return Ok(None);
                    }
                    let code = aws_smithy_types::error::metadata::ProvideErrorMetadata::code(&error);
                    return Err(Error::Failed {
                        action: api::START_LIVE_TAIL.action,
                        code: code.unwrap_or("the stream of lines broke off").to_owned(),
                        transient: true,
                    });
                }
            }
        }
    }
}

fn read(update: &aws_sdk_cloudwatchlogs::types::LiveTailSessionUpdate) -> Update {
    let mut lines: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for event in update.session_results() {
        let (Some(group), Some(at)) = (event.log_group_identifier(), event.timestamp()) else {
            continue;
        };
        let Ok(at) = Timestamp::from_millisecond(at) else {
            continue;
        };
        let name = group.rsplit_once(":log-group:").map_or(group, |(_, name)| name);
        // `ACCOUNT:NAME` in place of an ARN.
        let name = name
            .split_once(':')
            .filter(|(account, _)| account.bytes().all(|b| b.is_ascii_digit()))
            .map_or(name, |(_, name)| name);
        lines.entry(name.to_owned()).or_default().push(Line {
            at,
            stream: event.log_stream_name().unwrap_or_default().to_owned(),
            text: event.message().unwrap_or_default().to_owned(),
        });
    }
    Update {
        lines,
        sampled: update
            .session_metadata()
            .is_some_and(aws_sdk_cloudwatchlogs::types::LiveTailSessionMetadata::sampled),
    }
}

/// The address without the prefix that the SDK puts before the host of streaming operations.
fn without_prefix(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://")?;
    let host = ["streaming-", "stream-"]
        .iter()
        .find_map(|prefix| rest.strip_prefix(prefix))?;
    Some(format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_endpoint_has_no_host_of_its_own_for_streams() {
        assert_eq!(
            without_prefix("http://streaming-127.0.0.1:4566/").as_deref(),
            Some("http://127.0.0.1:4566/")
        );
        assert_eq!(without_prefix("http://127.0.0.1:4566/"), None);
    }
}
