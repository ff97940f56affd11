//! What must never be shown, and what must always be.

use ratatui::style::{Color, Modifier};

use super::{orders_stage, settings, stage};
use crate::domain::{EdgeKind, EdgePolicy, Evidence, NodeKind};
use crate::store::overview::Changed;
use crate::store::snapshot::{Health, Runs};
use crate::ui::app::demo::DemoState;
use crate::ui::app::update::Msg;
use crate::ui::settings::{Depth, Settings};
use crate::ui::testing::{Account, Stage, big, denied, noon, orders};
use crate::ui::theme::Role;

#[test]
fn a_rate_is_counted_down_from_a_run_that_was_its_own_alone() {
    let mut account = Account::new(noon());
    let rule = account.node(NodeKind::Eventbridge, "every-5-min");
    let work = account.node(NodeKind::Lambda, "work");
    let rate = EdgePolicy {
        schedule: Some("rate(5 minutes)".to_owned()),
        ..EdgePolicy::default()
    };
    let edge = account.edge(&rule, &work, EdgeKind::Trigger, rate);
    account.pulse(&edge, 1, Evidence::Observed);
    let text = stage(&account, (80, 24)).text();
    assert!(text.contains("in ~5 min"), "{text}");
    // Another trigger may have been it: nobody knows when this one started something.
    account.pulses[0].shared = true;
    let text = stage(&account, (80, 24)).text();
    assert!(text.contains("every 5 min") && !text.contains("in ~"), "{text}");
}

#[test]
fn what_is_refused_for_good_is_not_said_to_be_read_soon() {
    let mut account = Account::new(noon());
    account.node(NodeKind::Sqs, "orders");
    account.topology.complete = false;
    let asked = stage(&account, (140, 40)).text();
    assert!(
        asked.contains("no events lost so far, not everything was read yet"),
        "{asked}"
    );
    account.topology.unknown = vec![denied("sqs:ListQueues")];
    let mut stage = stage(&account, (140, 40));
    let refused = stage.text();
    assert!(
        refused.contains("no events lost so far, 1 thing could not be read"),
        "{refused}"
    );
    assert!(
        refused.contains("no issues so far: 1 thing could not be read"),
        "{refused}"
    );
    stage.press("n");
    let why = crate::store::no_loss::Unseen::Refused { count: 1 }.into();
    assert_eq!(stage.app.notice, Some(crate::ui::app::notice::Notice::NotYet { why }));
}

#[test]
fn what_fails_differs_in_shape_and_not_only_in_colour() {
    let settings = Settings {
        depth: Depth::Mono,
        ..settings()
    };
    let stage = Stage::new(settings, &orders(noon()), (200, 40)).expect("a stage");
    let text = stage.text();
    assert!(text.contains("┏ λ ━━━━━━━━ ✗ ┓"), "{text}");
    assert!(text.contains("╭ λ ╌"), "off is dashed: {text}");
    let (buffer, _) = stage.draw();
    assert!(
        buffer
            .content
            .iter()
            .all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset)
    );
    assert!(
        buffer
            .content
            .iter()
            .any(|cell| cell.modifier.contains(Modifier::REVERSED)),
        "the selection is seen"
    );
}

#[test]
fn the_red_one_of_five_hundred_is_on_the_first_screen() {
    let account = big(noon(), 500);
    let stage = stage(&account, (100, 30));
    let (buffer, _) = stage.draw();
    let red = stage.app.theme().style(Role::Failing).fg.expect("a colour");
    let text = stage.text();
    assert!(text.contains("▶ ✗ team48-branch-2"), "{text}");
    let view = stage.app.areas().expect("a screen").viewport();
    let cells = (view.top()..view.bottom()).flat_map(|y| (view.left()..view.right()).map(move |x| (x, y)));
    assert!(cells.filter(|at| buffer[*at].fg == red).count() > 15);
}

#[test]
fn trouble_beyond_the_screen_is_told_in_the_frame() {
    let mut stage = stage(&big(noon(), 500), (100, 30));
    for _ in 0..60 {
        stage.press("pgup");
    }
    let text = stage.text();
    assert!(text.contains("✗ 1 of") && text.contains("▼"), "{text}");
}

#[test]
fn the_whole_chain_is_on_every_usual_screen_and_one_that_is_not_says_so() {
    let sizes = [(80, 24), (100, 30), (120, 40), (160, 45), (200, 55)];
    for size in sizes {
        let stage = orders_stage(size);
        let view = stage.app.viewport();
        for seat in stage.app.chain.shown.placed.seats() {
            let rect = seat.rect;
            let seen = view.contains(rect.x, rect.y) && view.contains(rect.right(), rect.bottom());
            assert!(seen, "{} at {size:?}:\n{}", seat.id, stage.text());
        }
    }
    let cut = orders_stage((60, 15)).text();
    assert!(cut.contains("▼ 4 more"), "{cut}");
}

