//! The text of a box: kind, name, and one line of vital signs, each with the role of its status.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::fit::BoxSize;
use super::scene::{Fold, Item, health};
use crate::domain::{Detail, Edge, EdgeKind, Metric, Node, NodeId, NodeKind, Point, Source};
use crate::store::coming::{Coming, is_near};
use crate::store::lately::failed_last;
use crate::store::losses::Losses;
use crate::store::snapshot::{Health, Runs, Snapshot, Vitals};
use crate::ui::panes::retries::state::InFlight;
use crate::ui::text;
use crate::ui::text::{edge_text, schedule};
use crate::ui::theme::Role;
use crate::ui::theme::glyphs::Glyphs;
use crate::ui::theme::render_context::RenderContext;
use crate::words::say;

/// The most cells of a compact and of a narrow box, and of the sign and number in a compact one.
const COMPACT: u16 = 28;
const NARROW: u16 = 22;
const TAIL: usize = 8;

/// The narrowest and the widest box, border included.
pub const WIDTHS: (u16, u16) = (15, 26);

/// The preferred width and height of a box, including its border.
#[must_use]
pub fn size(item: &Item, is_dead_letter_queue: bool, size: BoxSize, glyphs: &Glyphs) -> (u16, u16) {
    if size.is_compact() {
        (compact_width(item, is_dead_letter_queue, size, glyphs), 1)
    } else {
        (width(item, is_dead_letter_queue), height(item, is_dead_letter_queue))
    }
}

/// The width of kind and name with a space on either side, and of sign and number if these are measured; a dead-letter queue has
/// two digits behind its name.
fn compact_width(item: &Item, is_dead_letter_queue: bool, size: BoxSize, glyphs: &Glyphs) -> u16 {
    let wanted = match item {
        Item::Node(node) if is_dead_letter_queue => text::width(&node.name) + 5,
        Item::Node(node) => {
            let is_measured = matches!(node.kind, NodeKind::Lambda | NodeKind::Sqs);
            let tail = if size == BoxSize::Compact && is_measured {
                TAIL
            } else {
                0
            };
            text::width(glyphs.kind(node)) + text::width(&node.name) + 3 + tail
        }
        Item::Fold(_) => 16,
    };
    let most = if size == BoxSize::Narrow { NARROW } else { COMPACT };
    u16::try_from(wanted).unwrap_or(u16::MAX).clamp(10, most)
}

/// The rows of a box, including its border.
fn height(item: &Item, is_dead_letter_queue: bool) -> u16 {
    match item {
        Item::Node(_) if is_dead_letter_queue => 3,
        Item::Node(_) => 4,
        Item::Fold(_) => 3,
    }
}

/// The preferred width of a box.
fn width(item: &Item, is_dead_letter_queue: bool) -> u16 {
    let wanted = match item {
        // A count stands behind the name.
        Item::Node(node) if is_dead_letter_queue => text::width(&node.name) + 9,
        Item::Node(node) => text::width(&node.name) + 4,
        Item::Fold(fold) if fold.chains > 1 => 26,
        Item::Fold(_) => 16,
    };
    u16::try_from(wanted).unwrap_or(u16::MAX).clamp(WIDTHS.0, WIDTHS.1)
}

/// The vital signs of one box, in three parts: left, a sparkline, right.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each says something else")]
pub struct NodeCard {
    /// Its health.
    pub health: Health,
    /// The label in its border.
    pub kind: String,
    /// Its name. Untrusted text.
    pub name: String,
    /// The left part, which matters most.
    pub left: (String, Option<Role>),
    /// The values of the sparkline.
    pub spark: Vec<f64>,
    /// The right part.
    pub right: (String, Option<Role>),
    /// The right part in short form, if there is no room for it.
    pub right_short: Option<String>,
    /// The text in the lower border.
    pub foot: String,
    /// Whether name and count share one line.
    pub is_dead_letter_queue: bool,
    /// Whether the left part was measured, not configured.
    pub is_measured: bool,
    /// Whether the values may be outdated.
    pub stale: bool,
    /// Whether there is a hint from its configuration: shown where health has no sign.
    pub has_hint: bool,
}

