//! The command line, one file per subcommand. Each reads the same snapshot as the screen.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod chosen;
mod config;
mod connect;
#[cfg(feature = "demo")]
mod demo;
mod dlq;
mod doctor;
mod failure;
mod graph;
mod headless;
mod jq_child;
mod log_file;
mod logs;
mod patience;
mod retries;
mod shell;
mod status;
mod stop;
mod tui;
pub(crate) mod unread;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::Config;
use crate::console;
use failure::{Exit, Failure};

/// Watch chains of AWS Lambda triggers live: which link is broken, what is retried, what is lost.
#[derive(Debug, Parser)]
#[command(name = "pitagora", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Options of every command, before or after its name.
#[derive(Clone, Debug, Default, Args)]
pub struct Globals {
    /// AWS profile
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// AWS region
    #[arg(long, global = true, value_name = "NAME")]
    pub region: Option<String>,
    /// Use this endpoint instead of AWS
    #[arg(long, global = true, value_name = "URL", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub endpoint_url: Option<String>,
    /// Only resources of this CloudFormation stack, and what they are connected to
    #[arg(long, global = true, value_name = "NAME")]
    pub stack: Option<String>,
    /// Only resources with this tag, and what they are connected to
    #[arg(long, global = true, value_name = "K=V", value_parser = tag)]
    pub tag: Option<String>,
    /// Only resources whose name matches this pattern, and what they are connected to (repeatable)
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

fn tag(text: &str) -> Result<String, Failure> {
    let parts = crate::config::tag_parts(text).map_err(Failure::usage);
    parts.map(|_| text.to_owned())
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the dashboard on a simulated account: no AWS, no network
    #[cfg(feature = "demo")]
    Demo(demo::Demo),
    /// Print the chain of triggers
    Graph {
        /// Output format
        #[arg(long, value_enum, default_value_t = GraphFormat::Text)]
        format: GraphFormat,
    },
    /// Print log lines of functions, merged in time order
    Logs(logs::Ask),
    /// Print the issues, one line each; exit code 1 if there are any
    Status {
        /// Output format
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Print settings that put events at risk, when the first event would be lost, and which permissions there are; exit code 1 if
    /// there are findings
    Doctor {
        /// Output format
        #[arg(long, value_enum, default_value_t = doctor::DoctorFormat::Text)]
        format: doctor::DoctorFormat,
    },
    /// Dead-letter queues (DLQ): list them, read, export and redrive their messages
    Dlq {
        #[command(subcommand)]
        which: dlq::Dlq,
    },
    /// Print every event being retried: its attempts, the next one, and where it goes after the last
    Retries(retries::Retries),
    /// Print every setting with its value and where it comes from
    Config {
        /// Output format
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Print the completions of a shell
    Completions(shell::Completions),
    /// Print the manual page
    Man(shell::Man),
}

/// Output formats of `graph`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum GraphFormat {
    Text,
    Json,
    Mermaid,
    Dot,
}

/// Output formats of the other commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Runs the command line and returns an exit code of the contract.
#[must_use]
pub fn run() -> ExitCode {
    // Before all else: it has neither configuration nor log, and is alone in its process.
    if jq_child::is_asked(std::env::args_os().skip(1)) {
        return ExitCode::from(jq_child::run());
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // `--help` and `--version` are not errors, and a closed pipe is not ours.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { Exit::Usage } else { Exit::Done });
        }
    };
    let code = log_file::start()
        .and_then(|()| start(cli))
        .unwrap_or_else(ExitCode::from);
    console::finish();
    code
}

fn start(cli: Cli) -> Result<ExitCode, Failure> {
    // Whoever makes a package runs these where nothing is configured, or wrongly.
    match &cli.command {
        Some(Command::Completions(asked)) => return shell::completions(asked).map(ExitCode::from),
        Some(Command::Man(asked)) => return shell::man(asked).map(ExitCode::from),
        _ => {}
    }
    let config = Config::load(cli.globals.config.as_deref()).map_err(Failure::usage)?;
    // Even without a screen, so that a mistake in the file is reported by the first command that reads it.
    tui::settings(&cli.globals, &config)?;
    if let Some(Command::Config { format }) = cli.command {
        return config::run(&cli.globals, &config, format).map(ExitCode::from);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::usage(format_args!("Could not start the program's threads: {error}.")))?;
    let ended = runtime.block_on(async {
        let ended = match cli.command {
            #[cfg(feature = "demo")]
            Some(Command::Demo(demo)) => Box::pin(demo::run(&cli.globals, &config, demo)).await,
            Some(Command::Logs(ask)) => logs::run(&cli.globals, &config, ask).await,
            None => tui::run(&cli.globals, &config).await,
            Some(Command::Graph { format }) => graph::run(&cli.globals, &config, format).await,
            Some(Command::Dlq { which }) => dlq::run(&cli.globals, &config, which).await,
            Some(Command::Status { format }) => status::run(&cli.globals, &config, format).await,
            Some(Command::Doctor { format }) => doctor::run(&cli.globals, &config, format).await,
            Some(Command::Retries(asked)) => retries::run(&cli.globals, &config, asked).await,
            Some(Command::Config { .. } | Command::Completions(_) | Command::Man(_)) => Ok(Exit::Done),
        };
        ended.map(ExitCode::from)
    });
    // Do not wait for calls in progress.
    runtime.shutdown_background();
    ended
}
