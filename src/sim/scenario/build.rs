//! Making an account from a scenario.

use std::collections::BTreeMap;

use serde_json::json;

use super::check::missing;
use super::source::Mistake;
use super::spec::{
    AlarmSpec, ApiSpec, BucketSpec, FunctionSpec, MappingSpec, QueueSpec, RuleSpec, Scenario, ScheduleSpec,
    StateMachineSpec, TableSpec, TargetSpec, TopicSpec, UserPoolSpec,
};
use super::{Error, ms, reference};
use crate::sim::value::map;
use crate::sim::world::bucket::{Bucket, Notify, NotifyKind};
use crate::sim::world::bus::{Bus, Rule, Target};
use crate::sim::world::function::{Function, InvokeConfig, LogFormat, RecursiveLoop, Url};
use crate::sim::world::machine::StateMachine;
use crate::sim::world::mapping::{Mapping, Start};
use crate::sim::world::metrics::MetricKey;
use crate::sim::world::pattern::Pattern;
use crate::sim::world::queue::{Queue, Redrive};
use crate::sim::world::schedule::Expression;
use crate::sim::world::scheduler::Schedule;
use crate::sim::world::stream::DataStream;
use crate::sim::world::table::Table;
use crate::sim::world::topic::{Subscription, Topic};
use crate::sim::world::{Alarm, AlarmState, World};

/// The account of a scenario that names none. Not a real one.
const ACCOUNT: &str = "123456789012";
/// The region where nobody names one.
const REGION: &str = "us-east-1";

impl Scenario {
    /// The account at this moment (milliseconds since 1970), its history behind it. `region` overrides the scenario's.
    pub fn build(&self, now_ms: i64, region: Option<&str>) -> Result<World, Error> {
        let start = now_ms - ms(self.history, 0);
        let account = self.account.as_deref().unwrap_or(ACCOUNT);
        let region = region.or(self.region.as_deref()).unwrap_or(REGION);
        let mut world = World::new(start, self.seed, account, region);
        if let Some(logs) = self.lateness.logs {
            world.lateness.logs = logs;
        }
        if let Some(metrics) = self.lateness.metrics {
            world.lateness.metrics = metrics;
        }
        self.furnish(&mut world)?;
        self.check_steps(&world)?;
        world.play_traffic(self.traffic.clone());
        world.advance_to(now_ms);
        world.play_script(self.script.clone(), self.speed.unwrap_or(1.0));
        Ok(world)
    }

    fn furnish(&self, world: &mut World) -> Result<(), Error> {
        // What is pointed at comes before what points.
        for spec in &self.queue {
            world.queues.insert(spec.name.clone(), queue(spec, world));
        }
        for spec in &self.topic {
            world.topics.insert(
                spec.name.clone(),
                Topic {
                    tags: spec.tags.clone(),
                    ..Topic::default()
                },
            );
        }
        for spec in &self.bucket {
            let bucket = Bucket {
                created: world.now(),
                region: world.region.clone(),
                event_bus: spec.event_bus,
                tags: spec.tags.clone(),
                ..Bucket::default()
            };
            world.buckets.insert(spec.name.clone(), bucket);
        }
        for spec in &self.stream {
            let mut stream = DataStream::new(spec.shards.unwrap_or(1), world.now());
            stream.retention_h = ms(spec.retention, 86_400_000) / 3_600_000;
            stream.tags = spec.tags.clone();
            world.streams.insert(spec.name.clone(), stream);
        }
        for spec in &self.table {
            table(spec, world);
        }
        for spec in &self.bus {
            let bus = Bus {
                created: world.now(),
                ..Bus::default()
            };
            world.buses.insert(spec.name.clone(), bus);
        }
        for spec in &self.function {
            let made = function(spec, world);
            world.functions.insert(spec.name.clone(), made);
        }
        self.each("queue", &self.queue, world, redrive)?;
        self.each("function", &self.function, world, wire_function)?;
        self.each("topic", &self.topic, world, subscribe)?;
        self.each("bucket", &self.bucket, world, notify)?;
        self.each("rule", &self.rule, world, rule)?;
        self.each("mapping", &self.mapping, world, mapping)?;
        self.each("schedule", &self.schedule, world, schedule)?;
        self.each("alarm", &self.alarm, world, alarm)?;
        self.each("api", &self.api, world, api)?;
        self.each("user_pool", &self.user_pool, world, user_pool)?;
        self.each("state_machine", &self.state_machine, world, state_machine)
    }

