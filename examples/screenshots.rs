//! Draws `screenshots/` from the demo, as a person would see it: `cargo run --example screenshots`.
//!
//! The finished program runs in a pseudo-terminal; what stands on its screen becomes an SVG.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// One picture: what is run, what must stand on screen before each key, and where it goes.
struct Shot {
    file: &'static str,
    arguments: &'static [&'static str],
    size: (u16, u16),
    /// Text to wait for, then keys to press.
    steps: &'static [(&'static str, &'static str)],
    /// Text to wait for before the picture.
    last: &'static str,
}

const SHOTS: &[Shot] = &[
    Shot {
        file: "marble-run",
        arguments: &["demo"],
        size: (200, 34),
        steps: &[("orders-save", " ")],
        last: "○",
    },
    Shot {
        file: "broken",
        arguments: &["demo", "--speed", "30"],
        size: (200, 34),
        steps: &[],
        last: "runs failed",
    },
    Shot {
        file: "details",
        arguments: &["demo", "--speed", "30"],
        size: (160, 44),
        steps: &[("dead letters", "n"), ("", "\r")],
        last: "dead letters",
    },
    Shot {
        file: "light",
        arguments: &["demo", "four-patterns", "--theme", "light"],
        size: (160, 44),
        steps: &[],
        last: "ok",
    },
    Shot {
        file: "retries",
        arguments: &["demo"],
        size: (160, 44),
        steps: &[("runs failed", "r"), ("try 3 in", "")],
        last: "to q-dlq",
    },
    Shot {
        file: "logs",
        arguments: &["demo"],
        size: (160, 44),
        steps: &[("runs failed", "L")],
        last: "[ERROR]",
    },
    Shot {
        file: "dead-letters",
        arguments: &["demo", "poison", "--speed", "20"],
        size: (160, 44),
        steps: &[
            ("4 dead letters", "d"),
            ("fair-dlq", "\r"),
            ("Enter read it once", "\r"),
        ],
        last: "visible again",
    },
];

/// Longer than this nothing is waited for.
const PATIENCE: Duration = Duration::from_mins(2);

fn main() -> Result<(), Failure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = program()?;
    std::fs::create_dir_all(root.join("screenshots"))?;
    for shot in SHOTS {
        let screen = run(&program, shot).map_err(|error| format!("{}: {error}", shot.file))?;
        let path = root.join("screenshots").join(format!("{}.svg", shot.file));
        std::fs::write(&path, svg(&screen))?;
        println!("{}", path.strip_prefix(root)?.display());
    }
    Ok(())
}

/// The program beside this example: `target/debug/examples/screenshots` → `target/debug/pitagora`.
fn program() -> Result<PathBuf, Failure> {
    let own = std::env::current_exe()?;
    let program = own
        .parent()
        .and_then(Path::parent)
        .ok_or("no place beside the example")?
        .join("pitagora");
    if program.exists() {
        Ok(program)
    } else {
        Err("build the program first: cargo build".into())
    }
}

