//! Queues by their URLs.

/// The domains of AWS's endpoints, of both IP versions, in all partitions.
const DOMAINS: [&str; 4] = [
    ".amazonaws.com.cn",
    ".amazonaws.com",
    ".api.aws",
    ".api.amazonwebservices.com.cn",
];

/// The region of a queue's URL, by its host: `sqs.REGION.amazonaws.com`, its FIPS and dual-stack forms, those of China, and the
/// older `REGION.queue.amazonaws.com`. `None` for any other host.
#[must_use]
pub fn region(host: &str) -> Option<&str> {
    let name = DOMAINS.iter().find_map(|domain| host.strip_suffix(domain))?;
    if name == "queue" {
        return Some("us-east-1");
    }
    let region = name
        .strip_prefix("sqs.")
        .or_else(|| name.strip_prefix("sqs-fips."))
        .or_else(|| name.strip_suffix(".queue"))?;
    let is_label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (!region.is_empty() && region.chars().all(is_label)).then_some(region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_of_sqs_tells_its_region() {
        for (host, expected) in [
            ("sqs.eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("sqs-fips.us-east-1.amazonaws.com", Some("us-east-1")),
            ("sqs.us-east-1.api.aws", Some("us-east-1")),
            ("sqs-fips.us-east-1.api.aws", Some("us-east-1")),
            ("sqs.us-gov-west-1.amazonaws.com", Some("us-gov-west-1")),
            ("sqs.cn-north-1.amazonaws.com.cn", Some("cn-north-1")),
            (
                "sqs.cn-northwest-1.api.amazonwebservices.com.cn",
                Some("cn-northwest-1"),
            ),
            ("us-east-2.queue.amazonaws.com", Some("us-east-2")),
            ("queue.amazonaws.com", Some("us-east-1")),
            ("sqs.amazonaws.com", None),
            ("sqs.eu-west-1.amazonaws.com.evil.example", None),
            ("vpce-1.sqs.eu-west-1.vpce.amazonaws.com", None),
            ("s3.eu-west-1.amazonaws.com", None),
            ("localhost:4566", None),
        ] {
            assert_eq!(region(host), expected, "{host}");
        }
    }
}
