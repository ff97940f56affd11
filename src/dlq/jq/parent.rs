//! The parent's side: starts the child, feeds it, and makes a sentence of whatever becomes of it.

use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

use super::child::{Answer, Ask, SUBCOMMAND, answered, first, framed};
use super::limits::{ENFORCED, resident};
use crate::dead_letters::words::Unfiltered;
use crate::dead_letters::{DeadLetter, Filter};
use crate::domain::phrase::Phrase;

/// How long an expression may take for a batch: so many messages, and so many bytes of them.
const TIME: Duration = Duration::from_secs(5);
/// Messages that the time is for; more have more of it.
const MESSAGES: usize = 10_000;
/// Bytes that the time is for.
const BYTES: usize = 64 << 20;
/// Bytes that an expression may take.
const MEMORY: u64 = 512 << 20;
/// How often the child's memory is looked at where the system does not hold it to its limit.
const LOOK: Duration = Duration::from_millis(50);
/// Messages after which others may run, where a text is looked for.
const TURN: usize = 64;
/// Characters of an expression that are quoted.
const QUOTED: usize = 60;
/// Bytes of the child's last words that are read.
const LAST_WORDS: u64 = 4 << 10;

/// How expressions are run.
#[derive(Clone, Debug)]
pub struct Jq {
    /// The program that is started.
    pub program: PathBuf,
    /// How long it may take, for 10,000 messages or 64 MiB; more messages have more time. Wall time.
    pub time: Duration,
    /// Bytes of memory that it may take.
    pub memory: u64,
    /// Whether the system holds it to that; else it is watched.
    pub enforced: bool,
}

impl Default for Jq {
    fn default() -> Self {
        // The file that runs now, even if it was replaced since.
        let own = PathBuf::from("/proc/self/exe");
        let own = if cfg!(target_os = "linux") {
            own
        } else {
            std::env::current_exe().unwrap_or(own)
        };
        Self {
            program: own,
            time: TIME,
            memory: MEMORY,
            enforced: ENFORCED,
        }
    }
}

/// What a filter chose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sifted {
    /// The places of the messages that pass, ascending.
    pub chosen: Vec<usize>,
    /// Messages on which the expression failed: they do not pass.
    pub failed: usize,
    /// Why it failed on the first of them, in jq's words. Comes from others.
    pub error: Option<String>,
}

impl Sifted {
    /// What is to be said of messages on which the expression failed.
    #[must_use]
    pub fn trouble(&self) -> Option<Phrase> {
        let why = self.error.clone()?;
        let failed = self.failed;
        Some(Unfiltered::FailedOn { failed, why }.into())
    }
}

/// How far the child is.
#[derive(Default)]
struct Heard {
    is_usable: bool,
    /// Answers so far.
    count: usize,
    sifted: Sifted,
}

/// How the child ended.
enum End {
    /// It said what is wrong with the expression.
    Refused(Phrase),
    /// It answered all.
    Whole,
    /// It ended early, or said what cannot be understood.
    Early,
}

impl Jq {
    /// Whether an expression can be used at all.
    ///
    /// # Errors
    /// What is wrong with it, or with the child.
    pub async fn check(&self, filter: &Filter) -> Result<(), Phrase> {
        self.sift(filter, &[], |_| {}).await.map(drop)
    }

    /// The messages that pass a filter. `told` hears of how many the expression has been run on. Dropping the future kills
    /// the child.
    ///
    /// # Errors
    /// What is wrong with the expression, and what became of the child that ran it: in a sentence.
    pub async fn sift(
        &self,
        filter: &Filter,
        entries: &[DeadLetter],
        told: impl FnMut(usize),
    ) -> Result<Sifted, Phrase> {
        let mut places = Vec::with_capacity(entries.len());
        for (place, entry) in entries.iter().enumerate() {
            if place % TURN == 0 {
                tokio::task::yield_now().await;
            }
            if filter.has_text(entry) {
                places.push(place);
            }
        }
        let Some(expression) = filter.expression() else {
            return Ok(Sifted {
                chosen: places,
                ..Sifted::default()
            });
        };
        let bytes = places.iter().map(|place| entries[*place].letter.size()).sum::<usize>();
        let more = u32::try_from((places.len() / MESSAGES).max(bytes / BYTES)).unwrap_or(u32::MAX);
        let time = self.time.saturating_mul(more.saturating_add(1));
        let ask = Ask {
            expression: expression.to_owned(),
            memory: self.enforced.then_some(self.memory),
            seconds: time.as_secs().saturating_add(2),
        };
        let messages = places.iter().map(|place| &entries[*place]);
        let mut heard = Heard::default();
        let ended = self.run(&ask, (filter, messages), (&mut heard, told), time).await;
        let at = places.get(heard.count).filter(|_| heard.is_usable);
        let at = at.map(|place| entries[*place].letter.message_id.clone());
        ended.map_err(|why| self.said(why, quoted(expression), at, time))?;
        let mut sifted = heard.sifted;
        for place in &mut sifted.chosen {
            *place = places[*place];
        }
        Ok(sifted)
    }

