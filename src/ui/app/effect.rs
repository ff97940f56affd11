//! What the loop does for the screen.

use std::sync::Arc;

use super::demo::DemoControl;
use crate::dlq;
use crate::layout::{self, Placed};
use crate::ui::chain::scene::Scene;
use crate::ui::panes::dead_letters::state::sift;

/// A picture and where its boxes are.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// What was placed.
    pub picture: Arc<Scene>,
    /// The same as the layout was asked for it.
    pub request: Arc<layout::Request>,
    /// Where it is.
    pub placed: Arc<Placed>,
}

/// Work for the layout's thread.
#[derive(Clone, Debug)]
pub struct Job {
    /// What is to be placed.
    pub picture: Arc<Scene>,
    /// The same for the layout.
    pub request: Arc<layout::Request>,
    /// What it starts from; nothing where gaps are to be closed.
    pub previous: Option<Arc<Placed>>,
}

impl Job {
    /// Does the work.
    #[must_use]
    pub fn run(&self) -> Shown {
        Shown {
            picture: Arc::clone(&self.picture),
            request: Arc::clone(&self.request),
            placed: Arc::new(layout::place(&self.request, self.previous.as_deref())),
        }
    }
}

/// What is to be done outside.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Place the boxes; the latest counts.
    Layout(Job),
    /// Put a text into the clipboard.
    Copy(String),
    /// Take the mouse, or give it back.
    Mouse(bool),
    /// Stop, as Ctrl-Z does.
    Suspend,
    /// Draw every cell again.
    Redraw,
    /// Filter dead letters; the latest counts.
    Sift(sift::Job),
    /// Read dead letters, put them back.
    Dlq(dlq::Command),
    /// Let a letter's body be edited.
    Edit {
        /// The letter.
        id: String,
        /// Its body.
        body: String,
    },
    /// Do something to the simulated account.
    DemoControl(DemoControl),
    /// End.
    Quit,
}
