//! What makes no sense in a scenario although each value can be read.

use std::collections::BTreeSet;

use super::source::Mistake;
use super::{Error, Scenario};
use crate::account::SPEEDS;
use crate::behaviour::Step;
use crate::world::script::ScriptSpec;
use crate::world::{World, arn};

/// The services that can be denied a function.
const DENIED: [&str; 4] = ["s3", "sns", "events", "apigateway"];

impl Scenario {
    /// Numbers and names, as far as they can be judged without an account.
    pub(super) fn check(&self) -> Result<(), Error> {
        if let Some(speed) = self.speed.filter(|speed| !SPEEDS.contains(speed)) {
            let (least, most) = (SPEEDS.start(), SPEEDS.end());
            let why = format!("`speed` is {speed}: give a number from {least} to {most}");
            return Err(self.source.at_top("speed", why));
        }
        self.check_names("queue", self.queue.iter().map(|spec| &spec.name))?;
        self.check_names("function", self.function.iter().map(|spec| &spec.name))?;
        self.check_names("topic", self.topic.iter().map(|spec| &spec.name))?;
        self.check_names("bucket", self.bucket.iter().map(|spec| &spec.name))?;
        self.check_names("bus", self.bus.iter().map(|spec| &spec.name))?;
        // Rules of different buses may share a name.
        let rule = |bus: &Option<String>, name: &str| match bus {
            Some(bus) if !name.is_empty() && bus != "default" => format!("{bus}/{name}"),
            _ => name.to_owned(),
        };
        self.check_names("rule", self.rule.iter().map(|spec| rule(&spec.bus, &spec.name)))?;
        self.check_names("table", self.table.iter().map(|spec| &spec.name))?;
        self.check_names("stream", self.stream.iter().map(|spec| &spec.name))?;
        self.check_names("api", self.api.iter().map(|spec| &spec.name))?;
        self.check_names("user_pool", self.user_pool.iter().map(|spec| &spec.name))?;
        self.check_names("state_machine", self.state_machine.iter().map(|spec| &spec.name))?;
        self.check_names("load_balancer", self.load_balancer.iter().map(|spec| &spec.name))?;
        self.check_names("secret", self.secret.iter().map(|spec| &spec.name))?;
        self.check_names("schedule", self.schedule.iter().map(|spec| &spec.name))?;
        self.check_names("alarm", self.alarm.iter().map(|spec| &spec.name))?;
        self.check_limits()?;
        for (n, spec) in self.traffic.iter().enumerate() {
            if spec.every.is_some_and(|every| every.high == 0) {
                let why = "`every` is no time at all: give the time between two, such as \"2s\"";
                return Err(self.source.in_part("traffic", n, Mistake::key("every", why)));
            }
        }
        Ok(())
    }

    /// Each of a kind needs a name of its own: the second would take the place of the first.
    fn check_names(&self, kind: &str, names: impl Iterator<Item = impl AsRef<str>>) -> Result<(), Error> {
        let mut seen = BTreeSet::new();
        for (n, name) in names.enumerate() {
            let name = name.as_ref().to_owned();
            let why = if name.is_empty() {
                format!("a `{kind}` has no name: give it one with `name`")
            } else if seen.contains(&name) {
                format!("there are two of kind `{kind}` named `{name}`: give each a name of its own")
            } else {
                seen.insert(name);
                continue;
            };
            return Err(self.source.in_part(kind, n, Mistake::key("name", why)));
        }
        Ok(())
    }

    /// What traffic, functions and script name must be there: a step that does nothing is a mistake.
    pub(super) fn check_steps(&self, world: &World) -> Result<(), Error> {
        for (n, spec) in self.function.iter().enumerate() {
            let steps = spec.does.iter().flat_map(|does| &does.steps);
            for step in steps {
                check_step(step, world).map_err(|mistake| self.source.in_part("function", n, mistake))?;
            }
        }
        for (n, spec) in self.traffic.iter().enumerate() {
            check_step(&spec.does, world).map_err(|mistake| self.source.in_part("traffic", n, mistake))?;
        }
        for (n, step) in self.script.iter().enumerate() {
            self.check_script(step, world)
                .map_err(|mistake| self.source.in_part("script", n, mistake))?;
        }
        Ok(())
    }

