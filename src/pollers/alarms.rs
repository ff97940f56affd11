//! Alarms that are in ALARM, once a minute.

use super::context::Shared;
use crate::aws::Error;
use crate::domain::Fact;
use crate::pollers::unread::Unread;

/// Reads alarms for ever.
pub async fn run(shared: &Shared) -> Result<(), Error> {
    loop {
        shared.link.ready().await;
        match shared.session.alarms().await {
            Ok(alarms) => {
                shared.emit.send(Fact::Alarms(alarms)).await;
                shared.works().await;
            }
            Err(error) => shared.fails(Unread::Alarms, &error).await,
        }
        tokio::time::sleep(shared.pace.metrics).await;
    }
}
