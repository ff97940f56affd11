//! The last known chain of an account, kept on disk, so that the next start draws it at once.
//!
//! Holds what the graph shows: names and configuration. No message, no log line, no environment value.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ScopeFilter;
use super::survey::Surveyed;
use crate::config::private;
use crate::domain::{Fact, Part, Recollection, Scope};

/// Another form of the file is not read: it is made anew within seconds.
const FORM: u32 = 1;

/// The file of one account, region and endpoint.
#[derive(Clone, Debug)]
pub struct Cache {
    path: PathBuf,
    memory: BTreeMap<Part, Recollection>,
}

#[derive(Serialize, Deserialize)]
struct Content {
    form: u32,
    at: Timestamp,
    found: Vec<Recollection>,
}

impl Cache {
    /// The file for a connection.
    #[must_use]
    pub fn new(directory: &Path, scope: &Scope, endpoint: Option<&str>) -> Self {
        let mut hasher = DefaultHasher::new();
        endpoint.hash(&mut hasher);
        let suffix = endpoint
            .map(|_| format!("-{:08x}", hasher.finish() >> 32))
            .unwrap_or_default();
        let name = format!("{}-{}-{}{suffix}.json", scope.partition, scope.account, scope.region);
        // Account and region come from an endpoint: nothing in them may lead elsewhere.
        let name: String = name
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || "-.".contains(c) {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        Self {
            path: directory.join(name),
            memory: BTreeMap::new(),
        }
    }

    /// What an earlier invocation knew, as far as it is in scope. No file, or one that cannot be read, is no error: the
    /// survey finds it all again.
    #[must_use]
    pub fn recall(&mut self, filter: &ScopeFilter) -> Option<Fact> {
        let content: Content = serde_json::from_slice(&fs::read(&self.path).ok()?).ok()?;
        if content.form != FORM {
            return None;
        }
        self.memory = content
            .found
            .into_iter()
            .map(|found| (found.part.clone(), found))
            .collect();
        let mut found: Vec<Recollection> = self.memory.values().cloned().collect();
        for part in &mut found {
            filter.apply(&mut part.nodes, &mut part.edges);
        }
        Some(Fact::Recalled { at: content.at, found })
    }

    /// Keeps what a survey found. What it did not read stays as it was.
    pub fn keep(&mut self, surveyed: &Surveyed, at: Timestamp) -> io::Result<()> {
        self.memory
            .retain(|part, _| surveyed.parts.contains(part) || surveyed.unread.contains(&part.api));
        self.memory
            .extend(surveyed.memory.iter().map(|found| (found.part.clone(), found.clone())));
        let content = Content {
            form: FORM,
            at,
            found: self.memory.values().cloned().collect(),
        };
        let text = serde_json::to_vec(&content)?;
        private::folder_of(&self.path)?;
        // A reader never sees half a file.
        private::write_over(&self.path, |file| file.write_all(&text))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::pollers::survey::Carried;
    use crate::pollers::targets::Targets;

    fn scope() -> Scope {
        Scope {
            partition: "aws".into(),
            account: "../1".into(),
            region: "r".into(),
        }
    }

    fn surveyed(parts: &[&str], memory: &[&str], unread: &[&str]) -> Surveyed {
        let part = |api: &&str| Part::new(*api, "");
        Surveyed {
            targets: Targets::default(),
            whole: true,
            memory: memory
                .iter()
                .map(|api| Recollection {
                    part: part(api),
                    nodes: vec![],
                    edges: vec![],
                })
                .collect(),
            parts: parts.iter().map(part).collect(),
            unread: unread.iter().map(|api| (*api).to_owned()).collect::<BTreeSet<_>>(),
            carried: Carried::default(),
        }
    }

    fn recalled(cache: &mut Cache) -> Vec<String> {
        match cache.recall(&ScopeFilter::default()) {
            Some(Fact::Recalled { found, .. }) => found.into_iter().map(|found| found.part.api).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn what_was_not_read_stays_and_what_is_gone_goes() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut cache = Cache::new(directory.path(), &scope(), Some("http://127.0.0.1:1"));
        assert!(recalled(&mut cache).is_empty());
        cache
            .keep(
                &surveyed(&["a", "b", "c"], &["a", "b", "c"], &[]),
                Timestamp::UNIX_EPOCH,
            )
            .expect("written");
        cache
            .keep(&surveyed(&["a"], &["a"], &["c"]), Timestamp::UNIX_EPOCH)
            .expect("written");
        let mut later = Cache::new(directory.path(), &scope(), Some("http://127.0.0.1:1"));
        assert_eq!(recalled(&mut later), ["a", "c"]);
        let mut elsewhere = Cache::new(directory.path(), &scope(), None);
        assert!(recalled(&mut elsewhere).is_empty());
        assert_eq!(fs::read_dir(directory.path()).expect("a directory").count(), 1);
    }
}