    fn check_script(&self, step: &ScriptSpec, world: &World) -> Result<(), Mistake> {
        let named = [
            &step.breaks,
            &step.fix,
            &step.hang,
            &step.unreachable,
            &step.disable,
            &step.enable,
        ];
        let named = named.into_iter().flatten();
        let named = named.chain(step.throttle.as_ref().map(|throttle| &throttle.function));
        for function in named.chain(step.deny.as_ref().and_then(|deny| deny.function.as_ref())) {
            if !world.lambda.functions.contains_key(function) {
                return Err(missing("function", function, function));
            }
        }
        if let Some(deny) = &step.deny {
            if let Some(queue) = deny
                .queue
                .as_ref()
                .filter(|name| !world.messaging.queues.contains_key(*name))
            {
                return Err(missing("queue", queue, queue));
            }
            if let Some(topic) = deny
                .topic
                .as_ref()
                .filter(|name| !world.messaging.topics.contains_key(*name))
            {
                return Err(missing("topic", topic, topic));
            }
            if deny.function.is_none() && deny.queue.is_none() && deny.topic.is_none() {
                let why = "`deny` names nothing: give it a `function`, a `queue` or a `topic`";
                return Err(Mistake::key("deny", why));
            }
        }
        if let Some(deny) = step
            .deny
            .as_ref()
            .filter(|deny| !DENIED.contains(&deny.service.as_str()))
        {
            let why = format!("`{}` is none of {}", deny.service, DENIED.join(", "));
            return Err(Mistake::text(&deny.service, why));
        }
        if step.drop.is_some() && self.traffic.is_empty() {
            let why = "there is no marble to drop: a `traffic` says what one is";
            return Err(Mistake::key("drop", why));
        }
        step.does.as_ref().map_or(Ok(()), |does| check_step(does, world))
    }
}

/// Something is named that is not there.
pub(super) fn missing(kind: &str, name: &str, written: &str) -> Mistake {
    let why = format!(
        "there is no {} `{name}`: check the name, or add one",
        kind.replace('_', " ")
    );
    Mistake::text(written, why)
}

/// What a step is done to must be there. A text with holes is only known when it is filled.
fn check_step(step: &Step, world: &World) -> Result<(), Mistake> {
    let named: Vec<(&str, &str)> = match step {
        Step::PutObject { bucket, .. } | Step::DeleteObject { bucket, .. } => vec![("bucket", bucket)],
        Step::CopyObject { bucket, to_bucket, .. } => std::iter::once(bucket)
            .chain(to_bucket)
            .map(|bucket| ("bucket", bucket.as_str()))
            .collect(),
        Step::SendMessage { queue, .. } => vec![("queue", queue)],
        Step::Publish { topic, .. } => vec![("topic", topic)],
        Step::PutItem { table, .. } => vec![("table", table)],
        Step::PutEvents { bus, .. } => bus.iter().map(|bus| ("bus", bus.as_str())).collect(),
        Step::PutRecord { stream, .. } => vec![("stream", stream)],
        Step::Invoke { function, .. } => vec![("function", function)],
        Step::Request { api, .. } => vec![("api", api)],
        Step::SignIn { user_pool, .. } => vec![("user_pool", user_pool)],
        Step::StartExecution { state_machine, .. } => vec![("state_machine", state_machine)],
        Step::Post { .. } | Step::Print { .. } | Step::Wait { .. } => Vec::new(),
    };
    for (kind, text) in named.into_iter().filter(|(_, text)| !text.contains('{')) {
        let (name, is_there) = match kind {
            "bucket" => (text, world.storage.buckets.contains_key(text)),
            "queue" => (arn::name(text), world.messaging.queues.contains_key(arn::name(text))),
            "topic" => (arn::name(text), world.messaging.topics.contains_key(arn::name(text))),
            "table" => (text, world.storage.tables.contains_key(text)),
            "bus" => (arn::name(text), world.events.buses.contains_key(arn::name(text))),
            "stream" => (arn::name(text), world.storage.streams.contains_key(arn::name(text))),
            "function" => {
                let (name, _) = arn::function(text);
                (name, world.lambda.functions.contains_key(name))
            }
            "api" => {
                let is_meant = |(id, api): (&String, &crate::world::api::Api)| id == text || api.name == text;
                (text, world.fronts.apis.iter().any(is_meant))
            }
            "user_pool" => (text, world.fronts.user_pools.contains_key(text)),
            _ => (text, world.fronts.state_machines.contains_key(text)),
        };
        if !is_there {
            return Err(missing(kind, name, text));
        }
    }
    Ok(())
}
