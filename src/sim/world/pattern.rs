//! Event patterns, as rules, subscription filters and event source mappings use them.

use std::net::IpAddr;

use serde_json::Value as Json;

use crate::sim::behaviour::glob_matches;

/// A pattern: which events are let through.
#[derive(Clone, Debug)]
pub struct Pattern(Node);

#[derive(Clone, Debug)]
enum Node {
    /// Each member must match.
    All(Vec<(String, Node)>),
    /// One of the alternatives (`$or`).
    Or(Vec<Node>),
    /// One of the tests must hold for the value, or for one of its elements.
    Leaf(Vec<Test>),
}

#[derive(Clone, Debug)]
enum Test {
    Equals(Json),
    EqualsIgnoreCase(String),
    Prefix(String),
    PrefixIgnoreCase(String),
    Suffix(String),
    SuffixIgnoreCase(String),
    Wildcard(String),
    Numeric(Vec<(String, f64)>),
    Exists(bool),
    Cidr(IpAddr, u8),
    Not(Vec<Test>),
}

impl Pattern {
    /// Reads a pattern. The error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let json: Json = serde_json::from_str(text).map_err(|e| format!("Event pattern is not valid. Reason: {e}"))?;
        Self::from_json(&json)
    }

    /// Reads a pattern that is JSON already.
    pub fn from_json(json: &Json) -> Result<Self, String> {
        match json {
            Json::Object(_) => node(json)
                .map(Self)
                .map_err(|why| format!("Event pattern is not valid. Reason: {why}")),
            _ => Err("Event pattern is not valid. Reason: Filter is not an object".to_owned()),
        }
    }

    /// Whether an event passes.
    #[must_use]
    pub fn matches(&self, event: &Json) -> bool {
        holds(&self.0, Some(event))
    }
}

fn node(json: &Json) -> Result<Node, String> {
    match json {
        Json::Object(members) => {
            let mut all = Vec::new();
            for (key, value) in members {
                if key == "$or"
                    && let Json::Array(choices) = value
                {
                    all.push((
                        String::new(),
                        Node::Or(choices.iter().map(node).collect::<Result<_, _>>()?),
                    ));
                } else {
                    all.push((key.clone(), node(value).map_err(|why| format!("{why} at {key}"))?));
                }
            }
            Ok(Node::All(all))
        }
        Json::Array(tests) => Ok(Node::Leaf(tests.iter().map(test).collect::<Result<_, _>>()?)),
        _ => Err("match value must be an array or an object".to_owned()),
    }
}

fn test(json: &Json) -> Result<Test, String> {
    let Json::Object(members) = json else {
        return if json.is_array() {
            Err("an array inside of an array".to_owned())
        } else {
            Ok(Test::Equals(json.clone()))
        };
    };
    let (name, value) = members
        .iter()
        .next()
        .filter(|_| members.len() == 1)
        .ok_or("one match type only")?;
    let text = || {
        value
            .as_str()
            .map(str::to_owned)
            .ok_or(format!("{name} match pattern must be a string"))
    };
    let inner = || value["equals-ignore-case"].as_str().map(str::to_owned);
    Ok(match name.as_str() {
        "prefix" => inner().map_or_else(|| text().map(Test::Prefix), |t| Ok(Test::PrefixIgnoreCase(t)))?,
        "suffix" => inner().map_or_else(|| text().map(Test::Suffix), |t| Ok(Test::SuffixIgnoreCase(t)))?,
        "equals-ignore-case" => Test::EqualsIgnoreCase(text()?),
        "wildcard" => Test::Wildcard(text()?),
        "exists" => Test::Exists(
            value
                .as_bool()
                .ok_or("exists match pattern must be either true or false.")?,
        ),
        "numeric" => Test::Numeric(numeric(value).ok_or("Bad numeric range")?),
        "cidr" => {
            let (address, bits) = value.as_str().and_then(cidr).ok_or("Malformed CIDR")?;
            Test::Cidr(address, bits)
        }
        "anything-but" => match value {
            Json::Array(list) => Test::Not(list.iter().map(test).collect::<Result<_, _>>()?),
            Json::Object(kinds) => Test::Not(
                kinds
                    .iter()
                    .flat_map(|(kind, v)| {
                        let values = v.as_array().cloned().unwrap_or_else(|| vec![v.clone()]);
                        values
                            .into_iter()
                            .map(|v| test(&serde_json::json!({ kind.as_str(): v })))
                    })
                    .collect::<Result<_, _>>()?,
            ),
            _ => Test::Not(vec![test(value)?]),
        },
        _ => return Err(format!("Unrecognized match type {name}")),
    })
}

fn numeric(value: &Json) -> Option<Vec<(String, f64)>> {
    let list = value.as_array().filter(|l| !l.is_empty() && l.len() % 2 == 0)?;
    list.chunks(2)
        .map(|pair| {
            let operator = pair[0].as_str().filter(|op| ["=", "<", "<=", ">", ">="].contains(op))?;
            Some((operator.to_owned(), pair[1].as_f64()?))
        })
        .collect()
}

fn cidr(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = text.split_once('/')?;
    Some((address.parse().ok()?, bits.parse().ok()?))
}

