//! The pure core of pitagora: the chain of AWS Lambda triggers, and what follows from observations of it. No SDK, no
//! terminal, no async code, no clock: everything here can be tested with values alone.
//!
//! | module | contents |
//! |---|---|
//! | [`domain`] | plain types: nodes, edges, observations, the clock |
//! | [`layout`] | the layout of the graph in integer cells |
//! | [`logs`] | parsing of log lines, the invocations that follow from them, the line buffer, how far a log can be trusted |
//! | [`dead_letters`] | analysis of dead letters: queues and their sources, origin with evidence, layers of a body, groups, filter |
//! | [`permissions`] | whether an event can be delivered: evaluation of resource policies |
//! | [`forecast`] | what AWS will do next with an event that failed |
//! | [`redrive`] | the pure part of redriving messages without losing one |
//! | [`store`] | `apply(observation)`; snapshots; health rules |
//! | [`doctor`] | what the configuration alone puts at risk, and when the first event would be lost |
//!
//! A module imports only modules above it in this list.

use domain::phrase::{Phrase, Phrases as _};

pub mod dead_letters;
pub mod doctor;
pub mod domain;
pub mod forecast;
pub mod layout;
pub mod logs;
pub mod permissions;
pub mod redrive;
pub mod store;

/// Samples of every phrase of the core, for the test of the catalogue.
#[must_use]
pub fn phrases() -> Vec<Phrase> {
    [
        dead_letters::decode::Cut::each(),
        dead_letters::decode::What::each(),
        dead_letters::words::Capacity::each(),
        dead_letters::words::Condition::each(),
        dead_letters::words::Evidence::each(),
        dead_letters::words::Fault::each(),
        dead_letters::words::Guard::each(),
        dead_letters::words::Mixed::each(),
        dead_letters::words::Records::each(),
        dead_letters::words::Syntax::each(),
        dead_letters::words::Unfiltered::each(),
        dead_letters::words::Unconfigured::each(),
        doctor::words::each(),
        domain::Endless::each(),
        domain::InputError::each(),
        logs::words::Gap::each(),
        permissions::Said::each(),
        permissions::Does::each(),
        permissions::Source::each(),
        domain::condition::OnlyIf::each(),
        domain::condition::InShort::each(),
        forecast::words::each(),
        logs::blind_spots::BlindSpot::each(),
        redrive::replay::Unusable::each(),
        redrive::unsendable::Remedy::each(),
        redrive::unsendable::Unguarded::each(),
        redrive::unsendable::Unsendable::each(),
        redrive::words::CourseLine::each(),
        redrive::words::Stays::each(),
        store::health::What::each(),
        store::health::Elsewhere::each(),
        store::health::Why::each(),
        store::health::Next::each(),
        store::health::Because::each(),
        store::health::Reason::each(),
        store::health::Holds::each(),
        store::health::Rate::each(),
        store::health::Sent::each(),
        store::health::Unit::each(),
        store::health::Keeper::each(),
        store::overview::Changed::each(),
        store::overview::Silent::each(),
        store::issues::Together::each(),
        store::no_loss::Unseen::each(),
        store::issues::Named::each(),
    ]
    .concat()
}
