//! CloudWatch Logs subscriptions: a group's lines sent on to a function or a stream, compressed.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value as Json, json};

use super::lineage::Lineage;
use super::log_filter::LogFilter;
use super::logs::LogEvent;
use super::metrics::MetricKey;
use super::{World, arn};

impl World {
    /// Sends what has come in since the last time to each of a group's subscribers.
    pub(super) fn feed_logs(&mut self, group: &str) {
        let now = self.clock.now;
        let Some(found) = self.records.logs.groups.get(group) else {
            return;
        };
        let mut letters = Vec::new();
        let mut counts = Vec::new();
        let mut sent = Vec::new();
        for filter in &found.filters {
            let arrived = found.arrived(filter.sent, now);
            sent.push(arrived.last().map_or(filter.sent, |e| (e.ingested, e.seq)));
            let wanted = LogFilter::parse(&filter.pattern);
            let passing: Vec<&LogEvent> = arrived
                .into_iter()
                .filter(|e| wanted.as_ref().is_none_or(|f| f.passes(&e.message)))
                .collect();
            // One message per stream, as AWS batches them.
            let mut streams: Vec<&str> = passing.iter().map(|e| &*e.stream).collect();
            streams.sort_unstable();
            streams.dedup();
            for stream in streams {
                let events = passing.iter().filter(|e| &*e.stream == stream);
                let events: Vec<Json> = events
                    .map(|e| json!({"id": e.id(), "timestamp": e.at, "message": &*e.message}))
                    .collect();
                #[expect(clippy::cast_precision_loss, reason = "some thousand lines at the most")]
                let events_count = events.len() as f64;
                let data = json!({"messageType": "DATA_MESSAGE", "owner": self.account, "logGroup": group,
                    "logStream": stream, "subscriptionFilters": [filter.name], "logEvents": events});
                letters.push((filter.destination.clone(), stream.to_owned(), data));
                counts.push((filter.name.clone(), filter.destination.clone(), events_count));
            }
        }
        if let Some(found) = self.records.logs.groups.get_mut(group) {
            for (filter, sent) in found.filters.iter_mut().zip(sent) {
                filter.sent = sent;
            }
        }
        for (filter, destination, events) in counts {
            let kind = match arn::service(&destination) {
                "lambda" => "Lambda",
                "kinesis" => "Kinesis Stream",
                _ => "Firehose",
            };
            let dimensions = [
                ("LogGroupName", group),
                ("DestinationType", kind),
                ("FilterName", filter.as_str()),
            ];
            let key = MetricKey::new("AWS/Logs", "ForwardedLogEvents", &dimensions);
            self.records.metrics.add(key, now, events);
        }
        for (destination, stream, data) in letters {
            let packed = gzip(data.to_string().as_bytes());
            match arn::service(&destination) {
                "lambda" => {
                    let (function, qualifier) = arn::function(&destination);
                    let source = self.arn("logs", &format!("log-group:{group}:*"));
                    let regional = format!("logs.{}.amazonaws.com", self.region);
                    let admitted = self.lambda.functions.get(function).is_some_and(|f| {
                        ["logs.amazonaws.com", regional.as_str()]
                            .iter()
                            .any(|p| f.admits(qualifier, p, &source))
                    });
                    if admitted {
                        let event = json!({"awslogs": {"data": BASE64.encode(&packed)}}).to_string();
                        let _ = self.invoke_async(function, qualifier, event.into(), Lineage::default());
                    }
                }
                "kinesis" => {
                    let _ = self.put_record(arn::name(&destination), &stream, packed.into());
                }
                _ => {}
            }
        }
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing into memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}
