//! Step Functions: state machines, and what their tasks run, send to and start. They use a role, so no function's policy names them.

use serde_json::{Value, json};

use super::pages::Pages;
use super::signed::{SFN, list, text};
use super::universal::called;
use super::{Error, Session, api};
use crate::domain::{Arn, Scope, TaskRetry, TaskRules};

/// A state machine with its tasks.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// `STANDARD` or `EXPRESS`.
    pub kind: String,
    /// What it leads to.
    pub tasks: Vec<Task>,
}

/// One thing that a task leads to.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// The ARN of what it runs, sends to or starts.
    pub to: String,
    /// What happens if it fails.
    pub rules: TaskRules,
}

impl Session {
    /// All state machines, each with its tasks.
    pub async fn machines(&self) -> Result<Vec<Machine>, Error> {
        let mut machines = Vec::new();
        let mut pages = Pages::of(&api::LIST_MACHINES);
        while pages.more() {
            let mut body = json!({"maxResults": 1000});
            if let Some(token) = pages.token() {
                body["nextToken"] = token.into();
            }
            let answer = self
                .json(&api::LIST_MACHINES, (&SFN, "ListStateMachines"), body)
                .await?;
            let page = list(&answer, "stateMachines");
            for seen in page {
                let Some(arn) = text(seen, "stateMachineArn") else {
                    continue;
                };
                let body = json!({"stateMachineArn": arn});
                let told = self.json(&api::DESCRIBE_MACHINE, (&SFN, "DescribeStateMachine"), body);
                let told = match told.await {
                    // Deleted since it was listed.
                    Err(Error::NotFound) => continue,
                    other => other?,
                };
                machines.push(Machine {
                    arn: arn.to_owned(),
                    name: text(seen, "name").unwrap_or(arn).to_owned(),
                    kind: text(seen, "type").unwrap_or("STANDARD").to_owned(),
                    tasks: text(&told, "definition").map_or_else(Vec::new, |text| tasks(text, &self.scope)),
                });
            }
            let arns = page.iter().map(|seen| text(seen, "stateMachineArn"));
            pages.turn(text(&answer, "nextToken"), arns)?;
        }
        Ok(machines)
    }
}

/// What the tasks of a definition in Amazon States Language lead to, those in branches and maps included.
#[must_use]
pub fn tasks(definition: &str, scope: &Scope) -> Vec<Task> {
    let mut found = Vec::new();
    if let Ok(definition) = serde_json::from_str::<Value>(definition) {
        states(&definition, scope, &mut found);
    }
    found
}

fn states(machine: &Value, scope: &Scope, found: &mut Vec<Task>) {
    for (name, state) in machine.get("States").and_then(Value::as_object).into_iter().flatten() {
        match text(state, "Type") {
            Some("Task") => {
                let to = targets(state, scope).into_iter();
                found.extend(to.map(|to| Task {
                    to,
                    rules: rules(name, state),
                }));
            }
            Some("Parallel") => {
                for branch in list(state, "Branches") {
                    states(branch, scope, found);
                }
            }
            Some("Map") => {
                for inner in ["ItemProcessor", "Iterator"].iter().filter_map(|key| state.get(key)) {
                    states(inner, scope, found);
                }
            }
            _ => {}
        }
    }
}

/// AWS (delivery): `Resource` is a function's ARN, or `arn:aws:states:::SERVICE:CALL` with a way to wait after it; the parameters
/// are `Parameters`, or `Arguments` where the machine speaks JSONata.
fn targets(state: &Value, scope: &Scope) -> Vec<String> {
    let Some(resource) = text(state, "Resource").and_then(Arn::parse) else {
        return Vec::new();
    };
    match resource.service {
        "lambda" => return vec![resource.text().to_owned()],
        "states" if resource.account.is_empty() => {}
        _ => return Vec::new(),
    }
    let call = resource.resource.strip_prefix("aws-sdk:").unwrap_or(resource.resource);
    let call = call.split('.').next().unwrap_or(call);
    let Some((service, action)) = call.split_once(':') else {
        return Vec::new();
    };
    let given = state.get("Arguments").or_else(|| state.get("Parameters"));
    called((service, action), given.unwrap_or(&Value::Null), scope)
}

