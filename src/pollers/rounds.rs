//! Which metrics are due in each round, the dearest to the person first: pure, so that what is asked for an hour can be
//! counted in a test.

pub(super) mod queries;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

pub(super) use queries::{Ask, of_account};
use queries::{LOOKED_AT, MOVED, UNWRITTEN, due_counts, losses, of_node, of_rule, of_topic, tells_of_losses};

use super::targets::Targets;
use crate::aws::cloudwatch::Query;
use crate::domain::{Interest, Metric, NodeId, Point, Subject};

/// What rules, topics and schedule groups lose has no sum over the account: each is asked about this seldom.
pub(super) const LOSSES_EVERY: u32 = 15;
/// One that lost something when it was last asked is asked again after so many rounds.
const LOSING_EVERY: u32 = 3;
/// A queue to which nothing comes is asked for its counts so seldom.
const IDLE_EVERY: u32 = 6;

/// This many of the loss metrics due are read before all else, so that functions on screen that fail all the time do not
/// delay losses elsewhere.
const LOSSES_FIRST: usize = 10;

/// Rounds in which the function is looked for that dropped what the account counts: AWS shows its own minute a little later.
const SEEK: u32 = 4;

/// What was asked so far, and what is owed.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    round: u32,
    /// The minutes of the account's sums, as they were last read.
    counted: BTreeMap<(Metric, Timestamp), f64>,
    /// Functions that were read at least once.
    functions: BTreeSet<NodeId>,
    /// Functions that may have changed since they were read, with the round in which that was seen: the longest waiting one
    /// is read first.
    owed: BTreeMap<NodeId, u32>,
    /// Functions whose `DeadLetterErrors` and `DestinationDeliveryFailures` were read since the account's count grew.
    written: BTreeSet<NodeId>,
    /// When what a rule, topic or schedule group loses is due, and which metrics were asked.
    losses: BTreeMap<NodeId, (u32, Vec<Metric>)>,
    ages: BTreeMap<NodeId, u32>,
    /// When the counts of a queue are due that tell what expires.
    counting: BTreeMap<NodeId, u32>,
    /// Dropped events by the minute, as functions count them.
    dropped: BTreeMap<(Timestamp, NodeId), f64>,
    /// Rounds left in which the function is looked for that dropped what only the account counts.
    seek: u32,
}

impl Rounds {
    /// Takes in the account's sums: a minute that counts more than before, or that is new and counts, is of some function.
    pub fn counted(&mut self, sums: &[(Query, Vec<Point>)], targets: &Targets) {
        let mut moved: BTreeSet<Metric> = BTreeSet::new();
        for (query, points) in sums {
            for point in points {
                let before = self.counted.insert((query.metric, point.at), point.value);
                if point.value > before.unwrap_or(0.0) {
                    moved.insert(query.metric);
                }
            }
        }
        let newest = self.counted.keys().map(|(_, at)| *at).max();
        self.counted
            .retain(|(_, at), _| newest.is_some_and(|newest| newest.duration_since(*at) <= super::metrics::DAY));
        self.dropped
            .retain(|(at, _), _| newest.is_some_and(|newest| newest.duration_since(*at) <= super::metrics::DAY));
        if MOVED.iter().any(|metric| moved.contains(metric)) {
            for id in targets.functions.keys() {
                self.owed.entry(id.clone()).or_insert(self.round);
            }
        }
        if moved.contains(&Metric::AsyncEventsDropped) {
            self.seek = SEEK;
        }
        if UNWRITTEN.iter().any(|metric| moved.contains(metric)) {
            self.written.clear();
        }
    }