#[test]
fn zooming_chooses_the_size_of_boxes_until_the_chain_is_fitted_again() {
    let mut stage = orders_stage((200, 55));
    let compact = |stage: &Stage| stage.app.chain.shown.size().is_compact();
    assert!(!compact(&stage));
    stage.press("Z");
    assert!(compact(&stage));
    stage.tell(Msg::Resize(160, 55));
    assert!(compact(&stage), "a person's choice stays");
    stage.press("Z");
    assert!(!compact(&stage));
    stage.tell(Msg::Resize(80, 24));
    assert!(!compact(&stage));
    stage.press("0");
    assert!(compact(&stage), "the largest that fits");
}

#[test]
fn values_are_marked_when_they_may_no_longer_be_true() {
    let mut account = orders(noon());
    account.connection = crate::domain::Connection::Unreachable {
        why: "no answer from the endpoint".to_owned(),
    };
    let text = stage(&account, (160, 40)).text();
    assert!(
        text.contains("~41") && text.contains("last known values") && text.contains("as of 14:03:27"),
        "{text}"
    );
}

#[test]
fn nothing_is_drawn_again_for_time_alone_where_no_age_is_shown() {
    let mut account = Account::new(noon());
    account.node(NodeKind::S3, "bucket");
    account.answers.lost_at = None;
    let stage = stage(&account, (100, 20));
    let (_, next) = stage.draw();
    // Only the clock: it stands still until something is seen, and is called old after a minute and a half.
    assert_eq!(next.map(|at| at.duration_since(account.now).as_secs()), Some(90));
}

#[test]
fn a_function_is_called_quiet_only_when_its_log_was_read_and_well_only_when_it_ran() {
    let mut account = Account::new(noon());
    let work = account.node(NodeKind::Lambda, "work");
    let line = |account: &Account| {
        let text = stage(account, (80, 18)).text();
        text.lines()
            .nth(6)
            .expect("the vital signs")
            .trim_matches([' ', '│'])
            .to_owned()
    };
    assert_eq!(line(&account), "not read");
    account.vitals(&work).runs = Some(Runs::default());
    assert_eq!(
        line(&account),
        "not read",
        "the log was asked for and could not be read"
    );
    let read_to = Some(account.ago(2));
    account.vitals(&work).runs = Some(Runs {
        read_to,
        ..Runs::default()
    });
    assert_eq!(line(&account), "quiet");
    account.runs(&work, 12.0);
    assert_eq!(line(&account), "12/min    OK");
}

#[test]
fn errors_that_only_the_metric_tells_are_counted_on_the_box() {
    let mut account = Account::new(noon());
    let work = account.node(NodeKind::Lambda, "work");
    account.health(&work, Health::Warning, "40 runs failed in 5 min");
    account.metric(&work, crate::domain::Metric::Errors, &[10.0, 10.0, 10.0, 10.0]);
    assert!(stage(&account, (80, 18)).text().contains("✗ 40 in 5 min"));
}

#[test]
fn sums_of_the_whole_account_say_so_beside_a_part_of_it() {
    let account = orders(noon());
    let lines = |scope: Vec<String>| {
        let settings = Settings { scope, ..settings() };
        let stage = Stage::new(settings, &account, (200, 50)).expect("a stage");
        let text = stage.text();
        text.lines().skip(1).take(3).collect::<Vec<_>>().join("\n")
    };
    assert!(!lines(Vec::new()).contains("whole account"));
    let said = lines(vec!["only orders-*".to_owned()]);
    // Losses, alarms, errors.
    assert_eq!(said.matches("whole account").count(), 3, "{said}");
}

#[test]
fn one_is_not_many() {
    let mut account = orders(noon());
    account.answers.errors = Some(crate::store::snapshot::Compared {
        hour: 1.0,
        ..crate::store::snapshot::Compared::default()
    });
    let text = stage(&account, (200, 50)).text();
    assert!(text.contains("1 error in the last hour"), "{text}");
}

