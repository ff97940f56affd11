//! What invocations prove, or do not.

use super::*;

#[test]
fn a_function_that_works_passes() {
    let check = healthy().check();
    assert_eq!(check.verdict(), Verdict::Passed, "{check:?}");
    assert_eq!(
        said(&check),
        "f: 4 invocations in the last 15 min, none failed; last success 4 min ago"
    );
}

#[test]
fn failing_invocations_count_unless_a_deployment_came_after_them() {
    let mut story = healthy();
    let error = (ago(2), "KeyError: 'price'".to_owned());
    story.runs().failures = points(2, 3.0);
    story.runs().failed_in_row = 3;
    story.runs().last_error = Some(error.clone());
    let check = story.check();
    assert_eq!(
        in_words(&words::reason(&check.reasons[0], now())),
        "f: 3 of 4 invocations failed in the last 15 min, the last one 2 min ago: KeyError: 'price'"
    );
    // Deployed since, and not invoked since: nobody knows, and one message goes first to prove it.
    story.function.last_modified = Some(ago(1));
    let check = story.check();
    assert_eq!(check.verdict(), Verdict::Unproven, "{check:?}");
    assert_eq!(
        said(&check),
        "f: not invoked since it was deployed 1 min ago: not known to be fixed"
    );
    // Some succeed in between: an error of another kind than that of the messages is another matter.
    story.function.last_modified = Some(ago(60));
    story.runs().failed_in_row = 0;
    story.evidence.died = vec![Died {
        error: Some(crate::dlq::check::died::kind("ValueError: no price in order 17")),
        ..died(120, 118)
    }];
    assert!(story.check().passes());
    story.runs().last_error = Some((ago(2), "ValueError: no price in order 18".to_owned()));
    assert!(
        matches!(story.check().reasons[..], [Reason::Failing { failed: 3, .. }]),
        "the same but for its number"
    );
}

#[test]
fn a_failure_of_long_ago_counts_while_nothing_was_deployed() {
    let mut story = healthy();
    *story.runs() = Runs {
        last_error: Some((ago(40), "KeyError: 'price'".to_owned())),
        failed_in_row: 2,
        last_start: Some(ago(40)),
        ..Runs::default()
    };
    let text = said(&story.check());
    assert!(
        text.starts_with(
            "f: its last 2 invocations failed, the last one 40 min ago, and nothing was deployed since: KeyError: 'price'"
        ),
        "{text}"
    );
}

#[test]
fn errors_that_only_the_metric_knows_count() {
    let mut story = healthy();
    story.counts(Counts {
        invocations: points(6, 8.0),
        errors: points(6, 2.0),
        ..Counts::default()
    });
    let text = said(&story.check());
    assert!(
        text.contains("f: 2 of 8 invocations failed in the last 15 min (metric Errors"),
        "{text}"
    );
    story.function.last_modified = Some(ago(5));
    assert!(story.check().passes(), "before the deployment");
}

/// A function that always fails: three messages died of it 23 minutes ago, and nothing ran since.
fn morning_after() -> Story {
    let mut story = healthy();
    *story.runs() = Runs {
        read_since: Some(ago(15)),
        read_to: Some(now()),
        ..Runs::default()
    };
    story.evidence.died = vec![died(26, 23), died(25, 23)];
    let of = |value| points(24, value);
    story.counts(Counts {
        invocations: of(9.0),
        errors: of(9.0),
        ..Counts::default()
    });
    story
}

#[test]
fn a_function_that_always_fails_does_not_pass_because_it_is_silent() {
    let check = morning_after().check();
    assert_eq!(
        said(&check),
        "f: its last 9 invocations failed, the last one 24 min ago, and nothing was deployed since"
    );
    assert_eq!(check.verdict(), Verdict::Failed);
    // The log shows what it said.
    let mut story = morning_after();
    story.runs().failed_in_row = 9;
    story.runs().last_error = Some((ago(24), "ValueError: always".to_owned()));
    assert!(said(&story.check()).ends_with("nothing was deployed since: ValueError: always"));
    // Nothing of it was read: that proves nothing either way.
    let mut story = morning_after();
    story.counts(Counts::default());
    let check = story.check();
    assert_eq!(check.verdict(), Verdict::Unknown, "{check:?}");
    assert_eq!(
        in_words(&words::gap(&check.gaps[0], now())),
        "f: no invocation is known to have succeeded since the messages died: not proved that the cause is fixed"
    );
    assert_eq!(
        in_words(&words::verdict(&check)),
        "unknown: nothing proves that the cause is fixed"
    );
    // A success from before their deaths is none since.
    story.runs().last_success = Some(ago(30));
    assert_eq!(story.check().verdict(), Verdict::Unknown);
    story.runs().last_success = Some(ago(10));
    assert!(story.check().passes());
}

