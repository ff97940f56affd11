//! What each service calls an error in each format.
//!
//! The services name an error by its shape in the model (`QueueDoesNotExist`); the query form and the older names that
//! clients still see have codes of their own (`AWS.SimpleQueueService.NonExistentQueue`).

use super::route::Format;
use crate::call::{Fault, Service};

/// Codes that differ from the shape's name, from AWS's models.
const CODES: &str = include_str!("model/errors.txt");

/// SQS's shapes and the codes of its old form, which its model no longer has.
const SQS: [(&str, &str); 12] = [
    ("AccessDeniedException", "AccessDenied"),
    ("ExpiredTokenException", "ExpiredToken"),
    (
        "BatchEntryIdsNotDistinct",
        "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
    ),
    ("BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong"),
    ("EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"),
    ("InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId"),
    ("MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight"),
    ("PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress"),
    ("QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently"),
    ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"),
    (
        "TooManyEntriesInBatchRequest",
        "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
    ),
    ("UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation"),
];

fn pairs(service: Service) -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = CODES.lines().filter_map(move |line| {
        let mut words = line.strip_prefix("er ")?.split(' ');
        (words.next()? == service.prefix()).then_some(())?;
        Some((words.next()?, words.next()?))
    });
    let sqs = SQS.into_iter().chain([("QueueNameExists", "QueueAlreadyExists")]);
    lines.chain(sqs.filter(move |_| service == Service::Sqs))
}

/// The error's code in the query form.
#[must_use]
pub fn code(service: Option<Service>, fault: &Fault) -> &str {
    service
        .and_then(|service| pairs(service).find(|(shape, _)| *shape == fault.code))
        .map_or(&fault.code, |(_, code)| code)
}

/// The error's shape, also where the service gave its code.
#[must_use]
pub fn shape(service: Option<Service>, fault: &Fault) -> &str {
    service
        .and_then(|service| pairs(service).find(|(_, code)| *code == fault.code))
        .map_or(&fault.code, |(shape, _)| shape)
}

/// The namespace before the shape in `__type`. AWS (apis): most JSON services send one, Logs and Events do not.
#[must_use]
pub fn namespace(service: Option<Service>) -> &'static str {
    match service {
        Some(Service::Sqs) => "com.amazonaws.sqs#",
        Some(Service::DynamoDb) => "com.amazonaws.dynamodb.v20120810#",
        Some(Service::DynamoDbStreams) => "com.amazonaws.dynamodb.streams.v20120810#",
        _ => "",
    }
}

/// The name of the error's text. AWS (apis): Lambda's older errors, Scheduler's and the tagging service's begin with a
/// capital.
#[must_use]
pub fn message_member(service: Option<Service>, code: &str) -> &'static str {
    match service {
        Some(Service::Scheduler | Service::Tagging) => "Message",
        Some(Service::Lambda) if LAMBDA_CAPITAL.contains(&code) => "Message",
        Some(Service::Lambda) if code.starts_with("EC2") || code.starts_with("KMS") || code.starts_with("ENI") => {
            "Message"
        }
        _ => "message",
    }
}

const LAMBDA_CAPITAL: [&str; 8] = [
    "ResourceNotFoundException",
    "ServiceException",
    "RecursiveInvocationException",
    "InvalidRuntimeException",
    "InvalidZipFileException",
    "CodeSigningConfigNotFoundException",
    "InvalidSecurityGroupIDException",
    "InvalidSubnetIDException",
];

/// An operation that the path, the form or the target names but the account lacks, or none at all.
#[must_use]
pub fn unknown(format: Format, service: Option<Service>, op: &str) -> Fault {
    match (service, format) {
        (_, Format::Query) if op.is_empty() => {
            Fault::bad("MissingAction", "The request must contain the parameter Action")
        }
        (Some(service @ (Service::Sqs | Service::CloudWatch)), Format::Query) => {
            let fault = Fault::unknown_operation(service, op);
            Fault {
                code: "InvalidAction".to_owned(),
                ..fault
            }
        }
        (Some(Service::S3), _) => Fault::new(
            405,
            "MethodNotAllowed",
            "The specified method is not allowed against this resource.",
        ),
        (Some(service), _) => Fault::unknown_operation(service, op),
        (None, Format::Query) => Fault::bad(
            "InvalidAction",
            format!("The action {op} is not valid for this endpoint."),
        ),
        (None, Format::RestJson | Format::RestXml) => Fault::new(
            404,
            "UnknownOperationException",
            "The simulated account has no such service",
        ),
        (None, _) => Fault::bad("UnknownOperationException", "The simulated account has no such service"),
    }
}

/// What a service says of a body that it cannot read; `why` is the codec's own fault.
#[must_use]
pub fn unreadable(service: Option<Service>, why: Fault) -> Fault {
    match service {
        Some(Service::Lambda) if why.code == "SerializationException" => Fault {
            code: "InvalidRequestContentException".to_owned(),
            ..why
        },
        Some(Service::S3) if why.status == 413 => Fault::bad(
            "EntityTooLarge",
            "Your proposed upload exceeds the maximum allowed size",
        ),
        Some(Service::Lambda) if why.status == 413 => Fault {
            code: "RequestTooLargeException".to_owned(),
            ..why
        },
        _ => why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_and_codes_both_ways() {
        let gone = Fault::bad("QueueDoesNotExist", "");
        assert_eq!(
            code(Some(Service::Sqs), &gone),
            "AWS.SimpleQueueService.NonExistentQueue"
        );
        assert_eq!(shape(Some(Service::Sqs), &gone), "QueueDoesNotExist");
        let old = Fault::bad("AWS.SimpleQueueService.NonExistentQueue", "");
        assert_eq!(shape(Some(Service::Sqs), &old), "QueueDoesNotExist");
        assert_eq!(
            code(Some(Service::Sns), &Fault::new(404, "NotFoundException", "")),
            "NotFound"
        );
        assert_eq!(
            code(Some(Service::Iam), &Fault::new(404, "NoSuchEntityException", "")),
            "NoSuchEntity"
        );
        assert_eq!(code(Some(Service::Sns), &Fault::bad("Other", "")), "Other");
        assert_eq!(code(None, &Fault::bad("Other", "")), "Other");
    }
}
