//! What keeps a function from being invoked.

use super::*;

#[test]
fn throttles_speak_against_it_although_no_invocation_failed() {
    let mut story = healthy();
    let throttled = Counts {
        throttles: points(9, 156.0),
        ..Counts::default()
    };
    story.counts(throttled.clone());
    story.function.reserved_concurrency = Some(1);
    story.evidence.messages = 1;
    let check = story.check();
    assert_eq!(check.verdict(), Verdict::Failed);
    assert!(
        said(&check)
            .contains("f: throttled 156 times in the last 1 h, the last time 9 min ago (reserved concurrency 1)"),
        "{}",
        said(&check)
    );
    // The limit was taken off, or raised above what the mapping asks for, and nothing was throttled since.
    for reserved in [None, Some(50)] {
        story.function.reserved_concurrency = reserved;
        let check = story.check();
        assert!(check.passes(), "{check:?}");
        assert!(
            matches!(check.notes[0], Note::ThrottledBefore { times: 156, .. }),
            "{check:?}"
        );
    }
    // It was throttled just now, perhaps before the limit was raised: a canary shows.
    story.counts(Counts {
        throttles: points(1, 2.0),
        ..Counts::default()
    });
    for reserved in [None, Some(50)] {
        story.function.reserved_concurrency = reserved;
        let check = story.check();
        assert_eq!(check.verdict(), Verdict::Unproven, "{check:?}");
        assert!(
            matches!(check.notes[0], Note::LimitRaised { times: 2, .. }),
            "{check:?}"
        );
    }
}

#[test]
fn no_concurrency_and_too_little_of_it_speak_against_it() {
    let mut story = healthy();
    story.function.reserved_concurrency = Some(0);
    assert_eq!(story.check().reasons, [Reason::ConcurrencyZero { function: F.into() }]);
    story.function.reserved_concurrency = Some(2);
    let low = Reason::ConcurrencyLow {
        function: F.into(),
        reserved: 2,
        wanted: 5,
        batches: 10,
    };
    assert_eq!(story.check().reasons, [low]);
    // Two batches fit; a mapping that asks for no more does; a FIFO queue has as many as it has groups.
    story.mapping.batching.size = Some(5);
    assert!(story.check().passes());
    story.mapping.batching.size = Some(1);
    story.mapping.concurrency.maximum = Some(2);
    assert!(story.check().passes());
    story.mapping.concurrency.maximum = None;
    story.fifo = true;
    assert!(story.check().passes());
    story.fifo = false;
    // A rate is the person's own remedy.
    story.evidence.rate = Some(1);
    let check = story.check();
    assert!(
        check.passes()
            && check
                .notes
                .iter()
                .any(|note| matches!(note, Note::ConcurrencyTight { .. }))
    );
    story.evidence.rate = None;
    // Where invocations are short, all can run before the receives are used up.
    let quick = |ms| Counts {
        duration_ms: points(5, ms),
        ..Counts::default()
    };
    story.counts(quick(120.0));
    assert!(story.check().passes());
    story.counts(quick(20_000.0));
    assert!(!story.check().passes());
}

#[test]
fn a_mapping_that_is_disabled_or_refused_speaks_against_it() {
    let mut story = healthy();
    (story.enabled, story.mapping.status.state) = (false, Some("Disabled".to_owned()));
    let disabled = Reason::MappingDisabled {
        function: F.into(),
        queue: WORK.into(),
        state: "Disabled".to_owned(),
    };
    assert_eq!(story.check().reasons, [disabled]);
    let mut story = healthy();
    let result = "PROBLEM: The provided execution role does not have permissions to call ReceiveMessage on SQS";
    story.mapping.status.last_result = Some(result.to_owned());
    assert!(matches!(&story.check().reasons[..], [Reason::MappingRefused { result: said, .. }] if said == result));
    // What its function did is reported by the function's own invocations.
    story.mapping.status.last_result = Some("PROBLEM: Function call failed".to_owned());
    assert!(story.check().passes());
}

#[test]
fn a_state_that_refuses_and_a_missing_target_speak_against_it() {
    let mut story = healthy();
    story.function.status.state = Some("Failed".to_owned());
    assert!(matches!(&story.check().reasons[..], [Reason::StateRefuses { state, .. }] if state == "Failed"));
    story.function.status.state = Some("Inactive".to_owned());
    assert!(story.check().passes(), "it comes back by itself");
    let target = Target::Queue {
        arn: "arn:aws:sqs:r:1:gone".to_owned(),
        url: String::new(),
        fifo: false,
    };
    let mut snapshot = healthy().snapshot();
    let id = NodeId::from(target.arn());
    let bare = Node {
        id: id.clone(),
        kind: NodeKind::Sqs,
        name: "gone".to_owned(),
        detail: Detail::None,
    };
    let topology = Arc::make_mut(&mut snapshot.topology);
    topology.nodes.insert(id.clone(), Arc::new(bare));
    let missing = crate::domain::Missing {
        id: id.clone(),
        qualifier: None,
    };
    topology.missing = Arc::new([missing].into());
    let found = check(&[target], &Evidence::default(), &snapshot, now());
    assert_eq!(found.reasons, [Reason::Missing { target: id }]);
}

