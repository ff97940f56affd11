//! Ids of queue messages that a line names: they join a receive to its message.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::scan::{ID, id_word};

/// Made once: each line is looked through.
static MESSAGE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"essage"));

/// The ids behind `messageId`, `message_id`, `MessageId` and the like in a line: `"messageId":"…"`, `messageId: '…'`,
/// `message_id=…`, also where the JSON is a text within JSON.
pub fn message_ids(text: &str) -> impl Iterator<Item = &str> {
    let finder: &Finder<'static> = &MESSAGE;
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            // Too short for a name and an id.
            if rest.len() < ID + "message_id".len() {
                return None;
            }
            let found = finder.find(rest.as_bytes())?;
            rest = &rest[found + "essage".len()..];
            let Some(value) = ["Id", "_id", "-id", "ID", " id", " ID"]
                .iter()
                .find_map(|ending| rest.strip_prefix(*ending))
            else {
                continue;
            };
            let value = value.trim_start_matches(['"', '\'', '\\', ':', '=', ' ', '\t', '\u{1b}']);
            if let Some((id, after)) = id_word(value) {
                rest = after;
                return Some(id);
            }
        }
    })
}
