//! CloudWatch Logs: lines, and who is subscribed to a group.

use jiff::Timestamp;

use super::functions::next;
use super::{Error, Session, api};

/// One event of a log group.
#[derive(Clone, Debug)]
pub struct LogEvent {
    /// CloudWatch's id; some endpoints give none.
    pub id: Option<String>,
    /// The stream.
    pub stream: String,
    /// When it was written.
    pub at: Timestamp,
    /// The text. Comes from others.
    pub message: String,
}

/// Lines that concern the chain: starts, reports and errors, in the text and JSON formats. Free text of a function is
/// not fetched for the graph.
const MARKS: &str = "?START ?REPORT ?ERROR ?Error ?error ?Exception ?\"timed out\" ?panic ?Unhandled ?platform";

/// AWS: at most 10,000 events or 1 MB a page.
const PAGES: usize = 20;

impl Session {
    /// Events of a group that mark the function's runs, from one time to another, in time order. Says whether that is
    /// all of them: a flood is cut after some pages.
    pub async fn run_marks(&self, group: &str, from: Timestamp, to: Timestamp) -> Result<(Vec<LogEvent>, bool), Error> {
        let clients = self.clients();
        // Other endpoints may know no pattern of several terms, and then answer with nothing: there all is read.
        let pattern = self.endpoint().is_none().then_some(MARKS);
        let mut events = Vec::new();
        let mut token: Option<String> = None;
        for _ in 0..PAGES {
            let call = || {
                let request = clients
                    .logs
                    .filter_log_events()
                    .log_group_name(group)
                    .set_filter_pattern(pattern.map(str::to_owned));
                let request = request.start_time(from.as_millisecond()).end_time(to.as_millisecond());
                request.set_next_token(token.clone()).send()
            };
            let answer = self.caller.call(&api::FILTER_LOG_EVENTS, call).await?;
            events.extend(answer.events().iter().filter_map(|event| {
                Some(LogEvent {
                    id: event.event_id().filter(|id| !id.is_empty()).map(str::to_owned),
                    stream: event.log_stream_name().unwrap_or_default().to_owned(),
                    at: Timestamp::from_millisecond(event.timestamp()?).ok()?,
                    message: event.message().unwrap_or_default().to_owned(),
                })
            }));
            token = next(answer.next_token(), token.as_deref());
            if token.is_none() {
                events.sort_by_key(|event| event.at);
                return Ok((events, true));
            }
        }
        events.sort_by_key(|event| event.at);
        Ok((events, false))
    }

    /// The ARNs that a log group's subscription filters lead to, each with the filter's name and pattern.
    pub async fn subscription_filters(&self, group: &str) -> Result<Vec<(String, String, String)>, Error> {
        let clients = self.clients();
        let mut found = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let call = || {
                clients
                    .logs
                    .describe_subscription_filters()
                    .log_group_name(group)
                    .set_next_token(token.clone())
                    .send()
            };
            let answer = match self.caller.call(&api::DESCRIBE_SUBSCRIPTION_FILTERS, call).await {
                Err(Error::NotFound) => return Ok(found),
                other => other?,
            };
            found.extend(answer.subscription_filters().iter().filter_map(|filter| {
                let pattern = filter.filter_pattern().unwrap_or_default().to_owned();
                Some((
                    filter.destination_arn()?.to_owned(),
                    filter.filter_name().unwrap_or_default().to_owned(),
                    pattern,
                ))
            }));
            token = next(answer.next_token(), token.as_deref());
            if token.is_none() {
                return Ok(found);
            }
        }
    }
}
