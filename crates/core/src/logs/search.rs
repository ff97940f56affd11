//! Which lines match: a regular expression over whole segments at a time, a level, functions, one request.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use regex::{Regex, RegexBuilder};

use super::parse::reading::is_mark;
use super::required_literal::piece;
use super::segment::Segment;
use super::snapshot::{GroupLog, Logs};
use super::view::View;
use crate::domain::NodeId;
use crate::domain::log::Level;

/// Bytes of a compiled expression at most, so that none takes long to build or to run.
const SIZE: usize = 1 << 20;

/// What to look for in the text of lines.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
    /// Whether it may match the start or end of a text, and so must get each text separately.
    alone: bool,
    /// What every match holds, to be looked for first.
    piece: Option<Regex>,
}

/// What was typed is no regular expression. Prints the regex library's reason in one line.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", reason(.0))]
pub struct PatternError(#[from] regex::Error);

/// Of a syntax error the last line is the reason; the others draw the place.
fn reason(error: &regex::Error) -> String {
    let whole = error.to_string();
    let line = match error {
        regex::Error::Syntax(_) => whole.lines().last(),
        _ => None,
    };
    line.unwrap_or(&whole).trim_start_matches("error: ").to_owned()
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.regex.as_str() == other.regex.as_str()
    }
}

impl Pattern {
    /// Parses a regular expression. `^` and `$` match at line boundaries; case is ignored unless it contains a capital
    /// letter.
    ///
    /// # Errors
    /// If it is invalid.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        let build = |expression: &str| {
            RegexBuilder::new(expression)
                .multi_line(true)
                .case_insensitive(!has_capital(text))
                .size_limit(SIZE)
                .build()
        };
        let piece = piece(text).and_then(|piece| build(&regex::escape(&piece)).ok());
        let regex = build(text)?;
        let alone = text.contains("\\A") || text.contains("\\z") || text.contains("(?-m") || text.contains("(?R");
        Ok(Self { regex, alone, piece })
    }

    /// The expression.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.regex.as_str()
    }

    /// Whether one text matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// The places in one text that match, for a view that marks them.
    pub fn found<'a>(&'a self, text: &'a str) -> impl Iterator<Item = std::ops::Range<usize>> + 'a {
        self.regex.find_iter(text).map(|found| found.range())
    }

    /// The lines of a segment that match, ascending.
    #[must_use]
    pub fn lines(&self, segment: &Segment) -> Vec<u32> {
        let mut lines = Vec::new();
        let mut take = |line: usize| lines.extend(u32::try_from(line));
        if self.alone {
            (0..segment.len())
                .filter(|line| self.matches(segment.line(*line).text))
                .for_each(take);
            return lines;
        }
        let mut from = 0;
        let first = self.piece.as_ref().unwrap_or(&self.regex);
        while let Some(found) = first.find_at(segment.text(), from) {
            let line = segment.line_at(found.start());
            if line >= segment.len() || found.start() >= segment.text().len() {
                break;
            }
            let span = segment.span(line);
            // A piece is not yet a match; and what reaches into the next line is none of this one, but a shorter one may be.
            let is_whole = self.piece.is_none() && found.end() <= span.end;
            if is_whole || self.matches(&segment.text()[span.clone()]) {
                take(line);
            }
            from = span.end + 1;
            if from >= segment.text().len() {
                break;
            }
        }
        lines
    }
}

/// Whether an expression contains a literal capital letter: `\W` does not count.
fn has_capital(text: &str) -> bool {
    let mut escaped = false;
    text.chars().any(|c| {
        let counts = c.is_uppercase() && !escaped;
        escaped = c == '\\' && !escaped;
        counts
    })
}

/// The stream and time of a request: lines there and then are its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The stream.
    pub stream: String,
    /// Milliseconds since 1970.
    pub from: i64,
    /// Milliseconds since 1970, inclusive.
    pub to: i64,
}

