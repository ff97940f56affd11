//! Lambda: event source mappings.

use super::lambda::{conflict, gone, invalid, text};
use super::{Table, page, page_size, tag_map};
use crate::call::{Answer, Call, Fault};
use crate::value::{Value, map};
use crate::world::mapping::{Failures, Mapping, Source, Start};
use crate::world::pattern::Pattern;
use crate::world::{World, arn};

pub(super) const TABLE: Table = &[
    ("CreateEventSourceMapping", create),
    ("DeleteEventSourceMapping", delete),
    ("GetEventSourceMapping", get),
    ("ListEventSourceMappings", list),
    ("UpdateEventSourceMapping", update),
];

/// AWS (apis): `ListEventSourceMappings` gives 100 a page.
const PAGE: usize = 100;
/// Members that are only kept and echoed.
const ECHOED: [&str; 10] = [
    "Topics",
    "Queues",
    "SourceAccessConfigurations",
    "SelfManagedEventSource",
    "AmazonManagedKafkaEventSourceConfig",
    "SelfManagedKafkaEventSourceConfig",
    "DocumentDBEventSourceConfig",
    "KMSKeyArn",
    "MetricsConfig",
    "ProvisionedPollerConfig",
];

fn shown(world: &World, mapping: &Mapping, state: Option<&str>) -> Value {
    let stream = matches!(mapping.source, Source::Kinesis | Source::Table);
    // Kafka, MQ and DocumentDB.
    let other = mapping.source == Source::Other;
    let function = world.arn("lambda", &format!("function:{}", mapping.function));
    let function = if mapping.qualifier.is_empty() {
        function
    } else {
        format!("{function}:{}", mapping.qualifier)
    };
    let filters: Vec<Value> = mapping
        .filters
        .iter()
        .map(|(text, _)| map! { "Pattern" => text })
        .collect();
    let failure = mapping
        .failures
        .destination
        .as_ref()
        .map(|arn| map! { "Destination" => arn });
    let state = state.unwrap_or(if mapping.enabled { "Enabled" } else { "Disabled" });
    let position = match mapping.reading.start {
        Start::TrimHorizon => "TRIM_HORIZON",
        Start::Latest => "LATEST",
    };
    let mut value = map! {
        "UUID" => &mapping.uuid,
        "StartingPosition" => (stream || other).then_some(position),
        "BatchSize" => mapping.batching.size,
        "MaximumBatchingWindowInSeconds" => (!other || mapping.batching.window_ms > 0).then_some(mapping.batching.window_ms / 1000),
        "ParallelizationFactor" => stream.then_some(mapping.reading.lanes),
        "EventSourceArn" => super::filled(&mapping.source_arn),
        "FilterCriteria" => (!filters.is_empty()).then(|| map! { "Filters" => filters }),
        "FunctionArn" => function,
        "LastModified" => Value::Time(mapping.modified),
        "LastProcessingResult" => (stream || other).then_some(mapping.result.as_str()),
        "State" => state,
        "StateTransitionReason" => if stream { "User action" } else { "USER_INITIATED" },
        "DestinationConfig" => (stream || failure.is_some()).then(|| map! { "OnFailure" => failure.unwrap_or_else(|| map! {}) }),
        "MaximumRecordAgeInSeconds" => (stream || mapping.failures.max_age_s >= 0).then_some(mapping.failures.max_age_s),
        "BisectBatchOnFunctionError" => (stream || mapping.failures.bisect).then_some(mapping.failures.bisect),
        "MaximumRetryAttempts" => (stream || mapping.failures.max_retries >= 0).then_some(mapping.failures.max_retries),
        "TumblingWindowInSeconds" => stream.then_some(mapping.batching.tumbling_s),
        "FunctionResponseTypes" => match mapping.batching.reports_items {
            true => vec!["ReportBatchItemFailures"].into(),
            false if other => Value::Null,
            false => Vec::<Value>::new().into(),
        },
        "ScalingConfig" => mapping.reading.max_concurrency.map(|n| map! { "MaximumConcurrency" => n }),
        "EventSourceMappingArn" => world.arn("lambda", &format!("event-source-mapping:{}", mapping.uuid)),
    };
    for (name, echoed) in &mapping.echoed {
        value.set(name.as_str(), echoed);
    }
    value
}

