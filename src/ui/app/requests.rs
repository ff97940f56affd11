//! What the layout is asked for: the boxes of a picture in each size that they may have, and the page that they are to fit in.

use ratatui::layout::Rect;

use crate::domain::NodeId;
use crate::layout;
use crate::ui::app::App;
use crate::ui::app::screen_layout::{Areas, Listed, Share, Wanted};
use crate::ui::chain::fit::{BoxSize, Requests};
use crate::ui::chain::node_card;
use crate::ui::chain::scene::{Item, Line, Scene};
use crate::ui::theme::glyphs::Glyphs;

impl App {
    /// The part of the screen in which the chain is to fit: that which it has whatever else is open beside or beneath it, so
    /// that no box moves when something opens.
    fn page(&self) -> Rect {
        if self.is_staged() {
            let areas = Areas::on_stage(self.size.0, self.size.1, Wanted::default());
            return areas.map_or(Rect::ZERO, |areas| areas.viewport());
        }
        let wanted = Wanted {
            details: false,
            caption: if self.demo.is_some() { 2 } else { 0 },
            issues: Listed { rows: 1, losing: 0 },
            chain: None,
            below: Share::Glance,
        };
        Areas::of(self.size.0, self.size.1, wanted).map_or(Rect::ZERO, |areas| areas.viewport())
    }

    /// A picture as the layout wants it, in each size that its boxes may have.
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
