//! `pitagora journeys`: events that entered the chain and have not come out, and how long hops take.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::failure::{Exit, Failure};
use super::journey::{held, read};
use super::retries::unread_since;
use super::{Format, Globals, console};
use crate::config::Config;
use crate::domain::duration::{duration, span};
use crate::domain::phrase::Arg;
use crate::domain::text::{plain, plain_json};
use crate::domain::{NodeId, Unknown};
use crate::journey::standing::{Figures, Standing, State, figures, standings};
use crate::journey::{Journey, Keys, Ways, all};
use crate::store::Snapshot;
use crate::words::Words;

/// Options of `pitagora journeys`.
#[derive(Args, Debug)]
pub(super) struct Asked {
    /// How far back to read logs (90s, 15m, 2h, 1d)
    #[arg(long, default_value = "15m", value_name = "TIME", value_parser = duration)]
    since: SignedDuration,
    /// Only events that have stood where they are for so long
    #[arg(long, default_value = "5m", value_name = "TIME", value_parser = duration)]
    stuck: SignedDuration,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// An event that has not come out.
struct Stuck<'a> {
    journey: &'a Journey,
    standing: Standing,
    age: SignedDuration,
}

/// Runs the subcommand.
pub(super) async fn run(globals: &Globals, config: &Config, asked: Asked) -> Result<Exit, Failure> {
    let keys = Keys::new(&config.journey.keys()).map_err(Failure::usage)?;
    let snapshot = read(globals, config, asked.since).await?;
    let unread = unread_since(&snapshot, asked.since);
    let unknown: Vec<&Unknown> = snapshot.unknown().into_iter().chain(&unread).collect();
    let now = snapshot.as_of.unwrap_or_default();
    let from = now.checked_sub(asked.since).unwrap_or(Timestamp::MIN);
    let journeys = all(&held(&snapshot, &keys), from, now);
    let ways = Ways::of(&snapshot.topology.nodes, &snapshot.topology.edges);
    let stuck = stuck(&journeys, &ways, now, asked.stuck);
    let figures = figures(&journeys);
    let printed = match asked.format {
        Format::Json => plain_json(&format!("{:#}\n", document(&stuck, &figures, journeys.len(), &unknown))),
        Format::Text => text(&snapshot, &stuck, &figures, journeys.len()),
    };
    console::print("the journeys", &printed)?;
    console::say_unknown(&unknown);
    Ok(Exit::partly_if(!unknown.is_empty()))
}

fn stuck<'a>(journeys: &'a [Journey], ways: &Ways, now: Timestamp, least: SignedDuration) -> Vec<Stuck<'a>> {
    let of = |journey: &'a Journey| {
        standings(journey, ways)
            .into_iter()
            .map(move |standing| (journey, standing))
    };
    let mut all: Vec<Stuck> = journeys
        .iter()
        .flat_map(of)
        .filter(|(_, standing)| standing.state != State::Finished)
        .filter_map(|(journey, standing)| {
            let age = now.duration_since(standing.since?);
            (age >= least).then_some(Stuck { journey, standing, age })
        })
        .collect();
    // What fails first, then what waits; the longest first.
    all.sort_by_key(|one| (one.standing.state, std::cmp::Reverse(one.age)));
    all
}

fn name(snapshot: &Snapshot, id: &NodeId) -> String {
    let node = snapshot.topology.nodes.get(id);
    plain(node.map_or_else(|| id.short_name(), |node| &node.name)).into_owned()
}

/// The key of a state.
const fn state(state: State) -> &'static str {
    match state {
        State::Running => "journeys-running",
        State::Retrying => "journeys-retrying",
        State::Failed => "journeys-failed",
        State::DeadLettered => "journeys-dead-lettered",
        State::Lost => "journeys-lost",
        State::NotSeenAfter => "journeys-not-seen-after",
        State::Finished => "journeys-finished",
        State::Unknown => "journeys-unknown",
    }
}

fn text(snapshot: &Snapshot, stuck: &[Stuck], figures: &BTreeMap<NodeId, Figures>, count: usize) -> String {
    let words = Words::utc();
    let mut text = words.with("journeys-title", &[("n", count.into()), ("stuck", stuck.len().into())]) + "\n";
    for one in stuck {
        let hop = &one.journey.hops[one.standing.hop];
        let request = hop.attempts.last().map_or("", |run| &run.request_id);
        let at = one
            .standing
            .since
            .map_or_else(|| "?".to_owned(), |at| at.strftime("%H:%M:%S").to_string());
        let _ = writeln!(
            text,
            "  {at}  {}  {}  {}  {}",
            name(snapshot, &hop.function),
            words.text(state(one.standing.state)),
            words.with("journeys-for", &[("age", Arg::Text(span(one.age.as_secs())))]),
            plain(request)
        );
    }
    let length = |length: Option<SignedDuration>| {
        length.map_or_else(|| "-".to_owned(), |length| format!("{} ms", length.as_millis()))
    };
    for (function, figures) in figures {
        let args = [
            ("function", Arg::Text(name(snapshot, function))),
            ("n", figures.count().into()),
            ("wait", Arg::Text(length(figures.wait(50)))),
            ("wait_most", Arg::Text(length(figures.wait(95)))),
            ("run", Arg::Text(length(figures.run(50)))),
            ("run_most", Arg::Text(length(figures.run(95)))),
        ];
        let _ = writeln!(text, "  {}", words.with("journeys-hop", &args));
    }
    let slowest = figures.iter().max_by_key(|(_, figures)| {
        let total = |part: Option<SignedDuration>| part.unwrap_or(SignedDuration::ZERO);
        total(figures.wait(95)) + total(figures.run(95))
    });
    if let Some((function, _)) = slowest.filter(|_| figures.len() > 1) {
        let slowest = words.with("journeys-slowest", &[("function", Arg::Text(name(snapshot, function)))]);
        let _ = writeln!(text, "{slowest}");
    }
    text
}

fn document(stuck: &[Stuck], figures: &BTreeMap<NodeId, Figures>, count: usize, unknown: &[&Unknown]) -> Value {
    let ms =
        |length: Option<SignedDuration>| length.map(|length| i64::try_from(length.as_millis()).unwrap_or(i64::MAX));
    json!({
        "journeys": count,
        "stuck": stuck.iter().map(|one| {
            let hop = &one.journey.hops[one.standing.hop];
            json!({
                "function": hop.function,
                "request_id": hop.attempts.last().map(|run| &run.request_id),
                "state": one.standing.state,
                "since": one.standing.since.map(|at| format!("{at:.3}")),
                "entered": one.journey.hops.first().and_then(|hop| hop.begin()).map(|at| format!("{at:.3}")),
            })
        }).collect::<Vec<_>>(),
        "hops": figures.iter().map(|(function, figures)| json!({
            "function": function,
            "events": figures.count(),
            "wait_p50_ms": ms(figures.wait(50)),
            "wait_p95_ms": ms(figures.wait(95)),
            "run_p50_ms": ms(figures.run(50)),
            "run_p95_ms": ms(figures.run(95)),
        })).collect::<Vec<_>>(),
        "complete": unknown.is_empty(),
        "unknown": unknown,
    })
}
