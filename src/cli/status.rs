//! `pitagora status`: the issues, one line each, worst first.

use std::fmt::Write as _;

use serde_json::json;

use super::failure::{Exit, Failure};
use super::graph::nothing;
use super::headless::{Need, look, matched, untold};
use super::{Format, Globals, console};
use crate::config::Config;
use crate::domain::NodeId;
use crate::domain::duration::span;
use crate::domain::text::{plain, plain_json};
use crate::store::Snapshot;
use crate::store::health;
use crate::store::issues::{Issue, issues};
use crate::store::no_loss::Unseen;
use crate::store::snapshot::{Change, Severity, Trouble};
use crate::words::{Words, spelled};

/// Runs the subcommand.
pub(super) async fn run(globals: &Globals, config: &Config, format: Format) -> Result<Exit, Failure> {
    let snapshot = look(globals, config, Need::Vitals).await?;
    matched(&snapshot, globals, config)?;
    let unknown = snapshot.unknown();
    let unseen = unseen(&snapshot);
    let changes: Vec<&Change> = snapshot
        .answers
        .changes
        .iter()
        .filter(|change| change.errors_since.is_some())
        .collect();
    let text = match format {
        Format::Json => plain_json(&format!(
            "{:#}\n",
            spelled(
                &Words::utc(),
                json!({
                    "links": *snapshot.troubles,
                    "changes": changes,
                    "complete": snapshot.topology.complete && unknown.is_empty() && unseen.is_none(),
                    "unknown": unknown,
                    "unproved": snapshot.unproved(),
                })
            )
        )),
        Format::Text => text(&snapshot),
    };
    console::print("the status", &text)?;
    console::say_unknown(&unknown);
    let open = unproved(snapshot.unproved().len()).filter(|_| !snapshot.troubles.is_empty());
    if let Some(open) = open.filter(|_| format == Format::Text) {
        console::say(format_args!("unknown: {open}."));
    }
    if let Some(unseen) = unseen.as_ref().filter(|_| unknown.is_empty()) {
        console::say(format_args!("unknown: {unseen}."));
    }
    let is_unknown = !unknown.is_empty() || unseen.is_some();
    // Notices are listed, but do not count as issues.
    let trouble = snapshot
        .troubles
        .iter()
        .any(|trouble| trouble.severity > Severity::Notice);
    Ok(if trouble {
        Exit::Trouble
    } else {
        Exit::partly_if(is_unknown)
    })
}

/// Which evidence of losses was not read; `None` if all was.
fn unseen(snapshot: &Snapshot) -> Option<String> {
    let failed = || match untold(snapshot).len() {
        0 => None,
        1 => Some("whether 1 failing function lost events: its log was not read completely".to_owned()),
        n => Some(format!(
            "whether {n} failing functions lost events: their logs were not read completely"
        )),
    };
    snapshot
        .unseen()
        .map(|unseen| Words::utc().say(&unseen.into()))
        .or_else(failed)
}

fn text(snapshot: &Snapshot) -> String {
    let mut text = String::new();
    let name = |id: &NodeId| {
        let node = snapshot.topology.nodes.get(id);
        node.map_or_else(|| elsewhere(id), |node| node.name.clone())
    };
    for issue in issues(&snapshot.troubles, name) {
        let _ = writeln!(text, "{}", line(snapshot, &issue));
    }
    if snapshot.topology.nodes.is_empty() {
        return nothing(snapshot);
    }
    if text.is_empty() {
        let links = snapshot.topology.nodes.len();
        // Name the region: in the wrong one, everything looks fine.
        let place = snapshot.scope.as_ref().map_or("", |scope| scope.region.as_str());
        let place = if place.is_empty() {
            String::new()
        } else {
            format!(" in {}", plain(place))
        };
        let unproved = unproved(snapshot.unproved().len());
        let said = |unseen: Unseen| Words::utc().say(&unseen.into());
        let _ = match (snapshot.unseen(), unproved) {
            (None, None) => writeln!(text, "{links} nodes{place}: no issues."),
            (None, Some(unproved)) => writeln!(text, "{links} nodes{place}: no issues found, but {unproved}."),
            (Some(why), None) => writeln!(
                text,
                "{links} nodes{place}: no issues found, but {}: not known to be OK.",
                said(why)
            ),
            (Some(why), Some(unproved)) => writeln!(
                text,
                "{links} nodes{place}: no issues found, but {}: not known to be OK; and {unproved}.",
                said(why)
            ),
        };
    }
    text
}

