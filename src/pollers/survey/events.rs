//! Rules, schedules and pipes.

use std::sync::atomic::{AtomicBool, Ordering};

use super::super::targets::{Keeping, schedule_group};
use super::existence::Listing;
use super::{Survey, part};
use crate::aws::api;
use crate::aws::events::Rule;
use crate::aws::pipes::PipeSeen;
use crate::aws::scheduler::ScheduleSeen;
use crate::domain::{Arn, Detail, Edge, EdgeFilter, EdgeKind, EdgePolicy, Evidence, Node, NodeId, NodeKind};
use crate::pollers::unread::Unread;

impl Survey<'_> {
    /// Rules of all buses, with their targets.
    pub(super) async fn rules(&self) {
        self.more(1);
        let is_whole = AtomicBool::new(true);
        let buses = match self.session.buses().await {
            Ok(buses) => {
                let all = buses.iter().map(|(_, arn)| arn.clone());
                self.state().existence.listed(Listing::Buses, all);
                // A bus without rules may still be written to; the default one too, which is no box otherwise.
                let named = buses.iter().filter(|(_, arn)| Arn::parse(arn).is_some());
                let nodes = named.map(|(_, arn)| self.bare_node(&arn.into())).collect();
                self.found(part(&api::LIST_BUSES, ""), nodes, Vec::new()).await;
                buses
            }
            Err(error) => {
                self.unread(part(&api::LIST_BUSES, ""), Unread::Buses, &error).await;
                is_whole.store(false, Ordering::Relaxed);
                // Every account has this one.
                vec![("default".to_owned(), String::new())]
            }
        };
        self.done().await;
        let rules = std::sync::Mutex::new(Vec::new());
        self.each(buses, |(bus, arn)| {
            let (rules, is_whole) = (&rules, &is_whole);
            async move {
                match self.session.rules(&bus).await {
                    Ok(found) => {
                        self.bus(&bus, &arn, &found).await;
                        self.note_rules(&bus, &found);
                        rules
                            .lock()
                            .unwrap_or_else(std::sync::PoisonError::into_inner)
                            .extend(found);
                    }
                    Err(error) => {
                        is_whole.store(false, Ordering::Relaxed);
                        let what = Unread::Rules { bus: bus.clone() };
                        self.unread(part(&api::LIST_RULES, &bus), what, &error).await;
                        self.state().unread.insert(api::LIST_TARGETS.action.to_owned());
                        self.keep_bridge();
                    }
                }
            }
        })
        .await;
        let rules = rules.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        if is_whole.into_inner() {
            let all = rules.iter().map(|rule| rule.arn.clone());
            self.state().existence.listed(Listing::Rules, all);
        }
        self.each(rules, |rule| async move { self.rule(&rule).await }).await;
    }

    /// The rules of one bus, and how a bus of one's own leads to them.
    pub(super) async fn bus(&self, name: &str, arn: &str, rules: &[Rule]) {
        let own = Arn::parse(arn).is_some_and(|arn| !arn.is_default_bus());
        let edges = rules.iter().filter(|_| own).map(|rule| {
            Edge::new(
                arn.into(),
                NodeId::from(&rule.arn),
                EdgeKind::Trigger,
                Evidence::Configured,
            )
            .enabled(rule.enabled)
        });
        self.found(
            part(&api::LIST_RULES, name),
            rules.iter().map(rule_node).collect(),
            edges.collect(),
        )
        .await;
    }

    pub(super) async fn rule(&self, rule: &Rule) {
        let id = NodeId::from(&rule.arn);
        let listing = part(&api::LIST_RULES, &rule.bus);
        let part = part(&api::LIST_TARGETS, id.as_str());
        if self.before.held(&listing, &rule_node(rule))
            && let Some(found) = self.carried(&part)
        {
            return self.keep_rule(&id, keeping(&found.edges));
        }
        let targets = match self.session.targets(rule).await {
            Ok(targets) => targets,
            Err(error) => {
                let what = Unread::Targets {
                    rule: rule.name.clone(),
                };
                return self.unread(part, what, &error).await;
            }
        };
        let keeping = Keeping::of(targets.iter().map(|target| target.dead_letter.is_some()));
        let mut edges: Vec<Edge> = Vec::new();
        for target in targets {
            if let Some((to, qualifier)) = super::node_of(&target.arn) {
                let edge = Edge::new(id.clone(), to, EdgeKind::Trigger, Evidence::Configured)
                    .qualified(qualifier)
                    .enabled(rule.enabled)
                    .with(target.policy.clone());
                merge_in(&mut edges, edge);
            }
            if let Some((to, _)) = target.dead_letter.as_deref().and_then(super::node_of) {
                let edge = Edge::new(id.clone(), to, EdgeKind::DeadLetter, Evidence::Configured).with(EdgePolicy {
                    filter: EdgeFilter {
                        patterns: Vec::new(),
                        ..target.policy.filter
                    },
                    schedule: None,
                    // AWS (permissions): the queue's policy admits EventBridge, whatever role the target is invoked with.
                    role: None,
                    ..target.policy
                });
                merge_in(&mut edges, edge);
            }
        }
        self.found(part, Vec::new(), edges).await;
        self.keep_rule(&id, keeping);
    }

    /// Notes whether a rule's undelivered events are kept. Rules outside the scope are ignored.
    fn keep_rule(&self, rule: &NodeId, keeping: Keeping) {
        if let Some(known) = self.state().targets.rules.get_mut(rule) {
            *known = keeping;
        }
    }

    /// Schedules of EventBridge Scheduler.
    pub(super) async fn schedules(&self) {
        self.more(1);
        match self.session.schedules().await {
            Ok(schedules) => {
                self.each(schedules, |seen| async move { self.schedule(&seen).await })
                    .await;
            }
            Err(error) => {
                self.unread(part(&api::LIST_SCHEDULES, ""), Unread::Schedules, &error)
                    .await;
                self.state().unread.insert(api::GET_SCHEDULE.action.to_owned());
            }
        }
        self.done().await;
    }

    async fn schedule(&self, seen: &ScheduleSeen) {
        let id = NodeId::from(&seen.arn);
        let (detail, failure) = match self.session.schedule(seen).await {
            Ok(detail) => (detail, None),
            Err(error) => (crate::aws::scheduler::ScheduleDetail::default(), Some(error)),
        };
        let mut edges = Vec::new();
        // A universal target leads where its input says, and is a box only where that is not known.
        let own = [seen.target.clone()];
        let targets = if detail.reached.is_empty() {
            own.as_slice()
        } else {
            detail.reached.as_slice()
        };
        for (to, qualifier) in targets.iter().filter_map(|arn| super::node_of(arn)) {
            let edge = Edge::new(id.clone(), to, EdgeKind::Trigger, Evidence::Configured);
            edges.push(
                edge.qualified(qualifier)
                    .enabled(seen.enabled)
                    .with(detail.policy.clone()),
            );
        }
        if let Some((to, _)) = detail.dead_letter.as_deref().and_then(super::node_of) {
            let policy = EdgePolicy {
                schedule: None,
                ..detail.policy.clone()
            };
            edges.push(Edge::new(id.clone(), to, EdgeKind::DeadLetter, Evidence::Configured).with(policy));
        }
        let mut pairs = vec![(
            "state".to_owned(),
            if seen.enabled { "enabled" } else { "disabled" }.to_owned(),
        )];
        pairs.extend(detail.policy.schedule.clone().map(|text| ("schedule".to_owned(), text)));
        let node = Node {
            id,
            kind: NodeKind::Schedule,
            name: seen.name.clone(),
            detail: Detail::Pairs(pairs),
        };
        let nodes = if edges.is_empty() { Vec::new() } else { vec![node] };
        let keeping = match &failure {
            None => Keeping::of([detail.dead_letter.is_some()]),
            Some(_) => Keeping::Unknown,
        };
        self.found(part(&api::LIST_SCHEDULES, &seen.arn), nodes, edges).await;
        self.keep_schedule(&NodeId::from(&seen.arn), keeping);
        if let Some(error) = failure {
            let what = Unread::Schedule {
                schedule: seen.name.clone(),
            };
            self.unread(part(&api::GET_SCHEDULE, &seen.arn), what, &error).await;
        }
    }

    /// Notes whether a schedule's group keeps what it gives up: one word for all its schedules, in scope or not.
    fn keep_schedule(&self, schedule: &NodeId, keeping: Keeping) {
        let Some(group) = schedule_group(schedule) else { return };
        let mut state = self.state();
        let all = state.schedules_keep.entry(group.clone()).or_insert(keeping);
        *all = all.and(keeping);
        let all = *all;
        if let Some(known) = state.targets.schedule_groups.get_mut(&group) {
            *known = all;
        }
    }

    /// Pipes: source → pipe → target, by way of an enrichment where there is one.
    pub(super) async fn pipes(&self) {
        self.more(1);
        match self.session.pipes().await {
            Ok(pipes) => self.each(pipes, |seen| async move { self.pipe(&seen).await }).await,
            Err(error) => {
                self.unread(part(&api::LIST_PIPES, ""), Unread::Pipes, &error).await;
                self.state().unread.insert(api::DESCRIBE_PIPE.action.to_owned());
            }
        }
        self.done().await;
    }

    pub(super) async fn pipe(&self, seen: &PipeSeen) {
        let id = NodeId::from(&seen.arn);
        let (detail, failure) = match self.session.pipe(&seen.name).await {
            Ok(detail) => (detail, None),
            Err(error) => (crate::aws::pipes::PipeDetail::default(), Some(error)),
        };
        let edge = |from: NodeId, to: NodeId| {
            Edge::new(from, to, EdgeKind::Trigger, Evidence::Configured).enabled(seen.enabled)
        };
        let mut edges = Vec::new();
        let source = super::node_of(&seen.source).map_or_else(|| NodeId::from(&seen.source), |(id, _)| id);
        edges.push(edge(source.clone(), id.clone()).with(detail.policy.clone()));
        for target in seen.enrichment.iter().chain([&seen.target]) {
            if let Some((to, qualifier)) = super::node_of(target) {
                self.state().consumes(&to, &source);
                edges.push(edge(id.clone(), to).qualified(qualifier));
            }
        }
        if let Some((to, _)) = detail.dead_letter.as_deref().and_then(super::node_of) {
            edges.push(Edge::new(id.clone(), to, EdgeKind::DeadLetter, Evidence::Configured).with(detail.policy));
        }
        let node = Node {
            id,
            kind: NodeKind::Pipe,
            name: seen.name.clone(),
            detail: Detail::None,
        };
        self.found(part(&api::LIST_PIPES, &seen.arn), vec![node], edges).await;
        if let Some(error) = failure {
            let what = Unread::Pipe {
                pipe: seen.name.clone(),
            };
            self.unread(part(&api::DESCRIBE_PIPE, &seen.arn), what, &error).await;
        }
    }
}

