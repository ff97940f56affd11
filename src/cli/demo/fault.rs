//! Parses `--fault`.

use crate::sim::account::{FaultSyntaxError, Rule};
use crate::sim::call::Service;
use crate::sim::services;

/// An invalid `--fault`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FaultError {
    /// An operation without its service.
    #[error("{operation:?} is an operation, not a service: write {service}:{operation}")]
    NoService { operation: String, service: &'static str },
    /// The service has no such operation.
    #[error("{service} has no operation {operation:?}; {hint}")]
    NotOf {
        service: &'static str,
        operation: String,
        hint: String,
    },
    /// No service has such an operation.
    #[error("no service here has an operation {operation:?}; {hint}")]
    OfNone { operation: String, hint: String },
    /// No fault at all.
    #[error(transparent)]
    Unreadable(#[from] FaultSyntaxError),
}

/// A fault as it is written, in any case of letters. A bare word is a service; who writes an operation alone is told how.
pub(super) fn fault(text: &str) -> Result<Rule, FaultError> {
    let who = text.split_once('=').map_or("", |(who, _)| who.trim());
    let has = |service: &Service| services::operations(*service).any(|op| op.eq_ignore_ascii_case(who));
    if let Some(service) = Service::ALL.iter().find(|service| has(service)) {
        return Err(FaultError::NoService {
            operation: who.to_owned(),
            service: service.prefix(),
        });
    }
    known(text.parse()?)
}

/// A rule that some call can meet: a slip of the pen would be a fault that never comes.
fn known(rule: Rule) -> Result<Rule, FaultError> {
    let meets = |service| services::operations(service).any(|op| rule.meets(Some(service), op));
    if rule.services().any(meets) {
        return Ok(rule);
    }
    let all: Vec<&str> = rule.services().flat_map(services::operations).collect();
    let wanted = rule.op.to_lowercase();
    let alike = |op: &&&str| {
        let op = op.to_lowercase();
        op.chars().zip(wanted.chars()).take_while(|(a, b)| a == b).count()
    };
    let nearest = all.iter().max_by_key(alike).copied().unwrap_or_default();
    // What only begins with the same letter or two was not meant.
    let hint = match rule.service {
        _ if alike(&&nearest) >= 4 => format!("the nearest is {nearest}"),
        Some(_) => format!("it has {}", all.join(", ")),
        None => "write SERVICE:OPERATION, as in sqs:SendMessage".to_owned(),
    };
    let operation = rule.op;
    Err(match rule.service.map(Service::prefix) {
        Some(service) => FaultError::NotOf {
            service,
            operation,
            hint,
        },
        None => FaultError::OfNone { operation, hint },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_read_in_any_case_of_letters_and_its_service_is_named() {
        let rule = fault("sqs:ListQueues=throttle")
            .expect("a fault")
            .words()
            .to_lowercase();
        for same in ["SQS:listqueues=Throttle", "Sqs:LISTQUEUES=THROTTLED"] {
            let other = fault(same).map(|rule| rule.words().to_lowercase());
            assert_eq!(other.as_ref(), Ok(&rule), "{same}");
        }
        for text in ["ListQueues=Throttle", "listqueues=throttle"] {
            let why = fault(text).expect_err("no service").to_string();
            assert!(why.contains("is an operation, not a service: write sqs:"), "{why}");
        }
        assert!(fault("*:ListQueues=throttle").is_ok());
    }

    #[test]
    fn a_fault_that_no_call_can_meet_is_refused() {
        for good in [
            "sqs:GetQueueAttributes=AccessDenied",
            "sqs:receivemessage=500",
            "lambda:Invoke=throttle",
            "logs:StartLiveTail=denied",
            "logs:*=throttle",
            "*:List*=drop",
            "*=expired",
        ] {
            assert!(fault(good).is_ok(), "{good}");
        }
        let why = |text| fault(text).expect_err("no call meets it").to_string();
        assert_eq!(
            why("sqs:GetQueueAttribute=AccessDenied"),
            "sqs has no operation \"GetQueueAttribute\"; the nearest is GetQueueAttributes"
        );
        let nope = why("sqs:Nope=500");
        assert!(
            nope.contains("it has") && nope.contains("SendMessage") && !nope.contains("nearest"),
            "{nope}"
        );
        assert_eq!(
            why("*:Nope=500"),
            "no service here has an operation \"Nope\"; write SERVICE:OPERATION, as in sqs:SendMessage"
        );
        assert!(why("sqs:=500").starts_with("sqs has no operation \"\""));
        assert!(why("sqz:*=500").starts_with("\"sqz\" is no service here: lambda, sqs"));
    }
}
