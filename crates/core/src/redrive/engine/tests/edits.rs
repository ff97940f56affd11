//! Edited messages: their edits survive a kill, and their originals never go.

use std::collections::BTreeMap;

use super::model::{Faults, Model};
use super::{START, header, letter};
use crate::domain::QueueMessage;
use crate::domain::phrase::Phrase;
use crate::redrive::record::Header;
use crate::redrive::route::Edit;
use crate::redrive::settings::Settings;
use crate::redrive::words::Stays;

const ENOUGH: usize = 200_000;

/// Twelve messages, of which every third is edited; in three groups where the target keeps order.
fn scene(fifo: bool) -> (Vec<QueueMessage>, BTreeMap<String, Edit>, Header) {
    let group = |n: usize| fifo.then(|| format!("g{}", n % 3));
    let letters: Vec<_> = (0..12).map(|n| letter(n, group(n).as_deref())).collect();
    let edit = |letter: &QueueMessage| Edit {
        original: letter.body.clone(),
        body: letter.body.replace("order", "edited").into(),
    };
    let edited = letters.iter().step_by(3);
    let edits: BTreeMap<_, _> = edited.map(|letter| (letter.message_id.clone(), edit(letter))).collect();
    let settings = Settings {
        canary: 0,
        lanes: 3,
        ..Settings::default()
    };
    let mut head = header(&letters, letters.len(), fifo, settings);
    for chosen in &mut head.chosen {
        chosen.edited = edits.contains_key(&chosen.id);
    }
    (letters, edits, head)
}

#[test]
fn a_killed_run_goes_on_with_its_edits() {
    for seed in 0..120 {
        let (letters, edits, head) = scene(seed % 2 == 0);
        let mut model = Model::new(letters.clone(), seed);
        model.edits.clone_from(&edits);
        model.begin(&head);
        let faults = Faults {
            calls: 20,
            ..Faults::default()
        };
        for steps in [15, 60, 40] {
            if model
                .run(faults, steps + usize::try_from(seed).expect("small"))
                .is_none()
            {
                model.crash();
            }
        }
        model.now += 3_600_000;
        let summary = model.run(Faults::default(), ENOUGH).expect("it ends");
        assert!(summary.is_complete(), "{seed}: {summary:?}");
        for edit in edits.values() {
            assert!(
                model.delivered.iter().all(|sent| sent.body != edit.original),
                "{seed}: an original went"
            );
        }
        let twice: usize = letters.iter().map(|letter| model.copies(letter) - 1).sum();
        assert!(twice as u64 <= summary.unknown, "{seed}: {twice} twice");
        assert_eq!(model.delivered.len(), letters.len() + twice, "{seed}: altered");
    }
}

#[test]
fn without_its_edit_an_edited_message_stays() {
    let (letters, edits, head) = scene(false);
    let mut model = Model::new(letters, 7);
    model.begin(&head);
    let summary = model.run(Faults::default(), ENOUGH).expect("it ends");
    let left: Vec<&str> = summary.left.iter().map(|left| left.message_id.as_str()).collect();
    assert_eq!(left, edits.keys().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(summary.left[0].why, Phrase::from(Stays::EditLost));
    assert_eq!((summary.sent, model.ids().len()), (8, 4));
}

/// The first run is killed and its journal lost; the person begins anew within AWS's five minutes.
#[test]
fn a_fifo_run_repeated_within_five_minutes_sends_nothing_twice_and_loses_no_edit() {
    for seed in 0..60 {
        let (letters, edits, head) = scene(true);
        let mut model = Model::new(letters.clone(), seed);
        model.edits.clone_from(&edits);
        model.begin(&head);
        let steps = 20 + 3 * usize::try_from(seed).expect("small");
        if model.run(Faults::default(), steps).is_none() {
            model.crash();
        }
        // What was in hand shows again; what is sent and not deleted goes once more.
        model.now = (model.now + 60_000).min(START + 290_000);
        let lying: Vec<QueueMessage> = letters
            .iter()
            .filter(|letter| model.ids().contains(&letter.message_id.as_str()))
            .cloned()
            .collect();
        let mut again = header(&lying, lying.len(), true, head.settings.clone());
        for chosen in &mut again.chosen {
            chosen.edited = edits.contains_key(&chosen.id);
        }
        model.begin(&again);
        let summary = model.run(Faults::default(), ENOUGH).expect("it ends");
        assert!(summary.is_complete(), "{seed}: {summary:?}");
        for letter in &letters {
            assert_eq!(model.copies(letter), 1, "{seed}: {}", letter.message_id);
        }
        assert_eq!(model.delivered.len(), letters.len(), "{seed}: altered");
    }
}