/// Whether the targets of a rule have dead-letter queues, by the links that were found of them.
fn keeping(edges: &[Edge]) -> Keeping {
    let ids = |kind: EdgeKind| {
        let of_kind = edges.iter().filter(move |edge| edge.key.kind == kind);
        of_kind
            .flat_map(|edge| &edge.policies)
            .map(|policy| policy.id.as_deref())
    };
    let kept: Vec<Option<&str>> = ids(EdgeKind::DeadLetter).collect();
    Keeping::of(ids(EdgeKind::Trigger).map(|id| kept.contains(&id)))
}

pub(super) fn rule_node(rule: &Rule) -> Node {
    let mut pairs = vec![(
        "state".to_owned(),
        if rule.enabled { "enabled" } else { "disabled" }.to_owned(),
    )];
    pairs.push(("bus".to_owned(), rule.bus.clone()));
    pairs.extend(rule.schedule.clone().map(|text| ("schedule".to_owned(), text)));
    pairs.extend(rule.pattern.clone().map(|text| ("pattern".to_owned(), text)));
    pairs.extend(rule.description.clone().map(|text| ("description".to_owned(), text)));
    Node {
        id: NodeId::from(&rule.arn),
        kind: NodeKind::Eventbridge,
        name: rule.name.clone(),
        detail: Detail::Pairs(pairs),
    }
}

fn merge_in(edges: &mut Vec<Edge>, edge: Edge) {
    match edges.iter_mut().find(|known| known.key == edge.key) {
        Some(known) => known.merge(&edge),
        None => edges.push(edge),
    }
}
