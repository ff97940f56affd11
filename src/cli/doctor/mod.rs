//! `pitagora doctor`: settings that put events at risk, the loss budget of each chain, and what the caller may read.

mod access;
mod json;
mod sarif;
mod text;

use clap::ValueEnum;

use super::failure::{Exit, Failure};
use super::headless::{Need, look, matched};
use super::{Globals, console};
use crate::config::Config;
use crate::doctor::budget::{Budget, budgets};
use crate::doctor::{Hint, hints, unjudged};
use crate::domain::phrase::Phrase;
use crate::domain::text::{plain, plain_json};
use crate::domain::{NodeId, Unknown};
use crate::store::Snapshot;
use crate::store::snapshot::Severity;
use crate::words::Words;
use access::Access;

/// Output formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DoctorFormat {
    Text,
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// What was found.
struct Report<'a> {
    snapshot: &'a Snapshot,
    hints: Vec<Hint>,
    unjudged: Vec<Phrase>,
    budgets: Vec<Budget>,
    access: Access,
    unknown: Vec<&'a Unknown>,
    /// The flags by which a command reaches the account that was looked at.
    flags: Vec<String>,
}

impl Report<'_> {
    fn name(&self, id: &NodeId) -> String {
        let node = self.snapshot.topology.nodes.get(id);
        node.map_or_else(
            || id.short_name().to_owned(),
            |node| format!("{} {}", node.label(), node.name),
        )
    }

    /// What to copy, in one line.
    fn copy(&self, hint: &Hint) -> Option<String> {
        let flags: Vec<&str> = self.flags.iter().map(String::as_str).collect();
        hint.cure.copy.as_ref()?.line(&flags)
    }
}

/// Runs the subcommand.
pub(super) async fn run(globals: &Globals, config: &Config, format: DoctorFormat) -> Result<Exit, Failure> {
    let looked = look(globals, config, Need::Vitals).await?;
    matched(&looked, globals, config)?;
    let unknown = looked.unknown();
    let report = Report {
        hints: hints(&looked),
        unjudged: unjudged(&looked),
        budgets: budgets(&looked),
        access: Access::of(&looked),
        flags: flags(globals, &looked),
        snapshot: &looked,
        unknown,
    };
    let text = match format {
        DoctorFormat::Text => text::text(&report),
        DoctorFormat::Json => plain_json(&format!("{:#}\n", json::document(&report))),
        DoctorFormat::Sarif => plain_json(&format!("{:#}\n", sarif::document(&report))),
    };
    console::print("the findings", &text)?;
    console::say_unknown(&report.unknown);
    let words = Words::utc();
    for what in &report.unjudged {
        let said = words.with("doctor-unjudged", &[("what", what.clone().into())]);
        console::say(plain(&said));
    }
    Ok(if report.hints.is_empty() {
        Exit::partly_if(!report.unknown.is_empty())
    } else {
        Exit::Trouble
    })
}

fn flags(globals: &Globals, snapshot: &Snapshot) -> Vec<String> {
    let region = snapshot.scope.as_ref().map(|scope| scope.region.clone());
    let given = [
        ("--region", region.as_ref()),
        ("--profile", globals.profile.as_ref()),
        ("--endpoint-url", globals.endpoint_url.as_ref()),
    ];
    let given = given
        .into_iter()
        .filter_map(|(flag, value)| Some([flag.to_owned(), value?.clone()]));
    given.flatten().collect()
}

/// A severity in one word.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Loss | Severity::Failing => "error",
        Severity::Warning => "warning",
        Severity::Notice => "notice",
    }
}
