//! The configuration of a box.

use super::Text;
use crate::domain::duration::exact;
use crate::domain::phrase::Exact;
use crate::domain::{Detail, Function, Node, Queue, Topic};
use crate::ui::theme::Role;
use crate::words::say;

pub(super) fn configuration(text: &mut Text, node: &Node) {
    match &node.detail {
        Detail::None => {}
        Detail::Function(function) => function_lines(text, function),
        Detail::Queue(queue) => queue_lines(text, queue),
        Detail::Bucket(bucket) => {
            text.head(&say!(text.look, "details-configuration"));
            let says = say!(text.look, "details-event-bridge", on = bucket.event_bridge);
            text.pair("EventBridge", &says);
        }
        Detail::Topic(topic) => topic_lines(text, topic),
        Detail::Pairs(pairs) => {
            text.head(&say!(text.look, "details-configuration"));
            for (key, value) in pairs {
                text.pair(key, value);
            }
        }
    }
}

fn function_lines(text: &mut Text, function: &Function) {
    text.head(&say!(text.look, "details-configuration"));
    if let Some(description) = function.description.as_ref().filter(|d| !d.is_empty()) {
        text.say(0, Role::Text, description);
    }
    let look = text.look;
    let runtime = function.runtime.clone().unwrap_or_else(|| say!(look, "details-image"));
    text.pair(&say!(look, "details-runtime"), &runtime);
    text.pair(&say!(look, "details-timeout"), &exact(i64::from(function.timeout_s)));
    text.pair(&say!(look, "details-memory"), &format!("{} MB", function.memory_mb));
    if let Some(at) = function.last_modified {
        text.pair(&say!(look, "details-changed"), &super::ago(at, look));
    }
    if let Some(state) = function.status.state.as_ref().filter(|state| *state != "Active") {
        let why = function.status.reason.clone();
        let state = say!(look, "details-state-why", state = state.as_str(), why = why);
        text.pair(&say!(look, "details-state"), &state);
    }
    if let Some(n) = function.reserved_concurrency {
        text.pair(
            &say!(look, "details-concurrency"),
            &say!(look, "details-reserved", n = n),
        );
    }
    // AWS (async): 2 retries and 6 hours unless set.
    let (retries, age) = (function.asynchronous.retries, function.asynchronous.max_age_s);
    let policy = say!(
        look,
        "details-async-retries",
        retries = retries.unwrap_or(2),
        default = retries.is_none() && age.is_none(),
        age = Exact::secs(age.map_or(21_600, i64::from)),
    );
    text.pair(&say!(look, "details-async"), &policy);
    if let Some(value) = &function.recursive_loop {
        let allowed = value == "Allow";
        text.pair(
            &say!(look, "details-loops"),
            &say!(look, "details-loop-detection", allowed = allowed),
        );
    }
    if let Some(error) = &function.environment_error {
        let unread = say!(look, "details-unread", error = error.as_str());
        text.pair(&say!(look, "details-environment"), &unread);
    }
    for permission in &function.permissions.open {
        text.pair(&say!(look, "details-open-to"), permission);
    }
    text.pair(&say!(look, "details-log-group"), &function.logging.group);
}

fn queue_lines(text: &mut Text, queue: &Queue) {
    text.head(&say!(text.look, "details-configuration"));
    let look = text.look;
    text.pair(
        &say!(look, "details-type"),
        &say!(look, "details-queue-type", fifo = queue.fifo),
    );
    text.pair(
        &say!(look, "details-visibility"),
        &exact(i64::from(queue.visibility_timeout_s)),
    );
    text.pair(&say!(look, "details-retention"), &exact(i64::from(queue.retention_s)));
    if let Some(n) = queue.max_receive_count {
        text.pair(&say!(look, "details-max-receives"), &n.to_string());
    }
    if let Some(permission) = &queue.redrive_permission {
        text.pair(&say!(look, "details-redrive-allow"), permission);
    }
    if let Some(key) = &queue.kms_key {
        text.pair(&say!(look, "details-kms-key"), key);
    }
}

fn topic_lines(text: &mut Text, topic: &Topic) {
    if topic.maximum_message_bytes.is_none() && topic.kms_key.is_none() {
        return;
    }
    text.head(&say!(text.look, "details-configuration"));
    if let Some(bytes) = topic.maximum_message_bytes {
        text.pair(&say!(text.look, "details-max-size"), &format!("{} KiB", bytes / 1024));
    }
    if let Some(key) = &topic.kms_key {
        text.pair(&say!(text.look, "details-kms-key"), key);
    }
}
