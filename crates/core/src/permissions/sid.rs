//! The `Sid` of a suggested statement: it says what the statement is for, and is unique per source.

use std::collections::BTreeSet;

use super::ask::Ask;
use crate::domain::{Arn, Detail, Node};

/// AWS (permissions): a statement id of `AddPermission` has 100 characters at most.
const LONGEST: usize = 100;

/// Of which characters an id is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// AWS (permissions): `AddPermission` takes letters, digits, `-` and `_`.
    Dashes,
    /// AWS (permissions): the `Sid` of a policy document takes letters and digits everywhere.
    Letters,
}

/// An id that the target's policies do not have yet.
pub(super) fn free(ask: &Ask, target: &Node, form: Form) -> String {
    let taken = taken(target);
    let end = |n: usize| match (n, form) {
        (1, _) => String::new(),
        (n, Form::Dashes) => format!("-{n}"),
        (n, Form::Letters) => format!("x{n}"),
    };
    // One more than are taken is free.
    let ids = (1..=taken.len() + 1).map(|n| id(ask, form, &end(n)));
    let mut free = ids.filter(|id| !taken.contains(id.as_str()));
    free.next().unwrap_or_default()
}

fn taken(target: &Node) -> BTreeSet<&str> {
    let policies: Vec<_> = match &target.detail {
        Detail::Function(function) => function.permissions.policies.values().collect(),
        Detail::Queue(queue) => queue.policy.iter().collect(),
        Detail::Topic(topic) => topic.policy.iter().collect(),
        _ => Vec::new(),
    };
    let statements = policies.into_iter().flat_map(|policy| &policy.statements);
    statements.filter_map(|statement| statement.sid.as_deref()).collect()
}

fn id(ask: &Ask, form: Form, end: &str) -> String {
    let service = ask.service.split('.').next().unwrap_or("service");
    let arn = Arn::parse(&ask.source_arn);
    let name = arn.map_or("", |arn| arn.name());
    let is_plain = |c: char| c.is_ascii_alphanumeric() || (form == Form::Dashes && matches!(c, '-' | '_'));
    let mut id: String = match form {
        Form::Dashes => {
            let plain = |c: char| if is_plain(c) { c } else { '-' };
            format!("allow-{service}-{name}").chars().map(plain).collect()
        }
        Form::Letters => {
            let text = format!("allow{service}{name}");
            text.chars().filter(|c| is_plain(*c)).collect()
        }
    };
    // A truncated or rewritten name, or one that several buses may share, is not unique by itself.
    let is_whole = id.len() + end.len() <= LONGEST && name.chars().all(is_plain);
    let is_only = arn.is_some_and(|arn| matches!(arn.resource.strip_suffix(name), Some("" | "rule/" | "alarm:")));
    if !(is_whole && is_only) {
        let own = format!("{:08x}", hash(&ask.source_arn));
        let dash = if form == Form::Dashes { "-" } else { "" };
        id.truncate(LONGEST - end.len() - own.len() - dash.len());
        id = id + dash + &own;
    }
    id + end
}

/// FNV-1a of 32 bits: the same on every machine and in every version.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{NodeId, NodeKind, Scope};

    fn ids(sources: &[&str], form: Form) -> Vec<String> {
        let scope = Scope {
            partition: "aws".into(),
            account: "1".into(),
            region: "r".into(),
        };
        let target = Node {
            id: NodeId::from("arn:aws:sqs:r:1:q"),
            kind: NodeKind::Sqs,
            name: "q".into(),
            detail: Detail::None,
        };
        let to = Arn::parse("arn:aws:sqs:r:1:q").expect("an ARN");
        let of = |source: &&str| {
            let ask = Ask::of(&Arn::parse(source).expect("an ARN"), &to, None, &scope).expect("a request");
            free(&ask, &target, form)
        };
        sources.iter().map(of).collect()
    }

    #[test]
    fn a_plain_name_is_told_as_it_is() {
        let sources = [
            "arn:aws:s3:::orders-bkt",
            "arn:aws:events:r:1:rule/r2",
            "arn:aws:sns:r:1:news_2",
        ];
        assert_eq!(
            ids(&sources, Form::Dashes),
            ["allow-s3-orders-bkt", "allow-events-r2", "allow-sns-news_2"]
        );
        assert_eq!(ids(&sources[1..2], Form::Letters), ["alloweventsr2"]);
    }

    #[test]
    fn no_two_sources_get_the_same_id() {
        let long = |end: &str| format!("arn:aws:sns:r:1:{}{end}", "T".repeat(200));
        let (one, two) = (long(""), long("2"));
        let sources = [
            "arn:aws:events:r:1:rule/r",
            "arn:aws:events:r:1:rule/orders/r",
            "arn:aws:events:r:1:rule/a.b_c/r",
            "arn:aws:events:r:1:rule/r-q1",
            "arn:aws:events:r:1:rule/r_q1",
            "arn:aws:events:r:1:rule/r.q1",
            "arn:aws:events:r:1:rule/rq1",
            "arn:aws:events:r:1:rule/rq.1",
            &one,
            &two,
        ];
        for form in [Form::Dashes, Form::Letters] {
            let all = ids(&sources, form);
            let distinct: BTreeSet<&String> = all.iter().collect();
            assert_eq!(distinct.len(), sources.len(), "{all:?}");
            for id in &all {
                assert!(id.len() <= LONGEST, "{id}");
                let fits = |c: char| c.is_ascii_alphanumeric() || (form == Form::Dashes && matches!(c, '-' | '_'));
                assert!(id.chars().all(fits), "{id}");
            }
        }
    }
}
