//! Texts with holes: `incoming/{event.detail.id|none}.json`.
//!
//! A hole is a name, or a path into JSON, in braces; what stands after `|` is used where it leads nowhere. A brace that
//! opens no name stays as it is, so that JSON can be written without escapes. A path goes on into text that is JSON
//! (`{record.body.id}`).

use serde_json::Value as Json;

/// Fills the holes of a text with what `look` finds for a path.
pub fn fill(template: &str, look: &dyn Fn(&str) -> Option<Json>) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let after = &rest[open + 1..];
        if let Some((hole, length)) = hole(after) {
            let (path, default) = hole
                .split_once('|')
                .map_or((hole, None), |(path, default)| (path, Some(default)));
            match look(path) {
                Some(Json::String(text)) => out.push_str(&text),
                Some(Json::Null) | None => out.push_str(default.unwrap_or("")),
                Some(json) => out.push_str(&json.to_string()),
            }
            rest = &after[length + 1..];
        } else {
            out.push('{');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// The paths of a text's holes.
pub fn paths(template: &str) -> impl Iterator<Item = &str> {
    template.match_indices('{').filter_map(|(at, _)| {
        let (hole, _) = hole(&template[at + 1..])?;
        Some(hole.split('|').next().unwrap_or(hole))
    })
}

/// The hole that begins here, and its length, if this is one.
fn hole(after: &str) -> Option<(&str, usize)> {
    let first = after.chars().next()?;
    if !(first.is_ascii_alphabetic() || first == '_') {
        return None;
    }
    let close = after.find('}')?;
    let hole = &after[..close];
    let path = hole.split('|').next().unwrap_or(hole);
    path.chars()
        .all(|c| c.is_ascii_alphanumeric() || "._-$@".contains(c))
        .then_some((hole, close))
}

/// The value at a dotted path: members of objects, elements of lists; text that holds JSON is opened on the way.
#[must_use]
pub fn dig(json: &Json, path: &str) -> Option<Json> {
    let (step, rest) = path.split_once('.').unwrap_or((path, ""));
    match json {
        _ if path.is_empty() => Some(json.clone()),
        _ if step.is_empty() => dig(json, rest),
        Json::Object(members) => dig(members.get(step)?, rest),
        Json::Array(list) => dig(list.get(step.parse::<usize>().ok()?)?, rest),
        Json::String(text) => dig(&serde_json::from_str(text).ok()?, path),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fills_holes_and_leaves_json_alone() {
        let event = json!({"id": 7, "body": "{\"name\":\"注文\"}", "list": [{"x": "y"}]});
        let look = |path: &str| dig(&event, path);
        assert_eq!(fill(r#"{"id": "{id}", "n": {}}"#, &look), r#"{"id": "7", "n": {}}"#);
        assert_eq!(fill("{body.name} {list.0.x} {none|-} {", &look), "注文 y - {");
        assert_eq!(
            paths("{record.body} {\"a\": {event|x}}").collect::<Vec<_>>(),
            ["record.body", "event"]
        );
    }
}