fn run(program: &Path, shot: &Shot) -> Result<vt100::Screen, Failure> {
    let (cols, rows) = shot.size;
    let pair = native_pty_system().openpty(PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    })?;
    let mut command = CommandBuilder::new(program);
    command.args(shot.arguments);
    for (name, value) in [
        ("TERM", "xterm-256color"),
        ("COLORTERM", "truecolor"),
        ("LANG", "C.UTF-8"),
        ("TZ", "UTC"),
    ] {
        command.env(name, value);
    }
    let mut child = pair.slave.spawn_command(command)?;
    drop(pair.slave);
    let size = |n: u16| std::num::NonZero::new(n).ok_or("a screen without cells");
    let parser = Arc::new(Mutex::new(vt100::Parser::new(size(rows)?, size(cols)?, 0)));
    let mut reader = pair.master.try_clone_reader()?;
    let seen = Arc::clone(&parser);
    std::thread::spawn(move || {
        let mut bytes = [0; 65_536];
        while let Ok(count @ 1..) = reader.read(&mut bytes) {
            seen.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .process(&bytes[..count]);
        }
    });
    let mut keys = pair.master.take_writer()?;
    let wait = |text: &str| -> Result<vt100::Screen, Failure> {
        let started = Instant::now();
        loop {
            let screen = parser.lock().unwrap_or_else(PoisonError::into_inner).screen().clone();
            if screen.contents().contains(text) {
                return Ok(screen);
            }
            if started.elapsed() > PATIENCE {
                return Err(format!("{text:?} did not appear in\n{}", screen.contents()).into());
            }
            std::thread::sleep(Duration::from_millis(30));
        }
    };
    let mut picture = || -> Result<vt100::Screen, Failure> {
        for (text, press) in shot.steps {
            wait(text)?;
            keys.write_all(press.as_bytes())?;
            keys.flush()?;
        }
        // Layout and animation settle.
        std::thread::sleep(Duration::from_secs(1));
        wait(shot.last)
    };
    let screen = picture();
    child.kill()?;
    child.wait()?;
    screen
}

const CELL: (f64, f64) = (8.4, 17.0);

fn svg(screen: &vt100::Screen) -> String {
    let (rows, cols) = screen.size();
    let (rows, cols) = (rows.get(), cols.get());
    let (width, height) = (f64::from(cols) * CELL.0, f64::from(rows) * CELL.1);
    let ground = screen.cell(0, 0).map_or(vt100::Color::Default, vt100::Cell::bgcolor);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.1} {height:.1}\" \
         font-family=\"'DejaVu Sans Mono','Noto Sans Mono CJK JP',Menlo,Consolas,monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\n",
        colour(ground, "#16181d")
    );
    for row in 0..rows {
        for col in 0..cols {
            let Some(cell) = screen.cell(row, col) else { continue };
            if cell.is_wide_continuation() {
                continue;
            }
            let (mut front, mut back) = (colour(cell.fgcolor(), "#d8dee9"), colour(cell.bgcolor(), "#16181d"));
            if cell.inverse() {
                std::mem::swap(&mut front, &mut back);
            }
            let (x, y) = (f64::from(col) * CELL.0, f64::from(row) * CELL.1);
            let span = if cell.is_wide() { 2.0 } else { 1.0 };
            if cell.inverse() || cell.bgcolor() != ground {
                let _ = writeln!(
                    text,
                    "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{back}\"/>",
                    CELL.0 * span,
                    CELL.1
                );
            }
            let content = cell.contents().trim_end();
            if content.is_empty() {
                continue;
            }
            let weight = if cell.bold() { " font-weight=\"bold\"" } else { "" };
            let faint = if cell.dim() { " opacity=\"0.6\"" } else { "" };
            let content = content.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let _ = writeln!(
                text,
                "<text x=\"{x:.1}\" y=\"{:.1}\" fill=\"{front}\"{weight}{faint}>{content}</text>",
                y + 13.0
            );
        }
    }
    text.push_str("</svg>\n");
    text
}

fn colour(colour: vt100::Color, default: &str) -> String {
    const ANSI: [&str; 16] = [
        "#1c1f26", "#bf616a", "#a3be8c", "#ebcb8b", "#81a1c1", "#b48ead", "#88c0d0", "#d8dee9", "#4c566a", "#d06f79",
        "#b1d196", "#f0d399", "#8cafd2", "#c895bf", "#93ccdc", "#eceff4",
    ];
    match colour {
        vt100::Color::Default => default.to_owned(),
        vt100::Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        vt100::Color::Idx(n @ 0..16) => ANSI[usize::from(n)].to_owned(),
        vt100::Color::Idx(n @ 16..232) => {
            let part = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            let n = n - 16;
            format!("#{:02x}{:02x}{:02x}", part(n / 36), part(n / 6 % 6), part(n % 6))
        }
        vt100::Color::Idx(n) => {
            let grey = 8 + 10 * (n - 232);
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
    }
}
