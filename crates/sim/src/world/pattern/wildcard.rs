//! The `wildcard` test: `*` stands for anything, `\*` for itself.

use std::collections::BTreeSet;

/// From so many places in a wildcard that one value can be at, at the same time, AWS calls it too complex. The limit is
/// unpublished: `*:*:*:*:*:event-bus/*` was recorded to be above it, a wildcard with five equal parts below.
const TOO_COMPLEX: usize = 10;
/// Most sets of positions examined; a wildcard with more is accepted.
const LOOKED_AT: usize = 2000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Any,
    One(char),
}

/// Why AWS takes no wildcard, in its words; places count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each is known by AWS's words")]
pub enum WildcardError {
    #[error("Consecutive wildcard characters at pos {0}")]
    Consecutive(usize),
    #[error("Invalid escape character at pos {0}")]
    Escape(usize),
    #[error(
        "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a \
         wildcard character"
    )]
    TooComplex,
}

/// A wildcard as it is written, taken apart.
#[derive(Clone, Debug)]
pub(super) struct Wildcard(Vec<Piece>);

impl Wildcard {
    /// Reads a wildcard. AWS counts places in the value with its quotes.
    pub(super) fn parse(text: &str) -> Result<Self, WildcardError> {
        let mut pieces = Vec::new();
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let at = at + 1;
            let next = chars.peek().map(|(_, c)| *c);
            match (c, next) {
                ('*', Some('*')) => return Err(WildcardError::Consecutive(at)),
                ('*', _) => pieces.push(Piece::Any),
                ('\\', Some(escaped @ ('*' | '\\'))) => {
                    chars.next();
                    pieces.push(Piece::One(escaped));
                }
                ('\\', _) => return Err(WildcardError::Escape(at)),
                _ => pieces.push(Piece::One(c)),
            }
        }
        let wildcard = Self(pieces);
        if wildcard.is_too_complex() {
            return Err(WildcardError::TooComplex);
        }
        Ok(wildcard)
    }

    /// Whether a text is what it means.
    pub(super) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let (mut piece, mut at) = (0, 0);
        // Where the last `*` is, and up to where it reaches so far.
        let mut star: Option<(usize, usize)> = None;
        while at < text.len() {
            match self.0.get(piece) {
                Some(Piece::Any) => {
                    star = Some((piece, at));
                    piece += 1;
                }
                Some(Piece::One(c)) if *c == text[at] => {
                    piece += 1;
                    at += 1;
                }
                _ => {
                    let Some((there, reach)) = star else { return false };
                    star = Some((there, reach + 1));
                    piece = there + 1;
                    at = reach + 1;
                }
            }
        }
        self.0[piece..].iter().all(|piece| *piece == Piece::Any)
    }

    /// Whether a value can be at too many places at once.
    fn is_too_complex(&self) -> bool {
        let stars = self.0.iter().filter(|piece| **piece == Piece::Any).count();
        if stars == 0 {
            return false;
        }
        let quote = Piece::One('"');
        let pieces: Vec<Piece> = [quote]
            .into_iter()
            .chain(self.0.iter().copied())
            .chain([quote])
            .collect();
        // The characters of the wildcard, and one for all others.
        let letters: BTreeSet<char> = pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::One(c) => Some(*c),
                Piece::Any => None,
            })
            .chain(['\0'])
            .collect();
        let mut seen: BTreeSet<BTreeSet<usize>> = BTreeSet::new();
        let mut waiting = vec![BTreeSet::from([0])];
        while let Some(places) = waiting.pop() {
            if seen.len() >= LOOKED_AT {
                return false;
            }
            for letter in &letters {
                let (mut next, mut steps) = (BTreeSet::new(), 0);
                for place in &places {
                    match pieces.get(*place) {
                        Some(Piece::Any) => {
                            steps += 1;
                            next.insert(*place);
                            next.insert(place + 1);
                        }
                        Some(Piece::One(c)) if c == letter => {
                            steps += 1;
                            next.insert(place + 1);
                            if pieces.get(place + 1) == Some(&Piece::Any) {
                                next.insert(place + 2);
                                // A value that is here is also where the `*` begins.
                                steps += usize::from(!places.contains(&(place + 1)));
                            }
                        }
                        _ => {}
                    }
                }
                if steps >= TOO_COMPLEX {
                    return true;
                }
                if !next.is_empty() && seen.insert(next.clone()) {
                    waiting.push(next);
                }
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_reach_as_far_as_they_must() {
        for (wildcard, text, expected) in [
            ("a*c", "abcbc", true),
            ("a*c", "abcb", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("*a*", "bab", true),
            (r"\*", "*", true),
            (r"\*", "a", false),
            (r"a\\b", r"a\b", true),
            ("a?c", "abc", false),
        ] {
            let read = Wildcard::parse(wildcard).expect(wildcard);
            assert_eq!(read.matches(text), expected, "{wildcard} of {text}");
        }
    }
}
