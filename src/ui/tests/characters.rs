//! Text that is hostile or wide.

use ratatui::buffer::Buffer;

use super::{settings, stage};
use crate::domain::{EdgeFilter, EdgeKind, EdgePolicy, EdgeStatus, NodeKind};
use crate::store::snapshot::Health;
use crate::ui::settings::Settings;
use crate::ui::testing::{Account, Stage, noon, orders, text, text_of};

const HOSTILE: &str = "a\u{1b}[2J\u{7}\u{9b}31m\u{202e}b\r\nc\u{0}\u{200b}";

fn assert_tame(buffer: &Buffer) {
    for cell in &buffer.content {
        let hostile = |c: char| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}');
        assert!(!cell.symbol().chars().any(hostile), "{:?}", cell.symbol());
    }
}

#[test]
fn hostile_text_never_reaches_a_cell() {
    let mut account = orders(noon());
    let evil = account.node(NodeKind::Lambda, HOSTILE);
    let edges: Vec<_> = account.topology.edges.iter().map(|edge| edge.key.clone()).collect();
    account.edge(
        &edges[0].from,
        &evil,
        EdgeKind::Trigger,
        EdgePolicy {
            id: Some(HOSTILE.to_owned()),
            status: EdgeStatus {
                state: Some(HOSTILE.to_owned()),
                last_result: Some(HOSTILE.to_owned()),
                ..EdgeStatus::default()
            },
            filter: EdgeFilter {
                patterns: vec![HOSTILE.to_owned()],
                events: vec![HOSTILE.to_owned()],
                ..EdgeFilter::default()
            },
            schedule: Some(HOSTILE.to_owned()),
            ..EdgePolicy::default()
        },
    );
    account.vitals(&evil).health = Health::Failing;
    account.vitals(&evil).why = text(HOSTILE);
    for trouble in &mut account.troubles {
        trouble.what = text(HOSTILE);
        trouble.next = text(HOSTILE);
        trouble.why = text(HOSTILE);
    }
    for alarm in &mut account.answers.alarms {
        alarm.name = HOSTILE.to_owned();
    }
    for change in &mut account.answers.changes {
        change.what = text(HOSTILE);
    }
    account.answers.silent[0].1 = text(HOSTILE);
    account.answers.losses.certain[0].of = Some(HOSTILE.into());
    account.topology.unknown = vec![crate::ui::testing::denied(HOSTILE)];
    account.connection = crate::domain::Connection::Expired {
        advice: HOSTILE.to_owned(),
    };
    let settings = Settings {
        title: Some(HOSTILE.to_owned()),
        scope: vec![HOSTILE.to_owned()],
        hidden: vec![],
        ..settings()
    };
    let mut stage = Stage::new(settings, &account, (160, 60)).expect("a stage");
    stage.app.chain.selected = Some(evil);
    stage.app.chain.chosen = true;
    for keys in ["", "enter", "y", "/ a", "esc !", "esc u", "esc i", "esc ?", "esc f"] {
        stage.press(keys);
        assert_tame(&stage.draw().0);
    }
}

#[test]
fn wide_characters_line_up() {
    let mut account = Account::new(noon());
    let names = [
        "注文",
        "注文処理ワーカー関数の長い名前です",
        "orders",
        "ｱｲｳｴｵ",
        "a注b文c",
    ];
    let ids: Vec<_> = names.iter().map(|name| account.node(NodeKind::Lambda, name)).collect();
    let stage = stage(&account, (200, 50));
    let (buffer, _) = stage.draw();
    let view = stage.app.areas().expect("a screen").viewport();
    for id in &ids {
        let rect = stage.app.chain.shown.placed.seat(id).expect("a box").rect;
        let column = |x: i32| u16::try_from(x - stage.app.chain.scroll.0).expect("on screen") + view.x;
        let row = |y: i32| u16::try_from(y - stage.app.chain.scroll.1).expect("on screen") + view.y;
        for y in rect.y + 1..rect.bottom() {
            assert_eq!(buffer[(column(rect.x), row(y))].symbol(), "│");
            assert_eq!(buffer[(column(rect.right()), row(y))].symbol(), "│");
        }
    }
    // Whatever the terminal does with a wide character, each line has as many cells as the screen.
    for y in 0..50 {
        let cells: usize = {
            let line = text_of(&buffer).lines().nth(y).unwrap_or_default().to_owned();
            crate::ui::text::width(&line)
        };
        assert!(cells <= 200, "line {y}");
    }
}

#[test]
fn half_a_wide_character_at_the_edge_is_left_out() {
    let mut account = Account::new(noon());
    let id = account.node(NodeKind::Lambda, "注文処理");
    account.vitals(&id).health = Health::Well;
    let mut stage = stage(&account, (60, 15));
    for x in -2..12 {
        stage.app.chain.scroll.0 = x;
        let (buffer, _) = stage.draw();
        let line = text_of(&buffer).lines().nth(5).expect("a line").to_owned();
        assert!(crate::ui::text::width(&line) <= 60, "{line}");
        assert!(line.ends_with('│') && line.starts_with('│'), "{line}");
    }
}
