//! The only room that names an SDK type. Each service has one file; what leaves is domain types and [`Error`].
//!
//! Every call goes through [`Caller::call`](caller::Caller::call): it waits for the API's budget, counts and prices the
//! call, retries where that can help, and says in one sentence what went wrong.

pub mod act;
pub mod api;
pub mod caller;
pub mod cloudwatch;
pub mod environment;
pub mod error;
pub mod events;
pub mod function_now;
pub mod functions;
pub mod gateways;
pub mod iam;
pub mod limits;
pub mod live_tail;
pub mod logs;
pub mod machines;
pub mod mappings;
pub mod meter;
pub mod metric_names;
pub mod others;
mod pages;
pub mod pipes;
pub mod policy;
pub mod requests;
pub mod s3;
pub mod scheduler;
pub mod session;
mod signed;
pub mod sns;
pub mod sqs;
pub mod streams;
pub mod tags;
pub mod universal;

pub use api::Api;
pub use error::Error;
pub use session::{ConnectError, Options, Session};
