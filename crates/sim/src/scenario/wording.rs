//! Errors of the TOML reader, reworded for authors of scenario files.

/// Expected types by the reader's names, and what to call them.
const WANTED: [(&str, &str); 17] = [
    ("expected u8", "give a whole number"),
    ("expected u16", "give a whole number"),
    ("expected u32", "give a whole number"),
    ("expected u64", "give a whole number"),
    ("expected usize", "give a whole number"),
    ("expected i64", "give a whole number"),
    ("expected i32", "give a whole number"),
    ("expected f64", "give a number"),
    ("expected f32", "give a number"),
    ("expected a boolean", "give true or false"),
    ("expected a string", "give a text in quotes"),
    ("expected a sequence", "give a list in [ ]"),
    ("expected a map", "give a table in { }"),
    ("expected a table", "give a table in { }"),
    ("invalid type: ", "wrong kind of value: "),
    ("invalid value: ", "wrong value: "),
    ("integer `", "number `"),
];

/// A message of the TOML reader, on one line.
#[must_use]
pub fn reword(message: &str) -> String {
    let message = message.trim().trim_end_matches('.').replace('\n', " ");
    if let Some(found) = message.strip_prefix("wanted exactly 1 element, ") {
        let found = if found.contains("more") {
            "are several"
        } else {
            "is none"
        };
        return format!("one step is wanted here and there {found}: write it as in {{ print = \"hello\" }}");
    }
    if let Some((what, word, known)) = unknown(&message) {
        // Two words that share two thirds of their letters in the same order are a slip apart.
        const ALIKE: f32 = 0.65;
        return match similar::get_close_matches(word, &known, 1, ALIKE).first() {
            Some(nearest) => format!("{what} `{word}`: the nearest is `{nearest}`"),
            None => format!("{what} `{word}`: there are {}", known.join(", ")),
        };
    }
    if let Some(field) = message.strip_prefix("missing field ") {
        return format!("{field} is missing: add it");
    }
    if message == "wanted string or table" {
        return "wrong kind of value: give a text in quotes".to_owned();
    }
    if message == "duplicate key" {
        return "this key is there twice: leave one".to_owned();
    }
    if let Some((what, _)) = message.split_once(", expected struct ") {
        return reword(&format!("{what}, expected a table"));
    }
    let words = WANTED.iter().fold(message, |words, (from, to)| words.replace(from, to));
    words
        .replace(", give ", ": give ")
        .replace(", expected one of", ": write one of")
        .replace(", expected", ": write")
}

/// The key, or the one step or choice, that the reader of TOML does not know, and those that it would.
fn unknown(message: &str) -> Option<(&'static str, &str, Vec<&str>)> {
    let starts = [("unknown field `", "unknown key"), ("unknown variant `", "there is no")];
    if let Some((words, known)) = message
        .strip_prefix("unexpected keys in table: ")
        .and_then(|rest| rest.split_once(", available keys: "))
    {
        return Some(("unknown key", words.split(", ").next()?, known.split(", ").collect()));
    }
    let (what, rest) = starts
        .into_iter()
        .find_map(|(start, what)| Some((what, message.strip_prefix(start)?)))?;
    let (word, rest) = rest.split_once('`')?;
    Some((what, word, rest.split('`').skip(1).step_by(2).collect()))
}

#[cfg(test)]
mod tests {
    use super::reword;

    #[test]
    fn a_reader_of_toml_need_not_know_rust() {
        for (from, to) in [
            (
                "invalid type: string \"x\", expected u32",
                "wrong kind of value: string \"x\": give a whole number",
            ),
            (
                "invalid value: integer `-1`, expected u32",
                "wrong value: number `-1`: give a whole number",
            ),
            (
                "invalid type: integer `3`, expected struct Behaviour",
                "wrong kind of value: number `3`: give a table in { }",
            ),
            ("missing field `does`", "`does` is missing: add it"),
            ("duplicate key", "this key is there twice: leave one"),
            (
                "unknown field `visiblity`, expected one of `name`, `visibility`",
                "unknown key `visiblity`: the nearest is `visibility`",
            ),
            (
                "unexpected keys in table: tiem, available keys: time",
                "unknown key `tiem`: the nearest is `time`",
            ),
            (
                "unknown variant `never`, expected `sync` or `async`",
                "there is no `never`: there are sync, async",
            ),
            (
                "wanted exactly 1 element, more than 1 element",
                "one step is wanted here and there are several: write it as in { print = \"hello\" }",
            ),
            (
                "wanted exactly 1 element, found 0 elements",
                "one step is wanted here and there is none: write it as in { print = \"hello\" }",
            ),
        ] {
            assert_eq!(reword(from), to);
        }
    }
}
