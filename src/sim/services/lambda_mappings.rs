//! Lambda: event source mappings.

use super::lambda::{conflict, gone, invalid};
use super::{Table, page, page_size, tag_map};
use crate::sim::call::{Answer, Call, Fault};
use crate::sim::value::{Value, map};
use crate::sim::world::invocation::Refusal;
use crate::sim::world::mapping::{Mapping, Source, Start};
use crate::sim::world::pattern::Pattern;
use crate::sim::world::{World, arn};

pub(super) const TABLE: Table = &[
    ("CreateEventSourceMapping", create),
    ("DeleteEventSourceMapping", delete),
    ("GetEventSourceMapping", get),
    ("ListEventSourceMappings", list),
    ("UpdateEventSourceMapping", update),
];

/// AWS: `ListEventSourceMappings` gives 100 a page.
const PAGE: usize = 100;
/// Members that are only kept and echoed.
const ECHOED: [&str; 9] = [
    "Topics",
    "Queues",
    "SourceAccessConfigurations",
    "SelfManagedEventSource",
    "AmazonManagedKafkaEventSourceConfig",
    "DocumentDBEventSourceConfig",
    "KMSKeyArn",
    "MetricsConfig",
    "ProvisionedPollerConfig",
];

fn shown(world: &World, mapping: &Mapping, state: Option<&str>) -> Value {
    let stream = matches!(mapping.source, Source::Kinesis | Source::Table);
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
    let failure = mapping.on_failure.as_ref().map(|arn| map! { "Destination" => arn });
    let state = state.unwrap_or(if mapping.enabled { "Enabled" } else { "Disabled" });
    let mut value = map! {
        "UUID" => &mapping.uuid,
        "StartingPosition" => stream.then_some(if mapping.start == Start::TrimHorizon { "TRIM_HORIZON" } else { "LATEST" }),
        "BatchSize" => mapping.batch_size,
        "MaximumBatchingWindowInSeconds" => mapping.window_ms / 1000,
        "ParallelizationFactor" => stream.then_some(mapping.lanes),
        "EventSourceArn" => mapping.source_arn.as_str(),
        "FilterCriteria" => (!filters.is_empty()).then(|| map! { "Filters" => filters }),
        "FunctionArn" => function,
        "LastModified" => Value::Time(mapping.modified),
        "LastProcessingResult" => stream.then_some(mapping.result.as_str()),
        "State" => state,
        "StateTransitionReason" => "USER_INITIATED",
        "DestinationConfig" => stream.then(|| map! { "OnFailure" => failure.unwrap_or_else(|| map! {}) }),
        "MaximumRecordAgeInSeconds" => stream.then_some(mapping.max_age_s),
        "BisectBatchOnFunctionError" => stream.then_some(mapping.bisect),
        "MaximumRetryAttempts" => stream.then_some(mapping.max_retries),
        "TumblingWindowInSeconds" => stream.then_some(mapping.tumbling_s),
        "FunctionResponseTypes" => if mapping.reports_items { vec!["ReportBatchItemFailures"] } else { Vec::new() },
        "ScalingConfig" => mapping.max_concurrency.map(|n| map! { "MaximumConcurrency" => n }),
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
        "sqs" => world.queues.contains_key(arn::name(source)),
        "kinesis" => world.streams.contains_key(arn::name(source)),
        "dynamodb" => {
            let table = world.tables.get(arn::table(source));
            table.and_then(|t| t.stream.as_ref()).is_some_and(|s| s.arn == source)
        }
        _ => true,
    }
}

fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let source = call.str("EventSourceArn").unwrap_or("").to_owned();
    if source.is_empty() && call.get("SelfManagedEventSource").is_null() {
        return Err(invalid("EventSourceArn or SelfManagedEventSource is needed"));
    }
    let given = call
        .str("FunctionName")
        .ok_or_else(|| invalid("FunctionName is missing"))?;
    let (function, qualifier) = arn::function(given);
    if !world.functions.contains_key(function) {
        return Err(Refusal::NotFound.fault(&world.arn("lambda", &format!("function:{function}"))));
    }
    if !source_exists(world, &source) {
        let why = format!("Error occurred while ReceiveMessage. Error message: The resource {source} does not exist.");
        return Err(invalid(why));
    }
    // AWS is said to refuse a queue whose visibility timeout is below the function's timeout (from memory, not measured).
    // Other emulators take it and clients' fixtures rely on that, so it is taken here.
    let same = |m: &&Mapping| m.source_arn == source && m.function == function && m.qualifier == qualifier;
    if let Some(there) = world.mappings.values().find(same).filter(|_| !source.is_empty()) {
        let why = format!(
            "An event source mapping with event source arn (\" {source} \") and function (\" {function} \") already exists. Please update or delete the existing mapping with UUID {}",
            there.uuid
        );
        return Err(conflict(why));
    }
    let (function, qualifier) = (function.to_owned(), qualifier.to_owned());
    let uuid = world.next_uuid("mapping");
    let mut mapping = Mapping::new(uuid, &source, &function, &qualifier, world.now());
    let stream = matches!(mapping.source, Source::Kinesis | Source::Table);
    if stream && call.str("StartingPosition").is_none() {
        return Err(invalid(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
        ));
    }
    if call.str("StartingPosition") == Some("TRIM_HORIZON") {
        mapping.start = Start::TrimHorizon;
    }
    mapping.tags = tag_map(call.get("Tags"));
    configure(&mut mapping, call)?;
    let state = if mapping.enabled { "Creating" } else { "Disabled" };
    let value = shown(world, &mapping, Some(state));
    world.add_mapping(mapping);
    Ok(value.into())
}