fn rules(name: &str, state: &Value) -> TaskRules {
    let errors = |entry: &Value| {
        let errors = list(entry, "ErrorEquals").iter().filter_map(Value::as_str);
        errors.map(str::to_owned).collect::<Vec<String>>()
    };
    let number = |entry: &Value, key: &str, default: u32| {
        let number = entry
            .get(key)
            .and_then(Value::as_u64)
            .and_then(|n| u32::try_from(n).ok());
        number.unwrap_or(default)
    };
    let retries = list(state, "Retry").iter().map(|entry| TaskRetry {
        errors: errors(entry),
        max: number(entry, "MaxAttempts", 3),
        interval_s: number(entry, "IntervalSeconds", 1),
        backoff: entry.get("BackoffRate").and_then(Value::as_f64).unwrap_or(2.0),
    });
    TaskRules {
        state: name.to_owned(),
        retries: retries.collect(),
        catches: list(state, "Catch").iter().flat_map(errors).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope {
            partition: "aws".into(),
            account: "111122223333".into(),
            region: "eu-west-1".into(),
        }
    }

    fn to(state: Value) -> Vec<String> {
        let definition = json!({"StartAt": "A", "States": {"A": state}});
        let tasks = tasks(&definition.to_string(), &scope());
        tasks.into_iter().map(|task| task.to).collect()
    }

    /// The ways in which public templates write tasks.
    #[test]
    fn each_way_to_write_a_task_leads_somewhere() {
        let own = |rest: &str| rest.replace("HERE", "eu-west-1:111122223333");
        for (resource, key, parameters, expected) in [
            (
                "arn:aws:lambda:eu-west-1:111122223333:function:check:live",
                "Parameters",
                json!({}),
                "arn:aws:lambda:HERE:function:check:live",
            ),
            (
                "arn:aws:states:::lambda:invoke",
                "Parameters",
                json!({"FunctionName": "check", "Payload.$": "$"}),
                "arn:aws:lambda:HERE:function:check",
            ),
            (
                "arn:aws:states:::lambda:invoke.waitForTaskToken",
                "Arguments",
                json!({"FunctionName": "arn:aws:lambda:eu-west-1:111122223333:function:ask:$LATEST", "Payload": "{% $states.input %}"}),
                "arn:aws:lambda:HERE:function:ask:$LATEST",
            ),
            (
                "arn:aws:states:::sqs:sendMessage",
                "Parameters",
                json!({"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs", "MessageBody.$": "$"}),
                "arn:aws:sqs:HERE:jobs",
            ),
            (
                "arn:aws:states:::sns:publish",
                "Parameters",
                json!({"TopicArn": "arn:aws:sns:eu-west-1:111122223333:done"}),
                "arn:aws:sns:HERE:done",
            ),
            (
                "arn:aws:states:::events:putEvents",
                "Parameters",
                json!({"Entries": [{"Detail": {}, "EventBusName": "shop"}]}),
                "arn:aws:events:HERE:event-bus/shop",
            ),
            (
                "arn:aws:states:::states:startExecution.sync:2",
                "Parameters",
                json!({"StateMachineArn": "arn:aws:states:eu-west-1:111122223333:stateMachine:next"}),
                "arn:aws:states:HERE:stateMachine:next",
            ),
            (
                "arn:aws:states:::dynamodb:putItem",
                "Parameters",
                json!({"TableName": "orders"}),
                "arn:aws:dynamodb:HERE:table/orders",
            ),
            (
                "arn:aws:states:::aws-sdk:sqs:sendMessage",
                "Parameters",
                json!({"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"}),
                "arn:aws:sqs:HERE:jobs",
            ),
        ] {
            let state = json!({"Type": "Task", "Resource": resource, key: parameters, "End": true});
            assert_eq!(to(state), [own(expected)], "{resource}");
        }
        for (resource, parameters) in [
            ("arn:aws:states:::lambda:invoke", json!({"FunctionName.$": "$.name"})),
            ("arn:aws:states:::lambda:invoke", json!({"FunctionName": "{% $name %}"})),
            ("arn:aws:states:::dynamodb:getItem", json!({"TableName": "orders"})),
            ("arn:aws:states:::ecs:runTask.sync", json!({"Cluster": "c"})),
            ("arn:aws:states:eu-west-1:111122223333:activity:approve", json!({})),
        ] {
            let state = json!({"Type": "Task", "Resource": resource, "Parameters": parameters});
            assert_eq!(to(state), [] as [&str; 0], "{resource}");
        }
    }

    #[test]
    fn branches_and_maps_are_read_and_rules_are_of_the_task() {
        let task = |name: &str| json!({"Type": "Task", "Resource": format!("arn:aws:lambda:r:1:function:{name}")});
        let mut charge = task("charge");
        charge["Retry"] = json!([
            {"ErrorEquals": ["Lambda.ServiceException", "Lambda.TooManyRequestsException"], "IntervalSeconds": 2, "MaxAttempts": 6, "BackoffRate": 2},
            {"ErrorEquals": ["States.ALL"], "MaxAttempts": 1},
        ]);
        charge["Catch"] = json!([{"ErrorEquals": ["States.ALL"], "Next": "Refund"}]);
        let definition = json!({"StartAt": "P", "States": {
            "P": {"Type": "Parallel", "Branches": [{"States": {"A": task("a")}}, {"States": {"Charge": charge}}]},
            "M": {"Type": "Map", "ItemProcessor": {"States": {"Each": task("each")}}},
            "Old": {"Type": "Map", "Iterator": {"States": {"One": task("one")}}},
            "Wait": {"Type": "Wait", "Seconds": 3},
        }});
        let found = tasks(&definition.to_string(), &scope());
        let names: Vec<&str> = found
            .iter()
            .map(|task| task.to.rsplit(':').next().unwrap_or_default())
            .collect();
        assert_eq!(names, ["a", "charge", "each", "one"]);
        let rules = &found[1].rules;
        assert_eq!(
            (rules.state.as_str(), rules.retries.len(), rules.handler_retries()),
            ("Charge", 2, 1)
        );
        assert_eq!((rules.retries[0].interval_s, rules.retries[1].interval_s), (2, 1));
        assert_eq!(rules.catches, ["States.ALL"]);
        assert_eq!(found[0].rules.handler_retries(), 0, "nothing is retried without Retry");
        assert!(tasks("no JSON", &scope()).is_empty());
    }
}