#[test]
fn a_deployment_or_a_success_since_is_what_passes() {
    let mut story = morning_after();
    story.function.last_modified = Some(ago(10));
    let check = story.check();
    assert_eq!(check.verdict(), Verdict::Unproven, "{check:?}");
    assert!(check.passes(), "one message may go first");
    assert_eq!(
        in_words(&words::verdict(&check)),
        "not proven yet: only a canary proves it"
    );
    assert_eq!(
        said(&check),
        "f: not invoked since it was deployed 10 min ago: not known to be fixed"
    );
    // Deployed before the messages died: no fix.
    story.function.last_modified = Some(ago(23));
    story.counts(Counts::default());
    assert_eq!(story.check().verdict(), Verdict::Unknown);
    // The metric reports one that succeeded before the log was read.
    let mut story = morning_after();
    let well = [(24, 9.0), (20, 1.0)].map(|(minute, value)| Point { at: ago(minute), value });
    story.counts(Counts {
        invocations: well.to_vec(),
        errors: points(24, 9.0),
        ..Counts::default()
    });
    let check = story.check();
    assert!(check.passes(), "{check:?}");
    assert_eq!(said(&check), "f: last success 20 min ago, no failure since");
    // A durable function succeeds also while it waits.
    story.function.durable = true;
    assert_eq!(story.check().verdict(), Verdict::Failed);
}

#[test]
fn only_invocations_since_the_deployment_are_counted() {
    let mut story = healthy();
    story.runs().starts = [(10, 9.0), (4, 1.0)]
        .map(|(minute, value)| Point { at: ago(minute), value })
        .to_vec();
    story.runs().failures = points(10, 9.0);
    story.runs().last_error = Some((ago(10), "KeyError: 'a'".to_owned()));
    story.function.last_modified = Some(ago(6));
    let check = story.check();
    assert!(check.passes(), "{check:?}");
    assert_eq!(
        said(&check),
        "f: 1 invocation since it was deployed 6 min ago, none failed; last success 4 min ago"
    );
    // It fails after it as well.
    story.runs().failed_in_row = 1;
    story.runs().failures = [(10, 9.0), (4, 1.0)]
        .map(|(minute, value)| Point { at: ago(minute), value })
        .to_vec();
    story.runs().last_error = Some((ago(4), "KeyError: 'a'".to_owned()));
    assert!(said(&story.check()).starts_with("f: 1 of 1 invocations failed since it was deployed 6 min ago"));
}

#[test]
fn what_was_not_read_is_unknown_and_never_passed() {
    let mut story = healthy();
    story.evidence.counts.insert(
        F.into(),
        Err(Error::Denied {
            action: "cloudwatch:GetMetricData",
        }),
    );
    let check = story.check();
    assert_eq!(check.verdict(), Verdict::Unknown);
    assert!(matches!(&check.gaps[..], [Gap::Metrics { why, .. }] if why.contains("GetMetricData")));
    let mut story = healthy();
    story.log_denied = true;
    let check = story.check();
    assert_eq!(check.verdict(), Verdict::Unknown);
    assert!(matches!(&check.gaps[..], [Gap::Log { why, .. }] if why.contains("FilterLogEvents")));
    assert_eq!(
        in_words(&words::gap(&check.gaps[0], now())),
        "f: whether its invocations fail is unknown: its log could not be read (access denied: allow logs:FilterLogEvents)"
    );
    // A reason weighs more than a gap.
    story.function.reserved_concurrency = Some(0);
    assert_eq!(story.check().verdict(), Verdict::Failed);
}

