//! The state of the screen: selection, scroll positions, open panes. Without I/O: [`update`] changes it, the views draw it.

pub mod caption;
pub mod demo;
pub(super) mod demo_keys;
pub mod effect;
pub mod footer;
pub mod header;
pub mod mode;
pub mod notice;
pub mod overview;
pub mod presenter;
mod requests;
pub mod screen_layout;
pub mod trail;
pub mod update;
pub mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use globset::{Glob, GlobSet, GlobSetBuilder};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::layout::Rect;

use crate::config::source::SourceError;
use crate::dlq::DlqState;
use crate::domain::delivery::Deliveries;
use crate::domain::interest::LogInterest;
use crate::domain::{Interest, NodeId};
use crate::layout;
use crate::store::snapshot::Snapshot;
use crate::ui::app::demo::DemoState;
use crate::ui::app::effect::Shown;
use crate::ui::app::mode::{Details, Mode};
use crate::ui::app::notice::Notice;
use crate::ui::app::presenter::Presenter;
use crate::ui::app::screen_layout::{Areas, Listed, Wanted};
use crate::ui::app::trail::Trail;
use crate::ui::chain::dropped::Dropped;
use crate::ui::chain::fit::{BoxSize, Requests};
use crate::ui::chain::marbles::Marbles;
use crate::ui::chain::motion::flight;
use crate::ui::chain::node_card::Edges;
use crate::ui::chain::scene::{Filter, Item, Scene};
use crate::ui::chain::scroll::MARGIN;
use crate::ui::input::keys::{Command, Context, Keys};
use crate::ui::panes::retries::state::InFlight;
use crate::ui::panes::state::Pane;
use crate::ui::settings::{Settings, Zone};
use crate::ui::text::caption_lines;
use crate::ui::theme::glyphs::Glyphs;
use crate::ui::theme::render_context::RenderContext;
use crate::ui::theme::{Theme, ThemeError, Themes};

/// A screen that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The theme.
    #[error(transparent)]
    Theme(#[from] ThemeError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] SourceError),
    /// A pattern of names to hide.
    #[error("the hidden pattern \"{pattern}\": {why}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        why: String,
    },
}

/// The state of the screen.
#[derive(Clone, Debug)]
pub struct App {
    /// The settings from options, configuration and environment.
    pub settings: Settings,
    /// The key bindings.
    pub keys: Arc<Keys>,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The open dialog or prompt.
    pub mode: Mode,
    /// The chain: the scene, its layout, and the selected box.
    pub chain: Chain,
    /// The open panes.
    pub panes: Panes,
    /// The clocks of the screen.
    pub clock: ScreenClock,
    /// The mouse.
    pub mouse: Mouse,
    /// The number of retries, counted once per set of deliveries.
    pub retries: Retried,
    /// Where one was.
    pub trail: Trail,
    /// Whether a comma was pressed, and the key after it is awaited.
    pub prefixed: bool,
    /// What the program says, until the next key.
    pub notice: Option<Notice>,
    /// The dead letters that were read, and the work on them.
    pub dlq: Arc<DlqState>,
    /// The state of the demo; `None` on a real account.
    pub demo: Option<DemoState>,
    /// Its stage, where it is on one.
    pub presenter: Option<Presenter>,
    themes: Arc<Themes>,
    theme: usize,
}

/// The clocks of the screen.
#[derive(Clone, Debug)]
pub struct ScreenClock {
    /// Account time.
    pub now: Timestamp,
    /// Real time, for animations.
    pub wall: Duration,
    /// When the screen was frozen.
    pub frozen: Option<Timestamp>,
    /// The time zone in which times are shown.
    pub zone: Zone,
}

/// The open panes.
#[derive(Clone, Debug, Default)]
pub struct Panes {
    /// The pane below the chain.
    pub below: Pane,
    /// Whether that pane fills the screen.
    pub enlarged: bool,
    /// The details; `None` if closed.
    pub details: Option<Details>,
    /// The largest number of issues so far, and of issues that lose events since there was none.
    pub issues: Listed,
}

/// The chain: the scene, its layout, and the selected box.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The selected box.
    pub selected: Option<NodeId>,
    /// Whether a person made the selection.
    pub chosen: bool,
    /// Whether the first survey has ended.
    pub settled: bool,
    /// The part of the topology that is drawn.
    pub filter: Filter,
    /// The scene as laid out.
    pub shown: Shown,
    /// The latest scene, laid out or being laid out.
    pub wanted: Arc<Scene>,
    /// That scene as the input of the layout.
    pub requested: Arc<Requests>,
    /// The cell of the graph in the upper left corner of the viewport.
    pub scroll: (i32, i32),
    /// Edges by their nodes.
    pub edges: Arc<Edges>,
    /// The topology from which `edges` and the scene were built.
    pub revision: Option<u64>,
    /// The health of the nodes when the scene was folded.
    pub healths: Option<u64>,
    /// Traffic in motion.
    pub marbles: Marbles,
    /// The events that were dropped by hand and are followed.
    pub dropped: Vec<Dropped>,
    /// The last of them.
    pub last_dropped: u64,
    /// The size of boxes that a person chose; `None` for the largest that fits.
    pub zoom: Option<BoxSize>,
}

