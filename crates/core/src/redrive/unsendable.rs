//! Why a message stays where it is.

use std::path::PathBuf;

use crate::domain::{InputError, NodeId};

/// Why a message cannot be sent. Each prints as a sentence without its stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    /// AWS: a queue refuses a message whose body and attributes are longer than its `MaximumMessageSize`.
    #[error(
        "it is {bytes} bytes, and its target takes {most} at most (MaximumMessageSize): raise that, or choose a target with --to"
    )]
    TooLong {
        /// Its bytes.
        bytes: usize,
        /// Bytes that the target takes.
        most: usize,
    },
    /// An earlier run delivered it, and did not delete it.
    #[error(
        "an earlier run has sent it and did not delete it: finish that one, by pitagora dlq redrive --resume {}",
        .journal.display()
    )]
    SentEarlier {
        /// The journal of that run.
        journal: PathBuf,
    },
    /// An earlier run may have delivered it, and its text is another one now.
    #[error(
        "an earlier run has sent it, or may have, with another text: go on with that one first, by pitagora dlq redrive \
         --resume {}",
        .journal.display()
    )]
    OtherTextEarlier {
        /// The journal of that run.
        journal: PathBuf,
    },
    /// The letter of a rule or a schedule lacks its target.
    #[error("it does not name its target")]
    TargetUnnamed,
    /// Nothing can be put into a pipe.
    #[error("a pipe takes nothing but from its own source: choose a target with --to")]
    FromPipe,
    /// Its origin is unknown.
    #[error("nothing tells where it comes from: choose a target with --to")]
    OriginUnknown,
    /// Several functions may have failed on it.
    #[error(
        "it may be of {}, and nothing tells which: choose one with --to",
        .0.iter().map(NodeId::short_name).collect::<Vec<_>>().join(" or ")
    )]
    OneOf(Vec<NodeId>),
    /// It names no function.
    #[error("it names no function: choose a target with --to")]
    FunctionUnnamed,
    /// The topic's subscriber is not known.
    #[error("nothing tells which subscriber it was for: choose one with --to")]
    SubscriberUnknown,
    /// The topic's subscriber is no resource of AWS.
    #[error("its subscriber takes HTTP or e-mail, which nobody but its topic can deliver")]
    SubscriberOutside,
    /// What it names as its target is no ARN.
    #[error("its target {0} is no ARN")]
    NoArn(String),
    /// Its target is of a service that pitagora sends nothing to.
    #[error("a target of the service {0} cannot be served from here")]
    ServiceUnserved(String),
    /// Its queue is not among those that were found.
    #[error("the queue {0} cannot be found")]
    QueueNotFound(String),
    /// What fails again would be lost.
    #[error("{0}: --invoke-anyway invokes it all the same")]
    Unguarded(Unguarded),
    /// The letter lacks the event.
    #[error("it does not hold the event that failed")]
    EventMissing,
    /// The letter lacks the batch of a stream.
    #[error("it does not name a batch of a stream")]
    BatchMissing,
    /// Records of Kafka are read by nobody but Kafka's consumers.
    #[error(
        "its records ({records}) are in their Kafka topic, which pitagora cannot read: to process them again, add a second \
         event source mapping with a consumer group of its own and StartingPosition AT_TIMESTAMP{}, and delete it when it \
         has passed them",
        .since.as_ref().map_or_else(String::new, |at| format!(" {at}"))
    )]
    Kafka {
        /// Partitions and offsets.
        records: String,
        /// The timestamp of the first of them.
        since: Option<String>,
    },
    /// The letter of a topic lacks SNS's envelope.
    #[error("its body is no notification of a topic")]
    NotificationMissing,
    /// Its target's input cannot be made of it.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A batch's letter was edited.
    #[error("it names a batch and holds no event: there is nothing in it to edit")]
    NothingToEdit,
    /// A function takes JSON only.
    #[error("its body is no JSON, and a function takes nothing else")]
    NotJson,
    /// A FIFO queue needs a message group.
    #[error("it has no message group, and a FIFO queue takes none without")]
    GroupMissing,
}

/// Why a function is not invoked without being asked for. Prints with the function's name, as a person may read it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unguarded {
    /// Its reserved concurrency is 0.
    #[error("{name} may run 0 times at once (reserved concurrency)")]
    SwitchedOff {
        /// The function.
        name: String,
    },
    /// Nothing keeps what fails.
    #[error("{name} has no dead-letter queue and no failure destination, so that what fails again would be lost")]
    Uncaught {
        /// The function.
        name: String,
    },
}
