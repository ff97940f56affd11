//! Lambda: functions and what is configured for each.

use aws_sdk_lambda::types::{
    Concurrency, DestinationConfig, FunctionConfiguration, FunctionUrlConfig, LastUpdateStatus, State, StateReasonCode,
};
use jiff::Timestamp;

use super::environment::Environment;
use super::pages::Pages;
use super::policy::{Granted, permissions};
use super::{Error, Session, api};
use crate::domain::{Arn, Function, FunctionStatus, Logging, NodeId};

/// A function as `ListFunctions` shows it.
#[derive(Clone, Debug)]
pub struct FunctionSeen {
    /// Its ARN, without a qualifier.
    pub id: NodeId,
    /// Its name.
    pub name: String,
    /// Its configuration.
    pub detail: Function,
    /// Its dead-letter queue or topic.
    pub dead_letter: Option<String>,
    /// Its environment, for guessing only.
    pub environment: Environment,
}

/// The asynchronous configuration of a function or of one of its aliases and versions.
#[derive(Clone, Debug, Default)]
pub struct InvokeConfig {
    /// The alias or version.
    pub qualifier: Option<String>,
    /// 0 to 2.
    pub retries: Option<u32>,
    /// 60 to 21,600 s.
    pub max_age_s: Option<u32>,
    /// ARN.
    pub on_success: Option<String>,
    /// ARN.
    pub on_failure: Option<String>,
}

impl Session {
    /// All functions, 50 a page; each page is handed on as it comes.
    pub async fn functions(&self, mut page: impl FnMut(Vec<FunctionSeen>)) -> Result<(), Error> {
        let clients = self.clients();
        let mut pages = Pages::of(&api::LIST_FUNCTIONS);
        while pages.more() {
            let answer = self
                .caller
                .call(&api::LIST_FUNCTIONS, || {
                    clients.lambda.list_functions().set_marker(pages.token()).send()
                })
                .await?;
            page(answer.functions().iter().filter_map(function_seen).collect());
            pages.turn(
                answer.next_marker(),
                answer.functions().iter().map(FunctionConfiguration::function_arn),
            )?;
        }
        Ok(())
    }

    /// Who may invoke a function, or one of its aliases, and the policy document itself; without a policy an empty text.
    pub async fn permissions(&self, function: &str, qualifier: Option<&str>) -> Result<(Vec<Granted>, String), Error> {
        let clients = self.clients();
        let call = || {
            clients
                .lambda
                .get_policy()
                .function_name(function)
                .set_qualifier(qualifier.map(Into::into))
                .send()
        };
        match self.caller.call(&api::GET_POLICY, call).await {
            Ok(answer) => {
                let document = answer.policy().unwrap_or("{}");
                let granted = permissions(document).ok_or(Error::Unreadable {
                    action: api::GET_POLICY.action,
                })?;
                Ok((granted, document.to_owned()))
            }
            Err(Error::NotFound) => Ok((Vec::new(), String::new())),
            Err(error) => Err(error),
        }
    }

    /// A function's aliases: the name of each, and the version that gets most of what comes in by it.
    pub async fn aliases(&self, function: &str) -> Result<Vec<(String, Option<String>)>, Error> {
        let clients = self.clients();
        let mut names = Vec::new();
        let mut pages = Pages::of(&api::LIST_ALIASES);
        while pages.more() {
            let call = || {
                clients
                    .lambda
                    .list_aliases()
                    .function_name(function)
                    .set_marker(pages.token())
                    .send()
            };
            let answer = match self.caller.call(&api::LIST_ALIASES, call).await {
                Err(Error::NotFound) => return Ok(names),
                other => other?,
            };
            names.extend(
                answer
                    .aliases()
                    .iter()
                    .filter_map(|alias| Some((alias.name()?.to_owned(), alias.function_version().map(str::to_owned)))),
            );
            pages.turn(answer.next_marker(), answer.aliases().iter().map(|alias| alias.name()))?;
        }
        Ok(names)
    }