/// The mouse.
#[derive(Clone, Debug)]
pub struct Mouse {
    /// Whether the mouse is captured.
    pub is_ours: bool,
    /// Where the button was pressed, while it is held.
    pub held: Option<(u16, u16)>,
    /// What can be clicked on the screen that was drawn last, and what it does.
    pub buttons: Vec<(Rect, Command)>,
}

/// The number of retries, counted once per set of deliveries.
#[derive(Clone, Debug, Default)]
pub struct Retried {
    /// The number of events that will be retried, by function.
    pub in_flight: Arc<BTreeMap<NodeId, InFlight>>,
    /// Whether any event failed and did not succeed later.
    pub any: bool,
    /// The deliveries that were counted.
    pub deliveries: Arc<Deliveries>,
}

/// Checks settings without opening a screen.
pub fn check(settings: &Settings) -> Result<(), SetupError> {
    App::new(settings.clone(), Timestamp::UNIX_EPOCH).map(drop)
}

impl App {
    /// A screen before its first snapshot.
    pub fn new(settings: Settings, now: Timestamp) -> Result<Self, SetupError> {
        let themes = Themes::load(settings.themes_dir.as_deref(), settings.depth, &settings.theme)?;
        let theme = themes.find(&settings.theme)?;
        let own = settings.keys.as_ref();
        let keys = Keys::load(
            own.map(|(text, path)| (text.as_str(), path.as_path())),
            settings.language,
        )?;
        let filter = Filter {
            hidden: globs(&settings.hidden)?,
            ..Filter::default()
        };
        Ok(Self {
            keys: Arc::new(keys),
            size: (0, 0),
            mode: Mode::Chain,
            chain: Chain {
                selected: None,
                chosen: false,
                settled: false,
                filter,
                shown: Shown::default(),
                wanted: Arc::default(),
                requested: Arc::default(),
                scroll: (-MARGIN.0, -MARGIN.1),
                edges: Arc::default(),
                revision: None,
                healths: None,
                marbles: Marbles::default(),
                dropped: Vec::new(),
                last_dropped: 0,
                zoom: None,
            },
            panes: Panes::default(),
            clock: ScreenClock {
                now,
                wall: Duration::ZERO,
                frozen: None,
                zone: settings.zone,
            },
            mouse: Mouse {
                is_ours: settings.mouse,
                held: None,
                buttons: Vec::new(),
            },
            retries: Retried::default(),
            trail: Trail::default(),
            prefixed: false,
            notice: None,
            dlq: Arc::default(),
            demo: None,
            presenter: settings.presenter.then(Presenter::default),
            themes: Arc::new(themes),
            theme,
            settings,
        })
    }

    /// The theme in use.
    #[must_use]
    pub fn theme(&self) -> &Theme {
        self.themes.get(self.theme)
    }

    /// Errors of the themes that cannot be used.
    #[must_use]
    pub fn broken_themes(&self) -> &[ThemeError] {
        self.themes.broken()
    }

    /// The names of the themes that can be chosen.
    pub fn theme_names(&self) -> impl Iterator<Item = &str> {
        self.themes.names()
    }

    /// The place of the theme in use among them.
    #[must_use]
    pub fn theme_at(&self) -> usize {
        self.theme
    }

    /// Uses the theme at a place, counted round.
    pub fn choose_theme(&mut self, at: usize) {
        self.theme = at % self.theme_names().count().max(1);
    }

