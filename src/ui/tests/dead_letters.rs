//! The dead letters on screen: keys in, effects and cells out.

use std::sync::Arc;

use insta::assert_snapshot;

use super::settings;
use crate::dead_letters::peek::DEFAULT_MAX;
use crate::dead_letters::words::Fault;
use crate::dlq::check::Counts;
use crate::dlq::plan::planned;
use crate::dlq::queues::chain;
use crate::dlq::state::{Notice, OwnPart, Reading, Run};
use crate::dlq::{Command, DlqError, DlqState, Hidden, RedriveRequest};
use crate::domain::NodeId;
use crate::redrive::course::{Course, EngineKind};
use crate::redrive::plan::To;
use crate::redrive::progress::{Phase, Progress, Summary};
use crate::redrive::route::Target;
use crate::redrive::targets::known;
use crate::ui::app::effect::Effect;
use crate::ui::app::mode::Mode;
use crate::ui::app::update::Msg;
use crate::ui::panes::dead_letters::state::{DeadLettersPane, Dialog, Inside};
use crate::ui::panes::state::Pane;
use crate::ui::settings::{Charset, Settings};
use crate::ui::testing::dead_letters::{desk, queue};
use crate::ui::testing::{Account, Stage, denied, noon, orders, text};

mod act;
mod gone;
mod list;

/// The orders chain with twelve letters in `in-dlq`, none of them read.
fn account() -> Account {
    let mut account = orders(noon());
    let dlq = queue(&account, "in-dlq").expect("a queue").id;
    account.depth(&dlq, 12, &[12.0]);
    account
}

fn stage(size: (u16, u16)) -> Stage {
    Stage::new(settings(), &account(), size).expect("a stage")
}

/// The pane on the letters of `in-dlq`.
fn opened(size: (u16, u16)) -> Stage {
    let mut stage = stage(size);
    stage.tell(Msg::Dlq(Arc::new(desk(&account(), 10))));
    stage.press("d");
    choose(&mut stage, "in-dlq");
    stage.press("enter");
    assert_eq!(pane(&stage).inside, Inside::List);
    stage
}

fn choose(stage: &mut Stage, name: &str) {
    stage.press("g");
    for _ in 0..5 {
        if pane(stage).queue.as_ref().is_some_and(|id| id.as_str().ends_with(name)) {
            return;
        }
        stage.press("j");
    }
    panic!("no queue {name}");
}

fn pane(stage: &Stage) -> &DeadLettersPane {
    match &stage.app.panes.below {
        Pane::DeadLetters(pane) => pane,
        other => panic!("{other:?}"),
    }
}

fn orders_of(effects: Vec<Effect>) -> Vec<Command> {
    let order = |effect| match effect {
        Effect::Dlq(order) => Some(order),
        _ => None,
    };
    effects.into_iter().filter_map(order).collect()
}

fn type_in(stage: &mut Stage, text: &str) -> Vec<Effect> {
    stage.tell(Msg::Paste(text.to_owned()));
    stage.press("enter")
}

/// The stage's state with the plan for a request.
fn with_plan(stage: &Stage, wish: RedriveRequest, production: bool) -> DlqState {
    let desk = (*stage.app.dlq).clone();
    let letters = Arc::clone(&desk.letters[&wish.queue]);
    let topology = &stage.snapshot.topology;
    let targets = known(chain(topology), wish.invoke_anyway);
    let from = (&letters.queue, &letters.entries[..]);
    let mut planned = planned(wish, from, topology, &targets, production);
    // What the check reads of their metrics: nothing was throttled.
    let counts = planned
        .invoked
        .functions
        .iter()
        .map(|id| (id.clone(), Ok(Counts::default())));
    planned.evidence.counts = counts.collect();
    DlqState {
        planned: Some(Arc::new(planned)),
        ..desk
    }
}

fn wish_of(effects: Vec<Effect>) -> RedriveRequest {
    match orders_of(effects).pop() {
        Some(Command::Plan(wish)) => wish,
        other => panic!("{other:?}"),
    }
}

