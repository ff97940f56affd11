//! The lists of AWS, read page by page to their end: every call that has a token goes through here.

use std::hash::Hash;

use super::{Api, Error};
use crate::domain::pages;

/// The pages of one list.
///
/// ```text
/// while pages.more() { ask with pages.token(); take what came; pages.turn(next token, what tells each thing) }
/// ```
pub(super) struct Pages {
    action: &'static str,
    pages: pages::Pages,
}

impl Pages {
    /// Of a list that is about to be read.
    pub fn of(api: &'static Api) -> Self {
        Self {
            action: api.action,
            pages: pages::Pages::default(),
        }
    }

    /// Whether there is a page to ask for.
    pub fn more(&self) -> bool {
        self.pages.more()
    }

    /// What to ask for it with.
    pub fn token(&self) -> Option<String> {
        self.pages.token()
    }

    /// Takes a page in: the token of the next one, and what was on it.
    ///
    /// # Errors
    ///
    /// If the list does not end: what was read of it is incomplete.
    pub fn turn<T: Hash>(&mut self, next: Option<&str>, page: impl IntoIterator<Item = T>) -> Result<(), Error> {
        let action = self.action;
        let turned = self.pages.turn(next, page);
        turned.map_err(|how| Error::Endless { action, how })
    }
}
