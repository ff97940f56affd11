//! Demo controls: drop a marble, break and fix, throttle.

use serde_json::Value as Json;

use super::World;
use super::function::Health;
use super::mapping::Source;

impl World {
    /// Functions whose concurrency a knob has used up.
    pub fn used_up_functions(&self) -> impl Iterator<Item = &str> {
        let used_up = self
            .lambda
            .functions
            .values()
            .filter(|function| function.concurrency.is_used_up);
        used_up.map(|function| function.name.as_str())
    }

    /// Breaks a function: from now on each invocation fails. False: there is no such function.
    pub fn break_function(&mut self, name: &str) -> bool {
        self.set_health(name, Health::Broken)
    }

    /// Fixes a function, and removes a limit that was set to throttle it.
    pub fn mend_function(&mut self, name: &str) -> bool {
        let mended = self.set_health(name, Health::Sound);
        mended && self.throttle_function(name, None)
    }

    /// Sets what is wrong with a function. A change of health is a change of code: `LastModified` says so.
    pub fn set_health(&mut self, name: &str, health: Health) -> bool {
        let now = self.clock.now;
        let Some(function) = self.lambda.functions.get_mut(name) else {
            return false;
        };
        if function.health != health {
            function.health = health;
            if health != Health::Unreachable {
                function.latest.modified = now;
                function.latest.revision += 1;
            }
        }
        true
    }

    /// Limits how many invocations of a function run at once; `None` takes the limit off.
    pub fn throttle_function(&mut self, name: &str, limit: Option<u32>) -> bool {
        let Some(function) = self.lambda.functions.get_mut(name) else {
            return false;
        };
        function.concurrency.reserved = limit;
        if std::mem::take(&mut function.concurrency.is_used_up) {
            function.concurrency.running -= 1;
        }
        true
    }

    /// Uses up a function's concurrency: one concurrent invocation is allowed, and it never ends.
    pub fn use_up_function(&mut self, name: &str) -> bool {
        let there = self.throttle_function(name, Some(1));
        if let Some(function) = self.lambda.functions.get_mut(name) {
            function.concurrency.is_used_up = true;
            function.concurrency.running += 1;
        }
        there
    }

    /// Switches the mappings of a function on or off.
    pub fn enable_mappings(&mut self, function: &str, enabled: bool) -> bool {
        let now = self.clock.now;
        let found: Vec<String> = self
            .lambda
            .mappings
            .values()
            .filter(|m| m.function == function)
            .map(|m| m.uuid.clone())
            .collect();
        for uuid in &found {
            if let Some(mapping) = self.lambda.mappings.get_mut(uuid) {
                mapping.enabled = enabled;
                mapping.modified = now;
            }
            self.begin_polling(uuid);
        }
        !found.is_empty()
    }

    /// Takes the permission of a service's resource to invoke a function away: statements of that principal go.
    pub fn deny_principal(&mut self, function: &str, service: &str) -> bool {
        let Some(found) = self.lambda.functions.get_mut(function) else {
            return false;
        };
        for statements in found.policy.values_mut() {
            statements.retain(|s| !matches!(&s["Principal"]["Service"], Json::String(p) if p.starts_with(service)));
        }
        true
    }

    /// Whether anything is on its way: an invocation, a delivery, a notification, or a message that a poller will see.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let polled = |m: &super::mapping::Mapping| {
            m.source == Source::Queue
                && m.enabled
                && self
                    .messaging
                    .queues
                    .get(super::arn::name(&m.source_arn))
                    .is_some_and(|q| !q.is_empty())
        };
        !(self.lambda.runs.is_empty()
            && self.lambda.asyncs.is_empty()
            && self.messaging.subscribers.is_empty()
            && self.events.targets.is_empty()
            && self.storage.notifications.is_empty())
            || self.lambda.mappings.values().any(polled)
    }
}
