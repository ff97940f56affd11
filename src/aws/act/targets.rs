//! What is not a queue and takes an event back: functions and topics.

use aws_sdk_lambda::primitives::Blob as Payload;
use aws_sdk_lambda::types::InvocationType;
use aws_sdk_sns::primitives::Blob;
use aws_sdk_sns::types::MessageAttributeValue;

use super::super::{Session, api};
use super::outcome;
use crate::domain::{AttributeValue, MayWrite, Outgoing, Sending};

impl Session {
    /// Invokes a function asynchronously with an event, in one try. AWS: its 202 says that the event is in Lambda's own
    /// queue, from where it is run, retried and at last given to the function's dead-letter queue or destination.
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

    /// Invokes a function and waits for the end of the run, in one try. A run that fails is a refusal: the event is
    /// still where it was.
    pub async fn invoke_and_wait(&self, _: MayWrite, function: &str, event: &str) -> Sending {
        let request = self.clients().lambda.invoke().function_name(function);
        let request = request
            .invocation_type(InvocationType::RequestResponse)
            .payload(Payload::new(event.as_bytes()));
        match self.caller.call_once(&api::INVOKE, request.send()).await {
            Ok(answer) => match answer.function_error() {
                None => Sending::Sent {
                    id: request_id(&answer),
                },
                Some(kind) => Sending::Refused {
                    why: format!("the function failed again ({kind})"),
                },
            },
            Err(error) => outcome(&error),
        }
    }

    /// Publishes to a topic, in one try.
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
                        why: format!("the message cannot be written as a request ({error})"),
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

fn request_id(answer: &aws_sdk_lambda::operation::invoke::InvokeOutput) -> String {
    use aws_sdk_lambda::operation::RequestId as _;
    answer.request_id().unwrap_or_default().to_owned()
}