#[test]
fn what_does_not_fit_at_the_top_is_counted_and_told_elsewhere() {
    let mut stage = orders_stage((60, 15));
    assert!(stage.text().contains("more (i)"), "{}", stage.text());
    let mut told = String::new();
    stage.press("i");
    for _ in 0..6 {
        told.push_str(&stage.text());
        stage.press("pgdn");
    }
    for words in [
        "alarm orders-q-age",
        "orders-report stands still",
        "45 errors in the last hour",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn a_line_is_heavy_only_where_its_queue_is_said_to_back_up() {
    let mut account = Account::new(noon());
    let (queue, work) = (
        account.node(NodeKind::Sqs, "queue"),
        account.node(NodeKind::Lambda, "work"),
    );
    account.edge(&queue, &work, EdgeKind::Trigger, EdgePolicy::default());
    // More than before, and not so much more that the rule calls it a trouble.
    account.depth(&queue, 6, &[4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 6.0]);
    account.health(&queue, Health::Well, "");
    let chain = |account: &Account| {
        let text = stage(account, (100, 20)).text();
        text.lines().skip(3).take(8).collect::<Vec<_>>().join("\n")
    };
    assert!(!chain(&account).contains("━━▶"), "{}", chain(&account));
    account.vitals(&queue).backs_up = true;
    assert!(chain(&account).contains("━━▶"), "{}", chain(&account));
}

#[test]
fn a_caption_is_whole_on_the_smallest_screen() {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut told = 0;
    for file in std::fs::read_dir(directory).expect("scenarios") {
        let path = file.expect("an entry").path();
        if path.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        let text = std::fs::read_to_string(path).expect("text");
        let captions = text
            .lines()
            .filter_map(|line| line.strip_prefix("caption = \"")?.strip_suffix('"'));
        for caption in captions {
            let mut stage = orders_stage((60, 15));
            stage.tell(Msg::Demo(DemoState {
                caption: Some(caption.to_owned()),
                ..DemoState::default()
            }));
            let text = stage.text();
            let words: Vec<&str> = text.split_whitespace().collect();
            let caption: Vec<&str> = caption.split_whitespace().collect();
            assert!(words.windows(caption.len()).any(|part| part == caption), "{text}");
            told += 1;
        }
    }
    assert!(told > 20, "{told} captions");
}

#[test]
fn a_screen_that_is_too_small_still_says_so_whole() {
    let text = orders_stage((20, 6)).text();
    let words: Vec<&str> = text.split_whitespace().collect();
    assert_eq!(words.join(" "), "pitagora needs 60x15 cells; this terminal has 20x6");
}

#[test]
fn help_is_whole_where_columns_fit() {
    let mut stage = orders_stage((140, 42));
    stage.tell(Msg::Demo(DemoState::default()));
    stage.press("?");
    let text = stage.text();
    for words in [
        "go upstream",
        "drop an event",
        "redraw",
        "inferred from what came after",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains(" more j"), "{text}");
}

#[test]
fn an_account_that_answers_nothing_but_errors_is_never_drawn_as_live() {
    use std::sync::Arc;

    use crate::domain::Source;
    use crate::store::snapshot::SourceState;

    let mut stage = orders_stage((160, 50));
    assert!(!stage.text().contains("errors as of"), "{}", stage.text());
    let failed = SourceState {
        error: Some(denied("sqs:GetQueueAttributes")),
        ..SourceState::default()
    };
    let all = [Source::Queues, Source::Logs, Source::Metrics].map(|source| (source, failed.clone()));
    stage.snapshot.sources = Arc::new(all.into_iter().collect());
    let text = stage.text();
    assert!(text.contains("errors as of"), "{text}");
    assert!(text.contains("~41 "), "values may no longer be true: {text}");
    assert!(!text.contains("● 14:03:27"), "{text}");
}

#[test]
fn a_function_is_named_once_at_the_top_with_the_change_nearest_before_its_errors() {
    let mut account = orders(noon());
    let changes = &mut account.answers.changes;
    let earlier = crate::store::snapshot::Change {
        at: changes[0].at - jiff::SignedDuration::from_mins(9),
        what: Changed::Mapping {
            state: "enabled".to_owned(),
        }
        .into(),
        ..changes[0].clone()
    };
    changes.push(earlier);
    let text = stage(&account, (200, 50)).text();
    let top: Vec<&str> = text.lines().take(4).collect();
    let named = top
        .iter()
        .map(|line| line.matches("orders-work").count())
        .sum::<usize>();
    assert_eq!(named, 1, "{text}");
    assert!(top.iter().any(|line| line.contains("deployed")), "{text}");
}

#[test]
fn a_count_of_an_hour_says_when_it_was_last_counted_and_how_old_it_is() {
    let mut account = orders(noon());
    let read_at = account.ago(600);
    account.answers.errors_at = Some(read_at);
    account.answers.errors = Some(crate::store::snapshot::Compared {
        hour: 62.0,
        yesterday: None,
        last: Some(account.ago(900)),
    });
    let text = stage(&account, (220, 50)).text();
    assert!(
        text.contains("metric: 62 errors in the last hour, last at 13:48, 10 min old"),
        "{text}"
    );
}

#[test]
fn a_rate_counts_the_time_that_was_read() {
    let mut account = Account::new(noon());
    let work = account.node(NodeKind::Lambda, "work");
    account.runs(&work, 0.2);
    let said = |account: &Account| stage(account, (100, 30)).text();
    assert!(said(&account).contains("12/h"), "{}", said(&account));
    let since = account.ago(12 * 60);
    if let Some(runs) = &mut account.vitals(&work).runs {
        runs.read_since = Some(since);
        runs.starts.retain(|point| point.at >= since);
        runs.starts.iter_mut().for_each(|point| point.value = 0.5);
    }
    let text = said(&account);
    assert!(text.contains("6 in 12 min") && !text.contains("6/h"), "{text}");
}

#[test]
fn the_demos_own_account_gives_no_command_away() {
    let settings = Settings {
        aim: None,
        ..settings()
    };
    let mut stage = Stage::new(settings, &orders(noon()), (160, 50)).expect("a screen");
    stage.press("/ o r d e r s - w o r k enter enter");
    let text = stage.text();
    assert!(text.contains("AWS command that would pause it:"), "{text}");
    let effects = stage.press("y");
    assert!(effects.is_empty(), "{effects:?}");
    assert!(stage.text().contains("nothing outside can reach"), "{}", stage.text());
}
