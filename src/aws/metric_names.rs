//! CloudWatch: which metrics there are. AWS (metrics): those of the last two weeks, so that what was used by then is reported, and
//! what was not is not.

use std::collections::BTreeSet;

use aws_sdk_cloudwatch::types::DimensionFilter;

use super::pages::Pages;
use super::{Error, Session, api};

impl Session {
    /// The values that a dimension of a metric has had. AWS (apis): 500 metrics a page; a value shows within minutes, and for two weeks
    /// ([`ListMetrics`](https://docs.aws.amazon.com/goto/WebAPI/monitoring-2010-08-01/ListMetrics)).
    ///
    /// # Errors
    ///
    /// If the call failed.
    pub async fn dimension_values(
        &self,
        namespace: &str,
        metric: &str,
        dimension: &str,
    ) -> Result<BTreeSet<String>, Error> {
        let clients = self.clients();
        let filter = DimensionFilter::builder().name(dimension).build();
        let mut values = BTreeSet::new();
        let mut pages = Pages::of(&api::LIST_METRICS);
        while pages.more() {
            let call = || {
                let request = clients
                    .cloudwatch
                    .list_metrics()
                    .namespace(namespace)
                    .metric_name(metric);
                request.dimensions(filter.clone()).set_next_token(pages.token()).send()
            };
            let answer = self.caller.call(&api::LIST_METRICS, call).await?;
            let mut found: Vec<String> = Vec::new();
            for metric in answer.metrics() {
                let named = metric.dimensions().iter().filter(|one| one.name() == Some(dimension));
                found.extend(named.filter_map(|one| one.value().map(str::to_owned)));
            }
            pages.turn(answer.next_token(), &found)?;
            values.extend(found);
        }
        Ok(values)
    }
}
