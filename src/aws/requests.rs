//! CloudWatch Logs: the lines that name one of some ids.

use jiff::Timestamp;

use super::{Error, Session, api};
use crate::domain::Pages;
use crate::domain::log::Line;

/// AWS (patterns): a pattern has at most 1,024 characters, and an id with its quotes takes 40.
const IDS: usize = 24;
/// AWS (apis): at most 10,000 events or 1 MB a page. An id is in few lines, but pages without a hit are common.
const PAGES: usize = 200;

impl Session {
    /// Lines of a group that name one of the ids, from one time to another. Says whether all was searched.
    pub async fn lines_with_ids(
        &self,
        group: &str,
        ids: &[String],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<(Vec<Line>, bool), Error> {
        let mut found = Vec::new();
        let mut whole = true;
        for ids in ids.chunks(IDS) {
            let (events, all) = self.lines_with(group, ids, from, to).await?;
            found.extend(events);
            whole &= all;
        }
        Ok((found, whole))
    }

    async fn lines_with(
        &self,
        group: &str,
        ids: &[String],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<(Vec<Line>, bool), Error> {
        let clients = self.clients();
        let terms: Vec<String> = ids.iter().map(|id| format!("?\"{}\"", id.replace('"', ""))).collect();
        // Where lines cannot be chosen all are read.
        let pattern = self.chooses_lines().then(|| terms.join(" "));
        let names = |text: &str| ids.iter().any(|id| text.contains(id.as_str()));
        let mut events = Vec::new();
        // An empty page is no sign: what is looked for is rare.
        let mut pages = Pages::with_idle(u32::MAX);
        for _ in 0..PAGES {
            let call = || {
                let request = clients.logs.filter_log_events().log_group_name(group);
                let request = request
                    .set_filter_pattern(pattern.clone())
                    .set_next_token(pages.token());
                request
                    .start_time(from.as_millisecond())
                    .end_time(to.as_millisecond())
                    .send()
            };
            let answer = match self.caller.call(&api::FILTER_LOG_EVENTS, call).await {
                // A function that was never invoked has no log.
                Err(Error::NotFound) => return Ok((Vec::new(), true)),
                other => other?,
            };
            events.extend(answer.events().iter().filter_map(|event| {
                Some(Line {
                    at: Timestamp::from_millisecond(event.timestamp()?).ok()?,
                    stream: event.log_stream_name().unwrap_or_default().to_owned(),
                    text: event.message().filter(|text| names(text))?.to_owned(),
                })
            }));
            let turned = pages.turn_new(answer.next_token(), false);
            if turned.is_err() || !pages.more() {
                return Ok((events, turned.is_ok()));
            }
        }
        Ok((events, false))
    }
}
