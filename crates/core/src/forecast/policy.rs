//! The waits of AWS, and windows made of them.
//!
//! Sources: the developer guide of Lambda (waits, limits), measurements on AWS by third parties (how much longer the
//! waits are). The tests hold the measured times against them.

use jiff::{SignedDuration, Timestamp};

use crate::domain::{EdgePolicy, Function, Queue};

/// How long ended deliveries are remembered.
pub const MEMORY: SignedDuration = SignedDuration::from_hours(1);

/// AWS (async): an asynchronous event is retried 1 and then 2 minutes after the end of the failed invocation.
pub const ASYNC_WAITS: [SignedDuration; 2] = [SignedDuration::from_secs(60), SignedDuration::from_secs(120)];
/// AWS (async): `MaximumRetryAttempts` where nothing is set.
pub const ASYNC_RETRIES: u32 = 2;
/// AWS (async): `MaximumEventAgeInSeconds` where nothing is set, 6 hours.
pub const ASYNC_MAX_AGE: SignedDuration = SignedDuration::from_hours(6);
/// Waits are up to this share longer than published. Measured: 66.1 s for 60 s, 130.2 s for 120 s (an invocation of some
/// 0.1 s included), so a tenth, and a little for what was not measured.
const ASYNC_LONGER: f64 = 0.12;
/// From the end of a wait to the START line: a sandbox may have to be started. AWS (sqs-mappings): that takes 10 s at most before it is
/// retried.
const START: SignedDuration = SignedDuration::from_secs(10);
/// Clocks of services differ by a little.
const CLOCKS: SignedDuration = SignedDuration::from_millis(500);

/// AWS (async): a throttled asynchronous event waits 1 s, then twice as long each time, to 5 minutes.
pub const THROTTLE_FIRST: SignedDuration = SignedDuration::from_secs(1);
/// AWS (async): the longest wait of a throttled asynchronous event.
pub const THROTTLE_LONGEST: SignedDuration = SignedDuration::from_mins(5);
/// Measured ages of attempts: 0, 1, 3, 8, 16.6, 32.8, 67.9 s, so that a step is up to a quarter longer than published.
const THROTTLE_LONGER: f64 = 0.25;

/// AWS (sqs-mappings): a poller waits up to 20 s for a message; where traffic is low a message may lie as long.
pub const QUEUE_POLL: SignedDuration = SignedDuration::from_secs(20);
/// From a receive to its START line, a warm sandbox: measured well below.
const RECEIVE_TO_START: SignedDuration = SignedDuration::from_secs(2);
/// AWS (sqs-mappings): where window and function timeout together exceed the visibility timeout, it is their sum and 30 s more.
const WINDOW_EXTRA: SignedDuration = SignedDuration::from_secs(30);

/// AWS (streams): records of a DynamoDB stream expire after 24 h; those of Kinesis too, unless more is paid for.
pub const STREAM_EXPIRY: SignedDuration = SignedDuration::from_hours(24);
/// AWS (kafka): a DocumentDB change stream keeps events 3 h, unless raised.
pub const DOCUMENTDB_EXPIRY: SignedDuration = SignedDuration::from_hours(3);
/// AWS (kafka): with an on-failure destination and no limit, Lambda gives a Kafka batch up after so many retries.
pub const KAFKA_RETRIES: u32 = 10;
/// The longest pause between retries of a blocked shard. Unpublished, so it only serves to detect that a shard has moved
/// on.
pub const STREAM_QUIET: SignedDuration = SignedDuration::from_mins(2);

/// From then to then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Not before.
    pub earliest: Timestamp,
    /// Not after.
    pub latest: Timestamp,
}

impl Window {
    /// Where a moment is known exactly.
    #[must_use]
    pub fn at(moment: Timestamp) -> Self {
        Self {
            earliest: moment,
            latest: moment,
        }
    }

    /// Later by between `low` and `high`.
    #[must_use]
    pub fn after(self, low: SignedDuration, high: SignedDuration) -> Self {
        Self {
            earliest: plus(self.earliest, low),
            latest: plus(self.latest, high),
        }
    }
}

