//! Which function writes a stream.

use crate::domain::{Arn, NodeId};

/// Of several functions that share a group, the one that the stream names: `2023/10/20/NAME[$LATEST]…`.
#[must_use]
pub fn owner<'a>(functions: &'a [NodeId], stream: &str) -> Option<&'a NodeId> {
    if let [only] = functions {
        return Some(only);
    }
    let name = stream.split('[').next()?.rsplit('/').next()?;
    functions
        .iter()
        .find(|id| Arn::parse(id.as_str()).is_some_and(|arn| arn.name() == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_groups_stream_names_its_function() {
        let id = |name: &str| NodeId::from(format!("arn:aws:lambda:r:1:function:{name}"));
        let both = [id("one"), id("two")];
        assert_eq!(owner(&both, "2026/01/01/two[$LATEST]abc"), Some(&id("two")));
        assert_eq!(owner(&both, "2026/01/01/[$LATEST]abc"), None);
        assert_eq!(owner(&[id("one")], "anything"), Some(&id("one")));
    }
}
