//! Chains that may feed themselves.

use super::words::{Next, Rate, What, Why};
use super::{View, whole};
use crate::domain::phrase::{Exact, Phrase};
use crate::domain::{Arn, Detail, Edge, EdgeKind, Evidence, Function, Node, NodeId, NodeKind};
use crate::store::loops::{Busy, Hop, Seen, Sign, is_fed_by_its_own_log, traffic};
use crate::store::snapshot::{Kind, Severity, Trouble};

pub(super) fn feeds_itself(view: &View<'_>) -> Option<Trouble> {
    // Named once, at the first function of the loop.
    let ring = view.topology.loops.iter().find(|ring| ring.contains(&view.node.id))?;
    let first = ring.iter().find(|id| id.as_str().contains(":function:"))?;
    if first != &view.node.id {
        return None;
    }
    let names = ring.iter().map(NodeId::short_name).collect::<Vec<_>>().join(" → ");
    let busy = busy(view, ring);
    let rate = busy.map(|busy| Rate::Invocations {
        per_minute: whole(busy.a_minute),
        price: an_hour(busy.dollars_an_hour),
    });
    let sign = busy.and_then(|busy| busy.sign);
    let (severity, what) = match (rate.clone(), sign) {
        (Some(rate), Some(_)) => (Severity::Warning, What::SeemsToFeedItself { rate }),
        (rate, _) if by_its_own_log(view) => (Severity::Warning, What::FedByItsOwnLog { rate }),
        _ => (Severity::Notice, What::MayFeedItself),
    };
    let guess = guessed(view, ring).map(|variable| Why::Guessed {
        variable: variable.to_owned(),
    });
    let seen = match (sign, rate) {
        (Some(sign), _) => Some(grows(sign)),
        (None, Some(rate)) if severity == Severity::Notice => Some(Why::RateNow { rate }),
        (None, rate) => rate.map(|_| Why::PriceEstimated),
    };
    let why = [Some(Why::Ring { names }), guess, seen];
    Some(Trouble {
        kind: Kind::MayFeedItself,
        why: Phrase::clauses(why.into_iter().flatten().map(Into::into)),
        next: next(view, ring).into(),
        ..view.trouble(severity, what)
    })
}

/// By what it is known that a loop feeds itself.
fn grows(sign: Sign) -> Why {
    match sign {
        Sign::OneByOne { count, longest } => Why::OneByOne {
            count,
            within: Exact::secs(longest.as_secs().max(0) + 1),
        },
        Sign::Rising { from, to } => Why::Rising { from, to },
    }
}

/// The edges from one member of the ring to another.
fn within<'a>(view: &'a View<'_>, ring: &'a [NodeId]) -> impl Iterator<Item = &'a Edge> {
    ring.iter()
        .flat_map(|id| view.neighbours.out(id))
        .copied()
        .filter(|edge| edge.key.kind != EdgeKind::DeadLetter && ring.contains(&edge.key.to))
}

fn guessed<'a>(view: &'a View<'_>, ring: &'a [NodeId]) -> Option<&'a str> {
    within(view, ring)
        .filter(|edge| edge.evidence == Evidence::Guessed)
        .flat_map(|edge| &edge.policies)
        .find_map(|policy| policy.variable.as_deref())
}

/// Whether the invocations of its functions show a running loop.
fn busy(view: &View<'_>, ring: &[NodeId]) -> Option<Busy> {
    let seen = Seen {
        runs: ring
            .iter()
            .filter_map(|id| view.invocations.get(id))
            .flat_map(|runs| runs.iter().map(AsRef::as_ref))
            .collect(),
        others: others(view, ring)
            .filter(|_| is_closed(view, ring, true))
            // A shard makes whatever comes in run one by one: then nothing else at all may be known to come.
            .filter(|others| *others == 0 || !is_in_order(view, ring)),
        is_serial_anyway: is_limited_to_one(view, ring),
        hop: if is_slow(view, ring) { Hop::Slow } else { Hop::Usual },
        is_stopped: uncovered(view, ring).is_none() && is_detected(view, ring),
        is_filtered: !is_closed(view, ring, false),
    };
    traffic(&seen, view.read.logs)
}

/// Whether events can go all the way round: what is switched off, or may only be there, carries nothing. What a bucket filters by
/// key may leave out what its function writes, or let it through: it counts where `filtered` says so.
fn is_closed(view: &View<'_>, ring: &[NodeId], filtered: bool) -> bool {
    let carries = |edge: &Edge| {
        let by_key = |filter: &String| {
            ["prefix ", "suffix ", "key "]
                .iter()
                .any(|word| filter.starts_with(word))
        };
        let is_narrow = |policy: &crate::domain::EdgePolicy| policy.filter.patterns.iter().any(by_key);
        let is_from_bucket = Arn::parse(edge.key.from.as_str()).is_some_and(|arn| arn.service == "s3");
        let is_filtered = is_from_bucket && !edge.policies.is_empty() && edge.policies.iter().all(is_narrow);
        edge.enabled && edge.evidence != Evidence::Permitted && (filtered || !is_filtered)
    };
    ring.iter().all(|id| {
        let mut on = within(view, ring).filter(|edge| edge.key.from == *id);
        on.any(carries) || own_log(view, id)
    })
}

/// Whether something in the ring hands on one batch after another.
fn is_in_order(view: &View<'_>, ring: &[NodeId]) -> bool {
    members(view, ring).any(|node| match node.kind {
        NodeKind::Sqs => node.name.strip_suffix(".fifo").is_some(),
        kind => matches!(
            kind,
            NodeKind::Kinesis | NodeKind::DynamodbStream | NodeKind::Kafka | NodeKind::Mq | NodeKind::Documentdb
        ),
    })
}

