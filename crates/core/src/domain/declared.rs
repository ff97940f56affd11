//! Links that the person's own file declares.

use super::{Arn, EdgeKind, NodeId, Scope};

/// A link from one resource to another, as a person wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Where it starts.
    pub from: End,
    /// Where it ends.
    pub to: End,
    /// Its kind.
    pub kind: EdgeKind,
}

/// One end of a declared link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// By its ARN.
    Arn(String),
    /// A resource of the account and region that is looked at: its service, and what stands for it in its ARN.
    Own(&'static str, String),
}

/// The kinds that may stand before a name, with the service in ARNs and what stands before the name there.
const KINDS: [(&str, &str, &str); 9] = [
    ("function", "lambda", "function:"),
    ("queue", "sqs", ""),
    ("topic", "sns", ""),
    ("bucket", "s3", ""),
    ("bus", "events", "event-bus/"),
    ("table", "dynamodb", "table/"),
    ("stream", "kinesis", "stream/"),
    ("machine", "states", "stateMachine:"),
    ("firehose", "firehose", "deliverystream/"),
];

impl End {
    /// Reads an ARN, or a kind and a name: `function:orders`. `None` if the text is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if Arn::parse(text).is_some_and(|arn| !arn.is_pattern()) {
            return Some(Self::Arn(text.to_owned()));
        }
        let (kind, name) = text.split_once(':')?;
        let (_, service, prefix) = KINDS.into_iter().find(|(known, ..)| *known == kind)?;
        let is_name = !name.is_empty() && !name.contains(['*', '?', ':', ' ']);
        is_name.then(|| Self::Own(service, format!("{prefix}{name}")))
    }

    /// The node that is meant, where all is looked at.
    #[must_use]
    pub fn id(&self, scope: &Scope) -> NodeId {
        match self {
            Self::Arn(text) => Arn::parse(text).map_or_else(|| text.as_str().into(), |arn| arn.node().0),
            Self::Own("s3", name) => format!("arn:{}:s3:::{name}", scope.partition).into(),
            Self::Own(service, resource) => scope.arn(service, resource).into(),
        }
    }

    /// The kinds that may stand before a name.
    pub fn kinds() -> impl Iterator<Item = &'static str> {
        KINDS.into_iter().map(|(kind, ..)| kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_an_arn_or_a_kind_and_a_name() {
        let scope = Scope {
            partition: "aws".into(),
            account: "1".into(),
            region: "r".into(),
        };
        let id = |text: &str| End::parse(text).map(|end| end.id(&scope).to_string());
        for (text, expected) in [
            ("function:orders", Some("arn:aws:lambda:r:1:function:orders")),
            ("queue:q.fifo", Some("arn:aws:sqs:r:1:q.fifo")),
            ("bucket:photos", Some("arn:aws:s3:::photos")),
            ("table:t", Some("arn:aws:dynamodb:r:1:table/t")),
            (
                "arn:aws:lambda:x:2:function:f:live",
                Some("arn:aws:lambda:x:2:function:f"),
            ),
            ("orders", None),
            ("lambda:orders", None),
            ("queue:*", None),
            ("arn:aws:sqs:r:1:*", None),
            ("queue:", None),
        ] {
            assert_eq!(id(text).as_deref(), expected, "{text}");
        }
    }
}
