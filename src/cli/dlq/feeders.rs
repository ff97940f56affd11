//! Sources of a queue, where only its neighbourhood was surveyed.

use super::super::console;
use crate::dead_letters::DeadLetterQueue;
use crate::domain::text::plain;
use crate::store::snapshot::Topology;

/// Reports that no source of a queue is known, where that proves nothing.
pub(super) fn say_if_unknown(queue: &DeadLetterQueue, topology: &Topology) {
    if topology.narrowed && !queue.is_fed() {
        console::say(format_args!(
            "unknown: which resource uses {} as its dead-letter queue. No queue, function, event source mapping, rule or \
            topic that was found names it; an on-failure destination or a schedule may.",
            plain(&queue.name)
        ));
    }
}