fn client(progress: Progress, summary: Option<Summary>, queue: NodeId) -> Run {
    let to = Target::Event {
        arn: "arn:aws:lambda:ap-northeast-1:123456789012:function:orders-in".to_owned(),
    };
    Run {
        course: Course::new(EngineKind::Client, false, &[to], progress.chosen as u64).first(1),
        queue,
        name: "in-dlq".to_owned(),
        to: vec!["arn:aws:lambda:ap-northeast-1:123456789012:function:orders-in".to_owned()],
        started: noon(),
        over: summary.is_some(),
        audit: summary
            .as_ref()
            .map(|_| "/home/me/.local/state/pitagora/audit.jsonl".into()),
        own: Some(OwnPart {
            progress,
            journal: "/home/me/.local/share/pitagora/redrive/in-dlq.jsonl".into(),
            summary,
        }),
        task: None,
        bounce_after_s: Some(180),
        stopping: false,
    }
}

#[test]
fn queues_wide() {
    let mut stage = stage((160, 50));
    stage.press("d");
    assert_snapshot!(stage.text());
}

#[test]
fn a_queue_that_could_not_be_read_may_be_missing_and_that_is_said() {
    let mut account = account();
    account.topology.unknown = vec![denied("sqs:GetQueueAttributes")];
    let mut stage = Stage::new(settings(), &account, (80, 24)).expect("a stage");
    stage.press("d");
    let text = stage.text();
    assert!(text.contains("there may be more: 1 thing could not be read"), "{text}");
}

#[test]
fn letters_wide() {
    let mut stage = opened((160, 50));
    stage.press("v j j space space");
    assert_snapshot!(stage.text());
}

#[test]
fn letters_usual() {
    assert_snapshot!(opened((120, 40)).text());
}

#[test]
fn letters_on_a_narrow_screen() {
    assert_snapshot!(opened((80, 24)).text());
}

#[test]
fn letters_on_the_smallest_screen_in_ascii() {
    let settings = Settings {
        charset: Charset::Ascii,
        ..settings()
    };
    let mut stage = Stage::new(settings, &account(), (60, 15)).expect("a stage");
    stage.tell(Msg::Dlq(Arc::new(desk(&account(), 10))));
    stage.press("d");
    choose(&mut stage, "in-dlq");
    stage.press("enter j");
    let text = stage.text();
    assert!(text.is_ascii(), "{text}");
    assert_snapshot!(text);
    stage.press("enter b");
    assert!(stage.text().is_ascii(), "{}", stage.text());
}

