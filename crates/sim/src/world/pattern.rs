//! Event patterns, as rules, subscription filters and event source mappings use them.
//!
//! AWS (patterns): a pattern is a set of paths, each with its tests; an event is a set of leaves, each with its path. A name with a
//! dot in it is the same path as a name within a name. A list is no level of its own: each of its elements is a leaf at the
//! list's path, and what a pattern finds in a list of objects it must find in one and the same of them.

mod read;
mod refusal;
mod wildcard;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

pub use refusal::{PatternError, Refusal};
use serde_json::Value as Json;
use wildcard::Wildcard;
pub use wildcard::WildcardError;

/// A pattern: which events are let through.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// Alternatives (`$or`), each with its paths and what is asked of the leaves there: one test must hold.
    alternatives: Vec<Vec<Field>>,
}

type Field = (String, Vec<Test>);

#[derive(Clone, Debug)]
enum Test {
    Equals(Json),
    EqualsIgnoreCase(String),
    Prefix(String),
    PrefixIgnoreCase(String),
    Suffix(String),
    SuffixIgnoreCase(String),
    Wildcard(Wildcard),
    Numeric(Vec<Bound>),
    Exists(bool),
    Address(IpAddr),
    Cidr(IpAddr, u8),
    /// `anything-but`: none of these holds.
    Not(Vec<Test>),
}

#[derive(Clone, Copy, Debug)]
enum Bound {
    Equal(f64),
    Below(f64),
    AtMost(f64),
    Above(f64),
    AtLeast(f64),
}

/// Of which element a leaf is, for each list of objects or of lists that it is in.
type Elements = BTreeMap<usize, usize>;

struct Leaf<'a> {
    value: &'a Json,
    elements: Elements,
}

impl Pattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        Self::from_json(&serde_json::from_str(text)?)
    }

    /// Reads a pattern that is JSON already.
    pub fn from_json(json: &Json) -> Result<Self, PatternError> {
        let alternatives = read::alternatives(json)?;
        Ok(Self { alternatives })
    }

    /// Whether an event passes.
    #[must_use]
    pub fn matches(&self, event: &Json) -> bool {
        let mut leaves = Leaves {
            asked: self
                .alternatives
                .iter()
                .flatten()
                .map(|(path, _)| path.as_str())
                .collect(),
            found: BTreeMap::new(),
            lists: 0,
        };
        leaves.gather("", event, &Elements::new());
        self.alternatives.iter().any(|fields| leaves.satisfy(fields))
    }
}

/// The leaves of an event at the paths that a pattern asks for.
struct Leaves<'a> {
    asked: Vec<&'a str>,
    found: BTreeMap<String, Vec<Leaf<'a>>>,
    lists: usize,
}

impl<'a> Leaves<'a> {
    fn gather(&mut self, path: &str, value: &'a Json, elements: &Elements) {
        match value {
            Json::Object(members) => {
                for (name, member) in members {
                    let path = if path.is_empty() {
                        name.clone()
                    } else {
                        format!("{path}.{name}")
                    };
                    if self.leads_on(&path) {
                        self.gather(&path, member, elements);
                    }
                }
            }
            Json::Array(list) => {
                let id = self.lists;
                self.lists += 1;
                for (n, element) in list.iter().enumerate() {
                    if element.is_object() || element.is_array() {
                        let mut elements = elements.clone();
                        elements.insert(id, n);
                        self.gather(path, element, &elements);
                    } else {
                        self.gather(path, element, elements);
                    }
                }
            }
            _ => {
                let leaf = Leaf {
                    value,
                    elements: elements.clone(),
                };
                self.found.entry(path.to_owned()).or_default().push(leaf);
            }
        }
    }