impl NodeCard {
    /// The card of a box.
    #[must_use]
    pub fn of(item: &Item, look: &RenderContext, snapshot: &Snapshot, edges: &Edges) -> Self {
        match item {
            Item::Node(node) => Self::of_node(node, look, snapshot, edges),
            Item::Fold(fold) => Self::of_fold(fold, look),
        }
    }

    fn of_fold(fold: &Fold, look: &RenderContext) -> Self {
        let unread = fold.members.len() - fold.well;
        let mut left = String::new();
        if fold.well > 0 {
            left = say!(look, "box-healthy", n = fold.well);
        }
        let mut right = Vec::new();
        if unread > 0 {
            right.push(format!("{unread} {}", look.glyphs.signs.unknown));
        }
        if fold.chains > 1 {
            right.push(say!(look, "box-chains", n = fold.chains));
        }
        Self {
            health: if fold.well > 0 { Health::Well } else { Health::Unknown },
            kind: say!(look, "box-collapsed"),
            left: (left, Some(Role::Well)),
            right: (right.join(" "), Some(Role::Muted)),
            ..Self::default()
        }
    }

    fn of_node(node: &Node, look: &RenderContext, snapshot: &Snapshot, edges: &Edges) -> Self {
        let vitals = snapshot.vitals.get(&node.id);
        let is_dead_letter_queue = edges.is_dead_letter_queue(&node.id);
        let mut face = Self {
            health: health(snapshot, &node.id),
            kind: look.glyphs.kind(node).to_owned(),
            name: node.name.clone(),
            is_dead_letter_queue,
            ..Self::default()
        };
        face.is_measured = matches!(node.kind, NodeKind::Lambda | NodeKind::Sqs);
        match node.kind {
            NodeKind::Lambda => face.function(node, vitals, look),
            NodeKind::Sqs => {
                let source = snapshot.sources.get(&Source::Queues);
                let fails = source.is_some_and(|state| state.error.is_some());
                face.queue(vitals, fails, look);
            }
            _ => face.other(node, look, snapshot, edges),
        }
        face.counted_errors(vitals, look);
        face.without_numbers(vitals, look);
        face
    }

    /// Shows the number of events to be retried, and when the first one is due.
    pub fn waits(&mut self, in_flight: Option<&InFlight>, look: &RenderContext) {
        let Some(waiting) = in_flight else { return };
        let role = if self.health == Health::Failing {
            Role::Failing
        } else {
            Role::Warning
        };
        let soon = waiting.nearest.map(|at| {
            if at > look.now {
                format!(" {}", look.countdown(at))
            } else {
                format!(" {}", say!(look, "box-now"))
            }
        });
        let text = format!(
            "{} {}{}",
            look.glyphs.signs.again,
            text::count(waiting.count),
            soon.unwrap_or_default()
        );
        self.right = (text, Some(role));
        self.right_short = Some(format!("{} {}", look.glyphs.signs.again, text::count(waiting.count)));
    }

    /// Shows lost events if there is no other number; predicted losses replace the time of the next retry.
    pub fn loses(&mut self, id: &NodeId, losses: &Losses, coming: Option<&Coming>, look: &RenderContext) {
        let lost: u64 = losses.of(id).map(|loss| loss.count).sum();
        if lost > 0 && !self.is_measured {
            // As wide as a box is.
            let least = losses.of(id).any(|loss| loss.at_least);
            let text = say!(look, "box-lost", n = text::count(lost), least = least);
            self.left = (text, Some(Role::Failing));
        }
        let Some(one) = coming.filter(|one| is_near(one, look.now)) else {
            return;
        };
        let glyph = look.glyphs.signs.loss;
        if one.past {
            let text = format!("{glyph} {}", say!(look, "box-maybe-lost"));
            self.right = (text, Some(Role::Failing));
            self.right_short = Some(format!("{glyph}{}", look.glyphs.signs.unknown));
            return;
        }
        let left = one.earliest.or(one.latest).filter(|at| *at > look.now);
        let left = left.map(|at| look.countdown(at));
        let text = format!("{glyph} {}", say!(look, "box-lost-in", left = left.clone()));
        self.right = (text, Some(Role::Failing));
        self.right_short = Some(left.unwrap_or_else(|| say!(look, "box-now")));
    }

