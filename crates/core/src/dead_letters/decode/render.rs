//! Layers as lines: JSON indented without touching a number or a text, and bytes in hexadecimal.

use std::fmt::Write as _;

/// A line of indented JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonLine {
    /// How deep.
    pub depth: usize,
    /// What it says, without the indentation.
    pub text: String,
    /// For a line that opens a list or an object: how many lines follow until the one that closes it, which is counted.
    pub spans: usize,
}

/// Indents a valid JSON text. Every token stays as it was written, so that no digit of a long number is lost.
#[must_use]
pub fn lines(json: &str) -> Vec<JsonLine> {
    let mut lines: Vec<JsonLine> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut line = String::new();
    let mut rest = json.char_indices().peekable();
    while let Some((start, c)) = rest.next() {
        match c {
            '{' | '[' => {
                line.push(c);
                while rest.next_if(|(_, c)| c.is_ascii_whitespace()).is_some() {}
                if let Some((_, close)) = rest.next_if(|(_, c)| matches!(c, '}' | ']')) {
                    line.push(close);
                } else {
                    end(&mut lines, &mut line, open.len());
                    open.push(lines.len() - 1);
                }
            }
            '}' | ']' => {
                end(&mut lines, &mut line, open.len());
                if let Some(opened) = open.pop() {
                    lines[opened].spans = lines.len() - opened;
                }
                line.push(c);
            }
            ',' => {
                line.push(c);
                end(&mut lines, &mut line, open.len());
            }
            ':' => line.push_str(": "),
            '"' => {
                let mut escaped = false;
                let mut stop = json.len();
                for (at, c) in rest.by_ref() {
                    if c == '"' && !escaped {
                        stop = at + 1;
                        break;
                    }
                    escaped = c == '\\' && !escaped;
                }
                line.push_str(&json[start..stop]);
            }
            c if c.is_ascii_whitespace() => {}
            c => line.push(c),
        }
    }
    end(&mut lines, &mut line, open.len());
    lines
}

fn end(lines: &mut Vec<JsonLine>, line: &mut String, depth: usize) {
    if !line.is_empty() {
        lines.push(JsonLine {
            depth,
            text: std::mem::take(line),
            spans: 0,
        });
    }
}

/// JSON as one indented text.
#[must_use]
pub fn pretty(json: &str) -> String {
    let mut text = String::new();
    for line in lines(json) {
        let _ = writeln!(text, "{:indent$}{}", "", line.text, indent = line.depth * 2);
    }
    text
}

/// Bytes in hexadecimal, sixteen a line, with what of them is ASCII; at most this many lines.
#[must_use]
pub fn hex(bytes: &[u8], lines: usize) -> Vec<String> {
    let line = |(index, chunk): (usize, &[u8])| {
        let mut text = format!("{:08x} ", index * 16);
        for (n, byte) in chunk.iter().enumerate() {
            let _ = write!(text, "{}{byte:02x}", if n == 8 { "  " } else { " " });
        }
        let shown = chunk.iter().map(|b| {
            if b.is_ascii_graphic() || *b == b' ' {
                char::from(*b)
            } else {
                '.'
            }
        });
        format!("{text:<59}|{}|", shown.collect::<String>())
    };
    bytes.chunks(16).enumerate().take(lines).map(line).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn tokens_stay_as_they_were() {
        let json = r#"{"n":12345678901234567890123,"f":1.0,"s":"a\"b,{","e":[],"o":{ },"l":[1,{"x":null}]}"#;
        let text = pretty(json);
        assert_eq!(
            text,
            "{\n  \"n\": 12345678901234567890123,\n  \"f\": 1.0,\n  \"s\": \"a\\\"b,{\",\n  \"e\": [],\n  \"o\": {},\n  \"l\": [\n    1,\n    {\n      \"x\": null\n    }\n  ]\n}\n"
        );
    }

    #[test]
    fn a_line_that_opens_says_where_it_closes() {
        let all = lines(r#"{"a":[1,2],"b":3}"#);
        let spans: Vec<_> = all.iter().map(|line| line.spans).collect();
        assert_eq!(spans, [6, 3, 0, 0, 0, 0, 0]);
        assert_eq!(all[1 + all[1].spans].text, "],");
    }

    #[test]
    fn bytes_are_shown_beside_their_text() {
        let lines = hex(b"{\"a\":1}\x00\xff0123456789", 2);
        assert_eq!(
            lines[0],
            "00000000  7b 22 61 22 3a 31 7d 00  ff 30 31 32 33 34 35 36 |{\"a\":1}..0123456|"
        );
        assert_eq!(
            lines[1],
            "00000010  37 38 39                                         |789|"
        );
    }

    proptest! {
        #[test]
        fn indented_json_means_the_same(text in "\\PC*", n: i64, f in any::<f64>().prop_filter("finite", |f| f.is_finite())) {
            let json = serde_json::json!({"a": [text, {"b": n}, [], f], &*text: {}}).to_string();
            let read = |json: &str| serde_json::from_str::<Value>(json).expect("JSON");
            prop_assert_eq!(read(&pretty(&json)), read(&json));
        }

        #[test]
        fn nothing_makes_it_fail(text in "\\PC*|[\\[{\"}:, a\\\\\\]]*") {
            let _ = lines(&text);
        }
    }
}
