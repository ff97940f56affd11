//! The pure part of a redrive: what to send, in which order, and what is certain.

pub mod course;
pub mod effect;
pub mod engine;
pub mod fingerprint;
pub mod plan;
pub mod progress;
pub mod record;
pub mod replay;
pub mod route;
pub mod settings;
pub mod transform;
pub mod unsendable;
pub mod words;
