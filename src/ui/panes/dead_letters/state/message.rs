//! One letter, as rows: what is known of it, and the layers of its body.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::dead_letters::decode::render::{hex, lines};
use crate::dead_letters::decode::{Layer, LayerBody, What, unwrap};
use crate::dead_letters::export::error_text;
use crate::dead_letters::{DeadLetter, FunctionMatch};
use crate::dlq::DlqContents;
use crate::domain::AttributeValue;
use crate::domain::phrase::Phrase;
use crate::domain::text::plain;

/// Lines of bytes shown: 16 KB.
const HEX_LINES: usize = 1_024;
/// Rows of one body at most.
const ROWS: usize = 20_000;

/// How a body is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Its layers, unpacked and indented.
    #[default]
    Pretty,
    /// As it came.
    Raw,
    /// Its bytes.
    Hex,
}

/// What a row is, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// The name of what follows.
    Title,
    /// Content.
    Text,
    /// Beside the point.
    Muted,
    /// Worth a look.
    Warning,
}

/// What stands in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text. Plain.
    Text(String),
    /// A moment.
    Time(Timestamp),
    /// What the core says.
    Phrase(Phrase),
    /// A layer of the body: where it lies, what it is, how it was packed.
    Layer(String, What, String),
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is called; empty where it goes on.
    pub label: &'static str,
    /// What it says.
    pub value: Value,
    /// Cells to indent by.
    pub indent: usize,
    /// Its colour.
    pub tone: Tone,
    /// Where it can be folded: the fold's number, and whether it is folded.
    pub fold: Option<(usize, bool)>,
}

/// The open letter.
#[derive(Clone, Debug, Default)]
pub struct LetterView {
    /// Which.
    pub id: Option<String>,
    /// How its body is shown.
    pub form: Form,
    /// The chosen row.
    pub at: usize,
    /// The rows.
    pub lines: Vec<Line>,
    folded: BTreeSet<usize>,
    layer: Option<Arc<Layer>>,
}

impl LetterView {
    /// Opens a letter.
    #[must_use]
    pub fn open(entry: &DeadLetter, letters: &DlqContents, edited: Option<&str>) -> Self {
        let body = edited.unwrap_or(&entry.letter.body);
        let layer = unwrap(body);
        // What lies around something is folded: one wants to see what it is about.
        let around = layer.walk().into_iter().enumerate();
        let folded = around
            .filter(|(_, (_, layer))| !layer.inside.is_empty())
            .map(|(n, _)| n)
            .collect();
        let mut view = Self {
            id: Some(entry.letter.message_id.clone()),
            folded,
            layer: Some(Arc::new(layer)),
            ..Self::default()
        };
        view.refresh(entry, letters, edited);
        view
    }

    /// Makes the rows anew.
    pub fn refresh(&mut self, entry: &DeadLetter, letters: &DlqContents, edited: Option<&str>) {
        let mut all = facts(entry, letters);
        if edited.is_some() {
            all.push(said(
                "body",
                "edited here; the queue still has the original",
                Tone::Warning,
            ));
        }
        let body = edited.unwrap_or(&entry.letter.body);
        match self.form {
            Form::Pretty => self.layers(&mut all),
            Form::Raw => all.extend(body.lines().map(|line| content(1, line))),
            Form::Hex => all.extend(hex(body.as_bytes(), HEX_LINES).iter().map(|line| content(1, line))),
        }
        all.truncate(ROWS);
        self.lines = all;
        self.at = self.at.min(self.lines.len().saturating_sub(1));
    }

    fn layers(&self, all: &mut Vec<Line>) {
        let Some(layer) = &self.layer else { return };
        // Folds are numbered through: layers first, then the lines of JSON that open something.
        let walk = layer.walk();
        let mut number = walk.len();
        for (n, (depth, layer)) in walk.into_iter().enumerate() {
            let packed = layer.packed.join(", ");
            let packed = if packed.is_empty() {
                packed
            } else {
                format!(" ({packed})")
            };
            let folded = self.folded.contains(&n);
            let at = if layer.at.is_empty() { "body" } else { &layer.at };
            all.push(Line {
                label: "",
                value: Value::Layer(at.to_owned(), layer.what, packed),
                indent: depth * 2,
                tone: Tone::Title,
                fold: Some((n, folded)),
            });
            let indent = depth * 2 + 2;
            match &layer.held {
                LayerBody::Json(json) => {
                    let mut skip = 0;
                    for line in lines(json) {
                        let opens = line.spans > 0;
                        let own = number;
                        number += usize::from(opens);
                        if skip > 0 {
                            skip -= 1;
                            continue;
                        }
                        if folded {
                            continue;
                        }
                        let shut = opens && self.folded.contains(&own);
                        if shut {
                            skip = line.spans;
                        }
                        let text = if shut { format!("{} …", line.text) } else { line.text };
                        all.push(Line {
                            fold: opens.then_some((own, shut)),
                            ..content(indent + line.depth * 2, &text)
                        });
                    }
                }
                LayerBody::Text(text) if !folded => all.extend(text.lines().map(|line| content(indent, line))),
                LayerBody::Bytes(bytes) if !folded => {
                    all.extend(hex(bytes, HEX_LINES).iter().map(|line| content(indent, line)));
                }
                LayerBody::Text(_) | LayerBody::Bytes(_) => {}
            }
            if let Some(why) = layer.cut {
                all.push(phrase("", why, Tone::Muted));
            }
        }
    }

