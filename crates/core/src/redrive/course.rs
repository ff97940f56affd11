//! How a redrive goes: who moves the messages, which go first, what is journaled, how fast, in which order, and to what.
//! The dry run and the run print the same value, so that what the one says is what the other does.

use std::path::PathBuf;

use serde::Serialize;

use super::plan::Plan;
use super::route::Target;
use crate::domain::text::plain;

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
    /// Whether what goes first (or alone) proves by itself that the cause is fixed, and the rest follows without a person's
    /// word.
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

    /// What goes first proves by itself that the cause is fixed: nobody watches.
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

    /// It in sentences without their stops. Names come from others.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let engine = match self.engine {
            EngineKind::Client => "client: this program, message by message",
            EngineKind::MoveTask => {
                "move-task: SQS itself moves the whole queue, also what was not read, and stops lazily"
            }
        };
        let by = match self.engine {
            EngineKind::Client => "",
            EngineKind::MoveTask => " by the client engine",
        };
        let follows = if self.canary_proves {
            "the rest follows once an invocation of its target has succeeded"
        } else {
            "the rest waits for your word"
        };
        let canary = match self.canary {
            0 if self.messages == 1 && self.canary_proves => {
                "none: one message is its own, and the exit code is 3 unless its invocation succeeds".to_owned()
            }
            0 => "none".to_owned(),
            1 => format!("1 message first{by}, {follows}"),
            n => format!("{n} messages first{by}, {follows}"),
        };
        let place = self
            .journal
            .as_ref()
            .map_or_else(String::new, |place| format!(", in {}", place.display()));
        let journaled = match self.journaled {
            Journaled::All => format!("each message{place}"),
            Journaled::Canary => format!("the canary only{place}; SQS writes no journal of the rest"),
            Journaled::Nothing => "nothing: SQS writes no journal".to_owned(),
        };
        let rate = self
            .rate
            .map_or_else(|| "not limited".to_owned(), |rate| format!("at most {rate} messages/s"));
        let order = match self.order {
            Order::Groups => "kept within each message group",
            Order::None => "not kept",
        };
        let to: Vec<String> = self.to.iter().map(|arn| plain(arn).into_owned()).collect();
        let to = if to.is_empty() {
            "nothing".to_owned()
        } else {
            to.join(", ")
        };
        vec![
            format!("engine {engine}"),
            format!("messages: {} to {to}", self.messages),
            format!("canary: {canary}"),
            format!("journaled: {journaled}"),
            format!("rate: {rate}; order: {order}"),
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
                "engine move-task: SQS itself moves the whole queue, also what was not read, and stops lazily",
                "messages: 34 to arn:aws:sqs:r:1:work",
                "canary: 1 message first by the client engine, the rest waits for your word",
                "journaled: the canary only, in /data; SQS writes no journal of the rest",
                "rate: at most 5 messages/s; order: not kept",
            ]
        );
    }
}