/// A moment so much later; the end of time where that is too far.
#[must_use]
pub fn plus(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.checked_add(span).unwrap_or(if span.is_negative() {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

fn longer(span: SignedDuration, by: f64) -> SignedDuration {
    span.checked_add(SignedDuration::from_secs_f64(span.as_secs_f64() * by))
        .unwrap_or(SignedDuration::MAX)
}

/// When an asynchronous event is run again whose `failures`-th run ended within `ended`: nothing after the last wait.
#[must_use]
pub fn async_retry(failures: u32, ended: Window) -> Option<Window> {
    let wait = *ASYNC_WAITS.get(usize::try_from(failures.checked_sub(1)?).ok()?)?;
    Some(ended.after(wait - CLOCKS, longer(wait, ASYNC_LONGER) + START))
}

/// The published wait after the `failures`-th run.
#[must_use]
pub fn async_wait(failures: u32) -> Option<SignedDuration> {
    ASYNC_WAITS
        .get(usize::try_from(failures.checked_sub(1)?).ok()?)
        .copied()
}

/// The longest pause between two attempts of an event throttled for this long.
#[must_use]
pub fn throttle_pause(for_so_long: SignedDuration) -> SignedDuration {
    let mut step = THROTTLE_FIRST;
    let mut waited = SignedDuration::ZERO;
    while step < THROTTLE_LONGEST && waited + step <= for_so_long {
        waited += step;
        step *= 2;
    }
    longer(step.min(THROTTLE_LONGEST), THROTTLE_LONGER)
}

/// How long a message stays hidden that Lambda receives for this mapping.
#[must_use]
pub fn visibility(queue: &Queue, mapping: &EdgePolicy, function: &Function) -> SignedDuration {
    let plain = SignedDuration::from_secs(queue.visibility_timeout_s.into());
    let window = SignedDuration::from_secs(mapping.batching.window_s.unwrap_or(0).into());
    let together = window + SignedDuration::from_secs(function.timeout_s.into());
    if window.is_zero() || together <= plain {
        plain
    } else {
        together + WINDOW_EXTRA
    }
}

/// When a message is received again whose invocation logged its START then, after a sandbox start of `init`.
#[must_use]
pub fn queue_return(start: Timestamp, init: SignedDuration, visibility: SignedDuration) -> Window {
    let received = Window {
        earliest: plus(start, -init - SignedDuration::from_secs(1)),
        latest: plus(start, -init),
    };
    received.after(visibility, visibility + QUEUE_POLL + RECEIVE_TO_START)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Batching;

    fn at(seconds: f64) -> Timestamp {
        let span = SignedDuration::from_secs_f64(seconds);
        plus(Timestamp::UNIX_EPOCH, span)
    }

    /// Starts as measured on AWS, in seconds after the invocation, and about how long each invocation took.
    const MEASURED: [([f64; 3], f64); 2] = [([0.36, 66.5, 196.7], 0.1), ([0.5, 65.8, 192.0], 1.0)];

    #[test]
    fn the_waits_hold_what_was_measured() {
        for (starts, took) in MEASURED {
            for n in [1_u32, 2] {
                let ended = at(starts[n as usize - 1] + took);
                let window = async_retry(n, Window::at(ended)).expect("a retry");
                let next = at(starts[n as usize]);
                assert!(
                    window.earliest <= next && next <= window.latest,
                    "{next} not in {window:?}"
                );
            }
            assert_eq!(async_retry(3, Window::at(at(starts[2]))), None);
        }
    }

    #[test]
    fn the_windows_are_narrow_enough_to_be_of_use() {
        let width = |window: Window| window.latest.duration_since(window.earliest);
        let ended = Window::at(at(0.0));
        assert!(width(async_retry(1, ended).expect("a retry")) <= SignedDuration::from_secs(20));
        assert!(width(async_retry(2, ended).expect("a retry")) <= SignedDuration::from_secs(40));
        let again = queue_return(at(0.0), SignedDuration::from_secs(9), SignedDuration::from_secs(30));
        assert!(width(again) <= SignedDuration::from_secs(25));
    }

    #[test]
    fn the_pauses_of_a_throttled_event_hold_what_was_measured() {
        let ages = [0.0, 1.0, 3.0, 8.0, 16.6, 32.8, 67.9];
        for pair in ages.windows(2) {
            let pause = throttle_pause(SignedDuration::from_secs_f64(pair[0]));
            assert!(
                pair[1] - pair[0] <= pause.as_secs_f64(),
                "{} after {}: {pause:?}",
                pair[1],
                pair[0]
            );
            assert!(
                pause.as_secs_f64() <= 2.0 * (pair[1] - pair[0]),
                "no use as a bound: {pause:?}"
            );
        }
        let long = throttle_pause(SignedDuration::from_hours(5));
        assert!(long >= THROTTLE_LONGEST && long <= THROTTLE_LONGEST * 2);
    }

    #[test]
    fn a_batching_window_stretches_the_visibility_timeout() {
        let queue = Queue {
            visibility_timeout_s: 30,
            ..Queue::default()
        };
        let function = Function {
            timeout_s: 10,
            ..Function::default()
        };
        let mapping = |window: Option<u32>| EdgePolicy {
            batching: Batching {
                window_s: window,
                ..Batching::default()
            },
            ..EdgePolicy::default()
        };
        let seconds = |window| visibility(&queue, &mapping(window), &function).as_secs();
        assert_eq!((seconds(None), seconds(Some(5)), seconds(Some(25))), (30, 30, 65));
    }
}
