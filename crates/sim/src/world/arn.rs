//! Amazon resource names, taken apart and put together.

/// The ARN of a resource: `of("sqs", "us-east-1", "123456789012", "orders")`.
#[must_use]
pub fn of(service: &str, region: &str, account: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{region}:{account}:{resource}")
}

/// The service of an ARN; empty for what is none.
#[must_use]
pub fn service(arn: &str) -> &str {
    field(arn, 2)
}

/// The account of an ARN.
#[must_use]
pub fn account(arn: &str) -> &str {
    field(arn, 4)
}

/// The resource part of an ARN: all after the fifth colon.
#[must_use]
pub fn resource(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).unwrap_or("")
}

/// The last name in an ARN, a URL or a path: a queue's, topic's or table's; of a bare name, itself.
#[must_use]
pub fn name(text: &str) -> &str {
    let tail = text.rsplit('/').next().unwrap_or(text);
    tail.rsplit(':').next().unwrap_or(tail)
}

/// The name and the qualifier of a function, from `name`, `name:alias`, a partial ARN (`123:function:name`) or an ARN. The
/// qualifier is empty if there is none, and for `$LATEST`.
#[must_use]
pub fn function(text: &str) -> (&str, &str) {
    let tail = text
        .find("function:")
        .map_or(text, |at| &text[at + "function:".len()..]);
    let (name, qualifier) = tail.split_once(':').unwrap_or((tail, ""));
    (name, if qualifier == "$LATEST" { "" } else { qualifier })
}

/// The name of a table from its ARN, its stream's ARN or itself.
#[must_use]
pub fn table(text: &str) -> &str {
    let tail = text.find("table/").map_or(text, |at| &text[at + "table/".len()..]);
    tail.split('/').next().unwrap_or(tail)
}

/// Whether a queue or a topic of this name or ARN keeps order. AWS (sqs): its name ends in `.fifo`.
#[must_use]
pub fn is_fifo(name: &str) -> bool {
    name.strip_suffix(".fifo").is_some()
}

fn field(arn: &str, n: usize) -> &str {
    if arn.starts_with("arn:") {
        arn.split(':').nth(n).unwrap_or("")
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_names_apart() {
        assert_eq!(function("arn:aws:lambda:r:1:function:f:live"), ("f", "live"));
        assert_eq!(function("f:$LATEST"), ("f", ""));
        assert_eq!(function("1:function:f"), ("f", ""));
        assert_eq!(name("https://sqs.r.amazonaws.com/1/q.fifo"), "q.fifo");
        assert_eq!(name("arn:aws:sns:r:1:t"), "t");
        assert_eq!(table("arn:aws:dynamodb:r:1:table/t/stream/2026"), "t");
        assert_eq!(service("arn:aws:s3:::b"), "s3");
        assert_eq!(service("b"), "");
    }
}