    /// Makes each part of a kind; a mistake in one gets its line.
    fn each<T>(
        &self,
        kind: &str,
        specs: &[T],
        world: &mut World,
        make: impl Fn(&T, &mut World) -> Result<(), Mistake>,
    ) -> Result<(), Error> {
        for (n, spec) in specs.iter().enumerate() {
            make(spec, world).map_err(|mistake| self.source.in_part(kind, n, mistake))?;
        }
        Ok(())
    }
}

impl World {
    /// The ARN of what a scenario names.
    fn find_arn(&self, text: &str) -> Result<String, Mistake> {
        let (kind, name) = reference(text);
        let (there, arn) = match kind {
            "function" => {
                let (function, _) = crate::sim::world::arn::function(name);
                (
                    self.functions.contains_key(function),
                    self.arn("lambda", &format!("function:{name}")),
                )
            }
            "queue" => (self.queues.contains_key(name), self.queue_arn(name)),
            "topic" => (self.topics.contains_key(name), self.arn("sns", name)),
            "bus" => (
                self.buses.contains_key(name),
                self.arn("events", &format!("event-bus/{name}")),
            ),
            "bucket" => (self.buckets.contains_key(name), format!("arn:aws:s3:::{name}")),
            "stream" => (
                self.streams.contains_key(name),
                self.arn("kinesis", &format!("stream/{name}")),
            ),
            "table" => match self.tables.get(name).map(|table| &table.stream) {
                Some(Some(stream)) => (true, stream.arn.clone()),
                Some(None) => {
                    let why = format!("the table `{name}` has no stream to read: write `stream = true` in it");
                    return Err(Mistake::text(text, why));
                }
                None => (false, String::new()),
            },
            _ => {
                let why = format!(
                    "`{text}` names nothing: write function:, queue:, topic:, bucket:, bus:, stream: or table: and a name"
                );
                return Err(Mistake::text(text, why));
            }
        };
        if there { Ok(arn) } else { Err(missing(kind, name, text)) }
    }

    /// Lets a service's resource invoke a function, as `AddPermission` does.
    fn permit(&mut self, function: &str, service: &str, source: &str) {
        let (name, qualifier) = crate::sim::world::arn::function(function);
        let arn = self.arn("lambda", &format!("function:{function}"));
        let Some(found) = self.functions.get_mut(name) else {
            return;
        };
        let statements = found.policy.entry(qualifier.to_owned()).or_default();
        let sid = format!(
            "{}-{}",
            service.split('.').next().unwrap_or(service),
            statements.len() + 1
        );
        statements.push(json!({"Sid": sid, "Effect": "Allow", "Principal": {"Service": service},
            "Action": "lambda:InvokeFunction", "Resource": arn, "Condition": {"ArnLike": {"AWS:SourceArn": source}}}));
    }
}

fn queue(spec: &QueueSpec, world: &World) -> Queue {
    let mut queue = Queue::new(&spec.name, world.now());
    let defaults = queue.settings;
    queue.settings.visibility_ms = ms(spec.visibility, defaults.visibility_ms);
    queue.settings.retention_ms = ms(spec.retention, defaults.retention_ms);
    queue.settings.delay_ms = ms(spec.delay, defaults.delay_ms);
    queue.tags = spec.tags.clone();
    queue
}

