//! What the loop does for the screen.

use std::sync::Arc;

use super::demo::DemoControl;
use crate::dlq;
use crate::layout::{self, Placed};
use crate::ui::chain::fit::{BoxSize, Requests};
use crate::ui::chain::scene::Scene;
use crate::ui::panes::dead_letters::state::sift;
use crate::ui::panes::logs::search;

/// A picture and where its boxes are.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// What was placed.
    pub picture: Arc<Scene>,
    /// The same as the layout was asked for it.
    pub requests: Arc<Requests>,
    /// Which of these was placed.
    pub chosen: usize,
    /// Where it is.
    pub placed: Arc<Placed>,
}

/// Work for the layout's thread.
#[derive(Clone, Debug)]
pub struct Job {
    /// What is to be placed.
    pub picture: Arc<Scene>,
    /// The same for the layout, in each size that boxes may have.
    pub requests: Arc<Requests>,
    /// What it starts from; `None` where gaps are to be closed.
    pub previous: Option<Shown>,
}

impl Job {
    /// Does the work.
    #[must_use]
    pub fn run(&self) -> Shown {
        let (chosen, placed) = self.requests.place(self.previous.as_ref());
        Shown {
            picture: Arc::clone(&self.picture),
            requests: Arc::clone(&self.requests),
            chosen,
            placed: Arc::new(placed),
        }
    }
}

impl Shown {
    /// The size that its boxes have.
    #[must_use]
    pub fn size(&self) -> BoxSize {
        self.requests.sizes.get(self.chosen).copied().unwrap_or_default()
    }

    /// What was placed; `None` before the first layout.
    #[must_use]
    pub fn request(&self) -> Option<&layout::Request> {
        self.requests.by_size.get(self.chosen)
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
    /// Search log lines; the latest counts.
    Search(search::Job),
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
