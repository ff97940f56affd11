//! The child's side: reads an expression and messages, answers each by its place.

use std::io::{self, ErrorKind, Read, Write};

use serde::{Deserialize, Serialize};

use super::limits;
use crate::dead_letters::jq::{Program, Verdict};
use crate::domain::phrase::Phrase;

/// The subcommand that the child is started with.
pub const SUBCOMMAND: &str = "jq-child";

/// Bytes of the stack that the expression is parsed and run on.
const STACK: usize = 32 << 20;

/// Bytes of a frame at most: an SQS message has 1 MiB at most, and JSON may write six bytes for one.
const FRAME: u32 = 64 << 20;

/// What comes first.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Ask {
    /// The expression.
    pub(super) expression: String,
    /// Bytes of address space at most; `None` if the parent watches what the child takes.
    pub(super) memory: Option<u64>,
    /// Seconds of CPU time at most: should the parent be gone, nobody else ends an endless expression.
    pub(super) seconds: u64,
}

/// The child's answer to one message.
pub(super) enum Answer {
    /// The expression holds.
    Yes,
    /// It does not.
    No,
    /// It ended with an error.
    Error(String),
}

/// Runs an expression on messages, both from `input`, and answers on `output` until there is no more.
///
/// # Errors
/// If the parent does not speak as expected, or is gone.
pub fn serve(input: impl Read + Send + 'static, output: impl Write + Send + 'static) -> io::Result<()> {
    let mut input = input;
    let ask = frame(&mut input)?.ok_or(ErrorKind::UnexpectedEof)?;
    let ask: Ask = serde_json::from_slice(&ask)?;
    limits::set(ask.memory, ask.seconds)?;
    let thread = std::thread::Builder::new().stack_size(STACK);
    let running = thread.spawn(move || answer(&ask.expression, input, output))?;
    running.join().unwrap_or_else(|_| Err(ErrorKind::Other.into()))
}

fn answer(expression: &str, mut input: impl Read, mut output: impl Write) -> io::Result<()> {
    let program = match Program::new(expression) {
        Ok(program) => program,
        Err(why) => {
            writeln!(output, "no {}", serde_json::to_string(&Phrase::from(why))?)?;
            return output.flush();
        }
    };
    writeln!(output, "ok")?;
    output.flush()?;
    let mut place = 0_usize;
    while let Some(message) = frame(&mut input)? {
        match program.run(&message) {
            Verdict::Holds => writeln!(output, "{place} y")?,
            Verdict::Fails => writeln!(output, "{place} n")?,
            Verdict::Error(why) => writeln!(output, "{place} e {}", serde_json::to_string(&why)?)?,
        }
        // Each at once: the parent tells by it where an expression did not end.
        output.flush()?;
        place += 1;
    }
    Ok(())
}

/// The next frame: its length in four bytes, the lowest first, and so many bytes. `None` at the end.
fn frame(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let length = u32::from_le_bytes(length);
    if length > FRAME {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut bytes = vec![0; length as usize];
    input.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

/// A frame with these bytes. `None` if they are too many for one.
pub(super) fn framed(bytes: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= FRAME)?;
    Some([&length.to_le_bytes(), bytes].concat())
}

/// Whether the expression can be used, by the first line of the child.
pub(super) fn first(line: &str) -> Option<Result<(), Phrase>> {
    match line.split_once(' ') {
        None if line == "ok" => Some(Ok(())),
        Some(("no", why)) => serde_json::from_str(why).ok().map(Err),
        _ => None,
    }
}

/// A place and its answer, by a line of the child.
pub(super) fn answered(line: &str) -> Option<(usize, Answer)> {
    let mut parts = line.splitn(3, ' ');
    let place = parts.next()?.parse().ok()?;
    let answer = match (parts.next()?, parts.next()) {
        ("y", None) => Answer::Yes,
        ("n", None) => Answer::No,
        ("e", Some(why)) => Answer::Error(serde_json::from_str(why).ok()?),
        _ => return None,
    };
    Some((place, answer))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn said(expression: &str, messages: &[&str]) -> String {
        let mut input = Vec::new();
        for message in messages {
            input.extend(framed(message.as_bytes()).expect("short"));
        }
        let mut output = Vec::new();
        answer(expression, Cursor::new(input), &mut output).expect("it answers");
        String::from_utf8(output).expect("text")
    }

    #[test]
    fn each_message_is_answered_by_its_place() {
        let messages = [r#"{"a":1}"#, r#"{"a":2}"#, r#"{"a":{"b":"c d"}}"#];
        let said = said(".a + 1 == 2", &messages);
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines[..3], ["ok", "0 y", "1 n"]);
        let answers: Vec<_> = lines[1..].iter().filter_map(|line| answered(line)).collect();
        assert!(
            matches!(&answers[..], [(0, Answer::Yes), (1, Answer::No), (2, Answer::Error(why))] if why.contains("c d"))
        );
    }

    #[test]
    fn what_is_wrong_with_an_expression_comes_as_data() {
        let said = said("env", &["{}"]);
        let why = first(said.trim_end()).expect("an answer").expect_err("no expression");
        assert!(why.is("jq", "unusable"), "{why:?}");
        assert_eq!(first("ok"), Some(Ok(())));
        for odd in ["", "o", "no", "ok 1", "no {"] {
            assert_eq!(first(odd), None, "{odd}");
        }
        for odd in ["", "1", "x y", "1 z", "1 e", "1 e {", "-1 y"] {
            assert!(answered(odd).is_none(), "{odd}");
        }
    }

    #[test]
    fn a_frame_that_is_too_long_or_torn_is_refused() {
        let too_long = u32::MAX.to_le_bytes();
        assert!(frame(&mut &too_long[..]).is_err());
        assert!(frame(&mut &[5, 0, 0, 0, 1][..]).is_err());
        assert!(matches!(frame(&mut &[][..]), Ok(None)));
    }
}
