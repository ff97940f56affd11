//! A scan against a queue made of a few lines, on virtual time.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::domain::NodeId;
use crate::domain::{Handled, NoAnswer, QueueMessage, Received};

const START: i64 = 1_767_225_600;

/// A queue: messages with their receive counts, and until when each is hidden.
struct Queue {
    state: Mutex<State>,
    /// Seconds that each call takes.
    call_s: i64,
    /// Calls to hide that fail first.
    refuse: AtomicU32,
    /// The receive that fails.
    fails_at: Option<u32>,
}

#[derive(Default)]
struct State {
    now: i64,
    messages: BTreeMap<usize, (u32, i64)>,
    receives: u32,
    most_hidden: usize,
}

impl Queue {
    fn of(messages: usize) -> Self {
        Self {
            state: Mutex::new(State {
                messages: (0..messages).map(|n| (n, (3, 0))).collect(),
                ..State::default()
            }),
            call_s: 0,
            refuse: AtomicU32::new(0),
            fails_at: None,
        }
    }

    fn counts(&self) -> Vec<u32> {
        let state = self.state.lock().expect("no panic");
        state.messages.values().map(|(count, _)| *count).collect()
    }

    fn hidden(&self) -> usize {
        let state = self.state.lock().expect("no panic");
        state.messages.values().filter(|(_, until)| *until > state.now).count()
    }
}

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(START + seconds).expect("a time")
}

impl Mailbox for Queue {
    async fn receive(&self, max: usize, hidden_s: u32, wait_s: u32) -> Result<Vec<Received>, NoAnswer> {
        tokio::task::yield_now().await;
        let mut state = self.state.lock().expect("no panic");
        state.receives += 1;
        if self.fails_at == Some(state.receives) {
            return Err(NoAnswer("no answer".to_owned()));
        }
        let now = state.now;
        let visible = state
            .messages
            .iter_mut()
            .filter(|(_, (_, until))| *until <= now)
            .take(max);
        let until = now + i64::from(hidden_s);
        let mut given = Vec::new();
        for (n, message) in visible {
            *message = (message.0 + 1, until);
            given.push(Received {
                letter: letter(*n, message.0),
                handle: format!("{n}/{}", message.0),
            });
        }
        state.now += if given.is_empty() {
            i64::from(wait_s)
        } else {
            self.call_s
        };
        let hidden = state.messages.values().filter(|(_, until)| *until > now).count();
        state.most_hidden = state.most_hidden.max(hidden);
        Ok(given)
    }

    async fn hide(&self, handles: &[String], seconds: u32) -> Result<Vec<Handled>, NoAnswer> {
        tokio::task::yield_now().await;
        let refused = self
            .refuse
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if refused.is_ok() {
            return Err(NoAnswer("the service failed".to_owned()));
        }
        let mut state = self.state.lock().expect("no panic");
        let now = state.now;
        let hide = |handle: &String| {
            let (n, count) = handle.split_once('/').expect("a handle");
            let message = state
                .messages
                .get_mut(&n.parse::<usize>().expect("a number"))
                .expect("a message");
            // AWS (sqs): only the handle of the last receive, and only while it is hidden.
            if message.0.to_string() != count || message.1 <= now {
                return Handled::Failed {
                    why: "it is not in flight".into(),
                };
            }
            message.1 = now + i64::from(seconds);
            Handled::Done
        };
        let answers = handles.iter().map(hide).collect();
        state.now += self.call_s;
        Ok(answers)
    }

    fn now(&self) -> Timestamp {
        time(self.state.lock().expect("no panic").now)
    }
}

fn letter(n: usize, count: u32) -> QueueMessage {
    QueueMessage {
        queue: NodeId::from("arn:aws:sqs:r:1:dlq"),
        message_id: format!("m-{n}"),
        body: "{}".into(),
        attributes: BTreeMap::new(),
        system: [("ApproximateReceiveCount".to_owned(), count.to_string())].into(),
        read_at: time(0),
    }
}

async fn read(queue: &Queue, max: usize) -> Reading {
    drive(queue, Scan::new(max), &CancellationToken::new(), |_| {}).await
}

#[tokio::test]
async fn everything_is_read_once_and_given_back() {
    let queue = Queue::of(57);
    let reading = read(&queue, 100).await;
    assert_eq!(
        (reading.letters.len(), reading.given_back, reading.end),
        (57, 57, End::Empty)
    );
    assert_eq!(queue.counts(), [4; 57], "each count went up by one");
    assert_eq!((queue.hidden(), reading.left, reading.repeated), (0, vec![], 0));
}

