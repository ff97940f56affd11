//! Plain types that every room speaks, with no I/O: what AWS has (nodes, edges), what was seen of it (observations),
//! where (scope) and when (clock).

pub mod alarm;
pub mod arn;
pub mod batch;
pub mod clock;
pub mod condition;
pub mod connection;
pub mod delivery;
pub mod duration;
pub mod edge;
pub mod id;
pub mod input;
pub mod interest;
pub mod invocation;
pub mod log;
pub mod may_write;
pub mod metric;
pub mod missing;
pub mod node;
pub mod observation;
pub mod outgoing;
pub mod qualified;
pub mod queue_message;
pub mod resource_policy;
pub mod scope;
pub mod text;

pub use alarm::Alarm;
pub use arn::Arn;
pub use batch::Batch;
pub use clock::Clock;
pub use condition::Condition;
pub use connection::{CallCount, Connection};
pub use edge::{Edge, EdgeKey, EdgeKind, EdgePolicy, Evidence};
pub use id::NodeId;
pub use input::{Input, InputError};
pub use interest::{Interest, LogInterest};
pub use invocation::{Invocation, RunError, RunOutcome};
pub use may_write::{MayWrite, ReadOnly};
pub use metric::{Metric, Point, Subject};
pub use missing::Missing;
pub use node::{Bucket, Detail, Function, Node, NodeKind, Queue, Topic};
pub use observation::{Fact, Observation, Part, Recollection, Source, Unknown};
pub use outgoing::{Handled, MoveTask, NoAnswer, Outgoing, Received, Sending};
pub use qualified::Qualified;
pub use queue_message::{AttributeValue, MessageAttribute, Origin, QueueMessage};
pub use scope::Scope;
