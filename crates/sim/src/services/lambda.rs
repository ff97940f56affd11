//! Lambda: functions and their configuration.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{Table, as_map, filled, page, page_size, tag_map};
use crate::call::{Answer, Call, Fault};
use crate::time::to_iso;
use crate::value::{Map, Value, map};
use crate::world::function::{Function, LogFormat, LogLevel, Settings, Version};
use crate::world::invocation::Refusal;
use crate::world::receipt::md5_hex;
use crate::world::{World, arn};

pub(super) const TABLE: Table = &[
    ("CreateFunction", create),
    ("DeleteFunction", delete),
    ("GetFunction", get),
    ("GetFunctionConfiguration", get_configuration),
    ("ListFunctions", list),
    ("ListVersionsByFunction", versions),
    ("PublishVersion", publish),
    ("UpdateFunctionCode", update_code),
    ("UpdateFunctionConfiguration", update_configuration),
];

/// AWS (apis): `ListFunctions` gives 50 a page.
const PAGE: usize = 50;
/// Members of the configuration that are only kept and echoed.
const ECHOED: [&str; 5] = [
    "VpcConfig",
    "FileSystemConfigs",
    "ImageConfigResponse",
    "KMSKeyArn",
    "DurableConfig",
];

/// A parameter whose value will not do.
pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::bad("InvalidParameterValueException", message).with("Type", "User")
}

/// Something that is there already.
pub(super) fn conflict(message: impl Into<String>) -> Fault {
    Fault::new(409, "ResourceConflictException", message).with("Type", "User")
}

/// Something that is not there.
pub(super) fn gone(message: impl Into<String>) -> Fault {
    Fault::new(404, "ResourceNotFoundException", message).with("Type", "User")
}

/// A member that must be there.
pub(super) fn text<'a>(call: &'a Call, member: &str) -> Result<&'a str, Fault> {
    call.str(member).ok_or_else(|| invalid(format!("{member} is missing")))
}

/// The name and the qualifier of the function that a call is about.
pub(super) fn function_of(world: &World, call: &Call) -> Result<(String, String), Fault> {
    let given = text(call, "FunctionName")?;
    let (name, own) = arn::function(given);
    let qualifier = call.str("Qualifier").filter(|q| *q != "$LATEST").unwrap_or(own);
    let shown = if qualifier.is_empty() {
        name.to_owned()
    } else {
        format!("{name}:{qualifier}")
    };
    let missing = || Refusal::NotFound.fault(&world.arn("lambda", &format!("function:{shown}")));
    let function = world.lambda.functions.get(name).ok_or_else(missing)?;
    let known = qualifier.is_empty()
        || function.aliases.contains_key(qualifier)
        || function.versions.iter().any(|v| v.number == qualifier);
    if known {
        Ok((name.to_owned(), qualifier.to_owned()))
    } else {
        Err(missing())
    }
}

/// A function's configuration as AWS shows it, for `$LATEST`, a version or an alias.
pub(super) fn configuration(world: &World, function: &Function, qualifier: &str) -> Value {
    let settings = function.settings(qualifier);
    let Settings { code, logging, .. } = settings;
    let arn = if qualifier.is_empty() {
        function.arn.clone()
    } else {
        format!("{}:{qualifier}", function.arn)
    };
    let json = logging.format == LogFormat::Json;
    let environment: Map = settings.env.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    let layers: Vec<Value> = code
        .layers
        .iter()
        .map(|l| map! { "Arn" => l, "CodeSize" => 1024_i64 })
        .collect();
    let mut shown = map! {
        "FunctionName" => &function.name,
        "FunctionArn" => arn,
        "Runtime" => (code.package == "Zip").then_some(&code.runtime),
        "Role" => &settings.role,
        "Handler" => filled(&code.handler),
        "CodeSize" => code.size,
        "Description" => &settings.description,
        "Timeout" => settings.timeout_ms / 1000,
        "MemorySize" => settings.memory_mb,
        "LastModified" => to_iso(settings.modified).replace('Z', "+0000"),
        "CodeSha256" => &code.sha256,
        "Version" => function.version_of(qualifier),
        "DeadLetterConfig" => settings.dead_letter.as_ref().map(|arn| map! { "TargetArn" => arn }),
        "Environment" => if environment.is_empty() { Value::Null } else { map! { "Variables" => environment } },
        "TracingConfig" => map! { "Mode" => &settings.tracing },
        "RevisionId" => world.chance.uuid(&function.arn, settings.revision),
        "Layers" => if layers.is_empty() { Value::Null } else { Value::List(layers) },
        "State" => "Active",
        "LastUpdateStatus" => "Successful",
        "PackageType" => &code.package,
        "Architectures" => vec![code.architecture.as_str()],
        "EphemeralStorage" => map! { "Size" => settings.storage_mb },
        "SnapStart" => map! { "ApplyOn" => "None", "OptimizationStatus" => "Off" },
        "LoggingConfig" => map! {
            "LogFormat" => if json { "JSON" } else { "Text" },
            "ApplicationLogLevel" => json.then(|| logging.app_level.name()),
            "SystemLogLevel" => json.then(|| logging.system_level.name()),
            "LogGroup" => &logging.group,
        },
    };
    for (name, value) in &settings.echoed {
        shown.set(name.as_str(), value);
    }
    shown
}

