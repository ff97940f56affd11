//! What a command says on stderr while it looks at the account: how far it is, and that its credentials have expired.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::console;
use crate::domain::Connection;
use crate::domain::phrase::Exact;
use crate::store::Snapshot;
use crate::words::Words;

pitagora_core::phrases! {
    /// What is said of the credentials while a command runs.
    pub enum Credentials in "credentials" {
        Expired { advice: String, wait: Option<Exact> },
        Renewed,
    }
}

/// How long a command that has an end waits for a login.
const LOGIN: Duration = Duration::from_mins(10);

/// What became of the credentials while a command runs.
#[derive(Debug, Default)]
pub(super) struct Login {
    /// Whether the command has no end of its own.
    is_endless: bool,
    /// Since when they are refused.
    refused: Option<Instant>,
    /// When they were renewed last, in account time.
    renewed: Option<Timestamp>,
}

impl Login {
    /// For a command that ends once it knows what was asked for, or for one `is_endless`.
    pub(super) fn of(is_endless: bool) -> Self {
        Self {
            is_endless,
            ..Self::default()
        }
    }

    /// Says once that the credentials have expired, with the command that renews them, and once that they were renewed.
    /// Answers whether one of both was said now.
    pub(super) fn see(&mut self, snapshot: &Snapshot) -> bool {
        let said = self.next(&snapshot.connection, snapshot.as_of);
        let is_news = said.is_some();
        if let Some(said) = said {
            console::say(Words::utc().say(&said.into()));
        }
        is_news
    }

    fn next(&mut self, now: &Connection, as_of: Option<Timestamp>) -> Option<Credentials> {
        let before = self.refused;
        match now {
            Connection::Expired { advice } => {
                self.refused = before.or_else(|| Some(Instant::now()));
                let advice = advice.trim_end_matches('.').to_owned();
                let wait = (!self.is_endless).then(|| Exact::secs(LOGIN.as_secs().cast_signed()));
                before.is_none().then_some(Credentials::Expired { advice, wait })
            }
            Connection::Open => {
                self.refused = None;
                self.renewed = before.map_or(self.renewed, |_| as_of);
                before.map(|_| Credentials::Renewed)
            }
            // No answer says nothing of credentials.
            _ => None,
        }
    }

    /// Whether what a snapshot knows was asked with credentials that were not refused: after a login all is asked again.
    pub(super) fn is_settled(&self, snapshot: &Snapshot) -> bool {
        let surveyed = snapshot.topology.surveyed_at;
        self.refused.is_none()
            && self
                .renewed
                .is_none_or(|renewed| surveyed.is_some_and(|at| at > renewed))
    }

    /// Until when a command waits that would wait until `patience`.
    pub(super) fn until(&self, patience: Instant) -> Instant {
        self.refused.map_or(patience, |since| since + LOGIN)
    }
}

/// Says how far the account is read.
pub(super) fn progress(snapshot: &Snapshot) {
    if let Some((done, total)) = snapshot.topology.progress {
        let nodes = snapshot.topology.nodes.len();
        console::progress(format_args!(
            "reading the account: {done} of {total} calls, {nodes} nodes{}",
            if snapshot.topology.shares_calls() {
                " (deployments share Lambda's 15 calls/s)"
            } else {
                ""
            }
        ));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn at(second: i64) -> Option<Timestamp> {
        Timestamp::from_second(second).ok()
    }

    #[test]
    fn expired_credentials_are_said_once_and_so_is_their_renewal() {
        let expired = Connection::Expired {
            advice: "ExpiredToken: run `aws sso login`.".to_owned(),
        };
        let unreachable = Connection::Unreachable { why: String::new() };
        for (is_endless, waits) in [
            (true, "this command continues by itself after that."),
            (false, "this command waits 10 min for that and continues by itself."),
        ] {
            let mut login = Login::of(is_endless);
            let mut said = |now: &Connection| login.next(now, at(5)).map(|said| Words::utc().say(&said.into()));
            assert_eq!(said(&Connection::Open), None);
            assert_eq!(
                said(&expired),
                Some(format!(
                    "credentials expired (ExpiredToken: run `aws sso login`): {waits}"
                ))
            );
            assert_eq!((said(&expired), said(&unreachable), said(&expired)), (None, None, None));
            assert_eq!(said(&Connection::Open).as_deref(), Some("credentials renewed."));
            assert_eq!(said(&Connection::Open), None);
        }
    }

    #[test]
    fn what_was_surveyed_before_a_login_is_not_taken_for_all() {
        let mut login = Login::default();
        let mut snapshot = Snapshot::default();
        let mut surveyed = |second| {
            Arc::make_mut(&mut snapshot.topology).surveyed_at = at(second);
            snapshot.clone()
        };
        assert!(login.is_settled(&surveyed(1)));
        let expired = Connection::Expired { advice: String::new() };
        login.next(&expired, at(2));
        assert!(!login.is_settled(&surveyed(3)));
        login.next(&Connection::Open, at(4));
        assert!(!login.is_settled(&surveyed(3)));
        assert!(login.is_settled(&surveyed(5)));
    }
}