/// Whether what is to be polled is there. What this account does not simulate is taken to be.
fn source_exists(world: &World, source: &str) -> bool {
    match arn::service(source) {
        "sqs" => world.messaging.queues.contains_key(arn::name(source)),
        "kinesis" => world.storage.streams.contains_key(arn::name(source)),
        "dynamodb" => {
            let table = world.storage.tables.get(arn::table(source));
            table.and_then(|t| t.stream.as_ref()).is_some_and(|s| s.arn == source)
        }
        _ => true,
    }
}

/// A number that is out of what AWS's model allows.
fn out_of_range(member: &str, value: i64, least: i64, most: i64) -> Fault {
    let bound = if value < least {
        format!("greater than or equal to {least}")
    } else {
        format!("less than or equal to {most}")
    };
    Fault::bad(
        "ValidationException",
        format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must have value {bound}"
        ),
    )
}

/// Numbers of a mapping: the member, its name in complaints, least and most.
const NUMBERS: [(&str, &str, i64, i64); 6] = [
    ("BatchSize", "batchSize", 1, 10_000),
    ("ParallelizationFactor", "parallelizationFactor", 1, 10),
    ("MaximumRetryAttempts", "maximumRetryAttempts", -1, 10_000),
    ("MaximumRecordAgeInSeconds", "maximumRecordAgeInSeconds", -1, 604_800),
    ("TumblingWindowInSeconds", "tumblingWindowInSeconds", 0, 900),
    (
        "MaximumBatchingWindowInSeconds",
        "maximumBatchingWindowInSeconds",
        0,
        300,
    ),
];

/// AWS (sqs-mappings): what a queue's mapping has no use for is refused, unless it says what goes without saying.
fn refuse_foreign(mapping: &Mapping, call: &Call) -> Result<(), Fault> {
    let stream = matches!(mapping.source, Source::Kinesis | Source::Table);
    let queue = mapping.source == Source::Queue;
    let foreign = [
        (
            "DestinationConfig",
            queue && !call.input.path("DestinationConfig.OnFailure.Destination").is_null(),
        ),
        (
            "ParallelizationFactor",
            !stream && call.int("ParallelizationFactor").is_some_and(|n| n != 1),
        ),
        (
            "TumblingWindowInSeconds",
            !stream && call.int("TumblingWindowInSeconds").is_some_and(|n| n != 0),
        ),
        (
            "MaximumRetryAttempts",
            queue && call.int("MaximumRetryAttempts").is_some_and(|n| n != -1),
        ),
        (
            "MaximumRecordAgeInSeconds",
            queue && call.int("MaximumRecordAgeInSeconds").is_some_and(|n| n != -1),
        ),
        (
            "BisectBatchOnFunctionError",
            queue && call.get("BisectBatchOnFunctionError").bool() == Some(true),
        ),
        (
            "ScalingConfig",
            !queue && !call.input.path("ScalingConfig.MaximumConcurrency").is_null(),
        ),
    ];
    match foreign.into_iter().find(|(_, refused)| *refused) {
        None => Ok(()),
        Some((member, _)) => Err(invalid(format!(
            "Unsupported {member} parameter for given event source mapping type."
        ))),
    }
}

