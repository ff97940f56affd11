//! Ranks commands by a query. Its words may be anywhere; characters scattered over other words match nothing.

use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// The rank of a match, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// The name begins with the query.
    NameBegins,
    /// The name contains it.
    InName,
    /// It begins successive words of the name: `exc` for `expire-credentials`.
    Short,
    /// A word of the description begins with it.
    WordBegins,
    /// The description contains it.
    InWords,
}

/// A match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The rank.
    pub rank: Rank,
    /// The indices of the matching characters of the name.
    pub name: Vec<usize>,
    /// The indices of the matching characters of the description.
    pub desc: Vec<usize>,
}

/// Finds each word of a query in a name or its description. The rank is that of the worst word; the whole query may also be
/// the beginning of the name, whose words are joined by hyphens.
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

/// Whether every match begins a word or follows a match.
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
