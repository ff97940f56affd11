//! EventBridge Pipes. They use a role, so no function's policy names them.

use aws_sdk_pipes::types::PipeState;

use super::pages::Pages;
use super::{Error, Session, api};
use crate::domain::EdgePolicy;

/// A pipe as the listing shows it.
#[derive(Clone, Debug)]
pub struct PipeSeen {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Whether it is running, or starting.
    pub enabled: bool,
    /// Where it takes events from.
    pub source: String,
    /// Where it brings them.
    pub target: String,
    /// The function or API that enriches them.
    pub enrichment: Option<String>,
}

/// The rules of a pipe.
#[derive(Clone, Debug, Default)]
pub struct PipeDetail {
    /// Of its source: batch, retries, age.
    pub policy: EdgePolicy,
    /// The ARN of the dead-letter queue of a stream source.
    pub dead_letter: Option<String>,
}

impl Session {
    /// All pipes.
    pub async fn pipes(&self) -> Result<Vec<PipeSeen>, Error> {
        let clients = self.clients();
        let mut pipes = Vec::new();
        let mut pages = Pages::of(&api::LIST_PIPES);
        while pages.more() {
            let call = || clients.pipes.list_pipes().set_next_token(pages.token()).send();
            let answer = self.caller.call(&api::LIST_PIPES, call).await?;
            pipes.extend(answer.pipes().iter().filter_map(|pipe| {
                let stopped = matches!(pipe.current_state(), Some(PipeState::Stopped | PipeState::Stopping));
                Some(PipeSeen {
                    arn: pipe.arn()?.to_owned(),
                    name: pipe.name()?.to_owned(),
                    enabled: !stopped,
                    source: source(pipe.source()?),
                    target: pipe.target()?.to_owned(),
                    enrichment: pipe.enrichment().filter(|arn| !arn.is_empty()).map(str::to_owned),
                })
            }));
            pages.turn(answer.next_token(), answer.pipes().iter().map(|pipe| pipe.arn()))?;
        }
        Ok(pipes)
    }

    /// The rules of one pipe.
    pub async fn pipe(&self, name: &str) -> Result<PipeDetail, Error> {
        let clients = self.clients();
        let call = || clients.pipes.describe_pipe().name(name).send();
        let answer = match self.caller.call(&api::DESCRIBE_PIPE, call).await {
            Err(Error::NotFound) => return Ok(PipeDetail::default()),
            other => other?,
        };
        let mut policy = EdgePolicy::retried_by("pipe");
        let mut dead_letter = None;
        if let Some(source) = answer.source_parameters() {
            let small = |n: Option<i32>| n.and_then(|n| u32::try_from(n).ok());
            if let Some(criteria) = source.filter_criteria() {
                policy.filter.patterns = criteria
                    .filters()
                    .iter()
                    .filter_map(|f| f.pattern().map(str::to_owned))
                    .collect();
            }
            if let Some(queue) = source.sqs_queue_parameters() {
                policy.batching.size = small(queue.batch_size());
            }
            if let Some(stream) = source.kinesis_stream_parameters() {
                policy.batching.size = small(stream.batch_size());
                policy.retries.max = stream.maximum_retry_attempts().map(i64::from);
                policy.retries.max_age_s = stream.maximum_record_age_in_seconds().map(i64::from);
                dead_letter = stream.dead_letter_config().and_then(|d| d.arn()).map(str::to_owned);
            }
            if let Some(stream) = source.dynamo_db_stream_parameters() {
                policy.batching.size = small(stream.batch_size());
                policy.retries.max = stream.maximum_retry_attempts().map(i64::from);
                policy.retries.max_age_s = stream.maximum_record_age_in_seconds().map(i64::from);
                dead_letter = stream.dead_letter_config().and_then(|d| d.arn()).map(str::to_owned);
            }
            let managed = source
                .managed_streaming_kafka_parameters()
                .map(|kafka| (kafka.topic_name(), kafka.batch_size()));
            let own = source
                .self_managed_kafka_parameters()
                .map(|kafka| (kafka.topic_name(), kafka.batch_size()));
            if let Some((topic, batch)) = managed.or(own) {
                policy.filter.reads = vec![format!("topic {topic}")];
                policy.batching.size = small(batch);
            }
            let active = source
                .active_mq_broker_parameters()
                .map(|broker| (broker.queue_name(), broker.batch_size()));
            let rabbit = source
                .rabbit_mq_broker_parameters()
                .map(|broker| (broker.queue_name(), broker.batch_size()));
            if let Some((queue, batch)) = active.or(rabbit) {
                policy.filter.reads = vec![format!("queue {queue}")];
                policy.batching.size = small(batch);
            }
        }
        Ok(PipeDetail { policy, dead_letter })
    }
}

/// AWS (kafka): `smk://server:port` for a Kafka cluster outside AWS, which is the same as the source of a mapping.
fn source(text: &str) -> String {
    text.strip_prefix("smk://")
        .map_or_else(|| text.to_owned(), |server| format!("kafka://{server}"))
}