/// Whether a function of the loop is limited to one concurrent invocation.
fn is_limited_to_one(view: &View<'_>, ring: &[NodeId]) -> bool {
    functions(view, ring).any(|function| function.reserved_concurrency.is_some_and(|reserved| reserved <= 1))
}

fn members<'a>(view: &'a View<'_>, ring: &'a [NodeId]) -> impl Iterator<Item = &'a Node> {
    ring.iter()
        .filter_map(|id| view.topology.nodes.get(id))
        .map(AsRef::as_ref)
}

fn functions<'a>(view: &'a View<'_>, ring: &'a [NodeId]) -> impl Iterator<Item = &'a Function> {
    members(view, ring).filter_map(|node| match &node.detail {
        Detail::Function(function) => Some(&**function),
        _ => None,
    })
}

fn own_log(view: &View<'_>, id: &NodeId) -> bool {
    let group = view
        .topology
        .nodes
        .get(id)
        .and_then(|node| crate::store::loops::own_group(node));
    group.is_some_and(|group| view.topology.nodes.contains_key(&group))
}

/// How many events may have come into the ring from outside while one looked. `None` where something outside may have
/// brought any number.
fn others(view: &View<'_>, ring: &[NodeId]) -> Option<usize> {
    let minutes = usize::try_from(crate::store::loops::LATELY.as_mins()).unwrap_or(0) + 1;
    let mut count = 0;
    let outside = ring
        .iter()
        .flat_map(|id| view.neighbours.into(id))
        .filter(|edge| edge.key.kind != EdgeKind::DeadLetter && edge.enabled && !ring.contains(&edge.key.from));
    for edge in outside {
        let source = view.topology.nodes.get(&edge.key.from)?;
        count += match source.kind {
            NodeKind::Lambda => view.invocations.get(&source.id).map_or(0, |runs| {
                let since = view.read.logs.checked_sub(crate::store::loops::LATELY).ok();
                runs.iter().filter(|run| run.start >= since).count()
            }),
            // AWS (loops): once a minute at most.
            NodeKind::Schedule => minutes,
            // An alarm acts when its state changes, and is judged once a minute as a rule.
            NodeKind::Alarm if edge.evidence == Evidence::Configured => minutes,
            NodeKind::Eventbridge if edge.policies.iter().any(|policy| policy.schedule.is_some()) => minutes,
            // These would be configured if they started anything; of the others only the permission can be read.
            NodeKind::S3 | NodeKind::Sns | NodeKind::Eventbridge | NodeKind::Logs
                if edge.evidence == Evidence::Permitted && !is_pattern(&source.id) =>
            {
                0
            }
            _ => return None,
        };
    }
    Some(count)
}

/// Whether a bucket of the ring notifies another member itself, and not by way of a rule, or a log group is one of its members.
fn is_slow(view: &View<'_>, ring: &[NodeId]) -> bool {
    let notifies = |edge: &Edge| {
        let source = view.topology.nodes.get(&edge.key.from);
        edge.enabled && edge.via.is_none() && source.is_some_and(|node| node.kind == NodeKind::S3)
    };
    within(view, ring).any(notifies) || members(view, ring).any(|node| node.kind == NodeKind::Logs)
}

/// Whether a function of the loop allows recursion: AWS does not stop it then.
fn is_allowed(view: &View<'_>, ring: &[NodeId]) -> bool {
    functions(view, ring).any(|function| function.recursive_loop.as_deref() == Some("Allow"))
}

/// Whether recursive loop detection is known to apply to each function of the loop. AWS (loops): it requires one of the listed
/// SDKs, which a function on an OS-only runtime need not have.
fn is_detected(view: &View<'_>, ring: &[NodeId]) -> bool {
    functions(view, ring).all(|function| {
        let is_own_runtime = function
            .runtime
            .as_deref()
            .is_none_or(|name| name.starts_with("provided"));
        function.recursive_loop.as_deref() == Some("Terminate") && !is_own_runtime
    })
}

/// A member that AWS's detection does not see through: it knows the ways through Lambda, SQS, SNS and S3, and no other.
fn uncovered<'a>(view: &'a View<'_>, ring: &'a [NodeId]) -> Option<&'a Node> {
    members(view, ring).find(|node| {
        !matches!(
            node.kind,
            NodeKind::Lambda | NodeKind::Sqs | NodeKind::Sns | NodeKind::S3
        )
    })
}

fn is_pattern(id: &NodeId) -> bool {
    Arn::parse(id.as_str()).is_some_and(|arn| arn.is_pattern())
}

fn by_its_own_log(view: &View<'_>) -> bool {
    let Detail::Function(function) = &view.node.detail else {
        return false;
    };
    is_fed_by_its_own_log(view.node, function, view.neighbours.into(&view.node.id))
}

/// US dollars an hour, with as many digits as it takes to see them.
fn an_hour(dollars: f64) -> String {
    if dollars >= 1.0 {
        format!("${dollars:.2}/h")
    } else if dollars >= 0.001 {
        format!("${dollars:.4}/h")
    } else {
        "<$0.001/h".to_owned()
    }
}

fn next(view: &View<'_>, ring: &[NodeId]) -> Next {
    let Some(node) = uncovered(view, ring) else {
        return if is_allowed(view, ring) {
            Next::LoopAllowed
        } else {
            Next::LoopStopped
        };
    };
    let through = match node.kind {
        NodeKind::Eventbridge => "EventBridge",
        NodeKind::DynamodbStream => "DynamoDB",
        NodeKind::Logs => "a log group",
        _ => node.label(),
    };
    Next::Undetected {
        through: through.to_owned(),
        function: view.node.name.clone(),
    }
}
