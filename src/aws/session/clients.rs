//! The clients of the services, over one HTTP client.

use aws_config::SdkConfig;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::Options;
use crate::domain::Clock;

/// The header in which a simulated account tells its time.
pub const CLOCK_HEADER: &str = "x-pitagora-clock";

/// The clients of one set of credentials.
pub(in crate::aws) struct Clients {
    pub lambda: aws_sdk_lambda::Client,
    pub sqs: aws_sdk_sqs::Client,
    pub sns: aws_sdk_sns::Client,
    pub s3: aws_sdk_s3::Client,
    pub events: aws_sdk_eventbridge::Client,
    pub scheduler: aws_sdk_scheduler::Client,
    pub pipes: aws_sdk_pipes::Client,
    pub kinesis: aws_sdk_kinesis::Client,
    pub table_streams: aws_sdk_dynamodbstreams::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
    pub cloudwatch: aws_sdk_cloudwatch::Client,
    pub tags: aws_sdk_resourcegroupstagging::Client,
    pub sts: aws_sdk_sts::Client,
}

/// One client for all services: one TLS stack, one pool of connections.
pub(super) fn network() -> SharedHttpClient {
    use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

/// All clients, which take a simulated account's time from its answers.
pub(super) fn clients(config: &SdkConfig, options: &Options) -> Clients {
    let teller = TimeTeller(options.clock.clone());
    // A bucket's name in the host would leave the endpoint that was asked for.
    let path_style = config.endpoint_url().is_some() || options.http_client.is_some();
    macro_rules! client {
        ($krate:ident) => {
            $krate::Client::from_conf(
                $krate::config::Builder::from(config)
                    .interceptor(teller.clone())
                    .build(),
            )
        };
    }
    Clients {
        lambda: client!(aws_sdk_lambda),
        sqs: client!(aws_sdk_sqs),
        sns: client!(aws_sdk_sns),
        s3: aws_sdk_s3::Client::from_conf(
            aws_sdk_s3::config::Builder::from(config)
                .interceptor(teller.clone())
                .force_path_style(path_style)
                .build(),
        ),
        events: client!(aws_sdk_eventbridge),
        scheduler: client!(aws_sdk_scheduler),
        pipes: client!(aws_sdk_pipes),
        kinesis: client!(aws_sdk_kinesis),
        table_streams: client!(aws_sdk_dynamodbstreams),
        logs: client!(aws_sdk_cloudwatchlogs),
        cloudwatch: client!(aws_sdk_cloudwatch),
        tags: client!(aws_sdk_resourcegroupstagging),
        sts: client!(aws_sdk_sts),
    }
}

/// Takes a simulated account's time from its answers.
#[derive(Clone, Debug)]
struct TimeTeller(Option<Clock>);

impl Intercept for TimeTeller {
    fn name(&self) -> &'static str {
        "TimeTeller"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let (Some(clock), Some(header)) = (&self.0, context.response().headers().get(CLOCK_HEADER))
            && let Some((ms, speed)) = parse_clock(header)
        {
            clock.tell(ms, speed);
        }
        Ok(())
    }
}

/// Reads `<ms>;speed=60`.
fn parse_clock(header: &str) -> Option<(i64, f64)> {
    let (ms, rest) = header.split_once(';').unwrap_or((header, "speed=1"));
    let speed = rest.trim().strip_prefix("speed=")?.parse().ok()?;
    Some((ms.trim().parse().ok()?, speed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_header_reads() {
        assert_eq!(parse_clock("1700000000000;speed=60"), Some((1_700_000_000_000, 60.0)));
        assert_eq!(parse_clock("5"), Some((5, 1.0)));
        assert_eq!(parse_clock("x;speed=1"), None);
    }
}
