//! A redrive, word by word.

use std::collections::BTreeMap;

use super::{START, header, letter};
use crate::domain::{Handled, NoAnswer, QueueMessage, Received, Sending};
use crate::redrive::effect::{Command, Effect, Event};
use crate::redrive::engine::Engine;
use crate::redrive::progress::Phase;
use crate::redrive::record::{Growth, Record, line};
use crate::redrive::replay::{Replay, Unusable};
use crate::redrive::settings::{OnUnknown, Settings};

fn hold(letter: &QueueMessage) -> (Received, i64) {
    let held = Received {
        letter: letter.clone(),
        handle: format!("handle of {}", letter.message_id),
    };
    (held, START + 30_000)
}

fn begin(messages: usize, settings: Settings) -> (Engine, Vec<Effect>) {
    let letters: Vec<_> = (0..messages).map(|n| letter(n, None)).collect();
    let replay = Replay::new(header(&letters, messages, false, settings));
    let held = letters.iter().map(hold).collect();
    Engine::start(&replay, &BTreeMap::new(), held, START)
}

fn without_canary() -> Settings {
    Settings {
        canary: 0,
        ..Settings::default()
    }
}

/// The ticket of the one durable record among the effects.
fn durable(effects: &[Effect]) -> u64 {
    let tickets = effects.iter().filter_map(|effect| match effect {
        Effect::Journal(Some(ticket), _) => Some(*ticket),
        _ => None,
    });
    let tickets: Vec<u64> = tickets.collect();
    assert_eq!(tickets.len(), 1, "{effects:#?}");
    tickets[0]
}

fn sends(effects: &[Effect]) -> Vec<(u64, usize)> {
    let sends = effects.iter().filter_map(|effect| match effect {
        Effect::Send(ticket, _, messages) => Some((*ticket, messages.len())),
        _ => None,
    });
    sends.collect()
}

fn deletes(effects: &[Effect]) -> Vec<u64> {
    let deletes = effects.iter().filter_map(|effect| match effect {
        Effect::Delete(ticket, _) => Some(*ticket),
        _ => None,
    });
    deletes.collect()
}

fn sent(count: usize) -> Vec<Sending> {
    (0..count).map(|n| Sending::Sent { id: format!("new {n}") }).collect()
}

#[test]
fn nothing_is_sent_before_its_intent_is_durable_nor_deleted_before_its_sending_is() {
    let (mut engine, effects) = begin(3, without_canary());
    assert!(sends(&effects).is_empty());
    let effects = engine.step(START + 1, Event::Journaled(durable(&effects)));
    let [(ticket, 3)] = sends(&effects)[..] else {
        panic!("{effects:#?}")
    };
    let effects = engine.step(START + 2, Event::Sent(ticket, sent(3)));
    assert!(deletes(&effects).is_empty());
    let effects = engine.step(START + 3, Event::Journaled(durable(&effects)));
    let [ticket] = deletes(&effects)[..] else {
        panic!("{effects:#?}")
    };
    let effects = engine.step(START + 4, Event::Deleted(ticket, vec![Handled::Done; 3]));
    // And then the queue itself is asked.
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Receive { .. })));
    let effects = engine.step(START + 5, Event::Received(Ok(Vec::new())));
    assert_eq!(effects, [Effect::Count]);
    let effects = engine.step(START + 6, Event::Counted(Ok(0)));
    assert_eq!(effects.last(), Some(&Effect::End));
    assert!(engine.summary().is_complete());
}

#[test]
fn a_canary_goes_first_and_the_rest_waits_for_a_word() {
    let settings = Settings {
        canary: 2,
        ..Settings::default()
    };
    let (mut engine, effects) = begin(30, settings);
    let effects = engine.step(START + 1, Event::Journaled(durable(&effects)));
    let [(ticket, 2)] = sends(&effects)[..] else {
        panic!("{effects:#?}")
    };
    let effects = engine.step(START + 2, Event::Sent(ticket, sent(2)));
    let effects = engine.step(START + 3, Event::Journaled(durable(&effects)));
    let gone = engine.step(START + 4, Event::Deleted(deletes(&effects)[0], vec![Handled::Done; 2]));
    assert_eq!(engine.progress(START + 4).phase, Phase::Waiting, "{gone:#?}");
    assert!(engine.step(START + 900, Event::Tick).is_empty());
    let effects = engine.step(START + 1_000, Event::Command(Command::GoOn));
    let intents = effects
        .iter()
        .filter(|effect| matches!(effect, Effect::Journal(Some(_), _)));
    assert_eq!(intents.count(), 3, "28 messages in batches of 10");
}

