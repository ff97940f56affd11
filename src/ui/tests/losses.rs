//! What the first screen says of losses.

use super::stage;
use crate::domain::phrase::Phrase;
use crate::domain::{EdgeKind, EdgePolicy, NodeKind};
use crate::store::snapshot::Health;
use crate::ui::testing::{Account, noon, text};

/// A function that fails and has no dead-letter queue, and a rule that loses everything.
fn losing() -> Account {
    use crate::store::coming::{Cause, Coming};
    use crate::store::losses::{Loss, Losses, Way};
    use crate::store::snapshot::{Severity, Trouble};

    let mut account = Account::new(noon());
    let rule = account.node(NodeKind::Eventbridge, "invoices");
    let check = account.node(NodeKind::Lambda, "check-7");
    account.edge(&rule, &check, EdgeKind::Trigger, EdgePolicy::default());
    account.runs(&check, 12.0);
    account.health(&check, Health::Failing, "the last 3 runs failed");
    account.health(&rule, Health::Failing, "2 events lost: no DLQ");
    let due = noon() + jiff::SignedDuration::from_secs(94);
    account.answers.losses = Losses {
        certain: vec![Loss {
            of: Some(rule),
            way: Way::NotHandedOver,
            count: 2,
            last: Some(account.ago(60)),
            counted: true,
            at_least: false,
            unheard: false,
        }],
        ..Losses::default()
    };
    account.answers.coming = vec![Coming {
        earliest: Some(due),
        latest: Some(due + jiff::SignedDuration::from_secs(20)),
        ..Coming::new(check.clone(), None, Cause::NoDeadLetterQueue)
    }];
    account.troubles = vec![Trouble {
        id: check,
        severity: Severity::Failing,
        what: text("first event lost"),
        since: None,
        longer: false,
        last: None,
        due: Some(due),
        kind: crate::store::snapshot::Kind::Other,
        link: None,
        why: text("no DLQ"),
        next: text("fix the function before then, or add a DLQ"),
    }];
    account
}

#[test]
fn what_is_lost_and_what_will_be_is_said_first_on_the_box_and_in_the_list() {
    for size in [(80, 24), (120, 40), (200, 55)] {
        let text = stage(&losing(), size).text();
        let head: String = text.lines().skip(1).take(3).collect::<Vec<_>>().join(" ");
        assert!(head.contains("2 events lost: invoices (no DLQ)"), "{head}");
        assert!(head.contains("check-7: first event lost in 01:34, no DLQ"), "{head}");
        assert!(text.contains("2 lost (1 h)"), "{text}");
        let in_box = text.lines().any(|line| line.contains('┃') && line.contains("01:34"));
        assert!(in_box, "{text}");
    }
    let text = stage(&losing(), (120, 40)).text();
    let row = text.lines().find(|line| line.contains("fix the function before"));
    assert!(row.expect("a row").contains("first event lost in 01:34, no DLQ"));
}

#[test]
fn a_loss_to_come_counts_down_and_is_told_as_what_it_is() {
    let mut account = losing();
    let head = |account: &Account| {
        let text = stage(account, (200, 40)).text();
        text.lines().skip(1).take(3).collect::<Vec<_>>().join(" ")
    };
    account.answers.coming[0].earliest = Some(account.ago(10));
    assert!(head(&account).contains("first event lost within 01:54"));
    account.answers.coming[0].past = true;
    assert!(head(&account).contains("an event may be lost by now"));
    account.answers.coming[0].past = false;
    account.answers.coming[0].conditional = true;
    assert!(head(&account).contains("an event may be lost within 01:54"));
}

#[test]
fn that_no_event_was_lost_is_said_only_where_all_was_read() {
    let mut account = Account::new(noon());
    let rule = account.node(NodeKind::Eventbridge, "nightly");
    account.answers.dead_letters = Some(34);
    let text = stage(&account, (120, 40)).text();
    assert!(text.contains("no events lost (1 h), 34 in DLQs"), "{text}");
    account.answers.losses.unread = vec![rule];
    let text = stage(&account, (120, 40)).text();
    assert!(
        !text.contains("(1 h)") && text.contains("no events lost so far"),
        "{text}"
    );
    account.answers.losses.unsure = vec![crate::store::losses::Unsure {
        of: None,
        count: 1,
        metric: "AsyncEventsDropped",
        doubt: crate::store::losses::Doubt::KeepingUnread,
    }];
    let text = stage(&account, (120, 40)).text();
    assert!(
        text.contains("1 async event dropped (AsyncEventsDropped); DLQ unknown"),
        "{text}"
    );
}