fn table(spec: &TableSpec, world: &mut World) {
    let keys: Vec<String> = std::iter::once(spec.key.clone().unwrap_or_else(|| "id".to_owned()))
        .chain(spec.sort.clone())
        .collect();
    let made = Table {
        id: world.next_uuid("table"),
        definitions: keys.iter().map(|k| (k.clone(), "S".to_owned())).collect(),
        keys,
        stream: None,
        items: BTreeMap::new(),
        created: world.now(),
        billing: "PAY_PER_REQUEST".to_owned(),
        tags: spec.tags.clone(),
        echoed: BTreeMap::new(),
    };
    world.tables.insert(spec.name.clone(), made);
    if spec.stream {
        world.open_table_stream(&spec.name, "NEW_AND_OLD_IMAGES");
    }
}

fn function(spec: &FunctionSpec, world: &World) -> Function {
    let arn = world.arn("lambda", &format!("function:{}", spec.name));
    let mut made = Function::new(&spec.name, &arn, world.now());
    made.description.clone_from(&spec.description);
    if let Some(runtime) = &spec.runtime {
        made.runtime.clone_from(runtime);
    }
    made.timeout_ms = ms(spec.timeout, made.timeout_ms);
    made.memory_mb = spec.memory.unwrap_or(made.memory_mb);
    if spec.log_format.as_deref() == Some("json") {
        made.log_format = LogFormat::Json;
    }
    made.role = format!("arn:aws:iam::{}:role/{}-role", world.account, spec.name);
    made.code_sha256 = world.chance.hex(&spec.name, 0, 32);
    made.env = spec.env.clone();
    made.tags = spec.tags.clone();
    made.reserved = spec.reserved;
    if spec.tracing {
        "Active".clone_into(&mut made.tracing);
    }
    if spec.allow_loop {
        made.recursion = RecursiveLoop::Allow;
    }
    if spec.url {
        made.url = Some(Url {
            address: format!(
                "https://{}.lambda-url.{}.on.aws/",
                world.chance.slug(&spec.name, 0, 32),
                world.region
            ),
            auth: "AWS_IAM".to_owned(),
            mode: "BUFFERED".to_owned(),
            created: world.now(),
        });
    }
    made.behaviour = Some(spec.does.clone().unwrap_or_default());
    made
}

fn redrive(spec: &QueueSpec, world: &mut World) -> Result<(), Mistake> {
    let Some(dlq) = &spec.dlq else { return Ok(()) };
    let redrive = Redrive {
        target: world.find_arn(&format!("queue:{dlq}"))?,
        max_receives: spec.max_receives.unwrap_or(3),
    };
    if let Some(queue) = world.queues.get_mut(&spec.name) {
        queue.redrive = Some(redrive);
    }
    Ok(())
}

fn wire_function(spec: &FunctionSpec, world: &mut World) -> Result<(), Mistake> {
    let dlq = spec.dlq.as_ref().map(|dlq| {
        let named = if dlq.contains(':') {
            dlq.clone()
        } else {
            format!("queue:{dlq}")
        };
        world.find_arn(&named)
    });
    let dead_letter = dlq.transpose()?;
    let on_success = spec.on_success.as_ref().map(|to| world.find_arn(to)).transpose()?;
    let on_failure = spec.on_failure.as_ref().map(|to| world.find_arn(to)).transpose()?;
    let now = world.now();
    let Some(made) = world.functions.get_mut(&spec.name) else {
        return Ok(());
    };
    made.dead_letter = dead_letter;
    if on_success.is_some() || on_failure.is_some() || spec.retries.is_some() || spec.max_age.is_some() {
        let config = InvokeConfig {
            retries: spec.retries,
            max_age_s: spec.max_age.map(super::Length::seconds),
            on_success,
            on_failure,
            modified: now,
        };
        made.invoke_configs.insert("$LATEST".to_owned(), config);
    }
    Ok(())
}

/// A pattern's text and what it means.
fn pattern(text: Option<&String>) -> Result<Option<(String, Pattern)>, Mistake> {
    text.map(|text| Ok((text.clone(), parse_pattern(text)?))).transpose()
}