    async fn run<'a>(
        &self,
        ask: &Ask,
        (filter, messages): (&Filter, impl ExactSizeIterator<Item = &'a DeadLetter>),
        (heard, told): (&mut Heard, impl FnMut(usize)),
        time: Duration,
    ) -> Result<(), Unheard> {
        let mut child = self.start().map_err(Unheard::NotStarted)?;
        let (Some(to), Some(from), Some(last)) = (child.stdin.take(), child.stdout.take(), child.stderr.take()) else {
            return Err(Unheard::NotStarted(io::ErrorKind::BrokenPipe.into()));
        };
        let process = child.id();
        let all = messages.len();
        let talk = async {
            let (end, last, ()) = tokio::join!(
                hear(from, all, heard, told),
                last_words(last),
                feed(to, ask, filter, messages)
            );
            (end, last)
        };
        let (end, last) = tokio::select! {
            talked = tokio::time::timeout(time, talk) => talked.map_err(|_| Unheard::TooSlow)?,
            () = self.grown(process) => return Err(Unheard::TooMuchMemory),
        };
        match end {
            End::Whole => Ok(()),
            End::Refused(why) => Err(Unheard::Refused(why)),
            End::Early => Err(ended(&mut child, &last).await),
        }
    }

    fn start(&self) -> io::Result<Child> {
        let mut command = Command::new(&self.program);
        command
            .arg(SUBCOMMAND)
            // No secret of the environment may be seen by an expression, or by what comes of a fault in jaq.
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command
            .current_dir("/")
            // Ctrl-C is for the parent, which ends the child.
            .process_group(0);
        command.spawn()
    }

    /// Comes once the child has taken too much, where the system does not hold it to its limit.
    async fn grown(&self, process: Option<u32>) {
        let Some(process) = process.filter(|_| !self.enforced) else {
            return std::future::pending().await;
        };
        loop {
            tokio::time::sleep(LOOK).await;
            if resident(process).await.is_some_and(|taken| taken > self.memory) {
                return;
            }
        }
    }

    fn said(&self, why: Unheard, expression: String, at: Option<String>, time: Duration) -> Phrase {
        let said = match why {
            Unheard::Refused(why) => return why,
            Unheard::NotStarted(why) => Unfiltered::NotStarted { why: why.to_string() },
            Unheard::TooSlow => Unfiltered::TooSlow {
                expression,
                seconds: time.as_secs().max(1),
                at,
            },
            Unheard::TooMuchMemory => Unfiltered::TooMuchMemory {
                expression,
                megabytes: self.memory >> 20,
                at,
            },
            Unheard::TooDeep => Unfiltered::TooDeep { expression, at },
            Unheard::Ended(how) => Unfiltered::Ended { expression, how, at },
        };
        said.into()
    }
}

/// Why there is no answer.
enum Unheard {
    Refused(Phrase),
    NotStarted(io::Error),
    TooSlow,
    TooMuchMemory,
    TooDeep,
    Ended(String),
}

/// Writes the expression and the messages. A child that reads no more has ended, and its end is told by others.
async fn feed<'a>(mut to: ChildStdin, ask: &Ask, filter: &Filter, messages: impl Iterator<Item = &'a DeadLetter>) {
    let Some(frame) = serde_json::to_vec(ask).ok().and_then(|ask| framed(&ask)) else {
        return;
    };
    if to.write_all(&frame).await.is_err() {
        return;
    }
    for message in messages {
        let Some(frame) = framed(filter.seen(message).as_bytes()) else {
            return;
        };
        if to.write_all(&frame).await.is_err() {
            return;
        }
    }
}

/// Reads the answers.
async fn hear(from: ChildStdout, all: usize, heard: &mut Heard, mut told: impl FnMut(usize)) -> End {
    let mut lines = BufReader::new(from).lines();
    match lines.next_line().await {
        Ok(Some(line)) => match first(&line) {
            Some(Ok(())) => heard.is_usable = true,
            Some(Err(why)) => return End::Refused(why),
            None => return End::Early,
        },
        _ => return End::Early,
    }
    while heard.count < all {
        let Ok(Some(line)) = lines.next_line().await else {
            return End::Early;
        };
        let Some((place, answer)) = answered(&line).filter(|(place, _)| *place == heard.count) else {
            return End::Early;
        };
        let sifted = &mut heard.sifted;
        match answer {
            Answer::Yes => sifted.chosen.push(place),
            Answer::No => {}
            Answer::Error(why) => {
                sifted.failed += 1;
                sifted.error.get_or_insert(why);
            }
        }
        heard.count = place + 1;
        told(place + 1);
    }
    End::Whole
}

/// What the child says when it breaks down.
async fn last_words(from: ChildStderr) -> String {
    let mut words = Vec::new();
    // Where nothing can be read there were none.
    let _ = from.take(LAST_WORDS).read_to_end(&mut words).await;
    String::from_utf8_lossy(&words).into_owned()
}

/// What became of a child that ended early. Rust's runtime says on stderr what it aborts for.
async fn ended(child: &mut Child, last: &str) -> Unheard {
    // What it said may be half a line of a child that still runs.
    let _ = child.start_kill();
    let status = child.wait().await;
    if last.contains("overflowed its stack") {
        return Unheard::TooDeep;
    }
    if last.contains("memory allocation of") || last.contains("capacity overflow") {
        return Unheard::TooMuchMemory;
    }
    let panic = last.lines().skip_while(|line| !line.contains("panicked at")).nth(1);
    let how = panic.map_or_else(|| status.map_or_else(|error| error.to_string(), how), str::to_owned);
    Unheard::Ended(how)
}

fn how(status: ExitStatus) -> String {
    status.to_string()
}

/// An expression as a sentence quotes it.
fn quoted(expression: &str) -> String {
    match expression.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &expression[..end]),
        None => expression.to_owned(),
    }
}
