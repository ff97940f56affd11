//! A link along which nothing can arrive: it is drawn as cut, its details say why, and `y` copies what would allow it.

use std::sync::Arc;

use super::stage;
use crate::domain::{Arn, EdgeKey, EdgeKind, EdgePolicy, NodeKind};
use crate::permissions::{Ask, Doubt, Obstacle};
use crate::store::arrivals::Arrivals;
use crate::store::snapshot::Snapshot;
use crate::ui::app::effect::Effect;
use crate::ui::app::update::Msg;
use crate::ui::testing::{Account, Stage, noon, scope};

/// A bucket that notifies a function, and what is known of that.
fn notified(arrivals: impl Fn(EdgeKey) -> Arrivals) -> Stage {
    let mut account = Account::new(noon());
    let bucket = account.node(NodeKind::S3, "orders-bkt");
    let thumb = account.node(NodeKind::Lambda, "thumb");
    let key = account.edge(&bucket, &thumb, EdgeKind::Trigger, EdgePolicy::default());
    let mut stage = stage(&account, (140, 50));
    stage.snapshot = Snapshot {
        arrivals: Arc::new(arrivals(key)),
        ..stage.snapshot.clone()
    };
    stage.tell(Msg::Snapshot);
    stage
}

fn cut(key: EdgeKey) -> Arrivals {
    let (from, to) = (key.from.clone(), key.to.clone());
    let (from, to) = (Arn::parse(from.as_str()), Arn::parse(to.as_str()));
    let ask = Ask::of(&from.expect("an ARN"), &to.expect("an ARN"), None, &scope()).expect("S3 asks");
    Arrivals {
        cut: [(key, Obstacle::NotAllowed { ask, nearest: None })].into(),
        ..Arrivals::default()
    }
}

#[test]
fn it_is_drawn_as_cut_and_said_why() {
    let whole = notified(|_| Arrivals::default());
    assert!(!whole.text().contains('║'));
    let mut stage = notified(cut);
    assert!(stage.text().contains('║'), "{}", stage.text());
    stage.press("/ t h u m b enter enter");
    let text = stage.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("nothing can arrive: no"), "{}", stage.text());
}

#[test]
fn what_would_allow_it_is_copied_and_never_run() {
    let mut stage = notified(cut);
    stage.press("/ t h u m b enter enter");
    let effects = stage.press("y");
    let Some(Effect::Copy(line)) = effects.first() else {
        panic!("{effects:?}");
    };
    assert!(
        line.starts_with("aws lambda add-permission --function-name thumb --statement-id allow-s3-orders-bkt "),
        "{line}"
    );
    assert!(
        line.ends_with("--source-account 123456789012 --region ap-northeast-1"),
        "{line}"
    );
}

#[test]
fn what_is_not_known_to_arrive_stands_in_the_list_of_what_was_not_read() {
    let mut stage = notified(|key| Arrivals {
        open: [(key, Doubt::Role(None))].into(),
        ..Arrivals::default()
    });
    assert!(!stage.text().contains('║'), "it is not cut");
    stage.press("u");
    let text = stage.text();
    assert!(text.contains("whether S3 orders-bkt may invoke thumb"), "{text}");
    assert!(text.contains("whether events arrive is unknown: 1"), "{text}");
}
