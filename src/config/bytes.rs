//! Sizes of memory as they are written: `64MiB`.

/// The least budget: less is useless.
const LEAST: usize = 1024 * 1024;
/// More than most machines have.
const MOST: usize = 16 * 1024 * 1024 * 1024;

/// A text that is no size of memory. Prints as a sentence without its stop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid size {0:?}: expected 1MiB to 16GiB, such as \"64MiB\"")]
pub(super) struct InvalidBytes(String);

/// Reads a size in `KiB`, `MiB` or `GiB`.
///
/// # Errors
///
/// If the text is none, or less than 1 MiB or more than 16 GiB.
pub(super) fn parse(text: &str) -> Result<usize, InvalidBytes> {
    let wrong = || InvalidBytes(text.to_owned());
    let units = [("KiB", 1_usize << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];
    let (number, unit) = units
        .into_iter()
        .find_map(|(name, unit)| Some((text.trim().strip_suffix(name)?, unit)))
        .ok_or_else(wrong)?;
    let number: usize = number.trim_end().parse().map_err(|_| wrong())?;
    let bytes = number.checked_mul(unit).ok_or_else(wrong)?;
    (LEAST..=MOST).contains(&bytes).then_some(bytes).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_memory() {
        for (text, bytes) in [("64MiB", 64 << 20), ("1 GiB", 1 << 30), ("2048KiB", 2 << 20)] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for wrong in [
            "",
            "64",
            "64MB",
            "-1MiB",
            "0MiB",
            "1KiB",
            "17GiB",
            "99999999999999999999GiB",
            "MiB",
            "1.5GiB",
        ] {
            assert!(
                parse(wrong).is_err_and(|why| why.to_string().contains("64MiB")),
                "{wrong}"
            );
        }
    }
}