fn holds(node: &Node, value: Option<&Json>) -> bool {
    match node {
        Node::All(members) => members.iter().all(|(key, node)| match node {
            Node::Or(_) if key.is_empty() => holds(node, value),
            // A list of objects matches if one of them does.
            _ => match value {
                Some(Json::Array(list)) => list.iter().any(|v| holds(node, v.get(key))),
                _ => holds(node, value.and_then(|v| v.get(key))),
            },
        }),
        Node::Or(choices) => choices.iter().any(|node| holds(node, value)),
        Node::Leaf(tests) => tests.iter().any(|test| match (test, value) {
            (Test::Exists(wanted), _) => value.is_some() == *wanted,
            (_, None) => false,
            (Test::Not(_), Some(Json::Array(list))) => list.iter().all(|v| passes(test, v)),
            (_, Some(Json::Array(list))) => list.iter().any(|v| passes(test, v)),
            (_, Some(value)) => passes(test, value),
        }),
    }
}

fn passes(check: &Test, value: &Json) -> bool {
    let text = value.as_str();
    let lower = || text.map(str::to_lowercase);
    match check {
        Test::Equals(Json::Number(wanted)) => value
            .as_f64()
            .zip(wanted.as_f64())
            .is_some_and(|(a, b)| (a - b).abs() < 1e-9),
        Test::Equals(wanted) => value == wanted,
        Test::EqualsIgnoreCase(wanted) => lower().is_some_and(|t| t == wanted.to_lowercase()),
        Test::Prefix(prefix) => text.is_some_and(|t| t.starts_with(prefix)),
        Test::PrefixIgnoreCase(prefix) => lower().is_some_and(|t| t.starts_with(&prefix.to_lowercase())),
        Test::Suffix(suffix) => text.is_some_and(|t| t.ends_with(suffix)),
        Test::SuffixIgnoreCase(suffix) => lower().is_some_and(|t| t.ends_with(&suffix.to_lowercase())),
        Test::Wildcard(glob) => {
            text.is_some_and(|t| glob_matches(&glob.replace('?', "\u{1}"), &t.replace('?', "\u{1}")))
        }
        Test::Numeric(bounds) => value.as_f64().is_some_and(|v| {
            bounds.iter().all(|(operator, bound)| match operator.as_str() {
                "<" => v < *bound,
                "<=" => v <= *bound,
                ">" => v > *bound,
                ">=" => v >= *bound,
                _ => (v - bound).abs() < 1e-9,
            })
        }),
        Test::Exists(wanted) => *wanted,
        Test::Cidr(network, bits) => text
            .and_then(|t| t.parse().ok())
            .is_some_and(|ip| within(ip, *network, *bits)),
        Test::Not(tests) => !tests.iter().any(|check| passes(check, value)),
    }
}

fn within(ip: IpAddr, network: IpAddr, bits: u8) -> bool {
    match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => {
            let shift = 32_u32.saturating_sub(bits.into());
            ip.to_bits().checked_shr(shift) == network.to_bits().checked_shr(shift)
        }
        (IpAddr::V6(ip), IpAddr::V6(network)) => {
            let shift = 128_u32.saturating_sub(bits.into());
            ip.to_bits().checked_shr(shift) == network.to_bits().checked_shr(shift)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn matches_as_the_user_guide_says() {
        let event = json!({"source": "demo.orders", "detail": {"id": "A-7", "n": 12, "tags": ["x", "y"], "ip": "10.1.2.3",
            "none": null, "list": [{"k": 1}, {"k": 2}]}});
        for (pattern, expected) in [
            (r#"{"source": ["demo.orders"]}"#, true),
            (r#"{"source": ["other"]}"#, false),
            (
                r#"{"source": [{"prefix": "demo."}], "detail": {"n": [{"numeric": [">", 10, "<=", 12]}]}}"#,
                true,
            ),
            (r#"{"detail": {"id": [{"suffix": "-7"}]}}"#, true),
            (r#"{"detail": {"id": [{"equals-ignore-case": "a-7"}]}}"#, true),
            (r#"{"detail": {"id": [{"anything-but": "A-7"}]}}"#, false),
            (r#"{"detail": {"id": [{"anything-but": {"prefix": "B"}}]}}"#, true),
            (r#"{"detail": {"id": [{"anything-but": ["A-8", "A-9"]}]}}"#, true),
            (r#"{"detail": {"absent": [{"exists": false}]}}"#, true),
            (r#"{"detail": {"id": [{"exists": false}]}}"#, false),
            (r#"{"detail": {"tags": ["y"]}}"#, true),
            (r#"{"detail": {"none": [null]}}"#, true),
            (r#"{"detail": {"ip": [{"cidr": "10.1.0.0/16"}]}}"#, true),
            (r#"{"detail": {"id": [{"wildcard": "A*"}]}}"#, true),
            (r#"{"detail": {"list": {"k": [2]}}}"#, true),
            (r#"{"$or": [{"source": ["no"]}, {"detail": {"n": [12]}}]}"#, true),
            (r#"{"$or": [{"source": ["no"]}, {"detail": {"n": [13]}}]}"#, false),
            (r#"{"detail": {"n": ["12"]}}"#, false),
        ] {
            assert_eq!(
                Pattern::parse(pattern).expect(pattern).matches(&event),
                expected,
                "{pattern}"
            );
        }
        for bad in ["[]", "{\"a\": 1}", "{\"a\": [{\"what\": 1}]}", "no json"] {
            assert!(Pattern::parse(bad).is_err(), "{bad}");
        }
    }
}