/// The latest change of a node before its errors began, and how long before the first one.
fn blamed(snapshot: &Snapshot, trouble: &Trouble) -> Option<String> {
    // Only for issues whose first failure was observed.
    let since = trouble.since.filter(|_| trouble.last.is_some() && !trouble.longer)?;
    let changes = snapshot.answers.changes.iter();
    let of_node = changes.filter(|change| change.node == trouble.id && change.errors_since == Some(since));
    let change = of_node.max_by_key(|change| change.at)?;
    let before = span(since.duration_since(change.at).as_secs());
    Some(format!(
        "{} {before} before the first error",
        Words::utc().say(&change.what)
    ))
}

/// The number of links not proven to deliver; `None` if all are.
fn unproved(links: usize) -> Option<String> {
    let many = match links {
        0 => return None,
        1 => "1 link is not proven to deliver".to_owned(),
        n => format!("{n} links are not proven to deliver"),
    };
    Some(format!("{many} (see --format json)"))
}

/// What something is called that is no node of the chain.
fn elsewhere(id: &NodeId) -> String {
    health::name_elsewhere(id).map_or_else(|| id.to_string(), |elsewhere| Words::utc().say(&elsewhere.into()))
}

fn line(snapshot: &Snapshot, issue: &Issue) -> String {
    let words = Words::utc();
    let trouble = &issue.trouble;
    let node = snapshot.topology.nodes.get(&trouble.id);
    let name = node.map_or_else(
        || elsewhere(&trouble.id),
        |node| format!("{} {}", node.label(), node.name),
    );
    let word = match trouble.severity {
        Severity::Loss => "LOST   ",
        Severity::Failing => "FAILING",
        Severity::Warning => "warning",
        Severity::Notice => "notice ",
    };
    let mut line = if issue.stands_for > 1 {
        format!("{word} {}", plain(&words.say(&trouble.what)))
    } else {
        format!("{word} {}: {}", plain(&name), plain(&words.say(&trouble.what)))
    };
    let is_lost = trouble.severity == Severity::Loss;
    if let (Some(due), Some(now)) = (trouble.due, snapshot.as_of) {
        let left = due.duration_since(now).as_secs();
        line.push_str(if is_lost { ", next" } else { "" });
        line = match left {
            1.. => format!("{line} in {}", countdown(left)),
            _ => format!("{line} now"),
        };
        if !is_lost {
            let _ = write!(line, ", {}", plain(&words.say(&trouble.why)));
        }
    }
    if let (Some(last), Some(now)) = (trouble.last, snapshot.as_of) {
        let _ = write!(line, ", last {} ago", span(now.duration_since(last).as_secs().max(0)));
    }
    if let (Some(since), Some(now)) = (trouble.since, snapshot.as_of) {
        let longer = if trouble.longer { "more than " } else { "" };
        let _ = write!(
            line,
            ", for {longer}{}",
            span(now.duration_since(since).as_secs().max(0))
        );
    }
    if trouble.due.is_none()
        && let Some(change) = blamed(snapshot, trouble)
    {
        let _ = write!(line, ", {change}");
    }
    if !trouble.why.is_empty() && (is_lost || trouble.due.is_none()) {
        let _ = write!(line, " — {}", plain(&words.say(&trouble.why)));
    }
    if !trouble.next.is_empty() {
        let _ = write!(line, " — {}", plain(&words.say(&trouble.next)));
    }
    line
}

/// The time left: `01:34`, or `2 h` and the like from one hour on.
fn countdown(seconds: i64) -> String {
    match seconds.max(0) {
        seconds @ 0..3_600 => format!("{:02}:{:02}", seconds / 60, seconds % 60),
        seconds => span(seconds),
    }
}
