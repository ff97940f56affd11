//! The state of the screen: selection, scroll positions, open panes. Without I/O: [`update`] changes it, the views draw it.

pub mod caption;
pub mod demo;
pub(super) mod demo_keys;
pub mod effect;
pub mod footer;
pub mod header;
pub mod hints;
pub mod mode;
pub mod notice;
pub mod overview;
pub mod screen_layout;
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
use crate::ui::app::hints::Hints;
use crate::ui::app::mode::{Details, Mode};
use crate::ui::app::notice::Notice;
use crate::ui::app::screen_layout::{Areas, Listed, Share, Wanted};
use crate::ui::chain::fit::{BoxSize, Requests};
use crate::ui::chain::marbles::Marbles;
use crate::ui::chain::node_card::{self, Edges};
use crate::ui::chain::scene::{Filter, Item, Line, Scene};
use crate::ui::chain::scroll::MARGIN;
use crate::ui::input::keys::{Context, Keys};
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
    /// The hints from the configuration.
    pub hints: Hints,
    /// The number of retries, counted once per set of deliveries.
    pub retries: Retried,
    /// The notice shown until the next key.
    pub notice: Option<Notice>,
    /// The dead letters that were read, and the work on them.
    pub dlq: Arc<DlqState>,
    /// The state of the demo; `None` on a real account.
    pub demo: Option<DemoState>,
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
        let keys = Keys::load(
            settings
                .keys
                .as_ref()
                .map(|(text, path)| (text.as_str(), path.as_path())),
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
            },
            hints: Hints::default(),
            retries: Retried::default(),
            notice: None,
            dlq: Arc::default(),
            demo: None,
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

    /// Switches to the next theme.
    pub fn next_theme(&mut self) {
        self.theme += 1;
    }

    /// The context for views.
    #[must_use]
    pub fn look(&self) -> RenderContext<'_> {
        let zone = match self.clock.zone {
            Zone::Local => self.settings.local.clone(),
            Zone::Utc => TimeZone::UTC,
        };
        RenderContext::new(self.theme(), Glyphs::of(self.settings.charset), self.clock.now, zone)
    }

    /// The contexts of keys that are active now.
    #[must_use]
    pub fn places(&self) -> Vec<Context> {
        let mut places = vec![Context::Always];
        match self.mode {
            Mode::Chain => {
                places.extend(self.panes.below.places());
                let asks = self.panes.below.places().contains(&Context::Dialog);
                places.extend((self.demo.is_some() && !asks).then_some(Context::Demo));
            }
            Mode::Find(_) | Mode::Pattern(_) => places.push(Context::Find),
            Mode::Palette(_) => places.push(Context::Palette),
            Mode::Answer(..) => places.push(Context::Answer),
            Mode::Help(_) | Mode::List(_) => places.push(Context::List),
        }
        places
    }

    /// The screen layout; `None` if the screen is too small.
    #[must_use]
    pub fn areas(&self) -> Option<Areas> {
        let wanted = Wanted {
            details: self.panes.details.is_some(),
            caption: self
                .demo
                .as_ref()
                .and_then(|demo| demo.caption.as_deref())
                .map_or(0, |text| {
                    u16::try_from(caption_lines(text, self.size.0).len()).unwrap_or(u16::MAX)
                }),
            issues: self.panes.issues,
            below: self.panes.below.share(self.panes.enlarged, self.retries.any),
        };
        Areas::of(self.size.0, self.size.1, wanted)
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
            Pane::DeadLetters(_) | Pane::Issues => LogInterest::default(),
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
                line.and_then(|at| self.chain.shown.placed.routes.get(*at))
                    .is_some_and(is_seen)
            })
        };
        self.clock.frozen.is_none() && is_marble_seen()
    }

    /// The scene for a snapshot.
    #[must_use]
    pub fn picture(&self, snapshot: &Snapshot) -> Scene {
        Scene::of(snapshot, &self.chain.filter)
    }

    /// The part of the screen that the chain must fit into, whatever panes are open: no box moves when one opens.
    fn page(&self) -> Rect {
        let wanted = Wanted {
            details: false,
            caption: if self.demo.is_some() { 2 } else { 0 },
            issues: Listed { rows: 1, losing: 0 },
            below: Share::Glance,
        };
        Areas::of(self.size.0, self.size.1, wanted).map_or(Rect::ZERO, |areas| areas.viewport())
    }

    /// The input of the layout for a scene, in each possible size of boxes.
    #[must_use]
    pub fn requests(&self, picture: &Scene) -> Requests {
        let page = self.page();
        let sizes: &[BoxSize] = match &self.chain.zoom {
            Some(size) => std::slice::from_ref(size),
            None => &BoxSize::ALL,
        };
        Requests {
            by_size: sizes
                .iter()
                .map(|size| self.request(picture, *size, page.width))
                .collect(),
            sizes: sizes.to_vec(),
            height: page.height,
        }
    }

    fn request(&self, picture: &Scene, size: BoxSize, page: u16) -> layout::Request {
        let glyphs = Glyphs::of(self.settings.charset);
        let item = |(id, item): (&NodeId, &Item)| {
            let dead = self.chain.edges.is_dead_letter_queue(id);
            let (width, height) = node_card::size(item, dead, size, glyphs);
            layout::Item {
                id: id.clone(),
                width,
                height,
            }
        };
        let link = |line: &Line| layout::Link {
            from: line.from.clone(),
            to: line.to.clone(),
            kind: if line.dead_letter {
                layout::LinkKind::DeadLetter
            } else {
                layout::LinkKind::Main
            },
            dashed: !line.solid,
        };
        let compact = size.is_compact();
        layout::Request {
            nodes: picture.items.iter().map(item).collect(),
            edges: picture.lines.iter().map(link).collect(),
            metrics: layout::Metrics {
                gutter: if compact { 3 } else { 4 },
                gap: u16::from(size == BoxSize::Normal),
                band_gap: if compact { 1 } else { 2 },
                compact,
                ..layout::Metrics::default()
            },
            page: Some(page),
        }
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
