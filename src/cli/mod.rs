//! The command line: one file a subcommand. Each reads the same snapshot as the screen.

mod connect;
#[cfg(feature = "demo")]
mod demo;
mod dlq;
mod graph;
mod headless;
mod log_file;
mod logs;
mod retries;
mod status;
mod tui;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::Config;

/// Nothing went wrong.
pub const DONE: u8 = 0;
/// `status` found trouble.
pub const TROUBLE: u8 = 1;
/// Wrong usage, or a screen asked for without a terminal.
pub const USAGE: u8 = 2;
/// Done, but some source could not be read.
pub const PARTLY: u8 = 3;
/// No credentials, no region or no connection.
pub const NO_CONNECTION: u8 = 4;

/// Watch chains of AWS Lambda triggers live: which link is broken, what is retried, what is lost.
#[derive(Debug, Parser)]
#[command(name = "pitagora", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What every command takes, before or after its name.
#[derive(Clone, Debug, Default, Args)]
pub struct Globals {
    /// AWS profile
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// AWS region
    #[arg(long, global = true, value_name = "NAME")]
    pub region: Option<String>,
    /// Talk to this endpoint in place of AWS
    #[arg(long, global = true, value_name = "URL", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub endpoint_url: Option<String>,
    /// Only the resources of this `CloudFormation` stack, and what they touch
    #[arg(long, global = true, value_name = "NAME")]
    pub stack: Option<String>,
    /// Only resources with this tag, and what they touch
    #[arg(long, global = true, value_name = "K=V", value_parser = tag)]
    pub tag: Option<String>,
    /// Only names that match this pattern, and what they touch (may be given several times)
    #[arg(long, global = true, value_name = "GLOB")]
    pub only: Vec<String>,
    /// Never write to AWS
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Configuration file
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Theme: dark, light, sixteen, or one of your own
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,
}

fn tag(text: &str) -> Result<String, String> {
    crate::config::tag_parts(text).map(|_| text.to_owned())
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The dashboard on a simulated account: no AWS, no network
    #[cfg(feature = "demo")]
    Demo(demo::Demo),
    /// Print the chain
    Graph {
        /// How
        #[arg(long, value_enum, default_value_t = GraphFormat::Text)]
        format: GraphFormat,
    },
    /// Print the lines of functions' logs, in time order
    Logs(logs::Ask),
    /// Print one line for each link that needs a look; exit 1 if there is one
    Status {
        /// How
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Dead letters: list the queues, read one, export it, put letters back (redrive)
    Dlq {
        #[command(subcommand)]
        which: dlq::Dlq,
    },
    /// Print every event that is tried again: its attempts, when the next one comes, and where it ends
    Retries(retries::Retries),
}

/// How a graph is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum GraphFormat {
    Text,
    Json,
    Mermaid,
    Dot,
}

/// How anything else is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Ended by that signal, as a shell tells it.
pub const BY_SIGNAL: u8 = 128;

/// Runs the command line; the exit codes are those of the contract.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors, and a closed pipe is none of ours.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { USAGE } else { DONE });
        }
    };
    log_file::start();
    let config = match Config::load(cli.globals.config.as_deref()) {
        Ok(config) => config,
        Err(error) => return refuse(USAGE, &error.to_string()),
    };
    // Also where no screen opens: what is wrong in the file is said the first time it is read.
    if let Err(error) = tui::settings(&cli.globals, &config) {
        return error;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return refuse(USAGE, &format!("The program could not start its threads ({error}).")),
    };
    let code = runtime.block_on(async {
        match cli.command {
            #[cfg(feature = "demo")]
            Some(Command::Demo(demo)) => Box::pin(demo::run(&cli.globals, &config, demo)).await,
            Some(Command::Logs(ask)) => logs::run(&cli.globals, &config, ask).await,
            None => tui::run(&cli.globals, &config).await,
            Some(Command::Graph { format }) => graph::run(&cli.globals, &config, format).await,
            Some(Command::Dlq { which }) => dlq::run(&cli.globals, &config, which).await,
            Some(Command::Status { format }) => status::run(&cli.globals, &config, format).await,
            Some(Command::Retries(asked)) => retries::run(&cli.globals, &config, asked).await,
        }
    });
    // Calls under way are not waited for.
    runtime.shutdown_background();
    code
}

/// Says in one sentence why not, and with which exit code.
fn refuse(code: u8, why: &str) -> ExitCode {
    eprintln!("pitagora: {why}");
    ExitCode::from(code)
}

/// Prints to stdout. A reader that went away ends the command quietly, as with any other tool.
fn print(text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
