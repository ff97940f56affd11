//! Reads a list page by page, and stops even if the list has no end.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher as _};

/// Most pages in a row without anything new. AWS (apis): an empty page may be followed by others.
pub const IDLE_PAGES: u32 = 100;

/// Most pages of one list: 100,000 functions at 50 per page, 200,000 topics. AWS has no longer list in one account and
/// region.
pub const MOST_PAGES: u32 = 2_000;

crate::phrases! {
    /// Why reading stopped: the list has no end.
    #[derive(Copy)]
    pub enum Endless in "endless" {
        /// A page returned the token of an earlier page; its number, from 1.
        SameToken { page: u32 },
        /// Pages in a row without anything new.
        NothingNew { pages: u32 },
        /// More than [`MOST_PAGES`] pages.
        TooLong { pages: u32 },
    }
}

/// The state of reading one list.
#[derive(Clone, Debug)]
pub struct Pages {
    token: Option<String>,
    is_done: bool,
    read: u32,
    idle: u32,
    most_idle: u32,
    tokens: HashSet<u64>,
    names: HashSet<u64>,
}

impl Default for Pages {
    fn default() -> Self {
        Self::with_idle(IDLE_PAGES)
    }
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

impl Pages {
    /// A list of which at most `most_idle` pages in a row may be empty.
    #[must_use]
    pub fn with_idle(most_idle: u32) -> Self {
        Self {
            token: None,
            is_done: false,
            read: 0,
            idle: 0,
            most_idle,
            tokens: HashSet::new(),
            names: HashSet::new(),
        }
    }

    /// Whether there is another page to read.
    #[must_use]
    pub fn more(&self) -> bool {
        !self.is_done
    }

    /// The token of the next page; `None` for the first one.
    #[must_use]
    pub fn token(&self) -> Option<String> {
        self.token.clone()
    }

    /// Records a page: the token of the next one, and the identities of its entries.
    ///
    /// # Errors
    ///
    /// If the list has no end: read no further.
    pub fn turn<T: Hash>(&mut self, next: Option<&str>, page: impl IntoIterator<Item = T>) -> Result<(), Endless> {
        let mut is_new = false;
        for name in page {
            is_new |= self.names.insert(hash(name));
        }
        self.turn_new(next, is_new)
    }

    /// Like [`turn`](Self::turn), for a caller that knows whether anything on the page is new.
    ///
    /// # Errors
    ///
    /// If the list has no end.
    pub fn turn_new(&mut self, next: Option<&str>, is_new: bool) -> Result<(), Endless> {
        self.read += 1;
        self.idle = if is_new { 0 } else { self.idle + 1 };
        let Some(next) = next.filter(|token| !token.is_empty()) else {
            self.is_done = true;
            return Ok(());
        };
        let endless = if !self.tokens.insert(hash(next)) {
            Some(Endless::SameToken { page: self.read })
        } else if self.idle >= self.most_idle {
            Some(Endless::NothingNew { pages: self.idle })
        } else if self.read >= MOST_PAGES {
            Some(Endless::TooLong { pages: self.read })
        } else {
            None
        };
        if let Some(endless) = endless {
            self.is_done = true;
            return Err(endless);
        }
        self.token = Some(next.to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a list of which each page answers with what `page` says; how many pages were asked for.
    fn read(page: impl Fn(u32) -> (Option<String>, Vec<u32>)) -> (u32, Result<(), Endless>) {
        let mut pages = Pages::default();
        let mut asked = 0;
        while pages.more() {
            let (next, names) = page(asked);
            asked += 1;
            if let Err(endless) = pages.turn(next.as_deref(), names) {
                return (asked, Err(endless));
            }
        }
        (asked, Ok(()))
    }

    #[test]
    fn a_list_ends_where_no_token_comes() {
        let three = |n: u32| ((n < 2).then(|| n.to_string()), vec![n]);
        assert_eq!(read(three), (3, Ok(())));
        assert_eq!(read(|_| (Some(String::new()), vec![1])), (1, Ok(())));
    }

    #[test]
    fn empty_pages_on_the_way_are_no_end() {
        let few = |n: u32| ((n < 99).then(|| n.to_string()), if n == 99 { vec![1] } else { vec![] });
        assert_eq!(read(few), (100, Ok(())));
    }

    #[test]
    fn a_list_without_end_is_left() {
        let same = |n: u32| (Some("x".to_owned()), vec![n]);
        assert_eq!(read(same), (2, Err(Endless::SameToken { page: 2 })));
        let circle = |n: u32| (Some((n % 3).to_string()), vec![n]);
        assert_eq!(read(circle), (4, Err(Endless::SameToken { page: 4 })));
        let empty = |n: u32| (Some(n.to_string()), vec![]);
        assert_eq!(read(empty), (100, Err(Endless::NothingNew { pages: 100 })));
        let repeated = |n: u32| (Some(n.to_string()), vec![1, 2]);
        assert_eq!(read(repeated), (101, Err(Endless::NothingNew { pages: 100 })));
        let new = |n: u32| (Some(n.to_string()), vec![n]);
        assert_eq!(read(new), (2_000, Err(Endless::TooLong { pages: 2_000 })));
    }
}
