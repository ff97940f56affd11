//! Alarms that are in ALARM, once a minute.

use super::context::Shared;
use crate::aws::Error;
use crate::domain::Fact;

/// Reads alarms for ever.
pub async fn run(shared: &Shared) -> Result<(), Error> {
    loop {
        shared.link.ready().await;
        match shared.session.alarms().await {
            Ok(alarms) => {
                shared.emit.send(Fact::Alarms(alarms)).await;
                shared.works().await;
            }
            Err(error) => shared.fails("alarms (cloudwatch:DescribeAlarms)", &error).await,
        }
        tokio::time::sleep(shared.pace.metrics).await;
    }
}
