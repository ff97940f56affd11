//! What waits to be said on stderr: sentences in their order, and a line of progress of which the newest wins.

use super::outlet::Feed;

/// Back to the start of the line, which is cleared.
const CLEAR: &str = "\r\x1b[K";
/// Bytes of sentences that wait for a reader. What does not fit is counted.
const MOST: usize = 1 << 20;

/// It.
#[derive(Debug, Default)]
pub(super) struct Lines {
    said: String,
    progress: Option<String>,
    /// The progress line is on the terminal, and must go before anything else is said.
    shown: bool,
    wipe: bool,
    left_out: u64,
}

impl Lines {
    /// Says a text after all others. The progress line makes room for it.
    pub(super) fn say(&mut self, text: &str) {
        self.clear();
        if self.said.len() + text.len() > MOST {
            self.left_out += 1;
        } else {
            self.said.push_str(text);
        }
    }

    /// Shows this as the progress line.
    pub(super) fn progress(&mut self, text: String) {
        self.progress = Some(text);
    }

    /// Takes the progress line away.
    pub(super) fn clear(&mut self) {
        self.progress = None;
        self.wipe = true;
    }
}

impl Feed for Lines {
    fn next(&mut self) -> Option<Vec<u8>> {
        let mut text = String::new();
        if std::mem::take(&mut self.wipe) && std::mem::take(&mut self.shown) {
            text.push_str(CLEAR);
        }
        text.push_str(&std::mem::take(&mut self.said));
        if std::mem::take(&mut self.left_out) > 0 {
            text.push_str("pitagora: more was said than anybody read.\n");
        }
        if let Some(progress) = self.progress.take() {
            text.push_str(CLEAR);
            text.push_str(&progress);
            self.shown = true;
        }
        (!text.is_empty()).then(|| text.into_bytes())
    }
}

/// Documents for stdout, in their order.
#[derive(Debug, Default)]
pub(super) struct Documents(pub(super) Vec<u8>);

impl Feed for Documents {
    fn next(&mut self) -> Option<Vec<u8>> {
        (!self.0.is_empty()).then(|| std::mem::take(&mut self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(lines: &mut Lines) -> String {
        let bytes = lines.next().unwrap_or_default();
        String::from_utf8(bytes).expect("a text")
    }

    #[test]
    fn of_progress_the_newest_is_shown_and_a_sentence_takes_its_line() {
        let mut lines = Lines::default();
        lines.progress("1 of 3".to_owned());
        lines.progress("2 of 3".to_owned());
        assert_eq!(next(&mut lines), "\r\x1b[K2 of 3");
        lines.progress("3 of 3".to_owned());
        lines.say("done.\n");
        assert_eq!(next(&mut lines), "\r\x1b[Kdone.\n");
        lines.clear();
        assert_eq!(lines.next(), None, "nothing is there to be cleared");
    }

    #[test]
    fn what_nobody_reads_takes_no_more_than_its_room() {
        let mut lines = Lines::default();
        let sentence = "x".repeat(1_000);
        for _ in 0..10_000 {
            lines.say(&sentence);
        }
        assert!(lines.said.len() <= MOST);
        assert!(next(&mut lines).ends_with("pitagora: more was said than anybody read.\n"));
    }
}
