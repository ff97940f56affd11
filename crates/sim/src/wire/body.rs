//! The encoding of a body before its format is read: compression, and the chunks in which S3 clients sign uploads.

use std::io::Read;

use bytes::Bytes;
use flate2::read::GzDecoder;

use crate::call::Fault;

/// The most that a body may hold, also once inflated. AWS's own limits lie between 1 MB and 70 MB; nothing that the
/// account stores needs more.
pub const LIMIT: usize = 20 * 1024 * 1024;

/// Inflates a `content-encoding: gzip` body (`PutMetricData` of today's SDKs). Stops at [`LIMIT`].
pub fn gunzip(body: &Bytes) -> Result<Bytes, Fault> {
    let mut out = Vec::new();
    let limit = u64::try_from(LIMIT).unwrap_or(u64::MAX) + 1;
    GzDecoder::new(body.as_ref())
        .take(limit)
        .read_to_end(&mut out)
        .map_err(|_| Fault::bad("SerializationException", "The request body is not valid gzip"))?;
    if out.len() > LIMIT {
        return Err(too_large());
    }
    Ok(out.into())
}

/// What a service says of a body over [`LIMIT`].
#[must_use]
pub fn too_large() -> Fault {
    Fault::new(
        413,
        "RequestEntityTooLargeException",
        format!("Request must be smaller than {LIMIT} bytes"),
    )
}

/// Joins an `aws-chunked` body: `SIZE[;chunk-signature=…]CRLF data CRLF … 0 CRLF [trailers] CRLF`. Signatures and
/// trailing checksums are not checked. `expected` is the header `x-amz-decoded-content-length`.
pub fn unchunk(body: &Bytes, expected: Option<usize>) -> Result<Bytes, Fault> {
    let incomplete = || {
        Fault::bad("IncompleteBody", "The request body terminated unexpectedly")
            .with("NumberBytesProvided", body.len().to_string())
    };
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body.as_ref();
    loop {
        let end = rest
            .windows(2)
            .take(4096)
            .position(|pair| pair == b"\r\n")
            .ok_or_else(incomplete)?;
        let head = std::str::from_utf8(&rest[..end]).map_err(|_| incomplete())?;
        let size = head.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(|_| incomplete())?;
        rest = &rest[end + 2..];
        if size == 0 {
            break;
        }
        let after = size.checked_add(2).ok_or_else(incomplete)?;
        if rest.len() < after || &rest[size..after] != b"\r\n" {
            return Err(incomplete());
        }
        out.extend_from_slice(&rest[..size]);
        rest = &rest[after..];
    }
    if expected.is_some_and(|expected| expected != out.len()) {
        return Err(incomplete());
    }
    Ok(out.into())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::*;

    fn zipped(data: &[u8]) -> Bytes {
        let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
        zip.write_all(data).expect("into memory");
        zip.finish().expect("into memory").into()
    }

    #[test]
    fn a_small_body_that_inflates_to_a_huge_one_is_refused() {
        let bomb = zipped(&vec![0; LIMIT + 1]);
        assert!(bomb.len() < 200_000);
        assert_eq!(gunzip(&bomb).map_err(|fault| fault.status), Err(413));
        assert_eq!(gunzip(&zipped(b"hello")).as_deref(), Ok(&b"hello"[..]));
        assert_eq!(
            gunzip(&Bytes::from_static(b"hello")).map_err(|fault| fault.status),
            Err(400)
        );
    }

    #[test]
    fn chunks_with_signatures_and_trailers_are_joined() {
        let body = Bytes::from_static(
            b"5;chunk-signature=ab\r\nhello\r\n6\r\n world\r\n0;chunk-signature=cd\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
        );
        assert_eq!(unchunk(&body, Some(11)).as_deref(), Ok(&b"hello world"[..]));
        assert!(unchunk(&body, Some(12)).is_err());
        assert!(unchunk(&body.slice(..9), None).is_err());
        assert!(unchunk(&Bytes::from_static(b"ffffffffffffffff\r\nx"), None).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_answer(data in proptest::collection::vec(any::<u8>(), 0..200)) {
            let data = Bytes::from(data);
            let _ = gunzip(&data);
            let _ = unchunk(&data, None);
        }
    }
}