/// Which lines to show. What is left out takes all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Lines whose text matches.
    pub pattern: Option<Pattern>,
    /// Lines that name this level or a more severe one.
    pub level: Option<Level>,
    /// Lines of these functions and groups; of all where both are empty.
    pub functions: BTreeSet<NodeId>,
    /// Lines of these groups.
    pub groups: BTreeSet<String>,
    /// Lines of one request, by its streams and times.
    pub request: Option<Vec<Span>>,
    /// Without the service's lines that only mark a start or an end.
    pub without_marks: bool,
}

impl Filter {
    fn takes_group(&self, group: &GroupLog) -> bool {
        let all = self.functions.is_empty() && self.groups.is_empty();
        all || self.groups.contains(&*group.name) || group.functions.iter().any(|id| self.functions.contains(id))
    }

    /// Whether a segment need not be looked into.
    fn takes_all(&self) -> bool {
        let is_plain = self.pattern.is_none() && self.level.is_none() && self.request.is_none();
        is_plain && self.functions.is_empty() && !self.without_marks
    }

    /// The lines of a segment that are shown.
    fn lines(&self, segment: &Segment) -> Vec<u32> {
        let mut lines = match &self.pattern {
            Some(pattern) => pattern.lines(segment),
            None => (0..segment.len()).flat_map(u32::try_from).collect(),
        };
        lines.retain(|line| self.takes(segment, *line as usize));
        lines
    }

    fn takes(&self, segment: &Segment, line: usize) -> bool {
        if self.level.is_some_and(|least| segment.level(line) < Some(least)) {
            return false;
        }
        if self.without_marks && is_mark(&segment.text()[segment.span(line)]) {
            return false;
        }
        let stream = segment.stream(line);
        // In a shared group, a stream may belong to another function.
        let somebody_elses = |id: &NodeId| !self.functions.contains(id);
        if self.groups.is_empty() && !self.functions.is_empty() && stream.function.as_ref().is_some_and(somebody_elses)
        {
            return false;
        }
        self.request.as_ref().is_none_or(|spans| {
            let at = segment.at(line);
            spans
                .iter()
                .any(|span| *span.stream == *stream.name && span.from <= at && at <= span.to)
        })
    }
}

/// A filter at work: it looks into each segment once, so that new lines cost only their own segment.
#[derive(Clone, Debug, Default)]
pub struct Search {
    filter: Filter,
    /// By the segment's place in memory, which the segment held beside it keeps from being used again.
    known: HashMap<usize, (Arc<Segment>, Arc<[u32]>)>,
}

impl Search {
    /// A search about to begin.
    #[must_use]
    pub fn new(filter: Filter) -> Self {
        Self {
            filter,
            known: HashMap::new(),
        }
    }

    /// What it looks for.
    #[must_use]
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// The lines of these logs that match.
    pub fn view(&mut self, logs: &Logs) -> View {
        self.view_unless(logs, &|| false).unwrap_or_default()
    }

    /// The lines of these logs that match. `None` if it was stopped: that is asked before each segment is looked into.
    pub fn view_unless(&mut self, logs: &Logs, is_stopped: &dyn Fn() -> bool) -> Option<View> {
        let (filter, known) = (&self.filter, &mut self.known);
        if filter.takes_all() {
            return Some(View::new(logs, |group| filter.takes_group(group), |_| None));
        }
        let mut used = HashMap::with_capacity(known.len());
        let view = View::new(
            logs,
            |group| filter.takes_group(group),
            |segment| {
                if is_stopped() {
                    return None;
                }
                let key = Arc::as_ptr(segment) as usize;
                let found = known
                    .remove(&key)
                    .unwrap_or_else(|| (Arc::clone(segment), filter.lines(segment).into()));
                let lines = Arc::clone(&found.1);
                used.insert(key, found);
                Some(lines)
            },
        );
        if is_stopped() {
            known.extend(used);
            return None;
        }
        *known = used;
        Some(view)
    }
}