fn parse_pattern(text: &str) -> Result<Pattern, Mistake> {
    Pattern::parse(text).map_err(|why| Mistake::text(text, format!("this pattern cannot be used: {why}")))
}

fn parse_schedule(text: &str) -> Result<Expression, Mistake> {
    let why = || format!("`{text}` is no schedule: write it as in \"rate(5 minutes)\" or \"cron(0 9 * * ? *)\"");
    Expression::parse(text).ok_or_else(|| Mistake::text(text, why()))
}

fn subscribe(spec: &TopicSpec, world: &mut World) -> Result<(), Mistake> {
    let topic_arn = world.arn("sns", &spec.name);
    for wanted in &spec.subscribe {
        let (kind, address) = reference(&wanted.to);
        let (protocol, endpoint) = match kind {
            "function" => ("lambda", world.find_arn(&wanted.to)?),
            "queue" => ("sqs", world.find_arn(&wanted.to)?),
            "email" | "email-json" | "http" | "https" | "sms" => (kind, address.to_owned()),
            _ => {
                let why = format!(
                    "`{}` is nobody who can listen: write function:, queue:, email:, https: or sms: and a name",
                    wanted.to
                );
                return Err(Mistake::text(&wanted.to, why));
            }
        };
        match protocol {
            _ if wanted.unpermitted => {}
            "lambda" => world.permit(address, "sns.amazonaws.com", &topic_arn),
            "sqs" => world.permit_queue(address, "sns.amazonaws.com", &topic_arn),
            _ => {}
        }
        let mut attributes = BTreeMap::new();
        if wanted.raw {
            attributes.insert("RawMessageDelivery".to_owned(), "true".to_owned());
        }
        if let Some(dlq) = &wanted.dlq {
            let target = world.find_arn(&format!("queue:{dlq}"))?;
            if !wanted.dlq_unpermitted {
                world.permit_queue(dlq, "sns.amazonaws.com", &topic_arn);
            }
            attributes.insert(
                "RedrivePolicy".to_owned(),
                json!({"deadLetterTargetArn": target}).to_string(),
            );
        }
        if wanted.filter_body {
            attributes.insert("FilterPolicyScope".to_owned(), "MessageBody".to_owned());
        }
        let filter = pattern(wanted.filter.as_ref())?;
        let subscription = Subscription {
            arn: format!("{topic_arn}:{}", world.next_uuid("subscription")),
            protocol: protocol.to_owned(),
            endpoint,
            confirmed: matches!(protocol, "lambda" | "sqs" | "email" | "https"),
            filter,
            attributes,
        };
        if let Some(topic) = world.topics.get_mut(&spec.name) {
            topic.subscriptions.push(subscription);
        }
    }
    Ok(())
}

fn notify(spec: &BucketSpec, world: &mut World) -> Result<(), Mistake> {
    for (n, wanted) in spec.notify.iter().enumerate() {
        let (kind, name) = reference(&wanted.to);
        let arn = world.find_arn(&wanted.to)?;
        let kind = match kind {
            "queue" => NotifyKind::Queue,
            "topic" => NotifyKind::Topic,
            _ => NotifyKind::Function,
        };
        let source = format!("arn:aws:s3:::{}", spec.name);
        match kind {
            _ if wanted.unpermitted => {}
            NotifyKind::Function => world.permit(name, "s3.amazonaws.com", &source),
            NotifyKind::Queue => world.permit_queue(name, "s3.amazonaws.com", &source),
            NotifyKind::Topic => world.permit_topic(name, "s3.amazonaws.com", &source),
        }
        let made = Notify {
            id: format!("{name}-{}", n + 1),
            kind,
            arn,
            events: wanted.told_events(),
            prefix: wanted.prefix.clone(),
            suffix: wanted.suffix.clone(),
        };
        if let Some(bucket) = world.buckets.get_mut(&spec.name) {
            bucket.notify.push(made);
        }
    }
    Ok(())
}

