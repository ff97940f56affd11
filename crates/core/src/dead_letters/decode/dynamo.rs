//! DynamoDB's typed values as plain JSON.

use serde_json::{Map, Value};

/// An item (`{"id": {"S": "7"}}`) without its types; `None` if it contains a value without a type.
pub(super) fn item(typed: &Value) -> Option<Value> {
    let fields = typed.as_object()?;
    let plain = fields.iter().map(|(name, value)| Some((name.clone(), plain(value)?)));
    plain.collect::<Option<Map<_, _>>>().map(Value::Object)
}

fn plain(typed: &Value) -> Option<Value> {
    let fields = typed.as_object().filter(|fields| fields.len() == 1)?;
    let (kind, value) = fields.iter().next()?;
    let texts = || {
        value
            .as_array()?
            .iter()
            .map(|text| text.as_str())
            .collect::<Option<Vec<_>>>()
    };
    Some(match kind.as_str() {
        "S" | "B" => Value::String(value.as_str()?.to_owned()),
        "N" => number(value.as_str()?),
        "BOOL" => Value::Bool(value.as_bool()?),
        "NULL" => value.as_bool().map(|_| Value::Null)?,
        "M" => item(value)?,
        "L" => Value::Array(value.as_array()?.iter().map(plain).collect::<Option<_>>()?),
        "SS" | "BS" => Value::Array(texts()?.into_iter().map(Value::from).collect()),
        "NS" => Value::Array(texts()?.into_iter().map(number).collect()),
        _ => return None,
    })
}

/// AWS (apis): numbers have up to 38 digits. One that would be changed stays a text.
fn number(text: &str) -> Value {
    let read = serde_json::from_str::<serde_json::Number>(text);
    match read {
        Ok(number) if number.to_string() == text => Value::Number(number),
        _ => Value::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_type_becomes_plain() {
        let typed = json!({"s": {"S": "x"}, "n": {"N": "1.5"}, "long": {"N": "12345678901234567890123"}, "b": {"BOOL": true},
            "z": {"NULL": true}, "m": {"M": {"k": {"S": "v"}}}, "l": {"L": [{"N": "1"}]}, "ns": {"NS": ["1", "2"]}, "bin": {"B": "AA=="}});
        let plain = json!({"s": "x", "n": 1.5, "long": "12345678901234567890123", "b": true, "z": null, "m": {"k": "v"},
            "l": [1], "ns": [1, 2], "bin": "AA=="});
        assert_eq!(item(&typed), Some(plain));
    }

    #[test]
    fn what_is_not_typed_is_left_alone() {
        for value in [
            json!({"a": 1}),
            json!({"a": {"S": 1}}),
            json!({"a": {"S": "x", "N": "1"}}),
            json!([]),
            json!({"a": {"Q": "x"}}),
        ] {
            assert_eq!(item(&value), None, "{value}");
        }
    }
}
