//! What a function is at this moment, beside what the last survey found.

use aws_sdk_lambda::types::{Concurrency, FunctionConfiguration};
use jiff::Timestamp;

use super::functions::parse_time;
use super::{Error, Session, api};

/// A function at this moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionNow {
    /// When its code or configuration was changed last.
    pub modified: Option<Timestamp>,
    /// The version that the name asked for leads to: `$LATEST`, or a number. `None` if the service does not say.
    pub version: Option<String>,
    /// `Active`, `Inactive`, `Failed`, …
    pub state: Option<String>,
    /// Why it is in that state, where the service says so.
    pub state_reason: Option<String>,
    /// Reserved concurrency; `None` if none is reserved.
    pub reserved: Option<u32>,
}

impl Session {
    /// The current state of a function, or of a version by `qualifier` (an alias or version). `None` if it does not exist.
    /// AWS (functions): reserved concurrency is the function's, whatever version is asked for.
    ///
    /// # Errors
    ///
    /// If the call failed.
    pub async fn function_now(&self, function: &str, qualifier: Option<&str>) -> Result<Option<FunctionNow>, Error> {
        let Some(whole) = self.one_now(function, None).await? else {
            return Ok(None);
        };
        if qualifier.is_none() {
            return Ok(Some(whole));
        }
        let version = self.one_now(function, qualifier).await?;
        Ok(version.map(|version| FunctionNow {
            reserved: whole.reserved,
            ..version
        }))
    }

    async fn one_now(&self, function: &str, qualifier: Option<&str>) -> Result<Option<FunctionNow>, Error> {
        let clients = self.clients();
        let call = || {
            let asked = clients.lambda.get_function().function_name(function);
            asked.set_qualifier(qualifier.map(Into::into)).send()
        };
        // The answer also holds a signed URL of the code: it goes no further than here.
        let answer = match self.caller.call(&api::GET_FUNCTION, call).await {
            Err(Error::NotFound) => return Ok(None),
            other => other?,
        };
        let concurrency = answer.concurrency();
        let reserved = concurrency.and_then(Concurrency::reserved_concurrent_executions);
        let configuration = answer.configuration();
        Ok(Some(FunctionNow {
            modified: configuration
                .and_then(FunctionConfiguration::last_modified)
                .and_then(parse_time),
            version: configuration
                .and_then(FunctionConfiguration::version)
                .map(str::to_owned),
            state: configuration
                .and_then(FunctionConfiguration::state)
                .map(|state| state.as_str().to_owned()),
            state_reason: configuration
                .and_then(FunctionConfiguration::state_reason)
                .map(str::to_owned),
            reserved: reserved.and_then(|n| u32::try_from(n).ok()),
        }))
    }
}
