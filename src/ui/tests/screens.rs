//! Whole screens as they were when somebody last looked at them and found them right.

use insta::assert_snapshot;

use super::{orders_stage, settings, stage};
use crate::domain::Connection;
use crate::ui::settings::{Charset, Depth, Settings};
use crate::ui::testing::{Account, Stage, big, denied, noon, orders, scope};

#[test]
fn wide() {
    assert_snapshot!(orders_stage((160, 50)).text());
}

#[test]
fn usual() {
    assert_snapshot!(orders_stage((120, 40)).text());
}

#[test]
fn small() {
    assert_snapshot!(orders_stage((80, 24)).text());
}

#[test]
fn smallest() {
    assert_snapshot!(orders_stage((60, 15)).text());
}

#[test]
fn too_small() {
    assert_snapshot!(orders_stage((59, 15)).text().trim());
}

#[test]
fn ascii() {
    let settings = Settings {
        charset: Charset::Ascii,
        ..settings()
    };
    let stage = Stage::new(settings, &orders(noon()), (120, 30)).expect("a stage");
    let text = stage.text();
    assert!(text.is_ascii(), "{text}");
    assert_snapshot!(text);
}

#[test]
fn details() {
    let mut stage = orders_stage((120, 60));
    stage.press("n enter");
    assert_snapshot!(stage.text());
}

#[test]
fn details_on_a_small_screen() {
    let mut stage = orders_stage((60, 20));
    stage.press("n enter");
    assert_snapshot!(stage.text());
}

#[test]
fn help() {
    let mut stage = orders_stage((120, 50));
    stage.press("?");
    assert_snapshot!(stage.text());
}

#[test]
fn find() {
    let mut stage = orders_stage((100, 30));
    stage.press("/ w o r k");
    assert_snapshot!(stage.text());
}

#[test]
fn folded() {
    let mut stage = stage(&big(noon(), 500), (100, 30));
    stage.press("z");
    assert_snapshot!(stage.text());
}

#[test]
fn five_hundred() {
    assert_snapshot!(stage(&big(noon(), 500), (100, 30)).text());
}

#[test]
fn credentials_expired() {
    let mut account = orders(noon());
    account.connection = Connection::Expired {
        advice: "run `aws sso login --profile orders`, then it goes on by itself".to_owned(),
    };
    assert_snapshot!(stage(&account, (120, 30)).text());
}

#[test]
fn from_the_cache_and_not_all_read() {
    let mut account = orders(noon());
    account.topology.cached = true;
    account.topology.complete = false;
    account.topology.surveyed_at = Some(account.ago(11_000));
    account.topology.progress = Some((34, 120));
    account.topology.unknown = vec![denied("lambda:GetPolicy"), denied("sqs:ListQueues")];
    let mut stage = stage(&account, (140, 30));
    let main = stage.text();
    stage.press("u");
    assert_snapshot!(format!("{main}\n{}", stage.text()));
}

#[test]
fn japanese() {
    let mut account = Account::new(noon());
    let queue = account.node(crate::domain::NodeKind::Sqs, "注文キュー");
    let work = account.node(crate::domain::NodeKind::Lambda, "注文処理ワーカー関数の長い名前");
    let edge = account.edge(
        &queue,
        &work,
        crate::domain::EdgeKind::Trigger,
        crate::domain::EdgePolicy::default(),
    );
    account.depth(&queue, 3, &[1.0, 2.0, 3.0]);
    account.runs(&work, 4.0);
    let _ = edge;
    assert_snapshot!(stage(&account, (80, 18)).text());
}

/// Styled, so that a theme's colours are held too: the same small screen in each.
fn styled(theme: &str, depth: Depth) -> String {
    let settings = Settings {
        theme: theme.to_owned(),
        depth,
        ..settings()
    };
    let stage = Stage::new(settings, &orders(noon()), (76, 16)).expect("a stage");
    format!("{:#?}", stage.draw().0)
}

#[test]
fn theme_dark() {
    assert_snapshot!(styled("dark", Depth::True));
}

#[test]
fn theme_light() {
    assert_snapshot!(styled("light", Depth::True));
}

#[test]
fn theme_sixteen() {
    assert_snapshot!(styled("sixteen", Depth::True));
}

#[test]
fn theme_dark_in_256_colours() {
    assert_snapshot!(styled("dark", Depth::Indexed));
}

#[test]
fn theme_dark_in_16_colours() {
    assert_snapshot!(styled("dark", Depth::Ansi));
}

#[test]
fn without_colour() {
    let text = styled("dark", Depth::Mono);
    assert!(
        !text.contains("Rgb(") && !text.contains("Indexed("),
        "a colour where there is none"
    );
    assert_snapshot!(text);
}

#[test]
fn nothing_is_called_empty_that_could_not_be_read() {
    let say = |connection: Connection, complete: bool, unknown: usize, what: &str| {
        let mut account = Account::new(noon());
        account.connection = connection;
        account.topology.complete = complete;
        account.topology.unknown = vec![denied("lambda:ListFunctions"); unknown];
        let text = stage(&account, (100, 20)).text();
        assert!(text.contains(what), "{text}");
    };
    let expired = Connection::Expired { advice: "x".to_owned() };
    say(Connection::Opening, false, 0, " connecting ");
    say(expired, true, 0, "nothing could be read yet");
    say(Connection::Open, false, 0, "looking for functions and their triggers");
    say(Connection::Open, false, 1, "no chain could be read; 1 not read (u)");
    say(Connection::Open, true, 1, "no chain could be read; 1 not read (u)");
    say(
        Connection::Open,
        true,
        0,
        "no functions and no triggers in this account and region",
    );
}

#[test]
fn the_account_is_told_without_its_middle() {
    let text = orders_stage((120, 40)).text();
    assert!(text.contains("1234…9012"));
    assert!(!text.contains(&scope().account));
}
