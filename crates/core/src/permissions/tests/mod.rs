//! Policies as tools and people write them, each with the right verdict.

mod functions;
mod identity;
mod links;
mod queues;

use super::{Ask, Verdict, evaluate, parse};
use crate::domain::{Arn, Scope};

fn scope() -> Scope {
    Scope {
        partition: "aws".into(),
        account: "111122223333".into(),
        region: "eu-west-1".into(),
    }
}

/// What AWS asks of `target` (an ARN, with an alias where one is meant) for `source`.
fn ask(source: &str, target: &str) -> Ask {
    let (source, arn) = (Arn::parse(source).expect("an ARN"), Arn::parse(target).expect("an ARN"));
    let (id, qualifier) = arn.node();
    let arn = Arn::parse(id.as_str()).expect("an ARN");
    Ask::of(&source, &arn, qualifier.as_deref(), &scope()).expect("a service that asks")
}

fn verdict(document: &str, source: &str, target: &str) -> Verdict {
    let policy = parse(document).expect("a policy");
    evaluate([&policy], &ask(source, target))
}

/// In short.
fn said(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed => "allowed",
        Verdict::AllowedIf(_) => "allowed if",
        Verdict::Denied(_) => "denied",
        Verdict::NoStatement(_) => "no statement",
        Verdict::Unknown(_) => "unknown",
    }
}

/// A document of these statements.
fn of(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Id":"default","Statement":[{statements}]}}"#)
}