    /// What else to read, most important first. Nodes found since the last round are read at once, not only in their turn.
    pub fn asks(&self, interest: &Interest, targets: &Targets) -> Vec<Ask> {
        let mut all: Vec<Ask> = Vec::new();
        let mut losses = self.due_losses(targets);
        let later = losses.split_off(losses.len().min(LOSSES_FIRST));
        all.extend(losses);
        let mut queues = self.due_queues(targets);
        let other_queues = queues.split_off(queues.len().min(super::metrics::QUEUES_AT_ONCE));
        all.extend(queues);
        let (counting, other_counting) = due_counts(targets, &self.counting, self.round);
        all.extend(counting);
        all.extend(interest.selected.as_ref().map(|id| Self::selected(id, targets)));
        let new = targets.functions.keys().filter(|id| !self.functions.contains(*id));
        let mut functions: Vec<(u32, &NodeId)> = new.map(|id| (0, id)).collect();
        let owed = self.owed.iter().filter(|(id, _)| {
            // One that is new stands there already.
            targets.functions.contains_key(*id) && self.functions.contains(*id)
        });
        functions.extend(owed.map(|(id, since)| (since + 1, id)));
        functions.sort();
        let moved = |id: &NodeId| of_node(id, MOVED.iter().copied());
        // What is lost for certain has a name before all that may only be trouble.
        let unwritten = self.unwritten(targets);
        let is_known = |id: &&&NodeId| targets.functions.contains_key(**id);
        let counted = self.counted_unwritten();
        all.extend(
            unwritten
                .iter()
                .filter(is_known)
                .map(|id| of_node(id, counted.iter().copied())),
        );
        // After the first ones, the other losses, which nothing else shows.
        let (first, rest) = functions.split_at(functions.len().min(super::metrics::FUNCTIONS_AT_ONCE));
        all.extend(first.iter().map(|(_, id)| moved(id)));
        all.extend(later);
        all.extend(other_queues);
        all.extend(rest.iter().map(|(_, id)| moved(id)));
        all.extend(other_counting);
        let ages = targets.stream_readers.iter();
        let ages = ages.filter(|id| self.ages.get(*id).is_none_or(|due| *due <= self.round));
        all.extend(ages.map(|id| of_node(id, [Metric::IteratorAge])));
        if self.seek > 0 {
            let read = targets
                .functions
                .keys()
                .filter(|id| !functions.iter().any(|(_, other)| other == id));
            all.extend(read.map(|id| of_node(id, [Metric::AsyncEventsDropped])));
        }
        all.retain(|ask| !ask.is_empty());
        all
    }

