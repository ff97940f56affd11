//! Readings one after the other, and what each of them brings.

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).expect("a time")
}

fn event(id: Option<&str>, seconds: i64, text: &str) -> Event {
    Event {
        id: id.map(str::to_owned),
        ingested: None,
        line: Line {
            at: at(seconds),
            stream: "s".into(),
            text: text.into(),
        },
    }
}

fn page(events: &[Event]) -> Page {
    Page {
        events: events.to_vec(),
        ..Page::default()
    }
}

/// One reading of one page, at a time.
fn read(window: &mut Window, seen: &mut Seen, seconds: i64, events: &[Event]) -> Brought {
    window.ask(at(seconds));
    window.answer(seen, page(events), at(seconds))
}

#[test]
fn none_is_told_twice_and_twins_stay_two() {
    let (mut window, mut seen) = (Window::new(at(0)), Seen::default());
    let twins = [event(None, 1, "x"), event(None, 1, "x")];
    assert_eq!(read(&mut window, &mut seen, 5, &twins).lines.len(), 2);
    assert_eq!(read(&mut window, &mut seen, 6, &twins).lines.len(), 0);
    let three = [event(None, 1, "x"), event(None, 1, "x"), event(None, 1, "x")];
    assert_eq!(read(&mut window, &mut seen, 7, &three).lines.len(), 1);
    let same = [event(Some("1"), 2, "y"), event(Some("1"), 2, "y")];
    assert_eq!(read(&mut window, &mut seen, 8, &same).lines.len(), 1);
}

#[test]
fn the_mark_waits_for_two_readings_and_the_lateness() {
    let (mut window, mut seen) = (Window::new(at(0)), Seen::default());
    read(&mut window, &mut seen, 1_000, &[event(Some("a"), 10, "a")]);
    assert_eq!((window.read_to(), window.complete_to()), (Some(at(1_000)), None));
    read(&mut window, &mut seen, 1_002, &[event(Some("a"), 10, "a")]);
    assert_eq!(window.complete_to(), Some(at(1_002 - 90)));
    // A line that the first reading missed, and that is not yet behind the mark: the mark stays before it.
    read(&mut window, &mut seen, 1_040, &[event(Some("b"), 930, "b")]);
    assert_eq!(window.complete_to(), Some(at(930)));
    assert_eq!(
        window.lateness(at(1_040)).as_secs(),
        110,
        "so late a line may come again"
    );
    read(&mut window, &mut seen, 1_060, &[event(Some("b"), 930, "b")]);
    assert_eq!(window.complete_to(), Some(at(1_060 - 110)));
    assert_eq!(window.lateness(at(10_000)), LEAST_LATENESS, "and is forgotten in time");
}

#[test]
fn what_comes_behind_the_mark_is_told_and_counted() {
    let (mut window, mut seen) = (Window::new(at(0)), Seen::default());
    read(&mut window, &mut seen, 1_000, &[]);
    read(&mut window, &mut seen, 1_000, &[]);
    let ask = window.ask(at(1_001));
    assert!(
        Some(ask.from) < window.complete_to(),
        "a reading begins behind the mark"
    );
    let brought = window.answer(&mut seen, page(&[event(None, 905, "late")]), at(1_001));
    assert_eq!((brought.lines.len(), brought.late), (1, 1));
}

#[test]
fn a_full_page_without_a_token_is_read_on_from_its_last_time() {
    let (mut window, mut seen) = (Window::new(at(0)), Seen::default());
    window.ask(at(100));
    let full = Page {
        events: vec![event(None, 2, "b"), event(None, 1, "a")],
        full: true,
        token: None,
    };
    assert!(!window.answer(&mut seen, full, at(100)).done);
    assert_eq!(window.ask(at(101)).from, at(2));
    // The twin that the first page cut off.
    let rest = [event(None, 2, "b"), event(None, 2, "b")];
    let brought = window.answer(&mut seen, page(&rest), at(101));
    assert_eq!((brought.lines.len(), brought.done), (1, true));
}

