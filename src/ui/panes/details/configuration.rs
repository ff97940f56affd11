//! The configuration of a box.

use super::Text;
use crate::domain::duration::exact;
use crate::domain::{Detail, Function, Node, Queue, Topic};
use crate::ui::theme::Role;

pub(super) fn configuration(text: &mut Text, node: &Node) {
    match &node.detail {
        Detail::None => {}
        Detail::Function(function) => function_lines(text, function),
        Detail::Queue(queue) => queue_lines(text, queue),
        Detail::Bucket(bucket) => {
            text.head("Configuration");
            let says = if bucket.event_bridge {
                "every event goes to the default event bus"
            } else {
                "off"
            };
            text.pair("EventBridge", says);
        }
        Detail::Topic(topic) => topic_lines(text, topic),
        Detail::Pairs(pairs) => {
            text.head("Configuration");
            for (key, value) in pairs {
                text.pair(key, value);
            }
        }
    }
}

fn function_lines(text: &mut Text, function: &Function) {
    text.head("Configuration");
    if let Some(description) = function.description.as_ref().filter(|d| !d.is_empty()) {
        text.say(0, Role::Text, description);
    }
    text.pair("runtime", function.runtime.as_deref().unwrap_or("container image"));
    text.pair("timeout", &exact(i64::from(function.timeout_s)));
    text.pair("memory", &format!("{} MB", function.memory_mb));
    if let Some(at) = function.last_modified {
        let (time, age) = (text.look.time(at), text.look.age(at));
        text.pair("changed", &format!("{time}, {age} ago"));
    }
    if let Some(state) = function.status.state.as_ref().filter(|state| *state != "Active") {
        let why = function
            .status
            .reason
            .as_ref()
            .map(|why| format!(": {why}"))
            .unwrap_or_default();
        text.pair("state", &format!("{state}{why}"));
    }
    match function.reserved_concurrency {
        Some(0) => text.pair("concurrency", "0 reserved: nothing runs"),
        Some(n) => text.pair("concurrency", &format!("{n} reserved")),
        None => {}
    }
    // AWS (async): 2 retries and 6 hours unless set.
    let retries = function
        .asynchronous
        .retries
        .map_or_else(|| "2 (AWS's default)".to_owned(), |n| n.to_string());
    let age = function
        .asynchronous
        .max_age_s
        .map_or_else(|| "6 h".to_owned(), |s| exact(i64::from(s)));
    text.pair("async", &format!("{retries} retries, kept for {age}"));
    if let Some(value) = &function.recursive_loop {
        text.pair(
            "loops",
            if value == "Allow" {
                "allowed"
            } else {
                "ended by Lambda after 16 runs"
            },
        );
    }
    if let Some(error) = &function.environment_error {
        text.pair("environment", &format!("could not be read: {error}"));
    }
    for permission in &function.permissions.open {
        text.pair("open to", permission);
    }
    text.pair("log group", &function.logging.group);
}

fn queue_lines(text: &mut Text, queue: &Queue) {
    text.head("Configuration");
    text.pair("kind", if queue.fifo { "FIFO" } else { "standard" });
    text.pair(
        "hidden for",
        &format!("{} after a receive", exact(i64::from(queue.visibility_timeout_s))),
    );
    text.pair("kept for", &exact(i64::from(queue.retention_s)));
    if let Some(n) = queue.max_receive_count {
        text.pair("dead after", &format!("{n} receives"));
    }
    if let Some(permission) = &queue.redrive_permission {
        text.pair("redrive", permission);
    }
    if let Some(key) = &queue.kms_key {
        text.pair("encrypted", &format!("with {key}"));
    }
}

fn topic_lines(text: &mut Text, topic: &Topic) {
    if topic.maximum_message_bytes.is_none() && topic.kms_key.is_none() {
        return;
    }
    text.head("Configuration");
    if let Some(bytes) = topic.maximum_message_bytes {
        text.pair("largest", &format!("{} KiB a message", bytes / 1024));
    }
    if let Some(key) = &topic.kms_key {
        text.pair("encrypted", &format!("with {key}"));
    }
}
