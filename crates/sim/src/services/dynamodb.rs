//! DynamoDB: tables and items, with simple conditions.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{Table, as_list, page, page_size, tag_list};
use crate::call::{Answer, Call, Fault};
use crate::value::{Value, map};
use crate::world::table::Table as Items;
use crate::world::{World, arn};

pub(super) const TABLE: Table = &[
    ("BatchWriteItem", batch_write),
    ("CreateTable", create),
    ("DeleteItem", delete_item),
    ("DeleteTable", delete),
    ("DescribeContinuousBackups", backups),
    ("DescribeTable", describe),
    ("DescribeTimeToLive", time_to_live),
    ("GetItem", get_item),
    ("ListTables", list),
    ("ListTagsOfResource", list_tags),
    ("PutItem", put_item),
    ("Query", query),
    ("Scan", scan),
    ("TagResource", tag),
    ("UntagResource", untag),
    ("UpdateItem", update_item),
    ("UpdateTable", update),
];

fn invalid(why: impl Into<String>) -> Fault {
    Fault::bad("ValidationException", why)
}

/// The name of the table that a call is about.
fn table_name(world: &World, call: &Call) -> Result<String, Fault> {
    let name = arn::table(call.str("TableName").unwrap_or(""));
    if world.storage.tables.contains_key(name) {
        Ok(name.to_owned())
    } else {
        Err(World::no_table())
    }
}

fn table<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut Items, Fault> {
    let name = table_name(world, call)?;
    world.storage.tables.get_mut(&name).ok_or_else(World::no_table)
}

/// An item's JSON as it is kept: bytes as base64 text, as DynamoDB's JSON has them.
fn item(value: &Value) -> Json {
    value.to_json()
}

fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.str("TableName").unwrap_or("").to_owned();
    if name.len() < 3 {
        return Err(invalid(
            "TableName must be at least 3 characters long and at most 255 characters long",
        ));
    }
    if world.storage.tables.contains_key(&name) {
        return Err(Fault::bad(
            "ResourceInUseException",
            format!("Table already exists: {name}"),
        ));
    }
    let mut schema: Vec<(bool, String)> = call
        .get("KeySchema")
        .list()
        .iter()
        .filter_map(|k| Some((k.get("KeyType").str() != Some("HASH"), k.get("AttributeName").text()?)))
        .collect();
    schema.sort();
    if schema.first().is_none_or(|(range, _)| *range) {
        return Err(invalid(
            "One or more parameter values were invalid: a HASH key is needed",
        ));
    }
    let definitions: Vec<(String, String)> = call
        .get("AttributeDefinitions")
        .list()
        .iter()
        .filter_map(|d| Some((d.get("AttributeName").text()?, d.get("AttributeType").text()?)))
        .collect();
    let mut echoed = BTreeMap::new();
    for member in [
        "GlobalSecondaryIndexes",
        "LocalSecondaryIndexes",
        "ProvisionedThroughput",
        "SSEDescription",
    ] {
        if !call.get(member).is_null() {
            echoed.insert(member.to_owned(), call.get(member).clone());
        }
    }
    let made = Items {
        id: world.next_uuid("table"),
        keys: schema.into_iter().map(|(_, name)| name).collect(),
        definitions,
        stream: None,
        items: BTreeMap::new(),
        bytes: 0,
        created: world.now(),
        billing: call.str("BillingMode").unwrap_or("PROVISIONED").to_owned(),
        tags: tag_list(call.get("Tags")),
        echoed,
    };
    world.storage.tables.insert(name.clone(), made);
    set_stream(world, &name, call.get("StreamSpecification"));
    Ok(map! { "TableDescription" => shown(world, &name, "CREATING") }.into())
}

fn set_stream(world: &mut World, name: &str, specification: &Value) {
    match specification.get("StreamEnabled").bool() {
        Some(true) => {
            let view = specification
                .get("StreamViewType")
                .str()
                .unwrap_or("NEW_AND_OLD_IMAGES");
            world.open_table_stream(name, view);
        }
        Some(false) => {
            if let Some(table) = world.storage.tables.get_mut(name) {
                table.stream = None;
            }
        }
        None => {}
    }
}

