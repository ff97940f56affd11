//! Small steps through a line: ids, numbers, times.

/// Length of a request id as AWS writes it: a UUID.
pub const ID: usize = 36;

/// The UUID that a text begins with, and what follows.
pub fn id(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes().get(..ID)?;
    let is_id = bytes.iter().enumerate().all(|(n, byte)| match n {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    is_id.then(|| text.split_at(ID))
}

/// The UUID that a text begins with, at the end of a word.
pub fn id_word(text: &str) -> Option<(&str, &str)> {
    id(text).filter(|(_, rest)| {
        !rest
            .bytes()
            .next()
            .is_some_and(|next| next.is_ascii_alphanumeric() || next == b'-')
    })
}

/// Thousandths of a decimal number (`3.01` is 3,010), and what follows. Finer digits are dropped.
pub fn thousandths(text: &str) -> Option<(u64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mut value: u64 = text.get(..digits).filter(|whole| !whole.is_empty())?.parse().ok()?;
    let mut rest = &text[digits..];
    value = value.checked_mul(1000)?;
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        for (digit, scale) in fraction.bytes().take(digits).zip([100, 10, 1]) {
            value = value.checked_add(u64::from(digit - b'0') * scale)?;
        }
        rest = &fraction[digits..];
    }
    Some((value, rest))
}

/// A time as runtimes write it at the head of a line (`2023-10-20T16:28:17.840Z`, `2020-01-31 22:12:58,534`,
/// `2023/10/20 16:28:17`), and what follows without the space between.
pub fn time(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let is = |n: usize, wanted: &[u8]| bytes.get(n).is_some_and(|byte| wanted.contains(byte));
    let digits =
        |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    let looks_so = digits(0..4)
        && is(4, b"-/")
        && digits(5..7)
        && is(7, b"-/")
        && digits(8..10)
        && is(10, b"T ")
        && digits(11..13)
        && is(13, b":")
        && digits(14..16);
    if !looks_so {
        return None;
    }
    let end = bytes[16..]
        .iter()
        .position(|byte| !(byte.is_ascii_digit() || b":.,Z+-".contains(byte)))
        .map_or(bytes.len(), |end| end + 16);
    let (time, rest) = text.split_at(end);
    Some((time, rest.trim_start_matches([' ', '\t'])))
}

/// The first line of a text. Python's and Node's runtimes join the lines of one event with carriage returns.
pub fn first_line(text: &str) -> &str {
    match memchr::memchr2(b'\n', b'\r', text.as_bytes()) {
        Some(end) => &text[..end],
        None => text,
    }
}

/// The last line of a text that is not empty.
pub fn last_line(text: &str) -> &str {
    text.trim_end().rsplit(['\n', '\r']).next().unwrap_or("")
}
