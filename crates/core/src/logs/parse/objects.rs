//! Objects in a line, and whether an id in one can be that of a delivery.
//!
//! A function that prints the body of its message prints its sender's object, in which `messageId` may mean anything. The
//! ID belongs to the delivery if the object is a record of the event, or a logger's own.

use memchr::memmem;

use super::names::next_body;
use crate::domain::log::Level;

/// What else a record of a queue has.
const OF_RECORD: [&str; 4] = ["eceiptHandle", "eceipt_handle", "ApproximateReceiveCount", "aws:sqs"];
/// Names under which loggers write the level.
const LEVELS: [&str; 6] = ["level", "severity", "levelname", "log_level", "log.level", "lvl"];
/// How far around an ID its object is examined: a record's other fields are close to it.
const NEAR: usize = 4_096;

/// The objects of a line that are open at a place; places come in order.
pub struct Objects<'a> {
    text: &'a str,
    at: usize,
    open: Vec<usize>,
}

impl<'a> Objects<'a> {
    /// Of a line.
    pub const fn of(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            open: Vec::new(),
        }
    }

    /// Whether an id at a place can be a delivery's: it stands in plain words, in a record, or in a logger's own object.
    pub fn may_name_delivery(&mut self, place: usize) -> bool {
        let bytes = self.text.as_bytes();
        while self.at < place {
            let Some(found) = memchr::memchr2(b'{', b'}', &bytes[self.at..place]) else {
                self.at = place;
                break;
            };
            let found = self.at + found;
            if bytes[found] == b'{' {
                self.open.push(found);
            } else {
                self.open.pop();
            }
            self.at = found + 1;
        }
        let Some(start) = self.open.last() else { return true };
        let object = self.near(*start, place);
        // An event that was printed, its records cut down.
        let of_event = self.open.len().checked_sub(2).is_some_and(|outer| {
            let head = self.text[self.open[outer] + 1..].trim_start_matches(['"', '\'', '\\', ' ']);
            head.starts_with("Records")
        });
        of_event || is_record(object) || (self.open.len() == 1 && is_of_a_logger(object))
    }

    /// What stands in the object around a place.
    fn near(&self, start: usize, place: usize) -> &'a str {
        let bytes = self.text.as_bytes();
        let to = bytes.len().min(place + NEAR);
        let mut depth = 1_usize;
        let close = memchr::memchr2_iter(b'{', b'}', &bytes[place..to]).find(|at| {
            if bytes[place + at] == b'{' {
                depth += 1;
            } else {
                depth -= 1;
            }
            depth == 0
        });
        let from = self.text.ceil_char_boundary(start.max(place.saturating_sub(NEAR)));
        let to = self.text.floor_char_boundary(close.map_or(to, |at| place + at));
        &self.text[from..to]
    }
}

fn is_record(object: &str) -> bool {
    let has = |words: &str| memmem::find(object.as_bytes(), words.as_bytes()).is_some();
    OF_RECORD.iter().any(|words| has(words)) || next_body(object, 0).is_some()
}

/// Whether an object names its level as loggers do: in a word, or in the tens of Bunyan and Pino.
fn is_of_a_logger(object: &str) -> bool {
    let level = |name: &str| {
        let value = memmem::find_iter(object.as_bytes(), name.as_bytes()).find_map(|at| {
            let before = object.as_bytes()[..at].last()?;
            let rest = object[at + name.len()..].trim_start_matches(['"', '\'', '\\', ' ']);
            let value = rest.strip_prefix([':', '='])?;
            matches!(before, b'"' | b'\'' | b'{' | b',' | b' ').then_some(value)
        })?;
        let value = value.trim_start_matches(['"', '\'', '\\', ' ']);
        let end = value.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(value.len());
        let word = &value[..end];
        let is_level = Level::parse(word).is_some() || matches!(word, "10" | "20" | "30" | "40" | "50" | "60");
        is_level.then_some(())
    };
    LEVELS.iter().any(|name| level(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(line: &str) -> bool {
        let place = line.find("ID").expect("a place");
        Objects::of(line).may_name_delivery(place)
    }

    #[test]
    fn plain_words_records_and_loggers_objects_name_a_delivery() {
        for line in [
            "messageId=ID",
            "got {\"a\": 1} as ID",
            r#"{"messageId":"ID","receiptHandle":"AQEB"}"#,
            r#"{"Records":[{"body":"{\"a\":{}}","messageId":"ID"}]}"#,
            r#"{"Records": [{"messageId":"ID"}]}"#,
            r#"{"level":"INFO","message":"received","messageId":"ID"}"#,
            r#"2026-01-01T00:00:00.000Z	INFO	{"level":30,"time":1,"msg":"received","messageId":"ID"}"#,
            "{ severity: 'warning', messageId: 'ID' }",
        ] {
            assert!(may(line), "{line}");
        }
    }

    #[test]
    fn an_object_of_somebody_elses_names_none() {
        for line in [
            r#"{"messageId":"ID","order":1}"#,
            r#"{"level":"gold","messageId":"ID"}"#,
            r#"{"level":"INFO","message":{"messageId":"ID"}}"#,
            "[{ messageId: 'ID' }]",
        ] {
            assert!(!may(line), "{line}");
        }
    }

    #[test]
    fn what_is_cut_in_the_middle_or_has_no_pair_breaks_nothing() {
        for line in ["}}} ID", "{{{ ID", "{\u{6ce8}ID\u{6587}", "{\"level\"ID", "{level:ID"] {
            let _ = may(line);
        }
        let long = format!(
            "{{\"\u{6ce8}{}\": 1, \"messageId\": \"ID\", \"{}\": 1}}",
            "\u{6ce8}".repeat(3_000),
            "\u{6587}".repeat(3_000)
        );
        assert!(!may(&long));
    }
}
