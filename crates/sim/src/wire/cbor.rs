//! Smithy's RPC v2 in CBOR: what today's SDKs speak to `CloudWatch`.

use aws_smithy_cbor::data::Type;
use aws_smithy_cbor::decode::DeserializeError;
use aws_smithy_cbor::{Decoder, Encoder};
use aws_smithy_types::DateTime;
use bytes::Bytes;

use crate::call::Fault;
use crate::time;
use crate::value::{Map, Value};

/// How deep a request may nest.
const DEPTH: usize = 64;

/// `CloudWatch` members that are doubles: a strict client (the Rust SDK) refuses a whole number in their place.
const DOUBLES: [&str; 10] = [
    "Values",
    "Value",
    "SampleCount",
    "Average",
    "Sum",
    "Minimum",
    "Maximum",
    "Threshold",
    "Counts",
    "ExtendedStatistics",
];

/// Reads a body that is one map. An empty body is an empty map.
pub fn read(body: &Bytes) -> Result<Value, Fault> {
    if body.is_empty() {
        return Ok(Value::Map(Map::new()));
    }
    let mut reader = Reader {
        decoder: Decoder::new(body),
        body,
    };
    match reader.element(0) {
        Ok(map @ Value::Map(_)) if reader.decoder.position() == body.len() => Ok(map),
        Ok(_) => Err(Fault::bad(
            "SerializationException",
            "The request body is not one CBOR map",
        )),
        Err(error) => Err(Fault::bad(
            "SerializationException",
            format!("The request body is not valid CBOR: {error}"),
        )),
    }
}

struct Reader<'b> {
    decoder: Decoder<'b>,
    body: &'b [u8],
}

impl Reader<'_> {
    fn element(&mut self, depth: usize) -> Result<Value, DeserializeError> {
        if depth > DEPTH {
            return Err(self.error("nested too deep"));
        }
        let decoder = &mut self.decoder;
        Ok(match decoder.datatype()? {
            Type::Bool => Value::Bool(decoder.boolean()?),
            Type::Null | Type::Undefined => {
                decoder.skip()?;
                Value::Null
            }
            Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 => {
                Value::Int(decoder.long()?)
            }
            Type::F16 => Value::Float(self.half()?),
            Type::F32 | Type::F64 => Value::Float(decoder.double()?),
            Type::Bytes | Type::BytesIndef => Value::Blob(decoder.blob()?.into_inner().into()),
            Type::String | Type::StringIndef => Value::Str(decoder.str()?.into_owned()),
            Type::Array | Type::ArrayIndef => {
                let len = decoder.list()?;
                let mut list = Vec::new();
                while self.more(len, list.len())? {
                    list.push(self.element(depth + 1)?);
                }
                Value::List(list)
            }
            Type::Map | Type::MapIndef => {
                let len = decoder.map()?;
                let mut map = Map::new();
                while self.more(len, map.len())? {
                    let key = self.decoder.str()?.into_owned();
                    map.push(key, self.element(depth + 1)?);
                }
                Value::Map(map)
            }
            Type::Tag => self.tagged(depth)?,
            Type::Int | Type::Simple | Type::Break | Type::Unknown(_) => return Err(self.error("unexpected type")),
        })
    }

    /// Whether a list or a map goes on; eats the break at the end of an open one.
    fn more(&mut self, len: Option<u64>, have: usize) -> Result<bool, DeserializeError> {
        match len {
            Some(len) => Ok(u64::try_from(have).is_ok_and(|have| have < len)),
            None if matches!(self.decoder.datatype()?, Type::Break) => {
                self.decoder.set_position(self.decoder.position() + 1);
                Ok(false)
            }
            None => Ok(true),
        }
    }

    /// Tag 1 is a time; of any other tag only what it marks is taken.
    fn tagged(&mut self, depth: usize) -> Result<Value, DeserializeError> {
        let at = self.decoder.position();
        let head = self.body.get(at).copied().unwrap_or_default();
        let width = match head & 0x1f {
            24 => 2,
            25 => 3,
            26 => 5,
            27 => 9,
            _ => 1,
        };
        self.decoder.set_position(at + width);
        let value = self.element(depth + 1)?;
        if head != 0xc1 {
            return Ok(value);
        }
        value
            .float()
            .and_then(time::from_seconds)
            .map(Value::Time)
            .ok_or_else(|| self.error("not a time"))
    }

    /// A 16-bit float, which some encoders choose for small whole times.
    fn half(&mut self) -> Result<f64, DeserializeError> {
        let at = self.decoder.position();
        let Some([high, low]) = self
            .body
            .get(at + 1..at + 3)
            .and_then(|two| <[u8; 2]>::try_from(two).ok())
        else {
            return Err(self.error("ends inside a number"));
        };
        self.decoder.set_position(at + 3);
        let bits = u16::from_be_bytes([high, low]);
        let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
        let size = match exponent {
            0 => fraction * 2f64.powi(-24),
            31 if fraction > 0.0 => f64::NAN,
            31 => f64::INFINITY,
            _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
        };
        Ok(if bits & 0x8000 == 0 { size } else { -size })
    }

    fn error(&self, why: &'static str) -> DeserializeError {
        DeserializeError::custom(why, self.decoder.position())
    }
}

