//! Step Functions: state machines whose first task invokes a function synchronously, with the `Retry` that AWS recommends, and
//! whose further tasks run functions or send the input on. Where one fails, its `Catch` may send the input to a queue.

use serde_json::{Value as Json, json};

use super::bus::Event;
use super::invocation::{Ask, Cause, Ending, Outcome, Refusal};
use super::lineage::Lineage;
use super::metrics::MetricKey;
use super::{Happening, World, arn};

/// AWS's recommended `Retry`: errors of the Lambda service are retried, first after 2 seconds, then after twice as long
/// each time, six times in all.
const FIRST_MS: i64 = 2_000;
const RETRIES: u32 = 6;

/// A state machine.
#[derive(Clone, Debug)]
pub struct StateMachine {
    /// The function of its only task.
    pub function: String,
    /// Whether the task has the `Retry` that AWS recommends. Without one nothing is retried.
    pub retry: bool,
    /// What the further tasks run or send to, by ARN.
    pub then: Vec<String>,
    /// The ARN of the queue that the first task's `Catch` sends the input to.
    pub catch: Option<String>,
}

impl StateMachine {
    /// Its definition in Amazon States Language.
    #[must_use]
    pub fn definition(&self, function: &str, queue_url: impl Fn(&str) -> String) -> Json {
        let task = |arn: &str| match arn::service(arn) {
            "sqs" => json!({"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage",
                "Parameters": {"QueueUrl": queue_url(arn::name(arn)), "MessageBody.$": "$"}}),
            "sns" => json!({"Type": "Task", "Resource": "arn:aws:states:::sns:publish",
                "Parameters": {"TopicArn": arn, "Message.$": "$"}}),
            "events" => json!({"Type": "Task", "Resource": "arn:aws:states:::events:putEvents",
                "Parameters": {"Entries": [{"Detail.$": "$", "DetailType": "done", "Source": "machine", "EventBusName": arn}]}}),
            _ => json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": arn, "Payload.$": "$"}, "OutputPath": "$.Payload"}),
        };
        let mut first = task(function);
        if self.retry {
            first["Retry"] = json!([{"ErrorEquals": ["Lambda.ServiceException", "Lambda.AWSLambdaException",
                "Lambda.SdkClientException", "Lambda.TooManyRequestsException"], "IntervalSeconds": 2, "MaxAttempts": RETRIES,
                "BackoffRate": 2}]);
        }
        let name = |arn: &str, n: usize| format!("{} {}", arn::name(arn), n + 1);
        let all: Vec<(String, Json)> = std::iter::once((name(function, 0), first))
            .chain(self.then.iter().enumerate().map(|(n, to)| (name(to, n + 1), task(to))))
            .collect();
        let mut states = serde_json::Map::new();
        for (n, (own, state)) in all.iter().enumerate() {
            let mut state = state.clone();
            match all.get(n + 1) {
                Some((next, _)) => state["Next"] = next.as_str().into(),
                None => state["End"] = true.into(),
            }
            if let Some(queue) = self.catch.as_ref().filter(|_| n == 0) {
                state["Catch"] = json!([{"ErrorEquals": ["States.ALL"], "Next": "Keep"}]);
                let mut keep = task(queue);
                keep["End"] = true.into();
                states.insert("Keep".to_owned(), keep);
            }
            states.insert(own.clone(), state);
        }
        json!({"StartAt": all[0].0, "States": states})
    }
}

/// An execution under way.
#[derive(Clone, Debug)]
pub struct Execution {
    machine: String,
    input: String,
    /// Retries of this task so far.
    retries: u32,
    /// The task that is under way: 0 is the first.
    step: usize,
}

impl World {
    /// An execution begins.
    pub(crate) fn start_execution(&mut self, machine: &str, input: &str) {
        if !self.fronts.state_machines.contains_key(machine) {
            return;
        }
        self.machine_metric(machine, "ExecutionsStarted");
        let id = self.next_id();
        let execution = Execution {
            machine: machine.to_owned(),
            input: if input.is_empty() { "{}" } else { input }.to_owned(),
            retries: 0,
            step: 0,
        };
        self.fronts.executions.insert(id, execution);
        self.run_task(id);
    }

