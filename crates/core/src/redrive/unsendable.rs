//! Why a message stays where it is.

use crate::dead_letters::words::Records;
use crate::domain::{InputError, NodeId};
use crate::phrases;

phrases! {
    /// Why a message cannot be sent.
    pub enum Unsendable in "unsendable" {
        /// AWS (sqs): a queue refuses a message whose body and attributes are longer than its `MaximumMessageSize`.
        TooLong { bytes: usize, most: usize },
        /// An earlier redrive delivered it, and did not delete it.
        SentEarlier { journal: String },
        /// An earlier redrive may have delivered it with another text.
        OtherTextEarlier { journal: String },
        /// The dead letter of a rule or a schedule lacks its target.
        TargetUnnamed,
        /// Nothing can be put into a pipe.
        FromPipe,
        OriginUnknown,
        /// Several functions may have failed on it.
        OneOf { functions: Vec<NodeId> },
        FunctionUnnamed,
        SubscriberUnknown,
        /// The topic's subscriber is no resource of AWS.
        SubscriberOutside,
        NoArn { target: String },
        /// Its target is of a service that pitagora sends nothing to.
        ServiceUnserved { service: String },
        /// Its queue is not among those that were found.
        QueueNotFound { queue: String },
        /// What fails again would be lost.
        Unguarded { why: Unguarded },
        /// The dead letter lacks the event.
        EventMissing,
        /// The dead letter lacks the batch of a stream.
        BatchMissing,
        /// Kafka records can be read by Kafka consumers only.
        Kafka { records: Vec<Records>, since: Option<String> },
        /// The dead letter of a topic lacks SNS's envelope.
        NotificationMissing,
        /// Its target's input cannot be made of it.
        Input { why: InputError },
        /// The dead letter of a batch was edited.
        NothingToEdit,
        /// A function takes JSON only.
        NotJson,
        /// A FIFO queue needs a message group.
        GroupMissing,
    }
}

phrases! {
    /// Why a function is not invoked without being asked for.
    pub enum Unguarded in "unguarded" {
        /// Its reserved concurrency is 0.
        SwitchedOff { name: String },
        /// Nothing keeps what fails.
        Uncaught { name: String },
    }
}

phrases! {
    /// The option of the command line by which a message goes all the same.
    pub enum Remedy in "remedy" {
        RaiseOrTo,
        To,
        OneTo,
        InvokeAnyway,
    }
}

impl Unsendable {
    /// The option by which it goes all the same, if there is one.
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::TooLong { .. } => Some(Remedy::RaiseOrTo),
            Self::FromPipe | Self::OriginUnknown | Self::FunctionUnnamed => Some(Remedy::To),
            Self::OneOf { .. } | Self::SubscriberUnknown => Some(Remedy::OneTo),
            Self::Unguarded { .. } => Some(Remedy::InvokeAnyway),
            _ => None,
        }
    }
}
