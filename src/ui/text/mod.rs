//! Text measured and cut in terminal cells.

pub mod commands;
pub mod edge_text;
pub mod schedule;

use std::borrow::Cow;

use ratatui::buffer::CellWidth as _;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::domain::text::plain;

/// The width of a plain text in cells, as drawn: each grapheme has cells of its own.
#[must_use]
pub fn width(text: &str) -> usize {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return text.len();
    }
    graphemes(text).map(|(_, cells)| cells).sum()
}

/// The graphemes of a text with their widths in cells; 0 for what ratatui does not draw.
pub(in crate::ui) fn graphemes(text: &str) -> impl DoubleEndedIterator<Item = (&str, usize)> {
    text.graphemes(true).map(|grapheme| {
        let is_left_out = grapheme.contains(char::is_control);
        let cells = if is_left_out { 0 } else { grapheme.cell_width() };
        (grapheme, usize::from(cells))
    })
}

/// An untrusted text made safe and cut to `cells`, with `mark` at its end if it was cut. A wide character is never halved: the
/// result may be a cell short.
#[must_use]
pub fn cut<'a>(text: &'a str, cells: usize, mark: &str) -> Cow<'a, str> {
    let text = plain(text);
    if width(&text) <= cells {
        return text;
    }
    let mut out = start(&text, cells.saturating_sub(width(mark))).to_owned();
    if width(mark) <= cells {
        out.push_str(mark);
    }
    Cow::Owned(out)
}

/// Like [`cut`], but keeps both ends: the names of an application differ at either end.
#[must_use]
pub fn cut_middle<'a>(text: &'a str, cells: usize, mark: &str) -> Cow<'a, str> {
    let text = plain(text);
    if width(&text) <= cells || cells < 8 {
        return Cow::Owned(cut(&text, cells, mark).into_owned());
    }
    let room = cells - width(mark);
    let (mut from, mut used) = (text.len(), 0);
    for (grapheme, wide) in graphemes(&text).rev() {
        if used + wide > room / 3 {
            break;
        }
        used += wide;
        from -= grapheme.len();
    }
    Cow::Owned(format!("{}{mark}{}", start(&text, room - used), &text[from..]))
}

/// The start of a text that fits into `cells`.
fn start(text: &str, cells: usize) -> &str {
    let (mut to, mut used) = (0, 0);
    for (grapheme, wide) in graphemes(text) {
        if used + wide > cells {
            break;
        }
        used += wide;
        to += grapheme.len();
    }
    &text[..to]
}

/// Pads a text with spaces to `cells`.
#[must_use]
pub fn pad(text: &str, cells: usize) -> String {
    let mut out = text.to_owned();
    out.extend(std::iter::repeat_n(' ', cells.saturating_sub(width(text))));
    out
}

/// Wraps a text into lines of at most `cells`, at spaces if possible.
#[must_use]
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    let cells = cells.max(2);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in plain(text).split(' ') {
        if used > 0 && used + 1 + width(word) > cells {
            lines.push(String::new());
            used = 0;
        } else if used > 0 {
            push(&mut lines, " ");
            used += 1;
        }
        for (grapheme, wide) in graphemes(word) {
            // One that is wider than the line fits nowhere.
            let (grapheme, wide) = if wide > cells {
                ("\u{fffd}", 1)
            } else {
                (grapheme, wide)
            };
            if used + wide > cells {
                lines.push(String::new());
                used = 0;
            }
            push(&mut lines, grapheme);
            used += wide;
        }
    }
    lines
}

fn push(lines: &mut [String], text: &str) {
    if let Some(line) = lines.last_mut() {
        line.push_str(text);
    }
}

/// A count in short form: `41`, `1.2k`, `38k`, `4.1M`.
#[must_use]
pub fn count(n: u64) -> String {
    match n {
        0..1_000 => n.to_string(),
        1_000..10_000 => format!("{}.{}k", n / 1_000, n % 1_000 / 100),
        10_000..1_000_000 => format!("{}k", n / 1_000),
        1_000_000..10_000_000 => format!("{}.{}M", n / 1_000_000, n % 1_000_000 / 100_000),
        _ => format!("{}M", n / 1_000_000),
    }
}

/// A measured value with at most two digits after the point, without trailing zeros.
#[must_use]
pub fn number(value: f64) -> String {
    if value.abs() >= 1_000.0 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "shown shortened")]
        return format!("{}{}", if value < 0.0 { "-" } else { "" }, count(value.abs() as u64));
    }
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A count with its noun: `1 error`, `3 errors`.
#[must_use]
pub fn counted(value: f64, thing: &str) -> String {
    let number = number(value);
    let end = if number == "1" { "" } else { "s" };
    format!("{number} {thing}{end}")
}

/// Wraps a caption for a screen of `width` cells, with a free cell on either side.
#[must_use]
pub fn caption_lines(caption: &str, width: u16) -> Vec<String> {
    wrap(caption, usize::from(width).saturating_sub(2))
}

