//! What starts functions and is shown only: load balancers and secrets that are rotated. Nothing comes in by them.

/// An application load balancer with one target group, of one function.
#[derive(Clone, Debug)]
pub struct LoadBalancer {
    /// Its ARN.
    pub arn: String,
    /// The ARN of its target group.
    pub group: String,
    /// The ARN of the function.
    pub to: String,
    /// The path of its rule, such as `/api/*`.
    pub path: Option<String>,
    /// The host of its rule.
    pub host: Option<String>,
}

/// A secret that a function rotates.
#[derive(Clone, Debug)]
pub struct Secret {
    /// Its ARN.
    pub arn: String,
    /// The ARN of the function.
    pub function: String,
    /// Days between two rotations.
    pub days: u32,
}