#[test]
fn a_run_that_goes_on_sends_a_canary_of_its_own() {
    let letters: Vec<_> = (0..4).map(|n| letter(n, None)).collect();
    let mut text = line(&header(&letters, 4, false, Settings::default()));
    text += &line(&Record::Sent(vec![("id-0".to_owned(), "new-0".to_owned())]));
    text += &line(&Record::Gone(vec!["id-0".to_owned()]));
    let replay = Replay::read(text.as_bytes()).expect("a journal");
    let (mut engine, _) = Engine::start(&replay, &BTreeMap::new(), Vec::new(), START);
    engine.first(1);
    let received = letters[1..].iter().map(|letter| hold(letter).0).collect();
    let effects = engine.step(START + 1, Event::Received(Ok(received)));
    let effects = engine.step(START + 2, Event::Journaled(durable(&effects)));
    let [(ticket, 1)] = sends(&effects)[..] else {
        panic!("{effects:#?}")
    };
    let effects = engine.step(START + 3, Event::Sent(ticket, sent(1)));
    let effects = engine.step(START + 4, Event::Journaled(durable(&effects)));
    engine.step(START + 5, Event::Deleted(deletes(&effects)[0], vec![Handled::Done]));
    assert_eq!(engine.progress(START + 5).phase, Phase::Waiting);
}

#[test]
fn a_word_to_stop_names_what_stays_and_gives_it_back() {
    let settings = Settings {
        canary: 1,
        ..Settings::default()
    };
    let (mut engine, effects) = begin(3, settings);
    let effects = engine.step(START + 1, Event::Journaled(durable(&effects)));
    let effects = engine.step(START + 2, Event::Sent(sends(&effects)[0].0, sent(1)));
    let effects = engine.step(START + 3, Event::Journaled(durable(&effects)));
    engine.step(START + 4, Event::Deleted(deletes(&effects)[0], vec![Handled::Done]));
    let effects = engine.step(START + 5, Event::Command(Command::Stop));
    let back = effects.iter().find_map(|effect| match effect {
        Effect::Hide(_, handles, 0) => Some(handles.len()),
        _ => None,
    });
    assert_eq!(back, Some(2));
    let left: Vec<_> = engine.summary().left.into_iter().map(|left| left.message_id).collect();
    assert_eq!(left, ["id-1", "id-2"]);
}

#[test]
fn a_full_disk_stops_before_the_send() {
    let (mut engine, effects) = begin(2, without_canary());
    let effects = engine.step(
        START + 1,
        Event::JournalFailed(durable(&effects), "no space left".into()),
    );
    assert!(sends(&effects).is_empty());
    let summary = engine.summary();
    assert_eq!((summary.sent, summary.left.len()), (0, 2));
    assert!(!summary.is_complete());
}

#[test]
fn what_nobody_knows_goes_again_or_stays_as_it_was_asked() {
    for (unknown, again) in [(OnUnknown::Resend, true), (OnUnknown::Leave, false)] {
        let settings = Settings {
            unknown,
            ..without_canary()
        };
        let (mut engine, effects) = begin(1, settings);
        let effects = engine.step(START + 1, Event::Journaled(durable(&effects)));
        let lost = vec![Sending::Unknown {
            why: "no answer".into(),
        }];
        engine.step(START + 2, Event::Sent(sends(&effects)[0].0, lost));
        let effects = engine.step(START + 2_000, Event::Tick);
        let intent = effects
            .iter()
            .any(|effect| matches!(effect, Effect::Journal(Some(_), _)));
        assert_eq!(intent, again);
        assert_eq!(engine.summary().unknown, 1);
    }
}

