//! Who asks for one thing waits for one thing: the survey of what was named, of what feeds it and of where it leads.
//!
//! ```text
//!  functions, mappings ─┐                          listed whole: a page holds 50 or 100
//!  the queue ───────────┼─▶ who names it, who reads it ─▶ what is configured for these
//!    its policy names ──┘    ListDeadLetterSourceQueues
//! ```
//!
//! A destination and whatever acts by a role (a schedule, a pipe) name a queue where nothing lists them: who feeds a queue is
//! known of those that were found, and of no others. [`Fact::Narrowed`](crate::domain::Fact::Narrowed) says so.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Survey, part};
use crate::aws::functions::FunctionSeen;
use crate::aws::{Error, api, policy};
use crate::domain::{Arn, Edge, EdgeKind, Evidence, NodeId};
use crate::pollers::unread::Unread;

/// What a survey is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Want {
    /// The account, or the part of it that is in scope.
    #[default]
    Everything,
    /// Which functions there are, and where they log.
    Logs,
    /// The functions in scope, what feeds them and where they leave what fails.
    Functions,
    /// Queues and functions by name, URL or ARN: what feeds the queues, and who reads from there.
    Named(Vec<String>),
}

/// Up to so many functions and queues the whole account is asked: that takes some seconds, and leaves nothing unknown.
const FEW_FUNCTIONS: usize = 25;
const FEW_QUEUES: usize = 200;

