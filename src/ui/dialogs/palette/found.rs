//! How well a query finds a command. Its words may stand anywhere; letters that are scattered over other words find nothing.

use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// How well: the first is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// The name begins so.
    NameBegins,
    /// It is a part of the name.
    InName,
    /// It begins words of the name one after the other: `exc` for `expire-credentials`.
    Short,
    /// A word of what the command does begins so.
    WordBegins,
    /// It is a part of what the command does.
    InWords,
}

/// Where a query was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// How well.
    pub rank: Rank,
    /// Which letters of the name, by their place.
    pub name: Vec<usize>,
    /// Which letters of what the command does.
    pub desc: Vec<usize>,
}

/// Finds each word of a query in a name or in what is said beside it. The worst of its words says how well it was found; as a
/// whole it may also be the beginning of the name, whose words are joined by hyphens.
pub(super) fn find(name: &str, desc: &str, query: &str) -> Option<Found> {
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut places = |text: &str, word: &str, kind: AtomKind| -> Option<Vec<usize>> {
        let atom = Atom::new(word, CaseMatching::Ignore, Normalization::Smart, kind, false);
        let (mut letters, mut at) = (Vec::new(), Vec::new());
        atom.indices(Utf32Str::new(text, &mut letters), &mut matcher, &mut at)?;
        Some(at.into_iter().filter_map(|at| usize::try_from(at).ok()).collect())
    };
    let query = query.trim();
    let mut found = Found {
        rank: Rank::NameBegins,
        name: Vec::new(),
        desc: Vec::new(),
    };
    if query.is_empty() {
        return Some(found);
    }
    if let Some(at) = places(name, &query.replace(' ', "-"), AtomKind::Prefix) {
        found.name = at;
        return Some(found);
    }
    for word in query.split_whitespace() {
        let rank = if let Some(at) = places(name, word, AtomKind::Substring) {
            found.name.extend(at);
            Rank::InName
        } else if let Some(at) = places(name, word, AtomKind::Fuzzy).filter(|at| is_short(name, at)) {
            found.name.extend(at);
            Rank::Short
        } else {
            let at = places(desc, word, AtomKind::Substring)?;
            let begins = at.first().is_some_and(|at| begins_word(desc, *at));
            found.desc.extend(at);
            if begins { Rank::WordBegins } else { Rank::InWords }
        };
        found.rank = found.rank.max(rank);
    }
    Some(found)
}

fn begins_word(text: &str, at: usize) -> bool {
    at == 0 || !text.chars().nth(at - 1).is_some_and(char::is_alphanumeric)
}

/// Whether all that was found begins words, or stands behind what does.
fn is_short(text: &str, places: &[usize]) -> bool {
    let follows = |place: usize| place > 0 && places.contains(&(place - 1));
    places.iter().all(|place| follows(*place) || begins_word(text, *place))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rank(name: &str, desc: &str, query: &str) -> Option<Rank> {
        find(name, desc, query).map(|found| found.rank)
    }

    #[test]
    fn the_name_comes_before_what_is_said_of_it() {
        assert_eq!(rank("next-issue", "", "next is"), Some(Rank::NameBegins));
        assert_eq!(rank("next-issue", "", "issue"), Some(Rank::InName));
        assert_eq!(rank("next-issue", "", "ni"), Some(Rank::Short));
        assert_eq!(rank("next-issue", "worst first", "first"), Some(Rank::WordBegins));
        assert_eq!(rank("next-issue", "worst first", "irst"), Some(Rank::InWords));
        assert_eq!(rank("next-issue", "worst first", "issue irst"), Some(Rank::InWords));
        assert_eq!(rank("quit", "", ""), Some(Rank::NameBegins), "nothing was typed yet");
    }

    #[test]
    fn scattered_letters_are_no_match() {
        assert_eq!(rank("theme", "next theme", "tme"), None);
        assert_eq!(rank("expire-credentials", "", "epc"), None);
    }

    #[test]
    fn what_was_found_is_told_by_its_place() {
        let found = find("expire-credentials", "let them expire", "expcred").expect("found");
        assert_eq!(found.name, [0, 1, 2, 7, 8, 9, 10]);
        let found = find("quit", "Ende für alle", "FÜR").expect("found");
        assert_eq!(found.desc, [5, 6, 7]);
    }
}
