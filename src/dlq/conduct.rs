//! Redrives for the screen: start, commands, and outcome.

use tokio::sync::mpsc;

use super::error::Said;
use super::run::{Outcome, Start};
use super::state::{OwnPart, Run};
use super::task::{Done, Task};
use super::{gone, live::Live};
use crate::domain::MoveTask;
use crate::redrive::effect::Command;
use crate::redrive::progress::Progress;

impl Task {
    pub(super) fn go(&mut self, at_once: bool) {
        let Some(planned) = self.desk.planned.take() else {
            return;
        };
        if planned.goes() == 0 && !planned.is_move_task() {
            return self.say(Said::NothingGoes);
        }
        let service = self.service.anew();
        let started = service.clock().now();
        let course = planned.course(usize::from(!at_once));
        let live = Live::new(self.snapshots.clone(), None);
        let begun = service.journal_path(&planned.name).and_then(|journal| {
            let settings = service.settings();
            let start = Start {
                planned: &planned,
                course: &course,
                settings,
                journal,
                started,
            };
            service.start(&start, live)
        });
        let run = match begun {
            Ok(run) => run,
            Err(why) => return self.say(why),
        };
        let own = run.journal().map(|(journal, chosen)| OwnPart {
            progress: Progress {
                chosen,
                ..Progress::default()
            },
            journal,
            summary: None,
        });
        self.desk.run = Some(Run {
            queue: planned.wish.queue.clone(),
            name: planned.name.clone(),
            to: planned
                .plan
                .ways
                .iter()
                .map(|way| way.target.arn().to_owned())
                .collect(),
            started,
            own,
            task: None,
            over: false,
            audit: None,
            bounce_after_s: planned.bounce_after_s,
            stopping: false,
            course,
        });
        let (say, controls) = mpsc::channel(8);
        self.controls = Some(say);
        self.under_way = Some(service.clone());
        self.work.spawn(async move {
            let outcome = Box::pin(run.go(controls)).await;
            // What is there now did not come back: what is there beyond it later may have.
            let seen = service.session().queue(&planned.url).await;
            let rest = seen
                .ok()
                .map(|seen| seen.depth)
                .map(|(visible, in_flight, delayed)| visible + in_flight + delayed);
            Done::Ran(Box::new(outcome), rest)
        });
    }

    /// The rest may follow.
    pub(super) fn go_on(&mut self) {
        let waits = self.desk.run.as_ref().is_some_and(Run::waits);
        if let Some(controls) = self.controls.as_ref().filter(|_| waits) {
            // A full lane has a word before this one, which says the same.
            let _ = controls.try_send(Command::GoOn);
        }
    }

    pub(super) fn stop_run(&mut self) {
        if let Some(run) = self.desk.run.as_mut().filter(|run| !run.over) {
            run.stopping = true;
            if let Some(service) = &self.under_way {
                service.stop();
            }
        }
    }

    /// What the own engine does.
    pub(super) fn own(&mut self) -> Option<&mut OwnPart> {
        self.desk.run.as_mut()?.own.as_mut()
    }

    /// Messages sent so far, by the journal: they are not offered again.
    pub(super) fn look_what_is_gone(&mut self, rest: Option<u64>) {
        let Some(run) = &self.desk.run else { return };
        let Some(own) = &run.own else { return };
        let (queue, journal) = (run.queue.clone(), own.journal.clone());
        self.work
            .spawn_blocking(move || Done::Gone(queue, gone::of_journal(&journal, rest)));
    }

    /// SQS has moved the queue: of what was read nothing is offered any more.
    fn all_gone(&mut self, task: &MoveTask) {
        let Some(run) = &self.desk.run else { return };
        let (queue, started) = (run.queue.clone(), run.started);
        if let (Some(letters), "COMPLETED") = (self.desk.letters.get(&queue), task.status.as_str()) {
            let gone = gone::all(letters, started);
            gone::merge(&mut self.desk, queue, gone);
        }
    }

    /// Handles the end of the redrive.
    pub(super) fn ran(&mut self, outcome: Outcome, rest: Option<u64>) {
        self.controls = None;
        self.under_way = None;
        match outcome.moved.as_ref() {
            Some(Ok(task)) => self.all_gone(task),
            Some(Err(why)) => self.say(why.clone()),
            None => {}
        }
        let rest = rest.filter(|_| outcome.moved.is_none());
        if let Some(run) = &mut self.desk.run {
            run.over = true;
            run.audit = outcome.audit.filter(|_| outcome.moved.is_some() || !run.is_sqs());
            run.task = outcome.moved.and_then(Result::ok).or(run.task.take());
        }
        if let Some(own) = self.own() {
            own.summary = Some(outcome.own);
        }
        self.look_what_is_gone(rest);
    }
}
