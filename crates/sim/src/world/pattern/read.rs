//! Reading a pattern: what AWS takes, and the reasons that it gives for what it does not.

use std::net::IpAddr;

use serde_json::{Map, Value as Json};

use super::refusal::Refusal;
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
/// AWS (patterns): the combinations that `$or` makes.
pub(super) const COMBINATIONS: usize = 1000;

/// The alternatives that a pattern consists of.
pub(super) fn alternatives(json: &Json) -> Result<Vec<Vec<Field>>, Refusal> {
    let Json::Object(members) = json else {
        return Err(Refusal::NotAnObject);
    };
    let mut made = vec![Vec::new()];
    object(&mut made, "", members, false)?;
    Ok(made)
}

/// Adds what an object asks for to each alternative.
fn object(made: &mut Vec<Vec<Field>>, path: &str, members: &Map<String, Json>, in_or: bool) -> Result<(), Refusal> {
    if members.is_empty() {
        return Err(Refusal::EmptyObject);
    }
    for (name, value) in members {
        if name == "$or" {
            either(made, path, value)?;
            continue;
        }
        if in_or && RESERVED.contains(&name.as_str()) {
            return Err(Refusal::ReservedInOr(name.clone()));
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
                    return Err(Refusal::EmptyArray);
                }
                for fields in made.iter_mut() {
                    // AWS (patterns): the last entry of a path counts.
                    fields.retain(|(known, _)| *known != path);
                    fields.push((path.clone(), tests.clone()));
                }
            }
            _ => return Err(Refusal::NeitherObjectNorArray(name.clone())),
        }
    }
    Ok(())
}

/// Multiplies the alternatives by those of an `$or`.
fn either(made: &mut Vec<Vec<Field>>, path: &str, value: &Json) -> Result<(), Refusal> {
    let Json::Array(choices) = value else {
        return Err(Refusal::OrWithoutArray);
    };
    let before = std::mem::take(made);
    for choice in choices {
        let Json::Object(members) = choice else {
            return Err(Refusal::OrOfOtherThanObjects);
        };
        let mut with = before.clone();
        object(&mut with, path, members, true)?;
        made.extend(with);
        if made.len() > COMBINATIONS {
            return Err(Refusal::TooManyCombinations);
        }
    }
    if choices.len() < 2 {
        return Err(Refusal::OrOfOne);
    }
    Ok(())
}

/// One member of a list of tests.
fn test(json: &Json) -> Result<Test, Refusal> {
    match json {
        Json::Object(members) => expression(members),
        Json::Array(_) => Err(Refusal::NestedArray),
        // AWS (patterns): an address is meant, however it is written.
        Json::String(text) => Ok(text
            .parse::<IpAddr>()
            .map_or_else(|_| Test::Equals(json.clone()), Test::Address)),
        _ => Ok(Test::Equals(json.clone())),
    }
}

fn expression(members: &Map<String, Json>) -> Result<Test, Refusal> {
    let mut members = members.iter();
    let (name, value) = members.next().ok_or(Refusal::NoMatchName)?;
    let text = |kind| value.as_str().map(str::to_owned).ok_or(Refusal::NotAString(kind));
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
        "exists" => Test::Exists(value.as_bool().ok_or(Refusal::ExistsNotBoolean)?),
        "numeric" => Test::Numeric(numeric(value)?),
        // AWS calls it a prefix there.
        "cidr" => cidr(&text("prefix")?)?,
        "anything-but" => anything_but(value)?,
        _ => return Err(Refusal::UnknownMatch(name.clone())),
    };
    match members.next() {
        None => Ok(made),
        Some(_) if matches!(name.as_str(), "numeric" | "anything-but") => Err(Refusal::TooManyElements),
        Some(_) => Err(Refusal::SeveralKeys),
    }
}

/// `{"prefix": {"equals-ignore-case": "a"}}`: the text, in lower case.
fn ignoring_case(kind: &'static str, members: &Map<String, Json>) -> Result<String, Refusal> {
    let mut members = members.iter();
    let capital = if kind == "prefix" { "Prefix" } else { "Suffix" };
    let (name, value) = members.next().ok_or(Refusal::NoExpressionName(capital))?;
    if name != "equals-ignore-case" {
        let name = name.clone();
        return Err(Refusal::Unsupported { kind, name });
    }
    let text = value.as_str().ok_or(Refusal::NotAString("equals-ignore-case"))?;
    if members.next().is_some() {
        return Err(Refusal::SeveralKeys);
    }
    Ok(text.to_lowercase())
}

