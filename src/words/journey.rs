//! How the links of a journey are called.

use crate::journey::{By, Link};

/// The key of a link's kind.
#[must_use]
pub const fn link(link: Link) -> &'static str {
    match link {
        Link::Carried => "journey-carried",
        Link::Traced => "journey-traced",
        Link::Correlated => "journey-correlated",
        Link::Inferred => "journey-inferred",
        Link::Candidate => "journey-candidate",
    }
}

/// The key of what joins two hops.
#[must_use]
pub const fn by(by: By) -> &'static str {
    match by {
        By::RequestId => "journey-by-request-id",
        By::MessageId => "journey-by-message-id",
        By::NotificationId => "journey-by-notification-id",
        By::EventId => "journey-by-event-id",
        By::SequenceNumber => "journey-by-sequence-number",
        By::ObjectKey => "journey-by-object-key",
        By::Trace => "journey-by-trace",
        By::OnlyOne => "journey-by-only-one",
        By::OneOfSeveral => "journey-by-one-of-several",
    }
}
