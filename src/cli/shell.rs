//! What a shell and `man` want: completions, and manual pages.

use std::path::PathBuf;

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::failure::{Exit, Failure};
use super::{Cli, console};

/// What `pitagora completions` takes.
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// Shell
    shell: Shell,
}

/// What `pitagora man` takes.
#[derive(Debug, Args)]
pub(super) struct Man {
    /// Write a page for each command into this directory instead of printing the first one
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Prints the completions of a shell.
pub(super) fn completions(asked: &Completions) -> Result<Exit, Failure> {
    console::print("The completions", &script(asked.shell))?;
    Ok(Exit::Done)
}

fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "pitagora", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// Prints the manual page, or writes all of them.
pub(super) fn man(asked: &Man) -> Result<Exit, Failure> {
    let failed = |to: &str, error: &std::io::Error| {
        Failure::usage(format_args!("The manual could not be written to {to} ({error})."))
    };
    // Nobody wants a page about `help`.
    let mut command = Cli::command()
        .disable_help_subcommand(true)
        .mut_subcommands(|command| command.disable_help_subcommand(true));
    command.build();
    if let Some(dir) = &asked.dir {
        let to = dir.display().to_string();
        std::fs::create_dir_all(dir).map_err(|error| failed(&to, &error))?;
        clap_mangen::generate_to(command, dir).map_err(|error| failed(&to, &error))?;
        return Ok(Exit::Done);
    }
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(command).render(&mut page);
    rendered.map_err(|error| failed("stdout", &error))?;
    console::print("The manual", &String::from_utf8_lossy(&page))?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn every_shell_completes_every_command() {
        for shell in Shell::value_variants() {
            let script = script(*shell);
            for command in Cli::command()
                .get_subcommands()
                .filter(|command| !command.is_hide_set())
            {
                assert!(script.contains(command.get_name()), "{shell}: {}", command.get_name());
            }
        }
    }

    #[test]
    fn every_command_has_a_page() {
        let dir = tempfile::tempdir().expect("a directory");
        let asked = Man {
            dir: Some(dir.path().join("man1")),
        };
        assert_eq!(man(&asked), Ok(Exit::Done));
        let page = |name: &str| std::fs::read_to_string(dir.path().join("man1").join(name)).expect(name);
        assert!(page("pitagora.1").contains("\\-\\-profile"), "{}", page("pitagora.1"));
        assert!(page("pitagora-dlq-redrive.1").contains("\\-\\-resume"));
        assert!(!dir.path().join("man1/pitagora-help.1").exists());
    }
}
