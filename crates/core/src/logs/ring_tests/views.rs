use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::{logs, name, put};
use crate::domain::NodeId;
use crate::domain::log::Level;
use crate::logs::buffer::{LogBuffer, Put};
use crate::logs::search::{Filter, Pattern, Search, Span};
use crate::logs::segment::SEGMENT_BYTES;
use crate::logs::view::View;

fn texts(view: &View) -> Vec<String> {
    view.start()
        .lines_behind(usize::MAX)
        .iter()
        .map(|shown| shown.line.text.to_owned())
        .collect()
}

#[test]
fn publishing_copies_pointers_and_a_late_line_rewrites_one_segment() {
    let mut ring = LogBuffer::default();
    let text = "x".repeat(100);
    let lines = 3 * SEGMENT_BYTES / 101 + 10;
    ring.put(
        &name(0),
        (0..lines)
            .map(|n| put(i64::try_from(n).unwrap_or(0), text.as_str()))
            .collect(),
    );
    let before = logs(&ring, 1);
    let segments = |logs: &crate::logs::Logs| logs.groups[&name(0)].lines.segments().to_vec();
    assert_eq!(segments(&before).len(), 4);
    ring.put(&name(0), vec![put(5, "late")]);
    let after = logs(&ring, 1);
    let shared = segments(&before)
        .iter()
        .filter(|old| segments(&after).iter().any(|new| Arc::ptr_eq(old, new)))
        .count();
    assert_eq!((shared, before.len() + 1), (3, after.len()));
}

#[test]
fn a_moment_and_the_end_are_found_without_walking() {
    let mut ring = LogBuffer::default();
    for group in 0..2 {
        let texts: Vec<(i64, String)> = (0..100).map(|n| (n * 10, format!("{group}:{n}"))).collect();
        ring.put(&name(group), texts.iter().map(|(at, text)| put(*at, text)).collect());
    }
    let logs = logs(&ring, 2);
    let view = View::all(&logs);
    let at = |ms| Timestamp::from_millisecond(ms).expect("a time");
    let first = |ms| view.at(at(ms)).forward().map(|shown| shown.line.text.to_owned());
    assert_eq!(first(500).as_deref(), Some("0:50"));
    assert_eq!(first(501).as_deref(), Some("0:51"));
    assert_eq!(first(10_000), None);
    let last: Vec<_> = view.end().lines_before(3).iter().map(|s| s.line.text).collect();
    assert_eq!(last, ["1:98", "0:99", "1:99"]);
}

#[test]
fn level_function_and_request_choose_lines() {
    let mut ring = LogBuffer::default();
    let (one, two) = (NodeId::from("one"), NodeId::from("two"));
    let line = |at, stream, function, level, text| Put {
        at,
        stream,
        function: Some(function),
        level,
        text,
    };
    // A group that two functions share.
    ring.put(
        &name(0),
        vec![
            line(1, "a", &one, Some(Level::Info), "start"),
            line(2, "b", &two, Some(Level::Error), "failed"),
            line(3, "a", &one, None, "end"),
            line(9, "a", &one, Some(Level::Warn), "next"),
        ],
    );
    let mut logs = logs(&ring, 1);
    for group in logs.groups.values_mut() {
        Arc::make_mut(group).functions = vec![one.clone(), two.clone()];
    }
    let shown = |filter| texts(&Search::new(filter).view(&logs));
    let level = Some(Level::Warn);
    assert_eq!(
        shown(Filter {
            level,
            ..Filter::default()
        }),
        ["failed", "next"]
    );
    let functions = BTreeSet::from([two]);
    assert_eq!(
        shown(Filter {
            functions,
            ..Filter::default()
        }),
        ["failed"]
    );
    let request = Some(vec![Span {
        stream: "a".into(),
        from: 0,
        to: 3,
    }]);
    assert_eq!(
        shown(Filter {
            request,
            ..Filter::default()
        }),
        ["start", "end"]
    );
    let groups = BTreeSet::from(["elsewhere".to_owned()]);
    assert!(
        shown(Filter {
            groups,
            ..Filter::default()
        })
        .is_empty()
    );
}

#[test]
fn case_matters_where_a_capital_letter_says_so() {
    let matches = |pattern: &str, text: &str| Pattern::new(pattern).expect("an expression").matches(text);
    assert!(matches("error", "ERROR") && matches("\\Werror", " Error"));
    assert!(!matches("Error", "ERROR"));
    let why = Pattern::new("a(").expect_err("no expression");
    assert_eq!(why.to_string(), "unclosed group");
}

#[test]
fn a_pattern_that_grows_too_large_is_refused() {
    for large in [r"\w{1000}", "(((a{50}){50}){50}){50}", r"(\p{L}{100}){100}"] {
        let why = Pattern::new(large).expect_err(large).to_string();
        assert!(why.contains("exceeds size limit of 1048576 bytes"), "{large}: {why}");
    }
    assert!(Pattern::new(r"(\w+\s+){1,20}ERROR").is_ok());
}

#[test]
fn a_search_is_stopped_between_segments_and_goes_on_where_it_was() {
    let mut ring = LogBuffer::default();
    ring.put(&name(0), vec![put(1, "start"), put(2, "a match")]);
    let logs = logs(&ring, 1);
    let pattern = Some(Pattern::new("match").expect("an expression"));
    let mut search = Search::new(Filter {
        pattern,
        ..Filter::default()
    });
    assert!(search.view_unless(&logs, &|| true).is_none());
    let view = search.view_unless(&logs, &|| false).expect("not stopped");
    assert_eq!(texts(&view), ["a match"]);
}
