//! Which function writes a stream.

use crate::domain::{Arn, NodeId};

/// The function that writes a log stream, of those that write to its group.
///
/// AWS (functions): the streams of a function's own group are named `2023/10/20/[$LATEST]…`, those of a custom group
/// `2023/10/20/NAME[$LATEST]…`, whether it is shared or not. Unknown functions and other programs may write to such a
/// group, too: a stream that names another function is not this one's. If `shared`, functions outside the scope write to
/// the group: then a stream without a name has no known owner.
#[must_use]
pub fn owner<'a>(group: &str, (functions, shared): (&'a [NodeId], bool), stream: &str) -> Option<&'a NodeId> {
    let named = writer(stream).filter(|name| !name.is_empty());
    let is = |id: &&NodeId, name: &str| Arn::parse(id.as_str()).is_some_and(|arn| arn.name() == name);
    if let Some(name) = named {
        return functions.iter().find(|id| is(id, name));
    }
    let own = group.strip_prefix("/aws/lambda/");
    match functions {
        [only] if !shared && (own.is_some() || writer(stream).is_some()) => Some(only),
        _ => functions.iter().find(|id| own.is_some_and(|name| is(id, name))),
    }
}

/// Whether unknown functions may write to a group: not to a function's own. AWS (logs): streams of all other groups name their
/// function.
#[must_use]
pub fn may_be_shared(group: &str) -> bool {
    !group.starts_with("/aws/lambda/")
}

/// The name in the stream of a function: empty in the function's own group, none if the stream is not named as one.
fn writer(stream: &str) -> Option<&str> {
    let (date, rest) = stream.split_at_checked("2023/10/20/".len())?;
    let is_date = date.bytes().enumerate().all(|(n, byte)| match n {
        4 | 7 | 10 => byte == b'/',
        _ => byte.is_ascii_digit(),
    });
    let (name, _) = rest.split_once('[')?;
    (is_date && !name.contains('/')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARED: &str = "/shared/orders";

    fn id(name: &str) -> NodeId {
        NodeId::from(format!("arn:aws:lambda:r:1:function:{name}"))
    }

    #[test]
    fn a_shared_groups_stream_names_its_function() {
        let both = [id("one"), id("two")];
        let of = |stream| owner(SHARED, (&both, false), stream);
        assert_eq!(of("2026/01/01/two[$LATEST]abc"), Some(&id("two")));
        assert_eq!(of("2026/01/01/one[7]abc"), Some(&id("one")));
        assert_eq!(of("2026/01/01/[$LATEST]abc"), None);
        assert_eq!(of("ecs/app/0123"), None);
    }

    #[test]
    fn a_function_alone_in_a_group_writes_no_stream_of_another() {
        let one = [id("one")];
        for (group, stream, expected) in [
            (SHARED, "2026/01/01/one[$LATEST]abc", true),
            (SHARED, "2026/01/01/[$LATEST]abc", true),
            (SHARED, "2026/01/01/three[$LATEST]abc", false),
            (SHARED, "ecs/app/0123", false),
            (SHARED, "\u{6ce8}\u{6587}/[x]", false),
            ("/aws/lambda/one", "anything", true),
            ("/aws/lambda/one", "2026/01/01/[$LATEST]abc", true),
        ] {
            assert_eq!(
                owner(group, (&one, false), stream).is_some(),
                expected,
                "{group} {stream}"
            );
        }
    }

    #[test]
    fn who_is_looked_at_does_not_decide_whose_a_stream_is() {
        let one = [id("one")];
        for (group, stream, expected) in [
            (SHARED, "2026/01/01/one[$LATEST]abc", true),
            (SHARED, "2026/01/01/[$LATEST]abc", false),
            (SHARED, "2026/01/01/two[$LATEST]abc", false),
            ("/aws/lambda/one", "2026/01/01/[$LATEST]abc", true),
            ("/aws/lambda/two", "2026/01/01/[$LATEST]abc", false),
            ("/aws/lambda/two", "2026/01/01/one[$LATEST]abc", true),
        ] {
            assert_eq!(
                owner(group, (&one, true), stream).is_some(),
                expected,
                "{group} {stream}"
            );
        }
    }

    #[test]
    fn a_functions_own_group_is_its_own_though_others_chose_it_too() {
        let both = [id("one"), id("two")];
        let of = |stream| owner("/aws/lambda/one", (&both, false), stream);
        assert_eq!(of("2026/01/01/[$LATEST]abc"), Some(&id("one")));
        assert_eq!(of("2026/01/01/two[$LATEST]abc"), Some(&id("two")));
    }
}