/// A function's configuration in a list. AWS (functions): without what only `GetFunction` shows.
fn listed(world: &World, function: &Function, qualifier: &str) -> Value {
    let mut shown = configuration(world, function, qualifier);
    shown.set("State", Value::Null);
    shown.set("LastUpdateStatus", Value::Null);
    shown
}

fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let given = text(call, "FunctionName")?;
    let (name, _) = arn::function(given);
    let known = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > 64 || !name.chars().all(known) {
        return Err(Fault::bad(
            "ValidationException",
            format!("1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint"),
        ));
    }
    if world.lambda.functions.contains_key(name) {
        return Err(conflict(format!("Function already exist: {name}")));
    }
    let role = call.str("Role").ok_or_else(|| {
        Fault::bad(
            "ValidationException",
            "1 validation error detected: Value null at 'role' failed to satisfy constraint: Member must not be null",
        )
    })?;
    let mut function = Function::new(name, &world.arn("lambda", &format!("function:{name}")), world.now());
    role.clone_into(&mut function.latest.role);
    function.tags = tag_map(call.get("Tags"));
    if let Some(package) = call.str("PackageType") {
        package.clone_into(&mut function.latest.code.package);
    }
    if let Some(architecture) = call.get("Architectures").strings().next() {
        architecture.clone_into(&mut function.latest.code.architecture);
    }
    configure(&mut function.latest, &call.input)?;
    take_code(&mut function, call.get("Code"));
    let name = name.to_owned();
    world.lambda.functions.insert(name.clone(), function);
    world.find_behaviour(&name);
    if call.get("Publish").bool() == Some(true) {
        publish_now(world, &name, "");
    }
    // AWS (functions): it is pending in the answer; here it is active from then on.
    let mut made = shown(world, &name, "");
    made.set("State", "Pending");
    made.set("StateReason", "The function is being created.");
    made.set("StateReasonCode", "Creating");
    made.set("LastUpdateStatus", Value::Null);
    Ok(made.into())
}

fn shown(world: &World, name: &str, qualifier: &str) -> Value {
    world
        .lambda
        .functions
        .get(name)
        .map_or(Value::Null, |f| configuration(world, f, qualifier))
}

/// Takes in what of a configuration is given.
fn configure(settings: &mut Settings, input: &Value) -> Result<(), Fault> {
    let out_of_range = |member: &str, value: i64| {
        let why = format!("1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint");
        Fault::bad("ValidationException", why)
    };
    // AWS (destinations): a standard queue or topic, and nothing else.
    let dead_letter = input.path("DeadLetterConfig.TargetArn").str().and_then(filled);
    if let Some(target) = dead_letter
        && (!matches!(arn::service(target), "sqs" | "sns") || arn::is_fifo(target))
    {
        return Err(invalid(format!(
            "Invalid dead letter ARN: {target}. A dead-letter queue is a standard SQS queue or a standard SNS topic."
        )));
    }
    if let Some(seconds) = input.get("Timeout").int() {
        if !(1..=900).contains(&seconds) {
            return Err(out_of_range("timeout", seconds));
        }
        settings.timeout_ms = seconds * 1000;
    }
    if let Some(memory) = input.get("MemorySize").int() {
        let fits = u32::try_from(memory).ok().filter(|m| (128..=10_240).contains(m));
        settings.memory_mb = fits.ok_or_else(|| out_of_range("memorySize", memory))?;
    }
    let texts: [(&str, &mut String); 5] = [
        ("Runtime", &mut settings.code.runtime),
        ("Role", &mut settings.role),
        ("Handler", &mut settings.code.handler),
        ("Description", &mut settings.description),
        ("LogGroup", &mut settings.logging.group),
    ];
    for (member, text) in texts {
        let value = if member == "LogGroup" {
            input.path("LoggingConfig.LogGroup")
        } else {
            input.get(member)
        };
        if let Some(value) = value.str() {
            value.clone_into(text);
        }
    }
    if !input.get("Environment").is_null() {
        settings.env = tag_map(input.path("Environment.Variables"));
    }
    if !input.get("DeadLetterConfig").is_null() {
        settings.dead_letter = dead_letter.map(str::to_owned);
    }
    if let Some(mode) = input.path("TracingConfig.Mode").str() {
        mode.clone_into(&mut settings.tracing);
    }
    if let Some(size) = input.path("EphemeralStorage.Size").int() {
        settings.storage_mb = u32::try_from(size).unwrap_or(512);
    }
    let logging = input.get("LoggingConfig");
    if let Some(format) = logging.get("LogFormat").str() {
        settings.logging.format = if format == "JSON" {
            LogFormat::Json
        } else {
            LogFormat::Text
        };
    }
    let level = |member: &str| logging.get(member).str().and_then(LogLevel::parse);
    settings.logging.system_level = level("SystemLogLevel").unwrap_or(settings.logging.system_level);
    settings.logging.app_level = level("ApplicationLogLevel").unwrap_or(settings.logging.app_level);
    if !input.get("Layers").is_null() {
        settings.code.layers = input.get("Layers").strings().map(str::to_owned).collect();
    }
    for name in ECHOED {
        if !input.get(name).is_null() {
            settings.echoed.insert(name.to_owned(), input.get(name).clone());
        }
    }
    Ok(())
}

