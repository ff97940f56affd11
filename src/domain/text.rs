//! Text from outside made safe to draw.

use std::borrow::Cow;

/// Replaces what a terminal would act upon: control characters (escape sequences lose their ESC), line separators,
/// and the invisible marks that reorder text. A tab becomes a space.
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

fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
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
}