/// Writes an output; `Null` as an empty map.
#[must_use]
pub fn write(output: &Value) -> Bytes {
    let mut encoder = Encoder::new(Vec::with_capacity(256));
    match output {
        Value::Map(_) => element(&mut encoder, output, Numbers::AsTheyAre),
        _ => {
            encoder.map(0);
        }
    }
    encoder.into_writer().into()
}

/// Writes an error.
#[must_use]
pub fn write_error(fault: &Fault, shape: &str) -> Bytes {
    let mut body = Map::from_iter([("__type", shape), ("message", &fault.message)]);
    for (name, value) in &fault.extra {
        body.push(name.clone(), value);
    }
    write(&Value::Map(body))
}

/// How whole numbers are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbers {
    AsTheyAre,
    Doubles,
}

fn element(encoder: &mut Encoder, value: &Value, numbers: Numbers) {
    match value {
        Value::Null => encoder.null(),
        Value::Bool(b) => encoder.boolean(*b),
        #[expect(clippy::cast_precision_loss, reason = "the member is a double")]
        Value::Int(n) if numbers == Numbers::Doubles => encoder.double(*n as f64),
        Value::Int(n) => encoder.long(*n),
        Value::Float(n) => encoder.double(*n),
        Value::Str(text) => encoder.str(text),
        Value::Blob(bytes) => encoder.blob_bytes(bytes),
        Value::Time(ms) => encoder.timestamp(&DateTime::from_millis(*ms)),
        Value::List(list) => {
            encoder.array(list.len());
            for value in list {
                element(encoder, value, numbers);
            }
            encoder
        }
        Value::Map(map) => {
            encoder.map(map.iter().filter(|(_, value)| !value.is_null()).count());
            for (name, value) in map.iter().filter(|(_, value)| !value.is_null()) {
                encoder.str(name);
                let doubles = DOUBLES.contains(&name) || numbers == Numbers::Doubles;
                element(
                    encoder,
                    value,
                    if doubles { Numbers::Doubles } else { Numbers::AsTheyAre },
                );
            }
            encoder
        }
    };
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::value::{list, map};

    #[test]
    fn goes_there_and_back() {
        let value = map! {
            "StartTime" => Value::Time(1_767_323_045_678), "n" => -3_i64, "f" => 1.5, "s" => "é", "b" => Bytes::from_static(b"\x00"),
            "l" => list![1_i64, map! { "x" => true }], "none" => Value::Null,
        };
        let back = read(&write(&value)).expect("its own bytes");
        assert_eq!(back.get("StartTime").time(), Some(1_767_323_045_678));
        assert_eq!(back.path("l.1.x").bool(), Some(true));
        assert!(back.get("none").is_null());
        assert_eq!(
            read(&write(&map! { "Values" => list![1_i64] }))
                .expect("its own bytes")
                .path("Values.0"),
            &Value::Float(1.0)
        );
    }

    #[test]
    fn reads_what_other_encoders_write() {
        // {_ "a": 1(1.0 as half float), "b": [_ 1, 2]}
        let open = b"\xbf\x61a\xc1\xf9\x3c\x00\x61b\x9f\x01\x02\xff\xff";
        assert_eq!(
            read(&Bytes::from_static(open)).expect("valid"),
            map! { "a" => Value::Time(1000), "b" => list![1_i64, 2_i64] }
        );
    }

    #[test]
    fn hostile_bytes_are_refused() {
        for bad in [
            &b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff"[..],
            b"\xa1",
            b"\x01",
            b"\xff",
            b"\xa0\xa0",
            b"\xa1\x61a\xc1\xfb\x7f\xf0\0\0\0\0\0\0",
        ] {
            assert_eq!(
                read(&Bytes::from_static(bad)).map_err(|f| f.status),
                Err(400),
                "{bad:x?}"
            );
        }
        assert!(read(&Bytes::from(vec![0x81; 1_000_000])).is_err());
        assert!(read(&Bytes::from(vec![0xc1; 1_000_000])).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_answer(data in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&Bytes::from(data.clone()));
            let _ = read(&Bytes::from([&b"\xa1\x61a"[..], &data].concat()));
            let _ = read(&Bytes::from([&b"\xa1\x61a\xc1\xfb"[..], &data].concat()));
        }
    }
}
