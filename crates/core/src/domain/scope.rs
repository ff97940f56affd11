//! Where an observation was made.

use serde::{Deserialize, Serialize};

use super::Arn;

/// Partition, account and region: the limiter, the store and the cache are keyed by it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// Twelve digits.
    pub account: String,
    /// E.g. `ap-northeast-1`.
    pub region: String,
}

impl Scope {
    /// Whether a resource lies here. What an ARN leaves out (a bucket's account) does not count against it.
    #[must_use]
    pub fn holds(&self, arn: &Arn<'_>) -> bool {
        (arn.account.is_empty() || arn.account == self.account) && (arn.region.is_empty() || arn.region == self.region)
    }

    /// An ARN of this scope.
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!(
            "arn:{}:{service}:{}:{}:{resource}",
            self.partition, self.region, self.account
        )
    }
}
