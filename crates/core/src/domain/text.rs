//! Makes untrusted text safe to print.

use std::borrow::Cow;

/// Replaces characters that affect a terminal: control characters (escape sequences lose their ESC), line separators, and
/// bidirectional marks. A tab becomes a space.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| !is_hostile(c)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| {
                if c == '\t' {
                    ' '
                } else if is_hostile(c) {
                    '\u{fffd}'
                } else {
                    c
                }
            })
            .collect(),
    )
}

/// JSON that is safe to print: characters that [`plain`] would replace are escaped, so that they read back unchanged.
#[must_use]
pub fn plain_json(json: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if is_hostile(c) && c != '\n' {
            // JSON contains such characters only within strings.
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(c);
        }
    }
    text
}

fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Words quoted for a shell, on one line. `None` if one contains a character that no name may contain: such a line is not
/// offered for copying.
#[must_use]
pub fn shell(words: &[&str]) -> Option<String> {
    let mut line = String::new();
    for word in words {
        if word.is_empty() || word.chars().any(|c| c.is_control() || c == '\'') || plain(word) != *word {
            return None;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        let bare = |c: char| c.is_ascii_alphanumeric() || "-_./:@,+".contains(c);
        if word.chars().all(bare) {
            line.push_str(word);
        } else {
            line.push('\'');
            line.push_str(word);
            line.push('\'');
        }
    }
    Some(line)
}

/// serde's name of an enum variant; empty if it does not serialize to a string.
#[must_use]
pub fn word(variant: impl serde::Serialize) -> String {
    serde_json::to_value(variant)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_escape() {
        assert_eq!(
            plain("a\u{1b}[31mred\u{7}\u{9b}0m"),
            "a\u{fffd}[31mred\u{fffd}\u{fffd}0m"
        );
        assert_eq!(plain("注文\tok"), "注文 ok");
        assert_eq!(plain("ab\u{202e}cd\r\n"), "ab\u{fffd}cd\u{fffd}\u{fffd}");
        assert!(matches!(plain("注文 é"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_reads_back_as_it_was() {
        let name = "a\u{9b}0m\u{202e}注文\u{7f}";
        let json = plain_json(&serde_json::json!({ "name": name }).to_string());
        assert!(json.chars().all(|c| !is_hostile(c)), "{json:?}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&json).expect("JSON")["name"],
            name
        );
    }
}
