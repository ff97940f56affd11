//! A person's `jq` expression, run in a process of its own: a child of this binary, `pitagora jq-child`.
//!
//! ```text
//!  screen, command line ──[expression, message, message, …]──▶ child
//!                       ◀──── `ok`, `0 y`, `1 n`, `2 e "…"` ───┘
//! ```
//!
//! jaq cannot be interrupted, a thread cannot be killed, and a stack overflow ends its process. So the child runs it, with
//! little memory, no environment and no core file, and is killed when its time is up or nobody waits for it any more. What
//! becomes of it is a sentence here.

mod child;
mod limits;
mod parent;

pub use child::{SUBCOMMAND, serve};
pub use parent::{Jq, Sifted};
