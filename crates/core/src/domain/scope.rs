//! The scope of an observation: partition, account and region.

use serde::{Deserialize, Serialize};

use super::Arn;

/// Partition, account and region, the key of limiter, store and cache.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// The twelve-digit account ID.
    pub account: String,
    /// The region, such as `ap-northeast-1`.
    pub region: String,
}

impl Scope {
    /// Whether a resource is in this scope. Parts that an ARN leaves out (a bucket's account) count as matching.
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