    /// The context for views.
    #[must_use]
    pub fn look(&self) -> RenderContext<'_> {
        let zone = match self.clock.zone {
            Zone::Local => self.settings.local.clone(),
            Zone::Utc => TimeZone::UTC,
        };
        RenderContext::new(self.theme(), Glyphs::of(self.settings.charset), self.clock.now, zone)
            .speaking(self.settings.language)
    }

    /// The contexts of keys that are active now.
    #[must_use]
    pub fn places(&self) -> Vec<Context> {
        let mut places = vec![Context::Always];
        match self.mode {
            Mode::Chain => {
                places.extend(self.panes.below.places());
                let asks = self.panes.below.places().contains(&Context::Dialog);
                if self.is_staged() && !asks && matches!(self.panes.below, Pane::Issues) {
                    places.insert(0, Context::Stage);
                }
                places.extend((self.demo.is_some() && !asks).then_some(Context::Demo));
            }
            Mode::Find(_) | Mode::Pattern(_) => places.push(Context::Find),
            Mode::Palette(_) => places.push(Context::Palette),
            Mode::Answer(..) => places.push(Context::Answer),
            Mode::Help(_) | Mode::List(_) | Mode::Copy(_) | Mode::Themes(_) => places.push(Context::List),
        }
        places
    }

    /// The screen layout; `None` if the screen is too small.
    #[must_use]
    pub fn areas(&self) -> Option<Areas> {
        if self.is_staged() {
            return Areas::on_stage(self.size.0, self.size.1, self.wanted());
        }
        Areas::of(self.size.0, self.size.1, self.wanted())
    }

    /// Whether nothing but the chain and a caption is shown.
    #[must_use]
    pub fn is_staged(&self) -> bool {
        self.presenter.is_some() && self.demo.is_some()
    }

    fn wanted(&self) -> Wanted {
        Wanted {
            details: self.panes.details.is_some(),
            caption: self
                .demo
                .as_ref()
                .and_then(|demo| demo.caption.as_deref())
                .map_or(0, |text| {
                    u16::try_from(caption_lines(text, self.size.0).len()).unwrap_or(u16::MAX)
                }),
            issues: self.panes.issues,
            chain: u16::try_from(self.chain.shown.placed.height + 2)
                .ok()
                .filter(|_| self.chain.shown.placed.height > 0),
            below: self.panes.below.share(self.panes.enlarged, self.retries.any),
        }
    }

    /// The part of the graph that is on screen.
    #[must_use]
    pub fn viewport(&self) -> layout::Rect {
        let area = self.areas().map_or(Rect::ZERO, |areas| areas.viewport());
        layout::Rect {
            x: self.chain.scroll.0,
            y: self.chain.scroll.1,
            w: area.width,
            h: area.height,
        }
    }

    /// The selected node, if its box is drawn.
    #[must_use]
    pub fn selected_item(&self) -> Option<(&NodeId, &Item)> {
        self.chain
            .selected
            .as_ref()
            .and_then(|id| self.chain.shown.picture.items.get_key_value(id))
    }

    /// What is on screen, for the pollers.
    #[must_use]
    pub fn interest(&self) -> Interest {
        let is_node = |id: &&NodeId| matches!(self.chain.shown.picture.items.get(*id), Some(Item::Node(_)));
        let visible: BTreeSet<NodeId> = self
            .chain
            .shown
            .placed
            .seats_in(self.viewport())
            .map(|seat| &seat.id)
            .filter(is_node)
            .cloned()
            .collect();
        let logs = match &self.panes.below {
            Pane::Logs(pane) => LogInterest {
                functions: match &pane.only {
                    Some(only) => BTreeSet::from([only.clone()]),
                    None => visible.clone(),
                },
                since: pane.since,
                live: pane.live,
                ..LogInterest::default()
            },
            Pane::Retries(pane) => LogInterest {
                functions: pane.log.iter().filter_map(|log| log.only.clone()).collect(),
                ..LogInterest::default()
            },
            Pane::Runs(pane) => LogInterest {
                functions: match &pane.only {
                    Some(only) => BTreeSet::from([only.clone()]),
                    None => BTreeSet::new(),
                },
                ..LogInterest::default()
            },
            // The log of an attempt is one key away.
            Pane::DeadLetters(_) | Pane::Table(_) | Pane::Issues => LogInterest::default(),
        };
        Interest {
            logs,
            visible,
            selected: self.chain.selected.as_ref().filter(is_node).cloned(),
        }
    }

    /// Whether anything on screen is animated.
    #[must_use]
    pub fn moves(&self) -> bool {
        let view = self.viewport();
        let is_seen = |route: &layout::Route| {
            route.points.windows(2).any(|pair| {
                let ((x, y), (tx, ty)) = (pair[0], pair[1]);
                x.min(tx) <= view.right() && x.max(tx) >= view.x && y.min(ty) <= view.bottom() && y.max(ty) >= view.y
            })
        };
        let is_marble_seen = || {
            self.chain.marbles.live().any(|marble| {
                let line = self.chain.shown.picture.line_of.get(&marble.edge);
                let route = line.and_then(|at| self.chain.shown.placed.routes.get(*at));
                route.is_some_and(|route| marble.moves(self.clock.wall, flight(route.len())) && is_seen(route))
            })
        };
        let is_followed = self.chain.dropped.iter().any(|one| one.moves(self.clock.wall));
        self.clock.frozen.is_none() && (is_followed || is_marble_seen())
    }

    /// Forgets what was shown of an account that begins anew; the person's choices stay.
    pub(super) fn begin_anew(&mut self) {
        self.clock.frozen = None;
        self.chain.marbles = Marbles::default();
        self.chain.dropped.clear();
        self.chain.last_dropped = 0;
        self.chain.revision = None;
        self.retries = Retried::default();
        if let Some(presenter) = &mut self.presenter {
            (presenter.past, presenter.restarts) = (None, false);
        }
    }

    /// The scene for a snapshot.
    #[must_use]
    pub fn picture(&self, snapshot: &Snapshot) -> Scene {
        Scene::of(snapshot, &self.chain.filter)
    }
}

fn globs(patterns: &[String]) -> Result<GlobSet, SetupError> {
    let wrong = |pattern: &str, error: &globset::Error| SetupError::Pattern {
        pattern: pattern.to_owned(),
        why: error.kind().to_string(),
    };
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        builder.add(Glob::new(pattern).map_err(|error| wrong(pattern, &error))?);
    }
    builder.build().map_err(|error| wrong(&patterns.join(" "), &error))
}
