//! The longest text that stands in whatever an expression matches. Where it is rare, looking for it first is much faster
//! than the expression: `order +[0-9]+99 has` is looked for as `99 has`.

/// Shorter ones are met too often to be worth it.
const LEAST: usize = 3;

/// A text that every match of this expression contains, in any case if case is ignored. `None` if there is none of
/// sufficient length, if the expression is more than a sequence of characters and classes, or if the text is the whole
/// expression.
pub(super) fn piece(expression: &str) -> Option<String> {
    let mut longest = String::new();
    let mut run = String::new();
    let mut is_all = true;
    let mut rest = expression.chars().peekable();
    while let Some(c) = rest.next() {
        let literal = match c {
            // Either side of a bar, and what a group is, is not looked into.
            '|' | '(' | ')' => return None,
            '[' => {
                skip_class(&mut rest)?;
                None
            }
            '.' | '^' | '$' => None,
            '\\' => match rest.next()? {
                escaped if escaped.is_ascii_punctuation() => Some(escaped),
                // Classes and edges; with braces, the rest of their name.
                'd' | 'D' | 's' | 'S' | 'w' | 'W' | 'b' | 'B' if rest.peek() != Some(&'{') => None,
                _ => return None,
            },
            plain => Some(plain),
        };
        is_all &= literal.is_some();
        let repeats = match rest.peek() {
            Some('*' | '?' | '{') => Some(0),
            Some('+') => Some(1),
            _ => None,
        };
        if let Some(literal) = literal.filter(|_| repeats != Some(0)) {
            run.push(literal);
        }
        if literal.is_none() || repeats.is_some() {
            is_all = false;
            keep_longer(&mut longest, &mut run);
            skip_repetition(&mut rest)?;
        }
    }
    keep_longer(&mut longest, &mut run);
    (longest.len() >= LEAST && !is_all).then_some(longest)
}

fn keep_longer(longest: &mut String, run: &mut String) {
    if run.len() >= longest.len() {
        std::mem::swap(longest, run);
    }
    run.clear();
}

/// `[…]`, of which the bracket was read. Classes within classes are not looked into.
fn skip_class(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<()> {
    rest.next_if_eq(&'^');
    // Right behind the bracket, the one that closes stands for itself.
    rest.next_if_eq(&']');
    loop {
        match rest.next()? {
            ']' => return Some(()),
            '[' => return None,
            '\\' => drop(rest.next()?),
            _ => {}
        }
    }
}

/// `*`, `+?`, `{2,3}`: however often, and lazily.
fn skip_repetition(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<()> {
    while let Some(c) = rest.next_if(|c| matches!(c, '*' | '+' | '?' | '{')) {
        if c == '{' && !rest.any(|c| c == '}') {
            return None;
        }
    }
    Some(())
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
            ("(order) [0-9]+", None),
            ("[]a]xyz", Some("xyz")),
            ("[[:alpha:]]xyz", None),
            (r"\x41bcd", None),
            (r"\p{Greek}bcd", None),
            ("[0-9]+ab", None),
        ] {
            assert_eq!(piece(expression).as_deref(), expected, "{expression}");
        }
    }

    proptest! {
        /// Whatever the expression matches holds the piece.
        #[test]
        fn no_match_is_without_it(expression in "([abc.+*?|^$]|\\[ab\\]|\\[\\^a\\]|\\\\w|\\\\\\.|\\{1,2\\}){1,12}", text in "[abc.]{0,16}") {
            if let (Ok(regex), Some(piece)) = (regex::Regex::new(&expression), piece(&expression)) {
                let found = regex.is_match(&text);
                prop_assert!(!found || text.contains(&piece), "{} in {} without {}", expression, text, piece);
            }
        }
    }
}
