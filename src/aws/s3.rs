//! S3: what buckets notify.

use aws_sdk_s3::types::{Event, NotificationConfigurationFilter};

use super::pages::Pages;
use super::{Error, Session, api};
use crate::domain::{EdgeFilter, EdgePolicy};

/// One notification of a bucket.
#[derive(Clone, Debug)]
pub struct Notification {
    /// The ARN of the function, queue or topic.
    pub target: String,
    /// Its events, prefix and suffix.
    pub policy: EdgePolicy,
}

/// What a bucket notifies.
#[derive(Clone, Debug, Default)]
pub struct Notifications {
    /// Functions, queues and topics.
    pub each: Vec<Notification>,
    /// Whether every event goes to the default event bus too. AWS (delivery): `EventBridgeConfiguration`.
    pub event_bridge: bool,
}

impl Session {
    /// The names of the account's buckets in this region. A bucket whose region is not reported is taken as being here.
    pub async fn buckets(&self) -> Result<Vec<String>, Error> {
        let clients = self.clients();
        let mut names = Vec::new();
        let mut pages = Pages::of(&api::LIST_BUCKETS);
        while pages.more() {
            let call = || {
                clients
                    .s3
                    .list_buckets()
                    .max_buckets(1000)
                    .set_continuation_token(pages.token())
                    .send()
            };
            let answer = self.caller.call(&api::LIST_BUCKETS, call).await?;
            let here = |region: Option<&str>| region.is_none_or(|r| r.is_empty() || r == self.scope.region);
            let listed = answer.buckets().iter().filter(|bucket| here(bucket.bucket_region()));
            names.extend(listed.filter_map(|bucket| bucket.name().map(str::to_owned)));
            pages.turn(
                answer.continuation_token(),
                answer.buckets().iter().map(|bucket| bucket.name()),
            )?;
        }
        Ok(names)
    }

    /// What a bucket notifies. `None` if there is no such bucket.
    ///
    /// # Errors
    ///
    /// If the call failed.
    pub async fn notifications(&self, bucket: &str) -> Result<Option<Notifications>, Error> {
        let clients = self.clients();
        let call = || clients.s3.get_bucket_notification_configuration().bucket(bucket).send();
        let answer = match self.caller.call(&api::GET_BUCKET_NOTIFICATION, call).await {
            // AWS answers with an empty document where nothing is configured; moto with nothing at all.
            Err(Error::Empty { .. }) => return Ok(Some(Notifications::default())),
            Err(Error::NotFound) => return Ok(None),
            other => other?,
        };
        let mut found = Vec::new();
        for c in answer.lambda_function_configurations() {
            found.push(notification(c.lambda_function_arn(), c.id(), c.events(), c.filter()));
        }
        for c in answer.queue_configurations() {
            found.push(notification(c.queue_arn(), c.id(), c.events(), c.filter()));
        }
        for c in answer.topic_configurations() {
            found.push(notification(c.topic_arn(), c.id(), c.events(), c.filter()));
        }
        Ok(Some(Notifications {
            each: found,
            event_bridge: answer.event_bridge_configuration().is_some(),
        }))
    }
}

fn notification(
    target: &str,
    id: Option<&str>,
    events: &[Event],
    filter: Option<&NotificationConfigurationFilter>,
) -> Notification {
    let rules = filter
        .and_then(|filter| filter.key())
        .map(aws_sdk_s3::types::S3KeyFilter::filter_rules)
        .unwrap_or_default();
    let filters = rules
        .iter()
        .filter_map(|rule| {
            let name = rule.name()?.as_str().to_ascii_lowercase();
            Some(format!("{name} {}", rule.value().filter(|value| !value.is_empty())?))
        })
        .collect();
    let policy = EdgePolicy {
        id: id.map(str::to_owned),
        filter: EdgeFilter {
            patterns: filters,
            events: events.iter().map(|event| event.as_str().to_owned()).collect(),
            ..EdgeFilter::default()
        },
        ..EdgePolicy::retried_by("s3")
    };
    Notification {
        target: target.to_owned(),
        policy,
    }
}
