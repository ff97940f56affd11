//! Lambda: event source mappings.

use aws_sdk_lambda::types::EventSourceMappingConfiguration;
use jiff::Timestamp;

use super::pages::Pages;
use super::{Error, Session, api};
use crate::domain::{Batching, Concurrency, EdgeFilter, EdgePolicy, EdgeStatus, RetryPolicy, StreamSource};

/// A mapping: what is polled, for which function, by which rules.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The source's ARN; a Kafka cluster outside AWS has none.
    pub source: String,
    /// The function's ARN, with its alias where one is meant.
    pub function: String,
    /// Whether it polls, or is about to.
    pub enabled: bool,
    /// Where failed batches are recorded.
    pub on_failure: Option<String>,
    /// Its rules.
    pub policy: EdgePolicy,
}

impl Session {
    /// All mappings, 100 a page.
    pub async fn mappings(&self) -> Result<Vec<Mapping>, Error> {
        let clients = self.clients();
        let mut mappings = Vec::new();
        let mut pages = Pages::of(&api::LIST_MAPPINGS);
        while pages.more() {
            let answer = self
                .caller
                .call(&api::LIST_MAPPINGS, || {
                    clients
                        .lambda
                        .list_event_source_mappings()
                        .set_marker(pages.token())
                        .send()
                })
                .await?;
            mappings.extend(answer.event_source_mappings().iter().filter_map(mapping));
            pages.turn(
                answer.next_marker(),
                answer
                    .event_source_mappings()
                    .iter()
                    .map(EventSourceMappingConfiguration::uuid),
            )?;
        }
        Ok(mappings)
    }
}

fn mapping(config: &EventSourceMappingConfiguration) -> Option<Mapping> {
    let function = config.function_arn()?.to_owned();
    let source = match config.event_source_arn() {
        Some(arn) => arn.to_owned(),
        // The same cluster whichever of its servers is named first.
        None => config
            .self_managed_event_source()
            .and_then(|source| source.endpoints())
            .and_then(|endpoints| endpoints.values().flatten().filter(|server| !server.is_empty()).min())
            .map(|server| format!("kafka://{server}"))?,
    };
    let small = |n: Option<i32>| n.and_then(|n| u32::try_from(n).ok());
    let state = config.state().unwrap_or_default();
    let filters = config
        .filter_criteria()
        .map(aws_sdk_lambda::types::FilterCriteria::filters)
        .unwrap_or_default();
    let is_queue = source.contains(":sqs:");
    let policy = EdgePolicy {
        id: config.uuid().map(str::to_owned),
        status: EdgeStatus {
            state: (!state.is_empty()).then(|| state.to_owned()),
            last_result: config
                .last_processing_result()
                .filter(|text| !text.is_empty())
                .map(str::to_owned),
            last_modified: config
                .last_modified()
                .and_then(|at| Timestamp::from_millisecond(at.to_millis().ok()?).ok()),
        },
        batching: Batching {
            size: small(config.batch_size()),
            window_s: small(config.maximum_batching_window_in_seconds()).filter(|s| *s > 0),
            partial_response: Some(!config.function_response_types().is_empty()),
            bisect: config.bisect_batch_on_function_error(),
        },
        filter: EdgeFilter {
            patterns: filters
                .iter()
                .filter_map(|filter| filter.pattern().map(str::to_owned))
                .collect(),
            reads: reads(config),
            ..EdgeFilter::default()
        },
        retries: RetryPolicy {
            max: config.maximum_retry_attempts().map(i64::from),
            max_age_s: config.maximum_record_age_in_seconds().map(i64::from),
            by: Some(if is_queue { "sqs" } else { "mapping" }.to_owned()),
            ..RetryPolicy::default()
        },
        concurrency: Concurrency {
            parallelization: small(config.parallelization_factor()),
            maximum: config
                .scaling_config()
                .and_then(|scaling| small(scaling.maximum_concurrency())),
        },
        stream: StreamSource {
            starting_position: config.starting_position().map(|position| position.as_str().to_owned()),
            ..StreamSource::default()
        },
        ..EdgePolicy::default()
    };
    let on_failure = config
        .destination_config()
        .and_then(|d| d.on_failure())
        .and_then(|d| d.destination());
    Some(Mapping {
        source,
        function,
        enabled: !matches!(state, "Disabled" | "Disabling"),
        on_failure: on_failure.filter(|text| !text.is_empty()).map(str::to_owned),
        policy,
    })
}

/// What of its source a mapping reads, in words.
fn reads(config: &EventSourceMappingConfiguration) -> Vec<String> {
    let topics = config.topics().iter().map(|topic| format!("topic {topic}"));
    let queues = config.queues().iter().map(|queue| format!("queue {queue}"));
    let database = config.document_db_event_source_config().and_then(|source| {
        let database = source.database_name()?;
        // AWS (kafka): without a collection every collection of the database is read.
        Some(match source.collection_name() {
            Some(collection) => format!("collection {database}.{collection}"),
            None => format!("database {database}"),
        })
    });
    topics.chain(queues).chain(database).collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_lambda::types::{DocumentDbEventSourceConfig, SelfManagedEventSource};

    use super::*;

    fn made(
        with: impl FnOnce(
            aws_sdk_lambda::types::builders::EventSourceMappingConfigurationBuilder,
        ) -> aws_sdk_lambda::types::builders::EventSourceMappingConfigurationBuilder,
    ) -> Mapping {
        let builder = EventSourceMappingConfiguration::builder().function_arn("arn:aws:lambda:r:1:function:f");
        mapping(&with(builder).build()).expect("a mapping")
    }

    #[test]
    fn a_mapping_says_its_topic_its_queue_or_its_collection() {
        let kafka = made(|m| {
            m.event_source_arn("arn:aws:kafka:r:1:cluster/clicks/u-1")
                .topics("orders")
        });
        assert_eq!(kafka.policy.filter.reads, ["topic orders"]);
        let broker = made(|m| m.event_source_arn("arn:aws:mq:r:1:broker:b:b-1").queues("inbox"));
        assert_eq!(broker.policy.filter.reads, ["queue inbox"]);
        let source = DocumentDbEventSourceConfig::builder().database_name("shop");
        let database = made(|m| {
            m.event_source_arn("arn:aws:rds:r:1:cluster:docs")
                .document_db_event_source_config(source.clone().collection_name("orders").build())
        });
        assert_eq!(database.policy.filter.reads, ["collection shop.orders"]);
        let whole = made(|m| {
            m.event_source_arn("arn:aws:rds:r:1:cluster:docs")
                .document_db_event_source_config(source.build())
        });
        assert_eq!(whole.policy.filter.reads, ["database shop"]);
    }

    #[test]
    fn a_cluster_outside_aws_is_known_by_its_first_server() {
        let servers = |list: [&str; 2]| {
            let endpoints = SelfManagedEventSource::builder().endpoints(
                aws_sdk_lambda::types::EndPointType::KafkaBootstrapServers,
                list.map(str::to_owned).to_vec(),
            );
            made(|m| m.self_managed_event_source(endpoints.build())).source
        };
        assert_eq!(servers(["b:9092", "a:9092"]), "kafka://a:9092");
        assert_eq!(servers(["a:9092", "b:9092"]), "kafka://a:9092");
    }
}