fn configure(mapping: &mut Mapping, call: &Call) -> Result<(), Fault> {
    let number = |member: &str| call.int(member).and_then(|n| usize::try_from(n).ok());
    mapping.enabled = call.get("Enabled").bool().unwrap_or(mapping.enabled);
    mapping.window_ms = call
        .int("MaximumBatchingWindowInSeconds")
        .map_or(mapping.window_ms, |s| s * 1000);
    if !(0..=300_000).contains(&mapping.window_ms) {
        return Err(invalid("MaximumBatchingWindowInSeconds must be between 0 and 300."));
    }
    if let Some(size) = number("BatchSize") {
        // AWS: 10 for a FIFO queue; more than 10 from a queue only with a batching window.
        let most = if mapping.source == Source::Queue && (arn::is_fifo(&mapping.source_arn) || mapping.window_ms == 0) {
            10
        } else {
            10_000
        };
        if !(1..=most).contains(&size) {
            return Err(invalid(format!(
                "Batch size {size} is out of range: 1 to {most}. More than 10 messages need a batching window of at least 1 second."
            )));
        }
        mapping.batch_size = size;
    }
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
    if !call.get("FunctionResponseTypes").is_null() {
        mapping.reports_items = call
            .get("FunctionResponseTypes")
            .strings()
            .any(|t| t == "ReportBatchItemFailures");
    }
    if !call.get("ScalingConfig").is_null() {
        mapping.max_concurrency = call
            .input
            .path("ScalingConfig.MaximumConcurrency")
            .int()
            .and_then(|n| usize::try_from(n).ok());
    }
    if !call.get("DestinationConfig").is_null() {
        mapping.on_failure = call
            .input
            .path("DestinationConfig.OnFailure.Destination")
            .text()
            .filter(|t| !t.is_empty());
    }
    mapping.max_retries = call.int("MaximumRetryAttempts").unwrap_or(mapping.max_retries);
    mapping.max_age_s = call.int("MaximumRecordAgeInSeconds").unwrap_or(mapping.max_age_s);
    mapping.bisect = call.get("BisectBatchOnFunctionError").bool().unwrap_or(mapping.bisect);
    mapping.lanes = number("ParallelizationFactor").unwrap_or(mapping.lanes).clamp(1, 10);
    mapping.tumbling_s = call.int("TumblingWindowInSeconds").unwrap_or(mapping.tumbling_s);
    for name in ECHOED {
        if !call.get(name).is_null() {
            mapping.echoed.insert(name.to_owned(), call.get(name).clone());
        }
    }
    Ok(())
}

fn mapping<'a>(world: &'a World, call: &Call) -> Result<&'a Mapping, Fault> {
    let found = call.str("UUID").and_then(|uuid| world.mappings.get(uuid));
    found.ok_or_else(|| gone("The resource you requested does not exist."))
}

fn get(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    Ok(shown(world, mapping(world, call)?, None).into())
}

fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (source, function) = (call.str("EventSourceArn"), call.str("FunctionName").map(arn::function));
    let wanted = world.mappings.values().filter(|m| {
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
        if !world.functions.contains_key(name) {
            return Err(Refusal::NotFound.fault(&world.arn("lambda", &format!("function:{name}"))));
        }
        (changed.function, changed.qualifier) = (name.to_owned(), qualifier.to_owned());
    }
    configure(&mut changed, call)?;
    changed.modified = world.now();
    // A poll that was planned under the old settings is planned anew.
    changed.next_poll = None;
    let (uuid, value) = (changed.uuid.clone(), shown(world, &changed, Some("Updating")));
    world.add_mapping(changed);
    world.begin_polling(&uuid);
    Ok(value.into())
}

fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let value = shown(world, mapping(world, call)?, Some("Deleting"));
    if let Some(uuid) = call.str("UUID") {
        world.mappings.remove(uuid);
    }
    Ok(value.into())
}
