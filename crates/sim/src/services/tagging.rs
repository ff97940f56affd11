//! Resource Groups Tagging: what carries which tags, over all services.

use std::collections::BTreeMap;

use super::{Table, as_list, page, page_size};
use crate::call::{Answer, Call, Fault};
use crate::value::{Value, map};
use crate::world::World;

pub(super) const TABLE: Table = &[("GetResources", get_resources), ("GetTagKeys", get_keys)];

/// Everything that carries tags: type as the service names it, ARN, tags.
fn tagged(world: &World) -> Vec<(&'static str, String, &BTreeMap<String, String>)> {
    let mut all = Vec::new();
    let functions = world
        .lambda
        .functions
        .values()
        .map(|f| ("lambda:function", f.arn.clone(), &f.tags));
    all.extend(functions);
    all.extend(
        world
            .messaging
            .queues
            .values()
            .map(|q| ("sqs", world.queue_arn(&q.name), &q.tags)),
    );
    all.extend(
        world
            .messaging
            .topics
            .iter()
            .map(|(name, t)| ("sns", world.arn("sns", name), &t.tags)),
    );
    all.extend(
        world
            .storage
            .buckets
            .iter()
            .map(|(name, b)| ("s3", format!("arn:aws:s3:::{name}"), &b.tags)),
    );
    let rules = world
        .events
        .buses
        .iter()
        .flat_map(|(bus, b)| b.rules.iter().map(move |(name, rule)| (bus, name, rule)));
    all.extend(rules.map(|(bus, name, rule)| ("events:rule", world.rule_arn(bus, name), &rule.tags)));
    let tables = world.storage.tables.iter();
    all.extend(tables.map(|(name, t)| {
        (
            "dynamodb:table",
            world.arn("dynamodb", &format!("table/{name}")),
            &t.tags,
        )
    }));
    let streams = world.storage.streams.iter();
    all.extend(streams.map(|(name, s)| {
        (
            "kinesis:stream",
            world.arn("kinesis", &format!("stream/{name}")),
            &s.tags,
        )
    }));
    let groups = world.records.logs.groups.iter();
    all.extend(groups.map(|(name, g)| {
        (
            "logs:log-group",
            world.arn("logs", &format!("log-group:{name}")),
            &g.tags,
        )
    }));
    let apis = world.fronts.apis.iter();
    all.extend(apis.map(|(id, api)| {
        (
            "apigateway:restapis",
            format!("arn:aws:apigateway:{}::/apis/{id}", world.region),
            &api.tags,
        )
    }));
    all.retain(|(_, _, tags)| !tags.is_empty());
    all
}

fn get_resources(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let kinds: Vec<&str> = call.get("ResourceTypeFilters").strings().collect();
    let of_kind = |kind: &str| {
        kinds.is_empty()
            || kinds
                .iter()
                .any(|k| kind == *k || kind.split(':').next() == Some(*k) || k.starts_with(&format!("{kind}:")))
    };
    let arns: Vec<&str> = call.get("ResourceARNList").strings().collect();
    let filters = call.get("TagFilters").list();
    let passes = |tags: &BTreeMap<String, String>| {
        filters.iter().all(|filter| {
            let wanted: Vec<&str> = filter.get("Values").strings().collect();
            let there = filter.get("Key").str().and_then(|key| tags.get(key));
            there.is_some_and(|value| wanted.is_empty() || wanted.contains(&value.as_str()))
        })
    };
    let all = tagged(world).into_iter();
    let wanted = all
        .filter(|(kind, arn, tags)| of_kind(kind) && passes(tags) && (arns.is_empty() || arns.contains(&arn.as_str())));
    let token = call.str("PaginationToken").filter(|t| !t.is_empty());
    let (found, next) = page(wanted, token, page_size(call, "ResourcesPerPage", 100));
    let found: Vec<Value> = found
        .into_iter()
        .map(|(_, arn, tags)| map! { "ResourceARN" => arn, "Tags" => as_list(tags) })
        .collect();
    // AWS (apis): the last page has an empty token.
    Ok(map! { "ResourceTagMappingList" => found, "PaginationToken" => next.unwrap_or_default() }.into())
}

fn get_keys(world: &mut World, _: &Call) -> Result<Answer, Fault> {
    let mut keys: Vec<&str> = tagged(world)
        .into_iter()
        .flat_map(|(_, _, tags)| tags.keys().map(String::as_str))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    Ok(map! { "TagKeys" => keys, "PaginationToken" => "" }.into())
}
