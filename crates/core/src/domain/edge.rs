//! The lines of the graph.

use serde::{Deserialize, Serialize};

use super::{EdgePolicy, NodeId};

/// What an edge says. The words are those of the JSON contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// What starts what; a topic that feeds a queue included.
    Trigger,
    /// A function's `OnSuccess` or `OnFailure`.
    Destination,
    /// From where delivery or run failed, to where the event lands.
    DeadLetter,
    /// What a function calls.
    Writes,
}

/// How an edge is known. Later is weaker; of two the stronger stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The service itself says so.
    Configured,
    /// Traces or logs show it.
    Observed,
    /// The user's file says so.
    Declared,
    /// Only a resource policy says so: it may, which does not mean that it does.
    Permitted,
    /// An environment variable names it.
    Guessed,
}

impl Evidence {
    /// Whether the edge is drawn as a solid line.
    #[must_use]
    pub fn is_solid(self) -> bool {
        matches!(self, Self::Configured | Self::Observed | Self::Declared)
    }

    /// In a word, as in the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Configured => "configured",
            Self::Observed => "observed",
            Self::Declared => "declared",
            Self::Permitted => "permitted",
            Self::Guessed => "guessed",
        }
    }
}

impl EdgeKind {
    /// In a word, as in the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Trigger => "trigger",
            Self::Destination => "destination",
            Self::DeadLetter => "dead_letter",
            Self::Writes => "writes",
        }
    }
}

/// What makes two edges the same edge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EdgeKey {
    /// Where it starts.
    pub from: NodeId,
    /// Where it ends.
    pub to: NodeId,
    /// What it says.
    pub kind: EdgeKind,
    /// The alias or version of the function at its end (or at its start, for what a function sends).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<String>,
}

/// One edge, with how it is known and by which rules events travel along it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// Its identity.
    #[serde(flatten)]
    pub key: EdgeKey,
    /// How it is known.
    pub evidence: Evidence,
    /// Whether events pass: false for a disabled mapping, rule or schedule.
    pub enabled: bool,
    /// What lies between its ends and is no node of its own: `default bus` from a bucket to a rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// By which rules; several where several notifications or targets join the same two ends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<EdgePolicy>,
}

impl Edge {
    /// An enabled edge without a policy.
    #[must_use]
    pub fn new(from: NodeId, to: NodeId, kind: EdgeKind, evidence: Evidence) -> Self {
        Self {
            key: EdgeKey {
                from,
                to,
                kind,
                qualifier: None,
            },
            evidence,
            enabled: true,
            via: None,
            policies: Vec::new(),
        }
    }

    /// With the alias or version meant.
    #[must_use]
    pub fn qualified(mut self, qualifier: Option<String>) -> Self {
        self.key.qualifier = qualifier;
        self
    }

    /// With its policy, where that says anything.
    #[must_use]
    pub fn with(mut self, policy: EdgePolicy) -> Self {
        if policy != EdgePolicy::default() {
            self.policies.push(policy);
        }
        self
    }

    /// By way of what.
    #[must_use]
    pub fn via(mut self, via: &str) -> Self {
        self.via = Some(via.to_owned());
        self
    }

    /// Enabled or not.
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// Whether what fails asynchronously to the end is kept at the other end: a function's dead-letter queue or `OnFailure`
    /// destination. A mapping's `OnFailure` is for what it polls, and keeps none of these.
    #[must_use]
    pub fn keeps_failures(&self) -> bool {
        let policy = |holds: fn(&EdgePolicy) -> bool| self.policies.iter().any(holds);
        match self.key.kind {
            EdgeKind::DeadLetter => policy(|policy| policy.retries.by.as_deref() == Some("lambda")),
            EdgeKind::Destination => policy(|policy| policy.condition.as_deref() == Some("OnFailure")),
            EdgeKind::Trigger | EdgeKind::Writes => false,
        }
    }

    /// Whether it is where an event source mapping leaves what it gave up.
    #[must_use]
    pub fn is_of_mapping(&self) -> bool {
        let by_mapping = |policy: &EdgePolicy| policy.retries.by.as_deref() == Some("mapping");
        self.key.kind == EdgeKind::DeadLetter && self.policies.iter().any(by_mapping)
    }

    /// Takes in what another source says of the same edge: the stronger evidence stays, with its word on whether it
    /// is enabled; policies are gathered.
    pub fn merge(&mut self, other: &Self) {
        match other.evidence.cmp(&self.evidence) {
            std::cmp::Ordering::Less => {
                self.evidence = other.evidence;
                self.enabled = other.enabled;
            }
            std::cmp::Ordering::Equal => self.enabled |= other.enabled,
            std::cmp::Ordering::Greater => {}
        }
        if self.via.is_none() {
            self.via.clone_from(&other.via);
        }
        for policy in &other.policies {
            if !self.policies.contains(policy) {
                self.policies.push(policy.clone());
            }
        }
    }
}
