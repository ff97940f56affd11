//! What a command could not read, and why.

use crate::domain::phrase::{Date, Exact};

pitagora_core::phrases! {
    /// What is unknown when a command ends before all was read.
    pub enum Unread in "cli" {
        /// The survey did not end.
        Account { done: u32, total: u32 },
        /// AWS's last response, as the connection has it.
        Connection { why: String },
        /// Why lines are missing: the endpoint returned only some of them.
        Cut,
        /// Why lines are missing: memory did not hold them.
        DidNotFit { lines: u64 },
        /// Which functions exist.
        Functions,
        /// Invocations that are no longer in memory, and why.
        Invocations { function: String, before: Date },
        InvocationsForgotten,
        Lines { group: String },
        NoResponse { after: Exact },
        Observations,
        PartlyRead { after: Exact },
        /// Why a group could not be read, as its poller has it.
        Refused { why: String },
    }
}
