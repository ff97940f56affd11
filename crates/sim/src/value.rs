//! The one shape in which every format's input and output crosses between the wire and the services.
//!
//! Formats differ in what they can say: a query string has only text, JSON has no bytes and no times, CBOR has all of
//! them. So reading is lenient ([`Value::int`] also takes `"10"`, [`Value::blob`] also takes base64 text) and writing
//! is strict: a service answers with [`Value::Time`] and [`Value::Blob`] and each codec writes them its own way.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;

use super::time;

/// A member of a request or an answer. Member names are those of AWS's own model of the service.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Absent. A codec leaves such a member out.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    Str(String),
    /// Bytes: base64 in JSON and XML, as they are in CBOR.
    Blob(Bytes),
    /// A moment in milliseconds since 1970: each format writes it its own way (seconds, ISO 8601, a tagged number).
    Time(i64),
    /// A list.
    List(Vec<Value>),
    /// A structure or a map, in the order in which it was written.
    Map(Map),
}

/// What [`Value::get`] gives for a member that is not there.
static NULL: Value = Value::Null;

impl Value {
    /// The member of that name; `Null` where there is none or where this is no map.
    #[must_use]
    pub fn get(&self, name: &str) -> &Value {
        match self {
            Value::Map(map) => map.get(name).unwrap_or(&NULL),
            _ => &NULL,
        }
    }

    /// The member at a dotted path, such as `VpcConfig.SubnetIds.0`; `Null` where a step is missing.
    #[must_use]
    pub fn path(&self, path: &str) -> &Value {
        path.split('.').fold(self, |at, step| match at {
            Value::List(list) => step.parse::<usize>().ok().and_then(|i| list.get(i)).unwrap_or(&NULL),
            _ => at.get(step),
        })
    }