#[test]
fn a_log_read_further_back_tells_of_a_failure_that_the_snapshot_does_not_reach() {
    let mut story = morning_after();
    story.evidence.died = vec![died(310, 300)];
    story.counts(Counts::default());
    let past = |runs, unread| Past { runs, unread };
    let failed = Runs {
        last_error: Some((ago(301), "KeyError: 'price'".to_owned())),
        failed_in_row: 3,
        failures: points(301, 3.0),
        starts: points(301, 3.0),
        read_since: Some(ago(312)),
        ..Runs::default()
    };
    story.evidence.past.insert(F.into(), past(failed.clone(), None));
    story.function.last_modified = Some(ago(600));
    let check = story.check();
    assert_eq!(check.verdict(), Verdict::Failed, "{check:?}");
    assert_eq!(
        said(&check),
        "f: its last 3 invocations failed, the last one 5 h 1 min ago, and nothing was deployed since: KeyError: 'price'"
    );
    // A success since then proves it; of a durable function it does not.
    let well = Runs {
        last_success: Some(ago(200)),
        failed_in_row: 0,
        ..failed.clone()
    };
    story.evidence.past.insert(F.into(), past(well, None));
    assert_eq!(story.check().verdict(), Verdict::Passed);
    story.function.durable = true;
    assert_ne!(story.check().verdict(), Verdict::Passed);
    story.function.durable = false;
    // Deployed after it.
    story.evidence.past.insert(F.into(), past(failed, None));
    story.function.last_modified = Some(ago(100));
    assert_eq!(story.check().verdict(), Verdict::Unproven);
    // Not read so far: that is said.
    let unread = Unread {
        since: Some(ago(60)),
        wanted: ago(312),
        why: Limit::Pages(20),
    };
    let quiet = Runs {
        read_since: Some(ago(60)),
        ..Runs::default()
    };
    story.function.last_modified = Some(ago(600));
    story.evidence.past.insert(F.into(), past(quiet, Some(unread)));
    let check = story.check();
    assert_eq!(check.verdict(), Verdict::Unknown);
    assert_eq!(
        in_words(&words::gap(&check.gaps[0], now())),
        "f: no invocation is known to have succeeded since the messages died: not proved that the cause is fixed. Its log \
         was read 1 h back and not 5 h 12 min: 20 pages are read at most"
    );
}

#[test]
fn what_failed_alone_is_not_proved_by_the_success_of_others() {
    let mut story = healthy();
    let minutes = |value: fn(i64) -> f64| {
        let of = |minute: i64| Point {
            at: ago(minute),
            value: value(minute),
        };
        (20..50).rev().map(of).collect::<Vec<_>>()
    };
    // One poisoned message among others: it failed each time, two others succeeded each minute.
    story.evidence.died = vec![died(40, 35)];
    story.counts(Counts {
        invocations: minutes(|_| 3.0),
        errors: minutes(|minute| if matches!(minute, 36 | 38 | 40) { 1.0 } else { 0.0 }),
        ..Counts::default()
    });
    let check = story.check();
    assert_eq!(check.verdict(), Verdict::Unproven, "{check:?}");
    assert!(
        said(&check).contains(
            "f: 1 message failed in minutes in which other invocations succeeded: that others succeed now does not prove that \
             these will: only a canary proves it"
        ),
        "{}",
        said(&check)
    );
    // Deployed since: others succeed all the same, and it was not tried.
    story.function.last_modified = Some(ago(10));
    assert_eq!(story.check().verdict(), Verdict::Unproven);
    // The edge of an outage: others succeeded just before it.
    story.function.last_modified = Some(ago(60));
    story.counts(Counts {
        invocations: minutes(|_| 3.0),
        errors: minutes(|minute| match minute {
            39 => 1.0,
            30..39 => 3.0,
            _ => 0.0,
        }),
        ..Counts::default()
    });
    story.evidence.died = vec![died(39, 39)];
    assert_eq!(story.check().verdict(), Verdict::Passed);
    story.evidence.died = vec![died(40, 35)];
    // An outage: nothing succeeded meanwhile, and all does since.
    story.counts(Counts {
        invocations: minutes(|_| 3.0),
        errors: minutes(|minute| if (36..=40).contains(&minute) { 3.0 } else { 0.0 }),
        ..Counts::default()
    });
    assert_eq!(story.check().verdict(), Verdict::Passed);
}

/// The mapping reads an alias; somebody deploys to `$LATEST`, and invokes that.
#[test]
fn what_is_deployed_to_another_version_proves_nothing() {
    let mut story = morning_after();
    story.function.last_modified = Some(ago(10));
    story.runs().last_success = Some(ago(5));
    story.counts(Counts::default());
    assert!(story.check().passes(), "where $LATEST is what is invoked");
    story.evidence.versions.insert(F.into(), "1".to_owned());
    let version = FunctionNow {
        modified: Some(ago(600)),
        version: Some("1".to_owned()),
        ..FunctionNow::default()
    };
    story.evidence.now.insert(F.into(), version);
    let failed = Runs {
        last_error: Some((ago(23), "ValueError: always".to_owned())),
        failed_in_row: 9,
        failures: points(23, 9.0),
        starts: points(23, 9.0),
        read_since: Some(ago(30)),
        ..Runs::default()
    };
    let past = Past {
        runs: failed,
        unread: None,
    };
    story.evidence.past.insert(F.into(), past);
    let check = story.check();
    assert_eq!(check.verdict(), Verdict::Failed, "{check:?}");
    assert!(said(&check).contains("nothing was deployed since: ValueError: always"));
    // Nothing was read of that version: others say nothing of it, nor do metrics, which are of all.
    story.evidence.past.clear();
    story.counts(Counts {
        invocations: points(5, 1.0),
        ..Counts::default()
    });
    assert_eq!(story.check().verdict(), Verdict::Unknown);
}
