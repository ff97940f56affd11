//! pitagora
pub mod aws;
pub mod cli;
pub mod config;
pub mod domain;
pub mod graph;
pub mod observe;
pub mod store;
pub mod ui;
