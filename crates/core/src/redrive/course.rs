//! How a redrive goes: who moves the messages, which go first, what is journaled, how fast, in which order, and to what.
//! The dry run and the redrive print the same value, so that what the one says is what the other does.

use std::path::PathBuf;

use serde::Serialize;

use super::plan::Plan;
use super::route::Target;
use super::words::CourseLine;

/// Who moves messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EngineKind {
    /// This program, message by message, with a journal.
    Client,
    /// SQS itself (`StartMessageMoveTask`), the whole queue.
    MoveTask,
}

impl EngineKind {
    /// Its word on the command line and in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::MoveTask => "move-task",
        }
    }
}

/// What is written down before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Journaled {
    /// Each message.
    All,
    /// The messages that go first: SQS writes no journal of the rest.
    Canary,
    /// Nothing.
    Nothing,
}

/// In which order messages arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// From a FIFO queue to FIFO queues: as they were, within each message group.
    Groups,
    /// In no certain order.
    None,
}

/// How a redrive goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Course {
    /// Who moves the messages; those that go first are always moved by [`EngineKind::Client`].
    pub engine: EngineKind,
    /// Messages that go, as far as is known before.
    pub messages: u64,
    /// The ARNs of what takes them.
    pub to: Vec<String>,
    /// So many go first, and the rest waits for a person's word.
    pub canary: usize,
    /// Whether the canary (or a single message) must prove that the cause is fixed; the rest is then sent without
    /// confirmation.
    pub canary_proves: bool,
    /// What is journaled.
    pub journaled: Journaled,
    /// The folder of the journals, or the file where one is named; `None` if nothing is journaled.
    pub journal: Option<PathBuf>,
    /// Messages a second at most; `None` if not limited.
    pub rate: Option<u32>,
    /// In which order they arrive.
    pub order: Order,
}

impl Course {
    /// The course of so many messages of a queue (`fifo` or not) to these targets.
    #[must_use]
    pub fn new(engine: EngineKind, fifo: bool, targets: &[Target], messages: u64) -> Self {
        let mut to: Vec<String> = Vec::new();
        for target in targets {
            if !to.iter().any(|arn| arn == target.arn()) {
                to.push(target.arn().to_owned());
            }
        }
        let keeps = fifo && !targets.is_empty() && targets.iter().all(Target::is_fifo);
        Self {
            engine,
            messages,
            to,
            canary: 0,
            canary_proves: false,
            journaled: Journaled::All,
            journal: None,
            rate: None,
            order: if keeps { Order::Groups } else { Order::None },
        }
        .first(0)
    }

    /// So many first. Where nothing would wait behind them there is none that goes first alone.
    #[must_use]
    pub fn first(mut self, canary: usize) -> Self {
        let all = usize::try_from(self.messages).unwrap_or(usize::MAX);
        self.canary = if canary < all { canary } else { 0 };
        self.journaled = match (self.engine, self.canary) {
            (EngineKind::Client, _) => Journaled::All,
            (EngineKind::MoveTask, 0) => Journaled::Nothing,
            (EngineKind::MoveTask, _) => Journaled::Canary,
        };
        if self.journaled == Journaled::Nothing {
            self.journal = None;
        }
        self
    }

    /// Written down there, where anything is.
    #[must_use]
    pub fn journal(mut self, place: Option<PathBuf>) -> Self {
        self.journal = place.filter(|_| self.journaled != Journaled::Nothing);
        self
    }

    /// Requires the canary to prove that the cause is fixed, because nobody watches.
    #[must_use]
    pub fn proved(mut self, by_canary: bool) -> Self {
        self.canary_proves = by_canary && (self.canary > 0 || self.messages == 1);
        self
    }

    /// With so many messages a second at most.
    #[must_use]
    pub fn rate(mut self, rate: Option<u32>) -> Self {
        self.rate = rate;
        self
    }

    /// How it goes, line by line. Names come from others.
    #[must_use]
    pub fn lines(&self) -> Vec<CourseLine> {
        let place = || self.journal.as_ref().map(|place| place.display().to_string());
        vec![
            match self.engine {
                EngineKind::Client => CourseLine::Client,
                EngineKind::MoveTask => CourseLine::MoveTask,
            },
            match self.to.as_slice() {
                [] => CourseLine::NoTarget {
                    messages: self.messages,
                },
                to => CourseLine::Messages {
                    messages: self.messages,
                    to: to.to_vec(),
                },
            },
            match self.canary {
                0 if self.messages == 1 && self.canary_proves => CourseLine::Alone,
                0 => CourseLine::NoCanary,
                n => CourseLine::Canary {
                    messages: n as u64,
                    by_client: self.engine == EngineKind::MoveTask,
                    proves: self.canary_proves,
                },
            },
            match self.journaled {
                Journaled::All => CourseLine::JournaledAll { place: place() },
                Journaled::Canary => CourseLine::JournaledCanary { place: place() },
                Journaled::Nothing => CourseLine::JournaledNothing,
            },
            CourseLine::Pace {
                rate: self.rate,
                ordered: self.order == Order::Groups,
            },
        ]
    }
}

impl Plan {
    /// What takes its messages.
    #[must_use]
    pub fn targets(&self) -> Vec<Target> {
        self.ways.iter().map(|way| way.target.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(name: &str, fifo: bool) -> Target {
        Target::Queue {
            arn: format!("arn:aws:sqs:r:1:{name}"),
            url: String::new(),
            fifo,
        }
    }

    #[test]
    fn what_is_journaled_follows_from_engine_and_canary() {
        let of = |engine, canary| {
            let course = Course::new(engine, false, &[queue("work", false)], 34).first(canary);
            let course = course.journal(Some("/data/redrive".into()));
            (course.canary, course.journaled, course.journal.is_some())
        };
        assert_eq!(of(EngineKind::Client, 0), (0, Journaled::All, true));
        assert_eq!(of(EngineKind::Client, 2), (2, Journaled::All, true));
        assert_eq!(of(EngineKind::MoveTask, 1), (1, Journaled::Canary, true));
        assert_eq!(of(EngineKind::MoveTask, 0), (0, Journaled::Nothing, false));
        let one = Course::new(EngineKind::Client, false, &[], 1).first(1);
        assert_eq!(one.canary, 0, "nothing would wait behind it");
    }

    #[test]
    fn order_is_kept_from_fifo_to_fifo_only() {
        let of = |fifo, to: &[Target]| Course::new(EngineKind::Client, fifo, to, 2).order;
        assert_eq!(of(true, &[queue("w.fifo", true)]), Order::Groups);
        assert_eq!(of(true, &[queue("w", false)]), Order::None);
        assert_eq!(of(false, &[queue("w", false)]), Order::None);
        let function = Target::Event { arn: "f".to_owned() };
        assert_eq!(of(true, &[queue("w.fifo", true), function]), Order::None);
    }

    #[test]
    fn it_says_who_moves_what_and_what_is_written_down() {
        let course = Course::new(EngineKind::MoveTask, false, &[queue("work", false)], 34);
        let lines = course.first(1).journal(Some("/data".into())).rate(Some(5)).lines();
        assert_eq!(
            lines,
            [
                CourseLine::MoveTask,
                CourseLine::Messages {
                    messages: 34,
                    to: vec!["arn:aws:sqs:r:1:work".into()],
                },
                CourseLine::Canary {
                    messages: 1,
                    by_client: true,
                    proves: false,
                },
                CourseLine::JournaledCanary {
                    place: Some("/data".into()),
                },
                CourseLine::Pace {
                    rate: Some(5),
                    ordered: false,
                },
            ]
        );
    }
}
