//! The findings as text.

use std::fmt::Write as _;

use super::{Report, word};
use crate::doctor::Hint;
use crate::doctor::budget::Budget;
use crate::domain::NodeId;
use crate::domain::phrase::Arg;
use crate::domain::text::plain;
use crate::words::Words;

/// Sources that the name of a chain names.
const NAMED: usize = 3;

pub(super) fn text(report: &Report) -> String {
    let words = Words::utc();
    let mut text = String::new();
    for hint in &report.hints {
        finding(&mut text, report, hint, &words);
    }
    if report.hints.is_empty() {
        let _ = writeln!(text, "{}\n", plain(&nothing(report, &words)));
    }
    if !report.budgets.is_empty() {
        let _ = writeln!(text, "{}", words.text("doctor-budgets"));
        for one in &report.budgets {
            budget(&mut text, report, one, &words);
        }
        text.push('\n');
    }
    access(&mut text, report, &words);
    text
}

fn finding(text: &mut String, report: &Report, hint: &Hint, words: &Words) {
    let what = format!("{}: {}", report.name(&hint.of), words.say(&hint.what));
    let _ = writeln!(
        text,
        "{:<7} {}  [{}]",
        word(hint.severity),
        plain(&what),
        hint.rule.id()
    );
    let copy = report.copy(hint);
    for line in [
        words.say(&hint.why),
        words.say(&hint.cure.what),
        copy.unwrap_or_default(),
    ] {
        if !line.is_empty() {
            let _ = writeln!(text, "        {}", plain(&line));
        }
    }
    let _ = writeln!(text, "        {}\n", hint.rule.help());
}

fn nothing(report: &Report, words: &Words) -> String {
    let region = report.snapshot.scope.as_ref().map_or("", |scope| scope.region.as_str());
    let args = [
        ("nodes", report.snapshot.topology.nodes.len().into()),
        ("region", region.into()),
    ];
    let is_whole = report.unknown.is_empty() && report.snapshot.topology.complete;
    words.with(if is_whole { "doctor-none" } else { "doctor-none-but" }, &args)
}

fn budget(text: &mut String, report: &Report, one: &Budget, words: &Words) {
    let name = |id: &NodeId| Arg::from(report.name(id));
    let named: Vec<String> = one.sources.iter().take(NAMED).map(|id| report.name(id)).collect();
    let mut sources = named.join(", ");
    let more = one.sources.len().saturating_sub(NAMED);
    if more > 0 {
        sources = words.with("doctor-and-more", &[("names", sources.into()), ("more", more.into())]);
    }
    let chain = words.with(
        "doctor-chain",
        &[("sources", sources.into()), ("boxes", one.members.len().into())],
    );
    let first = match &one.first {
        Some(first) => words.with(
            "doctor-first",
            &[
                ("now", first.after.is_zero().into()),
                ("after", first.after.into()),
                ("at", name(&first.at)),
                ("why", first.why.clone().into()),
                ("to", name(&first.to)),
            ],
        ),
        None if one.unclear.is_empty() => words.text("doctor-no-loss"),
        None => String::new(),
    };
    let _ = writeln!(text, "  {}", plain(&chain));
    if !first.is_empty() {
        let _ = writeln!(text, "    {}", plain(&first));
    }
    for unclear in &one.unclear {
        let args = [
            ("from", name(&unclear.from)),
            ("to", name(&unclear.to)),
            ("why", unclear.why.clone().into()),
        ];
        let _ = writeln!(text, "    {}", plain(&words.with("doctor-unclear", &args)));
    }
}

fn access(text: &mut String, report: &Report, words: &Words) {
    let scope = report.snapshot.scope.as_deref();
    let (account, region) = scope.map_or(("", ""), |scope| (scope.account.as_str(), scope.region.as_str()));
    let title = words.with(
        "doctor-permissions",
        &[("account", account.into()), ("region", region.into())],
    );
    let _ = writeln!(text, "{}", plain(&title));
    let access = &report.access;
    let counts = [
        ("granted", access.granted.len().into()),
        ("denied", access.denied.len().into()),
        ("failed", access.failed.len().into()),
        ("untried", access.untried.len().into()),
    ];
    let _ = writeln!(text, "  {}", words.with("doctor-reads", &counts));
    for (key, actions) in [("doctor-denied", &access.denied), ("doctor-failed", &access.failed)] {
        for action in actions {
            let line = words.with(key, &[("action", action.as_str().into())]);
            let _ = writeln!(text, "  {}", plain(&line));
        }
    }
    let writes = super::access::REDRIVE.join(", ");
    let _ = writeln!(text, "  {}", words.with("doctor-writes", &[("actions", writes.into())]));
    let calls = &report.snapshot.cost.calls;
    let price = format!("${:.4}/h", calls.dollars_per_hour);
    let cost = words.with("doctor-cost", &[("calls", calls.total.into()), ("price", price.into())]);
    let _ = writeln!(text, "  {cost}");
}
