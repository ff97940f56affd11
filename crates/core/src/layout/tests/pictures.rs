//! Pictures of graphs that people have. They are there to be looked at: a change of one is a change of the look.

use super::check;
use super::made::request;
use crate::layout::{Charset, Direction, Metrics, Placed, Rect, Stroke, glyph, paint, place};

/// Boxes with their names, and lines.
fn draw(placed: &Placed) -> String {
    let at = |n: i32| usize::try_from(n).expect("inside");
    let (w, h) = (
        usize::try_from(placed.width).expect("small"),
        usize::try_from(placed.height).expect("small"),
    );
    let mut page = vec![vec![' '; w]; h];
    for seat in placed.seats() {
        let (left, right) = (at(seat.rect.x), at(seat.rect.right()));
        let (top, bottom) = (at(seat.rect.y), at(seat.rect.bottom()));
        if seat.rect.h < 3 {
            for (offset, letter) in seat.id.as_str().chars().enumerate() {
                page[top][left + 1 + offset] = letter;
            }
            continue;
        }
        for row in &mut page[top..=bottom] {
            (row[left], row[right]) = ('│', '│');
        }
        for (row, ends) in [(top, ['╭', '╮']), (bottom, ['╰', '╯'])] {
            page[row][left..=right].fill('─');
            (page[row][left], page[row][right]) = (ends[0], ends[1]);
        }
        for (offset, letter) in seat.id.as_str().chars().enumerate() {
            page[top + 1][left + 2 + offset] = letter;
        }
    }
    let page_rect = Rect {
        x: 0,
        y: 0,
        w: u16::try_from(w).expect("small"),
        h: u16::try_from(h).expect("small"),
    };
    for cell in paint(placed, page_rect).cells() {
        if cell.on_border && placed.page.1 {
            continue;
        }
        let stroke = if cell.dashed { Stroke::Dashed } else { Stroke::Light };
        page[at(cell.y)][at(cell.x)] = glyph(cell.sides, cell.head, stroke, Charset::Unicode);
    }
    page.into_iter()
        .map(|row| row.into_iter().collect::<String>().trim_end().to_owned() + "\n")
        .collect()
}

/// Places the lines batch by batch, the last batch being the whole.
fn picture(batches: &[&[&str]]) -> String {
    let mut placed: Option<Placed> = None;
    let mut lines: Vec<&str> = Vec::new();
    for batch in batches {
        lines.extend(*batch);
        let request = request(&lines);
        let next = place(&request, placed.as_ref());
        check::all(&request, &next);
        placed = Some(next);
    }
    placed.map(|placed| draw(&placed)).unwrap_or_default()
}

const CHAIN: [&str; 9] = [
    "every-5>in",
    "in~>bucket",
    "bucket>parse",
    "parse~>queue",
    "queue>work",
    "work~>archive",
    "in!>dlq-in",
    "parse!>dlq-parse",
    "queue!>dlq-work",
];

#[test]
fn a_chain_with_three_dead_letter_queues() {
    assert_eq!(picture(&[&CHAIN]), include_str!("pictures/chain.txt"));
}

#[test]
fn an_api_that_joins_at_the_first_function() {
    assert_eq!(picture(&[&CHAIN, &["api>in"]]), include_str!("pictures/api.txt"));
}

#[test]
fn a_chain_that_is_found_piece_by_piece_is_straight() {
    let found: [&[&str]; 4] = [
        &["in", "parse", "work", "queue>work"],
        &["bucket>parse", "queue!>dlq-work", "parse!>dlq-parse"],
        &["in!>dlq-in", "every-5>in", "work~>archive"],
        &["in~>bucket", "parse~>queue"],
    ];
    assert_eq!(picture(&found), include_str!("pictures/chain.txt"));
}

/// The chain of triggers whole, on a page of that width.
fn folded(page: u16, compact: bool) -> String {
    let more = [
        "archive>news",
        "news>save",
        "news>audit",
        "save~>orders",
        "orders>tell",
        "tell!>dlq-tell",
        "api>in",
        "in!>dlq-in-2",
    ];
    let lines: Vec<&str> = CHAIN.into_iter().chain(more).collect();
    let mut request = request(&lines);
    request.page = Some(page);
    if compact {
        request.metrics = Metrics {
            compact,
            gap: 0,
            gutter: 3,
            ..Metrics::default()
        };
        request.nodes.iter_mut().for_each(|item| item.height = 1);
    }
    let placed = place(&request, None);
    check::all(&request, &placed);
    draw(&placed)
}

