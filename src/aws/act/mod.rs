//! The only place in the program that changes an account. Each call requires [`MayWrite`](crate::domain::MayWrite), a
//! receive as well, because it counts and hides the message.
//!
//! Calls that may be retried without harm (receiving, changing visibility, listing) are; calls that send, delete or start
//! have one attempt and return what is known of the outcome.

mod digest;
mod messages;
mod moves;
mod targets;

use super::Error;
use crate::domain::Sending;

/// What an error of a call that sends says about the message.
fn outcome(error: &Error) -> Sending {
    let why = error.to_string();
    match error {
        Error::Throttled { .. } => Sending::Later { why },
        Error::Denied { .. } | Error::Expired { .. } | Error::NotFound => Sending::Blocked { why },
        Error::Failed { transient: false, .. } => Sending::Refused { why },
        Error::Unreachable { .. }
        | Error::Failed { .. }
        | Error::Unreadable { .. }
        | Error::Empty { .. }
        | Error::Endless { .. } => Sending::Unknown { why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_no_is_a_no() {
        let action = "sqs:SendMessage";
        let unknown = [
            Error::Unreachable {
                action,
                why: "it took too long".into(),
                slow: true,
            },
            Error::Failed {
                action,
                code: "HTTP 500".into(),
                transient: true,
            },
            Error::Unreadable { action },
            Error::Empty { action },
        ];
        for error in unknown {
            assert!(matches!(outcome(&error), Sending::Unknown { .. }), "{error}");
        }
        assert!(matches!(outcome(&Error::Throttled { action }), Sending::Later { .. }));
        assert!(matches!(outcome(&Error::NotFound), Sending::Blocked { .. }));
    }
}
