//! The simulated account: a world whose events really travel, spoken to with the formats of each service.

pub mod call;
pub mod time;
pub mod value;
pub mod wire;