#[test]
fn what_a_function_is_now_outranks_the_survey() {
    let mut story = healthy();
    story.function.reserved_concurrency = Some(0);
    story.function.status.state = Some("Failed".to_owned());
    story.evidence.now.insert(F.into(), FunctionNow::default());
    assert!(story.check().passes(), "lifted and deployed since");
    story.evidence.gone.insert(F.into());
    assert_eq!(story.check().reasons, [Reason::Missing { target: F.into() }]);
    story.evidence.gone.clear();
    let off = FunctionNow {
        reserved: Some(0),
        ..FunctionNow::default()
    };
    story.evidence.now.insert(F.into(), off);
    assert_eq!(story.check().reasons, [Reason::ConcurrencyZero { function: F.into() }]);
}

#[test]
fn a_limit_that_was_raised_is_proved_by_a_canary() {
    let mut story = healthy();
    *story.runs() = Runs {
        read_since: Some(ago(60)),
        read_to: Some(now()),
        ..Runs::default()
    };
    story.evidence.died = vec![Died {
        throttled: true,
        ..died(40, 38)
    }];
    let throttled = |minute| Counts {
        throttles: points(minute, 12.0),
        ..Counts::default()
    };
    story.counts(throttled(39));
    story.function.reserved_concurrency = Some(50);
    let check = story.check();
    assert_eq!(check.verdict(), Verdict::Unproven, "{check:?}");
    assert_eq!(
        said(&check),
        "f: throttled 12 times, the last time 39 min ago; its limit is no longer in the way: reserved concurrency 50 covers \
         the 5 that may be asked for; not proven yet: only a canary proves it"
    );
    story.function.reserved_concurrency = None;
    assert_eq!(story.check().verdict(), Verdict::Unproven);
    // Only the messages report it: an asynchronous event at reserved concurrency 0 leaves no throttle.
    story.counts(Counts::default());
    assert_eq!(story.check().verdict(), Verdict::Unproven);
    // They died just now: the limit may have been raised after that. One that was not throttled is another matter.
    story.counts(throttled(9));
    story.evidence.died = vec![died(10, 8)];
    assert_eq!(story.check().verdict(), Verdict::Unproven);
    story.evidence.died.push(died(6, 5));
    assert!(matches!(
        story.check().reasons[..],
        [Reason::StillDying { messages: 1, .. }]
    ));
    story.evidence.died = vec![died(40, 38)];
    // Not raised, or not far enough.
    story.counts(throttled(39));
    for reserved in [0, 1, 4] {
        story.function.reserved_concurrency = Some(reserved);
        assert_eq!(story.check().verdict(), Verdict::Failed, "{reserved}");
    }
    // What ran between throttles ran under the limit of then; what ran minutes later did not.
    story.function.reserved_concurrency = None;
    story.runs().last_success = Some(ago(37));
    assert_eq!(story.check().verdict(), Verdict::Unproven);
    story.runs().last_success = Some(ago(30));
    assert_eq!(story.check().verdict(), Verdict::Passed);
    // It fails as well, and nothing was deployed: raising a limit does not fix that.
    story.runs().last_success = None;
    story.runs().last_error = Some((ago(38), "KeyError".to_owned()));
    story.runs().failed_in_row = 1;
    assert_eq!(story.check().verdict(), Verdict::Failed);
}

#[test]
fn what_a_function_is_now_and_was_not_read_is_unknown() {
    let mut story = healthy();
    let why = "access denied: allow lambda:GetFunction".to_owned();
    story.evidence.unread.insert(F.into(), why.clone());
    let check = story.check();
    assert_eq!(check.verdict(), Verdict::Unknown, "{check:?}");
    assert_eq!(
        in_words(&words::gap(&check.gaps[0], now())),
        "f: whether it can be invoked is unknown: its state and reserved concurrency could not be read (access denied: allow \
         lambda:GetFunction)"
    );
    // What the survey had found a while ago still speaks against it.
    story.function.reserved_concurrency = Some(0);
    assert_eq!(story.check().verdict(), Verdict::Failed);
}

#[test]
fn what_reads_a_queue_and_was_not_read_is_unknown() {
    let target = Target::Queue {
        arn: DLQ.to_owned(),
        url: String::new(),
        fifo: false,
    };
    let mut snapshot = healthy().snapshot();
    let topology = Arc::make_mut(&mut snapshot.topology);
    topology
        .unread
        .insert(crate::domain::Part::new("lambda:ListEventSourceMappings", ""));
    let found = check(&[target], &Evidence::default(), &snapshot, now());
    assert_eq!(found.verdict(), Verdict::Unknown);
    assert_eq!(found.gaps, [Gap::Mappings { queue: DLQ.into() }]);
    assert_eq!(found.notes, [], "that nobody reads it is not known");
}
