//! pitagora
pub mod domain;
pub mod store;
