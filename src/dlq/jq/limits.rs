//! What the child may take, and what it takes.

use std::io;

/// Whether the system holds a process to its address space.
pub(super) const ENFORCED: bool = cfg!(any(target_os = "linux", target_os = "freebsd"));

/// Holds this process to so many bytes of address space and seconds of CPU time, and leaves no core file behind: messages
/// would be in it.
///
/// # Errors
/// If the system refuses.
#[cfg(unix)]
pub(super) fn set(memory: Option<u64>, seconds: u64) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};

    let hold = |resource, most| {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit)
    };
    hold(Resource::Core, 0)?;
    hold(Resource::Cpu, seconds)?;
    if let Some(memory) = memory {
        hold(Resource::As, memory)?;
    }
    // A core pattern that is a pipe ignores the limit.
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// Nothing that could be set.
#[cfg(not(unix))]
pub(super) fn set(_: Option<u64>, _: u64) -> io::Result<()> {
    Ok(())
}

/// Bytes of memory that a process has in use. `None` if the system does not tell.
#[cfg(target_os = "linux")]
pub(super) async fn resident(process: u32) -> Option<u64> {
    let status = tokio::fs::read_to_string(format!("/proc/{process}/status"))
        .await
        .ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    kilobytes(line)
}

/// Bytes of memory that a process has in use. `None` if the system does not tell.
#[cfg(all(unix, not(target_os = "linux")))]
pub(super) async fn resident(process: u32) -> Option<u64> {
    let mut command = tokio::process::Command::new("ps");
    command
        .args(["-o", "rss=", "-p", &process.to_string()])
        .kill_on_drop(true);
    let output = command.output().await.ok()?;
    kilobytes(std::str::from_utf8(&output.stdout).ok()?)
}

/// Bytes of memory that a process has in use. `None` if the system does not tell.
#[cfg(not(unix))]
pub(super) async fn resident(_: u32) -> Option<u64> {
    None
}

#[cfg(unix)]
fn kilobytes(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1_024)
}
