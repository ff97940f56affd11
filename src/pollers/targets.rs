//! What the survey found for the other pollers.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Arn, Detail, Node, NodeId, NodeKind};

/// Whether a dead-letter queue keeps undelivered events of a rule, topic or schedule group, which decides the metrics of
/// its losses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keeping {
    /// Its targets were not read, or not all of them.
    #[default]
    Unknown,
    /// No target has a dead-letter queue.
    Nothing,
    /// Some targets have one.
    Some,
    /// Every target has one.
    All,
}

impl Keeping {
    /// Of targets, each with or without a dead-letter queue. Without targets nothing can be lost.
    pub fn of(targets: impl IntoIterator<Item = bool>) -> Self {
        let kept: BTreeSet<bool> = targets.into_iter().collect();
        match (kept.contains(&true), kept.contains(&false)) {
            (true, true) => Self::Some,
            (true, false) => Self::All,
            (false, _) => Self::Nothing,
        }
    }

    /// Of both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (one, same) if one == same => one,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            _ => Self::Some,
        }
    }
}

/// A topic's subscribers, as far as they decide the metrics of its losses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TopicTargets {
    /// Whether dead-letter queues keep undelivered events.
    pub keeping: Keeping,
    /// Whether one is reached by HTTP or HTTPS. AWS (metrics): there each failed attempt counts, not each message.
    pub by_attempt: bool,
}

/// What is kept no longer expires within the hour that is read of a metric.
const SHORT_S: u32 = 50 * 60;

/// The resources that the other pollers read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// Queues and their URLs.
    pub queues: BTreeMap<NodeId, String>,
    /// Functions and their log groups.
    pub functions: BTreeMap<NodeId, String>,
    /// Log groups that functions outside the scope write to.
    pub shared_groups: BTreeSet<String>,
    /// Functions fed by a stream: only these have an iterator age.
    pub stream_readers: BTreeSet<NodeId>,
    /// Queues whose own counts tell what expires in them within the hour, or is returned to them (`ReportBatchItemFailures`).
    pub counting: BTreeSet<NodeId>,
    /// Whether logs of functions are read only while on screen, because the survey is narrowed.
    pub only_seen: bool,
    /// Topics.
    pub topics: BTreeMap<NodeId, TopicTargets>,
    /// Rules.
    pub rules: BTreeMap<NodeId, Keeping>,
    /// Groups of schedules. AWS (losses): Scheduler counts by the group, never by the schedule.
    pub schedule_groups: BTreeMap<NodeId, Keeping>,
    /// Functions with a dead-letter queue or an on-failure destination, which may fail in their turn.
    pub keepers: BTreeSet<NodeId>,
}

impl Targets {
    /// Takes a node in.
    pub fn add(&mut self, node: &Node) {
        match (&node.detail, node.kind) {
            // Parts that know only some fields of a function do not know its group.
            (Detail::Function(function), _) if function.logging.group.is_empty() => {}
            (Detail::Function(function), _) => {
                self.functions.insert(node.id.clone(), function.logging.group.clone());
            }
            (Detail::Queue(queue), _) => {
                self.queues.insert(node.id.clone(), queue.url.clone());
                if queue.retention_s > 0 && queue.retention_s <= SHORT_S {
                    self.counting.insert(node.id.clone());
                }
            }
            (_, NodeKind::Sns) => {
                self.topics.entry(node.id.clone()).or_default();
            }
            (_, NodeKind::Eventbridge) if node.id.as_str().contains(":rule/") => {
                self.rules.entry(node.id.clone()).or_default();
            }
            (_, NodeKind::Schedule) => {
                if let Some(group) = schedule_group(&node.id) {
                    self.schedule_groups.entry(group).or_default();
                }
            }
            _ => {}
        }
    }

    /// Records a node outside the scope, which may write to a shared log group.
    pub fn leave_out(&mut self, node: &Node) {
        if let Detail::Function(function) = &node.detail
            && !function.logging.group.is_empty()
        {
            self.shared_groups.insert(function.logging.group.clone());
        }
    }

    /// How many there are of what the survey finds, each kind counted.
    #[must_use]
    pub fn count(&self) -> usize {
        self.functions.len()
            + self.queues.len()
            + self.topics.len()
            + self.rules.len()
            + self.schedule_groups.len()
            + self.stream_readers.len()
            + self.counting.len()
    }
}

/// The group that a schedule is in, by its ARN: `arn:aws:scheduler:REGION:ACCOUNT:schedule/GROUP/NAME`.
#[must_use]
pub fn schedule_group(schedule: &NodeId) -> Option<NodeId> {
    let text = schedule.as_str();
    let (group, _) = Arn::parse(text)?.resource.strip_prefix("schedule/")?.split_once('/')?;
    let head = text.split(":schedule/").next()?;
    Some(NodeId::from(format!("{head}:schedule-group/{group}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Function, Logging};

    #[test]
    fn what_several_targets_keep_is_told_apart() {
        assert_eq!(Keeping::of([]), Keeping::Nothing);
        assert_eq!(Keeping::of([false, false]), Keeping::Nothing);
        assert_eq!(Keeping::of([true, false]), Keeping::Some);
        assert_eq!(Keeping::of([true]), Keeping::All);
        assert_eq!(Keeping::All.and(Keeping::Nothing), Keeping::Some);
        assert_eq!(Keeping::Unknown.and(Keeping::All), Keeping::Unknown);
    }

    #[test]
    fn a_schedule_tells_its_group() {
        let schedule = NodeId::from("arn:aws:scheduler:eu-west-1:111122223333:schedule/nightly/clean-up");
        let group = schedule_group(&schedule).expect("a group");
        assert_eq!(
            group.as_str(),
            "arn:aws:scheduler:eu-west-1:111122223333:schedule-group/nightly"
        );
        assert_eq!(Arn::parse(group.as_str()).expect("an ARN").name(), "nightly");
    }

    #[test]
    fn a_part_that_knows_less_takes_no_log_group_away() {
        let node = |group: &str| Node {
            id: "f".into(),
            kind: NodeKind::Lambda,
            name: "f".into(),
            detail: Detail::Function(Box::new(Function {
                logging: Logging::to(group),
                ..Function::default()
            })),
        };
        let mut targets = Targets::default();
        targets.add(&node("/aws/lambda/f"));
        targets.add(&node(""));
        assert_eq!(
            targets.functions.get(&NodeId::from("f")).map(String::as_str),
            Some("/aws/lambda/f")
        );
    }
}
