//! What becomes of messages at their target.

use super::*;

#[test]
fn invocations_that_succeed_and_give_messages_back_speak_against_it() {
    let mut story = healthy();
    story.mapping.batching.partial_response = Some(true);
    story.runs().starts = points(30, 6.0);
    story.evidence.died = vec![died(31, 29)];
    let partial = Reason::PartialFailures {
        function: F.into(),
        queue: WORK.into(),
        messages: 1,
    };
    assert_eq!(story.check().reasons, [partial]);
    // Throttled, failed, not read so far back, tried before the last deployment: there is another explanation.
    let mut throttled = healthy();
    throttled.mapping.batching.partial_response = Some(true);
    throttled.runs().starts = points(30, 6.0);
    throttled.evidence.died = vec![died(31, 29)];
    throttled.counts(Counts {
        throttles: points(30, 1.0),
        ..Counts::default()
    });
    assert!(throttled.check().passes());
    story.runs().failures = points(30, 1.0);
    assert!(story.check().passes());
    story.runs().failures.clear();
    story.runs().read_since = Some(ago(20));
    assert!(story.check().passes());
    story.runs().read_since = Some(ago(60));
    story.function.last_modified = Some(ago(30));
    assert!(story.check().passes());
}

#[test]
fn messages_that_died_since_the_last_change_speak_against_it() {
    let mut story = healthy();
    story.evidence.died = vec![died(9, 7), died(6, 4), died(40, 38)];
    let check = story.check();
    assert_eq!(
        in_words(&words::reason(&check.reasons[0], now())),
        "dlq: 2 messages came in within the last 15 min, the last one about 4 min ago; the last deployment or mapping \
         change was 1 h ago, before their first attempt"
    );
    // The fix came while they were tried: it does not have them on its account.
    story.function.last_modified = Some(ago(5));
    assert!(story.check().passes());
}

#[test]
fn a_target_elsewhere_whose_own_dead_letter_queue_grew_speaks_against_it() {
    let mut story = healthy();
    let depths = [(20, 1.0), (8, 1.0), (6, 3.0), (4, 2.0), (2, 6.0)];
    let depths = depths.map(|(minute, value)| Point { at: ago(minute), value });
    story.vitals.insert(
        DLQ.into(),
        Vitals {
            depths: depths.to_vec(),
            ..Vitals::default()
        },
    );
    let grew = Reason::OwnQueueGrew {
        target: WORK.into(),
        queue: DLQ.into(),
        by: 6,
    };
    assert_eq!(story.check().reasons, [grew]);
    // Where it is the queue that is read, its messages tell; reading makes counts fall and rise.
    story.evidence.died = vec![died(120, 118)];
    assert!(story.check().passes());
}

#[test]
fn a_cut_link_kills_what_goes_through_it_and_not_what_goes_around() {
    let topic = "arn:aws:sns:r:1:t";
    let mut snapshot = healthy().snapshot();
    let cut = Edge::new(topic.into(), F.into(), EdgeKind::Trigger, QueueCounts::Configured).key;
    let key = Obstacle::AwsManagedKey("alias/aws/sns".to_owned());
    Arc::make_mut(&mut snapshot.arrivals).cut.insert(cut, key);
    let evidence = healthy().evidence;
    let of = |target| check(&[target], &evidence, &snapshot, now());
    let published = of(Target::Topic { arn: topic.to_owned() });
    assert!(
        matches!(&published.reasons[..], [Reason::Denied { target, .. }] if *target == F.into()),
        "{published:?}"
    );
    let invoked = of(Target::Event { arn: F.to_owned() });
    assert!(
        invoked.passes() && matches!(&invoked.notes[..], [.., Note::CutLink { .. }]),
        "{invoked:?}"
    );
    assert!(said(&invoked).contains("t cannot reach f: ") && said(&invoked).contains("goes around that"));
}

#[test]
fn a_queue_that_nobody_reads_is_told() {
    let target = Target::Queue {
        arn: DLQ.to_owned(),
        url: String::new(),
        fifo: false,
    };
    let found = check(&[target], &Evidence::default(), &healthy().snapshot(), now());
    assert!(found.passes());
    assert_eq!(found.notes, [Note::NobodyReads { queue: DLQ.into() }]);
}

#[test]
fn whole_batches_are_named_where_one_message_fails_them() {
    let mut story = healthy();
    story.mapping.batching.size = Some(10);
    story.runs().failures = points(2, 3.0);
    story.runs().failed_in_row = 1;
    story.runs().last_error = Some((ago(2), "KeyError".to_owned()));
    let text = said(&story.check());
    assert!(
        text.contains("f on work: ReportBatchItemFailures off: one failure retries the whole batch (batch size 10)"),
        "{text}"
    );
}

#[test]
fn a_filter_that_may_drop_the_messages_is_unknown() {
    let mut story = healthy();
    story.mapping.filter.patterns = vec![r#"{"body":{"kind":["order"]}}"#.to_owned()];
    story.evidence.died = vec![died(40, 38)];
    assert!(story.check().passes(), "they matched it when they died here");
    // Changed since, or messages of another queue.
    story.mapping.status.last_modified = Some(ago(20));
    let check = story.check();
    assert!(matches!(check.gaps[..], [Gap::Filtered { .. }]), "{check:?}");
    // With the bodies in hand it is known.
    let with = |body: &str| Died {
        body: Some(body.into()),
        ..died(40, 38)
    };
    story.evidence.died = vec![with(r#"{"kind":"order"}"#)];
    assert!(story.check().passes());
    story.evidence.died.push(with(r#"{"kind":"refund"}"#));
    let dropped = Reason::FilteredOut {
        function: F.into(),
        queue: WORK.into(),
        messages: 1,
    };
    assert_eq!(story.check().reasons, [dropped]);
    story.mapping.status.last_modified = Some(ago(90));
    story.evidence.died = vec![Died {
        source: Some("arn:aws:sqs:r:1:other".into()),
        ..died(40, 38)
    }];
    assert_eq!(story.check().verdict(), Verdict::Unknown);
}

#[test]
fn nothing_is_green_where_no_message_has_a_target() {
    let evidence = Evidence {
        died: vec![died(40, 38)],
        ..Evidence::default()
    };
    let found = check(&[], &evidence, &healthy().snapshot(), now());
    assert_eq!(found.gaps, [Gap::NoTarget]);
    assert_eq!(
        check(&[], &Evidence::default(), &healthy().snapshot(), now()).verdict(),
        Verdict::Passed
    );
}

#[test]
fn messages_given_back_before_a_deployment_are_proved_by_a_canary_and_not_by_others() {
    let mut story = healthy();
    story.mapping.batching.partial_response = Some(true);
    story.runs().starts = [(30, 6.0), (4, 5.0)]
        .map(|(minute, value)| Point { at: ago(minute), value })
        .to_vec();
    story.evidence.died = vec![died(31, 29)];
    story.function.last_modified = Some(ago(20));
    let check = story.check();
    assert_eq!(check.verdict(), Verdict::Unproven, "{check:?}");
    let before = Note::PartialFailuresBefore {
        function: F.into(),
        queue: WORK.into(),
        messages: 1,
    };
    assert!(check.notes.contains(&before), "{check:?}");
}