#[test]
fn an_old_handle_is_not_believed() {
    let (mut engine, effects) = begin(1, without_canary());
    let effects = engine.step(START + 1, Event::Journaled(durable(&effects)));
    let effects = engine.step(START + 2, Event::Sent(sends(&effects)[0].0, sent(1)));
    let effects = engine.step(START + 3, Event::Journaled(durable(&effects)));
    // The answer comes long after others could see the message again.
    engine.step(
        START + 40_000,
        Event::Deleted(deletes(&effects)[0], vec![Handled::Done]),
    );
    assert_eq!(engine.summary().deleted, 0);
    // It is still there: the short receive shows it, and it is deleted by its fresh handle.
    let (mut held, _) = hold(&letter(0, None));
    held.handle = "a fresh one".into();
    let effects = engine.step(START + 41_000, Event::Received(Ok(vec![held])));
    let fresh = |effect: &Effect| matches!(effect, Effect::Delete(_, handles) if handles[..] == ["a fresh one"]);
    assert!(effects.iter().any(fresh), "{effects:#?}");
    engine.step(
        START + 41_001,
        Event::Deleted(deletes(&effects)[0], vec![Handled::Done]),
    );
    assert_eq!(engine.summary().deleted, 1);
}

#[test]
fn a_resumed_run_gives_back_first_and_sends_nothing_twice_that_is_sent() {
    let letters: Vec<_> = (0..2).map(|n| letter(n, None)).collect();
    let mut disk = line(&header(&letters, 2, false, without_canary()));
    let records = [
        Record::Held(vec![("id-0".into(), "h0".into()), ("id-1".into(), "h1".into())]),
        Record::Sent(vec![("id-0".into(), "new".into())]),
    ];
    disk.extend(records.iter().map(line));
    disk.push_str("{\"intent\":[{\"id\":\"id-1\",\"to");
    let replay = Replay::read(disk.as_bytes()).expect("a journal");
    assert!(replay.whole < disk.len(), "the torn end is left out");
    let (mut engine, effects) = Engine::start(&replay, &BTreeMap::new(), Vec::new(), START);
    let back = Effect::Hide(1, vec!["h0".into(), "h1".into()], 0);
    assert_eq!(effects.first(), Some(&back));
    let both = letters.iter().map(|letter| hold(letter).0).collect();
    let effects = engine.step(START + 1, Event::Received(Ok(both)));
    assert_eq!(deletes(&effects).len(), 1, "what is sent is only deleted: {effects:#?}");
    let intents = effects.iter().filter_map(|effect| match effect {
        Effect::Journal(Some(_), records) => Some(records.clone()),
        _ => None,
    });
    let intents: Vec<_> = intents.flatten().collect();
    assert!(matches!(&intents[..], [Record::Intent(all)] if all.len() == 1 && all[0].id == "id-1"));
}

#[test]
fn a_journal_that_is_damaged_within_is_refused_and_not_taken_for_its_beginning() {
    let letters: Vec<_> = (0..2).map(|n| letter(n, None)).collect();
    let head = line(&header(&letters, 2, false, without_canary()));
    let sent = line(&Record::Sent(vec![("id-0".into(), "new".into())]));
    let damaged = format!("{head}{{\"xntent\":[]}}\n{sent}");
    assert_eq!(
        Replay::read(damaged.as_bytes()).err(),
        Some(Unusable::Damaged { line: 2 })
    );
    let damaged = format!("{head}{sent}{{\"xntent\":[]}}\n");
    assert_eq!(
        Replay::read(damaged.as_bytes()).err(),
        Some(Unusable::Damaged { line: 3 }),
        "it ends: no kill leaves such a line"
    );
    let torn = format!("{head}{sent}{{\"xntent\":[]}}");
    let replay = Replay::read(torn.as_bytes()).expect("it does not end: it was not durable");
    assert_eq!(replay.whole, head.len() + sent.len());
}

#[test]
fn too_many_failed_runs_of_the_target_keep_the_rest() {
    let settings = Settings {
        rate: Some(1),
        ..without_canary()
    };
    let (mut engine, _) = begin(20, settings);
    engine.step(START + 1, Event::Runs { all: 4, failed: 4 });
    assert!(
        engine.summary().left.len() == 20 && engine.progress(START + 1).left == 0,
        "too few to judge by"
    );
    engine.step(START + 2, Event::Runs { all: 8, failed: 4 });
    assert_eq!(engine.progress(START + 2).left, 19);
}

