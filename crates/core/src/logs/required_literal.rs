//! The longest text that stands in whatever an expression matches. Where it is rare, looking for it first is much faster
//! than the expression: `order +[0-9]+99 has` is looked for as `99 has`.

use regex_syntax::hir::{Hir, HirKind};

/// The least length of a literal: shorter ones occur in too many lines.
const LEAST: usize = 3;

/// A text that every match of this expression contains, in any case if case is ignored. `None` if there is none of
/// sufficient length, or if the text is the whole expression.
pub(super) fn piece(expression: &str) -> Option<String> {
    let parsed = regex_syntax::parse(expression).ok()?;
    if matches!(parsed.kind(), HirKind::Literal(_)) {
        return None;
    }
    let mut found = Pieces::default();
    found.read(&parsed);
    found.end();
    Some(found.longest).filter(|longest| longest.len() >= LEAST)
}

#[derive(Default)]
struct Pieces {
    longest: String,
    /// What stands side by side up to here.
    run: String,
}

impl Pieces {
    fn read(&mut self, part: &Hir) {
        match part.kind() {
            HirKind::Literal(literal) => match str::from_utf8(&literal.0) {
                Ok(text) => self.run.push_str(text),
                Err(_) => self.end(),
            },
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.read(part)),
            HirKind::Capture(group) => self.read(&group.sub),
            // They take no room.
            HirKind::Empty | HirKind::Look(_) => {}
            // What follows stands beside the last time, and what is before beside the first.
            HirKind::Repetition(repeated) if repeated.min > 0 => {
                self.read(&repeated.sub);
                self.end();
            }
            HirKind::Repetition(_) | HirKind::Class(_) | HirKind::Alternation(_) => self.end(),
        }
    }

    fn end(&mut self) {
        if self.run.len() >= self.longest.len() {
            std::mem::swap(&mut self.longest, &mut self.run);
        }
        self.run.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_longest_text_that_every_match_holds() {
        for (expression, expected) in [
            ("order +[0-9]+99 has", Some("99 has")),
            ("could not reserve", None),
            (r"took \d+ ms", Some("took ")),
            (r"a\.b\.c \w*", Some("a.b.c ")),
            ("colou?r", Some("colo")),
            ("ab{0,3}cde", Some("cde")),
            ("^START", Some("START")),
            ("ERROR|exception", None),
            ("(order) [0-9]+", Some("order ")),
            ("(?:order )+taken", Some("order ")),
            ("(order |basket )taken", Some("taken")),
            ("order (?i)id", Some("order ")),
            ("(?x) or der \\s+ (id)", Some("order")),
            ("[]a]xyz", Some("xyz")),
            ("[[:alpha:]]xyz", Some("xyz")),
            (r"\x41bcd", None),
            (r"\p{Greek}bcd", Some("bcd")),
            ("[0-9]+ab", None),
        ] {
            assert_eq!(piece(expression).as_deref(), expected, "{expression}");
        }
    }

    proptest! {
        /// Whatever the expression matches holds the piece.
        #[test]
        fn no_match_is_without_it(expression in "([abc.+*?|^$()]|\\[ab\\]|\\[\\^a\\]|\\\\[wb]|\\\\\\.|\\{[12],2\\}|\\((\\?i)?:?[abc]{2,3}\\)){1,12}", text in "[abc.]{0,16}") {
            if let (Ok(regex), Some(piece)) = (regex::Regex::new(&expression), piece(&expression)) {
                let found = regex.is_match(&text);
                prop_assert!(!found || text.contains(&piece), "{} in {} without {}", expression, text, piece);
            }
        }
    }
}