    /// Whether the pattern asks for something at this path or below it.
    fn leads_on(&self, path: &str) -> bool {
        let leads = |asked: &&str| {
            asked
                .strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.asked.iter().any(leads)
    }

    /// Whether there is a leaf for each field, all of them in the same elements of the lists that they share.
    fn satisfy(&self, fields: &[Field]) -> bool {
        let mut ways: BTreeSet<Elements> = BTreeSet::from([Elements::new()]);
        for (path, tests) in fields {
            // Only leaves exist: what has members is as good as absent.
            let Some(leaves) = self.found.get(path) else {
                if tests.iter().any(|test| matches!(test, Test::Exists(false))) {
                    continue;
                }
                return false;
            };
            let passing: BTreeSet<&Elements> = leaves
                .iter()
                .filter(|leaf| tests.iter().any(|test| test.holds(leaf.value)))
                .map(|leaf| &leaf.elements)
                .collect();
            ways = ways
                .iter()
                .flat_map(|way| passing.iter().filter_map(|elements| joined(way, elements)))
                .collect();
            if ways.is_empty() {
                return false;
            }
        }
        true
    }
}

/// Both together, unless they are of different elements of one list.
fn joined(way: &Elements, elements: &Elements) -> Option<Elements> {
    let mut both = way.clone();
    for (list, element) in elements {
        if *both.entry(*list).or_insert(*element) != *element {
            return None;
        }
    }
    Some(both)
}

impl Test {
    /// Whether it holds for a leaf.
    fn holds(&self, value: &Json) -> bool {
        let text = value.as_str();
        let lower = || text.map(str::to_lowercase);
        match self {
            Self::Equals(Json::Number(wanted)) => match value {
                Json::Number(number) => number == wanted || same(number.as_f64(), wanted.as_f64()),
                _ => false,
            },
            Self::Equals(wanted) => value == wanted,
            Self::EqualsIgnoreCase(wanted) => lower().is_some_and(|t| t == *wanted),
            Self::Prefix(prefix) => text.is_some_and(|t| t.starts_with(prefix)),
            Self::PrefixIgnoreCase(prefix) => lower().is_some_and(|t| t.starts_with(prefix)),
            Self::Suffix(suffix) => text.is_some_and(|t| t.ends_with(suffix)),
            Self::SuffixIgnoreCase(suffix) => lower().is_some_and(|t| t.ends_with(suffix)),
            Self::Wildcard(wildcard) => text.is_some_and(|t| wildcard.matches(t)),
            Self::Numeric(bounds) => value
                .as_f64()
                .is_some_and(|v| bounds.iter().all(|bound| bound.holds(v))),
            Self::Exists(wanted) => *wanted,
            Self::Address(wanted) => address(text) == Some(*wanted),
            Self::Cidr(network, bits) => address(text).is_some_and(|ip| within(ip, *network, *bits)),
            Self::Not(tests) => !tests.iter().any(|test| test.holds(value)),
        }
    }
}

impl Bound {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::Equal(bound) => value.total_cmp(&bound).is_eq(),
            Self::Below(bound) => value < bound,
            Self::AtMost(bound) => value <= bound,
            Self::Above(bound) => value > bound,
            Self::AtLeast(bound) => value >= bound,
        }
    }
}

fn same(a: Option<f64>, b: Option<f64>) -> bool {
    a.zip(b).is_some_and(|(a, b)| a.total_cmp(&b).is_eq())
}

fn address(text: Option<&str>) -> Option<IpAddr> {
    text?.parse().ok()
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
    use serde::Deserialize;

    use super::*;

    /// A pattern, an event, and what AWS says of them.
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Case {
        pattern: Json,
        /// Left out where the pattern is refused.
        #[serde(default)]
        event: Json,
        is: Verdict,
        /// The reason of a refusal, after "Reason: ".
        #[serde(default)]
        why: String,
    }

    #[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
    #[serde(rename_all = "kebab-case")]
    enum Verdict {
        Match,
        NoMatch,
        Refused,
    }

    fn check(name: &str) -> usize {
        let path = format!(
            "{}/tests/fixtures/event-patterns/{name}.json",
            env!("CARGO_MANIFEST_DIR")
        );
        let text = std::fs::read_to_string(path).expect("the file");
        let cases: Vec<Case> = serde_json::from_str(&text).expect("cases");
        let mut wrong = Vec::new();
        for case in &cases {
            let read = Pattern::from_json(&case.pattern);
            let refused = read.as_ref().err().map(ToString::to_string).unwrap_or_default();
            let (verdict, why) = match &read {
                Ok(pattern) if pattern.matches(&case.event) => (Verdict::Match, ""),
                Ok(_) => (Verdict::NoMatch, ""),
                Err(_) => (Verdict::Refused, refused.split_once("Reason: ").expect("a reason").1),
            };
            if verdict != case.is || why != case.why {
                wrong.push(format!(
                    "{} of {}: {verdict:?} {why}, AWS: {:?} {}",
                    case.pattern, case.event, case.is, case.why
                ));
            }
        }
        assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
        cases.len()
    }

    #[test]
    fn judges_as_aws_was_recorded_to() {
        assert_eq!(check("recorded"), 155);
    }

    #[test]
    fn judges_as_aws_documents_it() {
        check("documented");
    }

    #[test]
    fn a_list_of_many_takes_no_long() {
        let event = serde_json::json!({"a": vec!["x"; 2000], "b": vec!["x"; 2000], "c": vec!["x"; 2000]});
        let pattern = Pattern::parse(r#"{"a": ["x"], "b": ["x"], "c": ["y"]}"#).expect("a pattern");
        assert!(!pattern.matches(&event));
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in ["no json", "{'a': [1]}", "{\"a\": "] {
            let why = Pattern::parse(text).expect_err(text).to_string();
            assert!(why.starts_with("Event pattern is not valid. Reason: "), "{why}");
        }
    }
}
