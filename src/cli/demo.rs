//! `pitagora demo`: the dashboard on a simulated account, or that account served to any AWS client.

mod fault;
mod knobs;

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};

use fault::fault;
use knobs::{full, tell, turn_knobs};

use super::failure::{Exit, Failure};
use super::tui::{self, Start};
use super::{Format, Globals, connect, console, stop};
use crate::aws::{Options, Session};
use crate::config::Config;
use crate::dlq::DlqContext;
use crate::domain::duration::duration;
use crate::domain::{Clock, MayWrite};
use crate::pollers::Pace;
use crate::sim::account::{Account, Home, Rule, SLOWED, SPEEDS, Trouble};
use crate::sim::behaviour::Behaviours;
use crate::sim::connector::InProcess;
use crate::sim::scenario::{self, Scenario, wording};
use crate::sim::server::{Reach, Server};
use crate::sim::world::World;
use crate::ui::text::bytes;
use crate::ui::{DemoHandle, DemoState};

/// Options of `pitagora demo`.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Name of a scenario (see --list), or a scenario file (TOML)
    scenario: Option<String>,
    /// List the scenarios
    #[arg(long)]
    list: bool,
    /// Output format of --list
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Simulated seconds per second: 0.1 to 3600 [default: the scenario's own on screen, 1 with --serve]
    #[arg(long, value_name = "N", value_parser = speed)]
    speed: Option<f64>,
    /// Serve the account to any AWS client at this address, without a screen
    #[arg(long, value_name = "ADDR")]
    serve: Option<SocketAddr>,
    /// Allow an address that others can reach: the account accepts any credentials
    #[arg(long, requires = "serve")]
    listen_anywhere: bool,
    /// Delay every response by this much, such as 15ms
    #[arg(long, value_name = "TIME", value_parser = latency)]
    latency: Option<Duration>,
    /// Make calls fail: sqs:GetQueueAttributes=AccessDenied, logs:*=throttle, sqs:SendMessage=500@10%, *=expired
    /// (repeatable)
    #[arg(long, value_name = "CALLS=WHAT")]
    fault: Vec<String>,
    /// Behaviour of functions that a client creates (TOML file)
    #[arg(long, value_name = "FILE")]
    behaviours: Option<PathBuf>,
}

/// An invalid `--latency`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a duration such as 15ms or 2s, at most 1h")]
struct InvalidLatency;

fn latency(text: &str) -> Result<Duration, InvalidLatency> {
    let longest = Duration::from_hours(1);
    let latency = duration(text).map_err(|_| InvalidLatency)?.unsigned_abs();
    (latency <= longest).then_some(latency).ok_or(InvalidLatency)
}

/// An invalid `--speed`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a number from 0.1 to 3600")]
struct InvalidSpeed;

fn speed(text: &str) -> Result<f64, InvalidSpeed> {
    let speed = text.parse().ok();
    speed.filter(|speed| SPEEDS.contains(speed)).ok_or(InvalidSpeed)
}

/// Runs the subcommand.
pub(super) async fn run(globals: &Globals, config: &Config, demo: Demo) -> Result<Exit, Failure> {
    if demo.list {
        return list(demo.format);
    }
    let plan = plan(globals, &demo)?;
    let Some(address) = demo.serve else {
        if !tui::has_terminal() {
            let why = "The demo needs a terminal. Without one, serve the account with `--serve 127.0.0.1:4566` and use \
            any AWS client.";
            return Err(Failure::usage(why));
        }
        return Box::pin(watch_it(globals, config, plan)).await;
    };
    if !demo.listen_anywhere && !address.ip().is_loopback() {
        return Err(Failure::usage(format_args!(
            "Refusing to serve on {address}: others can reach it, and the account accepts any credentials. Use \
            127.0.0.1:{}, or add --listen-anywhere.",
            address.port()
        )));
    }
    serve(plan.make()?, address, demo.listen_anywhere).await
}

/// What to simulate.
struct Plan {
    name: String,
    title: String,
    scenario: Scenario,
    region: Option<String>,
    behaviours: Option<Behaviours>,
    speed: Option<f64>,
    rules: Vec<Rule>,
}

