//! The account's interface: requests in, responses out, over a world with virtual time.
//!
//! One lock guards world, clock and injected faults; it is held for one call and never across an await. A call that has to
//! wait (a long poll) is repeated when the clock reaches its end, when the world's next event is due, or when another call
//! changed something.

mod body;
mod clock;
mod endless;
mod fault_injection;
mod met;
mod state;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

pub use body::Body;
pub use clock::{Clock, Motion, SPEEDS};
pub use endless::Endless;
pub use fault_injection::{FaultSyntaxError, Rule, Share, Trouble};
use met::Met;
use state::State;

use super::call::{Answer, Call, Fault, Reply, Service};
use super::value::Value;
use super::wire::{self, Envelope};

/// The header with the account's time in every response: `<ms since 1970>;speed=<account seconds per second>`. `Date` is
/// not used, because SDKs derive clock skew from it.
pub const CLOCK_HEADER: &str = "x-pitagora-clock";

/// The least wall time between two looks of a waiting call, so that a busy world at high speed does not spin.
const PATIENCE: Duration = Duration::from_millis(5);

/// The least wall time between two looks of the driver: what is due in between happens together.
const TICK: Duration = Duration::from_millis(50);

/// Account seconds in a second at most, while the world holds more than it may.
pub const SLOWED: f64 = 1.0;

/// The least wall time between two frames of an event stream.
const FRAME: Duration = Duration::from_millis(50);

/// What the account needs of a world: three verbs, so that this room can be tested with less than a whole one.
pub trait Backend: Send + 'static {
    /// Lets everything happen that is due until then, in milliseconds since 1970.
    fn advance_to(&mut self, ms: i64);
    /// The time of the next scheduled event.
    fn next_event(&self) -> Option<i64>;
    /// Carries out a call.
    fn dispatch(&mut self, call: &Call) -> Reply;
    /// Whether it holds more than it may: time slows to [`SLOWED`].
    fn is_full(&self) -> bool {
        false
    }
    /// The client of a waiting call has disconnected.
    fn hang_up(&mut self, serial: u64);
}

/// Account ID and region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The twelve digits.
    pub account: String,
    /// The region of requests that name none.
    pub region: String,
}

/// The simulated account.
pub struct Account<W> {
    home: Home,
    state: Mutex<State<W>>,
    changed: Notify,
    stop: CancellationToken,
    serial: AtomicU64,
    /// Calls that wait for something to happen.
    waiting: AtomicUsize,
}

impl<W> fmt::Debug for Account<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("home", &self.home)
            .finish_non_exhaustive()
    }
}

/// The connection is to be cut without an answer: a [`Trouble::Dropped`] struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dropped;

/// Guard of a waiting call: notifies the world when the call ends, with or without a response.
struct Line<'a, W: Backend> {
    account: &'a Account<W>,
    serial: u64,
}

impl<'a, W: Backend> Line<'a, W> {
    fn new(account: &'a Account<W>, serial: u64) -> Self {
        account.waiting.fetch_add(1, Ordering::Relaxed);
        Self { account, serial }
    }
}

impl<W: Backend> Drop for Line<'_, W> {
    fn drop(&mut self) {
        self.account.waiting.fetch_sub(1, Ordering::Relaxed);
        self.account.lock().world.hang_up(self.serial);
    }
}

/// What a waiting call waits for.
enum Turn {
    Done(Result<Answer, Fault>),
    Wait(Option<Duration>),
    Stream {
        events: Vec<(String, Value)>,
        resume: Value,
        next: Option<Next>,
    },
}

/// When a stream goes on: after so long, or, while the clock stands still, when that changes.
struct Next(Option<Duration>);

impl<W: Backend> Account<W> {
    /// An account over a world whose clock shows `start_ms` now.
    #[must_use]
    pub fn new(world: W, home: Home, start_ms: i64, speed: f64) -> Arc<Self> {
        Self::made(world, home, Clock::new(start_ms, Instant::now(), speed), start_ms)
    }

    /// An account whose clock stands still at exactly `start_ms`, until it is stepped or let run.
    #[must_use]
    pub fn paused(world: W, home: Home, start_ms: i64, speed: f64) -> Arc<Self> {
        let now = Instant::now();
        let mut clock = Clock::new(start_ms, now, speed);
        clock.set_motion(now, Motion::Paused);
        Self::made(world, home, clock, start_ms)
    }

    fn made(world: W, home: Home, clock: Clock, start_ms: i64) -> Arc<Self> {
        Arc::new(Self {
            home,
            state: Mutex::new(State::new(world, clock, start_ms)),
            changed: Notify::new(),
            stop: CancellationToken::new(),
            serial: AtomicU64::new(1),
            waiting: AtomicUsize::new(0),
        })
    }

    /// Where it is.
    #[must_use]
    pub const fn home(&self) -> &Home {
        &self.home
    }

    /// Reads or changes the world at the current account time. Wakes waiting calls.
    pub fn with<R>(&self, look: impl FnOnce(&mut W) -> R) -> R {
        let mut state = self.lock();
        let now = Instant::now();
        state.catch_up(now, || now.elapsed());
        let result = look(&mut state.world);
        drop(state);
        self.changed.notify_waiters();
        result
    }

