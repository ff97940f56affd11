//! Makes untrusted text safe to print.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar as _;

/// Combining marks kept on one character. No script needs more, and longer runs are drawn over the lines above.
const MOST_MARKS: usize = 4;

/// Replaces characters that affect a terminal or that it does not show: control characters (escape sequences lose their ESC),
/// line separators, bidirectional marks, and invisible characters, which make two names look alike. Of a long run of combining
/// marks, only the first few stay. A tab becomes a space.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut marks = 0;
    let shown = text.chars().filter_map(|c| match judged(c, &mut marks) {
        Judged::Plain => Some(c),
        Judged::Hostile if c == '\t' => Some(' '),
        Judged::Hostile => Some('\u{fffd}'),
        Judged::Piled => (marks == MOST_MARKS + 1).then_some('\u{fffd}'),
    });
    Cow::Owned(shown.collect())
}

/// Like [`plain`], but keeps line ends.
#[must_use]
pub fn plain_lines(text: &str) -> Cow<'_, str> {
    if text.split('\n').all(is_plain) {
        return Cow::Borrowed(text);
    }
    let lines: Vec<_> = text.split('\n').map(plain).collect();
    Cow::Owned(lines.join("\n"))
}

/// JSON that is safe to print: characters that [`plain`] would replace are escaped, so that they read back unchanged.
#[must_use]
pub fn plain_json(json: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(json.len());
    let mut marks = 0;
    for c in json.chars() {
        if judged(c, &mut marks) == Judged::Plain || c == '\n' {
            text.push(c);
        } else {
            // JSON contains such characters only within strings.
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

fn is_plain(text: &str) -> bool {
    let is_printable = |byte: &u8| (b' '..=b'~').contains(byte);
    let mut marks = 0;
    text.as_bytes().iter().all(is_printable) || text.chars().all(|c| judged(c, &mut marks) == Judged::Plain)
}

/// How a character is treated.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Judged {
    /// Shown as it is.
    Plain,
    /// Affects the terminal, or is invisible.
    Hostile,
    /// A combining mark beyond the limit.
    Piled,
}

/// Judges a character; `marks` counts the combining marks in a row.
fn judged(c: char, marks: &mut usize) -> Judged {
    if is_hostile(c) {
        *marks = 0;
        return Judged::Hostile;
    }
    *marks = if c.width() == Some(0) { *marks + 1 } else { 0 };
    if *marks > MOST_MARKS {
        Judged::Piled
    } else {
        Judged::Plain
    }
}

/// Whether a character is a control character, a line separator, or `Default_Ignorable_Code_Point` other than a variation
/// selector, which selects the glyph of the preceding character.
fn is_hostile(c: char) -> bool {
    let is_of_tags = |c| matches!(c, '\u{e0000}'..='\u{e0fff}') && !matches!(c, '\u{e0100}'..='\u{e01ef}');
    c.is_control()
        || is_of_tags(c)
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}')
}

/// Words quoted for a shell, on one line. `None` if one contains a character that no name may contain: such a line is not
/// offered for copying.
#[must_use]
pub fn shell(words: &[&str]) -> Option<String> {
    let may_be_one = |word: &&str| !word.is_empty() && !word.contains('\'') && plain(word) == **word;
    let line = shlex::try_join(words.iter().copied()).ok()?;
    words.iter().all(may_be_one).then_some(line)
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
    fn what_is_not_seen_is_shown_as_a_mark() {
        for hidden in [
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{1160}',
            '\u{17b5}',
            '\u{180e}',
            '\u{200d}',
            '\u{3164}',
            '\u{ffa0}',
            '\u{fff9}',
            '\u{1d173}',
            '\u{e0001}',
            '\u{e0041}',
            '\u{e007f}',
            '\u{e0fff}',
        ] {
            assert_eq!(plain(&format!("ord{hidden}ers")), "ord\u{fffd}ers", "{hidden:?}");
        }
        for shown in ["☁\u{fe0f}", "葛\u{e0100}", "ｶﾞ", "한글", "e\u{323}\u{302}"] {
            assert!(matches!(plain(shown), Cow::Borrowed(_)), "{shown}");
        }
    }

    #[test]
    fn marks_do_not_pile_up() {
        let piled = format!("o{}k", "\u{335}".repeat(300));
        let kept = "\u{335}".repeat(MOST_MARKS);
        assert_eq!(plain(&piled), format!("o{kept}\u{fffd}k"));
        let back: String = serde_json::from_str(&plain_json(&format!("\"{piled}\""))).expect("JSON");
        assert_eq!(back, piled);
    }

    proptest::proptest! {
        #[test]
        fn what_is_plain_stays_so(text in r"(.|[\u{300}-\u{36f}]{3,9}|[\x00-\x1f\u{e0000}-\u{e01f0}\u{1150}-\u{1170}]){0,30}") {
            let shown = plain(&text).into_owned();
            proptest::prop_assert!(is_plain(&shown), "{shown:?}");
            proptest::prop_assert!(matches!(plain(&shown), Cow::Borrowed(_)));
            let json = serde_json::Value::from(text.as_str());
            let escaped = plain_json(&json.to_string());
            proptest::prop_assert!(is_plain(&escaped));
            proptest::prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).expect("JSON"), json);
        }
    }

    #[test]
    fn json_reads_back_as_it_was() {
        let name = "a\u{9b}0m\u{202e}注文\u{7f}";
        let json = plain_json(&serde_json::json!({ "name": name }).to_string());
        assert!(is_plain(&json), "{json:?}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&json).expect("JSON")["name"],
            name
        );
    }
}