impl Plan {
    /// Builds the account with its history, which takes a moment.
    fn make(self) -> Result<Arc<Account<World>>, Failure> {
        let now = Timestamp::now().as_millisecond();
        let mut world = self
            .scenario
            .build(now, self.region.as_deref())
            .map_err(|error| wrong_scenario(&self.name, &error))?;
        if let Some(behaviours) = self.behaviours {
            world.behaviours = behaviours;
        }
        let home = Home {
            account: world.account.clone(),
            region: world.region.clone(),
        };
        let speed = self.speed.unwrap_or_else(|| world.wanted_speed());
        let account = Account::new(world, home, now, speed);
        account.set_rules(self.rules);
        Ok(account)
    }
}

fn plan(globals: &Globals, demo: &Demo) -> Result<Plan, Failure> {
    // --behaviours are for functions that a client creates: start with an empty account.
    let default = if demo.behaviours.is_some() { "empty" } else { "pitagora" };
    let name = demo.scenario.as_deref().unwrap_or(default);
    let (title, scenario) = read_scenario(name)?;
    // On screen the demo ignores AWS settings; served, it uses the region that clients of this environment use.
    let from_env = || std::env::var("AWS_REGION").ok().filter(|region| !region.is_empty());
    let region = match (&globals.region, demo.serve) {
        (Some(region), _) => Some(region.clone()),
        (None, Some(_)) => Some(from_env().unwrap_or_else(|| "us-east-1".to_owned())),
        (None, None) => None,
    };
    Ok(Plan {
        name: name.to_owned(),
        title,
        scenario,
        region,
        behaviours: demo.behaviours.as_deref().map(read_behaviours).transpose()?,
        speed: demo.speed.or(demo.serve.map(|_| 1.0)),
        rules: rules(demo)?,
    })
}

fn read_scenario(name: &str) -> Result<(String, Scenario), Failure> {
    let parsed = if let Some(parsed) = scenario::built_in(name) {
        parsed
    } else {
        let text = std::fs::read_to_string(name).map_err(|error| {
            Failure::usage(format_args!(
                "No scenario {name:?}: it is not built in (see `pitagora demo --list`) and not a readable file ({error})."
            ))
        })?;
        Scenario::parse(&text)
    };
    let scenario = parsed.map_err(|error| wrong_scenario(name, &error))?;
    let title = if scenario.title.is_empty() {
        name.to_owned()
    } else {
        scenario.title.clone()
    };
    Ok((title, scenario))
}

fn wrong_scenario(name: &str, error: &scenario::Error) -> Failure {
    let why = error.why.trim_end_matches('.');
    Failure::usage(format_args!("{name}:{}: {why}.", error.line))
}

fn read_behaviours(path: &Path) -> Result<Behaviours, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format_args!("Could not read {shown}: {error}.")))?;
    Behaviours::parse(&text).map_err(|error| {
        let before = error.span().map_or("", |span| &text[..span.start.min(text.len())]);
        let line = before.matches('\n').count() + 1;
        Failure::usage(format_args!("{shown}:{line}: {}.", wording::reword(error.message())))
    })
}

fn rules(demo: &Demo) -> Result<Vec<Rule>, Failure> {
    let latency = demo.latency.map(|delay| Ok(Rule::all(Trouble::Slow(delay))));
    let faults = demo
        .fault
        .iter()
        .map(|text| fault(text).map_err(|why| Failure::usage(format_args!("Invalid --fault {text:?}: {why}."))));
    faults.chain(latency).collect()
}

fn list(format: Format) -> Result<Exit, Failure> {
    let mut rows = Vec::new();
    for name in scenario::names() {
        if let Some(Ok(scenario)) = scenario::built_in(name) {
            rows.push((name, scenario.title, scenario.description));
        }
    }
    let text = match format {
        Format::Json => {
            let rows: Vec<_> = rows
                .iter()
                .map(|(name, title, description)| json!({ "name": name, "title": title, "description": description }))
                .collect();
            format!("{:#}\n", json!(rows))
        }
        Format::Text => rows.iter().fold(String::new(), |mut text, (name, title, _)| {
            let _ = writeln!(text, "{name:<14} {title}");
            text
        }),
    };
    console::print("the list", &text)?;
    Ok(Exit::Done)
}