    /// Folds or unfolds the chosen row, where that can be.
    pub fn unfold(&mut self) -> bool {
        let Some((number, folded)) = self.lines.get(self.at).and_then(|line| line.fold) else {
            return false;
        };
        if folded {
            self.folded.remove(&number);
        } else {
            self.folded.insert(number);
        }
        true
    }

    /// Goes to a row.
    pub fn go(&mut self, to: usize) {
        self.at = to.min(self.lines.len().saturating_sub(1));
    }

    /// Goes to the next form of the body.
    pub fn next_form(&mut self) {
        self.form = match self.form {
            Form::Pretty => Form::Raw,
            Form::Raw => Form::Hex,
            Form::Hex => Form::Pretty,
        };
    }
}

fn content(indent: usize, text: &str) -> Line {
    Line {
        label: "",
        value: Value::Text(plain(text).into_owned()),
        indent,
        tone: Tone::Text,
        fold: None,
    }
}

fn said(label: &'static str, text: &str, tone: Tone) -> Line {
    Line {
        label,
        tone,
        ..content(0, text)
    }
}

fn phrase(label: &'static str, phrase: impl Into<Phrase>, tone: Tone) -> Line {
    Line {
        value: Value::Phrase(phrase.into()),
        ..said(label, "", tone)
    }
}

/// What is known of a letter, and how.
fn facts(entry: &DeadLetter, letters: &DlqContents) -> Vec<Line> {
    let (letter, found) = (&*entry.letter, &entry.provenance);
    let time = |label, at| Line {
        value: Value::Time(at),
        ..said(label, "", Tone::Text)
    };
    let mut all = vec![said("message", &letter.message_id, Tone::Text)];
    if let Some(why) = &found.capacity {
        all.push(said(
            "fault",
            "throttled, never invoked: a fault of capacity, not of the message",
            Tone::Warning,
        ));
        all.push(phrase("", why.clone(), Tone::Muted));
    }
    if let Some(error) = &found.error {
        all.push(said("error", &error_text(error), Tone::Text));
    }
    let function = match &found.function {
        FunctionMatch::Function { id, qualifier } => {
            let qualifier = qualifier.as_ref().map_or_else(String::new, |name| format!(":{name}"));
            format!("{}{qualifier}", short(id.as_str()))
        }
        FunctionMatch::OneOf(several) => {
            let names: Vec<&str> = several.iter().map(|id| short(id.as_str())).collect();
            format!("one of {}; which one is unknown", names.join(", "))
        }
        FunctionMatch::Nobody => "none is known".to_owned(),
    };
    all.push(said("function", &function, Tone::Text));
    if let Some(request) = &found.request_id {
        all.push(said("request", request, Tone::Text));
    }
    all.push(said("origin", origin_word(found.origin), Tone::Text));
    for evidence in &found.evidence {
        all.push(phrase("", evidence.clone(), Tone::Muted));
    }
    if let Some(condition) = &found.condition {
        all.push(phrase("given up", condition.clone(), Tone::Text));
        if let Some(tries) = found.tries {
            all.push(said("attempts", &tries.to_string(), Tone::Text));
        }
    }
    all.extend(letter.sent().map(|at| time("sent", at)));
    all.extend(entry.expires.map(|expiry| time("gone", expiry.at)));
    let count = letter.receive_count();
    let counted = format!("{} before this reading, {count} now", count.saturating_sub(1));
    all.push(said("receives", &counted, Tone::Text));
    all.push(time("read", letters.read_at));
    let mut label = "attributes";
    for (name, attribute) in &letter.attributes {
        let value = match &attribute.value {
            AttributeValue::Text(text) => text.clone(),
            AttributeValue::Binary(bytes) => format!("{} bytes", bytes.len()),
        };
        all.push(said(
            label,
            &format!("{name} ({}): {value}", attribute.data_type),
            Tone::Text,
        ));
        label = "";
    }
    let mut label = "SQS";
    for (name, value) in &letter.system {
        all.push(said(label, &format!("{name}: {value}"), Tone::Muted));
        label = "";
    }
    all
}

/// The short name of a resource.
#[must_use]
pub fn short(arn: &str) -> &str {
    crate::domain::arn::short_name(arn)
}

/// An origin in words.
#[must_use]
pub fn origin_word(origin: crate::domain::Origin) -> &'static str {
    use crate::domain::Origin;
    match origin {
        Origin::SqsRedrive => "SQS",
        Origin::LambdaAsync => "async",
        Origin::Destination => "destination",
        Origin::Stream => "stream",
        Origin::Sns => "SNS",
        Origin::Eventbridge => "rule",
        Origin::Scheduler => "schedule",
        Origin::Pipe => "pipe",
        Origin::Unknown => "unknown",
    }
}
