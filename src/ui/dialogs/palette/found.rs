//! How well a query finds a command. Its words may stand anywhere; letters that are scattered over other words find nothing.

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
    let (name, desc, query) = (lower(name), lower(desc), lower(query.trim()));
    let whole: Vec<char> = query.iter().map(|c| if *c == ' ' { '-' } else { *c }).collect();
    let mut found = Found {
        rank: Rank::NameBegins,
        name: Vec::new(),
        desc: Vec::new(),
    };
    if name.starts_with(&whole) {
        found.name = (0..whole.len()).collect();
        return Some(found);
    }
    found.rank = Rank::InName;
    for word in query.split(|c| *c == ' ').filter(|word| !word.is_empty()) {
        let rank = if let Some(at) = part(&name, word) {
            found.name.extend(at..at + word.len());
            Rank::InName
        } else if let Some(places) = short(&name, 0, word) {
            found.name.extend(places);
            Rank::Short
        } else {
            let at = part(&desc, word)?;
            found.desc.extend(at..at + word.len());
            if begins_word(&desc, at) {
                Rank::WordBegins
            } else {
                Rank::InWords
            }
        };
        found.rank = found.rank.max(rank);
    }
    Some(found)
}

/// One letter for each, so that a place in it is a place in the text.
fn lower(text: &str) -> Vec<char> {
    text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect()
}

fn begins_word(text: &[char], at: usize) -> bool {
    at == 0 || !text[at - 1].is_alphanumeric()
}

/// Where a word is a part of a text: first where it begins a word.
fn part(text: &[char], word: &[char]) -> Option<usize> {
    let places = || (0..text.len()).filter(|at| text[*at..].starts_with(word));
    places().find(|at| begins_word(text, *at)).or_else(|| places().next())
}

/// The places of letters that begin words of a text one after the other.
fn short(text: &[char], from: usize, word: &[char]) -> Option<Vec<usize>> {
    if word.is_empty() {
        return Some(Vec::new());
    }
    (from..text.len()).filter(|at| begins_word(text, *at)).find_map(|at| {
        let same = text[at..]
            .iter()
            .zip(word)
            .take_while(|(one, other)| one == other)
            .count();
        (1..=same).rev().find_map(|taken| {
            let rest = short(text, at + taken, &word[taken..])?;
            Some((at..at + taken).chain(rest).collect())
        })
    })
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