    /// The dead-letter queue or topic of the version behind an alias. AWS (functions): it is the version's own, locked when it was
    /// published; `ListFunctions` shows that of `$LATEST`.
    ///
    /// # Errors
    ///
    /// If the configuration could not be read: then it is unknown, and not that of `$LATEST`.
    pub async fn dead_letter_behind(&self, function: &str, alias: &str) -> Result<Option<String>, Error> {
        let clients = self.clients();
        let call = || {
            clients
                .lambda
                .get_function_configuration()
                .function_name(function)
                .qualifier(alias)
                .send()
        };
        let answer = self.caller.call(&api::GET_FUNCTION, call).await?;
        let target = answer.dead_letter_config().and_then(|config| config.target_arn());
        Ok(target.filter(|target| !target.is_empty()).map(str::to_owned))
    }

    /// The asynchronous configurations of a function, its aliases and versions.
    pub async fn invoke_configs(&self, function: &str) -> Result<Vec<InvokeConfig>, Error> {
        let clients = self.clients();
        let mut configs = Vec::new();
        let mut pages = Pages::of(&api::LIST_INVOKE_CONFIGS);
        while pages.more() {
            let call = || {
                clients
                    .lambda
                    .list_function_event_invoke_configs()
                    .function_name(function)
                    .set_marker(pages.token())
                    .send()
            };
            let answer = match self.caller.call(&api::LIST_INVOKE_CONFIGS, call).await {
                Err(Error::NotFound) => return Ok(configs),
                // moto writes the listing's dates as texts, which the SDK cannot read; those of one are as on AWS.
                Err(Error::Unreadable { .. }) => return Ok(self.invoke_config(function).await?.into_iter().collect()),
                other => other?,
            };
            configs.extend(answer.function_event_invoke_configs().iter().map(|config| {
                invoke_config(
                    config.function_arn(),
                    config.maximum_retry_attempts(),
                    config.maximum_event_age_in_seconds(),
                    config.destination_config(),
                )
            }));
            pages.turn(
                answer.next_marker(),
                answer
                    .function_event_invoke_configs()
                    .iter()
                    .map(|config| config.function_arn()),
            )?;
        }
        Ok(configs)
    }

