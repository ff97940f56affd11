//! Names of what has no ARN.

use crate::domain::NodeKind;

/// Kind and short name of what has no ARN: a Kafka cluster outside AWS, a function's URL, an Alexa skill.
pub(super) fn without_arn(text: &str) -> (NodeKind, &str) {
    if let Some(server) = text.strip_prefix("kafka://") {
        // The host without its port, whole: `b-1` is the first server of every cluster.
        return (
            NodeKind::Kafka,
            server.rsplit_once(':').map_or(server, |(host, _)| host),
        );
    }
    if text == "amzn1.ask.skill.*" {
        return (NodeKind::Alexa, "any Alexa skill");
    }
    if text.starts_with("amzn1.") {
        return (NodeKind::Alexa, text.rsplit('.').next().unwrap_or(text));
    }
    let is_url = text.starts_with("https://") || text.starts_with("http://");
    let kind = if is_url {
        NodeKind::FunctionUrl
    } else {
        NodeKind::External
    };
    let host = text.split("://").last().unwrap_or(text).trim_end_matches('/');
    (kind, host.split('.').next().unwrap_or(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_arn_has_a_name_that_tells_it_apart() {
        for (id, kind, name) in [
            (
                "amzn1.ask.skill.5ac5b15a-ee34-44d8-97d1-d1c1c6581020",
                NodeKind::Alexa,
                "5ac5b15a-ee34-44d8-97d1-d1c1c6581020",
            ),
            ("amzn1.ask.skill.*", NodeKind::Alexa, "any Alexa skill"),
            (
                "kafka://b-1.shop.example.com:9092",
                NodeKind::Kafka,
                "b-1.shop.example.com",
            ),
            ("kafka://10.0.0.7:9092", NodeKind::Kafka, "10.0.0.7"),
            (
                "https://abc123.lambda-url.eu-west-1.on.aws/",
                NodeKind::FunctionUrl,
                "abc123",
            ),
        ] {
            assert_eq!(without_arn(id), (kind, name));
        }
    }
}