    /// Account time now, in milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.lock().now(Instant::now())
    }

    /// Calls that wait for something to happen (long polls): while the clock stands still they wait until it is stepped.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Account seconds that pass in a second; 0 while the clock stands still.
    #[must_use]
    pub fn speed(&self) -> f64 {
        self.lock().clock.speed()
    }

    /// The same, and while the clock stands still what will pass when it goes on.
    #[must_use]
    pub fn kept_speed(&self) -> f64 {
        self.lock().clock.kept_speed()
    }

    /// Changes the speed while it runs, clamped to [`SPEEDS`].
    pub fn set_speed(&self, speed: f64) {
        self.tune(|clock| clock.set_speed(Instant::now(), speed));
    }

    /// Stops the clock or lets it run on.
    pub fn set_motion(&self, motion: Motion) {
        self.tune(|clock| clock.set_motion(Instant::now(), motion));
    }

    /// Stops the clock by itself at a time, in milliseconds since 1970; `None`: nowhere.
    pub fn set_end(&self, end: Option<i64>) {
        self.tune(|clock| clock.set_end(Instant::now(), end));
    }

    /// Begins anew with another world at another time, with nothing in trouble, and stands still there: the one way by which
    /// time goes back.
    pub fn restart(&self, world: W, at_ms: i64) {
        self.lock().restart(world, Instant::now(), at_ms);
        self.changed.notify_waiters();
    }

    /// Moves the clock on by so many milliseconds.
    pub fn step(&self, ms: u32) {
        self.lock().step(Instant::now(), ms);
        self.changed.notify_waiters();
    }

    fn tune(&self, change: impl FnOnce(&mut Clock)) {
        change(&mut self.lock().clock);
        self.changed.notify_waiters();
    }

    /// The rules of trouble in force.
    #[must_use]
    pub fn rules(&self) -> Vec<Rule> {
        self.lock().rules.iter().map(|(rule, _)| rule.clone()).collect()
    }

    /// Replaces the rules of trouble. Of several that meet a call, delays add up and the first other one strikes.
    pub fn set_rules(&self, rules: Vec<Rule>) {
        self.lock().rules = rules.into_iter().map(|rule| (rule, Met::default())).collect();
    }

    /// Ends every long poll and every stream, and lets no new one wait.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Keeps the world at the current account time between calls, so that the first call after a long pause is not slow.
    /// Ends when the account is stopped.
    pub async fn drive(self: Arc<Self>) {
        loop {
            let changed = self.changed.notified();
            let wait = {
                let mut state = self.lock();
                let now = Instant::now();
                state.catch_up(now, || now.elapsed());
                let next = state.world.next_event().unwrap_or(i64::MAX);
                state.clock.wall_until(now, next)
            };
            let sleep = async {
                match wait {
                    Some(wait) => tokio::time::sleep(wait.clamp(TICK, Duration::from_secs(1))).await,
                    None => changed.await,
                }
            };
            tokio::select! {
                () = sleep => {}
                () = self.stop.cancelled() => return,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<W>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers one request.
    pub async fn handle(self: &Arc<Self>, request: Request<Bytes>) -> Result<Response<Body>, Dropped> {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        let id = request_id(serial);
        let (envelope, call) = wire::decode(request, &self.home.region);
        let (trouble, delay) = self.trouble(&envelope);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let result = match trouble {
            Some(Trouble::Dropped) => return Err(Dropped),
            Some(Trouble::Endless(how)) => match call {
                Err(fault) => Err(fault),
                Ok(call) => self.page(how, call, serial).await,
            },
            Some(trouble) => {
                match fault_injection::fault(trouble, envelope.service(), envelope.op(), &self.home.account) {
                    Some(fault) => Err(fault),
                    None => return Err(Dropped),
                }
            }
            None => match call {
                Err(fault) => Err(fault),
                Ok(call) => match self.ask(call, serial).await {
                    Asked::Done(result) => result,
                    Asked::Stream(frames) => {
                        let head = wire::encode_stream(&id);
                        return Ok(self.stamped(head.map(|()| Body::Frames(frames))));
                    }
                },
            },
        };
        Ok(self.stamped(wire::encode(&envelope, result, &id).map(Body::Whole)))
    }

    /// Refuses a request by its head alone, in the format that it asks for.
    pub fn refuse(&self, head: Request<()>, fault: impl FnOnce(Option<Service>) -> Fault) -> Response<Body> {
        let id = request_id(self.serial.fetch_add(1, Ordering::Relaxed));
        let (envelope, _) = wire::decode(head.map(|()| Bytes::new()), &self.home.region);
        let fault = fault(envelope.service());
        self.stamped(wire::encode(&envelope, Err(fault), &id).map(Body::Whole))
    }

    fn stamped(&self, mut response: Response<Body>) -> Response<Body> {
        let (ms, speed) = {
            let mut state = self.lock();
            (state.now(Instant::now()), state.clock.speed())
        };
        if let Ok(value) = HeaderValue::from_str(&format!("{ms};speed={speed}")) {
            response.headers_mut().insert(CLOCK_HEADER, value);
        }
        response
    }

    fn trouble(&self, envelope: &Envelope) -> (Option<Trouble>, Duration) {
        let now = Instant::now();
        let mut state = self.lock();
        let mut found = (None, Duration::ZERO);
        for (rule, met) in &mut state.rules {
            if !rule.meets(envelope.service(), envelope.op()) {
                continue;
            }
            if !rule.share.strikes(met.count()) {
                continue;
            }
            match rule.trouble {
                Trouble::Limit(rate) if met.admits(rate, now) => {}
                Trouble::Limit(_) => found.0 = found.0.or(Some(Trouble::Throttled)),
                Trouble::Slow(more) => found.1 += more,
                trouble => found.0 = found.0.or(Some(trouble)),
            }
        }
        found
    }

    /// A page of a list that does not end.
    async fn page(self: &Arc<Self>, how: Endless, mut call: Call, serial: u64) -> Result<Answer, Fault> {
        let service = call.service;
        Endless::ask(&mut call);
        match self.ask(call, serial).await {
            Asked::Done(mut result) => {
                if let Ok(answer) = &mut result {
                    how.answer(service, answer, serial);
                }
                result
            }
            Asked::Stream(_) => Err(Fault::new(503, "ServiceUnavailable", "A stream is no list")),
        }
    }

    async fn ask(self: &Arc<Self>, mut call: Call, serial: u64) -> Asked {
        call.serial = serial;
        call.received_ms = self.now_ms();
        let mut stopped = self.stop.is_cancelled();
        let mut line = None;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if stopped {
                // The poll's end is long past: it ends with what there is.
                call.received_ms = i64::MIN / 4;
            }
            match self.turn(&call) {
                Turn::Done(result) => {
                    if changes(&call.op) {
                        self.changed.notify_waiters();
                    }
                    return Asked::Done(result);
                }
                Turn::Stream { events, resume, next } => {
                    let (sender, frames) = mpsc::channel(4);
                    call.resume = Some(resume);
                    tokio::spawn(Arc::clone(self).stream(call, events, next, sender));
                    return Asked::Stream(frames);
                }
                Turn::Wait(_) if stopped => {
                    return Asked::Done(Err(Fault::new(503, "ServiceUnavailable", "The account is closing")));
                }
                Turn::Wait(wait) => {
                    line.get_or_insert_with(|| Line::new(self, serial));
                    let sleep = async {
                        match wait {
                            Some(wait) => tokio::time::sleep(wait.max(PATIENCE)).await,
                            None => std::future::pending().await,
                        }
                    };
                    tokio::select! {
                        () = sleep => {}
                        () = changed => {}
                        () = self.stop.cancelled() => stopped = true,
                    }
                }
            }
        }
    }

    /// One turn of the world.
    fn turn(&self, call: &Call) -> Turn {
        self.lock().turn(call)
    }

    /// Feeds an event stream until it ends, the client disconnects or the account closes.
    async fn stream(
        self: Arc<Self>,
        mut call: Call,
        mut events: Vec<(String, Value)>,
        mut next: Option<Next>,
        sender: mpsc::Sender<Bytes>,
    ) {
        let mut frames = vec![wire::stream_start()];
        loop {
            frames.extend(events.iter().map(|(name, members)| wire::stream_event(name, members)));
            if !frames.is_empty() && sender.send(Bytes::from(frames.concat())).await.is_err() {
                return;
            }
            let Some(Next(wait)) = next else { return };
            let changed = self.changed.notified();
            let sleep = async {
                match wait {
                    Some(wait) => tokio::time::sleep(wait.max(FRAME)).await,
                    None => changed.await,
                }
            };
            tokio::select! {
                () = sleep => {}
                () = sender.closed() => return,
                () = self.stop.cancelled() => return,
            }
            frames.clear();
            match self.turn(&call) {
                Turn::Stream {
                    events: more,
                    resume,
                    next: after,
                } => {
                    call.resume = Some(resume);
                    (events, next) = (more, after);
                }
                Turn::Done(Err(fault)) => {
                    let _ = sender.send(wire::stream_exception(&fault)).await;
                    return;
                }
                Turn::Done(Ok(_)) | Turn::Wait(_) => return,
            }
        }
    }
}

enum Asked {
    Done(Result<Answer, Fault>),
    Stream(mpsc::Receiver<Bytes>),
}

/// Whether an operation may change what others wait for; reading does not wake them.
fn changes(op: &str) -> bool {
    !["Get", "List", "Describe", "Head", "Filter"]
        .iter()
        .any(|prefix| op.starts_with(prefix))
}

/// An id in the form of a UUID, different for each request.
fn request_id(serial: u64) -> String {
    // The finishing steps of splitmix64: neighbours look nothing alike, and no two are the same.
    let mix = |seed: u64| {
        let z = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let (a, b) = (mix(serial.wrapping_mul(0x9e37_79b9_7f4a_7c15)), mix(!serial));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        b >> 48 & 0x3fff | 0x8000,
        b & 0xffff_ffff_ffff
    )
}
