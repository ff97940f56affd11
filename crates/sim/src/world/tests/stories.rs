//! The stories of the scenarios in the binary: that what the captions promise happens, and when.

use super::{START, lines};
use crate::scenario;
use crate::world::World;
use crate::world::metrics::MetricKey;

/// A scenario in the binary, and how fast it wants time to go.
fn built(name: &str) -> (World, f64) {
    let scenario = scenario::built_in(name)
        .expect("it is in the binary")
        .unwrap_or_else(|e| panic!("{name}: {e}"));
    let world = scenario.build(START, None).unwrap_or_else(|e| panic!("{name}: {e}"));
    let speed = world.wanted_speed();
    (world, speed)
}

/// A scenario after so many seconds of account time.
fn after(name: &str, seconds: i64) -> World {
    let (mut world, _) = built(name);
    world.advance_to(START + seconds * 1000);
    world
}

fn depth(world: &World, queue: &str) -> usize {
    world
        .messaging
        .queues
        .get(queue)
        .unwrap_or_else(|| panic!("a queue {queue}"))
        .len()
}

/// Lines of a function that hold a text, since the account is seen: seconds after.
fn said(world: &World, function: &str, text: &str) -> Vec<i64> {
    let all = lines(world, function).into_iter();
    all.filter(|(at, line)| *at >= START && line.contains(text))
        .map(|(at, _)| (at - START) / 1000)
        .collect()
}

fn total(world: &World, function: &str, name: &str) -> f64 {
    world
        .records
        .metrics
        .total(&MetricKey::new("AWS/Lambda", name, &[("FunctionName", function)]))
}

#[test]
fn every_scenario_builds_runs_and_speaks() {
    for name in scenario::names() {
        let scenario = scenario::built_in(name)
            .expect("it is there")
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(
            !scenario.title.is_empty() && !scenario.description.is_empty(),
            "{name} says what it is"
        );
        let mut world = scenario
            .build(START, Some("eu-west-1"))
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        world.advance_to(START + 120_000);
        assert_eq!(world.region, "eu-west-1");
        if name != "empty" {
            assert!(world.caption().is_some(), "{name} has a caption");
        }
        while let Some(at) = world.next_caption_at() {
            world.advance_to(at);
        }
        for (_, caption) in world.captions() {
            assert!(
                caption.en.chars().count() <= 118,
                "{name}: too long for 120 columns: {}",
                caption.en
            );
        }
        // A step that names what is not there shows as an error of a client in a function.
        let bad: Vec<String> = world
            .lambda
            .functions
            .keys()
            .flat_map(|f| lines(&world, f))
            .map(|(_, line)| line)
            .filter(|line| {
                line.contains("NonExistent") || line.contains("NotFound") || line.contains("QueueDoesNotExist")
            })
            .collect();
        assert!(bad.is_empty(), "{name}: {bad:?}");
    }
}

#[test]
fn the_next_step_is_the_next_one_that_says_something() {
    let (mut world, _) = built("pitagora");
    world.advance_to(START + 500);
    let told = |world: &World| world.caption().map(|(_, text)| text.en.clone());
    assert!(told(&world).is_some_and(|text| text.starts_with("An order rolls")));
    // A silent step lies between, at two seconds.
    assert_eq!(world.next_caption_at(), Some(START + 100_000));
    world.advance_to(START + 100_000);
    assert!(told(&world).is_some_and(|text| text.starts_with("orders-work breaks.")));
    world.advance_to(START + 1_200_000);
    assert_eq!(world.next_caption_at(), None);
}

#[test]
fn an_unknown_key_is_an_error_with_its_line() {
    let error = scenario::Scenario::parse("title = \"x\"\n\n[[queue]]\nname = \"q\"\nvisiblity = \"3s\"\n");
    let text = error.expect_err("a wrong key").to_string();
    assert!(text.contains("line 5") && text.contains("visiblity"), "{text}");
    let text = scenario::Scenario::parse("[[mapping]]\nfrom = \"queue:q\"\nto = \"f\"\n").expect("it parses");
    let text = text.build(START, None).expect_err("no such queue").to_string();
    assert!(text.contains("line 2") && text.contains("queue `q`"), "{text}");
}

#[test]
fn the_marble_run_tells_its_story_in_three_minutes() {
    let (mut world, speed) = built("pitagora");
    #[expect(clippy::cast_possible_truncation, reason = "seconds at the wall")]
    let wall = |seconds: f64| START + (seconds * speed * 1000.0) as i64;
    world.advance_to(wall(2.0));
    assert!(
        !said(&world, "orders-in", "START").is_empty(),
        "something moves within two seconds"
    );
    world.advance_to(wall(15.0));
    for function in ["orders-parse", "orders-work", "orders-save", "orders-tell"] {
        let moved = said(&world, function, "START").len() + said(&world, function, "platform.start").len();
        assert!(moved > 0, "{function} is reached");
    }
    world.advance_to(wall(60.0));
    assert!(
        !said(&world, "orders-work", "[ERROR]").is_empty(),
        "something broke within a minute"
    );
    world.advance_to(wall(180.0));
    assert_eq!(
        said(&world, "orders-in", "KeyError").len(),
        3,
        "three attempts at the order"
    );
    assert_eq!(depth(&world, "in-dlq"), 1);
    assert!(depth(&world, "q-dlq") >= 5);
    assert!(
        said(&world, "orders-work", "START").len() > said(&world, "orders-work", "[ERROR]").len(),
        "it is mended"
    );
    assert!(world.captions().count() >= 5);
}

