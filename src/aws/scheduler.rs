//! EventBridge Scheduler: schedules. They use a role, so no function's policy names them.

use super::pages::Pages;
use super::universal::reached;
use super::{Error, Session, api};
use crate::domain::{EdgePolicy, RetryPolicy};

/// A schedule as the listing shows it.
#[derive(Clone, Debug)]
pub struct ScheduleSeen {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The group it is in.
    pub group: String,
    /// Whether it is on.
    pub enabled: bool,
    /// The ARN of its target.
    pub target: String,
}

/// The rules of a schedule.
#[derive(Clone, Debug, Default)]
pub struct ScheduleDetail {
    /// Expression, retries, maximum age.
    pub policy: EdgePolicy,
    /// The ARN of its dead-letter queue.
    pub dead_letter: Option<String>,
    /// The ARNs that a universal target leads to, as its input names them.
    pub reached: Vec<String>,
}

impl Session {
    /// All schedules of all groups.
    pub async fn schedules(&self) -> Result<Vec<ScheduleSeen>, Error> {
        let clients = self.clients();
        let mut schedules = Vec::new();
        let mut pages = Pages::of(&api::LIST_SCHEDULES);
        while pages.more() {
            let call = || clients.scheduler.list_schedules().set_next_token(pages.token()).send();
            let answer = self.caller.call(&api::LIST_SCHEDULES, call).await?;
            schedules.extend(answer.schedules().iter().filter_map(|schedule| {
                Some(ScheduleSeen {
                    arn: schedule.arn()?.to_owned(),
                    name: schedule.name()?.to_owned(),
                    group: schedule.group_name().unwrap_or("default").to_owned(),
                    enabled: schedule.state().is_none_or(|state| state.as_str() != "DISABLED"),
                    target: schedule.target()?.arn().to_owned(),
                })
            }));
            pages.turn(
                answer.next_token(),
                answer.schedules().iter().map(|schedule| schedule.arn()),
            )?;
        }
        Ok(schedules)
    }

    /// The rules of one schedule.
    pub async fn schedule(&self, seen: &ScheduleSeen) -> Result<ScheduleDetail, Error> {
        let clients = self.clients();
        let call = || {
            clients
                .scheduler
                .get_schedule()
                .name(&seen.name)
                .group_name(&seen.group)
                .send()
        };
        let answer = match self.caller.call(&api::GET_SCHEDULE, call).await {
            Err(Error::NotFound) => return Ok(ScheduleDetail::default()),
            other => other?,
        };
        let retry = answer.target().and_then(|target| target.retry_policy());
        let dead_letter = answer
            .target()
            .and_then(|target| target.dead_letter_config())
            .and_then(|d| d.arn());
        let policy = EdgePolicy {
            schedule: answer.schedule_expression().map(str::to_owned),
            zone: answer
                .schedule_expression_timezone()
                .filter(|zone| !zone.is_empty() && *zone != "UTC")
                .map(str::to_owned),
            retries: RetryPolicy {
                max: retry
                    .and_then(aws_sdk_scheduler::types::RetryPolicy::maximum_retry_attempts)
                    .map(i64::from),
                max_age_s: retry
                    .and_then(aws_sdk_scheduler::types::RetryPolicy::maximum_event_age_in_seconds)
                    .map(i64::from),
                by: Some("scheduler".into()),
                ..RetryPolicy::default()
            },
            ..EdgePolicy::default()
        };
        let input = answer.target().and_then(|target| target.input());
        Ok(ScheduleDetail {
            policy,
            dead_letter: dead_letter.map(str::to_owned),
            reached: reached(&seen.target, input, &self.scope),
        })
    }
}
