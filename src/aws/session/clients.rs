//! The clients of the services, over one HTTP client.

use aws_config::SdkConfig;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, SharedInterceptor};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_types::service_config::ServiceConfigKey;

use super::Options;
use crate::aws::signed::{self, Signer};
use crate::domain::Clock;

/// The header in which a simulated account shows its time. Taken in process, and over plain HTTP: AWS itself uses HTTPS,
/// and nothing that responds there, such as a proxy, can set this program's clock.
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
    pub signer: Signer,
}

/// All clients, which take a simulated account's time from its answers.
pub(super) fn clients(config: &SdkConfig, options: &Options) -> Clients {
    let teller = TimeTeller {
        clock: options.clock.clone(),
        in_process: options.http_client.is_some(),
    };
    // A bucket's name in the host would leave the endpoint that was asked for.
    let path_style = endpoint(config, "S3").is_some() || options.http_client.is_some();
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
        signer: Signer::new(config.clone(), SharedInterceptor::new(teller)),
    }
}

/// Where a service is asked in place of AWS: `--endpoint-url`, the service's own variable or place in the profile's `services`
/// section, then what is set for all services.
pub(in crate::aws) fn endpoint(config: &SdkConfig, service: &str) -> Option<String> {
    let all = config.endpoint_url().map(str::to_owned);
    if config.get_origin("endpoint_url").is_client_config() {
        return all;
    }
    let key = ServiceConfigKey::builder()
        .service_id(service)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    let own = key.ok().and_then(|key| config.service_config()?.load_config(key));
    own.filter(|url| !url.is_empty()).or(all)
}

/// Where all services are asked in place of AWS, as one text: what is kept of one place is of no use at another.
pub(super) fn endpoints(config: &SdkConfig) -> Option<String> {
    let all = config.endpoint_url();
    let services = SERVICES.iter().copied().chain(signed::ids());
    let own = services.filter_map(|service| {
        let url = endpoint(config, service).filter(|url| Some(url.as_str()) != all)?;
        Some(format!("{service}={url}"))
    });
    let own: Vec<String> = all.map(str::to_owned).into_iter().chain(own).collect();
    (!own.is_empty()).then(|| own.join(" "))
}

/// The services by the names that a profile's `services` section is read by.
const SERVICES: [&str; 13] = [
    "Lambda",
    "SQS",
    "SNS",
    "S3",
    "EventBridge",
    "Scheduler",
    "Pipes",
    "Kinesis",
    "DynamoDB Streams",
    "CloudWatch Logs",
    "CloudWatch",
    "Resource Groups Tagging API",
    "STS",
];

/// Takes a simulated account's time from its answers.
#[derive(Clone, Debug)]
struct TimeTeller {
    clock: Option<Clock>,
    in_process: bool,
}

/// Whether a request goes out over plain HTTP.
#[derive(Debug)]
struct IsPlain(bool);

impl Storable for IsPlain {
    type Storer = StoreReplace<Self>;
}

impl Intercept for TimeTeller {
    fn name(&self) -> &'static str {
        "TimeTeller"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let is_plain = context.request().uri().starts_with("http://");
        config.interceptor_state().store_put(IsPlain(is_plain));
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let is_plain = config.load::<IsPlain>().is_some_and(|plain| plain.0);
        let is_simulated = self.in_process || is_plain;
        if let (Some(clock), Some(header)) = (&self.clock, context.response().headers().get(CLOCK_HEADER))
            && is_simulated
            && let Some((ms, speed)) = parse_clock(header)
        {
            clock.tell(ms, speed);
        }
        Ok(())
    }
}

/// No simulated account lives to see the year 9000, and times near the end of the calendar cannot be counted with.
const LAST_MS: i64 = 221_845_392_000_000;
/// The simulated account's own bound.
const FASTEST: f64 = 3600.0;

/// Reads `<ms>;speed=60`. `None` if an account could not say so.
fn parse_clock(header: &str) -> Option<(i64, f64)> {
    let (ms, rest) = header.split_once(';').unwrap_or((header, "speed=1"));
    let speed: f64 = rest.trim().strip_prefix("speed=")?.parse().ok()?;
    let ms = ms.trim().parse().ok()?;
    ((0..=LAST_MS).contains(&ms) && (0.0..=FASTEST).contains(&speed)).then_some((ms, speed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_header_reads() {
        assert_eq!(parse_clock("1700000000000;speed=60"), Some((1_700_000_000_000, 60.0)));
        assert_eq!(parse_clock("5"), Some((5, 1.0)));
        assert_eq!(parse_clock("5;speed=0"), Some((5, 0.0)), "it stands still");
    }

    #[test]
    fn a_clock_that_no_account_has_is_ignored() {
        for header in [
            "",
            "x;speed=1",
            "-1;speed=1",
            "-9223372036854775808;speed=1",
            "9223372036854775807;speed=1",
            "253402300800000;speed=1",
            "1e3;speed=1",
            "1700000000000;speed=NaN",
            "1700000000000;speed=inf",
            "1700000000000;speed=-60",
            "1700000000000;speed=1e300",
            "1700000000000;speed=",
            "1700000000000;pace=60",
        ] {
            assert_eq!(parse_clock(header), None, "{header}");
        }
    }
}