    /// Whether nothing is here.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The text, if this is text.
    #[must_use]
    pub fn str(&self) -> Option<&str> {
        match self {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The text, also of a number or a truth value: what an attribute map holds (`"VisibilityTimeout": 30`).
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self {
            Value::Str(text) => Some(text.clone()),
            Value::Int(n) => Some(n.to_string()),
            Value::Float(n) => Some(n.to_string()),
            Value::Bool(b) => Some(b.to_string()),
            Value::Blob(bytes) => String::from_utf8(bytes.to_vec()).ok(),
            Value::Time(_) | Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// A whole number, also from text (`"10"`) or from a number without a fraction (`10.0`).
    #[must_use]
    pub fn int(&self) -> Option<i64> {
        match self {
            Value::Int(n) => Some(*n),
            Value::Float(n) if n.fract() == 0.0 && n.abs() < 9.0e15 =>
            {
                #[expect(clippy::cast_possible_truncation, reason = "bounded by the guard")]
                Some(*n as i64)
            }
            Value::Str(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A number, also from text.
    #[must_use]
    pub fn float(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "a float was asked for")]
            Value::Int(n) => Some(*n as f64),
            Value::Float(n) => Some(*n),
            Value::Str(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A truth value, also from the text `true` or `false` in any case.
    #[must_use]
    pub fn bool(&self) -> Option<bool> {
        match self {
            Value::Bool(b) => Some(*b),
            Value::Str(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::Str(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// Bytes, also from base64 text. `None` for anything else, and for text that is not base64.
    #[must_use]
    pub fn blob(&self) -> Option<Bytes> {
        match self {
            Value::Blob(bytes) => Some(bytes.clone()),
            Value::Str(text) => BASE64.decode(text.as_bytes()).ok().map(Bytes::from),
            _ => None,
        }
    }

    /// A moment in milliseconds since 1970, also from seconds (a number, or text of one) or ISO 8601 text. Not for
    /// members that the model calls a long in milliseconds (Logs): those are [`Value::int`].
    #[must_use]
    pub fn time(&self) -> Option<i64> {
        match self {
            Value::Time(ms) => Some(*ms),
            Value::Int(_) | Value::Float(_) => time::from_seconds(self.float()?),
            Value::Str(text) => time::from_iso(text).or_else(|| time::from_seconds(text.trim().parse().ok()?)),
            _ => None,
        }
    }

    /// The elements; empty where this is no list. A lone text is no list of one.
    #[must_use]
    pub fn list(&self) -> &[Value] {
        match self {
            Value::List(list) => list,
            _ => &[],
        }
    }

    /// The texts of a list of text; others are left out.
    pub fn strings(&self) -> impl Iterator<Item = &str> {
        self.list().iter().filter_map(Value::str)
    }

    /// The map, if this is one.
    #[must_use]
    pub fn map(&self) -> Option<&Map> {
        match self {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The members in order; none where this is no map.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.map().into_iter().flat_map(Map::iter)
    }

    /// Sets a member. A `Null` becomes a map first; on anything else that is no map nothing happens.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        if self.is_null() {
            *self = Value::Map(Map::new());
        }
        if let Value::Map(map) = self {
            map.insert(name, value);
        }
    }

    /// As JSON. Times become seconds with three decimals, bytes base64, absent members are left out.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Value::Null => Json::Null,
            Value::Bool(b) => Json::Bool(*b),
            Value::Int(n) => Json::from(*n),
            Value::Float(n) => serde_json::Number::from_f64(*n).map_or(Json::Null, Json::Number),
            Value::Str(text) => Json::String(text.clone()),
            Value::Blob(bytes) => Json::String(BASE64.encode(bytes)),
            Value::Time(ms) => time::to_seconds(*ms),
            Value::List(list) => Json::Array(list.iter().map(Value::to_json).collect()),
            Value::Map(map) => Json::Object(
                map.iter()
                    .filter(|(_, v)| !v.is_null())
                    .map(|(k, v)| (k.to_owned(), v.to_json()))
                    .collect(),
            ),
        }
    }

    /// JSON text of [`Value::to_json`].
    #[must_use]
    pub fn to_json_text(&self) -> String {
        self.to_json().to_string()
    }
}

impl From<serde_json::Value> for Value {
    /// A number that fits 64 signed bits becomes an `Int`, any other a `Float`.
    fn from(json: serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null => Value::Null,
            Json::Bool(b) => Value::Bool(b),
            Json::Number(n) => n
                .as_i64()
                .map_or_else(|| Value::Float(n.as_f64().unwrap_or(f64::MAX)), Value::Int),
            Json::String(text) => Value::Str(text),
            Json::Array(list) => Value::List(list.into_iter().map(Value::from).collect()),
            Json::Object(map) => Value::Map(map.into_iter().map(|(k, v)| (k, Value::from(v))).collect()),
        }
    }
}

impl fmt::Display for Value {
    /// As JSON text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_json().fmt(f)
    }
}

/// Members in the order in which they were written. Meant for structures of tens of members: a look-up walks them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map(Vec<(String, Value)>);

impl Map {
    /// No members.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The member of that name; the last one where a request repeated it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().rev().find(|(k, _)| k == name).map(|(_, v)| v)
    }

    /// Sets a member, in its old place if it was there.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().rev().find(|(k, _)| *k == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    /// Appends a member without looking for one of the same name: for decoders, whose time must not grow with the
    /// square of a hostile body.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.0.push((name.into(), value.into()));
    }

    /// Takes a member out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.0.iter().rposition(|(k, _)| k == name)?;
        Some(self.0.remove(at).1)
    }

    /// The members in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v))
    }

    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Map {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(pairs: T) -> Self {
        Self(pairs.into_iter().map(|(k, v)| (k.into(), v.into())).collect())
    }
}

impl IntoIterator for Map {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<(String, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

macro_rules! from {
    ($($from:ty, $name:ident => $to:expr;)*) => { $(
        impl From<$from> for Value {
            fn from($name: $from) -> Self { $to }
        }
    )* };
}

from! {
    bool, b => Value::Bool(b);
    i64, n => Value::Int(n);
    i32, n => Value::Int(n.into());
    u32, n => Value::Int(n.into());
    u16, n => Value::Int(n.into());
    u8, n => Value::Int(n.into());
    u64, n => i64::try_from(n).map_or(Value::Int(i64::MAX), Value::Int);
    usize, n => i64::try_from(n).map_or(Value::Int(i64::MAX), Value::Int);
    f64, n => Value::Float(n);
    String, text => Value::Str(text);
    &str, text => Value::Str(text.to_owned());
    &String, text => Value::Str(text.clone());
    Bytes, bytes => Value::Blob(bytes);
    Map, map => Value::Map(map);
    &Value, value => value.clone();
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(list: Vec<T>) -> Self {
        Value::List(list.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    /// `None` is `Null`, so that an optional member is left out of the answer.
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

impl<T: Into<Value>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(list: I) -> Self {
        Value::List(list.into_iter().map(Into::into).collect())
    }
}

/// A map in place: `map! { "QueueUrl" => url, "Attributes" => map! { "FifoQueue" => "true" } }`. A value is anything
/// that becomes a [`Value`]; `None` and `Null` members are left out of the answer.
macro_rules! map {
    () => { $crate::value::Value::Map($crate::value::Map::new()) };
    ($($name:expr => $value:expr),+ $(,)?) => {{
        let mut map = $crate::value::Map::new();
        $( map.push($name, $value); )+
        $crate::value::Value::Map(map)
    }};
}

/// A list in place for tests, of values of any kind: `list![1_i64, "two"]`.
#[cfg(test)]
macro_rules! list {
    ($($value:expr),* $(,)?) => {
        $crate::value::Value::List(vec![$( $crate::value::Value::from($value) ),*])
    };
}

#[cfg(test)]
pub(crate) use list;
pub(crate) use map;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_each_format_can_say() {
        let v = map! { "n" => "10", "b" => "True", "blob" => "aGk=", "t" => "2026-01-02T03:04:05.678Z", "l" => list![1_i64, "x"] };
        assert_eq!(v.get("n").int(), Some(10));
        assert_eq!(v.get("b").bool(), Some(true));
        assert_eq!(v.get("blob").blob().as_deref(), Some(&b"hi"[..]));
        assert_eq!(v.get("t").time(), Some(1_767_323_045_678));
        assert_eq!(Value::Float(1.5).time(), Some(1500));
        assert_eq!(v.path("l.1").str(), Some("x"));
        assert!(v.path("l.9.z").is_null());
        assert_eq!(v.get("l").strings().collect::<Vec<_>>(), ["x"]);
    }

    #[test]
    fn goes_to_json_and_back() {
        let v = map! { "a" => 1_i64, "none" => None::<bool>, "t" => Value::Time(1500), "m" => map! { "k" => "v" } };
        assert_eq!(v.to_json_text(), r#"{"a":1,"t":1.5,"m":{"k":"v"}}"#);
        let back = Value::from(v.to_json());
        assert_eq!(back.get("t").time(), Some(1500));
        assert_eq!(back.path("m.k").str(), Some("v"));
    }
}
