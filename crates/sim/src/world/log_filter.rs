//! CloudWatch Logs filter patterns: terms, quoted terms, `?any`, `-not`, `%regex%`, and simple JSON conditions.

use regex::Regex;
use serde_json::Value as Json;

use super::template::dig;

/// A parsed pattern.
#[derive(Clone, Debug)]
pub enum LogFilter {
    /// Every line.
    All,
    /// Lines that hold all of these, one of those, and none of the last.
    Terms {
        /// All of these.
        all: Vec<Term>,
        /// At least one of these, if there are any.
        any: Vec<Term>,
        /// None of these.
        none: Vec<Term>,
    },
    /// Lines that are JSON and meet the condition.
    Json(Condition),
}

/// What a line is searched for.
#[derive(Clone, Debug)]
pub enum Term {
    /// A text, case as it is.
    Text(String),
    /// A regular expression.
    Regex(Regex),
}

/// A condition on a line that is JSON.
#[derive(Clone, Debug)]
pub enum Condition {
    /// Both.
    And(Box<Condition>, Box<Condition>),
    /// One of the two.
    Or(Box<Condition>, Box<Condition>),
    /// A comparison of the value at a path: `=`, `!=`, `<`, `<=`, `>`, `>=`, `IS NULL`, `EXISTS`, ….
    Test(String, String, String),
}

impl LogFilter {
    /// Reads a pattern. `None`: not one that AWS knows, or one of the space-delimited kind (`[a, b]`), which this account
    /// does not know.
    #[must_use]
    pub fn parse(pattern: &str) -> Option<Self> {
        let pattern = pattern.trim();
        if pattern.is_empty() {
            return Some(Self::All);
        }
        if let Some(inner) = pattern.strip_prefix('{') {
            return Some(Self::Json(condition(inner.strip_suffix('}')?.trim())?));
        }
        if pattern.starts_with('[') {
            return None;
        }
        let (mut all, mut any, mut none) = (Vec::new(), Vec::new(), Vec::new());
        for (sign, term) in terms(pattern)? {
            match sign {
                '?' => any.push(term),
                '-' => none.push(term),
                _ => all.push(term),
            }
        }
        Some(Self::Terms { all, any, none })
    }

    /// Whether a line passes.
    #[must_use]
    pub fn passes(&self, line: &str) -> bool {
        match self {
            Self::All => true,
            Self::Terms { all, any, none } => {
                all.iter().all(|t| t.within(line))
                    && (any.is_empty() || any.iter().any(|t| t.within(line)))
                    && !none.iter().any(|t| t.within(line))
            }
            Self::Json(condition) => {
                line.trim_start().starts_with('{')
                    && serde_json::from_str(line).is_ok_and(|json| condition.holds(&json))
            }
        }
    }
}

impl Term {
    fn within(&self, line: &str) -> bool {
        match self {
            Self::Text(text) => line.contains(text),
            Self::Regex(regex) => regex.is_match(line),
        }
    }
}

fn terms(pattern: &str) -> Option<Vec<(char, Term)>> {
    let mut found = Vec::new();
    let mut rest = pattern.trim_start();
    while let Some(first) = rest.chars().next() {
        let sign = if matches!(first, '?' | '-') { first } else { '+' };
        if sign != '+' {
            rest = &rest[1..];
        }
        let (term, after) = if let Some(inner) = rest.strip_prefix('"') {
            let (text, after) = quoted(inner)?;
            (Term::Text(text), after)
        } else if let Some(inner) = rest.strip_prefix('%') {
            let end = inner.find('%')?;
            (Term::Regex(Regex::new(&inner[..end]).ok()?), &inner[end + 1..])
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            (Term::Text(rest[..end].to_owned()), &rest[end..])
        };
        found.push((sign, term));
        rest = after.trim_start();
    }
    Some(found)
}

/// The text up to the closing quote, and what follows it.
fn quoted(inner: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((text, &inner[at + 1..])),
            '\\' => text.push(chars.next()?.1),
            _ => text.push(c),
        }
    }
    None
}

