//! Reading a pattern: what AWS takes, and the reasons that it gives for what it does not.

use std::net::IpAddr;

use serde_json::{Map, Value as Json};

use super::wildcard::Wildcard;
use super::{Bound, Field, Test};

/// Names that no field within `$or` may have.
const RESERVED: [&str; 24] = [
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];
/// AWS: the combinations that `$or` makes.
const COMBINATIONS: usize = 1000;
const ONE_KEY: &str = "Only one key allowed in match expression";

/// The alternatives that a pattern consists of.
pub(super) fn alternatives(json: &Json) -> Result<Vec<Vec<Field>>, String> {
    let Json::Object(members) = json else {
        return Err("Filter is not an object".to_owned());
    };
    let mut made = vec![Vec::new()];
    object(&mut made, "", members, false)?;
    Ok(made)
}

/// Adds what an object asks for to each alternative.
fn object(made: &mut Vec<Vec<Field>>, path: &str, members: &Map<String, Json>, in_or: bool) -> Result<(), String> {
    if members.is_empty() {
        return Err("Empty objects are not allowed".to_owned());
    }
    for (name, value) in members {
        if name == "$or" {
            either(made, path, value)?;
            continue;
        }
        if in_or && RESERVED.contains(&name.as_str()) {
            return Err(format!(
                "{name} is Ruler reserved fieldName which cannot be used inside $or."
            ));
        }
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        match value {
            Json::Object(inner) => object(made, &path, inner, in_or)?,
            Json::Array(list) => {
                let tests: Vec<Test> = list.iter().map(test).collect::<Result<_, _>>()?;
                if tests.is_empty() {
                    return Err("Empty arrays are not allowed".to_owned());
                }
                for fields in made.iter_mut() {
                    // AWS: what is said last of a path counts.
                    fields.retain(|(known, _)| *known != path);
                    fields.push((path.clone(), tests.clone()));
                }
            }
            _ => return Err(format!("\"{name}\" must be an object or an array")),
        }
    }
    Ok(())
}

/// Multiplies the alternatives by those of an `$or`.
fn either(made: &mut Vec<Vec<Field>>, path: &str, value: &Json) -> Result<(), String> {
    let Json::Array(choices) = value else {
        return Err("It must be an Array followed with $or.".to_owned());
    };
    let before = std::mem::take(made);
    for choice in choices {
        let Json::Object(members) = choice else {
            return Err("Only JSON object is allowed in array of $or relationship.".to_owned());
        };
        let mut with = before.clone();
        object(&mut with, path, members, true)?;
        made.extend(with);
        if made.len() > COMBINATIONS {
            return Err(format!(
                "Rule is too complex - it has more than {COMBINATIONS} combinations of rule fields"
            ));
        }
    }
    if choices.len() < 2 {
        return Err("There must have at least 2 Objects in $or relationship.".to_owned());
    }
    Ok(())
}

/// One member of a list of tests.
fn test(json: &Json) -> Result<Test, String> {
    match json {
        Json::Object(members) => expression(members),
        Json::Array(_) => Err("Match value must be String, number, true, false, or null".to_owned()),
        // AWS: an address is meant, however it is written.
        Json::String(text) => Ok(text
            .parse::<IpAddr>()
            .map_or_else(|_| Test::Equals(json.clone()), Test::Address)),
        _ => Ok(Test::Equals(json.clone())),
    }
}

fn expression(members: &Map<String, Json>) -> Result<Test, String> {
    let mut members = members.iter();
    let (name, value) = members.next().ok_or("Match expression name not found")?;
    let text = |kind: &str| {
        let found = value.as_str().map(str::to_owned);
        found.ok_or_else(|| format!("{kind} match pattern must be a string"))
    };
    let made = match name.as_str() {
        "exactly" => Test::Equals(text("exact")?.into()),
        "prefix" => match value {
            Json::Object(inner) => Test::PrefixIgnoreCase(ignoring_case("prefix", inner)?),
            _ => Test::Prefix(text("prefix")?),
        },
        "suffix" => match value {
            Json::Object(inner) => Test::SuffixIgnoreCase(ignoring_case("suffix", inner)?),
            _ => Test::Suffix(text("suffix")?),
        },
        "equals-ignore-case" => Test::EqualsIgnoreCase(text("equals-ignore-case")?.to_lowercase()),
        "wildcard" => Test::Wildcard(Wildcard::parse(&text("wildcard")?)?),
        "exists" => Test::Exists(
            value
                .as_bool()
                .ok_or("exists match pattern must be either true or false.")?,
        ),
        "numeric" => Test::Numeric(numeric(value)?),
        // AWS calls it a prefix there.
        "cidr" => cidr(&text("prefix")?)?,
        "anything-but" => anything_but(value)?,
        _ => return Err(format!("Unrecognized match type {name}")),
    };
    match members.next() {
        None => Ok(made),
        Some(_) if matches!(name.as_str(), "numeric" | "anything-but") => {
            Err("Too many elements in numeric expression".to_owned())
        }
        Some(_) => Err(ONE_KEY.to_owned()),
    }
}

/// `{"prefix": {"equals-ignore-case": "a"}}`: the text, in lower case.
fn ignoring_case(kind: &str, members: &Map<String, Json>) -> Result<String, String> {
    let mut members = members.iter();
    let capital = if kind == "prefix" { "Prefix" } else { "Suffix" };
    let (name, value) = members
        .next()
        .ok_or_else(|| format!("{capital} expression name not found"))?;
    if name != "equals-ignore-case" {
        return Err(format!("Unsupported {kind} pattern: {name}"));
    }
    let text = value
        .as_str()
        .ok_or("equals-ignore-case match pattern must be a string")?;
    if members.next().is_some() {
        return Err(ONE_KEY.to_owned());
    }
    Ok(text.to_lowercase())
}

