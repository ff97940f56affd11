//! Who did what, kept for good: one line when an act begins and one when it ends, so that one which is killed between
//! them is known too.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use super::record::Header;
use crate::config::private;

/// Why a line of the audit file could not be written. Each prints as a part of a sentence.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// There is no place for the file.
    #[error("no home directory")]
    NoHome,
    /// The file took no line.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What is known of an act when it begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Act {
    /// The ARN of whose credentials are used.
    pub who: String,
    /// `redrive`, `resume`, `move-task`, `delete`.
    pub what: &'static str,
    /// How many messages it set out for.
    pub chosen: usize,
    /// How many of them an earlier part of the redrive had moved.
    pub moved_before: usize,
    /// The queue.
    pub from: String,
    /// Where to, as ARNs.
    pub to: Vec<String>,
    /// The journal, where there is one.
    pub journal: Option<PathBuf>,
}

#[derive(Serialize)]
struct Line<'a> {
    /// When, in account time.
    at: Timestamp,
    stage: &'a str,
    #[serde(flatten)]
    act: &'a Act,
    /// How many messages this act moved or deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<usize>,
}

impl Act {
    /// A redrive with a journal, new or resumed.
    #[must_use]
    pub fn of_run(who: &str, what: &'static str, header: &Header, moved_before: usize, journal: &Path) -> Self {
        Self {
            who: who.to_owned(),
            what,
            chosen: header.chosen.len(),
            moved_before,
            from: header.queue.to_string(),
            to: header.ways.iter().map(|way| way.target.arn().to_owned()).collect(),
            journal: Some(journal.to_owned()),
        }
    }

    /// Notes that it begins; with `messages`, that it ended, having moved or deleted so many. Answers with the file.
    pub fn note(&self, file: Option<&Path>, at: Timestamp, messages: Option<usize>) -> Result<PathBuf, AuditError> {
        let file = file.ok_or(AuditError::NoHome)?;
        let line = Line {
            at,
            stage: if messages.is_some() { "ended" } else { "began" },
            act: self,
            messages,
        };
        write(file, &line)?;
        Ok(file.to_owned())
    }
}

/// Adds a line to the file, which only its owner may read.
fn write(file: &Path, line: &Line<'_>) -> io::Result<()> {
    private::folder_of(file)?;
    let mut line = serde_json::to_string(line)?;
    line.push('\n');
    let mut file = private::append(file)?;
    // In one write: lines of two processes do not mix.
    file.write_all(line.as_bytes())?;
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_has_a_line_when_it_begins_and_one_when_it_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("below").join("audit.jsonl");
        let act = Act {
            who: "arn:aws:iam::123456789012:user/me".to_owned(),
            what: "resume",
            chosen: 100,
            moved_before: 41,
            from: "arn:aws:sqs:eu-west-1:123456789012:dlq".to_owned(),
            to: vec!["arn:aws:sqs:eu-west-1:123456789012:q".to_owned()],
            journal: None,
        };
        let at = Timestamp::UNIX_EPOCH;
        assert_eq!(act.note(Some(&file), at, None).expect("a line"), file);
        assert_eq!(act.note(Some(&file), at, Some(59)).expect("a line"), file);
        assert!(matches!(act.note(None, at, None), Err(AuditError::NoHome)));
        let text = std::fs::read_to_string(&file).expect("a file");
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!(lines.len(), 2);
        assert_eq!((&lines[0]["stage"], lines[0].get("messages")), (&"began".into(), None));
        assert_eq!(
            (&lines[1]["stage"], &lines[1]["messages"]),
            (&"ended".into(), &59.into())
        );
        assert!(
            lines
                .iter()
                .all(|line| line["moved_before"] == 41 && line["chosen"] == 100)
        );
    }
}
