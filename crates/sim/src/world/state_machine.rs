//! Step Functions: state machines of one task, which invokes a function synchronously, with the `Retry` that AWS
//! recommends.

use super::invocation::{Ask, Cause, Ending, Outcome, Refusal};
use super::lineage::Lineage;
use super::metrics::MetricKey;
use super::{Happening, World};

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
}

/// An execution under way.
#[derive(Clone, Debug)]
pub struct Execution {
    machine: String,
    input: String,
    /// Retries so far.
    retries: u32,
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
        let ask = Ask {
            function: machine.function,
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
                if machine.retry && execution.retries < RETRIES =>
            {
                self.later(self.clock.now + (FIRST_MS << execution.retries), Happening::Task(id));
                if let Some(execution) = self.fronts.executions.get_mut(&id) {
                    execution.retries += 1;
                }
            }
            Err(_) => self.execution_ends(id, false),
        }
    }

    /// The task's function has answered. An exception of its handler is no error of the service: it is not retried.
    pub(super) fn task_answered(&mut self, id: u64, outcome: &Outcome) {
        self.execution_ends(id, matches!(outcome.ending, Ending::Returned(_)));
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