#[test]
fn a_millisecond_that_holds_more_than_a_page_is_passed_and_counted() {
    let (mut window, mut seen) = (Window::new(at(0)), Seen::default());
    let full = || Page {
        events: vec![event(None, 2, "a"), event(None, 2, "b")],
        full: true,
        token: None,
    };
    window.ask(at(100));
    window.answer(&mut seen, full(), at(100));
    assert_eq!(window.ask(at(100)).from, at(2));
    window.answer(&mut seen, full(), at(100));
    assert_eq!(window.ask(at(100)).from, plus(at(2), SignedDuration::from_millis(1)));
    assert!(window.answer(&mut seen, Page::default(), at(100)).done);
    assert_eq!(window.cut(), 1);
}

#[test]
fn an_empty_page_with_a_token_is_not_the_end() {
    let (mut window, mut seen) = (Window::new(at(0)), Seen::default());
    let first = window.ask(at(100));
    let empty = Page {
        token: Some("t".into()),
        ..Page::default()
    };
    assert!(!window.answer(&mut seen, empty, at(100)).done);
    let next = window.ask(at(101));
    assert_eq!(
        (next.token.as_deref(), next.from, next.to),
        (Some("t"), first.from, first.to)
    );
    window.give_up();
    assert_eq!(window.ask(at(102)).token, None);
}

#[test]
fn a_flood_does_not_keep_the_newest_back() {
    let (mut window, mut seen) = (Window::new(at(0)), Seen::default());
    // A window of two pages.
    let two_pages = |window: &mut Window, seen: &mut Seen, now| {
        let from = window.ask(at(now)).from;
        let token = Some("t".into());
        window.answer(
            seen,
            Page {
                token,
                ..Page::default()
            },
            at(now),
        );
        window.ask(at(now));
        window.answer(seen, Page::default(), at(now));
        from
    };
    two_pages(&mut window, &mut seen, 1_000);
    let froms: Vec<_> = (1..=4)
        .map(|n| two_pages(&mut window, &mut seen, 1_000 + n).as_second() - at(0).as_second())
        .collect();
    assert_eq!(froms, [995, 996, 997, 0], "three looks at what is new, then the whole");
    assert_eq!(window.complete_to(), Some(at(1_004 - 90)));
}

fn minute(minutes: i64) -> i64 {
    60 * minutes
}

/// A window that was read since the 60th minute, at the 75th.
fn read_for_a_while(seen: &mut Seen) -> Window {
    let mut window = Window::new(at(minute(60)));
    for second in 0..2 {
        read(
            &mut window,
            seen,
            minute(75) + second,
            &[event(Some("a"), minute(61), "a")],
        );
    }
    window
}

#[test]
fn what_was_before_is_read_once_in_turn_with_what_is_new() {
    let mut seen = Seen::default();
    let mut window = read_for_a_while(&mut seen);
    let mark = window.complete_to();
    window.reach_back(at(0));
    assert!(window.is_reading());
    // The question that was next, then the first page of what was before.
    read(&mut window, &mut seen, minute(75) + 2, &[]);
    let ask = window.ask(at(minute(75) + 3));
    let end = plus(at(minute(60)), SignedDuration::from_millis(-1));
    assert_eq!((ask.from, ask.to, ask.token), (at(0), end, None));
    let first = Page {
        token: Some("t".into()),
        ..page(&[event(Some("b"), 5, "b")])
    };
    let brought = window.answer(&mut seen, first, at(minute(75) + 3));
    assert_eq!((brought.lines.len(), brought.late, brought.done), (1, 0, false));
    let new = window.ask(at(minute(75) + 4));
    assert!(
        new.from > at(minute(60)) && new.token.is_none(),
        "what is new is not kept waiting"
    );
    let new = page(&[event(Some("c"), minute(75), "c")]);
    assert!(window.answer(&mut seen, new, at(minute(75) + 4)).done);
    assert_eq!(
        window.since(),
        at(minute(60)),
        "not all of what was before is there yet"
    );
    let ask = window.ask(at(minute(75) + 5));
    assert_eq!((ask.from, ask.token.as_deref()), (at(0), Some("t")));
    let last = page(&[event(Some("d"), 6, "d"), event(Some("b"), 5, "b")]);
    let brought = window.answer(&mut seen, last, at(minute(75) + 5));
    assert_eq!((brought.lines.len(), brought.late, brought.done), (1, 0, true));
    assert_eq!(window.since(), at(0));
    assert!(
        !window.is_reading() && window.complete_to() >= mark,
        "the mark stays where it was"
    );
    assert!(window.ask(at(minute(75) + 6)).from > at(minute(60)));
}

