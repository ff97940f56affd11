//! The demonstration as somebody sees it who has just cloned it: it moves by itself, and every knob does something that
//! can be seen.

use std::time::Duration;

use crate::pty::Pty;

const PROJECTOR: (u16, u16) = (140, 40);

/// The pane of the chain, without the header, whose own dot is no marble.
fn has_marble(text: &str) -> bool {
    text.lines().skip(4).any(|line| line.contains(['●', '○']))
}

fn footer(text: &str) -> &str {
    text.lines().last().unwrap_or_default()
}

/// The account's time in the header, in seconds of the day.
fn clock(text: &str) -> Option<u32> {
    let header = text.lines().next()?;
    let time = header.split_whitespace().find(|word| word.matches(':').count() == 2)?;
    time.split(':')
        .try_fold(0, |sum, part| Some(sum * 60 + part.parse::<u32>().ok()?))
}

#[test]
fn the_marble_run_moves_by_itself_soon_after_the_start() {
    let screen = Pty::start(&["demo"], PROJECTOR);
    let chain = screen.wait_for("orders-in");
    let marble = screen.wait("a marble", has_marble);
    let then = screen.text();
    let moved = screen.wait("a marble that moves", |text| has_marble(text) && text != then);
    println!("chain after {chain:?}, first marble after {marble:?}, it moves after {moved:?}");
    // Two seconds on a machine that does nothing else; tests run beside other tests.
    assert!(moved < Duration::from_secs(20), "it moves after {moved:?} only");
}

#[test]
fn the_knobs_of_the_story_do_what_they_say() {
    // At this speed no step of the script comes by itself.
    let mut screen = Pty::start(&["demo", "--speed", "1"], PROJECTOR);
    screen.wait_for("orders-parse");
    screen.wait_for("no issues");
    screen.press(",n");
    screen.wait_for("orders-work breaks.");

    // One after the other: a key doubles the speed that the screen has been told of.
    for (key, speed) in [(",+", "×2"), (",+", "×4"), (",-", "×2"), (",+", "×4"), (",+", "×8")] {
        screen.press(key);
        screen.wait(speed, |text| footer(text).contains(speed));
    }

    screen.press("/orders-parse\r");
    screen.press(",b");
    screen.press(" ");
    let fails = |text: &str| text.lines().any(|line| line.contains("✗ orders-parse"));
    screen.wait("orders-parse fails", fails);
    screen.press(",f");
    screen.press(" ");
    screen.wait("orders-parse is mended", |text| !fails(text));

    screen.press(",p");
    screen.wait("time stands still", |text| footer(text).contains("paused"));
    let now = clock(&screen.text()).expect("a clock");
    screen.press(&",.".repeat(20));
    screen.wait("twenty seconds later", |text| {
        clock(text).is_some_and(|then| then >= now + 20)
    });
    screen.press(",p");
    screen.wait("time goes on", |text| !footer(text).contains("paused"));
}

#[test]
fn the_knobs_of_the_network_do_what_they_say_and_are_turned_back() {
    let mut screen = Pty::start(&["demo", "--speed", "1"], PROJECTOR);
    screen.wait_for("no issues");
    let is_troubled = |text: &str| footer(text).contains('▲');
    for (key, what, sign) in [
        (",1", "a permission is gone", "could not be read"),
        (",2", "the credentials have expired", "credentials expired"),
        (",3", "the network is slow", "▲"),
        (",4", "services answer 500", "▲"),
    ] {
        screen.press(key);
        screen.wait(what, |text| is_troubled(text) && text.contains(sign));
        screen.press(key);
        screen.wait(&format!("no longer: {what}"), |text| {
            !is_troubled(text) && !text.contains(sign)
        });
    }
}

#[test]
fn a_function_without_concurrency_left_is_throttled() {
    let mut screen = Pty::start(&["demo", "four-patterns", "--speed", "30"], PROJECTOR);
    screen.wait("a chain", has_marble);
    let throttled = |text: &str| text.contains("throttled");
    assert!(!throttled(&screen.text()));
    screen.press("/by-queue\r");
    screen.press(",t");
    screen.wait("throttles", throttled);
}
