//! Lines without the colours that loggers paint them with: they may stand anywhere, within a word too.

use std::borrow::Cow;

const ESCAPE: u8 = 0x1b;

/// A text without its control sequences (`ESC [ … m` and the like); the text itself where it has none.
#[must_use]
pub fn unpainted(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(ESCAPE, text.as_bytes()) else {
        return Cow::Borrowed(text);
    };
    let mut plain = String::with_capacity(text.len());
    plain.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(at) = memchr::memchr(ESCAPE, rest.as_bytes()) {
        plain.push_str(&rest[..at]);
        rest = after_sequence(&rest[at + 1..]);
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// What follows a sequence whose escape was read: `[31m`, `]8;;url BEL`, `(B`.
fn after_sequence(text: &str) -> &str {
    let bytes = text.as_bytes();
    match bytes.first() {
        Some(b'[') => {
            let parameters = bytes[1..]
                .iter()
                .take_while(|byte| (0x20..0x40).contains(*byte))
                .count();
            let end = 1 + parameters;
            match bytes.get(end) {
                Some(0x40..=0x7e) => &text[end + 1..],
                // Cut in the middle, or no sequence at all.
                _ => &text[end..],
            }
        }
        Some(b']') => match memchr::memchr2(0x07, ESCAPE, bytes) {
            Some(end) if bytes[end] == 0x07 => &text[end + 1..],
            Some(end) if bytes.get(end + 1) == Some(&b'\\') => &text[end + 2..],
            _ => &text[1..],
        },
        Some(b'(' | b')') if bytes.get(1).is_some_and(u8::is_ascii) => &text[2..],
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_go_wherever_they_stand() {
        for (painted, plain) in [
            ("\u{1b}[31mERROR\u{1b}[0m no", "ERROR no"),
            ("ER\u{1b}[1;38;5;12mROR\u{1b}[m", "ERROR"),
            ("\u{1b}]8;;http://x\u{7}link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{1b}(Bx", "x"),
            ("cut \u{1b}[3", "cut "),
            ("cut \u{1b}", "cut "),
            ("注\u{1b}[0m文\u{1b}[注", "注文注"),
        ] {
            assert_eq!(unpainted(painted), plain, "{painted:?}");
        }
        assert!(matches!(unpainted("nothing [31m here"), Cow::Borrowed(_)));
    }
}