#[test]
fn one_letter() {
    let mut stage = opened((120, 44));
    stage.press("v j enter");
    assert_snapshot!(stage.text());
    stage.press("w");
    assert!(stage.text().contains(r#"{"source":"shop","#), "{}", stage.text());
    stage.press("w");
    assert!(stage.text().contains("00000000  7b 22 73 6f"), "{}", stage.text());
    stage.press("esc");
    assert_eq!(pane(&stage).inside, Inside::List);
}

#[test]
fn a_queue_is_read_only_after_it_was_said_what_that_does() {
    let mut stage = stage((120, 40));
    stage.press("d");
    choose(&mut stage, "in-dlq");
    assert!(stage.press("enter").is_empty(), "nothing is read by opening");
    assert_snapshot!(stage.text());
    let orders = orders_of(stage.press("enter"));
    let dlq = pane(&stage).queue.clone().expect("a queue");
    assert_eq!(
        orders,
        [Command::Read {
            queue: dlq.clone(),
            max: DEFAULT_MAX,
            anyway: false
        }]
    );
    let reading = Reading {
        queue: dlq,
        count: 7,
        max: DEFAULT_MAX,
        tracing: false,
        hidden: None,
    };
    let under_way = DlqState {
        reading: Some(reading),
        ..DlqState::default()
    };
    stage.tell(Msg::Dlq(Arc::new(under_way)));
    assert!(stage.text().contains("reading: 7 so far, X stops"), "{}", stage.text());
    let mut waiting = (*stage.app.dlq).clone();
    if let Some(reading) = &mut waiting.reading {
        let until = account().now + jiff::SignedDuration::from_secs(60);
        reading.hidden = Some(Hidden { messages: 12, until });
    }
    stage.tell(Msg::Dlq(Arc::new(waiting)));
    assert!(
        stage
            .text()
            .contains("about 12 messages in flight at another consumer: waiting, visible again by"),
        "{}",
        stage.text()
    );
    assert_eq!(orders_of(stage.press("X")), [Command::StopReading]);
    assert!(orders_of(stage.press("R")).is_empty(), "one reading at a time");
    stage.tell(Msg::Dlq(Arc::new(desk(&account(), 10))));
    assert_eq!(
        pane(&stage).inside,
        Inside::List,
        "the letters are opened when they are there"
    );
    assert!(
        stage.text().contains("receive count 0 → 1, 12 visible again"),
        "{}",
        stage.text()
    );
}

#[test]
fn it_never_reads_again_by_itself() {
    let mut stage = opened((120, 40));
    assert!(
        stage
            .press("esc enter j k esc d")
            .iter()
            .all(|effect| !matches!(effect, Effect::Dlq(_)))
    );
    stage.press("d");
    choose(&mut stage, "in-dlq");
    assert!(stage.press("enter").is_empty());
    assert!(stage.press("R").is_empty());
    assert!(matches!(pane(&stage).dialog, Some(Dialog::Notice { .. })));
    assert_eq!(orders_of(stage.press("y")).len(), 1);
}

#[test]
fn a_queue_that_somebody_consumes_wants_the_named_override() {
    let mut account = account();
    let dlq = queue(&account, "in-dlq").expect("a queue").id;
    let worker = account.node(crate::domain::NodeKind::Lambda, "letters-reader");
    let policy = crate::domain::EdgePolicy::default();
    account.edge(&dlq, &worker, crate::domain::EdgeKind::Trigger, policy);
    let mut stage = Stage::new(settings(), &account, (120, 40)).expect("a stage");
    stage.press("d");
    choose(&mut stage, "in-dlq");
    assert!(stage.text().contains("not read by default"), "{}", stage.text());
    stage.press("enter");
    assert!(
        stage.text().contains("letters-reader takes messages out of in-dlq"),
        "{}",
        stage.text()
    );
    assert!(!stage.text().contains("--read-anyway"), "{}", stage.text());
    assert!(stage.press("enter").is_empty());
    assert!(type_in(&mut stage, "yes").is_empty(), "not what was asked for");
    stage.press("enter enter");
    let orders = orders_of(type_in(&mut stage, "read anyway"));
    assert!(
        matches!(orders.as_slice(), [Command::Read { anyway: true, .. }]),
        "{orders:?}"
    );
}

#[test]
fn letters_are_exported_to_the_file_that_is_named() {
    let mut stage = opened((120, 40));
    stage.press("a g space space x");
    assert!(
        stage.text().contains("export the messages to this file: in-dlq-"),
        "{}",
        stage.text()
    );
    let Mode::Answer(_, text) = &mut stage.app.mode else {
        panic!("nothing is asked")
    };
    "two.jsonl".clone_into(text);
    let orders = orders_of(stage.press("enter"));
    assert!(
        matches!(orders.as_slice(), [Command::Export { ids, path, .. }] if ids.len() == 2 && path.ends_with("two.jsonl")),
        "{orders:?}"
    );
    stage.press("x");
    assert!(orders_of(stage.press("esc")).is_empty());
}

#[test]
fn putting_back_shows_what_would_happen_first() {
    let mut stage = opened((140, 44));
    let wish = wish_of(stage.press("g b"));
    assert_eq!(wish.ids.len(), 7);
    assert!(
        stage.text().contains("looking up each message's target"),
        "{}",
        stage.text()
    );
    stage.tell(Msg::Dlq(Arc::new(with_plan(&stage, wish, false))));
    assert_snapshot!(stage.text());
    assert_eq!(orders_of(stage.press("enter")), [Command::Go { at_once: false }]);
    assert!(matches!(pane(&stage).dialog, Some(Dialog::Run { .. })));
}

#[test]
fn the_canary_waits_for_a_word() {
    let mut stage = opened((120, 40));
    let dlq = pane(&stage).queue.clone().expect("a queue");
    let progress = Progress {
        phase: Phase::Waiting,
        chosen: 12,
        sent: 1,
        deleted: 1,
        elapsed_ms: 2_000,
        sent_at: Some(noon().as_millisecond()),
        runs: (3, 0),
        ..Progress::default()
    };
    let waiting = DlqState {
        run: Some(client(progress, None, dlq)),
        ..(*stage.app.dlq).clone()
    };
    stage.tell(Msg::Dlq(Arc::new(waiting)));
    assert!(
        stage.text().contains("canary sent, 11 waiting, o shows it"),
        "{}",
        stage.text()
    );
    stage.press("o");
    assert_snapshot!(stage.text());
    assert_eq!(orders_of(stage.press("enter")), [Command::GoOn]);
    assert_eq!(orders_of(stage.press("x")), [Command::Stop]);
}

#[test]
fn a_closed_desk_says_so_and_does_nothing() {
    let mut stage = opened((120, 40));
    let closed = DlqState {
        closed: Some(DlqError::ReadOnly.into()),
        ..(*stage.app.dlq).clone()
    };
    stage.tell(Msg::Dlq(Arc::new(closed)));
    assert!(stage.text().contains("READ-ONLY"), "{}", stage.text());
    stage.press("R");
    assert!(stage.press("enter").is_empty());
    assert!(stage.press("D").is_empty());
    let wish = wish_of(stage.press("g b"));
    stage.tell(Msg::Dlq(Arc::new(with_plan(&stage, wish, false))));
    assert!(stage.press("enter a").is_empty(), "a dry run is all there is");
}

#[test]
fn what_the_desk_says_is_said_once() {
    let mut stage = opened((120, 40));
    let said = Notice {
        number: 1,
        what: text("Exported 3 messages to two.jsonl."),
    };
    let desk = DlqState {
        said: Some(said),
        ..(*stage.app.dlq).clone()
    };
    stage.tell(Msg::Dlq(Arc::new(desk.clone())));
    assert!(stage.text().contains("Exported 3 messages to two.jsonl."));
    stage.press("j");
    stage.tell(Msg::Dlq(Arc::new(desk)));
    assert!(!stage.text().contains("Exported 3 messages to two.jsonl."));
}

#[test]
fn the_demos_keys_give_way() {
    let mut stage = opened((120, 40));
    stage.tell(Msg::Demo(crate::ui::DemoState::default()));
    assert!(stage.press("g space").is_empty());
    assert_eq!(pane(&stage).list.marks.len(), 7);
    assert!(matches!(stage.press("b").as_slice(), [Effect::Dlq(Command::Plan(_))]));
    stage.press("esc");
    assert!(
        matches!(stage.press("P").as_slice(), [Effect::DemoControl(_)]),
        "the others stay"
    );
}

#[test]
fn from_a_letter_to_its_function_and_its_time_line() {
    let mut stage = opened((120, 40));
    stage.press("g r");
    assert!(matches!(stage.app.panes.below, Pane::Retries(_)));
    let mut stage = opened((120, 40));
    stage.press("g c");
    assert!(matches!(stage.app.panes.below, Pane::Issues));
    assert!(
        stage
            .app
            .chain
            .selected
            .as_ref()
            .is_some_and(|id| id.as_str().ends_with("orders-in"))
    );
}

#[test]
fn hostile_letters_reach_the_screen_as_plain_text() {
    let mut stage = opened((120, 40));
    let mut desk = (*stage.app.dlq).clone();
    let letters = desk.letters.values_mut().next().expect("letters");
    let letters = Arc::make_mut(letters);
    letters.number = 2;
    for entry in &mut letters.entries {
        let letter = Arc::make_mut(&mut entry.letter);
        letter.body = "\u{1b}[2J\u{1b}]52;c;aGk=\u{7}\u{202e}".into();
        letter.message_id.push('\u{1b}');
        let text = "\u{1b}[31mred".to_owned();
        entry.signature = Arc::new(Fault::Error { text }.into());
    }
    stage.tell(Msg::Dlq(Arc::new(desk)));
    for keys in ["g", "a", "enter", "w", "w", "esc", "a g b"] {
        stage.press(keys);
        let text = stage.text();
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
    }
}