fn shown(world: &World, name: &str, status: &str) -> Value {
    let Some(table) = world.storage.tables.get(name) else {
        return Value::Null;
    };
    let kinds = ["HASH", "RANGE"];
    let keys = table
        .keys
        .iter()
        .zip(kinds)
        .map(|(k, kind)| map! { "AttributeName" => k, "KeyType" => kind });
    let definitions = table
        .definitions
        .iter()
        .map(|(n, t)| map! { "AttributeName" => n, "AttributeType" => t });
    let stream = table.stream.as_ref();
    let on_demand = table.billing == "PAY_PER_REQUEST";
    let arn = world.arn("dynamodb", &format!("table/{name}"));
    let capacity = |member: &str| {
        table
            .echoed
            .get("ProvisionedThroughput")
            .and_then(|t| t.get(member).int())
            .unwrap_or(0)
    };
    let mut value = map! {
        "AttributeDefinitions" => definitions.collect::<Value>(),
        "TableName" => name,
        "KeySchema" => keys.collect::<Value>(),
        "TableStatus" => status,
        "CreationDateTime" => Value::Time(table.created),
        "ProvisionedThroughput" => map! {
            "NumberOfDecreasesToday" => 0_i64, "ReadCapacityUnits" => capacity("ReadCapacityUnits"),
            "WriteCapacityUnits" => capacity("WriteCapacityUnits"),
        },
        "TableSizeBytes" => 0_i64,
        "ItemCount" => table.items.len(),
        "TableArn" => &arn,
        "TableId" => &table.id,
        "BillingModeSummary" => on_demand.then(|| map! { "BillingMode" => "PAY_PER_REQUEST" }),
        "StreamSpecification" => stream.map(|s| map! { "StreamEnabled" => true, "StreamViewType" => &s.view }),
        "LatestStreamLabel" => stream.map(|s| &s.label),
        "LatestStreamArn" => stream.map(|s| &s.arn),
        "DeletionProtectionEnabled" => false,
    };
    for member in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        if let Some(indexes) = table.echoed.get(member) {
            let active = indexes.list().iter().map(|index| {
                let mut index = index.clone();
                let own = format!("{arn}/index/{}", index.get("IndexName").str().unwrap_or(""));
                index.set("IndexArn", own);
                if member.starts_with("Global") {
                    index.set("IndexStatus", "ACTIVE");
                }
                index
            });
            value.set(member, active.collect::<Value>());
        }
    }
    value
}

fn describe(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = table_name(world, call).map_err(|_| {
        let name = call.str("TableName").unwrap_or("");
        Fault::bad(
            "ResourceNotFoundException",
            format!("Requested resource not found: Table: {name} not found"),
        )
    })?;
    Ok(map! { "Table" => shown(world, &name, "ACTIVE") }.into())
}

fn update(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = table_name(world, call)?;
    set_stream(world, &name, call.get("StreamSpecification"));
    if let Some(billing) = call.str("BillingMode") {
        billing.clone_into(&mut table(world, call)?.billing);
    }
    Ok(map! { "TableDescription" => shown(world, &name, "UPDATING") }.into())
}

fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = table_name(world, call)?;
    let description = shown(world, &name, "DELETING");
    world.storage.tables.remove(&name);
    Ok(map! { "TableDescription" => description }.into())
}

fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let after = call.str("ExclusiveStartTableName").unwrap_or("");
    let names = world.storage.tables.keys().map(String::as_str);
    let mut names: Vec<&str> = names.filter(|n| *n > after).collect();
    let most = page_size(call, "Limit", 100);
    let last = (names.len() > most).then(|| names[most - 1]);
    names.truncate(most);
    Ok(map! { "TableNames" => names, "LastEvaluatedTableName" => last }.into())
}

/// Whether an item may be written, by the only conditions that this account knows: that it is there, or is not.
fn permits(call: &Call, there: bool) -> Result<(), Fault> {
    let Some(condition) = call.str("ConditionExpression") else {
        return Ok(());
    };
    let holds = match condition.trim() {
        c if c.starts_with("attribute_not_exists") => !there,
        c if c.starts_with("attribute_exists") => there,
        _ => {
            return Err(invalid(
                "Invalid ConditionExpression: this account knows attribute_exists and attribute_not_exists only",
            ));
        }
    };
    let failed = || Fault::bad("ConditionalCheckFailedException", "The conditional request failed");
    if holds { Ok(()) } else { Err(failed()) }
}

