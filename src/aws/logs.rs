//! CloudWatch Logs: lines, and who is subscribed to a group.

use jiff::Timestamp;

use super::pages::Pages;
use super::{Error, Session, api};
use crate::domain::log::{Event, Line, Page};

/// Lines that concern the chain: starts, ends, reports and errors, in the text and JSON formats. Free text of a function
/// is not fetched for the graph.
const MARKS: &str = "?START ?END ?REPORT ?INIT_ ?ERROR ?Error ?error ?Exception ?\"timed out\" ?panic ?Unhandled ?platform ?Traceback ?\"requestId [\"";

/// AWS (apis): at most 10,000 events a page.
const EVENTS: i32 = 10_000;
/// AWS (apis): or 1 MB, counted as the bytes of the messages and 26 for each. A page that is nearly that large may be cut.
const FULL_BYTES: usize = 1_000_000;

/// A subscription filter of a log group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionFilter {
    /// Its name.
    pub name: String,
    /// Which log events it lets through; empty where it is all.
    pub pattern: String,
    /// The ARN of the function, stream, delivery stream or cross-account destination.
    pub target: String,
    /// The role that writes to a stream or delivery stream. AWS (permissions): a function is invoked by its own policy, without a role.
    pub role: Option<String>,
}

impl Session {
    /// Whether lines can be chosen by the service: other endpoints may know no pattern of several terms, and then answer
    /// with nothing.
    #[must_use]
    pub fn chooses_lines(&self) -> bool {
        self.endpoint().is_none()
    }

    /// A page of a group's events, from one time to another: all of them, or those that mark invocations.
    pub async fn log_page(
        &self,
        group: &str,
        (from, to): (Timestamp, Timestamp),
        token: Option<&str>,
        only_marks: bool,
    ) -> Result<Page, Error> {
        let clients = self.clients();
        let pattern = only_marks.then_some(MARKS);
        let call = || {
            let request = clients.logs.filter_log_events().log_group_name(group).limit(EVENTS);
            let request = request.set_filter_pattern(pattern.map(str::to_owned));
            let request = request.start_time(from.as_millisecond()).end_time(to.as_millisecond());
            request.set_next_token(token.map(str::to_owned)).send()
        };
        let answer = self.caller.call(&api::FILTER_LOG_EVENTS, call).await?;
        let token = answer.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
        let count = answer.events().len();
        let bytes: usize = answer
            .events()
            .iter()
            .map(|event| event.message().map_or(0, str::len) + 26)
            .sum();
        let full = count >= usize::try_from(EVENTS).unwrap_or(usize::MAX) || bytes >= FULL_BYTES;
        let time = |ms: i64| Timestamp::from_millisecond(ms).ok();
        let events = answer.events.unwrap_or_default().into_iter().filter_map(|event| {
            Some(Event {
                id: event.event_id.filter(|id| !id.is_empty()),
                ingested: event.ingestion_time.and_then(time),
                line: Line {
                    at: event.timestamp.and_then(time)?,
                    stream: event.log_stream_name.unwrap_or_default(),
                    text: event.message.unwrap_or_default(),
                },
            })
        });
        Ok(Page {
            events: events.collect(),
            token,
            full,
        })
    }

    /// The groups of a class. AWS (apis): `INFREQUENT_ACCESS` and `DELIVERY` cannot be tailed; there are few of them as a rule.
    pub async fn groups_of_class(&self, class: &str) -> Result<Vec<String>, Error> {
        let clients = self.clients();
        let wanted = aws_sdk_cloudwatchlogs::types::LogGroupClass::from(class);
        let mut found = Vec::new();
        let mut pages = Pages::of(&api::DESCRIBE_LOG_GROUPS);
        while pages.more() {
            let call = || {
                let request = clients.logs.describe_log_groups().log_group_class(wanted.clone());
                request.set_next_token(pages.token()).send()
            };
            let answer = self.caller.call(&api::DESCRIBE_LOG_GROUPS, call).await?;
            // An endpoint that knows no classes gives all groups, and says nothing of their class.
            let groups = answer.log_groups().iter();
            found.extend(
                groups
                    .filter(|group| group.log_group_class() == Some(&wanted))
                    .filter_map(|group| group.log_group_name().map(str::to_owned)),
            );
            pages.turn(
                answer.next_token(),
                answer.log_groups().iter().map(|group| group.log_group_name()),
            )?;
        }
        Ok(found)
    }

    /// A log group's subscription filters; none where there is no such group, as before a function's first invocation.
    ///
    /// # Errors
    ///
    /// If the call failed.
    pub async fn subscription_filters(&self, group: &str) -> Result<Vec<SubscriptionFilter>, Error> {
        let clients = self.clients();
        let mut found = Vec::new();
        let mut pages = Pages::of(&api::DESCRIBE_SUBSCRIPTION_FILTERS);
        while pages.more() {
            let call = || {
                clients
                    .logs
                    .describe_subscription_filters()
                    .log_group_name(group)
                    .set_next_token(pages.token())
                    .send()
            };
            let answer = match self.caller.call(&api::DESCRIBE_SUBSCRIPTION_FILTERS, call).await {
                Err(Error::NotFound) => return Ok(found),
                other => other?,
            };
            pages.turn(
                answer.next_token(),
                answer.subscription_filters().iter().map(|filter| filter.filter_name()),
            )?;
            let filters = answer.subscription_filters.unwrap_or_default();
            found.extend(filters.into_iter().filter_map(|filter| {
                Some(SubscriptionFilter {
                    target: filter.destination_arn?,
                    name: filter.filter_name.unwrap_or_default(),
                    pattern: filter.filter_pattern.unwrap_or_default(),
                    role: filter.role_arn,
                })
            }));
        }
        Ok(found)
    }
}
