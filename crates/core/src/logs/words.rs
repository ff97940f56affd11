//! What was not read of a log.

use crate::domain::phrase::Date;
use crate::phrases;

phrases! {
    /// Lines of a log that were not read.
    pub enum Gap in "log-gap" {
        Lines { group: String },
        LinesBefore { group: String, at: Date },
        NotInTime,
    }
}
