//! EventBridge: buses, rules and targets.

use super::pages::Pages;
use super::{Error, Session, api};
use crate::domain::{EdgeFilter, EdgePolicy, Input, RetryPolicy};

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The bus it listens on: a name, or the ARN of another account's bus.
    pub bus: String,
    /// Whether it is on.
    pub enabled: bool,
    /// What its author says of it.
    pub description: Option<String>,
    /// The event pattern.
    pub pattern: Option<String>,
    /// A rate or cron expression.
    pub schedule: Option<String>,
}

/// A target of a rule.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its ARN.
    pub arn: String,
    /// Retries and maximum age.
    pub policy: EdgePolicy,
    /// The ARN of its dead-letter queue.
    pub dead_letter: Option<String>,
    /// What it gets of an event.
    pub input: Input,
}

impl Session {
    /// All event buses: name and ARN.
    pub async fn buses(&self) -> Result<Vec<(String, String)>, Error> {
        let clients = self.clients();
        let mut buses = Vec::new();
        let mut pages = Pages::of(&api::LIST_BUSES);
        while pages.more() {
            let call = || clients.events.list_event_buses().set_next_token(pages.token()).send();
            let answer = self.caller.call(&api::LIST_BUSES, call).await?;
            buses.extend(
                answer
                    .event_buses()
                    .iter()
                    .filter_map(|bus| Some((bus.name()?.to_owned(), bus.arn().unwrap_or_default().to_owned()))),
            );
            pages.turn(answer.next_token(), answer.event_buses().iter().map(|bus| bus.arn()))?;
        }
        Ok(buses)
    }

    /// All rules of one bus.
    pub async fn rules(&self, bus: &str) -> Result<Vec<Rule>, Error> {
        self.rules_that_begin(bus, None).await
    }

    /// One rule, by its ARN: `None` where there is none such.
    ///
    /// # Errors
    ///
    /// If the call failed.
    pub async fn rule(&self, arn: &str) -> Result<Option<Rule>, Error> {
        let (bus, name) = parts(arn);
        let rules = match self.rules_that_begin(bus, Some(name)).await {
            Err(Error::NotFound) => return Ok(None),
            other => other?,
        };
        Ok(rules.into_iter().find(|rule| rule.name == name))
    }

    async fn rules_that_begin(&self, bus: &str, prefix: Option<&str>) -> Result<Vec<Rule>, Error> {
        let clients = self.clients();
        let mut rules = Vec::new();
        let mut pages = Pages::of(&api::LIST_RULES);
        while pages.more() {
            let call = || {
                clients
                    .events
                    .list_rules()
                    .event_bus_name(bus)
                    .set_name_prefix(prefix.map(str::to_owned))
                    .set_next_token(pages.token())
                    .send()
            };
            let answer = self.caller.call(&api::LIST_RULES, call).await?;
            rules.extend(answer.rules().iter().filter_map(|rule| {
                Some(Rule {
                    arn: rule.arn()?.to_owned(),
                    name: rule.name()?.to_owned(),
                    bus: rule.event_bus_name().unwrap_or(bus).to_owned(),
                    enabled: rule.state().is_none_or(|state| state.as_str() != "DISABLED"),
                    description: rule.description().filter(|text| !text.is_empty()).map(str::to_owned),
                    pattern: rule.event_pattern().filter(|text| !text.is_empty()).map(str::to_owned),
                    schedule: rule
                        .schedule_expression()
                        .filter(|text| !text.is_empty())
                        .map(str::to_owned),
                })
            }));
            pages.turn(answer.next_token(), answer.rules().iter().map(|rule| rule.arn()))?;
        }
        Ok(rules)
    }

    /// What the targets of a rule get of an event, by the target's ARN; the rule by its ARN.
    pub async fn inputs(&self, rule: &str) -> Result<Vec<(String, Input)>, Error> {
        let (bus, name) = parts(rule);
        let rule = Rule {
            arn: rule.to_owned(),
            name: name.to_owned(),
            bus: bus.to_owned(),
            enabled: true,
            description: None,
            pattern: None,
            schedule: None,
        };
        let targets = self.targets(&rule).await?;
        Ok(targets.into_iter().map(|target| (target.arn, target.input)).collect())
    }

    /// The targets of one rule.
    pub async fn targets(&self, rule: &Rule) -> Result<Vec<Target>, Error> {
        let clients = self.clients();
        let mut targets = Vec::new();
        let mut pages = Pages::of(&api::LIST_TARGETS);
        while pages.more() {
            let call = || {
                let request = clients
                    .events
                    .list_targets_by_rule()
                    .rule(&rule.name)
                    .event_bus_name(&rule.bus);
                request.set_next_token(pages.token()).send()
            };
            let answer = match self.caller.call(&api::LIST_TARGETS, call).await {
                Err(Error::NotFound) => return Ok(targets),
                other => other?,
            };
            targets.extend(answer.targets().iter().map(|target| {
                let retry = target.retry_policy();
                let policy = EdgePolicy {
                    id: Some(target.id().to_owned()),
                    schedule: rule.schedule.clone(),
                    filter: EdgeFilter {
                        patterns: rule.pattern.clone().into_iter().collect(),
                        ..EdgeFilter::default()
                    },
                    retries: RetryPolicy {
                        max: retry
                            .and_then(aws_sdk_eventbridge::types::RetryPolicy::maximum_retry_attempts)
                            .map(i64::from),
                        max_age_s: retry
                            .and_then(aws_sdk_eventbridge::types::RetryPolicy::maximum_event_age_in_seconds)
                            .map(i64::from),
                        by: Some("eventbridge".into()),
                        ..RetryPolicy::default()
                    },
                    role: target.role_arn().filter(|arn| !arn.is_empty()).map(str::to_owned),
                    ..EdgePolicy::default()
                };
                let dead_letter = target
                    .dead_letter_config()
                    .and_then(|d| d.arn())
                    .filter(|arn| !arn.is_empty());
                Target {
                    arn: target.arn().to_owned(),
                    policy,
                    dead_letter: dead_letter.map(str::to_owned),
                    input: input(target),
                }
            }));
            pages.turn(
                answer.next_token(),
                answer.targets().iter().map(aws_sdk_eventbridge::types::Target::id),
            )?;
        }
        Ok(targets)
    }
}

/// The bus and the name of a rule, by its ARN. AWS (delivery): a rule of the default bus has no bus in it.
fn parts(rule: &str) -> (&str, &str) {
    let path = rule.split_once(":rule/").map_or("", |(_, path)| path);
    path.rsplit_once('/').unwrap_or(("default", path))
}

fn input(target: &aws_sdk_eventbridge::types::Target) -> Input {
    if let Some(text) = target.input() {
        return Input::Constant { text: text.to_owned() };
    }
    if let Some(path) = target.input_path() {
        return Input::Path { path: path.to_owned() };
    }
    match target.input_transformer() {
        Some(transformer) => Input::Template {
            paths: transformer
                .input_paths_map()
                .into_iter()
                .flatten()
                .map(|(name, path)| (name.clone(), path.clone()))
                .collect(),
            template: transformer.input_template().to_owned(),
        },
        None => Input::Whole,
    }
}