/// AWS (sqs-mappings): a queue must hide a message for at least as long as the function may take.
fn refuse_short(world: &World, mapping: &Mapping) -> Result<(), Fault> {
    let queue = world
        .messaging
        .queues
        .get(arn::name(&mapping.source_arn))
        .filter(|_| mapping.source == Source::Queue);
    let Some((queue, function)) = queue.zip(world.lambda.functions.get(&mapping.function)) else {
        return Ok(());
    };
    let (visibility, timeout) = (
        queue.settings.visibility_ms / 1000,
        function.settings(&mapping.qualifier).timeout_ms / 1000,
    );
    if visibility < timeout {
        return Err(invalid(format!(
            "Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout} seconds"
        )));
    }
    Ok(())
}

/// The mapping that is there already for the same source and function, as AWS reports it.
fn duplicate(world: &World, mapping: &Mapping) -> Option<Fault> {
    let topics = |m: &Mapping| m.echoed.get("Topics").cloned().unwrap_or_default();
    let servers = |m: &Mapping| {
        let source = m.echoed.get("SelfManagedEventSource").cloned().unwrap_or_default();
        let servers = source.path("Endpoints.KAFKA_BOOTSTRAP_SERVERS").clone();
        servers.strings().map(str::to_owned).collect::<Vec<_>>()
    };
    let own = servers(mapping);
    let same = |m: &&Mapping| {
        m.function == mapping.function
            && m.qualifier == mapping.qualifier
            && m.source_arn == mapping.source_arn
            && topics(m) == topics(mapping)
            && (own.is_empty() || servers(m).iter().any(|server| own.contains(server)))
    };
    let there = world.lambda.mappings.values().find(same)?;
    let (source, function, uuid) = (&mapping.source_arn, &mapping.function, &there.uuid);
    let update = format!("already exists. Please update or delete the existing mapping with UUID {uuid}");
    Some(conflict(match mapping.source {
        Source::Queue => {
            format!("An event source mapping with SQS arn (\" {source} \") and function (\" {function} \") {update}")
        }
        Source::Kinesis | Source::Table => {
            format!("The event source arn (\" {source} \") and function (\" {function} \") provided mapping {update}")
        }
        Source::Other => {
            let source = if source.is_empty() {
                own.join(",")
            } else {
                source.clone()
            };
            let topics: Vec<String> = topics(mapping).strings().map(str::to_owned).collect();
            let function = world.arn("lambda", &format!("function:{function}"));
            format!(
                "An event source mapping with event source (\"{source}\"), function (\"{function}\"), topics (\"{}\") {update}",
                topics.join(",")
            )
        }
    }))
}

/// Where a stream is read from.
fn starting_position(mapping: &mut Mapping, call: &Call) -> Result<(), Fault> {
    const MISSING: &str = "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: \
                           Member must not be null.";
    let stream = matches!(mapping.source, Source::Kinesis | Source::Table);
    match call.str("StartingPosition") {
        None if stream => return Err(invalid(MISSING)),
        Some("TRIM_HORIZON") => mapping.reading.start = Start::TrimHorizon,
        Some("AT_TIMESTAMP") if mapping.source == Source::Table => {
            let source = &mapping.source_arn;
            return Err(invalid(format!("Unsupported starting position for arn type: {source}")));
        }
        None | Some("LATEST" | "AT_TIMESTAMP") => {}
        Some(other) => {
            let why = format!(
                "1 validation error detected: Value '{other}' at 'startingPosition' failed to satisfy constraint: Member \
                 must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]"
            );
            return Err(Fault::bad("ValidationException", why));
        }
    }
    Ok(())
}

fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let source = call.str("EventSourceArn").unwrap_or("").to_owned();
    let own_kafka = !call.get("SelfManagedEventSource").is_null();
    if source.is_empty() && !own_kafka {
        return Err(invalid("Unrecognized event source."));
    }
    if own_kafka && call.get("SourceAccessConfigurations").is_null() {
        return Err(invalid("Required 'sourceAccessConfigurations' parameter is missing."));
    }
    let given = text(call, "FunctionName")?;
    let (function, qualifier) = arn::function(given);
    if !world.lambda.functions.contains_key(function) {
        return Err(invalid("Function does not exist"));
    }
    let (function, qualifier) = (function.to_owned(), qualifier.to_owned());
    let uuid = world.next_uuid("mapping");
    let mut mapping = Mapping::new(uuid, &source, &function, &qualifier, world.now());
    starting_position(&mut mapping, call)?;
    mapping.tags = tag_map(call.get("Tags"));
    configure(&mut mapping, call)?;
    if !source_exists(world, &source) {
        return Err(invalid(if mapping.source == Source::Queue {
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error \
             Message: The specified queue does not exist."
                .to_owned()
        } else {
            format!("Stream not found: {source}")
        }));
    }
    if let Some(fault) = duplicate(world, &mapping) {
        return Err(fault);
    }
    refuse_short(world, &mapping)?;
    // AWS (sqs-mappings): a consumer group that is not named is the mapping's own.
    let group = match arn::service(&source) {
        "kafka" => Some("AmazonManagedKafkaEventSourceConfig"),
        _ if own_kafka => Some("SelfManagedKafkaEventSourceConfig"),
        _ => None,
    };
    if let Some(group) = group.filter(|group| !mapping.echoed.contains_key(*group)) {
        let config = map! { "ConsumerGroupId" => &mapping.uuid };
        mapping.echoed.insert(group.to_owned(), config);
    }
    let state = if mapping.enabled { "Creating" } else { "Disabled" };
    let value = shown(world, &mapping, Some(state));
    world.add_mapping(mapping);
    Ok(value.into())
}

fn number(call: &Call, member: &str) -> Option<usize> {
    call.int(member).and_then(|n| usize::try_from(n).ok())
}

fn configure_batching(mapping: &mut Mapping, call: &Call) -> Result<(), Fault> {
    let queue = mapping.source == Source::Queue;
    let fifo = queue && arn::is_fifo(&mapping.source_arn);
    let batching = &mut mapping.batching;
    let window = call.int("MaximumBatchingWindowInSeconds");
    batching.window_ms = window.map_or(batching.window_ms, |s| s * 1000);
    if fifo && batching.window_ms > 0 {
        return Err(invalid("Batching window is not supported for FIFO queues."));
    }
    batching.size = number(call, "BatchSize").unwrap_or(batching.size);
    if queue && batching.size > 10 {
        if fifo {
            return Err(invalid("Batch size must be 10 or less for FIFO queues."));
        }
        if batching.window_ms == 0 {
            return Err(invalid(
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
            ));
        }
    }
    batching.tumbling_s = call.int("TumblingWindowInSeconds").unwrap_or(batching.tumbling_s);
    let types = call.get("FunctionResponseTypes");
    if !types.is_null() {
        batching.reports_items = types.strings().any(|t| t == "ReportBatchItemFailures");
    }
    Ok(())
}

fn configure_failures(failures: &mut Failures, call: &Call) -> Result<(), Fault> {
    let age = call.int("MaximumRecordAgeInSeconds");
    if age.is_some_and(|age| (0..60).contains(&age)) {
        return Err(invalid("MaximumRecordAgeInSeconds must be -1 or from 60 to 604800."));
    }
    failures.max_age_s = age.unwrap_or(failures.max_age_s);
    failures.max_retries = call.int("MaximumRetryAttempts").unwrap_or(failures.max_retries);
    let bisect = call.get("BisectBatchOnFunctionError").bool();
    failures.bisect = bisect.unwrap_or(failures.bisect);
    if !call.get("DestinationConfig").is_null() {
        let to = call.input.path("DestinationConfig.OnFailure.Destination");
        failures.destination = to.text().filter(|t| !t.is_empty());
    }
    Ok(())
}