fn target(spec: &TargetSpec, id: usize, world: &mut World, service: &str, source: &str) -> Result<Target, Mistake> {
    let (kind, name) = reference(&spec.to);
    let arn = world.find_arn(&spec.to)?;
    // The Scheduler comes with a role.
    let by_policy = service == "events.amazonaws.com";
    match kind {
        _ if spec.unpermitted || !by_policy => {}
        "function" => world.permit(name, service, source),
        "queue" => world.permit_queue(name, service, source),
        "topic" => world.permit_topic(name, service, source),
        _ => {}
    }
    let dead_letter = spec
        .dlq
        .as_ref()
        .map(|dlq| world.find_arn(&format!("queue:{dlq}")))
        .transpose()?;
    if let Some(dlq) = spec.dlq.as_ref().filter(|_| by_policy && !spec.dlq_unpermitted) {
        world.permit_queue(dlq, service, source);
    }
    Ok(Target {
        id: format!("target-{id}"),
        arn,
        input: spec.input.clone(),
        dead_letter,
        retries: spec.retries,
        max_age_s: spec.max_age.map(super::Length::seconds),
        role: (service == "scheduler.amazonaws.com").then(|| format!("arn:aws:iam::{}:role/scheduler", world.account)),
        ..Target::default()
    })
}

fn rule(spec: &RuleSpec, world: &mut World) -> Result<(), Mistake> {
    let bus = spec.bus.clone().unwrap_or_else(|| "default".to_owned());
    if !world.buses.contains_key(&bus) {
        return Err(missing("bus", &bus, &bus));
    }
    let pattern = pattern(spec.pattern.as_ref())?;
    let schedule = spec.schedule.as_ref();
    let schedule = schedule.map(|text| Ok((text.clone(), parse_schedule(text)?)));
    let source = world.rule_arn(&bus, &spec.name);
    let mut targets = Vec::new();
    for (n, wanted) in spec.target.iter().enumerate() {
        targets.push(target(wanted, n + 1, world, "events.amazonaws.com", &source)?);
    }
    let made = Rule {
        pattern,
        schedule: schedule.transpose()?,
        enabled: !spec.disabled,
        description: spec.description.clone(),
        role: None,
        targets,
        tags: spec.tags.clone(),
        created: world.now(),
        next: None,
    };
    if let Some(found) = world.buses.get_mut(&bus) {
        found.rules.insert(spec.name.clone(), made);
    }
    world.plan_rule(&bus, &spec.name);
    Ok(())
}

fn mapping(spec: &MappingSpec, world: &mut World) -> Result<(), Mistake> {
    let source = world.find_arn(&spec.from)?;
    let (kind, to) = reference(&spec.to);
    world.find_arn(&spec.to)?;
    if kind != "function" {
        let why = format!("a mapping leads to a function, and `{}` is none: name one", spec.to);
        return Err(Mistake::text(&spec.to, why));
    }
    let (function, qualifier) = crate::sim::world::arn::function(to);
    let uuid = world.next_uuid("mapping");
    let mut made = Mapping::new(uuid, &source, function, qualifier, world.now());
    made.batch_size = spec.batch.unwrap_or(made.batch_size);
    made.window_ms = ms(spec.window, 0);
    for text in &spec.filter {
        made.filters.push((text.clone(), parse_pattern(text)?));
    }
    made.reports_items = spec.partial;
    made.max_concurrency = spec.max_concurrency;
    made.on_failure = spec.on_failure.as_ref().map(|to| world.find_arn(to)).transpose()?;
    made.max_retries = spec.retries.unwrap_or(-1);
    made.max_age_s = spec.max_age.map_or(-1, super::Length::seconds);
    made.bisect = spec.bisect;
    made.lanes = spec.lanes.unwrap_or(1);
    if spec.from_start {
        made.start = Start::TrimHorizon;
    }
    made.enabled = !spec.disabled;
    world.add_mapping(made);
    Ok(())
}

