//! SQS: tasks by which the service itself moves the messages of a dead-letter queue.

use jiff::Timestamp;

use super::super::{Error, Session, api};
use crate::domain::{MayWrite, MoveTask};

impl Session {
    /// Starts a task; its handle comes back. Without a destination each message goes back to the queue it came from.
    /// AWS (move-tasks): only for a queue that some SQS queue names as its dead-letter queue, one task at a time, 1 to 500 a second.
    pub async fn start_move(
        &self,
        _: MayWrite,
        source: &str,
        destination: Option<&str>,
        rate: Option<u32>,
    ) -> Result<String, Error> {
        let request = self
            .clients()
            .sqs
            .start_message_move_task()
            .source_arn(source)
            .set_destination_arn(destination.map(str::to_owned))
            .set_max_number_of_messages_per_second(rate.and_then(|rate| i32::try_from(rate).ok()));
        let answer = self.caller.call_once(&api::START_MOVE_TASK, request.send()).await?;
        Ok(answer.task_handle().unwrap_or_default().to_owned())
    }

    /// The tasks of a queue, newest first, at most 10.
    pub async fn moves(&self, source: &str) -> Result<Vec<MoveTask>, Error> {
        let clients = self.clients();
        let call = || {
            let request = clients.sqs.list_message_move_tasks().source_arn(source);
            request.max_results(10).send()
        };
        let answer = self.caller.call(&api::LIST_MOVE_TASKS, call).await?;
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        Ok(answer
            .results()
            .iter()
            .map(|task| MoveTask {
                status: task.status().unwrap_or_default().to_owned(),
                handle: task.task_handle().map(str::to_owned),
                moved: count(task.approximate_number_of_messages_moved()),
                to_move: task.approximate_number_of_messages_to_move().map(count),
                rate: task
                    .max_number_of_messages_per_second()
                    .and_then(|rate| u32::try_from(rate).ok()),
                destination: task.destination_arn().map(str::to_owned),
                failure: task.failure_reason().map(str::to_owned),
                started: Timestamp::from_millisecond(task.started_timestamp()).ok(),
            })
            .collect())
    }

    /// Asks a task to end. AWS (move-tasks): lazy; messages under way are still moved.
    pub async fn cancel_move(&self, _: MayWrite, handle: &str) -> Result<(), Error> {
        let request = self.clients().sqs.cancel_message_move_task().task_handle(handle);
        self.caller.call_once(&api::CANCEL_MOVE_TASK, request.send()).await?;
        Ok(())
    }
}
