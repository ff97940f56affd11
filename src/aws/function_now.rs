//! What a function's configuration says at this moment, beside what the last survey found.

use jiff::Timestamp;

use super::functions::parse_time;
use super::{Error, Session, api};

impl Session {
    /// When a function's code or configuration was changed last. `None` if it is gone.
    ///
    /// # Errors
    ///
    /// The answer could not be had.
    pub async fn modified(&self, function: &str) -> Result<Option<Timestamp>, Error> {
        let clients = self.clients();
        let call = || {
            clients
                .lambda
                .get_function_configuration()
                .function_name(function)
                .send()
        };
        match self.caller.call(&api::GET_CONFIGURATION, call).await {
            Ok(answer) => Ok(answer.last_modified().and_then(parse_time)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