    /// Errors by the metric alone, if the log shows no invocation.
    fn counted_errors(&mut self, vitals: Option<&Vitals>, look: &RenderContext) {
        let errors = vitals.map_or(0.0, |vitals| last_minutes(vitals, Metric::Errors, look));
        let role = match self.health {
            Health::Failing => Role::Failing,
            Health::Warning => Role::Warning,
            _ => return,
        };
        if errors >= 1.0 && matches!(self.left.1, Some(Role::Muted | Role::Unknown)) {
            let text = format!(
                "{} {}",
                look.glyphs.signs.failing,
                say!(look, "box-errors", n = text::number(errors))
            );
            self.left = (text, Some(role));
        }
    }

    /// Shows the reason of the status if there is no number.
    fn without_numbers(&mut self, vitals: Option<&Vitals>, look: &RenderContext) {
        let has_numbers = matches!(self.left.1, None | Some(Role::Failing | Role::Warning)) || !self.spark.is_empty();
        match self.health {
            Health::Failing | Health::Warning if !has_numbers => {
                let role = if self.health == Health::Failing {
                    Role::Failing
                } else {
                    Role::Warning
                };
                let why = vitals.map(|vitals| look.say(&vitals.why)).unwrap_or_default();
                if !why.is_empty() && !self.is_dead_letter_queue {
                    self.left = (why, Some(role));
                }
            }
            Health::Off if !self.is_dead_letter_queue => self.left = (say!(look, "box-disabled"), Some(Role::Off)),
            _ => {}
        }
    }

    fn function(&mut self, node: &Node, vitals: Option<&Vitals>, look: &RenderContext) {
        if matches!(&node.detail, Detail::Function(function) if function.reserved_concurrency == Some(0)) {
            self.right = (say!(look, "box-concurrency-zero"), Some(Role::Off));
        }
        let Some(vitals) = vitals else {
            self.left = (say!(look, "box-not-read"), Some(Role::Unknown));
            return;
        };
        let Some(runs) = &vitals.runs else {
            // A metric that was asked for was asked for over the whole hour.
            let metric = vitals.metrics.get(&Metric::Invocations);
            self.left =
                match metric.and_then(|series| rate(&series.points, None, series.read_at.unwrap_or(look.now), look)) {
                    Some(rate) => (rate, None),
                    None => (say!(look, "box-not-read"), Some(Role::Unknown)),
                };
            return;
        };
        if runs.read_to.is_none() && runs.starts.is_empty() && runs.failures.is_empty() {
            self.left = (say!(look, "box-not-read"), Some(Role::Unknown));
            return;
        }
        self.stale = runs.read_to.is_some_and(|at| look.is_older(at, 300));
        let rate = rate(&runs.starts, runs.read_since, runs.read_to.unwrap_or(look.now), look);
        let has_run = rate.is_some();
        self.left = match (rate, runs.last_start) {
            (Some(rate), _) => (rate, None),
            (None, Some(at)) => (say!(look, "box-ago", age = look.age(at)), Some(Role::Muted)),
            (None, None) => (say!(look, "box-quiet"), Some(Role::Muted)),
        };
        if let Some((failed, of)) = failing(runs, look.now) {
            // As its frame: one of twenty is no red number in a yellow box.
            let (glyph, role) = if self.health == Health::Failing {
                (look.glyphs.signs.failing, Role::Failing)
            } else {
                (look.glyphs.signs.warning, Role::Warning)
            };
            let (failed, of) = (text::count(failed.into()), text::count(of.into()));
            self.left = (format!("{glyph} {failed}/{of}"), Some(role));
            if let Some((at, _)) = &runs.last_error {
                let age = look.age(*at);
                self.right = (say!(look, "box-ago", age = age.as_str()), Some(Role::Muted));
                self.right_short = Some(age);
            }
        } else if let Some(throttles) = self.throttles(vitals, look) {
            let (glyph, role) = if self.health == Health::Failing {
                (look.glyphs.signs.failing, Role::Failing)
            } else {
                (look.glyphs.signs.warning, Role::Warning)
            };
            self.left = (format!("{glyph} {}", text::number(throttles)), Some(role));
            self.right = (say!(look, "box-throttled"), Some(role));
        } else if self.health == Health::Warning && vitals.why.is("trouble", "partial-failures") {
            self.right = (say!(look, "box-partial"), Some(Role::Warning));
            self.right_short = Some(look.glyphs.signs.warning.to_owned());
        } else if vitals.unexplained && self.right.0.is_empty() {
            self.right = (look.glyphs.signs.unknown.to_owned(), Some(Role::Unknown));
        } else if has_run && self.health == Health::Well && self.right.0.is_empty() {
            self.right = (say!(look, "box-ok"), Some(Role::Well));
            self.right_short = Some(String::new());
        }
    }