/// Accepts code, which is not executed: only its size and digest are kept.
fn take_code(function: &mut Function, code: &Value) {
    let bytes = code.get("ZipFile").blob().unwrap_or_default();
    let digest = md5_hex(if bytes.is_empty() {
        function.name.as_bytes()
    } else {
        &bytes
    });
    function.latest.code.size = i64::try_from(bytes.len()).unwrap_or(i64::MAX).max(1);
    // AWS shows SHA-256; a digest in its form, of the same code the same.
    function.latest.code.sha256 = BASE64.encode(&digest.as_bytes()[..32]);
}

impl World {
    /// Gives a function the behaviour that its name, tags and variables ask for.
    pub(super) fn find_behaviour(&mut self, name: &str) {
        if let Some(function) = self.lambda.functions.get_mut(name)
            && let Some(found) = self
                .behaviours
                .find(&function.name, &function.tags, &function.latest.env)
        {
            function.behaviour = Some(found);
        }
    }
}

fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, qualifier) = function_of(world, call)?;
    if qualifier.is_empty() {
        world.lambda.functions.remove(&name);
    } else if let Some(function) = world.lambda.functions.get_mut(&name) {
        function.versions.retain(|v| v.number != qualifier);
    }
    Ok(Answer::empty())
}

fn get(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, qualifier) = function_of(world, call)?;
    let Some(function) = world.lambda.functions.get(&name) else {
        return Err(gone("Function not found"));
    };
    let location = format!(
        "https://awslambda-{}-tasks.s3.{}.amazonaws.com/snapshots/{name}",
        world.region, world.region
    );
    Ok(map! {
        "Configuration" => configuration(world, function, &qualifier),
        "Code" => map! { "RepositoryType" => "S3", "Location" => location },
        "Tags" => (!function.tags.is_empty()).then(|| as_map(&function.tags)),
        "Concurrency" => function.concurrency.reserved.map(|n| map! { "ReservedConcurrentExecutions" => n }),
    }
    .into())
}

fn get_configuration(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, qualifier) = function_of(world, call)?;
    Ok(shown(world, &name, &qualifier).into())
}

fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (found, next) = page(
        world.lambda.functions.values(),
        call.str("Marker"),
        page_size(call, "MaxItems", PAGE),
    );
    let functions: Vec<Value> = found.into_iter().map(|f| listed(world, f, "")).collect();
    Ok(map! { "Functions" => functions, "NextMarker" => next }.into())
}

fn versions(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, _) = function_of(world, call)?;
    let Some(function) = world.lambda.functions.get(&name) else {
        return Err(gone("Function not found"));
    };
    let numbers = std::iter::once("").chain(function.versions.iter().map(|v| v.number.as_str()));
    let (numbers, next) = page(numbers, call.str("Marker"), page_size(call, "MaxItems", PAGE));
    let versions: Vec<Value> = numbers.into_iter().map(|n| listed(world, function, n)).collect();
    Ok(map! { "Versions" => versions, "NextMarker" => next }.into())
}

fn publish(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, _) = function_of(world, call)?;
    let number = publish_now(world, &name, call.str("Description").unwrap_or(""));
    Ok(shown(world, &name, &number).into())
}

fn publish_now(world: &mut World, name: &str, description: &str) -> String {
    let Some(function) = world.lambda.functions.get_mut(name) else {
        return String::new();
    };
    let number = (function.versions.len() + 1).to_string();
    let mut settings = function.latest.clone();
    if let Some(description) = filled(description) {
        description.clone_into(&mut settings.description);
    }
    function.versions.push(Version {
        number: number.clone(),
        settings,
    });
    number
}

fn update_code(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, _) = function_of(world, call)?;
    let now = world.now();
    if let Some(function) = world.lambda.functions.get_mut(&name) {
        take_code(function, &call.input);
        function.latest.modified = now;
        function.latest.revision += 1;
        // New code runs in new sandboxes.
        function.pool.sandboxes.retain(|s| s.busy);
    }
    world.find_behaviour(&name);
    Ok(shown(world, &name, "").into())
}

fn update_configuration(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (name, _) = function_of(world, call)?;
    let now = world.now();
    if let Some(function) = world.lambda.functions.get_mut(&name) {
        configure(&mut function.latest, &call.input)?;
        function.latest.modified = now;
        function.latest.revision += 1;
    }
    world.find_behaviour(&name);
    Ok(shown(world, &name, "").into())
}