/// A FIFO queue of which nothing is in sight yet.
fn begin_blind(ways: bool) -> (Engine, Vec<Effect>) {
    let mut head = header(&[], 1, true, without_canary());
    head.grows = Some(Growth::First);
    if !ways {
        head.ways.clear();
    }
    Engine::start(&Replay::new(head), &BTreeMap::new(), Vec::new(), START)
}

/// Runs to the end; `answer` says what comes of each effect.
fn to_the_end(engine: &mut Engine, mut effects: Vec<Effect>, mut answer: impl FnMut(Effect) -> Option<Event>) {
    let mut now = START;
    for _ in 0..1_000 {
        let event = match effects.pop() {
            Some(Effect::End) => return,
            Some(effect) => answer(effect),
            None => {
                now = engine.deadline(now).unwrap_or(now + 1_000);
                Some(Event::Tick)
            }
        };
        if let Some(event) = event {
            effects.extend(engine.step(now, event));
        }
        if engine.progress(now).phase == Phase::Waiting {
            effects.extend(engine.step(now, Event::Command(Command::GoOn)));
        }
    }
    panic!("it never ends: {engine:?}");
}

#[test]
fn what_comes_into_sight_without_a_way_to_go_is_not_kept_waiting() {
    let (mut engine, effects) = begin_blind(false);
    let mut there = vec![hold(&letter(0, Some("g"))).0];
    let mut given_back = false;
    to_the_end(&mut engine, effects, |effect| match effect {
        Effect::Receive { .. } => Some(Event::Received(Ok(std::mem::take(&mut there)))),
        Effect::Count => Some(Event::Counted(Ok(1))),
        Effect::Hide(ticket, handles, seconds) => {
            given_back |= seconds == 0;
            Some(Event::Hidden(ticket, vec![Handled::Done; handles.len()]))
        }
        Effect::Journal(..) => None,
        other => panic!("{other:?}"),
    });
    assert!(given_back);
}

#[test]
fn where_others_hold_all_heads_at_first_the_rest_waits_behind_the_canary_and_goes() {
    let mut head = header(&[], 2, true, Settings::default());
    head.grows = Some(Growth::First);
    let (mut engine, effects) = Engine::start(&Replay::new(head), &BTreeMap::new(), Vec::new(), START);
    let mut there = vec![hold(&letter(0, Some("g"))).0, hold(&letter(1, Some("h"))).0];
    let (mut receives, mut rest) = (0, 2);
    to_the_end(&mut engine, effects, |effect| match effect {
        // The first show nothing, so that the end begins; there they come into sight.
        Effect::Receive { .. } => {
            receives += 1;
            let shown = if receives > 3 {
                std::mem::take(&mut there)
            } else {
                Vec::new()
            };
            Some(Event::Received(Ok(shown)))
        }
        Effect::Journal(ticket, _) => ticket.map(Event::Journaled),
        Effect::Send(ticket, _, messages) => Some(Event::Sent(ticket, sent(messages.len()))),
        Effect::Delete(ticket, handles) => {
            rest -= handles.len() as u64;
            Some(Event::Deleted(ticket, vec![Handled::Done; handles.len()]))
        }
        Effect::Hide(ticket, handles, _) => Some(Event::Hidden(ticket, vec![Handled::Done; handles.len()])),
        Effect::Count => Some(Event::Counted(Ok(rest))),
        Effect::End => None,
    });
    assert!(engine.summary().is_complete(), "{:?}", engine.summary());
}

#[test]
fn a_queue_that_shows_nothing_and_counts_nothing_is_not_said_to_be_done() {
    let (mut engine, effects) = begin_blind(true);
    to_the_end(&mut engine, effects, |effect| match effect {
        Effect::Receive { .. } => Some(Event::Received(Ok(Vec::new()))),
        Effect::Count => Some(Event::Counted(Err(NoAnswer("no answer".to_owned())))),
        Effect::Journal(..) => None,
        other => panic!("{other:?}"),
    });
    assert!(!engine.summary().is_complete(), "{:?}", engine.summary());
}