    /// Functions whose dead letters or records may be those that could not be written. The account's sums may be read
    /// before the functions are known.
    fn unwritten<'t>(&self, targets: &'t Targets) -> BTreeSet<&'t NodeId> {
        let keepers = (!self.counted_unwritten().is_empty()).then_some(&targets.keepers);
        keepers
            .into_iter()
            .flatten()
            .filter(|id| !self.written.contains(*id))
            .collect()
    }

    /// Those metrics of dead letters and records that could not be written by which the account counts any.
    fn counted_unwritten(&self) -> BTreeSet<Metric> {
        let counts = self.counted.iter().filter(|(_, value)| **value > 0.0);
        let metrics = counts.map(|((metric, _), _)| *metric);
        metrics.filter(|metric| UNWRITTEN.contains(metric)).collect()
    }

    /// Queues whose oldest message's age is due: where it comes up to the retention, messages expire, which nothing counts.
    fn due_queues(&self, targets: &Targets) -> Vec<Ask> {
        let due = |id: &NodeId| self.ages.get(id).copied().unwrap_or(0);
        let mut queues: Vec<&NodeId> = targets.queues.keys().filter(|id| due(id) <= self.round).collect();
        queues.sort_by_key(|id| (due(id), *id));
        let age = |id: &NodeId| of_node(id, [Metric::OldestMessageAge]);
        queues.into_iter().map(age).collect()
    }

    /// Loss metrics that are due, the longest waiting first.
    fn due_losses(&self, targets: &Targets) -> Vec<Ask> {
        let mut losses: Vec<(u32, &NodeId, Vec<Metric>)> = losses(targets)
            .filter_map(|(id, metrics)| match self.losses.get(id) {
                Some((due, asked)) if *asked == metrics => (*due <= self.round).then_some((*due + 1, id, metrics)),
                _ => Some((0, id, metrics)),
            })
            .collect();
        losses.sort_by_key(|(due, id, _)| (*due, *id));
        losses
            .into_iter()
            .map(|(_, id, metrics)| of_node(id, metrics))
            .collect()
    }

    fn selected(id: &NodeId, targets: &Targets) -> Ask {
        if targets.functions.contains_key(id) {
            let age = targets.stream_readers.contains(id).then_some(Metric::IteratorAge);
            of_node(id, LOOKED_AT.iter().copied().chain(age))
        } else if targets.queues.contains_key(id) {
            of_node(id, [Metric::OldestMessageAge, Metric::MessagesSent])
        } else if let Some(keeping) = targets.rules.get(id) {
            of_node(id, [Metric::RuleInvocations].into_iter().chain(of_rule(*keeping)))
        } else if let Some(topic) = targets.topics.get(id) {
            of_node(id, of_topic(topic.keeping, topic.by_attempt))
        } else {
            Vec::new()
        }
    }

    /// Takes in what was answered: nothing of it is owed any more.
    pub fn answered(&mut self, series: &[(Query, Vec<Point>)]) {
        let mut losses: BTreeMap<&NodeId, (bool, Vec<Metric>)> = BTreeMap::new();
        let mut counted: BTreeMap<&NodeId, bool> = BTreeMap::new();
        for (query, points) in series {
            let Subject::Node(id) = &query.subject else { continue };
            match query.metric {
                Metric::Errors => drop(self.owed.remove(id)),
                Metric::AsyncEventsDropped => {
                    self.functions.insert(id.clone());
                    let counts = points.iter().filter(|point| point.value > 0.0);
                    self.dropped
                        .extend(counts.map(|point| ((point.at, id.clone()), point.value)));
                }
                Metric::DeadLetterErrors | Metric::DestinationDeliveryFailures => drop(self.written.insert(id.clone())),
                // Only what was received can have been returned, or have expired after it.
                Metric::MessagesReceived => {
                    counted.insert(id, !points.is_empty());
                }
                Metric::IteratorAge | Metric::OldestMessageAge => {
                    self.ages.insert(id.clone(), self.round + LOSSES_EVERY);
                }
                metric if tells_of_losses(metric) => {
                    let entry = losses.entry(id).or_default();
                    entry.0 |= points.iter().any(|point| point.value > 0.0);
                    entry.1.push(metric);
                }
                _ => {}
            }
        }
        for (id, any) in counted {
            let every = if any { LOSING_EVERY } else { IDLE_EVERY };
            self.counting.insert(id.clone(), self.round + every);
        }
        for (id, (counts, metrics)) in losses {
            let every = if counts { LOSING_EVERY } else { LOSSES_EVERY };
            self.losses.insert(id.clone(), (self.round + every, metrics));
        }
        self.seek = if self.is_explained() {
            0
        } else {
            self.seek.saturating_sub(1)
        };
    }

    /// Whether functions count every event that the account counts as dropped.
    fn is_explained(&self) -> bool {
        self.counted.iter().all(|((metric, at), sum)| {
            let of = self
                .dropped
                .range((*at, NodeId::from(""))..)
                .take_while(|((minute, _), _)| minute == at);
            *metric != Metric::AsyncEventsDropped || of.map(|(_, value)| value).sum::<f64>() >= *sum
        })
    }

    /// The round is over.
    pub fn end(&mut self) {
        self.round = self.round.wrapping_add(1);
    }

    /// Whether this is the first round.
    pub fn is_first(&self) -> bool {
        self.round == 0
    }
}

#[cfg(test)]
mod tests {
    use super::queries::{COUNTED, of_group};
    use super::*;
    use crate::pollers::targets::{Keeping, TopicTargets};

    fn rule(n: usize) -> NodeId {
        format!("arn:aws:events:eu-west-1:111122223333:rule/r{n}").into()
    }

    fn function(n: usize) -> NodeId {
        format!("arn:aws:lambda:eu-west-1:111122223333:function:f{n}").into()
    }

