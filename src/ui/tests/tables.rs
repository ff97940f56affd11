//! The tables of functions, queues and the rest.

use insta::assert_snapshot;

use super::orders_stage;
use crate::domain::{Metric, NodeKind};
use crate::store::snapshot::{Health, Snapshot};
use crate::ui::panes::state::Pane;
use crate::ui::panes::tables::rows::{Column, Subject, Value, rows};
use crate::ui::panes::tables::state::TablePane;
use crate::ui::testing::{Account, Stage, noon};

/// The table of a name in the palette.
fn table(stage: &mut Stage, name: &str) {
    stage.press(":");
    for letter in name.chars() {
        stage.press(&letter.to_string());
    }
    stage.press("enter");
}

fn pane(stage: &Stage) -> &TablePane {
    match &stage.app.panes.below {
        Pane::Table(pane) => pane,
        other => panic!("no table is open: {other:?}"),
    }
}

fn names(stage: &Stage) -> Vec<&str> {
    pane(stage).rows.iter().map(|row| row.name.as_str()).collect()
}

#[test]
fn functions_worst_first() {
    let mut stage = orders_stage((120, 40));
    table(&mut stage, "functions");
    assert_snapshot!(stage.text());
}

#[test]
fn queues_on_a_small_screen() {
    let mut stage = orders_stage((80, 24));
    table(&mut stage, "queues");
    assert_snapshot!(stage.text());
}

#[test]
fn a_table_is_sorted_filtered_and_left_for_the_box() {
    let mut stage = orders_stage((120, 40));
    table(&mut stage, "functions");
    let worst = names(&stage)[0].to_owned();
    assert_eq!(pane(&stage).rows[0].health, Health::Failing, "{worst}");
    stage.press("s s");
    assert_eq!(pane(&stage).sort, Some(Column::Invocations));
    stage.press("/ p a r s e");
    assert_eq!(names(&stage), ["orders-parse"], "as one types");
    stage.press("enter enter");
    assert!(matches!(stage.app.panes.below, Pane::Issues));
    let selected = stage.app.chain.selected.clone().expect("a box");
    assert!(selected.as_str().ends_with(":orders-parse"), "{selected}");
}

#[test]
fn every_table_opens_from_the_palette() {
    let mut stage = orders_stage((80, 24));
    for name in ["functions", "queues", "topics", "rules", "apis", "issue-table"] {
        table(&mut stage, name);
        assert!(!pane(&stage).rows.is_empty(), "{name}");
        let _ = stage.draw();
    }
}

/// What stands in a column of the first row.
fn value(subject: Subject, column: Column, snapshot: &Snapshot) -> Value {
    let place = subject.columns().iter().position(|known| *known == column);
    rows(subject, snapshot)[0].cells[place.expect("a column")].clone()
}

#[test]
fn what_was_not_read_is_unknown_and_no_nought() {
    let mut account = Account::new(noon());
    let work = account.node(NodeKind::Lambda, "work");
    let snapshot = account.snapshot();
    let of = |column| value(Subject::Functions, column, &snapshot);
    for column in [
        Column::Invocations,
        Column::Errors,
        Column::P99,
        Column::Concurrency,
        Column::Deployed,
    ] {
        assert_eq!(of(column), Value::Unknown, "{column:?}");
    }
    assert_eq!(of(Column::Dlq), Value::None, "the survey found none");
    account.topology.complete = false;
    assert_eq!(
        value(Subject::Functions, Column::Dlq, &account.snapshot()),
        Value::Unknown
    );
    account.runs(&work, 6.0);
    account.metric(&work, Metric::DurationP99, &[12.0, 202.0]);
    account.metric(&work, Metric::ConcurrentExecutions, &[]);
    let snapshot = account.snapshot();
    let of = |column| value(Subject::Functions, column, &snapshot);
    assert_eq!(of(Column::Invocations), Value::Number(6.0));
    assert_eq!(of(Column::Errors), Value::Share(0.0, 0.0));
    assert_eq!(of(Column::P99), Value::Millis(202.0));
    assert_eq!(of(Column::Concurrency), Value::None, "read, and there is none");
}

#[test]
fn what_is_not_known_is_sorted_last() {
    let mut values = [
        Value::Unknown,
        Value::Number(3.0),
        Value::None,
        Value::Number(7.0),
        Value::Text("b".to_owned()),
        Value::Text("a".to_owned()),
    ];
    values.sort_by(Value::before);
    assert_eq!(
        values[..4],
        [
            Value::Number(7.0),
            Value::Number(3.0),
            Value::Text("a".to_owned()),
            Value::Text("b".to_owned())
        ]
    );
}
