//! Surveys the worst functions first: in a large account it takes a minute to read all of them.
//!
//! Metrics show which functions fail, and depths of queues, which come with their attributes, where dead letters are. Both
//! arrive during the survey, and the next function is chosen by the latest.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt as _;
use futures::stream;
use jiff::SignedDuration;

use super::in_use::SMALL;
use super::{PARALLEL, State, Survey};
use crate::aws::cloudwatch::Query;
use crate::aws::functions::FunctionSeen;
use crate::domain::{EdgeKind, Metric, NodeId, Subject};

/// How far back errors count.
const LATELY: SignedDuration = SignedDuration::from_mins(15);

/// What is known to be bad so far.
#[derive(Default)]
pub(super) struct Worst {
    errors: BTreeMap<NodeId, f64>,
    /// Messages in queues that have any.
    depths: BTreeMap<NodeId, u64>,
    /// Counts changes.
    version: u32,
}

impl Worst {
    /// Notes the messages of a queue.
    pub(super) fn note_depth(&mut self, queue: &NodeId, messages: u64) {
        if messages > 0 {
            self.depths.insert(queue.clone(), messages);
            self.version += 1;
        }
    }
}

/// The rank of each function: its errors, and the dead letters of itself and of its source queues.
fn bad(state: &State) -> HashMap<NodeId, f64> {
    let mut bad: HashMap<NodeId, f64> = HashMap::new();
    for (function, errors) in &state.worst.errors {
        *bad.entry(function.clone()).or_default() += errors;
    }
    let edges = || state.memory.iter().flat_map(|part| &part.edges);
    let dead = edges().filter(|edge| edge.key.kind == EdgeKind::DeadLetter);
    let dead = dead.filter_map(|edge| Some((&edge.key.from, state.worst.depths.get(&edge.key.to)?)));
    let left: HashMap<&NodeId, f64> = dead.fold(HashMap::new(), |mut left, (from, messages)| {
        #[expect(clippy::cast_precision_loss, reason = "an order, not a sum")]
        let messages = *messages as f64;
        *left.entry(from).or_default() += messages;
        left
    });
    for (from, messages) in &left {
        *bad.entry((*from).clone()).or_default() += messages;
    }
    for edge in edges().filter(|edge| edge.key.kind == EdgeKind::Trigger) {
        if let Some(messages) = left.get(&edge.key.from) {
            *bad.entry(edge.key.to.clone()).or_default() += messages;
        }
    }
    bad
}

/// Functions that are still to be asked about, the worst one in front.
struct Waiting {
    functions: Vec<Arc<FunctionSeen>>,
    version: u32,
}

impl Waiting {
    /// The next function. Equal ones keep the order of their listing.
    fn next(&mut self, state: &State) -> Option<Arc<FunctionSeen>> {
        if self.version != state.worst.version {
            self.version = state.worst.version;
            let bad = bad(state);
            let how_bad = |function: &Arc<FunctionSeen>| bad.get(&function.id).copied().unwrap_or(0.0);
            // It is taken from the end.
            self.functions.reverse();
            self.functions
                .sort_by(|one, other| how_bad(other).total_cmp(&how_bad(one)));
            self.functions.reverse();
        }
        self.functions.pop()
    }
}

impl Survey<'_> {
    /// Reads the errors of all functions at once, where there are many: a cent a thousand.
    pub(super) async fn sweep(&self, functions: &[Arc<FunctionSeen>]) {
        if !self.worst_first || self.round > 0 || functions.len() <= SMALL {
            return;
        }
        let queries: Vec<Query> = functions
            .iter()
            .map(|function| Query {
                subject: Subject::Node(function.id.clone()),
                metric: Metric::Errors,
            })
            .collect();
        let now = self.emit.clock().now();
        // What cannot be read changes nothing but the order.
        let Ok(series) = self.session.metrics(&queries, now - LATELY, now).await else {
            return;
        };
        let mut state = self.state();
        for (query, points) in series {
            let errors: f64 = points.iter().map(|point| point.value).sum();
            if let (Subject::Node(id), true) = (query.subject, errors > 0.0) {
                state.worst.errors.insert(id, errors);
            }
        }
        state.worst.version += 1;
    }

    /// As [`each`](Self::each), for functions, the worst first.
    pub(super) async fn each_function<F: Future<Output = ()>>(
        &self,
        functions: &[Arc<FunctionSeen>],
        run: impl Fn(Arc<FunctionSeen>) -> F,
    ) {
        self.more(functions.len());
        let mut waiting = functions.to_vec();
        waiting.reverse();
        let waiting = Mutex::new(Waiting {
            functions: waiting,
            version: 0,
        });
        let next = || {
            let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.next(&self.state())
        };
        stream::iter(0..functions.len())
            .for_each_concurrent(PARALLEL, |_| {
                let one = next().map(&run);
                async {
                    if let Some(one) = one {
                        one.await;
                    }
                    self.done().await;
                }
            })
            .await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::environment::Environment;
    use crate::domain::{Edge, Evidence, Function, Part, Recollection};

    fn function(name: &str) -> Arc<FunctionSeen> {
        Arc::new(FunctionSeen {
            id: format!("arn:aws:lambda:r:1:function:{name}").into(),
            name: name.to_owned(),
            detail: Function::default(),
            dead_letter: None,
            environment: Environment::default(),
        })
    }

    fn queue(name: &str) -> NodeId {
        format!("arn:aws:sqs:r:1:{name}").into()
    }

    fn edge(from: &NodeId, to: &NodeId, kind: EdgeKind) -> Edge {
        Edge::new(from.clone(), to.clone(), kind, Evidence::Configured)
    }

    #[test]
    fn what_fails_and_what_left_dead_letters_goes_first() {
        let functions = ["a", "b", "reads", "c", "left", "fails"].map(function);
        let mut state = State::default();
        let (reads, left) = (functions[2].id.clone(), functions[4].id.clone());
        let edges = vec![
            edge(&queue("q"), &reads, EdgeKind::Trigger),
            edge(&queue("q"), &queue("q-dlq"), EdgeKind::DeadLetter),
            edge(&left, &queue("left-dlq"), EdgeKind::DeadLetter),
        ];
        state.memory.push(Recollection {
            part: Part::new("x", ""),
            nodes: vec![],
            edges,
        });
        let mut waiting = Waiting {
            functions: functions.iter().rev().cloned().collect(),
            version: 0,
        };
        let mut next = |state: &State| waiting.next(state).map(|one| one.name.clone()).unwrap_or_default();
        assert_eq!(next(&state), "a", "the order of the listing");
        state.worst.note_depth(&queue("q-dlq"), 40);
        state.worst.note_depth(&queue("left-dlq"), 4);
        state.worst.note_depth(&queue("q"), 9_000);
        assert_eq!(next(&state), "reads", "a queue at work is not bad");
        state.worst.errors.insert(functions[5].id.clone(), 7.0);
        state.worst.version += 1;
        assert_eq!([(); 5].map(|()| next(&state)), ["fails", "left", "b", "c", ""]);
    }
}
