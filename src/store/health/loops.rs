//! Chains that may feed themselves.

use super::{View, name_of};
use crate::store::snapshot::{Severity, Trouble};

pub(super) fn feeds_itself(view: &View<'_>) -> Option<Trouble> {
    // Named once, at the first function of the loop.
    let ring = view.topology.loops.iter().find(|ring| ring.contains(&view.node.id))?;
    let first = ring.iter().find(|id| id.as_str().contains(":function:"))?;
    (first == &view.node.id).then(|| Trouble {
        why: ring.iter().map(name_of).collect::<Vec<_>>().join(" → "),
        next: "AWS stops it after about 16 rounds through Lambda, SQS, SNS and S3, and nowhere else".into(),
        ..view.trouble(Severity::Notice, "may feed itself")
    })
}