    fn topic(n: usize) -> NodeId {
        format!("arn:aws:sns:eu-west-1:111122223333:t{n}").into()
    }

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + minutes * 60).expect("a time")
    }

    fn sums(metric: Metric, points: &[(i64, f64)]) -> Vec<(Query, Vec<Point>)> {
        let query = Query {
            subject: Subject::Account,
            metric,
        };
        let points = points.iter().map(|(n, value)| Point {
            at: at(*n),
            value: *value,
        });
        vec![(query, points.collect())]
    }

    fn answer(asks: &[Ask], value: f64) -> Vec<(Query, Vec<Point>)> {
        let points = |_: &Query| vec![Point { at: at(0), value }];
        asks.iter()
            .flatten()
            .map(|query| (query.clone(), points(query)))
            .collect()
    }

    fn chain() -> Targets {
        let mut targets = Targets::default();
        for n in 0..50 {
            targets.functions.insert(function(n), format!("/aws/lambda/f{n}"));
            let keeping = if n % 2 == 0 { Keeping::Nothing } else { Keeping::All };
            targets.rules.insert(rule(n), keeping);
            let known = TopicTargets {
                keeping,
                by_attempt: false,
            };
            targets.topics.insert(topic(n), known);
        }
        targets
    }

    /// The sweep of losses asks one metric a rule or topic, as it did before it reported losses without a dead-letter
    /// queue.
    #[test]
    fn a_rule_or_topic_costs_one_metric_in_fifteen_rounds() {
        let targets = chain();
        let mut rounds = Rounds::default();
        let mut asked = 0;
        for _ in 0..2 * LOSSES_EVERY {
            let asks = rounds.asks(&Interest::default(), &targets);
            let series = answer(&asks, 0.0);
            asked += series.iter().filter(|(query, _)| tells_of_losses(query.metric)).count();
            rounds.answered(&series);
            rounds.end();
        }
        assert_eq!(asked, 2 * (50 + 50));
    }

    #[test]
    fn only_what_may_keep_some_is_asked_for_all() {
        assert_eq!(of_rule(Keeping::Nothing), [Metric::RuleFailures]);
        assert_eq!(of_rule(Keeping::All), [Metric::RuleEventsLost]);
        // What was kept is reported first, so that no failure is ever seen without it.
        let all = [Metric::RuleDeadLettered, Metric::RuleEventsLost, Metric::RuleFailures];
        assert_eq!(of_rule(Keeping::Some), all);
        assert_eq!(of_rule(Keeping::Unknown), of_rule(Keeping::Some));
        assert_eq!(of_topic(Keeping::Nothing, true), [Metric::NotificationAttemptsFailed]);
        assert_eq!(of_group(Keeping::Nothing), [Metric::SchedulesDropped]);
    }

    #[test]
    fn one_that_loses_is_asked_again_sooner_and_one_whose_targets_changed_at_once() {
        let mut targets = Targets::default();
        targets.rules.insert(rule(0), Keeping::Nothing);
        let mut rounds = Rounds::default();
        let asks = |rounds: &Rounds, targets: &Targets| rounds.asks(&Interest::default(), targets);
        let first = asks(&rounds, &targets);
        rounds.answered(&answer(&first, 2.0));
        for _ in 0..LOSING_EVERY {
            rounds.end();
            assert_eq!(asks(&rounds, &targets).is_empty(), rounds.round < LOSING_EVERY);
        }
        rounds.answered(&answer(&first, 0.0));
        assert!(asks(&rounds, &targets).is_empty());
        targets.rules.insert(rule(0), Keeping::All);
        assert_eq!(asks(&rounds, &targets).concat()[0].metric, Metric::RuleEventsLost);
    }

    #[test]
    fn a_queue_whose_counts_tell_what_expires_is_asked_for_them() {
        let queue = NodeId::from("arn:aws:sqs:eu-west-1:111122223333:q");
        let mut targets = Targets::default();
        targets.counting.insert(queue.clone());
        let mut rounds = Rounds::default();
        targets.queues.insert(queue.clone(), "https://x/q".into());
        let asks = rounds.asks(&Interest::default(), &targets);
        assert!(asks.contains(&of_node(&queue, COUNTED.iter().copied())));
        rounds.answered(&answer(&asks, 1.0));
        (0..LOSING_EVERY).for_each(|_| rounds.end());
        assert_eq!(
            rounds.asks(&Interest::default(), &targets).len(),
            1,
            "sooner than its age"
        );
    }

    /// A function that somebody looks at and others that fail all the time cost more than a round may: what is lost goes first.
    #[test]
    fn losses_that_are_due_are_asked_before_what_somebody_looks_at() {
        let targets = chain();
        let rounds = Rounds::default();
        let interest = Interest {
            selected: Some(function(1)),
            ..Interest::default()
        };
        let asks = rounds.asks(&interest, &targets);
        let paid = super::super::metrics::affordable(asks, {
            let mut left = LOSSES_FIRST;
            move |metrics| {
                let enough = left >= metrics;
                left -= if enough { metrics } else { 0 };
                enough
            }
        });
        assert!(
            !paid.is_empty() && paid.iter().all(|query| tells_of_losses(query.metric)),
            "{paid:?}"
        );
    }

    /// What was seen to move and could not be afforded is not forgotten when nothing moves any more.
    #[test]
    fn functions_that_may_have_moved_are_owed_until_they_are_read() {
        let targets = chain();
        let mut rounds = Rounds::default();
        let functions = |rounds: &Rounds| -> usize {
            let asks = rounds.asks(&Interest::default(), &targets);
            asks.iter()
                .flatten()
                .filter(|query| query.metric == Metric::Errors)
                .count()
        };
        assert_eq!(functions(&rounds), 50, "none was read yet");
        let all = rounds.asks(&Interest::default(), &targets);
        rounds.answered(&answer(&all, 0.0));
        assert_eq!(functions(&rounds), 0);
        // As many errors as ever in the window, and one drop in a minute that was quiet before.
        rounds.counted(&sums(Metric::Errors, &[(1, 9.0), (2, 9.0)]), &targets);
        let all = rounds.asks(&Interest::default(), &targets);
        rounds.answered(&answer(&all, 0.0));
        rounds.end();
        rounds.counted(&sums(Metric::Errors, &[(2, 9.0)]), &targets);
        assert_eq!(functions(&rounds), 0, "nothing is new");
        rounds.counted(&sums(Metric::AsyncEventsDropped, &[(3, 1.0)]), &targets);
        let all = rounds.asks(&Interest::default(), &targets);
        rounds.answered(&answer(&all[..20], 0.0));
        rounds.end();
        rounds.counted(&sums(Metric::AsyncEventsDropped, &[(3, 1.0)]), &targets);
        assert_eq!(functions(&rounds), 30, "the others have their turn");
    }

    /// AWS shows the account's minute and the function's at different times: the function is asked again, and not for ever.
    #[test]
    fn the_function_that_dropped_an_event_is_looked_for_until_it_is_found() {
        let targets = chain();
        let found_after = |rounds_until_shown: u32| {
            let mut rounds = Rounds::default();
            let all = rounds.asks(&Interest::default(), &targets);
            rounds.answered(&answer(&all, 0.0));
            let mut asked = 0;
            for round in 0..10 {
                rounds.end();
                rounds.counted(&sums(Metric::AsyncEventsDropped, &[(0, 1.0)]), &targets);
                let all = rounds.asks(&Interest::default(), &targets);
                asked += all.len();
                let mut series = answer(&all, 0.0);
                for (query, points) in &mut series {
                    let own = query.subject == Subject::Node(function(7)) && round >= rounds_until_shown;
                    points[0].value = if own { 1.0 } else { 0.0 };
                }
                rounds.answered(&series);
            }
            asked
        };
        assert_eq!(found_after(0), 50);
        assert_eq!(found_after(2), 150);
        assert_eq!(found_after(99), 50 * SEEK as usize, "of a function that is not there");
    }

    #[test]
    fn a_dead_letter_that_could_not_be_written_is_looked_for_where_there_is_a_queue() {
        let mut targets = chain();
        targets.keepers.insert(function(7));
        let mut rounds = Rounds::default();
        let all = rounds.asks(&Interest::default(), &targets);
        rounds.answered(&answer(&all, 0.0));
        rounds.counted(&sums(Metric::DeadLetterErrors, &[(1, 1.0)]), &targets);
        let asks = rounds.asks(&Interest::default(), &targets).concat();
        assert_eq!(asks, of_node(&function(7), [Metric::DeadLetterErrors]));
    }

    #[test]
    fn what_the_account_counts_before_a_function_is_found_is_looked_for_when_it_is() {
        let mut rounds = Rounds::default();
        let mut targets = chain();
        rounds.counted(
            &sums(Metric::DestinationDeliveryFailures, &[(1, 82.0)]),
            &Targets::default(),
        );
        targets.keepers.insert(function(7));
        let all = rounds.asks(&Interest::default(), &targets);
        let asked = all.concat();
        let failures = |query: &&Query| query.metric == Metric::DestinationDeliveryFailures;
        assert_eq!(asked.iter().filter(failures).count(), 1);
        rounds.answered(&answer(&all, 1.0));
        let again = rounds.asks(&Interest::default(), &targets).concat();
        assert!(
            !again.iter().any(|query| failures(&query)),
            "it is asked once for each that is counted"
        );
    }
}