#[test]
fn a_chain_that_is_wider_than_the_page_goes_on_below() {
    assert_eq!(folded(118, false), include_str!("pictures/folded.txt"));
}

#[test]
fn compact_boxes_have_no_border() {
    assert_eq!(folded(78, true), include_str!("pictures/compact.txt"));
}

#[test]
fn a_fan_of_twelve_that_merges() {
    let parts = (0..12).flat_map(|n| [format!("split>part-{n:02}"), format!("part-{n:02}>merge")]);
    let lines: Vec<String> = parts
        .chain(["start>split".to_owned(), "merge~>out".to_owned()])
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert_eq!(picture(&[&lines]), include_str!("pictures/fan.txt"));
}

#[test]
fn a_bucket_and_the_function_that_feeds_it() {
    let lines = ["images>thumb", "thumb~>images", "thumb!>dlq", "thumb>thumb"];
    assert_eq!(picture(&[&lines]), include_str!("pictures/circle.txt"));
}

#[test]
fn a_topic_that_feeds_two_functions_and_a_queue() {
    let lines = ["news>mail", "news>push", "news>audit", "audit>store", "news!>dlq-news"];
    assert_eq!(picture(&[&lines]), include_str!("pictures/topic.txt"));
}

#[test]
fn a_dead_letter_queue_for_all() {
    let lines = [
        "r1>f1",
        "r2>f2",
        "f1>q",
        "q>f2",
        "f1!>dlq",
        "f2!>dlq",
        "q!>dlq",
        "dlq>redrive",
        "r3>f3",
        "f3!>dlq",
    ];
    assert_eq!(picture(&[&lines]), include_str!("pictures/shared.txt"));
}

#[test]
fn ten_separate_chains_and_boxes_without_links() {
    let chains = (0..10).flat_map(|n| {
        let queue = (n % 3 == 0).then(|| format!("f{n}!>dlq{n}"));
        let bucket = (n % 2 == 0).then(|| format!("f{n}~>b{n}"));
        [Some(format!("r{n}>f{n}")), queue, bucket].into_iter().flatten()
    });
    let lines: Vec<String> = chains.chain((0..8).map(|n| format!("lone-{n}"))).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert_eq!(picture(&[&lines]), include_str!("pictures/ten.txt"));
}

#[test]
fn lines_that_pass_over_others_and_long_ones() {
    let lines = [
        "a>b", "b>c", "c>d", "d>e", "a>c", "a>e", "b>e", "e>b", "x>d", "y>e", "d>a", "c>c",
    ];
    assert_eq!(picture(&[&lines]), include_str!("pictures/tangle.txt"));
}

#[test]
fn crossings_are_no_junctions() {
    let request = request(&["a>x", "a>y", "b>x", "b>z"]);
    let placed = place(&request, None);
    let page = Rect {
        x: 0,
        y: 0,
        w: 200,
        h: 200,
    };
    let painted = paint(&placed, page);
    let crossings: Vec<_> = painted.cells().filter(|cell| !cell.beneath.is_empty()).collect();
    assert!(!crossings.is_empty());
    for cell in crossings {
        assert_eq!(glyph(cell.sides, cell.head, Stroke::Light, Charset::Unicode), '│');
    }
}

#[test]
fn heads_and_strokes_have_characters_everywhere() {
    for charset in [Charset::Unicode, Charset::Ascii] {
        for stroke in [Stroke::Light, Stroke::Dashed, Stroke::Heavy] {
            let request = request(&["a>b", "b>a", "b!>dlq"]);
            let placed = place(&request, None);
            for cell in paint(
                &placed,
                Rect {
                    x: 0,
                    y: 0,
                    w: 200,
                    h: 200,
                },
            )
            .cells()
            {
                let drawn = glyph(cell.sides, cell.head, stroke, charset);
                assert_ne!(drawn, ' ');
                assert_eq!(drawn.is_ascii(), charset == Charset::Ascii);
                assert_eq!(unicode_width::UnicodeWidthChar::width(drawn), Some(1));
            }
        }
    }
    assert_eq!(
        glyph(
            crate::layout::Sides::NONE,
            Some(Direction::Right),
            Stroke::Light,
            Charset::Unicode
        ),
        '▶'
    );
}