#[test]
fn of_a_function_that_lost_events_the_next_one_is_counted_down() {
    let mut account = losing();
    account.answers.coming[0].lost = 46;
    let text = stage(&account, (200, 40)).text();
    assert!(text.contains("check-7: 46 lost, next in 01:34, no DLQ"), "{text}");
    account.answers.coming[0].earliest = Some(account.ago(5));
    account.answers.coming[0].latest = Some(account.ago(1));
    let text = stage(&account, (200, 40)).text();
    assert!(text.contains("check-7: 46 lost, next any moment, no DLQ"), "{text}");
    account.troubles[0].severity = crate::store::snapshot::Severity::Loss;
    account.troubles[0].what = crate::ui::testing::text("46 events lost: no DLQ");
    let text = stage(&account, (200, 40)).text();
    assert!(text.contains("46 events lost: no DLQ, next in 01:34"), "{text}");
}

#[test]
fn an_event_that_a_retry_will_probably_save_is_no_red_countdown() {
    let mut account = losing();
    account.answers.coming[0].conditional = true;
    account.answers.coming[0].saved = 12;
    let text = stage(&account, (200, 40)).text();
    let head: String = text.lines().skip(1).take(3).collect();
    assert!(
        head.contains("check-7: 12 events saved by a retry (1 h), none lost, no DLQ"),
        "{head}"
    );
}

/// What cannot arrive is said before what can still be saved, and what lost something already is not named again.
#[test]
fn what_cannot_arrive_is_said_before_what_can_still_be_saved() {
    use crate::store::snapshot::{Kind, Severity, Trouble};
    let mut account = losing();
    let bucket = account.node(NodeKind::S3, "uploads");
    let rule = account.answers.losses.certain[0].of.clone().expect("a rule");
    let cut = |id, to: &str| Trouble {
        id,
        severity: Severity::Failing,
        kind: Kind::Unreached,
        link: None,
        what: text(format!("cannot invoke {to}: no statement allows it")),
        since: None,
        longer: false,
        last: None,
        due: None,
        why: Phrase::default(),
        next: Phrase::default(),
    };
    account.troubles.insert(0, cut(rule, "check-7"));
    account.troubles.insert(0, cut(bucket, "thumb"));
    for size in [(80, 24), (120, 40), (200, 55)] {
        let text = stage(&account, size).text();
        let head: String = text.lines().skip(1).take(3).collect::<Vec<_>>().join(" ");
        let place = |words: &str| head.find(words).unwrap_or_else(|| panic!("{words}: {head}"));
        assert!(place("2 events lost") < place("uploads cannot invoke thumb"), "{head}");
        assert!(!head.contains("invoices cannot"), "{head}");
        if let Some(coming) = head.find("first event lost") {
            assert!(place("uploads cannot invoke thumb") < coming, "{head}");
        }
    }
}

/// Where a number is a lower bound, each line that has it says so.
#[test]
fn a_number_that_may_be_more_says_so_in_the_first_line_and_in_the_box() {
    let mut account = losing();
    account.answers.losses.certain[0].at_least = true;
    let screen = stage(&account, (120, 40)).text();
    assert!(screen.contains("at least 2 events lost: invoices"), "{screen}");
    assert!(screen.contains("2+ lost 1 h"), "{screen}");
    account.answers.coming[0].lost = 2;
    account.answers.coming[0].cause = crate::store::coming::Cause::NoDestination;
    let screen = stage(&account, (120, 40)).text();
    assert!(screen.contains("at least 2 lost, next in"), "{screen}");
}

/// Four losses, each of another way, are named on the first screen of the usual smallest terminal.
#[test]
fn four_losses_are_named_on_a_screen_of_80_by_24() {
    use crate::store::losses::{Loss, Way};
    use crate::store::snapshot::{Kind, Severity, Trouble};
    let mut account = Account::new(noon());
    let names = ["audit", "billing-rule", "prices", "slow-q"];
    let ids: Vec<_> = names.iter().map(|name| account.node(NodeKind::Lambda, name)).collect();
    for id in &ids {
        account.health(id, Health::Failing, "4 events lost: no DLQ");
        account.answers.losses.certain.push(Loss {
            of: Some(id.clone()),
            way: Way::Dropped,
            count: 4,
            last: None,
            counted: true,
            at_least: false,
            unheard: false,
        });
        // That it fails is why: one row for one cause.
        for (severity, kind, what) in [
            (Severity::Loss, Kind::Other, "4 events lost: no DLQ"),
            (Severity::Failing, Kind::Fails, "4/4 failed"),
        ] {
            account.troubles.push(Trouble {
                id: id.clone(),
                severity,
                kind,
                link: None,
                what: text(what),
                since: None,
                longer: false,
                last: None,
                due: None,
                why: Phrase::default(),
                next: Phrase::default(),
            });
        }
    }
    account
        .troubles
        .sort_by_key(|trouble| std::cmp::Reverse(trouble.severity));
    let text = stage(&account, (80, 24)).text();
    let head = text.lines().nth(1).expect("a line").to_owned();
    assert!(
        head.contains("16 events lost: audit 4, billing-rule 4, prices 4, slow-q 4 (no DLQ)"),
        "{head}"
    );
    let rows: Vec<&str> = text
        .lines()
        .skip(17)
        .filter(|line| line.contains("4 events lost"))
        .collect();
    assert_eq!(rows.len(), 4, "{text}");
    assert!(!text.contains("4/4 failed") && !text.contains("more: !"), "{text}");
}

