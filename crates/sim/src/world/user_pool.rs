//! Cognito: user pools that ask a function at each sign-in and wait for it.

use serde_json::json;

use super::invocation::{Ask, Cause, Ending, Outcome};
use super::lineage::Lineage;
use super::metrics::MetricKey;
use super::{Happening, World};

/// AWS (delivery): a function has 5 seconds for its answer, and is asked three times in all; neither can be changed.
const PATIENCE_MS: i64 = 5_000;
const TRIES: u32 = 3;

/// A user pool.
#[derive(Clone, Debug)]
pub struct UserPool {
    /// Such as `eu-west-1_AbCdEfGhI`.
    pub id: String,
    /// The function invoked at each sign-in.
    pub function: String,
}

/// A pending sign-in.
#[derive(Clone, Debug)]
pub struct SignIn {
    pool: String,
    user: String,
    /// The number of the pending attempt, from 1.
    attempt: u32,
}

impl World {
    /// A pool's ARN.
    #[must_use]
    pub fn pool_arn(&self, id: &str) -> String {
        self.arn("cognito-idp", &format!("userpool/{id}"))
    }

    /// Makes a pool.
    pub(crate) fn add_user_pool(&mut self, name: &str, function: &str) -> String {
        let n = self.next_id();
        let id = format!("{}_{}", self.region, self.chance.slug("pool", n, 9));
        let pool = UserPool {
            id: id.clone(),
            function: function.to_owned(),
        };
        self.fronts.user_pools.insert(name.to_owned(), pool);
        id
    }

    /// Starts a sign-in.
    pub(crate) fn sign_in(&mut self, pool: &str, user: &str) {
        if !self.fronts.user_pools.contains_key(pool) {
            return;
        }
        let id = self.next_id();
        let sign_in = SignIn {
            pool: pool.to_owned(),
            user: user.to_owned(),
            attempt: 1,
        };
        self.fronts.sign_ins.insert(id, sign_in);
        self.ask_pool(id);
    }

    fn ask_pool(&mut self, id: u64) {
        let Some(sign_in) = self.fronts.sign_ins.get(&id).cloned() else {
            return;
        };
        let Some(pool) = self.fronts.user_pools.get(&sign_in.pool).cloned() else {
            return;
        };
        let event = json!({
            "version": "1", "region": self.region, "userPoolId": pool.id, "userName": sign_in.user,
            "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "web"},
            "triggerSource": "PreAuthentication_Authentication",
            "request": {"userAttributes": {"sub": sign_in.user}}, "response": {},
        });
        let admitted = self.lambda.functions.get(&pool.function).is_some_and(|function| {
            let source = self.pool_arn(&pool.id);
            function.admits("", "cognito-idp.amazonaws.com", &source)
        });
        let ask = Ask {
            function: pool.function,
            qualifier: String::new(),
            payload: event.to_string().into(),
            cause: Cause::Pool(id, sign_in.attempt),
            request: None,
            lineage: Lineage::default(),
            attempt: sign_in.attempt,
        };
        if !admitted || self.start(ask).is_err() {
            return self.signed_in(id, false);
        }
        self.later(self.clock.now + PATIENCE_MS, Happening::SignIn(id, sign_in.attempt));
    }

    /// The timeout of a sign-in. The function continues, but its response is ignored.
    pub(super) fn pool_waited(&mut self, id: u64, attempt: u32) {
        let Some(sign_in) = self.fronts.sign_ins.get_mut(&id).filter(|s| s.attempt == attempt) else {
            return;
        };
        if attempt >= TRIES {
            return self.signed_in(id, false);
        }
        sign_in.attempt += 1;
        self.ask_pool(id);
    }

    /// The function has answered. An error is an answer too: only silence is asked again.
    pub(super) fn pool_answered(&mut self, id: u64, attempt: u32, outcome: &Outcome) {
        if self.fronts.sign_ins.get(&id).is_some_and(|s| s.attempt == attempt) {
            self.signed_in(id, matches!(outcome.ending, Ending::Returned(_)));
        }
    }

    fn signed_in(&mut self, id: u64, well: bool) {
        let Some(pool) = self
            .fronts
            .sign_ins
            .remove(&id)
            .and_then(|s| self.fronts.user_pools.get(&s.pool))
        else {
            return;
        };
        let key = MetricKey::new("AWS/Cognito", "SignInSuccesses", &[("UserPool", &pool.id)]);
        self.records.metrics.add(key, self.clock.now, f64::from(u8::from(well)));
    }
}
