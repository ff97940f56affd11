//! Draws `screenshots/` from the demo: `cargo run --features screenshots --example screenshots`, with names of pictures
//! after it only those.
//!
//! The simulated account, the pollers' questions, the store, the keys and the views are the product's own; the account is
//! looked at at fixed moments of its own time, so that two runs write the same bytes.

mod play;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use jiff::tz::TimeZone;
use pitagora::dlq::DlqState;
use pitagora::dlq::state::Run;
use pitagora::ui::screenshot::png::Fonts;
use pitagora::ui::screenshot::svg::{self, animated};
use pitagora::ui::{Charset, Depth, Settings};
use pitagora::words::Language;
use ratatui::buffer::Buffer;

use play::Play;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// One picture.
struct Shot {
    file: &'static str,
    scenario: &'static str,
    size: (u16, u16),
    theme: &'static str,
    plain: bool,
    language: Language,
    /// So many frames follow, a tenth of a second apart at the wall: an animation.
    frames: usize,
    before: &'static [Step],
    steps: &'static [Step],
}

/// What happens before it is drawn.
enum Step {
    /// So many seconds of account time after the beginning.
    At(u32),
    /// Keys, by character or name.
    Press(&'static str),
    /// The desk has come so far.
    DlqState(fn(&DlqState) -> bool),
}

use Step::{At, Press};

/// The eye finds the same things in the same place.
const USUAL: (u16, u16) = (160, 44);

const fn shot(file: &'static str, scenario: &'static str, steps: &'static [Step]) -> Shot {
    Shot {
        file,
        scenario,
        size: USUAL,
        theme: "dark",
        plain: false,
        language: Language::English,
        frames: 0,
        before: &[],
        steps,
    }
}

const fn japanese(file: &'static str, size: (u16, u16), steps: &'static [Step]) -> Shot {
    Shot {
        size,
        language: Language::Japanese,
        ..shot(file, "pitagora", steps)
    }
}

/// The dead letters of the worker's queue, opened and read.
const LETTERS_READ: &[Step] = &[
    At(410),
    Press("d"),
    At(412),
    Press("down enter"),
    At(414),
    Press("enter"),
    Step::DlqState(is_read),
];

const SHOTS: &[Shot] = &[
    Shot {
        size: (208, 28),
        ..shot("marble-run", "pitagora", &[At(62)])
    },
    Shot {
        size: (160, 32),
        ..shot("broken", "pitagora", &[At(250)])
    },
    // What is seen first in the README: an order that is followed.
    Shot {
        size: (120, 30),
        frames: 90,
        ..shot("rolling", "tour", &[At(30), Press("space")])
    },
    shot("retries", "pitagora", &[At(130), Press("r"), At(200)]),
    shot("logs", "pitagora", &[At(150), Press("L"), At(210)]),
    shot("details", "pitagora", &[At(230), Press("enter"), At(250)]),
    Shot {
        before: LETTERS_READ,
        ..shot(
            "dead-letters",
            "pitagora",
            &[Press("down space down space down space"), At(430)],
        )
    },
    Shot {
        before: LETTERS_READ,
        ..shot(
            "redrive",
            "pitagora",
            &[
                Press("down space down space down space R"),
                Step::DlqState(is_planned),
                Press("enter"),
                Step::DlqState(waits_for_a_word),
                At(450),
            ],
        )
    },
    Shot {
        theme: "light",
        ..shot("light", "four-patterns", &[At(120)])
    },
    japanese("broken-ja", (160, 32), &[At(250)]),
    japanese("retries-ja", USUAL, &[At(130), Press("r"), At(200)]),
    japanese("details-ja", USUAL, &[At(230), Press("enter"), At(250)]),
    japanese("logs-ja", USUAL, &[At(150), Press("L"), At(210)]),
    Shot {
        size: (80, 24),
        theme: "sixteen",
        plain: true,
        ..shot("narrow", "pitagora", &[At(250)])
    },
];

fn is_read(desk: &DlqState) -> bool {
    desk.reading.is_none() && !desk.letters.is_empty()
}

fn is_planned(desk: &DlqState) -> bool {
    desk.planned.is_some()
}

fn waits_for_a_word(desk: &DlqState) -> bool {
    desk.run.as_ref().is_some_and(Run::waits)
}

fn main() -> Result<(), Failure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (options, names): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|name| name.starts_with("--"));
    let compares = options.iter().any(|option| option == "--check");
    let shots: Vec<&Shot> = SHOTS
        .iter()
        .filter(|shot| names.is_empty() || names.iter().any(|name| name == shot.file))
        .collect();
    let fonts = Fonts::find()?;
    let folder = root.join("screenshots");
    std::fs::create_dir_all(&folder)?;
    // Journals are shown with their path: it is the same on every machine.
    let papers = tempfile::tempdir()?;
    std::env::set_current_dir(papers.path())?;
    let waiting = Mutex::new(shots.into_iter());
    let threads = thread::available_parallelism()?.get();
    thread::scope(|scope| {
        let work = || -> Result<(), Failure> {
            loop {
                let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some(shot) = next else { return Ok(()) };
                let drawn = if compares {
                    compare(shot, &folder)
                } else {
                    draw(shot, &fonts, &folder)
                };
                drawn.map_err(|error| format!("{}: {error}", shot.file))?;
                println!("screenshots/{}.svg", shot.file);
            }
        };
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        all.into_iter()
            .try_for_each(|thread| thread.join().map_err(|_| "a picture was not drawn")?)
    })
}

