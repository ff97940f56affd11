//! Links that the configuration cuts: a policy, a key or a deleted target keeps everything from arriving.

use super::{Case, Check, Note, Reason};
use crate::domain::{Arn, EdgeKind};
use crate::permissions::Obstacle;
use crate::redrive::route::Target;

impl Case<'_> {
    /// Messages published to a topic fail again on a link that cannot deliver. A redrive to a function or queue bypasses
    /// the link on which its messages failed: they arrive, but new ones do not.
    pub(super) fn denied(&self, found: &mut Check) {
        for target in self.targets {
            let Some((id, _)) = Arn::parse(target.arn()).map(|arn| arn.node()) else {
                continue;
            };
            let is_topic = matches!(target, Target::Topic { .. });
            for (key, obstacle) in &self.snapshot.arrivals.cut {
                let concerns = if is_topic { key.from == id } else { key.to == id };
                // Disabled and failed nodes are reported themselves.
                let told = matches!(obstacle, Obstacle::MappingOff | Obstacle::State(_) | Obstacle::Gone);
                if !concerns || told || key.kind != EdgeKind::Trigger {
                    continue;
                }
                let (source, target, why) = (key.from.clone(), key.to.clone(), obstacle.said().into());
                if is_topic {
                    found.reasons.push(Reason::Denied { source, target, why });
                } else {
                    found.notes.push(Note::CutLink { source, target, why });
                }
            }
        }
    }
}
