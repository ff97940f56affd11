//! What of the chain is drawn: the focus, folds, guesses, hidden names.

use super::conversation::{go_to, selected};
use super::{orders_stage, settings, stage};
use crate::domain::{EdgeKind, EdgePolicy, NodeKind};
use crate::store::snapshot::Health;
use crate::ui::settings::Settings;
use crate::ui::testing::{Account, Stage, big, noon, orders};

#[test]
fn focus_leaves_the_chain_through_the_node() {
    let mut account = orders(noon());
    let other = account.node(NodeKind::Lambda, "elsewhere");
    let mut stage = stage(&account, (120, 40));
    go_to(&mut stage, "orders-q");
    stage.press("f");
    let items = &stage.app.chain.shown.picture.items;
    assert!(!items.contains_key(&other));
    let names: Vec<&str> = stage
        .snapshot
        .topology
        .nodes
        .values()
        .filter(|n| items.contains_key(&n.id))
        .map(|n| n.name.as_str())
        .collect();
    for name in [
        "every-5-min",
        "orders-in",
        "in-dlq",
        "q-dlq",
        "orders-report",
        "report-failed",
    ] {
        assert!(
            names.contains(&name),
            "{name} lies up or down stream, or holds dead letters: {names:?}"
        );
    }
    stage.press("f");
    assert!(stage.app.chain.shown.picture.items.contains_key(&other));
    assert_eq!(selected(&stage), "orders-q");
}

#[test]
fn fold_leaves_what_needs_a_look_and_enter_opens_a_fold() {
    let mut stage = stage(&big(noon(), 500), (100, 30));
    let red = stage.app.chain.selected.clone().expect("the red one");
    stage.press("z");
    let items = &stage.app.chain.shown.picture.items;
    assert!(items.len() < 6, "{}", items.len());
    assert!(items.contains_key(&red));
    assert_eq!(stage.app.chain.selected.as_ref(), Some(&red));
    stage.press("h");
    assert!(selected(&stage).starts_with("fold:"));
    let folded = stage.app.chain.shown.picture.items.len();
    stage.press("enter");
    assert!(stage.app.chain.shown.picture.items.len() > folded);
    assert!(
        !selected(&stage).starts_with("fold:"),
        "somebody who was inside is selected"
    );
    stage.press("z");
    assert_eq!(stage.app.chain.shown.picture.items.len(), 500);
}

#[test]
fn what_is_not_known_is_not_counted_as_well() {
    let mut account = Account::new(noon());
    let ids: Vec<_> = (0..4)
        .map(|n| account.node(NodeKind::S3, &format!("bucket-{n}")))
        .collect();
    account.vitals(&ids[0]).health = Health::Unknown;
    let mut stage = stage(&account, (100, 20));
    stage.press("z");
    assert!(stage.text().contains("3 OK"), "{}", stage.text());
    assert!(stage.text().contains("1 ?"), "{}", stage.text());
}

#[test]
fn a_fold_never_lies_on_both_sides_of_a_trouble() {
    let mut account = Account::new(noon());
    let ids: Vec<_> = (0..5)
        .map(|n| account.node(NodeKind::Lambda, &format!("f{n}")))
        .collect();
    for pair in ids.windows(2) {
        account.edge(&pair[0], &pair[1], EdgeKind::Trigger, EdgePolicy::default());
    }
    // Past the trouble, too.
    account.edge(&ids[1], &ids[3], EdgeKind::Trigger, EdgePolicy::default());
    account.vitals(&ids[2]).health = Health::Failing;
    let mut stage = stage(&account, (100, 20));
    stage.press("z");
    let picture = &stage.app.chain.shown.picture;
    assert_eq!(picture.items.len(), 3);
    assert_eq!(picture.folded[&ids[0]], picture.folded[&ids[1]]);
    assert_eq!(picture.folded[&ids[3]], picture.folded[&ids[4]]);
    assert_ne!(picture.folded[&ids[0]], picture.folded[&ids[3]]);
}

#[test]
fn guesses_and_hidden_names_can_be_left_out() {
    let mut stage = orders_stage((120, 40));
    let lines = stage.app.chain.shown.picture.lines.len();
    stage.press("g");
    assert!(stage.app.chain.shown.picture.lines.iter().all(|line| line.solid));
    assert!(stage.app.chain.shown.picture.lines.len() < lines);
    stage.press("g");
    assert_eq!(stage.app.chain.shown.picture.lines.len(), lines);

    let settings = Settings {
        hidden: vec!["*-dlq".to_owned()],
        ..settings()
    };
    let stage = Stage::new(settings, &orders(noon()), (120, 40)).expect("a stage");
    assert_eq!(stage.app.chain.shown.picture.hidden, 2);
    assert!(stage.text().contains("2 hidden"));
}

#[test]
fn what_is_folded_is_found_by_its_name_and_comes_out() {
    let mut stage = stage(&big(noon(), 200), (100, 30));
    stage.press("z");
    assert!(stage.app.chain.shown.picture.items.len() < 10);
    go_to(&mut stage, "team3-worker-1");
    let id = stage.app.chain.selected.clone().expect("a selection");
    assert!(stage.app.chain.shown.picture.items.contains_key(&id));
}
