//! Reads those fields of a JSON line that may matter, and nothing else: the rest is skipped without being kept.
//!
//! Of a line that was cut in the middle, the fields before the cut remain.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A field's value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value<'a> {
    /// It is not there, or is of no use.
    #[default]
    None,
    /// A text.
    Text(Cow<'a, str>),
    /// A number.
    Number(f64),
    /// An object's fields.
    Object(Box<Fields<'a>>),
    /// A list.
    List,
}

impl<'a> Value<'a> {
    /// The text, if it is one.
    pub fn text(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub const fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The object, if it is one.
    pub const fn object(&self) -> Option<&Fields<'a>> {
        match self {
            Self::Object(fields) => Some(fields),
            _ => None,
        }
    }

    /// Whether there is something.
    pub const fn is_some(&self) -> bool {
        !matches!(self, Self::None)
    }
}

macro_rules! fields {
    ($($(#[$doc:meta])* $field:ident: $($name:literal)|+;)*) => {
        /// The fields of an object of a log line, under the names that services, runtimes and loggers give them.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Fields<'a> {
            $($(#[$doc])* pub $field: Value<'a>,)*
        }

        impl<'a> Fields<'a> {
            fn place(&mut self, name: &str) -> Option<&mut Value<'a>> {
                match name {
                    $($($name)|+ => Some(&mut self.$field),)*
                    _ => None,
                }
            }
        }
    };
}

fields! {
    /// What a line of the service is about: `platform.start`.
    kind: "type";
    /// What it says of that.
    record: "record";
    /// The request: of the service and of the runtimes of Python, Node, .NET, Ruby and Rust, of Java, of Powertools.
    request_id: "requestId" | "AWSRequestId" | "awsRequestId" | "function_request_id" | "request_id" | "aws_request_id";
    /// The figures of a report.
    metrics: "metrics";
    /// X-Ray.
    tracing: "tracing";
    /// Of X-Ray: `Root=1-…;Parent=…;Sampled=1`.
    value: "value";
    /// Of a report: how the invocation ended.
    status: "status";
    /// Of a start: the version.
    version: "version";
    /// Of the start of a sandbox: `init` or `invoke`.
    phase: "phase";
    /// Milliseconds.
    duration: "durationMs";
    /// Milliseconds.
    billed: "billedDurationMs";
    /// MB.
    memory: "memorySizeMB";
    /// MB.
    max_memory: "maxMemoryUsedMB";
    /// Milliseconds.
    init: "initDurationMs" | "restoreDurationMs";
    /// Its level. Python's runtime writes `log_level` for an exception that left the handler.
    log_level: "log_level";
    /// Its level.
    level: "level" | "severity" | "levelname" | "lvl" | "LogLevel" | "@l";
    /// The words.
    message: "message" | "msg" | "@m" | "event" | "short_message";
    /// Who logged it.
    logger: "logger";
    /// The type of an error.
    error_type: "errorType" | "exception_name" | "name";
    /// The message of an error.
    error_message: "errorMessage";
    /// Where it was thrown.
    stack: "stackTrace" | "stack" | "trace" | "exception" | "stack_trace" | "backtrace";
    /// An error as an object.
    error: "error" | "err";
    /// The words of Rust's tracing.
    fields: "fields";
    /// Where a line of Rust's tracing was written.
    span: "span";
    /// Which module of a Rust program wrote it.
    target: "target";
}

/// The fields of a text that begins with an object.
pub fn read(text: &str) -> Fields<'_> {
    let mut fields = Fields::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    // What came before an error was kept.
    let _ = Into(&mut fields).deserialize(&mut reader);
    fields
}

/// Reads an object into fields that are there already.
struct Into<'f, 'a>(&'f mut Fields<'a>);

impl<'a> DeserializeSeed<'a> for Into<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Into<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(Name(name)) = map.next_key_seed(AnyName)? {
            match self.0.place(&name) {
                Some(place) => map.next_value_seed(Put(place))?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Name<'a>(Cow<'a, str>);

struct AnyName;

impl<'a> DeserializeSeed<'a> for AnyName {
    type Value = Name<'a>;

    fn deserialize<D: Deserializer<'a>>(self, reader: D) -> Result<Name<'a>, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for AnyName {
    type Value = Name<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Name<'a>, E> {
        Ok(Name(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Name<'a>, E> {
        Ok(Name(Cow::Owned(text.to_owned())))
    }
}

/// Puts one value into its place.
struct Put<'f, 'a>(&'f mut Value<'a>);

impl<'a> DeserializeSeed<'a> for Put<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Put<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "durations and sizes are far below 2^52")]
    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        *self.0 = Value::Number(number as f64);
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "durations and sizes are far below 2^52")]
    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        *self.0 = Value::Number(number as f64);
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        *self.0 = Value::Number(number);
        Ok(())
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<(), E> {
        *self.0 = Value::Text(Cow::Borrowed(text));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        *self.0 = Value::Text(Cow::Owned(text.to_owned()));
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut list: S) -> Result<(), S::Error> {
        *self.0 = Value::List;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<M: MapAccess<'a>>(self, map: M) -> Result<(), M::Error> {
        *self.0 = Value::Object(Box::default());
        match self.0 {
            Value::Object(fields) => Into(fields).visit_map(map),
            _ => Ok(()),
        }
    }
}