fn exists(world: &mut World, call: &Call, key: &Json) -> Result<bool, Fault> {
    let table = table(world, call)?;
    Ok(table
        .key_of(key)
        .is_some_and(|k| table.items.contains_key(&k.to_string())))
}

fn old(call: &Call, old: Option<Json>) -> Answer {
    let wanted = call.str("ReturnValues") == Some("ALL_OLD");
    map! { "Attributes" => old.filter(|_| wanted).map(typed) }.into()
}

fn put_item(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = table_name(world, call)?;
    let given = item(call.get("Item"));
    let there = exists(world, call, &given)?;
    permits(call, there)?;
    let before = world.put_item(&name, &given)?;
    Ok(old(call, before))
}

/// An item as the answer holds it: bytes are bytes again.
fn typed(json: Json) -> Value {
    match json {
        Json::Object(members) if members.len() == 1 && members.contains_key("B") => {
            let bytes = Value::from(members["B"].clone()).blob();
            map! { "B" => bytes.map(Value::Blob) }
        }
        Json::Object(members) => Value::Map(members.into_iter().map(|(k, v)| (k, typed(v))).collect()),
        Json::Array(list) => list.into_iter().map(typed).collect(),
        other => Value::from(other),
    }
}

fn get_item(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let table = table(world, call)?;
    let key = table.key_of(&item(call.get("Key")));
    let key = key.ok_or_else(|| invalid("The provided key element does not match the schema"))?;
    let found = table.items.get(&key.to_string()).cloned();
    Ok(map! { "Item" => found.map(typed) }.into())
}

fn delete_item(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = table_name(world, call)?;
    let key = item(call.get("Key"));
    let there = exists(world, call, &key)?;
    permits(call, there)?;
    let before = world.delete_item(&name, &key)?;
    Ok(old(call, before))
}

/// A name in an expression: itself, or what stands for it.
fn real_name(call: &Call, name: &str) -> String {
    let name = name.trim();
    if name.starts_with('#') {
        call.get("ExpressionAttributeNames")
            .get(name)
            .text()
            .unwrap_or_default()
    } else {
        name.to_owned()
    }
}

fn real_value(call: &Call, name: &str) -> Json {
    item(call.get("ExpressionAttributeValues").get(name.trim()))
}

/// `SET a = :x, #b = :y REMOVE c`: the updates that this account knows.
fn update_item(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = table_name(world, call)?;
    let key = item(call.get("Key"));
    let there = exists(world, call, &key)?;
    permits(call, there)?;
    let table = table(world, call)?;
    let place = table
        .key_of(&key)
        .ok_or_else(|| invalid("The provided key element does not match the schema"))?;
    let mut changed = table.items.get(&place.to_string()).cloned().unwrap_or(place);
    let expression = call.str("UpdateExpression").unwrap_or("");
    let unknown = || invalid("Invalid UpdateExpression: this account knows SET of values and REMOVE only");
    let (set, remove) = expression.split_once("REMOVE ").unwrap_or((expression, ""));
    if let Some(set) = set.trim().strip_prefix("SET ") {
        for part in set.split(',') {
            let (attribute, value) = part.split_once('=').ok_or_else(unknown)?;
            let value = real_value(call, value);
            if value.is_null() {
                return Err(unknown());
            }
            changed[real_name(call, attribute)] = value;
        }
    } else if !set.trim().is_empty() {
        return Err(unknown());
    }
    for attribute in remove.split(',').filter(|a| !a.trim().is_empty()) {
        if let Some(members) = changed.as_object_mut() {
            members.remove(&real_name(call, attribute));
        }
    }
    let before = world.put_item(&name, &changed)?;
    let shown = match call.str("ReturnValues") {
        Some("ALL_NEW") => Some(changed),
        Some("ALL_OLD") => before,
        _ => None,
    };
    Ok(map! { "Attributes" => shown.map(typed) }.into())
}

fn batch_write(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    for (name, requests) in call.get("RequestItems").entries() {
        for request in requests.list() {
            let put = request.path("PutRequest.Item");
            if put.is_null() {
                world.delete_item(name, &item(request.path("DeleteRequest.Key")))?;
            } else {
                world.put_item(name, &item(put))?;
            }
        }
    }
    Ok(map! { "UnprocessedItems" => map! {} }.into())
}

