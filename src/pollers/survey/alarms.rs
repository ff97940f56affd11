//! Alarms and the functions and topics that they notify.

use super::{Survey, part};
use crate::aws::cloudwatch::AlarmActions;
use crate::aws::{Error, api};
use crate::domain::{Arn, Edge, EdgeFilter, EdgeKind, EdgePolicy, Evidence, Fact, NodeId};
use crate::pollers::unread::Unread;

impl Survey<'_> {
    /// What every alarm does when its state changes. Read as seldom as buckets: each hundred alarms cost a call.
    pub(super) async fn alarms(&self) {
        if !self.read_buckets {
            self.state().unread.insert(api::DESCRIBE_ALARMS.action.to_owned());
            return;
        }
        self.more(1);
        let part = part(&api::DESCRIBE_ALARMS, "");
        match self.session.alarm_actions().await {
            Ok((alarms, watches)) => {
                self.emit.send(Fact::Watches(watches)).await;
                let edges = alarms.iter().flat_map(edges).collect();
                self.found(part, Vec::new(), edges).await;
            }
            // Emulators without CloudWatch's newer format have no alarms; the alarm poller reports that.
            Err(Error::Unreadable { .. }) if self.session.endpoint().is_some() => {
                self.state().unread.insert(api::DESCRIBE_ALARMS.action.to_owned());
            }
            Err(error) => {
                self.unread(part, Unread::AlarmActions, &error).await;
            }
        }
        self.done().await;
    }
}

/// The edges of one alarm: one for each function and topic, which shows at which states it is notified. What else an alarm
/// can do (stop an instance, scale, open an incident) is no chain.
fn edges(alarm: &AlarmActions) -> Vec<Edge> {
    let mut edges: Vec<Edge> = Vec::new();
    let states = [
        ("ALARM", &alarm.on_alarm),
        ("OK", &alarm.on_ok),
        ("INSUFFICIENT_DATA", &alarm.on_insufficient_data),
    ];
    let actions = states
        .into_iter()
        .flat_map(|(state, actions)| actions.iter().map(move |to| (state, to)));
    for (state, action) in actions {
        let Some(arn) = Arn::parse(action).filter(|arn| matches!(arn.service, "lambda" | "sns")) else {
            continue;
        };
        let (to, qualifier) = arn.node();
        let from = NodeId::from(alarm.arn.as_str());
        let edge = Edge::new(from, to, EdgeKind::Trigger, Evidence::Configured)
            .enabled(alarm.enabled)
            .qualified(qualifier);
        let n = edges.iter().position(|known| known.key == edge.key).unwrap_or_else(|| {
            edges.push(edge.with(EdgePolicy {
                filter: EdgeFilter {
                    events: vec![state.to_owned()],
                    ..EdgeFilter::default()
                },
                ..EdgePolicy::default()
            }));
            edges.len() - 1
        });
        for policy in &mut edges[n].policies {
            if !policy.filter.events.iter().any(|event| event == state) {
                policy.filter.events.push(state.to_owned());
            }
        }
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_leads_to_functions_and_topics_once_each() {
        let topic = "arn:aws:sns:r:1:ops";
        let alarm = AlarmActions {
            arn: "arn:aws:cloudwatch:r:1:alarm:dlq-depth".into(),
            enabled: true,
            on_alarm: vec![topic.into(), "arn:aws:automate:r:ec2:stop".into()],
            on_ok: vec![topic.into()],
            on_insufficient_data: vec!["arn:aws:lambda:r:1:function:page:live".into()],
        };
        let found = edges(&alarm);
        let told = |n: usize| (found[n].key.to.as_str(), found[n].policies[0].filter.events.clone());
        assert_eq!(found.len(), 2);
        assert_eq!(told(0), (topic, vec!["ALARM".to_owned(), "OK".to_owned()]));
        assert_eq!(found[1].key.qualifier.as_deref(), Some("live"));
        assert_eq!(told(1).1, ["INSUFFICIENT_DATA"]);
        let off = AlarmActions {
            enabled: false,
            ..alarm
        };
        assert!(edges(&off).iter().all(|edge| !edge.enabled));
    }
}