/// A duration in whole minutes from one minute on: `38 s`, `12 min`, `3 h 5 min`, `2 d 4 h`; a negative one is `0 s`.
#[must_use]
pub fn span(seconds: i64) -> String {
    let shown = if seconds < 60 {
        seconds.max(0)
    } else {
        seconds / 60 * 60
    };
    crate::domain::duration::span(shown)
}

/// A size in memory: `12.3 MiB`, or in `KiB` below 1 MiB.
#[must_use]
pub fn bytes(n: usize) -> String {
    const KIB: usize = 1024;
    let tenths = |unit: usize| format!("{}.{}", n / unit, n % unit * 10 / unit);
    match n {
        _ if n < 10 * KIB => format!("{} KiB", tenths(KIB)),
        _ if n < KIB * KIB => format!("{} KiB", n / KIB),
        _ => format!("{} MiB", tenths(KIB * KIB)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_character_is_never_halved() {
        assert_eq!(cut("注文処理", 8, "…"), "注文処理");
        assert_eq!(cut("注文処理", 7, "…"), "注文処…");
        assert_eq!(cut("注文処理", 6, "…"), "注文…");
        assert_eq!(width(&pad(&cut("注文処理", 6, "…"), 6)), 6);
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("orders-work", 7, "…"), "orders…");
        assert_eq!(cut("orders", 6, "…"), "orders");
        assert_eq!(cut("orders", 0, "…"), "");
        assert_eq!(cut_middle("payments-eu-west-1-dlq", 14, "…"), "payments-…-dlq");
    }

    /// Texts of the kinds whose width is most easily counted wrong.
    fn texts() -> impl proptest::strategy::Strategy<Value = String> {
        use proptest::prelude::*;
        let parts = proptest::sample::select(vec![
            "a",
            " ",
            "注",
            "é",
            "e\u{301}",
            "\u{301}",
            "ﾞ",
            "ｶ",
            "☁\u{fe0f}",
            "☁",
            "👍🏽",
            "👩\u{200d}🚒",
            "🇩🇪",
            "🇩",
            "لا",
            "ل",
            "ا",
            "한",
            "\u{1100}",
            "\u{1161}",
            "\u{11a8}",
            "\u{e0041}",
            "\u{ad}",
            "\u{61c}",
            "\u{1b}[2J",
            "क्ष",
            "กำ",
            "\u{335}\u{335}",
            "葛\u{e0100}",
            "\u{fe0f}",
            "\t",
            "ꓸꓹ",
            "\u{0600}",
            "1",
        ]);
        let any = prop_oneof![4 => parts.prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
        proptest::collection::vec(any, 0..24).prop_map(|parts| parts.concat())
    }

    /// The cells that ratatui draws a text in.
    fn drawn(text: &str) -> usize {
        let mut buffer = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 200, 1));
        let (end, _) = buffer.set_stringn(0, 0, text, 200, ratatui::style::Style::new());
        end.into()
    }

    proptest::proptest! {
        #[test]
        fn widths_are_those_that_are_drawn(text in texts(), cells in 0_usize..40) {
            let shown = plain(&text);
            proptest::prop_assert_eq!(width(&shown), drawn(&shown), "{:?}", shown);
            for cut in [cut(&text, cells, "…"), cut_middle(&text, cells, "…")] {
                proptest::prop_assert!(drawn(&cut) <= cells, "{cut:?}");
                proptest::prop_assert_eq!(drawn(&pad(&cut, cells)), cells, "{:?}", cut);
            }
            for line in wrap(&text, cells) {
                proptest::prop_assert!(drawn(&line) <= cells.max(2), "{line:?}");
            }
            let said: usize = shown.graphemes(true).map(unicode_width::UnicodeWidthStr::width).sum();
            let apart = shown.chars().filter(|c| matches!(c, 'ﾞ' | 'ﾟ')).count();
            proptest::prop_assert_eq!(width(&shown), said + apart, "{:?}", shown);
        }
    }

    #[test]
    fn hostile_text_is_made_plain_before_it_is_measured() {
        assert_eq!(cut("a\u{1b}[2Jb", 9, "…"), "a\u{fffd}[2Jb");
    }

    #[test]
    fn lines_break_at_spaces_or_where_they_must() {
        assert_eq!(wrap("after three receives", 8), ["after", "three", "receives"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [count(0), count(999), count(1_240), count(38_999)],
            ["0", "999", "1.2k", "38k"]
        );
        assert_eq!(count(9_999), "9.9k");
        assert_eq!([number(12.0), number(0.25), number(1_500.0)], ["12", "0.25", "1.5k"]);
        assert_eq!([counted(1.0, "error"), counted(0.0, "error")], ["1 error", "0 errors"]);
        assert_eq!(
            [span(38), span(725), span(11_100), span(187_200)],
            ["38 s", "12 min", "3 h 5 min", "2 d 4 h"]
        );
    }

    #[test]
    fn bytes_in_their_unit() {
        for (n, text) in [
            (0, "0.0 KiB"),
            (1_536, "1.5 KiB"),
            (65_536, "64 KiB"),
            (1 << 20, "1.0 MiB"),
            (67_633_152, "64.5 MiB"),
        ] {
            assert_eq!(bytes(n), text);
        }
    }
}
