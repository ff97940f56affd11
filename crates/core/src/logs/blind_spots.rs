//! Why the attempts of a function cannot be seen in its log, where they cannot.

use super::snapshot::Logs;
use crate::domain::delivery::Unobservable;
use crate::domain::{Function, NodeId};
use crate::phrases;

phrases! {
    /// Why the attempts of a function cannot be seen.
    pub enum BlindSpot in "blind-spot" {
        LogClass { class: String },
        LogLevel { level: String },
        LogUnread { why: String },
    }
}

/// Log classes whose lines `FilterLogEvents` does not give, or not for long.
pub const HIDING_CLASSES: [&str; 2] = ["INFREQUENT_ACCESS", "DELIVERY"];

/// Why no START line of a function can be seen, as far as its configuration shows. A log that cannot be read is another
/// reason, reported with its group.
#[must_use]
pub fn why_not(function: &Function) -> Option<BlindSpot> {
    if let Some(class) = function
        .logging
        .class
        .as_deref()
        .filter(|class| HIDING_CLASSES.contains(class))
    {
        let class = class.to_owned();
        return Some(BlindSpot::LogClass { class });
    }
    // AWS (logs): only the JSON format has levels; above INFO neither starts nor reports are written.
    let level = function
        .logging
        .system_level
        .as_deref()
        .filter(|_| function.logging.json)?;
    match level {
        "TRACE" | "DEBUG" | "INFO" => None,
        other => Some(BlindSpot::LogLevel {
            level: other.to_owned(),
        }),
    }
}

/// The functions whose attempts cannot be seen: by their configuration, or because their log cannot be read. Of these
/// neither "no attempt" nor "succeeded" may be said.
pub fn unobservable<'a>(
    functions: impl IntoIterator<Item = (&'a NodeId, &'a Function)>,
    logs: &Logs,
) -> Vec<Unobservable> {
    let of = |(id, function): (&NodeId, &Function)| {
        let unread = || {
            let group = logs.groups.get(function.logging.group.as_str())?;
            let why = group.unread.clone()?;
            Some(BlindSpot::LogUnread { why })
        };
        Some(Unobservable {
            function: id.clone(),
            why: why_not(function).or_else(unread)?.into(),
        })
    };
    functions.into_iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::snapshot::GroupLog;
    use super::*;
    use crate::domain::Logging;

    #[test]
    fn what_hides_starts_is_said() {
        let mut function = Function::default();
        assert_eq!(why_not(&function), None);
        function.logging.system_level = Some("WARN".into());
        assert_eq!(why_not(&function), None, "the text format has no levels");
        function.logging.json = true;
        assert_eq!(why_not(&function), Some(BlindSpot::LogLevel { level: "WARN".into() }));
        function.logging.system_level = Some("DEBUG".into());
        assert_eq!(why_not(&function), None);
        function.logging.class = Some("DELIVERY".into());
        let class = "DELIVERY".to_owned();
        assert_eq!(why_not(&function), Some(BlindSpot::LogClass { class }));
    }

    #[test]
    fn a_log_that_cannot_be_read_hides_attempts() {
        let function = Function {
            logging: Logging::to("g"),
            ..Function::default()
        };
        let id = NodeId::from("f");
        let mut logs = Logs::default();
        assert!(unobservable([(&id, &function)], &logs).is_empty());
        let unread = GroupLog {
            unread: Some("access denied: allow logs:FilterLogEvents".into()),
            ..GroupLog::default()
        };
        logs.groups.insert("g".into(), Arc::new(unread));
        let found = unobservable([(&id, &function)], &logs);
        let why = "access denied: allow logs:FilterLogEvents".to_owned();
        assert_eq!(found[0].why, BlindSpot::LogUnread { why });
    }
}