    /// Throttles in the last 5 min; in the last hour if they had consequences, so that the status is not OK.
    fn throttles(&self, vitals: &Vitals, look: &RenderContext) -> Option<f64> {
        let series = vitals.metrics.get(&Metric::Throttles)?;
        let to = series.read_at.unwrap_or(look.now);
        let within = |minutes| recent(&series.points, minutes, to);
        let is_bad = matches!(self.health, Health::Failing | Health::Warning);
        let minutes = [5, 15, 60].into_iter().find(|minutes| within(*minutes) > 0.0)?;
        (minutes == 5 || is_bad).then(|| within(minutes))
    }

    fn queue(&mut self, vitals: Option<&Vitals>, cannot_be_read: bool, look: &RenderContext) {
        let Some((vitals, depth)) = vitals.and_then(|v| Some((v, v.depth?))) else {
            // Beside a name there is room for a sign alone.
            let text = if self.is_dead_letter_queue {
                look.glyphs.signs.unknown.to_owned()
            } else {
                say!(look, "box-not-read")
            };
            self.left = (text, Some(Role::Unknown));
            return;
        };
        let total = depth.value.total();
        let role = match (total, self.health) {
            (0, _) => Some(Role::Muted),
            (_, Health::Failing) => Some(Role::Failing),
            (_, Health::Warning) => Some(Role::Warning),
            _ if self.is_dead_letter_queue => Some(Role::Warning),
            _ => None,
        };
        // Where depths cannot be read, one that is not quite fresh may be of before.
        self.stale = look.is_older(depth.at, if cannot_be_read { 30 } else { 300 });
        self.left = (text::count(total), role);
        if total > 0 || vitals.depths.iter().any(|point| point.value > 0.0) {
            self.spark = vitals.depths.iter().map(|point| point.value).collect();
        }
        if let Some(age) = oldest(vitals).filter(|age| total > 0 && *age > 0) {
            let age = text::span(age);
            if self.is_dead_letter_queue {
                self.foot = age;
            } else {
                self.right = (age, None);
            }
        }
    }

    fn other(&mut self, node: &Node, look: &RenderContext, snapshot: &Snapshot, edges: &Edges) {
        let text = match node.kind {
            NodeKind::Sns => say!(look, "box-feeds", n = triggers(&node.id, edges).count()),
            NodeKind::External => say!(look, "box-elsewhere"),
            _ => next_start(node, look, snapshot, edges)
                .or_else(|| {
                    triggers(&node.id, edges)
                        .flat_map(|edge| &edge.policies)
                        .find_map(edge_text::rule)
                })
                .or_else(|| match &node.detail {
                    Detail::Pairs(pairs) => pairs.first().map(|(_, value)| value.clone()),
                    _ => None,
                })
                .unwrap_or_default(),
        };
        self.left = (text, Some(Role::Muted));
    }
}

fn triggers<'a>(id: &'a NodeId, edges: &'a Edges) -> impl Iterator<Item = &'a Arc<Edge>> {
    edges.leaving(id).filter(|edge| edge.key.kind == EdgeKind::Trigger)
}

/// The next start of a rule or schedule as a countdown; `None` if it is unknown. For a rate, the last start is known to the minute
/// only.
fn next_start(node: &Node, look: &RenderContext, snapshot: &Snapshot, edges: &Edges) -> Option<String> {
    if !matches!(node.kind, NodeKind::Eventbridge | NodeKind::Schedule) {
        return None;
    }
    let (expression, zone) = triggers(&node.id, edges)
        .filter(|edge| edge.enabled)
        .flat_map(|edge| &edge.policies)
        .find_map(|policy| Some((policy.schedule.as_deref()?, policy.zone.as_deref())))?;
    let seen = snapshot
        .pulses
        .iter()
        // What may have come another way as well tells nothing of this one.
        .filter(|pulse| pulse.edge.from == node.id && !pulse.shared)
        .map(|pulse| pulse.at)
        .max();
    let counted = snapshot.vitals.get(&node.id).and_then(|vitals| {
        let points = &vitals.metrics.get(&Metric::RuleInvocations)?.points;
        points
            .iter()
            .rev()
            .find(|point| point.value > 0.0)
            .map(|point| point.at)
    });
    let next = schedule::next(expression, zone, seen.max(counted), look.now)?;
    let left = if expression.starts_with("rate") {
        look.about(next)
    } else {
        look.until(next)
    };
    Some(say!(look, "box-in", left = left))
}

