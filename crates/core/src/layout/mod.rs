//! The layout of the graph of triggers, in whole cells: the positions of boxes and the routes of lines.
//!
//! ```text
//!  ╭ rule ───────╮     ╭ λ ──────────╮     ╭ S3 ─────────╮     ╭ λ ──────────╮
//!  │ every-5-min │────▶│ orders-in   │┄┄┄┄▶│ orders-bkt  │────▶│ orders-parse│
//!  ╰─────────────╯     ╰──────┬──────╯     ╰─────────────╯     ╰─────────────╯
//!                             ╎
//!                      ╭ SQS ─▼──────╮
//!                      │ in-dlq    0 │
//!                      ╰─────────────╯
//! ```
//!
//! Pure: no terminal, no clock, no colour. [`place`] seats the boxes and routes the links, [`paint`] turns what a
//! viewport shows into cells with line directions, [`glyph`] turns those into characters, [`neighbour`] walks.
//!
//! The steps of [`place`], one file each: `index` (ids to numbers), `rank` (columns), `rows`, `fold` (lines), `routing` (which
//! channels a link takes), `tracks` (which line of a channel), `route` (cells).

mod fold;
mod glyph;
mod grid;
mod index;
mod lines;
mod navigation;
mod paint;
mod place;
mod placed;
mod rank;
mod rect;
mod request;
mod route;
mod routing;
mod rows;
mod tracks;

#[cfg(test)]
mod tests;

pub use glyph::{Charset, Stroke, glyph};
pub use lines::Route;
pub use navigation::{Direction, neighbour};
pub use paint::{Cell, Painted, Sides, paint};
pub use place::place;
pub use placed::{Placed, Seat};
pub use rect::Rect;
pub use request::{Item, Link, LinkKind, Metrics, Request};