#[tokio::test]
async fn the_cap_holds_and_the_rest_is_not_touched() {
    let queue = Queue::of(57);
    let reading = read(&queue, 25).await;
    assert_eq!((reading.letters.len(), reading.end), (25, End::Full));
    assert_eq!(queue.counts().iter().filter(|count| **count == 3).count(), 32);
    assert_eq!(queue.hidden(), 0);
}

#[test]
fn messages_of_many_bytes_end_a_scan_too() {
    let body: std::sync::Arc<str> = "x".repeat(MOST_BYTES / 16).into();
    let mut scan = Scan::new(1_000);
    for page in 0..2 {
        while let Some(Effect::Receive { .. }) = scan.next(time(0)) {}
        let messages = (page * 10..page * 10 + 10).map(|n| Received {
            letter: QueueMessage {
                body: std::sync::Arc::clone(&body),
                ..letter(n, 1)
            },
            handle: format!("{n}/1"),
        });
        let answer = Ok(messages.collect());
        let asked = time(0);
        scan.handle(10, Event::Received { asked, answer });
    }
    assert_eq!(scan.next(time(0)), None, "nothing more is received");
    assert_eq!((scan.count(), scan.finish().end), (20, End::Large));
}

#[tokio::test]
async fn an_empty_queue_is_believed_after_two_looks() {
    let queue = Queue::of(0);
    let reading = read(&queue, 100).await;
    assert_eq!(
        (reading.letters.len(), reading.receives, reading.end),
        (0, 2, End::Empty)
    );
}

#[tokio::test]
async fn a_slow_scan_hides_anew_and_reads_nothing_twice() {
    let queue = Queue {
        call_s: 1,
        ..Queue::of(400)
    };
    let reading = read(&queue, 500).await;
    assert_eq!((reading.letters.len(), reading.repeated), (400, 0));
    assert_eq!(queue.counts(), [4; 400]);
    assert_eq!(queue.hidden(), 0);
}

#[tokio::test]
async fn a_scan_that_cannot_keep_up_ends_all_the_same() {
    let queue = Queue {
        call_s: 15,
        ..Queue::of(200)
    };
    let reading = read(&queue, 300).await;
    assert!(!reading.letters.is_empty());
    assert_eq!((reading.given_back, reading.left), (reading.letters.len(), vec![]));
}

#[tokio::test]
async fn what_was_stopped_gives_back_also_what_comes_after() {
    let queue = Queue::of(100);
    let stop = CancellationToken::new();
    let reading = drive(&queue, Scan::new(100), &stop, |count| {
        if count >= 30 {
            stop.cancel();
        }
    })
    .await;
    assert_eq!(reading.end, End::Stopped);
    assert!((30..100).contains(&reading.letters.len()), "{}", reading.letters.len());
    assert_eq!((reading.given_back, queue.hidden()), (reading.letters.len(), 0));
}

#[tokio::test]
async fn what_failed_gives_back_what_it_has() {
    let queue = Queue {
        fails_at: Some(3),
        ..Queue::of(100)
    };
    let reading = read(&queue, 100).await;
    assert_eq!(reading.end, End::Failed("no answer".into()));
    assert!(reading.letters.len() >= 20);
    assert_eq!((reading.given_back, queue.hidden()), (reading.letters.len(), 0));
}

#[tokio::test]
async fn giving_back_is_tried_again_and_what_stays_is_named() {
    let queue = Queue {
        refuse: AtomicU32::new(2),
        ..Queue::of(10)
    };
    let reading = read(&queue, 10).await;
    assert_eq!((reading.given_back, queue.hidden()), (10, 0));
    let queue = Queue {
        refuse: AtomicU32::new(u32::MAX),
        ..Queue::of(10)
    };
    let reading = read(&queue, 10).await;
    assert_eq!((reading.given_back, reading.left.len(), queue.hidden()), (0, 10, 10));
    let left = &reading.left[0];
    assert_eq!(
        (left.message_id.as_str(), left.until, left.why.as_str()),
        ("m-0", time(30), "the service failed")
    );
}

#[tokio::test]
async fn ten_thousand_are_read_in_one_scan() {
    let queue = Queue::of(10_000);
    let reading = read(&queue, 10_000).await;
    assert_eq!(
        (reading.letters.len(), reading.given_back, reading.end),
        (10_000, 10_000, End::Full)
    );
    assert_eq!(queue.counts(), vec![4; 10_000]);
}

#[test]
fn it_never_reads_again_once_it_is_over() {
    let mut scan = Scan::new(10);
    scan.handle(0, Event::Stop);
    assert!(scan.is_over());
    let much_later = time(0).checked_add(SignedDuration::from_hours(1)).expect("a time");
    assert_eq!(scan.next(much_later), None);
}
