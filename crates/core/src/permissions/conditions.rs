//! One condition of a statement, held against a request of a service.

use super::ask::Ask;
use super::glob::{self, ArnFit};
use crate::domain::resource_policy::{Condition, Test};

/// Whether something holds, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It depends on what is not known here.
    Unknown,
    /// It depends on the organisation, which nothing here proves.
    Organisation,
}

/// The value of a condition key in the request.
enum Value {
    Is(String),
    /// The request has no such key.
    Absent,
    Unknown,
    Organisation,
}

/// Whether the condition holds for the request.
pub(super) fn holds(condition: &Condition, ask: &Ask) -> Holds {
    let operator = &condition.operator;
    if matches!(operator.test, Test::Other(_)) {
        return Holds::Unknown;
    }
    let value = match value(&condition.key.to_ascii_lowercase(), ask) {
        Value::Is(value) => Some(value),
        Value::Absent => None,
        Value::Unknown => return Holds::Unknown,
        Value::Organisation => return Holds::Organisation,
    };
    if operator.test == Test::Null {
        // "true": the key must be absent.
        let wants_absence = condition.values.iter().any(|value| value.eq_ignore_ascii_case("true"));
        return yes(wants_absence == value.is_none());
    }
    // What a policy variable stands for is the request's, and not known here.
    if condition.values.iter().any(|value| value.contains("${")) {
        return Holds::Unknown;
    }
    let Some(value) = value else {
        // AWS (permissions): an absent key does not match, so what negates holds.
        return yes(operator.negates || operator.if_exists || operator.for_all);
    };
    let mut perhaps = false;
    let fits = condition.values.iter().any(|wanted| match operator.test {
        Test::Text => *wanted == value,
        Test::TextAnyCase | Test::Bool => wanted.eq_ignore_ascii_case(&value),
        Test::Like => glob::matches(wanted, &value),
        Test::Arn => match glob::arn_matches(wanted, &value) {
            ArnFit::Yes => true,
            ArnFit::No => false,
            ArnFit::Perhaps => {
                perhaps = true;
                false
            }
        },
        Test::Null | Test::Other(_) => false,
    });
    if !fits && perhaps {
        return Holds::Unknown;
    }
    yes(fits != operator.negates)
}

fn yes(holds: bool) -> Holds {
    if holds { Holds::Yes } else { Holds::No }
}

/// What the request says for a key (in lower case), as far as it is known for a call that a service makes itself.
fn value(key: &str, ask: &Ask) -> Value {
    match key {
        "aws:sourcearn" => Value::Is(ask.source_arn.clone()),
        "aws:sourceaccount" => Value::Is(ask.source_account.clone()),
        // AWS's services deliver by TLS.
        "aws:securetransport" | "aws:principalisawsservice" => Value::Is("true".to_owned()),
        "aws:principalservicename" => Value::Is(ask.service.clone().into_owned()),
        "aws:requestedregion" => Value::Is(ask.region.clone()),
        // AWS (permissions): not set by these two, so that a topic's default policy does not admit them; others do set it.
        "aws:sourceowner" if matches!(&*ask.service, "s3.amazonaws.com" | "events.amazonaws.com") => Value::Absent,
        // Alarms act for the account, so that a topic's default policy admits them.
        "aws:sourceowner" if ask.service == "cloudwatch.amazonaws.com" => Value::Is(ask.source_account.clone()),
        // Only calls through a function URL and of Alexa have these.
        "lambda:functionurlauthtype" | "lambda:invokedviafunctionurl" | "lambda:eventsourcetoken" => Value::Absent,
        "aws:principalorgid"
        | "aws:principalorgpaths"
        | "aws:sourceorgid"
        | "aws:sourceorgpaths"
        | "aws:resourceorgid"
        | "aws:resourceorgpaths" => Value::Organisation,
        _ => Value::Unknown,
    }
}
