//! The simulated account: a world whose events really travel, spoken to with the formats of each service.

pub mod account;
pub mod behaviour;
pub mod call;
pub mod connector;
pub mod duration;
pub mod scenario;
pub mod server;
pub mod services;
pub mod text;
pub mod time;
pub mod value;
pub mod wire;
pub mod world;