/// Where the chain is higher than the screen, it gives rows to what loses events; what does not fit is counted.
#[test]
fn what_loses_events_takes_rows_of_a_chain_that_is_cut_anyway() {
    use crate::store::snapshot::{Kind, Severity, Trouble};
    let mut account = Account::new(noon());
    for n in 0..10 {
        let bucket = account.node(NodeKind::S3, &format!("bucket-{n}"));
        let work = account.node(NodeKind::Lambda, &format!("work-{n}"));
        account.edge(&bucket, &work, EdgeKind::Trigger, EdgePolicy::default());
        account.troubles.push(Trouble {
            kind: Kind::Unreached,
            ..Trouble::of(bucket, Severity::Failing, text("cannot invoke it"))
        });
    }
    for (size, rows) in [((80, 24), 8), ((120, 40), 10)] {
        let text = stage(&account, size).text();
        let named = text.lines().filter(|line| line.contains("cannot invoke it  ")).count();
        assert_eq!(named, rows, "{text}");
        assert_eq!(text.contains("2 more: !"), rows == 8, "{text}");
        assert!(text.contains("work-0"), "{text}");
    }
}

/// The number comes first and is never cut; of the names, as many as there is room for, and how many are not told.
#[test]
fn many_losses_are_told_with_their_number_and_those_not_named_are_counted() {
    use crate::store::losses::{Loss, Way};
    let mut account = Account::new(noon());
    for n in 0..9 {
        let id = account.node(NodeKind::Sqs, &format!("a-queue-with-a-long-name-{n}"));
        account.answers.losses.certain.push(Loss {
            of: Some(id),
            way: if n == 0 { Way::TooOld } else { Way::Expired },
            count: 4,
            last: None,
            counted: true,
            at_least: true,
            unheard: false,
        });
    }
    for (size, more) in [((60, 15), "+8 more"), ((80, 24), "+8 more"), ((120, 40), "+7 more")] {
        let text = stage(&account, size).text();
        let head = text.lines().nth(1).expect("a line");
        assert!(head.starts_with("  ▼ at least 36 events lost: a-que"), "{head}");
        assert!(head.contains(more), "{head}");
        assert!(size.0 == 60 || head.contains("-name-0"), "{head}");
    }
}

#[test]
fn what_cannot_arrive_and_a_green_tick_are_never_said_together() {
    let mut account = losing();
    account.answers.losses.certain.clear();
    account.answers.coming.clear();
    account.troubles[0].kind = crate::store::snapshot::Kind::Unreached;
    for size in [(80, 24), (120, 40), (200, 55)] {
        let text = stage(&account, size).text();
        assert!(text.contains("losses not excluded (1 h)"), "{text}");
        assert!(!text.contains("no events lost"), "{text}");
    }
}

#[test]
fn a_function_beside_dead_letters_is_not_called_ok_before_its_throttles_are_known() {
    let mut account = Account::new(noon());
    let work = account.node(NodeKind::Lambda, "work");
    account.runs(&work, 2.0);
    let in_box = |account: &Account| {
        let text = stage(account, (80, 24)).text();
        text.lines()
            .find(|line| line.contains("2/min"))
            .expect("a box")
            .to_owned()
    };
    assert!(in_box(&account).contains("OK"));
    account.vitals(&work).unexplained = true;
    let line = in_box(&account);
    assert!(!line.contains("OK") && line.contains('?'), "{line}");
}

#[test]
fn a_box_says_of_what_may_be_lost_by_now_no_time_left() {
    let mut account = losing();
    account.answers.coming[0].past = true;
    let text = stage(&account, (200, 55)).text();
    assert!(
        text.contains("may be lost") && !text.contains("lost in 01:34 ┃"),
        "{text}"
    );
}