/// The failures among the latest invocations, and their number; `None` if none failed or it was fixed since.
fn failing(runs: &Runs, now: Timestamp) -> Option<(u32, u32)> {
    let fails = runs.failed_in_row > 0 || !runs.lately.is_fixed();
    let lately = (fails && runs.lately.failed > 0).then(|| runs.lately.share(runs.failed_in_row));
    lately.or_else(|| failed_last(runs, now).map(|in_row| (in_row, in_row)))
}

/// The sum over the last minutes of a series before it was read: once reading stops, it neither falls nor rises.
fn recent(points: &[Point], minutes: i64, to: Timestamp) -> f64 {
    let from = to - SignedDuration::from_mins(minutes);
    points
        .iter()
        .filter(|point| point.at >= from && point.at <= to)
        .map(|point| point.value)
        .sum()
}

fn last_minutes(vitals: &Vitals, metric: Metric, look: &RenderContext) -> f64 {
    vitals.metrics.get(&metric).map_or(0.0, |series| {
        recent(&series.points, 5, series.read_at.unwrap_or(look.now))
    })
}

/// Invocations per minute, or per hour if there are few; a count and a duration if less than an hour was read. `None` if there
/// were none.
fn rate(points: &[Point], since: Option<Timestamp>, to: Timestamp, look: &RenderContext) -> Option<String> {
    let read = since.map_or(3_600, |since| to.duration_since(since).as_secs().max(60));
    let (now, hour) = (recent(points, 5, to), recent(points, 60, to));
    #[expect(clippy::cast_precision_loss, reason = "five minutes at the most")]
    let minutes = read.min(300) as f64 / 60.0;
    if now >= minutes {
        Some(say!(look, "box-per-minute", n = format!("{:.0}", now / minutes)))
    } else if hour > 0.0 {
        Some(match since.filter(|_| read < 3_600) {
            Some(since) => say!(look, "box-within", n = format!("{hour:.0}"), age = look.age(since)),
            None => say!(look, "box-per-hour", n = format!("{hour:.0}")),
        })
    } else {
        None
    }
}

/// The age of a queue's oldest message in seconds, as last read.
#[must_use]
pub fn oldest(vitals: &Vitals) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "seconds")]
    vitals
        .metrics
        .get(&Metric::OldestMessageAge)?
        .points
        .last()
        .map(|point| point.value as i64)
}

/// The edges of a topology by node.
#[derive(Debug, Default)]
pub struct Edges {
    out: BTreeMap<NodeId, Vec<Arc<Edge>>>,
    into: BTreeMap<NodeId, Vec<Arc<Edge>>>,
}

impl Edges {
    /// Indexes the edges of a topology.
    #[must_use]
    pub fn of(edges: &[Arc<Edge>]) -> Self {
        let mut index = Self::default();
        for edge in edges {
            index
                .out
                .entry(edge.key.from.clone())
                .or_default()
                .push(Arc::clone(edge));
            index
                .into
                .entry(edge.key.to.clone())
                .or_default()
                .push(Arc::clone(edge));
        }
        index
    }

    /// The edges that leave a node.
    pub fn leaving(&self, id: &NodeId) -> impl Iterator<Item = &Arc<Edge>> {
        self.out.get(id).into_iter().flatten()
    }

    /// The edges that reach a node.
    pub fn reaching(&self, id: &NodeId) -> impl Iterator<Item = &Arc<Edge>> {
        self.into.get(id).into_iter().flatten()
    }

    /// Whether a queue receives dead letters only.
    #[must_use]
    pub fn is_dead_letter_queue(&self, id: &NodeId) -> bool {
        let mut edges = self.reaching(id).peekable();
        edges.peek().is_some() && edges.all(|edge| edge.key.kind == EdgeKind::DeadLetter)
    }
}