    /// The asynchronous configuration of the function itself.
    async fn invoke_config(&self, function: &str) -> Result<Option<InvokeConfig>, Error> {
        let clients = self.clients();
        let call = || {
            clients
                .lambda
                .get_function_event_invoke_config()
                .function_name(function)
                .send()
        };
        match self.caller.call(&api::GET_INVOKE_CONFIG, call).await {
            Ok(config) => Ok(Some(invoke_config(
                config.function_arn(),
                config.maximum_retry_attempts(),
                config.maximum_event_age_in_seconds(),
                config.destination_config(),
            ))),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The URLs of a function, each with the alias it leads to.
    pub async fn function_urls(&self, function: &str) -> Result<Vec<(String, Option<String>)>, Error> {
        let clients = self.clients();
        let mut urls = Vec::new();
        let mut pages = Pages::of(&api::LIST_URLS);
        while pages.more() {
            let call = || {
                clients
                    .lambda
                    .list_function_url_configs()
                    .function_name(function)
                    .set_marker(pages.token())
                    .send()
            };
            let answer = match self.caller.call(&api::LIST_URLS, call).await {
                Err(Error::NotFound) => return Ok(urls),
                other => other?,
            };
            for config in answer.function_url_configs() {
                let qualifier = Arn::parse(config.function_arn()).and_then(|arn| arn.node().1);
                urls.push((config.function_url().to_owned(), qualifier));
            }
            pages.turn(
                answer.next_marker(),
                answer
                    .function_url_configs()
                    .iter()
                    .map(FunctionUrlConfig::function_url),
            )?;
        }
        Ok(urls)
    }

    /// State and reserved concurrency of a function, which its listing does not contain. `None` if it does not exist.
    ///
    /// # Errors
    ///
    /// If the call failed.
    pub async fn function_state(&self, function: &str) -> Result<Option<Function>, Error> {
        let clients = self.clients();
        let call = || clients.lambda.get_function().function_name(function).send();
        // The answer also holds a signed URL of the code: it goes no further than here.
        let answer = match self.caller.call(&api::GET_FUNCTION, call).await {
            Err(Error::NotFound) => return Ok(None),
            other => other?,
        };
        let reserved = answer
            .concurrency()
            .and_then(Concurrency::reserved_concurrent_executions)
            .and_then(|n| u32::try_from(n).ok());
        let detail = answer.configuration().map(state_of).unwrap_or_default();
        Ok(Some(Function {
            reserved_concurrency: reserved,
            ..detail
        }))
    }

    /// `Terminate` or `Allow`.
    pub async fn recursive_loop(&self, function: &str) -> Result<Option<String>, Error> {
        let clients = self.clients();
        let call = || {
            clients
                .lambda
                .get_function_recursion_config()
                .function_name(function)
                .send()
        };
        match self.caller.call(&api::GET_RECURSION, call).await {
            Ok(answer) => Ok(answer.recursive_loop().map(|value| value.as_str().to_owned())),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn invoke_config(
    arn: Option<&str>,
    retries: Option<i32>,
    max_age_s: Option<i32>,
    destination: Option<&DestinationConfig>,
) -> InvokeConfig {
    let small = |n: Option<i32>| n.and_then(|n| u32::try_from(n).ok());
    InvokeConfig {
        qualifier: arn.and_then(Arn::parse).and_then(|arn| arn.node().1),
        retries: small(retries),
        max_age_s: small(max_age_s),
        on_success: destination
            .and_then(|d| d.on_success())
            .and_then(|d| d.destination())
            .map(str::to_owned),
        on_failure: destination
            .and_then(|d| d.on_failure())
            .and_then(|d| d.destination())
            .map(str::to_owned),
    }
}

fn function_seen(config: &FunctionConfiguration) -> Option<FunctionSeen> {
    let (id, _) = Arn::parse(config.function_arn()?)?.node();
    let name = config.function_name().map_or_else(|| id.to_string(), str::to_owned);
    let logging = config.logging_config();
    let environment = config.environment();
    let variables = environment.and_then(|e| e.variables()).into_iter().flatten();
    let detail = Function {
        runtime: config.runtime().map(|runtime| runtime.as_str().to_owned()),
        description: config.description().filter(|text| !text.is_empty()).map(str::to_owned),
        timeout_s: config.timeout().and_then(|n| u32::try_from(n).ok()).unwrap_or(3),
        memory_mb: config.memory_size().and_then(|n| u32::try_from(n).ok()).unwrap_or(128),
        last_modified: config.last_modified().and_then(parse_time),
        code_sha: config.code_sha256().map(str::to_owned),
        role: config.role().filter(|role| !role.is_empty()).map(str::to_owned),
        status: FunctionStatus {
            state: config.state().map(|state| state.as_str().to_owned()),
            reason: config.state_reason().map(str::to_owned),
            ..FunctionStatus::default()
        },
        logging: Logging {
            group: logging
                .and_then(|logging| logging.log_group())
                .map_or_else(|| format!("/aws/lambda/{name}"), str::to_owned),
            json: logging
                .and_then(|logging| logging.log_format())
                .is_some_and(|format| format.as_str() == "JSON"),
            system_level: logging
                .and_then(|logging| logging.system_log_level())
                .map(|level| level.as_str().to_owned()),
            ..Logging::default()
        },
        durable: config.durable_config().is_some(),
        environment_error: environment
            .and_then(|e| e.error())
            .and_then(|e| e.error_code())
            .map(str::to_owned),
        ..Function::default()
    };
    Some(FunctionSeen {
        dead_letter: config
            .dead_letter_config()
            .and_then(|d| d.target_arn())
            .filter(|t| !t.is_empty())
            .map(str::to_owned),
        environment: Environment::new(variables.map(|(key, value)| (key.clone(), value.clone()))),
        id,
        name,
        detail,
    })
}

/// The part of a configuration that only `GetFunction` returns.
fn state_of(configuration: &FunctionConfiguration) -> Function {
    let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    Function {
        status: FunctionStatus {
            state: text(configuration.state().map(State::as_str)),
            reason: text(configuration.state_reason()),
            reason_code: text(configuration.state_reason_code().map(StateReasonCode::as_str)),
            last_update: text(configuration.last_update_status().map(LastUpdateStatus::as_str)),
        },
        ..Function::default()
    }
}

/// Lambda writes `2026-01-01T00:00:00.000+0000`: an offset without its colon.
pub(super) fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text
        .strip_suffix("+0000")
        .map_or_else(|| text.to_owned(), |head| format!("{head}Z"));
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lambdas_own_time_format_reads() {
        let time = parse_time("2026-01-02T03:04:05.678+0000").expect("a time");
        assert_eq!(time.to_string(), "2026-01-02T03:04:05.678Z");
    }
}