async fn serve(account: Arc<Account<World>>, address: SocketAddr, anywhere: bool) -> Result<Exit, Failure> {
    let reach = if anywhere { Reach::Anywhere } else { Reach::Loopback };
    let region = account.home().region.clone();
    let held = Arc::clone(&account);
    let server = Server::bind(account, address, reach).await.map_err(|error| {
        Failure::usage(format_args!(
            "Could not serve the account on {address} ({error}): choose another --serve address."
        ))
    })?;
    let address = server.address().unwrap_or(address);
    let text = format!("pitagora: the simulated account of region {region} listens on http://{address}\n");
    console::print("the account's address", &text)?;
    let watching = tokio::spawn(slowed(held));
    let ended = server.run(stop::token().cancelled_owned()).await;
    watching.abort();
    ended.map_err(|error| Failure::usage(format_args!("The server stopped: {error}.")))?;
    Ok(Exit::Done)
}

/// Reports when time is slowed because the account uses too much memory, and when it recovers.
async fn slowed(account: Arc<Account<World>>) {
    let mut turn = tokio::time::interval(Duration::from_secs(1));
    let mut was_full = false;
    loop {
        turn.tick().await;
        let full = account.with(|world| full(world));
        match full.filter(|_| !was_full) {
            Some((held, budget)) => console::say(format_args!(
                "The simulated account uses {} of its {} of memory: time runs at \u{d7}{SLOWED} until messages, items and \
                objects are deleted.",
                bytes(held),
                bytes(budget)
            )),
            None if was_full && full.is_none() => {
                console::say("The simulated account is within its memory budget again: time runs at its former speed.");
            }
            None => {}
        }
        was_full = full.is_some();
    }
}

async fn watch_it(globals: &Globals, config: &Config, plan: Plan) -> Result<Exit, Failure> {
    let settings = crate::ui::Settings {
        title: Some(plan.title.clone()),
        aim: None,
        ..tui::settings(globals, config)?
    };
    let filter = connect::only_pattern(&globals.only)?;
    let clock = Clock::told();
    // A held key repeats about thirty times a second while the account may be busy for seconds: lose no keystroke.
    let (turn, knobs) = mpsc::channel(256);
    let (say, state) = watch::channel(DemoState::default());
    let told = clock.clone();
    let right = MayWrite::unless(settings.read_only);
    let start = async move {
        // On its own thread, so that the screen opens meanwhile.
        let made = tokio::task::spawn_blocking(|| plan.make()).await;
        let account = made.map_err(Failure::usage)??;
        let worker =
            worker().map_err(|error| Failure::usage(format_args!("Could not start the account's thread: {error}.")))?;
        let options = Options {
            region: Some(account.home().region.clone()),
            http_client: Some(InProcess::at(Arc::clone(&account), worker.clone()).into()),
            clock: Some(told.clone()),
            simulated: true,
            // Timeouts are in wall time: a short one shows injected faults soon.
            timeout: Some(Duration::from_secs(3)),
            ..Options::default()
        };
        let session = Session::connect(options).await.map_err(Failure::no_connection)?;
        worker.spawn(Arc::clone(&account).drive());
        worker.spawn(turn_knobs(Arc::clone(&account), knobs));
        worker.spawn(tell(account, told, say));
        Ok(Start {
            context: DlqContext::new(session.clone(), right, false),
            session,
            filter,
            pace: Pace::DEMO,
            cache: None,
            declared: Vec::new(),
        })
    };
    let handle = DemoHandle { knobs: turn, state };
    Box::pin(tui::show(clock, settings, config.lines(), Some(handle), start)).await
}

/// Starts a thread for the account alone: its world may be busy for long, and screen and pollers must not wait for it. It
/// ends with the program.
fn worker() -> std::io::Result<Handle> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new()
        .name("account".to_owned())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    Ok(handle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_is_a_time_and_nothing_else() {
        assert_eq!(latency("15ms"), Ok(Duration::from_millis(15)));
        assert_eq!(latency("1m30s"), Ok(Duration::from_secs(90)));
        for bad in ["61m", "banana", "throttle", "500", "", "-1s"] {
            assert!(latency(bad).is_err_and(|why| why.to_string().contains("15ms")), "{bad}");
        }
    }
}