#[test]
fn the_bucket_feeds_itself_and_the_event_is_gone() {
    let world = after("selfcopy", 260);
    assert_eq!(said(&world, "copy-it", "Key: sample-1.txt").len(), 1);
    assert_eq!(said(&world, "copy-it", "Key: processed/sample-1.txt").len(), 3);
    assert_eq!(
        said(
            &world,
            "copy-it",
            "An error occurred (InvalidRequest) when calling the CopyObject operation"
        )
        .len(),
        3
    );
    assert!((total(&world, "copy-it", "AsyncEventsDropped") - 1.0).abs() < 1e-9);
}

#[test]
fn a_bad_message_takes_its_neighbours_along_unless_reported() {
    let mut world = after("poison", 150);
    world.advance_to(START + 151_000);
    assert_eq!(depth(&world, "fair-dlq"), 1);
    assert!(depth(&world, "harsh-dlq") > 1, "{}", depth(&world, "harsh-dlq"));
}

#[test]
fn four_patterns_end_four_ways() {
    let world = after("four-patterns", 300);
    assert_eq!(said(&world, "by-request", "ValueError").len(), 1);
    assert_eq!(said(&world, "by-event", "ValueError").len(), 3);
    assert_eq!(said(&world, "by-stream", "ValueError").len(), 7);
    assert_eq!(said(&world, "by-queue", "ValueError").len(), 3);
    for queue in ["event-dlq", "stream-failed", "work-dlq"] {
        assert_eq!(depth(&world, queue), 1, "{queue}");
    }
}

#[test]
fn healthy_messages_die_without_having_run() {
    let world = after("throttle", 235);
    let dead: Vec<&str> = world.messaging.queues["prints-dlq"]
        .iter()
        .map(|m| &*m.letter.body)
        .collect();
    assert!(dead.len() >= 5, "{dead:?}");
    for body in dead.iter().filter(|body| body.contains("report")) {
        assert!(said(&world, "print", body).is_empty(), "{body} never ran");
    }
    assert_eq!(said(&world, "print", "[ERROR]").len(), 0);
}

#[test]
fn the_tier_that_gave_up_holds_the_dead_letter() {
    let mut world = after("two-tiers", 255);
    assert!(depth(&world, "book-dlq") >= 3);
    assert_eq!((depth(&world, "rule-dlq"), depth(&world, "topic-dlq")), (0, 0));
    world.advance_to(START + 320_000);
    assert_eq!(depth(&world, "rule-dlq"), 0);
    assert!(depth(&world, "topic-dlq") >= 3);
}

#[test]
fn one_calls_twelve() {
    let world = after("fan-out", 100);
    let called: Vec<&String> = world
        .lambda
        .functions
        .keys()
        .filter(|f| f.starts_with("check-"))
        .collect();
    assert_eq!(called.len(), 12);
    for function in called {
        assert!(!said(&world, function, "START").is_empty(), "{function} is called");
    }
    assert!(!said(&world, "tell-chat", "POST https://chat.example.com").is_empty());
}

#[test]
fn the_iterator_ages_until_the_record_is_set_aside() {
    let world = after("shard-stall", 300);
    let key = MetricKey::new("AWS/Lambda", "IteratorAge", &[("FunctionName", "read-meter")]);
    let oldest = world
        .records
        .metrics
        .read(&key, START, START + 300_000, 60_000, i64::MAX - 1);
    let oldest = oldest
        .iter()
        .filter_map(|(_, d)| d.statistic("Maximum"))
        .fold(0.0, f64::max);
    assert!(oldest > 60_000.0, "{oldest} ms");
    assert_eq!(depth(&world, "unread"), 1);
    let last = said(&world, "read-meter", "START").last().copied().unwrap_or(0);
    assert!(last > 290, "it reads again");
}

#[test]
fn the_storm_is_as_large_as_it_says() {
    let began = std::time::Instant::now();
    let world = after("storm", 60);
    println!("three minutes of the storm took {:?}", began.elapsed());
    assert_eq!((world.lambda.functions.len(), world.messaging.queues.len()), (300, 200));
    assert!(world.records.logs.groups.len() >= 250, "most of them have run");
}

#[test]
fn the_examples_in_the_documentation_are_true() {
    let text = include_str!("../../../../../docs/scenarios.md");
    let blocks: Vec<&str> = text
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    let [scenario, steps, behaviours] = blocks[..] else {
        panic!("three examples")
    };
    let mut world = super::world(scenario);
    world.advance_to(START + 180_000);
    assert_eq!(depth(&world, "work-dlq"), 1);
    let function = format!("[[function]]\nname = \"f\"\n[function.does]\n{steps}");
    scenario::Scenario::parse(&function).unwrap_or_else(|e| panic!("{e}"));
    crate::behaviour::Behaviours::parse(behaviours).unwrap_or_else(|e| panic!("{e}"));
}
