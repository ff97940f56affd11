use super::*;

/// Feeds whole invocations, one a second from `first` on.
fn invoked(all: &mut Invocations, function: &NodeId, seconds: std::ops::Range<i64>) {
    for second in seconds {
        let at = |ms: i64| Timestamp::from_millisecond(1_700_000_000_000 + second * 1_000 + ms).expect("a time");
        let id = format!("b3a1d2c4-0000-4aaa-8bbb-{second:012}");
        for (ms, line) in [
            (0, format!("START RequestId: {id} Version: $LATEST")),
            (5, format!("[INFO]\t2026-01-01T00:00:00.000Z\t{id}\tdone")),
            (9, format!("END RequestId: {id}")),
            (
                9,
                format!(
                    "REPORT RequestId: {id}\tDuration: 9.00 ms\tBilled Duration: 9 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB\t"
                ),
            ),
        ] {
            all.take(function, "2026/01/01/[$LATEST]0", at(ms), &line);
        }
    }
}

#[test]
fn the_busiest_function_gives_room_and_the_quiet_one_keeps_all_it_has() {
    let (busy, quiet) = (NodeId::from("busy"), NodeId::from("quiet"));
    let mut all = Invocations {
        most_bytes: 1024 * 1024,
        ..Invocations::default()
    };
    invoked(&mut all, &quiet, 0..20);
    for round in 0..100 {
        invoked(&mut all, &busy, round * 100..(round + 1) * 100);
        all.refresh();
        assert!(all.bytes() <= all.budget(), "round {round}: {}", all.bytes());
    }
    assert_eq!(all.runs(&quiet).len(), 20);
    let runs = all.runs(&busy);
    assert!(
        all.bytes() > all.budget() / 2 && runs.len() > 100,
        "room is used: {} runs",
        runs.len()
    );
    assert_eq!(all.forgotten() + runs.len() as u64, 10_000);
    let first = runs.iter().next().and_then(|run| run.start);
    assert!(runs.forgotten_before().is_some() && runs.forgotten_before() <= first);
}
