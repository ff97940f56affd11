//! Making an account from a scenario.

use std::collections::BTreeMap;

use serde_json::json;

use super::check::missing;
use super::source::Mistake;
use super::spec::{
    AlarmSpec, ApiSpec, FunctionSpec, LoadBalancerSpec, QueueSpec, Scenario, SecretSpec, StateMachineSpec, TableSpec,
    UserPoolSpec,
};
use super::wiring::{mapping, notify, rule, schedule, subscribe};
use super::{Error, ms, reference};
use crate::world::alarm::{Actions, Condition, Status};
use crate::world::bucket::Bucket;
use crate::world::bus::Bus;
use crate::world::front::{LoadBalancer, Secret};
use crate::world::function::{Function, InvokeConfig, LogFormat, RecursiveLoop, Url};
use crate::world::logs::{LogGroup, SubscriptionFilter};
use crate::world::metrics::MetricKey;
use crate::world::queue::{Queue, Redrive};
use crate::world::state_machine::StateMachine;
use crate::world::stream::DataStream;
use crate::world::table::Table;
use crate::world::topic::Topic;
use crate::world::{Alarm, World};

/// The account of a scenario that names none. Not a real one.
const ACCOUNT: &str = "123456789012";
/// The default region.
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
            world.messaging.queues.insert(spec.name.clone(), queue(spec, world));
        }
        for spec in &self.topic {
            world.messaging.topics.insert(
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
            world.storage.buckets.insert(spec.name.clone(), bucket);
        }
        for spec in &self.stream {
            let mut stream = DataStream::new(spec.shards.unwrap_or(1), world.now());
            stream.retention_h = ms(spec.retention, 86_400_000) / 3_600_000;
            stream.tags = spec.tags.clone();
            world.storage.streams.insert(spec.name.clone(), stream);
        }
        for spec in &self.table {
            table(spec, world);
        }
        for spec in &self.bus {
            let bus = Bus {
                created: world.now(),
                ..Bus::default()
            };
            world.events.buses.insert(spec.name.clone(), bus);
        }
        for spec in &self.function {
            let made = function(spec, world);
            world.lambda.functions.insert(spec.name.clone(), made);
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
        self.each("state_machine", &self.state_machine, world, state_machine)?;
        self.each("load_balancer", &self.load_balancer, world, load_balancer)?;
        self.each("secret", &self.secret, world, secret)
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
    pub(super) fn find_arn(&self, text: &str) -> Result<String, Mistake> {
        let (kind, name) = reference(text);
        let (there, arn) = match kind {
            "function" => {
                let (function, _) = crate::world::arn::function(name);
                (
                    self.lambda.functions.contains_key(function),
                    self.arn("lambda", &format!("function:{name}")),
                )
            }
            "queue" => (self.messaging.queues.contains_key(name), self.queue_arn(name)),
            "topic" => (self.messaging.topics.contains_key(name), self.arn("sns", name)),
            "bus" => (
                self.events.buses.contains_key(name),
                self.arn("events", &format!("event-bus/{name}")),
            ),
            "bucket" => (self.storage.buckets.contains_key(name), format!("arn:aws:s3:::{name}")),
            "stream" => (
                self.storage.streams.contains_key(name),
                self.arn("kinesis", &format!("stream/{name}")),
            ),
            "table" => match self.storage.tables.get(name).map(|table| &table.stream) {
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
    pub(super) fn permit(&mut self, function: &str, service: &str, source: &str) {
        let (name, qualifier) = crate::world::arn::function(function);
        let arn = self.arn("lambda", &format!("function:{function}"));
        let Some(found) = self.lambda.functions.get_mut(name) else {
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
        bytes: 0,
        created: world.now(),
        billing: "PAY_PER_REQUEST".to_owned(),
        tags: spec.tags.clone(),
        echoed: BTreeMap::new(),
    };
    world.storage.tables.insert(spec.name.clone(), made);
    if spec.stream {
        world.open_table_stream(&spec.name, "NEW_AND_OLD_IMAGES");
    }
}

fn function(spec: &FunctionSpec, world: &World) -> Function {
    let arn = world.arn("lambda", &format!("function:{}", spec.name));
    let mut made = Function::new(&spec.name, &arn, world.now());
    let settings = &mut made.latest;
    settings.description.clone_from(&spec.description);
    if let Some(runtime) = &spec.runtime {
        settings.code.runtime.clone_from(runtime);
    }
    settings.timeout_ms = ms(spec.timeout, settings.timeout_ms);
    settings.memory_mb = spec.memory.unwrap_or(settings.memory_mb);
    if spec.log_format.as_deref() == Some("json") {
        settings.logging.format = LogFormat::Json;
    }
    settings.role = format!("arn:aws:iam::{}:role/{}-role", world.account, spec.name);
    settings.code.sha256 = world.chance.hex(&spec.name, 0, 32);
    settings.env = spec.env.clone();
    if spec.tracing {
        "Active".clone_into(&mut settings.tracing);
    }
    made.tags = spec.tags.clone();
    made.concurrency.reserved = spec.reserved;
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
    if let Some(queue) = world.messaging.queues.get_mut(&spec.name) {
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
    let Some(made) = world.lambda.functions.get_mut(&spec.name) else {
        return Ok(());
    };
    made.latest.dead_letter = dead_letter;
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
    subscribe_logs(spec, world)?;
    match &spec.writes {
        Some(writes) => role(spec, writes, world),
        None => Ok(()),
    }
}

/// Sends what other functions log to a function.
fn subscribe_logs(spec: &FunctionSpec, world: &mut World) -> Result<(), Mistake> {
    let destination = world.arn("lambda", &format!("function:{}", spec.name));
    for writer in &spec.logs_of {
        world.find_arn(writer)?;
        let (_, function) = reference(writer);
        let name = format!("/aws/lambda/{function}");
        let now = world.now();
        let group = world
            .records
            .logs
            .groups
            .entry(name.clone())
            .or_insert_with(|| LogGroup::new(now));
        group.filters.push(SubscriptionFilter {
            name: spec.name.clone(),
            pattern: spec.log_pattern.clone().unwrap_or_default(),
            destination: destination.clone(),
            role: None,
            created: now,
            sent: (now, 0),
        });
        let source = world.arn("logs", &format!("log-group:{name}:*"));
        world.permit(&spec.name, "logs.amazonaws.com", &source);
    }
    Ok(())
}

/// The role of a function, which allows it to write there. Without `writes` nobody can read what its role allows.
fn role(spec: &FunctionSpec, writes: &[String], world: &mut World) -> Result<(), Mistake> {
    let mut statements = vec![json!({"Effect": "Allow", "Action": "logs:*", "Resource": "*"})];
    for to in writes {
        let (kind, name) = reference(to);
        let arn = match kind {
            "table" if world.storage.tables.contains_key(name) => world.arn("dynamodb", &format!("table/{name}")),
            "machine" => world.arn("states", &format!("stateMachine:{name}")),
            _ => world.find_arn(to)?,
        };
        let (action, resource) = match kind {
            "queue" => ("sqs:SendMessage", arn),
            "topic" => ("sns:Publish", arn),
            "bucket" => ("s3:PutObject", format!("{arn}/*")),
            "bus" => ("events:PutEvents", arn),
            "stream" => ("kinesis:PutRecord", arn),
            "table" => ("dynamodb:PutItem", arn),
            "machine" => ("states:StartExecution", arn),
            _ => ("lambda:InvokeFunction", arn),
        };
        statements.push(json!({"Effect": "Allow", "Action": action, "Resource": resource}));
    }
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    world.add_role(&format!("{}-role", spec.name), &document.to_string());
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
        condition: Condition {
            metric: MetricKey::new(namespace, &spec.metric, &[(dimension, entity)]),
            statistic: spec.statistic.clone().unwrap_or_else(|| "Sum".to_owned()),
            period_ms: 60_000,
            periods,
            breaches: periods,
            threshold: spec.above,
            comparison: "GreaterThanThreshold".to_owned(),
            missing: "notBreaching".to_owned(),
        },
        actions: Actions {
            enabled: true,
            alarm: actions,
            ok: Vec::new(),
            no_data: Vec::new(),
        },
        description: spec.description.clone(),
        status: Status::unchecked(now),
        configured: now,
        tags: BTreeMap::new(),
    };
    world.records.alarms.insert(spec.name.clone(), made);
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
    let then = spec.then.iter().map(|to| {
        let (kind, _) = reference(to);
        let arn = world.find_arn(to)?;
        let is_task = matches!(kind, "function" | "queue" | "topic" | "bus");
        let why = || format!("a task runs a function or sends to a queue, topic or bus, and `{to}` is none of them");
        if is_task {
            Ok(arn)
        } else {
            Err(Mistake::text(to, why()))
        }
    });
    let then: Vec<String> = then.collect::<Result<_, Mistake>>()?;
    let catch = spec.catch.as_ref().map(|to| world.find_arn(to)).transpose()?;
    let machine = StateMachine {
        function: function.to_owned(),
        retry: !spec.no_retry,
        then,
        catch,
    };
    world.fronts.state_machines.insert(spec.name.clone(), machine);
    Ok(())
}

fn load_balancer(spec: &LoadBalancerSpec, world: &mut World) -> Result<(), Mistake> {
    let to = world.find_arn(&spec.to)?;
    let (_, function) = reference(&spec.to);
    let id = world.chance.slug(&spec.name, 0, 16);
    let balancer = LoadBalancer {
        arn: world.arn("elasticloadbalancing", &format!("loadbalancer/app/{}/{id}", spec.name)),
        group: world.arn(
            "elasticloadbalancing",
            &format!("targetgroup/{}-lambda/{id}", spec.name),
        ),
        to,
        path: spec.path.clone(),
        host: spec.host.clone(),
    };
    world.permit(function, "elasticloadbalancing.amazonaws.com", &balancer.group);
    world.fronts.balancers.insert(spec.name.clone(), balancer);
    Ok(())
}

fn secret(spec: &SecretSpec, world: &mut World) -> Result<(), Mistake> {
    let function_arn = world.find_arn(&spec.rotates)?;
    let (_, function) = reference(&spec.rotates);
    let end = world.chance.slug(&spec.name, 0, 6);
    let secret = Secret {
        arn: world.arn("secretsmanager", &format!("secret:{}-{end}", spec.name)),
        function: function_arn,
        days: spec.days.unwrap_or(30),
    };
    world.permit(function, "secretsmanager.amazonaws.com", &secret.arn);
    world.fronts.secrets.insert(spec.name.clone(), secret);
    Ok(())
}