fn anything_but(value: &Json) -> Result<Test, String> {
    match value {
        Json::Object(kinds) => {
            let mut kinds = kinds.iter();
            let (kind, given) = kinds.next().ok_or("Anything-But expression name not found")?;
            if !matches!(kind.as_str(), "equals-ignore-case" | "prefix" | "suffix" | "wildcard") {
                return Err(format!("Unsupported anything-but pattern: {kind}"));
            }
            let tests = match given {
                Json::Array(list) => list
                    .iter()
                    .map(|v| anything_but_kind(kind, v))
                    .collect::<Result<_, _>>()?,
                Json::String(_) | Json::Number(_) => vec![anything_but_kind(kind, given)?],
                _ => return Err("Value of anything-but must be an array or single string/number value.".to_owned()),
            };
            if kinds.next().is_some() {
                return Err("Too many elements in numeric expression".to_owned());
            }
            Ok(Test::Not(tests))
        }
        Json::Array(list) => {
            if list.iter().any(|v| !v.is_string() && !v.is_number()) {
                return Err("Inside anything but list, start|null|boolean is not supported.".to_owned());
            }
            let strings = list.iter().filter(|v| v.is_string()).count();
            if list.is_empty() || (strings > 0 && strings < list.len()) {
                return Err(
                    "Inside anything but list, either all values are number or string, mixed type is not supported"
                        .to_owned(),
                );
            }
            Ok(Test::Not(list.iter().cloned().map(Test::Equals).collect()))
        }
        Json::String(_) | Json::Number(_) => Ok(Test::Not(vec![Test::Equals(value.clone())])),
        _ => Err("Value of anything-but must be an array or single string/number value.".to_owned()),
    }
}

fn anything_but_kind(kind: &str, value: &Json) -> Result<Test, String> {
    let Some(text) = value.as_str() else {
        let why = match kind {
            "equals-ignore-case" => {
                "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
            }
            "wildcard" => "wildcard match pattern must be a string",
            _ => "prefix/suffix match pattern must be a string",
        };
        return Err(why.to_owned());
    };
    let text = text.to_owned();
    match kind {
        "prefix" | "suffix" if text.is_empty() => Err("Null prefix/suffix not allowed".to_owned()),
        "prefix" => Ok(Test::Prefix(text)),
        "suffix" => Ok(Test::Suffix(text)),
        "wildcard" => Wildcard::parse(&text).map(Test::Wildcard),
        _ => Ok(Test::EqualsIgnoreCase(text.to_lowercase())),
    }
}

/// `["=", 1]`, `[">", 0, "<=", 5]` and so on: the lower bound comes first.
fn numeric(value: &Json) -> Result<Vec<Bound>, String> {
    const TOO_MANY: &str = "Too many elements in numeric expression";
    let list = value.as_array().ok_or("Value of numeric must be an array.")?;
    let mut list = list.iter();
    let shown = |member: Option<&Json>| match member {
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => "]".to_owned(),
    };
    let first = list.next();
    let Some(operator) = first.and_then(Json::as_str) else {
        return Err(format!("Invalid member in numeric match: {}", shown(first)));
    };
    let number = |member: Option<&Json>, operator: &str| {
        let named = if operator == "=" { "equals" } else { operator };
        let found = member.and_then(Json::as_f64);
        found.ok_or_else(|| format!("Value of {named} must be numeric"))
    };
    if !["=", ">", ">=", "<", "<="].contains(&operator) {
        return Err(format!("Unrecognized numeric range operator: {operator}"));
    }
    let bound = number(list.next(), operator)?;
    let lower = match operator {
        ">" => Bound::Above(bound),
        ">=" => Bound::AtLeast(bound),
        _ => {
            let only = match operator {
                "=" => Bound::Equal(bound),
                "<" => Bound::Below(bound),
                _ => Bound::AtMost(bound),
            };
            return if list.next().is_none() {
                Ok(vec![only])
            } else {
                Err(TOO_MANY.to_owned())
            };
        }
    };
    let Some(second) = list.next() else {
        return Ok(vec![lower]);
    };
    let Json::String(operator) = second else {
        return Err(format!("Bad value in numeric range: {}", shown(Some(second))));
    };
    if operator != "<" && operator != "<=" {
        return Err(format!("Bad numeric range operator: {operator}"));
    }
    let top = number(list.next(), operator)?;
    if list.next().is_some() {
        return Err("Too many terms in numeric range expression".to_owned());
    }
    if bound >= top {
        return Err("Bottom must be less than top".to_owned());
    }
    let upper = if operator == "<" {
        Bound::Below(top)
    } else {
        Bound::AtMost(top)
    };
    Ok(vec![lower, upper])
}

fn cidr(text: &str) -> Result<Test, String> {
    let parts: Vec<&str> = text.split('/').collect();
    let &[address, bits] = parts.as_slice() else {
        return Err("Malformed CIDR, one '/' required".to_owned());
    };
    let bits: i32 = bits
        .parse()
        .map_err(|_| "Malformed CIDR, mask bits must be an integer")?;
    if bits < 0 {
        return Err("Malformed CIDR, mask bits must not be negative".to_owned());
    }
    let network: IpAddr = address
        .parse()
        .map_err(|_| format!("Nonstandard IP address: {address}"))?;
    let (kind, all) = if network.is_ipv4() { ("IPv4", 32) } else { ("IPv6", 128) };
    match u8::try_from(bits) {
        Ok(bits) if bits < all => Ok(Test::Cidr(network, bits)),
        _ => Err(format!("{kind} mask bits must be < {all}")),
    }
}
