//! Putting dead letters back without losing one, and reading them before that.

pub mod scan;
pub mod whole;