/// Plays a story up to the picture, and writes it. An animation is an SVG alone.
fn draw(shot: &Shot, fonts: &Fonts, folder: &Path) -> Result<(), Failure> {
    let screens = played(shot)?;
    let picture = picture(&screens);
    if screens.len() == 1 {
        std::fs::write(folder.join(format!("{}.png", shot.file)), fonts.png(&picture)?)?;
    }
    std::fs::write(folder.join(format!("{}.svg", shot.file)), picture)?;
    Ok(())
}

/// Holds the picture in the folder against what the screen draws.
fn compare(shot: &Shot, folder: &Path) -> Result<(), Failure> {
    let known = std::fs::read_to_string(folder.join(format!("{}.svg", shot.file)))?;
    if known == picture(&played(shot)?) {
        return Ok(());
    }
    Err("the screen draws another picture: draw screenshots/ anew (just shots), and look at it".into())
}

fn picture(screens: &[Buffer]) -> String {
    match screens {
        [one] => svg::svg(one),
        // The last one stays a little.
        [several @ .., last] => {
            let frames = several.iter().map(|screen| (screen, FRAME));
            animated(&frames.chain([(last, 15 * FRAME)]).collect::<Vec<_>>())
        }
        [] => String::new(),
    }
}

/// Between two frames of an animation.
const FRAME: Duration = Duration::from_millis(100);

/// Plays a story up to the picture.
fn played(shot: &Shot) -> Result<Vec<Buffer>, Failure> {
    let settings = Settings {
        theme: shot.theme.to_owned(),
        charset: if shot.plain { Charset::Ascii } else { Charset::Utf8 },
        language: shot.language,
        depth: if shot.plain { Depth::Ansi } else { Depth::True },
        // Without the data base of time zones, which is not the same everywhere.
        local: TimeZone::posix("JST-9")?,
        ..Settings::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let papers = PathBuf::from(".local/state/pitagora");
        let mut play = Box::pin(Play::begin(shot.scenario, settings, shot.size, &papers)).await?;
        for step in shot.before.iter().chain(shot.steps) {
            match step {
                At(seconds) => play.until(*seconds).await?,
                Press(keys) => play.press(keys).await?,
                Step::DlqState(holds) => play.until_the_desk(*holds).await?,
            }
        }
        let mut screens = vec![play.draw()];
        for _ in 0..shot.frames {
            play.roll(FRAME).await?;
            screens.push(play.draw());
        }
        Ok(screens)
    })
}
