//! Edges of the graph.

use serde::{Deserialize, Serialize};

use super::{EdgePolicy, NodeId};

/// The kind of an edge. The names are those of the JSON contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// A trigger, or a delivery such as that of a topic to a queue.
    Trigger,
    /// A function's `OnSuccess` or `OnFailure`.
    Destination,
    /// From where a delivery or invocation failed to the DLQ that gets the event.
    DeadLetter,
    /// A call or write of a function.
    Writes,
}

/// How an edge is known. Later is weaker; the stronger of two is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The service's configuration.
    Configured,
    /// Traces or logs.
    Observed,
    /// The user's file.
    Declared,
    /// Only a resource policy: it is allowed, which does not mean that it happens.
    Permitted,
    /// An environment variable.
    Guessed,
}

impl Evidence {
    /// Whether the edge is drawn as a solid line.
    #[must_use]
    pub fn is_solid(self) -> bool {
        matches!(self, Self::Configured | Self::Observed | Self::Declared)
    }

    /// Its name in the JSON contract.
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
    /// Its name in the JSON contract.
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

/// The identity of an edge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EdgeKey {
    /// Where it starts.
    pub from: NodeId,
    /// Where it ends.
    pub to: NodeId,
    /// Its kind.
    pub kind: EdgeKind,
    /// The alias or version of the function at its end, or at its start for what a function sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<String>,
}

/// An edge, with its evidence and policies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// Its identity.
    #[serde(flatten)]
    pub key: EdgeKey,
    /// Its evidence.
    pub evidence: Evidence,
    /// `false` for a disabled mapping, rule or schedule.
    pub enabled: bool,
    /// An intermediary without a node: `default bus` between a bucket and a rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// Its policies; several if several notifications or targets join the same two ends.
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

    /// With an alias or version.
    #[must_use]
    pub fn qualified(mut self, qualifier: Option<String>) -> Self {
        self.key.qualifier = qualifier;
        self
    }

    /// With a policy, unless that is empty.
    #[must_use]
    pub fn with(mut self, policy: EdgePolicy) -> Self {
        if policy != EdgePolicy::default() {
            self.policies.push(policy);
        }
        self
    }

    /// With an intermediary.
    #[must_use]
    pub fn via(mut self, via: &str) -> Self {
        self.via = Some(via.to_owned());
        self
    }

    /// Sets whether it is enabled.
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// Whether it leads to where asynchronous events go after the last attempt: a function's dead-letter queue or
    /// `OnFailure` destination. The `OnFailure` of an event source mapping gets only what the mapping polls.
    #[must_use]
    pub fn keeps_failures(&self) -> bool {
        let policy = |holds: fn(&EdgePolicy) -> bool| self.policies.iter().any(holds);
        match self.key.kind {
            EdgeKind::DeadLetter => policy(|policy| policy.retries.by.as_deref() == Some("lambda")),
            EdgeKind::Destination => policy(|policy| policy.condition.as_deref() == Some("OnFailure")),
            EdgeKind::Trigger | EdgeKind::Writes => false,
        }
    }

    /// Whether it is the on-failure destination of an event source mapping.
    #[must_use]
    pub fn is_of_mapping(&self) -> bool {
        let by_mapping = |policy: &EdgePolicy| policy.retries.by.as_deref() == Some("mapping");
        self.key.kind == EdgeKind::DeadLetter && self.policies.iter().any(by_mapping)
    }

    /// Merges another report of the same edge: the stronger evidence decides, also whether it is enabled; policies are
    /// collected. What a resource policy permits a trigger is left out where the trigger's own configuration is known.
    pub fn merge(&mut self, other: &Self) {
        let is_told = |weak: &Self, strong: &Self| {
            weak.key.kind == EdgeKind::Trigger
                && (weak.evidence, strong.evidence) == (Evidence::Permitted, Evidence::Configured)
        };
        if is_told(other, self) {
            return;
        }
        if is_told(self, other) {
            self.policies.clear();
        }
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
