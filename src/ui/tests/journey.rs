//! The journey of one event on screen.

use std::sync::Arc;

use insta::assert_snapshot;
use jiff::SignedDuration;

use super::{account, ascii_stage, settings};
use crate::domain::NodeId;
use crate::logs::buffer::{Lines, Put};
use crate::logs::{GroupLog, Invocations};
use crate::ui::panes::journey::state::JourneyPane;
use crate::ui::panes::state::Pane;
use crate::ui::testing::{Account, Stage, noon, scope};

const MESSAGE: &str = "98a3c001-0000-4000-8000-00000000000a";

fn request(n: u32) -> String {
    format!("c0ffee00-0000-4000-8000-{n:012}")
}

/// Lines of one invocation: it began so many milliseconds ago, ran so long, and said this.
fn run(ago: i64, ran: i64, n: u32, said: &str, failed: bool) -> Vec<(i64, String)> {
    let id = request(n);
    let mut lines = vec![
        (ago, format!("START RequestId: {id} Version: $LATEST")),
        (ago - 1, said.to_owned()),
    ];
    if failed {
        let error = "[ERROR] RuntimeError: card declined\rTraceback (most recent call last):\r\u{a0}\u{a0}File \"x\"";
        lines.push((ago - ran, error.to_owned()));
    }
    lines.push((ago - ran, format!("END RequestId: {id}")));
    let figures = "Billed Duration: 1 ms\tMemory Size: 128 MB\tMax Memory Used: 41 MB\t";
    lines.push((
        ago - ran,
        format!("REPORT RequestId: {id}\tDuration: {ran}.00 ms\t{figures}"),
    ));
    lines
}

/// An order that two functions pass on and the third fails three times.
fn traveled() -> Account {
    let mut account = account();
    let key = format!("s3://orders-bkt/incoming/{}.json", request(1));
    let received = format!("processing messageId={MESSAGE}");
    let told = [
        ("orders-in", run(64_500, 103, 1, "order 4711", false)),
        (
            "orders-parse",
            [run(62_500, 58, 2, &format!("parsing {key}"), false)]
                .concat()
                .into_iter()
                .chain([(62_450, format!("sent message {MESSAGE}"))])
                .collect(),
        ),
        (
            "orders-work",
            [
                run(62_000, 202, 3, &received, true),
                run(32_000, 205, 4, &received, true),
                run(2_000, 201, 5, &received, true),
            ]
            .concat(),
        ),
    ];
    let mut runs = Invocations::default();
    account.logs.groups.clear();
    for (name, mut lines) in told {
        lines.sort_by_key(|(ago, _)| std::cmp::Reverse(*ago));
        let function = NodeId::from(scope().arn("lambda", &format!("function:{name}")));
        let at = |ago: i64| noon() - SignedDuration::from_millis(ago);
        let puts = lines.iter().map(|(ago, text)| {
            runs.take(&function, "stream", at(*ago), text);
            Put {
                at: at(*ago).as_millisecond(),
                stream: "stream",
                function: Some(&function),
                level: None,
                text,
            }
        });
        let lines = Lines::of(puts.collect());
        let name: Arc<str> = format!("/aws/lambda/{name}").into();
        let group = GroupLog {
            name: Arc::clone(&name),
            functions: vec![function.clone()],
            lines,
            ..GroupLog::default()
        };
        account.logs.groups.insert(name, Arc::new(group));
    }
    runs.refresh();
    account.invocations = runs.all().map(|(id, runs)| (id.clone(), runs)).collect();
    account
}

fn pane(stage: &Stage) -> &JourneyPane {
    match &stage.app.panes.below {
        Pane::Journey(pane) => pane,
        other => panic!("no journey is open: {other:?}"),
    }
}

fn stage(size: (u16, u16)) -> Stage {
    let mut stage = Stage::new(settings(), &traveled(), size).expect("a stage");
    stage.press("L");
    if let Pane::Logs(log) = &stage.app.panes.below
        && log.only.is_some()
    {
        stage.press("f");
    }
    stage.press("G J");
    stage
}

#[test]
fn wide() {
    assert_snapshot!(stage((120, 40)).text());
}

#[test]
fn the_smallest_screen() {
    assert_snapshot!(stage((80, 24)).text());
}

#[test]
fn a_hop_in_full() {
    let mut stage = stage((120, 40));
    stage.press("enter");
    assert_snapshot!(stage.text());
}

#[test]
fn from_the_last_line_to_the_whole_way() {
    let mut stage = stage((120, 40));
    let hops: Vec<(&str, usize)> = pane(&stage)
        .journey
        .hops
        .iter()
        .map(|hop| (hop.function.short_name(), hop.attempts.len()))
        .collect();
    assert_eq!(hops, [("orders-in", 1), ("orders-parse", 1), ("orders-work", 3)]);
    assert!(pane(&stage).ids().contains(MESSAGE));
    stage.press("L");
    assert!(matches!(&stage.app.panes.below, Pane::Logs(_)));
    stage.press("esc");
}

#[test]
fn ascii() {
    let mut stage = ascii_stage();
    stage.press("L J");
    let text = stage.text();
    assert!(text.is_ascii(), "{text}");
}