fn condition(text: &str) -> Option<Condition> {
    for (joint, make) in [
        ("||", Condition::Or as fn(Box<Condition>, Box<Condition>) -> Condition),
        ("&&", Condition::And as fn(Box<Condition>, Box<Condition>) -> Condition),
    ] {
        if let Some(at) = outside(text, joint) {
            let (left, right) = (condition(text[..at].trim())?, condition(text[at + 2..].trim())?);
            return Some(make(Box::new(left), Box::new(right)));
        }
    }
    if let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        return condition(inner.trim());
    }
    let path_end = text.find(|c: char| c.is_whitespace() || "=!<>".contains(c))?;
    let path = text[..path_end].strip_prefix("$.")?.replace('[', ".").replace(']', "");
    let rest = text[path_end..].trim();
    let upper = rest.to_ascii_uppercase();
    for word in ["IS NULL", "NOT EXISTS", "IS TRUE", "IS FALSE", "EXISTS"] {
        if upper == word {
            return Some(Condition::Test(path, word.to_owned(), String::new()));
        }
    }
    let operator = ["!=", "<=", ">=", "=", "<", ">"]
        .into_iter()
        .find(|op| rest.starts_with(op))?;
    let wanted = rest[operator.len()..].trim();
    let wanted = match wanted.strip_prefix('"') {
        Some(inner) => quoted(inner)?.0,
        None => wanted.to_owned(),
    };
    Some(Condition::Test(path, operator.to_owned(), wanted))
}

/// Where a joint stands outside quotes and parentheses.
fn outside(text: &str, joint: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0_i32, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quote = !quote,
            '(' if !quote => depth += 1,
            ')' if !quote => depth -= 1,
            _ if !quote && depth == 0 && text[at..].starts_with(joint) => return Some(at),
            _ => {}
        }
    }
    None
}

impl Condition {
    fn holds(&self, json: &Json) -> bool {
        match self {
            Self::And(a, b) => a.holds(json) && b.holds(json),
            Self::Or(a, b) => a.holds(json) || b.holds(json),
            Self::Test(path, operator, wanted) => compare(dig(json, path).as_ref(), operator, wanted),
        }
    }
}

fn compare(there: Option<&Json>, operator: &str, wanted: &str) -> bool {
    let text = there.map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
    let numbers = || Some((text.as_ref()?.parse::<f64>().ok()?, wanted.parse::<f64>().ok()?));
    let equal = || {
        text.as_deref().is_some_and(|t| {
            crate::behaviour::glob_matches(wanted, t) || numbers().is_some_and(|(a, b)| (a - b).abs() < f64::EPSILON)
        })
    };
    match operator {
        "EXISTS" => there.is_some(),
        "NOT EXISTS" => there.is_none(),
        "IS NULL" => there.is_some_and(Json::is_null),
        "IS TRUE" => there == Some(&Json::Bool(true)),
        "IS FALSE" => there == Some(&Json::Bool(false)),
        "=" => equal(),
        "!=" => there.is_some() && !equal(),
        "<" => numbers().is_some_and(|(a, b)| a < b),
        "<=" => numbers().is_some_and(|(a, b)| a <= b),
        ">" => numbers().is_some_and(|(a, b)| a > b),
        ">=" => numbers().is_some_and(|(a, b)| a >= b),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_the_user_guide_says() {
        for (pattern, line, expected) in [
            ("", "anything", true),
            ("ERROR", "an ERROR here", true),
            ("ERROR", "an error here", false),
            ("ERROR Exception", "ERROR no", false),
            ("\"ERROR Exception\"", "x ERROR Exception y", true),
            ("?ERROR ?WARN", "WARN: x", true),
            ("ERROR -Exiting", "ERROR Exiting", false),
            ("%RequestId: [0-9a-f-]+%", "START RequestId: 12-ab", true),
            ("{ $.level = \"ERROR\" }", r#"{"level":"ERROR"}"#, true),
            ("{ $.level = \"E*\" && $.n >= 3 }", r#"{"level":"ERROR","n":3}"#, true),
            ("{ ($.a = 1) || ($.b.c != 2) }", r#"{"b":{"c":3}}"#, true),
            ("{ $.x NOT EXISTS }", r#"{"level":1}"#, true),
            ("{ $.level = \"ERROR\" }", "plain ERROR", false),
        ] {
            let filter = LogFilter::parse(pattern).unwrap_or_else(|| panic!("{pattern} parses"));
            assert_eq!(filter.passes(line), expected, "{pattern} on {line}");
        }
        for bad in ["\"open", "{ $.a ", "{ a = 1 }", "[ip, user]"] {
            assert!(LogFilter::parse(bad).is_none(), "{bad}");
        }
    }
}
