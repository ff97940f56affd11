//! Pipes: kept and listed; nothing flows through them.

use super::{Table, as_map, page, page_size, tag_map};
use crate::call::{Answer, Call, Fault};
use crate::value::{Value, map};
use crate::world::World;

pub(super) const TABLE: Table = &[
    ("CreatePipe", create),
    ("DeletePipe", delete),
    ("DescribePipe", describe),
    ("ListPipes", list),
    ("ListTagsForResource", list_tags),
];

/// Members of a pipe that are shown in lists and after changes.
const SUMMARY: [&str; 9] = [
    "Name",
    "Arn",
    "DesiredState",
    "CurrentState",
    "CreationTime",
    "LastModifiedTime",
    "Source",
    "Target",
    "Enrichment",
];

fn key(name: &str) -> (String, String) {
    ("pipe".to_owned(), name.to_owned())
}

fn pipe<'a>(world: &'a World, name: &str) -> Result<&'a Value, Fault> {
    let missing = || Fault::new(404, "NotFoundException", format!("Pipe {name} does not exist."));
    world.storage.shelf.get(&key(name)).ok_or_else(missing)
}

fn summary(pipe: &Value, members: &[&str]) -> Value {
    pipe.entries()
        .filter(|(k, _)| members.contains(k))
        .map(|(k, v)| (k.to_owned(), v.clone()))
        .collect::<crate::value::Map>()
        .into()
}

fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.str("Name").unwrap_or("").to_owned();
    if world.storage.shelf.contains_key(&key(&name)) {
        return Err(Fault::new(
            409,
            "ConflictException",
            format!("Pipe {name} already exists."),
        ));
    }
    let mut pipe = call.input.clone();
    let state = call.str("DesiredState").unwrap_or("RUNNING").to_owned();
    pipe.set("Arn", world.arn("pipes", &format!("pipe/{name}")));
    pipe.set("DesiredState", state.as_str());
    pipe.set("CurrentState", state);
    pipe.set("CreationTime", Value::Time(world.now()));
    pipe.set("LastModifiedTime", Value::Time(world.now()));
    pipe.set("Tags", as_map(&tag_map(call.get("Tags"))));
    let shown = summary(&pipe, &SUMMARY[..6]);
    world.storage.shelf.insert(key(&name), pipe);
    Ok(shown.into())
}

fn describe(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    Ok(pipe(world, call.str("Name").unwrap_or(""))?.clone().into())
}

fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.str("Name").unwrap_or("");
    let shown = summary(pipe(world, name)?, &SUMMARY[..6]);
    world.storage.shelf.remove(&key(name));
    Ok(shown.into())
}

fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let starts = |pipe: &Value, member: &str, wanted: &str| {
        call.str(wanted)
            .is_none_or(|prefix| pipe.get(member).str().is_some_and(|text| text.starts_with(prefix)))
    };
    let pipes = world
        .storage
        .shelf
        .iter()
        .filter(|((kind, _), _)| kind == "pipe")
        .map(|(_, pipe)| pipe);
    let wanted = pipes.filter(|p| {
        starts(p, "Name", "NamePrefix") && starts(p, "Source", "SourcePrefix") && starts(p, "Target", "TargetPrefix")
    });
    let (found, next) = page(wanted, call.str("NextToken"), page_size(call, "Limit", 100));
    let found: Vec<Value> = found.into_iter().map(|p| summary(p, &SUMMARY)).collect();
    Ok(map! { "Pipes" => found, "NextToken" => next }.into())
}

fn list_tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = crate::world::arn::name(call.str("resourceArn").unwrap_or(""));
    Ok(map! { "tags" => pipe(world, name)?.get("Tags") }.into())
}
