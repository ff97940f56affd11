//! awsJson 1.0 and 1.1 (SQS, `DynamoDB`, Logs, `EventBridge`, Kinesis, tagging), and the JSON writing that the REST
//! services share.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;

use super::schema::{Kind, Model};
use crate::call::Fault;
use crate::time;
use crate::value::{Map, Value};

/// Reads a body that is one JSON object. An empty body is an empty object, as AWS takes it. Nesting is bounded by the
/// parser (128 levels).
pub fn read(body: &Bytes) -> Result<Value, Fault> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Map(Map::new()));
    }
    match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(json @ serde_json::Value::Object(_)) => Ok(Value::from(json)),
        Ok(_) => Err(Fault::bad(
            "SerializationException",
            "Start of structure or map found where not expected.",
        )),
        Err(error) => Err(Fault::bad(
            "SerializationException",
            format!("Could not parse the request body: {error}"),
        )),
    }
}

/// Writes a value with the names and the times of the service's table; without a table as it is.
#[must_use]
pub fn write(value: &Value, model: Option<&Model>, kind: &Kind) -> Bytes {
    let mut out = Vec::with_capacity(256);
    element(&mut out, value, model, kind);
    out.into()
}

/// Reads wire names back into the model's, all the way down.
#[must_use]
pub fn rename(value: Value, model: &Model, kind: &Kind) -> Value {
    match (value, kind) {
        (Value::Map(map), Kind::Structure(name)) => {
            let members = model.members(Some(name));
            let renamed = map
                .into_iter()
                .map(|(key, value)| match members.iter().find(|m| m.wire == key) {
                    Some(member) => (member.name.to_owned(), rename(value, model, &member.kind)),
                    None => (key, value),
                });
            Value::Map(renamed.collect())
        }
        (Value::Map(map), Kind::Map(inner)) => Value::Map(
            map.into_iter()
                .map(|(key, value)| (key, rename(value, model, inner)))
                .collect(),
        ),
        (Value::List(list), Kind::List(_, inner) | Kind::Flat(inner)) => {
            Value::List(list.into_iter().map(|value| rename(value, model, inner)).collect())
        }
        (value, _) => value,
    }
}

fn element(out: &mut Vec<u8>, value: &Value, model: Option<&Model>, kind: &Kind) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Int(n) => out.extend_from_slice(n.to_string().as_bytes()),
        Value::Float(n) => number(out, *n),
        Value::Str(text) => string(out, text),
        Value::Blob(bytes) => string(out, &BASE64.encode(bytes)),
        Value::Time(ms) => match kind {
            Kind::Iso => string(out, &time::to_iso(*ms)),
            Kind::HttpDate => string(out, &time::to_http_date(*ms)),
            _ => out.extend_from_slice(time::to_seconds(*ms).to_string().as_bytes()),
        },
        Value::List(list) => {
            let inner = match kind {
                Kind::List(_, inner) | Kind::Flat(inner) => inner,
                _ => &Kind::Plain,
            };
            out.push(b'[');
            for (i, value) in list.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                element(out, value, model, inner);
            }
            out.push(b']');
        }
        Value::Map(map) => object(out, map, model, kind),
    }
}

fn object(out: &mut Vec<u8>, map: &Map, model: Option<&Model>, kind: &Kind) {
    let members = match (model, kind) {
        (Some(model), Kind::Structure(name)) => model.members(Some(name)),
        _ => &[],
    };
    out.push(b'{');
    let mut first = true;
    for (name, value) in map.iter().filter(|(_, value)| !value.is_null()) {
        if !first {
            out.push(b',');
        }
        first = false;
        let member = members.iter().find(|member| member.name == name);
        string(out, member.map_or(name, |member| member.wire));
        out.push(b':');
        let kind = match (member, kind) {
            (Some(member), _) => &member.kind,
            (None, Kind::Map(inner)) => inner,
            (None, _) => &Kind::Plain,
        };
        element(out, value, model, kind);
    }
    out.push(b'}');
}

/// JSON has no infinity: AWS writes such a number as text.
fn number(out: &mut Vec<u8>, n: f64) {
    match serde_json::Number::from_f64(n) {
        Some(number) => out.extend_from_slice(number.to_string().as_bytes()),
        None if n.is_nan() => out.extend_from_slice(b"\"NaN\""),
        None if n > 0.0 => out.extend_from_slice(b"\"Infinity\""),
        None => out.extend_from_slice(b"\"-Infinity\""),
    }
}

fn string(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("writing text into memory cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Service;
    use crate::value::{list, map};

    #[test]
    fn writes_each_kind_of_value() {
        let value = map! {
            "t" => Value::Time(1_500), "b" => Value::Blob(Bytes::from_static(b"hi")), "f" => 2.0, "n" => f64::NAN,
            "none" => Value::Null, "l" => list![1_i64, true, Value::Null], "s" => "é\u{1}\"",
        };
        let text = write(&value, None, &Kind::Plain);
        assert_eq!(
            std::str::from_utf8(&text),
            Ok(r#"{"t":1.5,"b":"aGk=","f":2.0,"n":"NaN","l":[1,true,null],"s":"é\u0001\""}"#)
        );
    }

    #[test]
    fn a_table_renames_members_but_no_map_keys() {
        let model = Model::of(Service::ApiGatewayV2);
        let api = map! { "Items" => list![map! { "ApiId" => "a1", "CreatedDate" => Value::Time(0), "Tags" => map! { "ApiId" => "x" } }] };
        let text = write(&api, model, &Kind::Structure("GetApisResponse"));
        let expected = r#"{"items":[{"apiId":"a1","createdDate":"1970-01-01T00:00:00.000Z","tags":{"ApiId":"x"}}]}"#;
        assert_eq!(std::str::from_utf8(&text), Ok(expected));
        let back = rename(
            read(&text).expect("its own text"),
            model.expect("a table"),
            &Kind::Structure("GetApisResponse"),
        );
        assert_eq!(back.path("Items.0.ApiId").str(), Some("a1"));
        assert_eq!(back.path("Items.0.Tags.ApiId").str(), Some("x"));
    }

    #[test]
    fn reads_objects_only() {
        assert!(read(&Bytes::from_static(b" ")).is_ok_and(|v| v.map().is_some_and(Map::is_empty)));
        for bad in [&b"[]"[..], b"{", b"3", b"\xff", b"{\"a\":1}x"] {
            assert_eq!(
                read(&Bytes::from_static(bad)).map_err(|f| f.code),
                Err("SerializationException".to_owned())
            );
        }
        let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
        assert!(read(&Bytes::from(deep)).is_err());
    }
}
