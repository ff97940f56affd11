//! Whether somebody insists: says a second time that the program is to end, and means now.

use std::time::{Duration, Instant};

use super::Ending;

/// So soon after the first, a signal is its echo: `timeout` sends its signal to the program and then to its group, which is
/// the program once more, and so do wrappers that hand on what the terminal has sent to all.
const ECHO: Duration = Duration::from_millis(300);

/// What was heard so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Insistence {
    first: Option<Instant>,
}

impl Insistence {
    /// Takes in a signal; says whether it insists.
    ///
    /// A hang-up never does: the system, the shell and `systemd` each send one of their own. Nor does what comes by itself,
    /// again and again, such as SIGXCPU.
    pub(super) fn insists(&mut self, ending: Ending, now: Instant) -> bool {
        let first = *self.first.get_or_insert(now);
        let meant = matches!(ending, Ending::Interrupt | Ending::Quit | Ending::Terminate);
        meant && now.duration_since(first) >= ECHO
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_says_it_again_means_now() {
        for again in [Ending::Interrupt, Ending::Quit, Ending::Terminate] {
            for first in Ending::ALL {
                let (mut heard, start) = (Insistence::default(), Instant::now());
                assert!(!heard.insists(first, start), "{first:?}");
                assert!(heard.insists(again, start + ECHO), "{first:?}, then {again:?}");
            }
        }
    }

    #[test]
    fn an_echo_does_not_insist() {
        let (mut heard, start) = (Insistence::default(), Instant::now());
        assert!(!heard.insists(Ending::Terminate, start));
        assert!(!heard.insists(Ending::Terminate, start + ECHO / 2));
        assert!(heard.insists(Ending::Terminate, start + ECHO * 2));
    }

    #[test]
    fn a_hang_up_from_each_of_several_and_a_limit_of_time_do_not_insist() {
        for again in [Ending::HangUp, Ending::CpuTime, Ending::Alarm, Ending::User1] {
            let (mut heard, start) = (Insistence::default(), Instant::now());
            assert!(!heard.insists(again, start));
            assert!(!heard.insists(again, start + ECHO * 10), "{again:?}");
        }
    }
}
