//! Sparklines.

use crate::ui::theme::glyphs::Glyphs;

/// The last values, one per cell, scaled to the highest; padded with blanks on the left.
#[must_use]
pub fn spark(values: &[f64], cells: usize, glyphs: &Glyphs) -> String {
    let values = &values[values.len().saturating_sub(cells)..];
    let top = values.iter().copied().fold(0.0, f64::max);
    let mut out: String = std::iter::repeat_n(' ', cells - values.len()).collect();
    for value in values {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 7")]
        let step = if top > 0.0 {
            ((value.max(0.0) / top) * 7.0).round() as usize
        } else {
            0
        };
        out.push_str(glyphs.bars.spark[step.min(7)]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::glyphs::UTF8;

    #[test]
    fn the_highest_value_is_full_and_the_last_ones_are_shown() {
        assert_eq!(spark(&[9.0, 0.0, 1.0, 3.5, 7.0], 4, &UTF8), "▁▂▅█");
        assert_eq!(spark(&[1.0], 3, &UTF8), "  █");
        assert_eq!(spark(&[0.0, 0.0], 2, &UTF8), "▁▁");
        assert_eq!(spark(&[], 2, &UTF8), "  ");
    }
}