#[test]
fn a_first_reading_begins_where_it_is_asked_for() {
    let mut window = Window::new(at(minute(60)));
    window.ask(at(minute(75)));
    window.reach_back(at(0));
    window.reach_back(at(minute(70)));
    assert_eq!((window.ask(at(minute(75))).from, window.since()), (at(0), at(0)));
}

#[test]
fn of_what_was_forgotten_equals_are_counted() {
    let mut seen = Seen::default();
    let mut window = read_for_a_while(&mut seen);
    seen.forget_before(at(minute(70)));
    window.reach_back(at(0));
    read(&mut window, &mut seen, minute(75) + 2, &[]);
    let twins = [
        event(None, 9, "x"),
        event(Some("1"), 5, "y"),
        event(Some("2"), 5, "y"),
        event(Some("2"), 5, "y"),
        event(None, 9, "x"),
    ];
    let brought = read(&mut window, &mut seen, minute(75) + 3, &twins);
    let texts: Vec<_> = brought.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!((texts, brought.nth), (vec!["y", "y", "x", "x"], vec![1, 2, 1, 2]));
    let new = read(&mut window, &mut seen, minute(75) + 4, &[event(None, minute(75), "z")]);
    assert!(new.nth.is_empty(), "what is new was never told");
}

#[test]
fn what_is_long_past_is_forgotten() {
    let mut seen = Seen::default();
    for second in 0..1_000 {
        seen.insert(at(second), u64::try_from(second).unwrap_or(0));
    }
    seen.forget_before(at(900));
    assert_eq!(seen.len(), 100);
}

#[test]
fn lines_are_usually_there_when_the_lateness_seen_has_passed() {
    let mut seen = Seen::default();
    let mut window = Window::new(at(0));
    assert_eq!(window.settled_to(), None);
    read(&mut window, &mut seen, 20, &[]);
    assert_eq!(window.settled_to(), Some(at(19)));
    let mut late = event(Some("a"), 15, "a");
    late.ingested = Some(at(21));
    read(&mut window, &mut seen, 22, &[late]);
    assert_eq!(window.settled_to(), Some(at(19)), "it does not go back");
    read(&mut window, &mut seen, 30, &[]);
    assert_eq!(window.settled_to(), Some(at(24)), "six seconds late was seen");
    // One line of long ago does not hold everything back.
    let mut old = event(Some("b"), 31, "b");
    old.ingested = Some(at(minute(20)));
    read(&mut window, &mut seen, minute(20), &[old]);
    assert_eq!(window.settled_to(), Some(at(minute(20) - 30)));
}

#[test]
fn a_reading_without_end_is_given_up_and_proves_nothing() {
    let answer = |token: &str, events: &[Event]| Page {
        token: Some(token.to_owned()),
        ..page(events)
    };
    let (mut window, mut seen) = (Window::new(at(0)), Seen::default());
    window.ask(at(10));
    let first = window.answer(&mut seen, answer("x", &[event(Some("1"), 1, "a")]), at(10));
    assert_eq!((first.lines.len(), first.endless), (1, None));
    let again = window.answer(&mut seen, answer("x", &[event(Some("2"), 2, "b")]), at(11));
    assert_eq!(
        (again.lines.len(), again.done, again.endless),
        (1, false, Some(Endless::SameToken { page: 2 })),
    );
    assert_eq!((window.read_to(), window.is_reading()), (None, false));
    assert_eq!(window.ask(at(12)).token, None, "it begins anew");
    // Empty pages alone are no end for long.
    let mut pages = 0;
    loop {
        let token = pages.to_string();
        pages += 1;
        if let Some(endless) = window.answer(&mut seen, answer(&token, &[]), at(12)).endless {
            assert_eq!(endless, Endless::NothingNew { pages });
            break;
        }
    }
    assert_eq!(pages, IDLE_PAGES);
}
