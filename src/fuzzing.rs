//! What reads bytes from outside, as functions that must take any bytes: `cargo test --test it fuzzing` runs them over a
//! corpus and what becomes of it by chance, `cargo fuzz` (the folder `fuzz/`) by hand for as long as one likes.

use bytes::Bytes;
use http::Request;

use crate::config::Config;
use crate::dead_letters::content::content;
use crate::dead_letters::decode::{render, unwrap};
use crate::domain::text::plain;
use crate::sim::behaviour::Behaviours;
use crate::sim::scenario::Scenario;
use crate::ui::Depth;
use crate::ui::input::keys::Keys;
use crate::ui::theme::Theme;
use crate::words::Language;

/// A reader, held to take any bytes without a panic.
pub type Body = fn(&[u8]);

/// The readers by the names of their fuzz targets.
pub const BODIES: [(&str, Body); 8] = [
    ("log_line", log_line),
    ("journal", journal),
    ("dead_letter", dead_letter),
    ("wire", wire),
    ("theme", theme),
    ("keys", keys),
    ("scenario", scenario),
    ("config", config),
];

/// A line of a function's log.
pub fn log_line(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _ = crate::logs::parse(&text);
    assert!(!plain(&text).contains('\u{1b}'), "what is drawn has no escape");
}

/// The journal of a redrive.
pub fn journal(data: &[u8]) {
    let _ = pitagora_core::redrive::replay::Replay::read(data);
}

/// The body of a dead letter, with its layers drawn.
pub fn dead_letter(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _ = content(&text);
    let _ = render::lines(&text);
    let _ = unwrap(&text).walk().len();
}

/// A request at the simulated account: a line `SCOPE TARGET CONTENT-TYPE METHOD PATH`, then the body.
pub fn wire(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let head = String::from_utf8_lossy(&data[..end]);
    let mut words = head.split(' ');
    let mut word = || words.next().unwrap_or_default();
    let auth = format!(
        "AWS4-HMAC-SHA256 Credential=A/20260102/us-east-1/{}/aws4_request, Signature=0",
        word()
    );
    let request = Request::builder()
        .header("authorization", auth)
        .header("x-amz-target", word())
        .header("content-type", word())
        .method(word())
        .uri(word())
        .body(Bytes::copy_from_slice(data.get(end + 1..).unwrap_or_default()));
    if let Ok(request) = request {
        let (envelope, call) = crate::sim::wire::decode(request, "us-east-1");
        if let Err(fault) = call {
            let _ = crate::sim::wire::encode(&envelope, Err(fault), "id");
        }
    }
}

/// A theme.
pub fn theme(data: &[u8]) {
    let _ = Theme::parse("fuzzed", &String::from_utf8_lossy(data), Depth::True);
}

/// A file of key bindings.
pub fn keys(data: &[u8]) {
    let _ = Keys::load(
        Some((&String::from_utf8_lossy(data), "keys.toml".as_ref())),
        Language::English,
    );
}

/// A scenario, and a file of behaviours.
pub fn scenario(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _ = Scenario::parse(&text);
    let _ = Behaviours::parse(&text);
}

/// A configuration file.
pub fn config(data: &[u8]) {
    let _ = Config::parse(&String::from_utf8_lossy(data), "config.toml");
}
