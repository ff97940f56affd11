//! Effects: what the event loop does on behalf of the screen.

use std::sync::Arc;

use super::demo::DemoControl;
use crate::dlq;
use crate::layout::{self, Placed};
use crate::ui::chain::fit::{BoxSize, Requests};
use crate::ui::chain::scene::Scene;
use crate::ui::panes::dead_letters::state::sift;
use crate::ui::panes::logs::search;

/// A scene with the places of its boxes.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// The scene.
    pub picture: Arc<Scene>,
    /// The scene as the input of the layout.
    pub requests: Arc<Requests>,
    /// The index of the box size that was laid out.
    pub chosen: usize,
    /// The places.
    pub placed: Arc<Placed>,
}

/// A layout job for a worker thread.
#[derive(Clone, Debug)]
pub struct Job {
    /// The scene to lay out.
    pub picture: Arc<Scene>,
    /// The input of the layout for each possible size of boxes.
    pub requests: Arc<Requests>,
    /// The layout to start from; `None` to lay out from scratch.
    pub previous: Option<Shown>,
}

impl Job {
    /// Runs the job.
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
    /// The size of its boxes.
    #[must_use]
    pub fn size(&self) -> BoxSize {
        self.requests.sizes.get(self.chosen).copied().unwrap_or_default()
    }

    /// The scene that was laid out; `None` before the first layout.
    #[must_use]
    pub fn request(&self) -> Option<&layout::Request> {
        self.requests.by_size.get(self.chosen)
    }
}

/// An effect outside of the state of the screen.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Lay out the boxes; only the latest job counts.
    Layout(Job),
    /// Copy a text to the clipboard.
    Copy(String),
    /// Save what is on screen as a picture.
    Screenshot,
    /// Open an address in a browser, where there is one.
    Open(String),
    /// Take the mouse, or give it back.
    Mouse(bool),
    /// Suspend the program, as Ctrl-Z does.
    Suspend,
    /// Redraw every cell.
    Redraw,
    /// Filter dead letters; only the latest job counts.
    Sift(sift::Job),
    /// Search log lines; only the latest job counts.
    Search(search::Job),
    /// Read or redrive dead letters.
    Dlq(dlq::Command),
    /// Open a message's body in the editor.
    Edit {
        /// The message ID.
        id: String,
        /// The body.
        body: String,
    },
    /// Show an earlier step of the demonstration as it was; `None`: the present one.
    ShowStep(Option<usize>),
    /// Change the simulated account.
    DemoControl(DemoControl),
    /// End the program.
    Quit,
}
