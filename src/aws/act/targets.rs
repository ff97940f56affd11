//! What is not a queue and takes an event back: functions and topics.

use std::time::Duration;

use aws_sdk_lambda::primitives::Blob as Payload;
use aws_sdk_lambda::types::InvocationType;
use aws_sdk_sns::primitives::Blob;
use aws_sdk_sns::types::MessageAttributeValue;
use aws_smithy_types::timeout::TimeoutConfig;

use super::super::{Session, api};
use super::outcome;
use crate::domain::{AttributeValue, MayWrite, Outgoing, Sending};

/// AWS (functions): a function runs for 15 minutes at most.
const LONGEST_RUN: Duration = Duration::from_mins(16);

impl Session {
    /// Invokes a function asynchronously with an event, in one attempt. AWS (async): its 202 says that the event is in Lambda's own
    /// queue, from where it is invoked, retried and finally sent to the function's dead-letter queue or destination.
    pub async fn invoke_event(&self, _: MayWrite, function: &str, event: &str) -> Sending {
        let request = self.clients().lambda.invoke().function_name(function);
        let request = request
            .invocation_type(InvocationType::Event)
            .payload(Payload::new(event.as_bytes()));
        match self.caller.call_once(&api::INVOKE, request.send()).await {
            Ok(answer) if answer.status_code() == 202 => Sending::Sent {
                id: request_id(&answer),
            },
            Ok(answer) => Sending::Unknown {
                why: format!("{} answered {}, not 202", api::INVOKE.action, answer.status_code()),
            },
            Err(error) => outcome(&error),
        }
    }

    /// Invokes a function and waits for the end of the invocation, in one attempt. An invocation that fails is a refusal:
    /// the event is still where it was.
    pub async fn invoke_and_wait(&self, _: MayWrite, function: &str, event: &str) -> Sending {
        let request = self.clients().lambda.invoke().function_name(function);
        let request = request
            .invocation_type(InvocationType::RequestResponse)
            .payload(Payload::new(event.as_bytes()));
        let patient = TimeoutConfig::builder().operation_attempt_timeout(LONGEST_RUN).build();
        let patient = aws_sdk_lambda::config::Builder::new().timeout_config(patient);
        let request = request.customize().config_override(patient);
        match self.caller.call_once(&api::INVOKE, request.send()).await {
            Ok(answer) => {
                let said = answer.payload().map_or(&[][..], AsRef::as_ref);
                match failure(answer.function_error(), said) {
                    None => Sending::Sent {
                        id: request_id(&answer),
                    },
                    Some(why) => Sending::Refused { why },
                }
            }
            Err(error) => outcome(&error),
        }
    }

    /// Publishes to a topic, in one attempt.
    pub async fn publish(&self, _: MayWrite, topic: &str, message: &Outgoing) -> Sending {
        let mut request = self.clients().sns.publish().topic_arn(topic).message(&*message.body);
        request = request
            .set_message_group_id(message.group.clone())
            .set_message_deduplication_id(message.dedup.clone());
        for (name, attribute) in &message.attributes {
            let value = MessageAttributeValue::builder().data_type(&attribute.data_type);
            let value = match &attribute.value {
                AttributeValue::Text(text) => value.string_value(text),
                AttributeValue::Binary(bytes) => value.binary_value(Blob::new(bytes.clone())),
            };
            match value.build() {
                Ok(value) => request = request.message_attributes(name, value),
                Err(error) => {
                    return Sending::Refused {
                        why: format!("the message cannot be serialized as a request ({error})"),
                    };
                }
            }
        }
        match self.caller.call_once(&api::PUBLISH, request.send()).await {
            Ok(answer) => Sending::Sent {
                id: answer.message_id().unwrap_or_default().to_owned(),
            },
            Err(error) => outcome(&error),
        }
    }
}

/// Why an invocation did not do all that it was given. AWS (sqs-mappings): a function that answers for each record of a batch succeeds,
/// and names those that it could not do.
fn failure(error: Option<&str>, said: &[u8]) -> Option<String> {
    let said: serde_json::Value = serde_json::from_slice(said).unwrap_or_default();
    let text = |name: &str| {
        said[name]
            .as_str()
            .map(|text| text.chars().take(200).collect::<String>())
    };
    if let Some(kind) = error {
        let kind = text("errorType").unwrap_or_else(|| kind.to_owned());
        return Some(match text("errorMessage") {
            Some(message) => format!("the function failed again ({kind}: {message})"),
            None => format!("the function failed again ({kind})"),
        });
    }
    let failed = said["batchItemFailures"].as_array().map_or(0, Vec::len);
    (failed > 0).then(|| format!("the function failed on {failed} of its records"))
}

fn request_id(answer: &aws_sdk_lambda::operation::invoke::InvokeOutput) -> String {
    use aws_sdk_lambda::operation::RequestId as _;
    answer.request_id().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::failure;

    #[test]
    fn a_run_is_well_only_where_it_did_all() {
        assert_eq!(failure(None, b"null"), None);
        assert_eq!(failure(None, b"{\"batchItemFailures\":[]}"), None);
        assert_eq!(failure(None, b"no JSON"), None);
        let some = failure(None, b"{\"batchItemFailures\":[{\"itemIdentifier\":\"1\"}]}");
        assert_eq!(some.as_deref(), Some("the function failed on 1 of its records"));
        let why = failure(
            Some("Unhandled"),
            b"{\"errorType\":\"KeyError\",\"errorMessage\":\"'id'\"}",
        );
        assert_eq!(why.as_deref(), Some("the function failed again (KeyError: 'id')"));
        assert_eq!(
            failure(Some("Unhandled"), b"").as_deref(),
            Some("the function failed again (Unhandled)")
        );
    }
}