fn configure(mapping: &mut Mapping, call: &Call) -> Result<(), Fault> {
    for (member, shown, least, most) in NUMBERS {
        if let Some(value) = call.int(member).filter(|n| !(least..=most).contains(n)) {
            return Err(out_of_range(shown, value, least, most));
        }
    }
    refuse_foreign(mapping, call)?;
    mapping.enabled = call.get("Enabled").bool().unwrap_or(mapping.enabled);
    configure_batching(mapping, call)?;
    configure_failures(&mut mapping.failures, call)?;
    let filters = call.input.path("FilterCriteria.Filters");
    if !call.get("FilterCriteria").is_null() {
        mapping.filters = filters
            .list()
            .iter()
            .filter_map(|f| f.get("Pattern").str())
            .map(|text| Pattern::parse(text).map(|p| (text.to_owned(), p)))
            .collect::<Result<_, _>>()
            .map_err(|_| invalid("Invalid filter pattern definition."))?;
    }
    if !call.get("ScalingConfig").is_null() {
        let wanted = call.input.path("ScalingConfig.MaximumConcurrency").int();
        if let Some(value) = wanted.filter(|n| !(2..=1000).contains(n)) {
            return Err(out_of_range("scalingConfig.maximumConcurrency", value, 2, 1000));
        }
        mapping.reading.max_concurrency = wanted.and_then(|n| usize::try_from(n).ok());
    }
    mapping.reading.lanes = number(call, "ParallelizationFactor").unwrap_or(mapping.reading.lanes);
    for name in ECHOED {
        if !call.get(name).is_null() {
            mapping.echoed.insert(name.to_owned(), call.get(name).clone());
        }
    }
    // AWS (sqs-mappings): one or the other bounds how many run at once.
    let pollers = mapping.echoed.get("ProvisionedPollerConfig");
    let provisioned = pollers.is_some_and(|p| p.entries().next().is_some());
    if mapping.reading.max_concurrency.is_some() && provisioned {
        return Err(invalid(
            "MaximumConcurrency and ProvisionedPollerConfig cannot both be set for an event source mapping.",
        ));
    }
    Ok(())
}

fn mapping<'a>(world: &'a World, call: &Call) -> Result<&'a Mapping, Fault> {
    let found = call.str("UUID").and_then(|uuid| world.lambda.mappings.get(uuid));
    found.ok_or_else(|| gone("The resource you requested does not exist."))
}

fn get(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    Ok(shown(world, mapping(world, call)?, None).into())
}

fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (source, function) = (call.str("EventSourceArn"), call.str("FunctionName").map(arn::function));
    let wanted = world.lambda.mappings.values().filter(|m| {
        source.is_none_or(|arn| m.source_arn == arn)
            && function.is_none_or(|(name, q)| m.function == name && (q.is_empty() || m.qualifier == q))
    });
    let (found, next) = page(wanted, call.str("Marker"), page_size(call, "MaxItems", PAGE));
    let found: Vec<Value> = found.into_iter().map(|m| shown(world, m, None)).collect();
    Ok(map! { "EventSourceMappings" => found, "NextMarker" => next }.into())
}

fn update(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let mut changed = mapping(world, call)?.clone();
    if let Some(given) = call.str("FunctionName") {
        let (name, qualifier) = arn::function(given);
        if !world.lambda.functions.contains_key(name) {
            return Err(invalid("Function does not exist"));
        }
        (changed.function, changed.qualifier) = (name.to_owned(), qualifier.to_owned());
    }
    configure(&mut changed, call)?;
    refuse_short(world, &changed)?;
    changed.modified = world.now();
    // A poll that was planned under the old settings is planned anew.
    changed.polling.next_poll = None;
    let (uuid, value) = (changed.uuid.clone(), shown(world, &changed, Some("Updating")));
    world.add_mapping(changed);
    world.begin_polling(&uuid);
    Ok(value.into())
}

fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let value = shown(world, mapping(world, call)?, Some("Deleting"));
    if let Some(uuid) = call.str("UUID") {
        world.lambda.mappings.remove(uuid);
    }
    Ok(value.into())
}
