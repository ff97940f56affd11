//! The services: one file each, a table of operations over the world. They know no wire format: an input by the member
//! names of AWS's model comes in, an output by its member names or the service's own error goes out.
#![allow(
    clippy::unnecessary_wraps,
    reason = "every operation has the signature that the tables ask for"
)]

mod apigateway;
mod cloudwatch;
mod dynamodb;
mod events;
mod events_targets;
mod fronts;
mod iam;
mod kinesis;
mod lambda;
mod lambda_async;
mod lambda_config;
mod lambda_invoke;
mod lambda_mappings;
mod logs;
mod logs_read;
mod permissions;
mod pipes;
mod s3;
mod s3_config;
mod s3_notify;
mod scheduler;
mod sns;
mod sns_subscriptions;
mod sqs;
mod sqs_messages;
mod sqs_moves;
mod streams;
mod sts;
mod tagging;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::account::Backend;
use super::call::{Answer, Call, Fault, Reply, Service};
use super::value::{Map, Value};
use super::world::World;

/// What an operation does.
type Handler = fn(&mut World, &Call) -> Result<Answer, Fault>;

/// The operations of a service by name.
type Table = &'static [(&'static str, Handler)];

impl Backend for World {
    fn advance_to(&mut self, ms: i64) {
        World::advance_to(self, ms);
    }

    fn next_event(&self) -> Option<i64> {
        World::next_event(self)
    }

    fn dispatch(&mut self, call: &Call) -> Reply {
        dispatch(self, call)
    }

    fn is_full(&self) -> bool {
        World::is_full(self)
    }

    fn hang_up(&mut self, serial: u64) {
        World::hang_up(self, serial);
    }
}

/// Carries a call out, in the region that it is meant for.
pub fn dispatch(world: &mut World, call: &Call) -> Reply {
    // Buckets, roles and callers have no region of their own here.
    let global = matches!(call.service, Service::S3 | Service::Iam | Service::Sts);
    let world = if global { world } else { world.in_region(&call.region) };
    match (call.service, call.op.as_str()) {
        (Service::Sqs, "ReceiveMessage") => sqs_messages::receive(world, call),
        (Service::Lambda, "Invoke") => lambda_invoke::invoke(world, call),
        (Service::Logs, "StartLiveTail") => logs_read::live_tail(world, call),
        (service, op) => {
            let found = tables(service)
                .iter()
                .flat_map(|table| table.iter())
                .find(|(name, _)| *name == op);
            match found {
                Some((_, handler)) => handler(world, call).into(),
                None => Fault::unknown_operation(service, op).into(),
            }
        }
    }
}

/// The operations of a service by name, whether it keeps an answer open or not.
pub fn operations(service: Service) -> impl Iterator<Item = &'static str> {
    let open: &'static [&'static str] = match service {
        Service::Sqs => &["ReceiveMessage"],
        Service::Lambda => &["Invoke"],
        Service::Logs => &["StartLiveTail"],
        _ => &[],
    };
    let in_tables = tables(service).iter().flat_map(|table| table.iter());
    in_tables.map(|(name, _)| *name).chain(open.iter().copied())
}

fn tables(service: Service) -> &'static [Table] {
    match service {
        Service::Lambda => &[
            lambda::TABLE,
            lambda_config::TABLE,
            lambda_async::TABLE,
            lambda_mappings::TABLE,
        ],
        Service::Sqs => &[sqs::TABLE, sqs_messages::TABLE, sqs_moves::TABLE, permissions::SQS],
        Service::Sns => &[sns::TABLE, sns_subscriptions::TABLE, permissions::SNS],
        Service::S3 => &[s3::TABLE, s3_config::TABLE, s3_notify::TABLE],
        Service::Events => &[events::TABLE, events_targets::TABLE],
        Service::Logs => &[logs::TABLE, logs_read::TABLE],
        Service::CloudWatch => &[cloudwatch::TABLE],
        Service::DynamoDb => &[dynamodb::TABLE],
        Service::DynamoDbStreams => &[streams::TABLE],
        Service::Kinesis => &[kinesis::TABLE],
        Service::Sts => &[sts::TABLE],
        Service::Iam => &[iam::TABLE],
        Service::Scheduler => &[scheduler::TABLE],
        Service::Pipes => &[pipes::TABLE],
        Service::ApiGateway => &[apigateway::REST],
        Service::ApiGatewayV2 => &[apigateway::HTTP],
        Service::Tagging => &[tagging::TABLE],
        Service::States => &[fronts::STATES],
        Service::Cognito => &[fronts::COGNITO],
        Service::Secrets => &[fronts::SECRETS],
        Service::Balancers => &[fronts::BALANCERS],
    }
}

/// The page of a list that begins after a token, and the token of the next one. Tokens are places: opaque to clients.
fn page<T>(all: impl IntoIterator<Item = T>, token: Option<&str>, size: usize) -> (Vec<T>, Option<String>) {
    let from: usize = token.and_then(|t| t.strip_prefix("page-")?.parse().ok()).unwrap_or(0);
    let mut rest = all.into_iter().skip(from);
    let items: Vec<T> = rest.by_ref().take(size).collect();
    let next = rest.next().map(|_| format!("page-{}", from + items.len()));
    (items, next)
}

/// How many a page may hold: what is asked, up to the service's limit.
fn page_size(call: &Call, member: &str, most: usize) -> usize {
    call.int(member)
        .and_then(|n| usize::try_from(n).ok())
        .filter(|n| *n > 0)
        .map_or(most, |n| n.min(most))
}

/// Tags given as a map.
fn tag_map(value: &Value) -> BTreeMap<String, String> {
    value
        .entries()
        .filter_map(|(k, v)| Some((k.to_owned(), v.text()?)))
        .collect()
}

/// Tags given as a list of `Key` and `Value`, in either case.
fn tag_list(value: &Value) -> BTreeMap<String, String> {
    let member = |tag: &Value, upper: &str, lower: &str| tag.get(upper).text().or_else(|| tag.get(lower).text());
    let pair = |tag: &Value| {
        Some((
            member(tag, "Key", "key")?,
            member(tag, "Value", "value").unwrap_or_default(),
        ))
    };
    value.list().iter().filter_map(pair).collect()
}

/// Tags as a map.
fn as_map(tags: &BTreeMap<String, String>) -> Value {
    Value::Map(tags.iter().map(|(k, v)| (k.clone(), v.clone())).collect::<Map>())
}

/// Tags as a list of `Key` and `Value`.
fn as_list(tags: &BTreeMap<String, String>) -> Value {
    let pair = |(k, v): (&String, &String)| super::value::map! { "Key" => k, "Value" => v };
    tags.iter().map(pair).collect()
}

/// `None` where a text is empty.
fn filled(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
