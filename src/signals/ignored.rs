//! Which signals were ignored when the program began. Who starts it so wants them to stay so: `nohup` a hang-up, a script
//! with a job in the background Ctrl-C.

use super::Ending;

/// Signals by their numbers, the lowest bit being the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ignored(u64);

impl Ignored {
    pub(super) fn contains(self, ending: Ending) -> bool {
        let bit = u32::from(ending.number()).wrapping_sub(1);
        1_u64.checked_shl(bit).is_some_and(|bit| self.0 & bit != 0)
    }

    /// What `/proc/PID/status` says.
    fn of_status(status: &str) -> Self {
        let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        Self(mask.unwrap_or_default())
    }
}

/// Nothing where the system does not tell it in a file, as macOS does not.
pub(super) fn at_start() -> Ignored {
    let status = std::fs::read_to_string("/proc/self/status");
    status.map_or_else(|_| Ignored::default(), |status| Ignored::of_status(&status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nohup_ignores_is_known() {
        // Rust itself ignores SIGPIPE, which is 13.
        let status =
            "Name:\tpitagora\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000000440\n";
        let ignored = Ignored::of_status(status);
        let all = Ending::ALL.into_iter().filter(|ending| ignored.contains(*ending));
        assert_eq!(all.collect::<Vec<_>>(), [Ending::HangUp]);
        assert_eq!(Ignored::of_status("no such line"), Ignored::default());
    }
}