/// Items in the order of their keys, from after a key, up to a limit; with the key of the last where there are more.
fn walk(call: &Call, table: &Items, wanted: &dyn Fn(&Json) -> bool) -> Answer {
    let after = match call.get("ExclusiveStartKey") {
        Value::Null => String::new(),
        key => table.key_of(&item(key)).map(|k| k.to_string()).unwrap_or_default(),
    };
    let most = page_size(call, "Limit", 1000);
    let (mut items, mut last, mut looked) = (Vec::new(), None, 0_usize);
    for (key, found) in table.items.range(after.clone()..) {
        if *key == after {
            continue;
        }
        if looked == most {
            break;
        }
        looked += 1;
        last = table.key_of(found);
        if wanted(found) {
            items.push(typed(found.clone()));
        }
    }
    let more = last
        .as_ref()
        .is_some_and(|l| table.items.range(l.to_string()..).nth(1).is_some());
    map! {
        "Items" => if call.str("Select") == Some("COUNT") { Value::Null } else { Value::List(items.clone()) },
        "Count" => items.len(),
        "ScannedCount" => looked,
        "LastEvaluatedKey" => last.filter(|_| more).map(typed),
    }
    .into()
}

fn scan(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    if call.str("FilterExpression").is_some() {
        return Err(invalid("Invalid FilterExpression: this account does not filter scans"));
    }
    let table = table(world, call)?;
    Ok(walk(call, table, &|_| true))
}

/// `id = :x [AND sort = :y | begins_with(sort, :y)]`: the conditions that this account knows.
fn query(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let expression = call.str("KeyConditionExpression").unwrap_or("").to_owned();
    let unknown = || invalid("Invalid KeyConditionExpression: this account knows = and begins_with only");
    let mut tests: Vec<(String, Json, bool)> = Vec::new();
    for part in expression.split(" AND ") {
        let part = part.trim().trim_matches(|c| c == '(' || c == ')');
        if let Some(inner) = part.strip_prefix("begins_with") {
            let (name, value) = inner
                .trim_matches(|c| c == '(' || c == ')')
                .split_once(',')
                .ok_or_else(unknown)?;
            tests.push((real_name(call, name), real_value(call, value), true));
        } else {
            let (name, value) = part.split_once('=').ok_or_else(unknown)?;
            tests.push((real_name(call, name), real_value(call, value), false));
        }
    }
    let table = table(world, call)?;
    let wanted = |found: &Json| {
        tests.iter().all(|(name, value, begins)| {
            let there = &found[name];
            if *begins {
                let text = |j: &Json| j["S"].as_str().map(str::to_owned);
                text(there).zip(text(value)).is_some_and(|(t, v)| t.starts_with(&v))
            } else {
                there == value
            }
        })
    };
    Ok(walk(call, table, &wanted))
}

fn tagged<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut Items, Fault> {
    let name = arn::table(call.str("ResourceArn").unwrap_or(""));
    world.storage.tables.get_mut(name).ok_or_else(World::no_table)
}

fn list_tags(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let tags: Vec<Value> = as_list(&tagged(world, call)?.tags).list().to_vec();
    let (tags, next) = page(tags, call.str("NextToken"), 100);
    Ok(map! { "Tags" => tags, "NextToken" => next }.into())
}

fn tag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    tagged(world, call)?.tags.extend(tag_list(call.get("Tags")));
    Ok(Answer::empty())
}

fn untag(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let table = tagged(world, call)?;
    for key in call.get("TagKeys").strings() {
        table.tags.remove(key);
    }
    Ok(Answer::empty())
}

fn time_to_live(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    table(world, call)?;
    Ok(map! { "TimeToLiveDescription" => map! { "TimeToLiveStatus" => "DISABLED" } }.into())
}

fn backups(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    table(world, call)?;
    let description = map! {
        "ContinuousBackupsStatus" => "ENABLED",
        "PointInTimeRecoveryDescription" => map! { "PointInTimeRecoveryStatus" => "DISABLED" },
    };
    Ok(map! { "ContinuousBackupsDescription" => description }.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bytes_come_back_as_bytes() {
        let value = map! { "b" => map! { "B" => bytes::Bytes::from_static(b"\x00\xff") }, "s" => map! { "S" => "x" } };
        let kept = item(&value);
        assert_eq!(kept, json!({"b": {"B": "AP8="}, "s": {"S": "x"}}));
        assert_eq!(typed(kept), value);
    }
}
