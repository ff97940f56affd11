//! `AddPermission` and `RemovePermission` of queues and topics: other accounts are let in, or no longer.

use serde_json::{Value as Json, json};

use super::Table;
use super::sns::{invalid, topic_name};
use super::sqs::{bad_value, queue_name};
use crate::call::{Answer, Call, Fault};
use crate::value::Value;
use crate::world::World;
use crate::world::policy::statements;

pub(super) const SQS: Table = &[("AddPermission", add_to_queue), ("RemovePermission", remove_from_queue)];

pub(super) const SNS: Table = &[("AddPermission", add_to_topic), ("RemovePermission", remove_from_topic)];

/// One text as it is, several as a list.
fn one_or_all(mut texts: Vec<String>) -> Json {
    if texts.len() == 1 {
        texts.remove(0).into()
    } else {
        texts.into()
    }
}

/// The statement that a call asks for.
fn statement(label: &str, accounts: &Value, prefix: &str, actions: &Value, resource: &str) -> Json {
    let accounts = accounts.strings().map(|id| format!("arn:aws:iam::{id}:root")).collect();
    let actions = actions.strings().map(|action| format!("{prefix}:{action}")).collect();
    json!({"Sid": label, "Effect": "Allow", "Principal": {"AWS": one_or_all(accounts)},
        "Action": one_or_all(actions), "Resource": resource})
}

fn add_to_queue(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = queue_name(world, call)?;
    let label = call.str("Label").unwrap_or("");
    let resource = world.queue_arn(&name);
    let made = statement(label, call.get("AWSAccountIds"), "SQS", call.get("Actions"), &resource);
    let Some(queue) = world.messaging.queues.get_mut(&name) else {
        return Err(World::no_queue());
    };
    let mut all = queue
        .echoed
        .get("Policy")
        .map(|policy| statements(policy))
        .unwrap_or_default();
    if all.iter().any(|s| s["Sid"] == label) {
        return Err(bad_value(format!(
            "Value {label} for parameter Label is invalid. Reason: Already exists."
        )));
    }
    all.push(made);
    let policy = json!({"Version": "2008-10-17", "Id": format!("{resource}/SQSDefaultPolicy"), "Statement": all});
    queue.echoed.insert("Policy".to_owned(), policy.to_string());
    Ok(Answer::empty())
}

fn remove_from_queue(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = queue_name(world, call)?;
    let label = call.str("Label").unwrap_or("");
    let Some(queue) = world.messaging.queues.get_mut(&name) else {
        return Err(World::no_queue());
    };
    let before = queue
        .echoed
        .get("Policy")
        .map(|policy| statements(policy))
        .unwrap_or_default();
    let left: Vec<&Json> = before.iter().filter(|s| s["Sid"] != label).collect();
    if left.len() == before.len() {
        return Err(bad_value(format!(
            "Value {label} for parameter Label is invalid. Reason: can't find label."
        )));
    }
    if left.is_empty() {
        queue.echoed.remove("Policy");
    } else {
        let policy = json!({"Version": "2008-10-17", "Statement": left}).to_string();
        queue.echoed.insert("Policy".to_owned(), policy);
    }
    Ok(Answer::empty())
}

fn add_to_topic(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    const KNOWN: [&str; 8] = [
        "GetTopicAttributes",
        "SetTopicAttributes",
        "AddPermission",
        "RemovePermission",
        "DeleteTopic",
        "Subscribe",
        "ListSubscriptionsByTopic",
        "Publish",
    ];
    let name = topic_name(world, call, "TopicArn")?;
    let (label, accounts, actions) = (call.str("Label"), call.get("AWSAccountId"), call.get("ActionName"));
    if actions.strings().any(|action| !KNOWN.contains(&action)) {
        return Err(invalid("Policy statement action out of service scope!"));
    }
    let made = statement(label.unwrap_or(""), accounts, "SNS", actions, &world.arn("sns", &name));
    edit_topic(world, &name, |all| {
        if all.iter().any(|s| s["Sid"] == made["Sid"]) {
            return Err(invalid("Statement already exists"));
        }
        all.push(made);
        Ok(())
    })
}

fn remove_from_topic(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = topic_name(world, call, "TopicArn")?;
    let label = call.str("Label").unwrap_or("").to_owned();
    // AWS (apis): a label that is not there is no error.
    edit_topic(world, &name, |all| {
        all.retain(|s| s["Sid"] != label.as_str());
        Ok(())
    })
}

/// Changes the statements of a topic's policy, which begin with its own.
fn edit_topic(
    world: &mut World,
    name: &str,
    edit: impl FnOnce(&mut Vec<Json>) -> Result<(), Fault>,
) -> Result<Answer, Fault> {
    let own = world.default_topic_policy(name);
    if let Some(topic) = world.messaging.topics.get_mut(name) {
        let mut all = statements(topic.echoed.get("Policy").unwrap_or(&own));
        edit(&mut all)?;
        let policy = json!({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": all});
        topic.echoed.insert("Policy".to_owned(), policy.to_string());
    }
    Ok(Answer::empty())
}
