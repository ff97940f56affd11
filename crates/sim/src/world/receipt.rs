//! What SQS hands out with a message: receipt handles, sequence numbers, digests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::arn;
use super::queue::Message;

/// A FIFO queue's sequence number, 20 digits as AWS writes it.
#[must_use]
pub fn sequence_number(sequence: u64) -> String {
    format!("{:020}", 18_400_000_000_000_000_000_u64.wrapping_add(sequence * 256))
}

/// A message's receipt handle: its place and the count of receives, so that an older one is reported from the last.
#[must_use]
pub fn receipt_handle(queue_arn: &str, message: &Message) -> String {
    let name = arn::name(queue_arn);
    BASE64.encode(format!("{name} {} {} {}", message.seq, message.receives, message.id))
}

/// The queue's name, place and receive count in a receipt handle.
#[must_use]
pub fn read_receipt(handle: &str) -> Option<(String, u64, u32)> {
    let text = String::from_utf8(BASE64.decode(handle).ok()?).ok()?;
    let mut parts = text.split(' ');
    Some((
        parts.next()?.to_owned(),
        parts.next()?.parse().ok()?,
        parts.next()?.parse().ok()?,
    ))
}

/// MD5 in hexadecimal digits.
#[must_use]
pub fn md5_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    use md5::{Digest as _, Md5};
    Md5::digest(bytes)
        .iter()
        .fold(String::with_capacity(32), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