fn anything_but(value: &Json) -> Result<Test, Refusal> {
    match value {
        Json::Object(kinds) => {
            let mut kinds = kinds.iter();
            let (kind, given) = kinds.next().ok_or(Refusal::NoExpressionName("Anything-But"))?;
            if !matches!(kind.as_str(), "equals-ignore-case" | "prefix" | "suffix" | "wildcard") {
                return Err(Refusal::Unsupported {
                    kind: "anything-but",
                    name: kind.clone(),
                });
            }
            let tests = match given {
                Json::Array(list) => list
                    .iter()
                    .map(|v| anything_but_kind(kind, v))
                    .collect::<Result<_, _>>()?,
                Json::String(_) | Json::Number(_) => vec![anything_but_kind(kind, given)?],
                _ => return Err(Refusal::AnythingButOther),
            };
            if kinds.next().is_some() {
                return Err(Refusal::TooManyElements);
            }
            Ok(Test::Not(tests))
        }
        Json::Array(list) => {
            if list.iter().any(|v| !v.is_string() && !v.is_number()) {
                return Err(Refusal::AnythingButListOfOther);
            }
            let strings = list.iter().filter(|v| v.is_string()).count();
            if list.is_empty() || (strings > 0 && strings < list.len()) {
                return Err(Refusal::AnythingButMixed);
            }
            Ok(Test::Not(list.iter().cloned().map(Test::Equals).collect()))
        }
        Json::String(_) | Json::Number(_) => Ok(Test::Not(vec![Test::Equals(value.clone())])),
        _ => Err(Refusal::AnythingButOther),
    }
}

fn anything_but_kind(kind: &str, value: &Json) -> Result<Test, Refusal> {
    let Some(text) = value.as_str() else {
        return Err(match kind {
            "equals-ignore-case" => Refusal::AnythingButIgnoreCaseOther,
            "wildcard" => Refusal::NotAString("wildcard"),
            _ => Refusal::NotAString("prefix/suffix"),
        });
    };
    let text = text.to_owned();
    match kind {
        "prefix" | "suffix" if text.is_empty() => Err(Refusal::EmptyAffix),
        "prefix" => Ok(Test::Prefix(text)),
        "suffix" => Ok(Test::Suffix(text)),
        "wildcard" => Ok(Test::Wildcard(Wildcard::parse(&text)?)),
        _ => Ok(Test::EqualsIgnoreCase(text.to_lowercase())),
    }
}

/// `["=", 1]`, `[">", 0, "<=", 5]` and so on: the lower bound comes first.
fn numeric(value: &Json) -> Result<Vec<Bound>, Refusal> {
    let list = value.as_array().ok_or(Refusal::NumericNotArray)?;
    let mut list = list.iter();
    let shown = |member: Option<&Json>| match member {
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => "]".to_owned(),
    };
    let first = list.next();
    let Some(operator) = first.and_then(Json::as_str) else {
        return Err(Refusal::NumericMember(shown(first)));
    };
    let number = |member: Option<&Json>, operator: &str| {
        let named = if operator == "=" { "equals" } else { operator };
        let found = member.and_then(Json::as_f64);
        found.ok_or_else(|| Refusal::NotNumeric(named.to_owned()))
    };
    if !["=", ">", ">=", "<", "<="].contains(&operator) {
        return Err(Refusal::NumericOperator(operator.to_owned()));
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
                Err(Refusal::TooManyElements)
            };
        }
    };
    let Some(second) = list.next() else {
        return Ok(vec![lower]);
    };
    let Json::String(operator) = second else {
        return Err(Refusal::NumericRangeValue(shown(Some(second))));
    };
    if operator != "<" && operator != "<=" {
        return Err(Refusal::NumericRangeOperator(operator.clone()));
    }
    let top = number(list.next(), operator)?;
    if list.next().is_some() {
        return Err(Refusal::TooManyTerms);
    }
    if bound >= top {
        return Err(Refusal::EmptyRange);
    }
    let upper = if operator == "<" {
        Bound::Below(top)
    } else {
        Bound::AtMost(top)
    };
    Ok(vec![lower, upper])
}

fn cidr(text: &str) -> Result<Test, Refusal> {
    let parts: Vec<&str> = text.split('/').collect();
    let &[address, bits] = parts.as_slice() else {
        return Err(Refusal::CidrWithoutSlash);
    };
    let bits: i32 = bits.parse().map_err(|_| Refusal::MaskNotInteger)?;
    if bits < 0 {
        return Err(Refusal::MaskNegative);
    }
    let network: IpAddr = address.parse().map_err(|_| Refusal::NoAddress(address.to_owned()))?;
    let (kind, all) = if network.is_ipv4() { ("IPv4", 32) } else { ("IPv6", 128) };
    match u8::try_from(bits) {
        Ok(bits) if bits < all => Ok(Test::Cidr(network, bits)),
        _ => Err(Refusal::MaskTooLong { kind, all }),
    }
}