impl Survey<'_> {
    /// Whether only what was asked for is surveyed.
    pub(super) async fn is_near(&self) -> bool {
        match self.want {
            Want::Everything => false,
            Want::Logs => true,
            Want::Functions | Want::Named(_) => {
                let functions = self.state().guessing.environments.len();
                let many = |urls: Vec<String>| urls.len() > FEW_QUEUES;
                functions > FEW_FUNCTIONS || self.session.queue_urls().await.is_ok_and(many)
            }
        }
    }

    /// Surveys what was asked for. The functions in scope are listed, and all mappings.
    pub(super) async fn near(&self, functions: &[Arc<FunctionSeen>]) {
        match &self.want {
            Want::Everything => {}
            Want::Logs => self.log_classes(functions).await,
            Want::Functions => self.near_functions(functions).await,
            Want::Named(names) => self.near_named(functions, names).await,
        }
    }

    async fn near_functions(&self, functions: &[Arc<FunctionSeen>]) {
        tokio::join!(self.configurations(functions), self.log_classes(functions));
        self.aliases(functions).await;
        tokio::join!(self.urls(functions), self.named_versions(functions), async {
            let sources = self.edges(|edge| (edge.evidence == Evidence::Permitted).then(|| edge.key.from.clone()));
            self.each(sources.into_iter().collect(), |id| async move {
                self.source(id.as_str()).await;
            })
            .await;
        });
        // Their source queues and DLQs, then the dead-letter queues of these.
        let mut asked = BTreeSet::new();
        for _ in 0..2 {
            let mut queues = self.edges(|edge| match edge.key.kind {
                EdgeKind::Trigger => Some(edge.key.from.clone()),
                EdgeKind::DeadLetter | EdgeKind::Destination => Some(edge.key.to.clone()),
                EdgeKind::Writes => None,
            });
            // A queue's own dead-letter queue is next to what is in scope only by that queue.
            queues.extend(self.state().moves().into_iter().map(|edge| edge.key.to));
            queues.retain(|id| asked.insert(id.clone()));
            self.each(
                queues.into_iter().collect(),
                |id| async move { self.queue_of(&id).await },
            )
            .await;
        }
        self.loop_detection(functions).await;
    }

    /// The queues that were asked for by name. Nothing else need be known for that.
    pub(super) async fn named_queues(&self) {
        let Want::Named(names) = &self.want else { return };
        self.each(names.clone(), |name| async move {
            if let Some(url) = self.url_of(&name).await {
                self.state().asked.queues.insert(NodeId::from(self.queue_arn(&url)));
                self.fed_queue(&url).await;
            }
        })
        .await;
    }

    async fn near_named(&self, functions: &[Arc<FunctionSeen>], names: &[String]) {
        let queues = self.state().asked.queues.clone();
        // Resources that use one of them as a DLQ, and their functions.
        let feeders = self.edges(|edge| {
            let feeds = edge.key.kind != EdgeKind::Trigger && queues.contains(&edge.key.to);
            feeds.then(|| edge.key.from.clone())
        });
        let behind = self.edges(|edge| {
            let from = &edge.key.from;
            let starts = edge.key.kind == EdgeKind::Trigger && (feeders.contains(from) || queues.contains(from));
            starts.then(|| edge.key.to.clone())
        });
        self.pipes_of(&queues.union(&feeders).cloned().collect()).await;
        let by_arn: BTreeSet<NodeId> = names
            .iter()
            .filter_map(|name| Some(Arn::parse(name)?.node().0))
            .collect();
        let near = |id: &NodeId| feeders.contains(id) || behind.contains(id) || by_arn.contains(id);
        let near: Vec<Arc<FunctionSeen>> = functions.iter().filter(|one| near(&one.id)).cloned().collect();
        tokio::join!(
            self.each(near.clone(), |one| async move { self.invoke_configs(&one).await }),
            self.each(near.clone(), |one| async move { self.function_state(&one).await }),
            self.log_classes(functions),
            // AWS (functions): the dead-letter queue of an alias is that of the version behind it.
            self.aliases(&near),
            self.named_versions(&near),
        );
    }

    /// What the links that were found so far give.
    fn edges(&self, of: impl Fn(&Edge) -> Option<NodeId>) -> BTreeSet<NodeId> {
        let state = self.state();
        let edges = state.memory.iter().flat_map(|part| &part.edges);
        edges.filter_map(of).collect()
    }

    /// The URL of a queue by its name, URL or ARN; `None` where it is no queue of this account and region.
    async fn url_of(&self, name: &str) -> Option<String> {
        if name.starts_with("http://") || name.starts_with("https://") {
            return Some(name.to_owned());
        }
        let arn = Arn::parse(name);
        if arn.is_some_and(|arn| arn.service != "sqs" || !self.scope().holds(&arn)) {
            return None;
        }
        let name = arn.map_or(name, |arn| arn.name());
        match self.session.queue_url(name).await {
            Ok(url) => Some(url),
            Err(Error::NotFound) => None,
            Err(error) => {
                let what = Unread::QueueUrl { queue: name.to_owned() };
                self.unread(part(&api::GET_QUEUE_URL, name), what, &error).await;
                None
            }
        }
    }

    /// A queue that a link names.
    async fn queue_of(&self, id: &NodeId) {
        if Arn::parse(id.as_str()).is_some_and(|arn| arn.service == "sqs")
            && let Some(url) = self.url_of(id.as_str()).await
        {
            self.queue(&url).await;
        }
    }

    /// A queue, its source queues, and what its policy names.
    async fn fed_queue(&self, url: &str) {
        let sources = async {
            let id = self.queue_arn(url);
            let part = part(&api::LIST_DEAD_LETTER_SOURCES, id.as_str());
            match self.session.dead_letter_sources(url).await {
                Ok(urls) => {
                    self.each(urls, |url| async move { drop(self.queue(&url).await) }).await;
                }
                Err(Error::NotFound) => {}
                Err(error) => {
                    let what = Unread::SourceQueues {
                        queue: NodeId::from(id),
                    };
                    self.unread(part, what, &error).await;
                }
            }
        };
        let named = async {
            let policy = self.queue(url).await.unwrap_or_default();
            let sources: BTreeSet<String> = policy::sources(&policy).into_iter().collect();
            self.each(
                sources.into_iter().collect(),
                |arn| async move { self.source(&arn).await },
            )
            .await;
        };
        tokio::join!(sources, named);
    }

    /// What a policy names as a source: its own configuration shows what it sends, and where it leaves what it gives up.
    async fn source(&self, arn: &str) {
        let Some(parsed) = Arn::parse(arn).filter(|arn| !arn.is_pattern()) else {
            return;
        };
        let here = self.scope().holds(&parsed);
        match parsed.service {
            "s3" => self.bucket(parsed.resource).await,
            "sns" if here => self.topic_of(arn).await,
            "events" if here && parsed.resource.starts_with("rule/") => self.rule_of(arn).await,
            "logs" if here => self.log_group(parsed.name()).await,
            _ => {}
        }
    }

    async fn topic_of(&self, arn: &str) {
        self.topic(arn).await;
        match self.session.subscriptions_of(arn).await {
            Ok(subscriptions) => {
                let joined = |protocol: &str| matches!(protocol, "lambda" | "sqs" | "firehose");
                let joined = subscriptions.into_iter().filter(|one| joined(&one.protocol));
                self.each(joined.collect(), |one| async move { _ = self.subscription(&one).await })
                    .await;
            }
            Err(Error::NotFound) => {}
            Err(error) => {
                let what = Unread::SubscriptionsOf {
                    topic: NodeId::from(arn),
                };
                self.unread(part(&api::LIST_TOPIC_SUBSCRIPTIONS, arn), what, &error)
                    .await;
            }
        }
    }

    async fn rule_of(&self, arn: &str) {
        match self.session.rule(arn).await {
            Ok(Some(rule)) => {
                self.found(
                    part(&api::LIST_RULES, arn),
                    vec![super::events::rule_node(&rule)],
                    Vec::new(),
                )
                .await;
                self.rule(&rule).await;
            }
            // A policy may name one that does not exist.
            Ok(None) => {}
            Err(error) => {
                let what = Unread::Rule {
                    rule: NodeId::from(arn),
                };
                self.unread(part(&api::LIST_RULES, arn), what, &error).await;
            }
        }
    }

    /// The pipes that take from these queues or bring messages there.
    async fn pipes_of(&self, queues: &BTreeSet<NodeId>) {
        match self.session.pipes().await {
            Ok(mut pipes) => {
                let is_one = |arn: &str| super::node_of(arn).is_some_and(|(id, _)| queues.contains(&id));
                pipes.retain(|pipe| is_one(&pipe.source) || is_one(&pipe.target));
                self.each(pipes, |pipe| async move { self.pipe(&pipe).await }).await;
            }
            Err(error) => {
                self.unread(part(&api::LIST_PIPES, ""), Unread::Pipes, &error).await;
            }
        }
    }
}