fn schedule(spec: &ScheduleSpec, world: &mut World) -> Result<(), Mistake> {
    let source = world.schedule_arn("default", &spec.name);
    let target = target(&spec.target, 1, world, "scheduler.amazonaws.com", &source)?;
    let expression = parse_schedule(&spec.expression)?;
    let now = world.now();
    let made = Schedule {
        text: spec.expression.clone(),
        expression,
        zone: spec.zone.clone().unwrap_or_default(),
        enabled: true,
        description: None,
        target,
        window: map! { "Mode" => "OFF" },
        start: None,
        end: None,
        delete_after: false,
        created: now,
        modified: now,
        next: None,
    };
    world.schedules.insert(("default".to_owned(), spec.name.clone()), made);
    world.plan_schedule("default", &spec.name);
    Ok(())
}

fn alarm(spec: &AlarmSpec, world: &mut World) -> Result<(), Mistake> {
    let (namespace, dimension, entity) = match (&spec.function, &spec.queue) {
        (Some(function), None) => ("AWS/Lambda", "FunctionName", function),
        (None, Some(queue)) => ("AWS/SQS", "QueueName", queue),
        _ => {
            let why = "an alarm watches one thing: give it either a `function` or a `queue`";
            return Err(Mistake::key("name", why));
        }
    };
    world.find_arn(&if spec.queue.is_some() {
        format!("queue:{entity}")
    } else {
        format!("function:{entity}")
    })?;
    let mut actions = Vec::new();
    for action in &spec.actions {
        let (kind, name) = reference(action);
        if kind != "function" && kind != "topic" {
            let why = format!("an alarm tells a function or a topic, and `{action}` is neither: name one");
            return Err(Mistake::text(action, why));
        }
        actions.push(world.find_arn(action)?);
        if kind == "function" && !spec.unpermitted {
            let source = world.alarm_arn(&spec.name);
            world.permit(name, "lambda.alarms.cloudwatch.amazonaws.com", &source);
        }
    }
    let periods = spec.periods.unwrap_or(1);
    let now = world.now();
    let made = Alarm {
        metric: MetricKey::new(namespace, &spec.metric, &[(dimension, entity)]),
        statistic: spec.statistic.clone().unwrap_or_else(|| "Sum".to_owned()),
        period_ms: 60_000,
        periods,
        breaches: periods,
        threshold: spec.above,
        comparison: "GreaterThanThreshold".to_owned(),
        missing: "notBreaching".to_owned(),
        actions,
        ok_actions: Vec::new(),
        no_data_actions: Vec::new(),
        actions_enabled: true,
        description: spec.description.clone(),
        state: AlarmState::InsufficientData,
        reason: "Unchecked: Initial alarm creation".to_owned(),
        since: now,
        configured: now,
        tags: BTreeMap::new(),
    };
    world.alarms.insert(spec.name.clone(), made);
    Ok(())
}

fn api(spec: &ApiSpec, world: &mut World) -> Result<(), Mistake> {
    let routes: Vec<(String, String)> = spec.routes.iter().map(|(r, f)| (r.clone(), f.clone())).collect();
    let id = world.add_http_api(&spec.name, &routes);
    for (_, function) in &routes {
        world.find_arn(function)?;
        let source = format!("{}/*/*", world.api_arn(&id));
        world.permit(function, "apigateway.amazonaws.com", &source);
    }
    Ok(())
}

fn user_pool(spec: &UserPoolSpec, world: &mut World) -> Result<(), Mistake> {
    world.find_arn(&spec.asks)?;
    let (_, function) = reference(&spec.asks);
    let id = world.add_user_pool(&spec.name, function);
    let source = world.pool_arn(&id);
    world.permit(function, "cognito-idp.amazonaws.com", &source);
    Ok(())
}

fn state_machine(spec: &StateMachineSpec, world: &mut World) -> Result<(), Mistake> {
    world.find_arn(&spec.runs)?;
    let (_, function) = reference(&spec.runs);
    let machine = StateMachine {
        function: function.to_owned(),
        retry: !spec.no_retry,
    };
    world.state_machines.insert(spec.name.clone(), machine);
    Ok(())
}
