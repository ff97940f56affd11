//! The state of an open message: rows of its facts and of the layers of its body.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::dead_letters::decode::render::{hex, lines};
use crate::dead_letters::decode::{Layer, LayerBody, What, unwrap};
use crate::dead_letters::export::error_text;
use crate::dead_letters::{DeadLetter, FunctionMatch};
use crate::dlq::DlqContents;
use crate::domain::phrase::Phrase;
use crate::domain::text::plain;
use crate::domain::{AttributeValue, Origin};

/// The most lines of bytes: 16 KB.
const HEX_LINES: usize = 1_024;
/// The most rows of a body.
const ROWS: usize = 20_000;

/// The form in which a body is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Decoded layers, indented.
    #[default]
    Pretty,
    /// Raw text.
    Raw,
    /// Bytes.
    Hex,
}

/// The kind of a row, which decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// A heading.
    Title,
    /// Content.
    Text,
    /// A detail.
    Muted,
    /// A warning.
    Warning,
}

/// The content of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text. Plain.
    Text(String),
    /// A time.
    Time(Timestamp),
    /// A phrase.
    Phrase(Phrase),
    /// The origin of the message.
    Origin(Origin),
    /// A layer of the body: its path, empty for the body itself; its kind, and its encodings.
    Layer(String, What, String),
}

pitagora_core::phrases! {
    /// The label of a fact.
    #[derive(Copy)]
    pub enum Label in "label" {
        Message,
        Cause,
        Error,
        Function,
        Request,
        Origin,
        Condition,
        Attempts,
        Sent,
        Expires,
        Receives,
        Read,
        Attributes,
        Sqs,
        Body,
    }
}

pitagora_core::phrases! {
    /// A fact.
    pub enum Fact in "fact" {
        Edited,
        Throttled,
        OneOf { names: String },
        NoFunction,
        Receives { before: u32, now: u32 },
        Attribute { name: String, data_type: String, value: String },
        Bytes { name: String, data_type: String, bytes: usize },
    }
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The label; `None` in a continued row.
    pub label: Option<Label>,
    /// The content.
    pub value: Value,
    /// The indent in cells.
    pub indent: usize,
    /// The kind.
    pub tone: Tone,
    /// The number of its fold and whether that is folded; `None` if it cannot be folded.
    pub fold: Option<(usize, bool)>,
}

/// The state of the open message.
#[derive(Clone, Debug, Default)]
pub struct MessageView {
    /// The message ID.
    pub id: Option<String>,
    /// The form of the body.
    pub form: Form,
    /// The chosen row.
    pub at: usize,
    /// The rows.
    pub lines: Vec<Line>,
    folded: BTreeSet<usize>,
    layer: Option<Arc<Layer>>,
}

impl MessageView {
    /// Opens a message.
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

    /// Rebuilds the rows.
    pub fn refresh(&mut self, entry: &DeadLetter, letters: &DlqContents, edited: Option<&str>) {
        let mut all = facts(entry, letters);
        if edited.is_some() {
            all.push(phrase(Some(Label::Body), Fact::Edited, Tone::Warning));
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
            all.push(Line {
                label: None,
                value: Value::Layer(layer.at.clone(), layer.what, packed),
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
                all.push(phrase(None, why, Tone::Muted));
            }
        }
    }

    /// Folds or unfolds the chosen row, if possible.
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

    /// Chooses a row.
    pub fn go(&mut self, to: usize) {
        self.at = to.min(self.lines.len().saturating_sub(1));
    }

    /// Switches to the next form of the body.
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
        label: None,
        value: Value::Text(plain(text).into_owned()),
        indent,
        tone: Tone::Text,
        fold: None,
    }
}

fn said(label: Option<Label>, text: &str, tone: Tone) -> Line {
    Line {
        label,
        tone,
        ..content(0, text)
    }
}

fn phrase(label: Option<Label>, phrase: impl Into<Phrase>, tone: Tone) -> Line {
    Line {
        value: Value::Phrase(phrase.into()),
        ..said(label, "", tone)
    }
}

/// The facts of a message, with how they are known.
fn facts(entry: &DeadLetter, letters: &DlqContents) -> Vec<Line> {
    let (letter, found) = (&*entry.letter, &entry.provenance);
    let time = |label, at| Line {
        value: Value::Time(at),
        ..said(Some(label), "", Tone::Text)
    };
    let text = |label, text: &str| said(Some(label), text, Tone::Text);
    let mut all = vec![text(Label::Message, &letter.message_id)];
    if let Some(why) = &found.capacity {
        all.push(phrase(Some(Label::Cause), Fact::Throttled, Tone::Warning));
        all.push(phrase(None, why.clone(), Tone::Muted));
    }
    if let Some(error) = &found.error {
        all.push(text(Label::Error, &error_text(error)));
    }
    all.push(match &found.function {
        FunctionMatch::Function { id, qualifier } => {
            let qualifier = qualifier.as_ref().map_or_else(String::new, |name| format!(":{name}"));
            text(Label::Function, &format!("{}{qualifier}", short(id.as_str())))
        }
        FunctionMatch::OneOf(several) => {
            let names: Vec<&str> = several.iter().map(|id| short(id.as_str())).collect();
            let names = names.join(", ");
            phrase(Some(Label::Function), Fact::OneOf { names }, Tone::Text)
        }
        FunctionMatch::Nobody => phrase(Some(Label::Function), Fact::NoFunction, Tone::Text),
    });
    if let Some(request) = &found.request_id {
        all.push(text(Label::Request, request));
    }
    all.push(Line {
        value: Value::Origin(found.origin),
        ..text(Label::Origin, "")
    });
    for evidence in &found.evidence {
        all.push(phrase(None, evidence.clone(), Tone::Muted));
    }
    if let Some(condition) = &found.condition {
        all.push(phrase(Some(Label::Condition), condition.clone(), Tone::Text));
        if let Some(tries) = found.tries {
            all.push(text(Label::Attempts, &tries.to_string()));
        }
    }
    all.extend(letter.sent().map(|at| time(Label::Sent, at)));
    all.extend(entry.expires.map(|expiry| time(Label::Expires, expiry.at)));
    let now = letter.receive_count();
    let before = now.saturating_sub(1);
    all.push(phrase(
        Some(Label::Receives),
        Fact::Receives { before, now },
        Tone::Text,
    ));
    all.push(time(Label::Read, letters.read_at));
    let mut label = Some(Label::Attributes);
    for (name, attribute) in &letter.attributes {
        let (name, data_type) = (name.clone(), attribute.data_type.clone());
        let value = match &attribute.value {
            AttributeValue::Text(value) => Fact::Attribute {
                name,
                data_type,
                value: value.clone(),
            },
            AttributeValue::Binary(bytes) => Fact::Bytes {
                name,
                data_type,
                bytes: bytes.len(),
            },
        };
        all.push(phrase(label.take(), value, Tone::Text));
    }
    let mut label = Some(Label::Sqs);
    for (name, value) in &letter.system {
        all.push(said(label.take(), &format!("{name}: {value}"), Tone::Muted));
    }
    all
}

/// The short name of a resource.
#[must_use]
pub fn short(arn: &str) -> &str {
    crate::domain::arn::short_name(arn)
}
