//! Custom runtimes that come with a framework, and say in words of their own that a handler failed.
//!
//! | runtime | words |
//! |---|---|
//! | bref (PHP) | `request⇥Invoke Error⇥{"errorType":…}` (`LambdaRuntime::logError`) |
//! | Micronaut | `Invocation with requestId [request] failed: …` |
//! | Quarkus | `… ERROR [io.qua.ama.lam.run.AbstractLambdaPollLoop] … Failed to run lambda (NORMAL): …` |
//! | Swift | `… warning … lambda handler returned an error: …` |

use super::exception::kind_and_message;
use super::json::failure::error;
use super::scan::{first_line, id_word, time};
use super::{Failure, Level, Parsed, Said, Weight, short};

fn uncaught(failure: Failure<'_>) -> Said<'_> {
    Said::Exception {
        failure,
        weight: Weight::Uncaught,
    }
}

/// `request⇥Invoke Error⇥{…}`, in one line or with the JSON in lines of its own, and bref's other lines:
/// `request⇥WARNING⇥words`.
pub(super) fn bref(text: &str) -> Option<Parsed<'_>> {
    let (id, rest) = id_word(text)?;
    let rest = rest.strip_prefix('\t')?;
    let Some(rest) = rest.strip_prefix("Invoke Error") else {
        let word = rest.split('\t').next()?;
        return Some(Parsed::new(Said::Plain).of(Some(id)).at(Level::parse(word)?));
    };
    let rest = rest.trim_start();
    let failure = error(rest).unwrap_or_else(|| Failure {
        kind: None,
        message: if rest.is_empty() {
            "Invoke Error"
        } else {
            short(first_line(rest))
        }
        .into(),
    });
    Some(Parsed::new(uncaught(failure)).of(Some(id)).at(Level::Error))
}

/// `Invocation with requestId [request] failed: no: class…`.
pub(super) fn micronaut(text: &str) -> Option<Parsed<'_>> {
    let (id, rest) = id_word(text.strip_prefix("Invocation with requestId [")?)?;
    let message = rest.strip_prefix("] failed: ")?;
    let failure = Failure {
        kind: None,
        message: short(first_line(message)).into(),
    };
    Some(Parsed::new(uncaught(failure)).of(Some(id)).at(Level::Error))
}

/// A line that begins with a time, of Quarkus or of Swift.
pub(super) fn timed(text: &str) -> Option<Parsed<'_>> {
    let (_, rest) = time(text)?;
    let first = first_line(rest);
    // `+0000` of Swift's time is no part of what is read as one.
    let first = first.trim_start_matches(|byte: char| byte.is_ascii_digit() || byte == '+' || byte == ' ');
    if first.starts_with("ERROR ") {
        let (_, words) = first
            .split_once("AbstractLambdaPollLoop]")
            .and_then(|(_, rest)| rest.split_once("Failed to run lambda ("))?;
        let failure = words.split_once("): ").map_or_else(
            || Failure {
                kind: None,
                message: "Failed to run lambda".into(),
            },
            |(_, words)| kind_and_message(words),
        );
        return Some(Parsed::new(uncaught(failure)).at(Level::Error));
    }
    if !first.starts_with("warning") && !first.starts_with("error") {
        return None;
    }
    let (head, words) = first.split_once("lambda handler returned an error: ")?;
    let of_runtime = head.contains("[AWSLambdaRuntime") || head.contains("lifecycleIteration=");
    let id = head
        .split_once("equest-id=")
        .or_else(|| head.split_once("equestID="))
        .and_then(|(_, rest)| id_word(rest));
    of_runtime.then(|| {
        let failure = Failure {
            kind: None,
            message: short(words).into(),
        };
        Parsed::new(uncaught(failure)).of(id.map(|(id, _)| id)).at(Level::Error)
    })
}
