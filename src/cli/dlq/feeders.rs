//! Who feeds a queue, where only its own surroundings were surveyed.

use super::super::console;
use crate::dead_letters::DeadLetterQueue;
use crate::domain::text::plain;
use crate::store::snapshot::Topology;

/// Says that nobody is known to send dead letters to a queue, where that proves nothing.
pub(super) fn say_if_unknown(queue: &DeadLetterQueue, topology: &Topology) {
    if topology.narrowed && !queue.is_fed() {
        console::say(format_args!(
            "who sends its dead letters to {} is not yet known: no queue, function, mapping, rule or topic that was found names \
             it. A destination or a schedule may.",
            plain(&queue.name)
        ));
    }
}