    /// An attempt of the task, with the machine's role: the function's policy does not matter.
    pub(super) fn run_task(&mut self, id: u64) {
        let Some(execution) = self.fronts.executions.get(&id).cloned() else {
            return;
        };
        let Some(machine) = self.fronts.state_machines.get(&execution.machine).cloned() else {
            return;
        };
        let function = match execution.step.checked_sub(1).and_then(|n| machine.then.get(n)) {
            None => machine.function.clone(),
            Some(to) if arn::service(to) == "lambda" => arn::function(to).0.to_owned(),
            Some(to) => {
                let input = serde_json::from_str(&execution.input).unwrap_or(Json::Null);
                let sent = match arn::service(to) {
                    "events" => {
                        let event = Event {
                            source: "machine".to_owned(),
                            detail_type: "done".to_owned(),
                            detail: input,
                            resources: Vec::new(),
                            time: self.clock.now,
                        };
                        self.put_event(arn::name(to), &event).map(|_| ())
                    }
                    _ => self.send_record(to, &input, &Lineage::default()),
                };
                return self.task_over(id, sent.is_ok());
            }
        };
        let ask = Ask {
            function,
            qualifier: String::new(),
            payload: execution.input.as_str().into(),
            cause: Cause::Task(id),
            request: None,
            lineage: Lineage::default(),
            attempt: execution.retries + 1,
        };
        match self.start(ask) {
            Ok(_) => {}
            Err(Refusal::Throttled | Refusal::Off | Refusal::Unreachable)
                if machine.retry && execution.step == 0 && execution.retries < RETRIES =>
            {
                self.later(self.clock.now + (FIRST_MS << execution.retries), Happening::Task(id));
                if let Some(execution) = self.fronts.executions.get_mut(&id) {
                    execution.retries += 1;
                }
            }
            Err(_) => self.task_over(id, false),
        }
    }

    /// A task has ended: the next one begins, or the execution ends. AWS (delivery): what `Catch` took does not fail it.
    fn task_over(&mut self, id: u64, well: bool) {
        let Some(execution) = self.fronts.executions.get_mut(&id) else {
            return;
        };
        let machine = self.fronts.state_machines.get(&execution.machine);
        let is_last = machine.is_none_or(|machine| execution.step >= machine.then.len());
        if well && !is_last {
            execution.step += 1;
            execution.retries = 0;
            return self.run_task(id);
        }
        let catch = machine.and_then(|machine| machine.catch.clone());
        let catch = catch.filter(|_| !well && execution.step == 0);
        let input = serde_json::from_str(&execution.input).unwrap_or(Json::Null);
        let kept = catch.is_some_and(|queue| self.send_record(&queue, &input, &Lineage::default()).is_ok());
        self.execution_ends(id, well || kept);
    }

    /// The task's function has answered. An exception of its handler is no error of the service: it is not retried.
    pub(super) fn task_answered(&mut self, id: u64, outcome: &Outcome) {
        self.task_over(id, matches!(outcome.ending, Ending::Returned(_)));
    }

    fn execution_ends(&mut self, id: u64, well: bool) {
        if let Some(execution) = self.fronts.executions.remove(&id) {
            let metric = if well {
                "ExecutionsSucceeded"
            } else {
                "ExecutionsFailed"
            };
            self.machine_metric(&execution.machine, metric);
        }
    }

    fn machine_metric(&mut self, machine: &str, metric: &str) {
        let arn = self.arn("states", &format!("stateMachine:{machine}"));
        let key = MetricKey::new("AWS/States", metric, &[("StateMachineArn", &arn)]);
        self.records.metrics.add(key, self.clock.now, 1.0);
    }
}
