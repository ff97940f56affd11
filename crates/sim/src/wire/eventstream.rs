//! The frames of an event stream (`StartLiveTail`): each a length, headers, a JSON payload and two checksums.

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::Bytes;

use super::json;
use super::schema::Kind;
use crate::call::Fault;
use crate::value::{Map, Value};

/// The content type of an answer that is a stream.
pub const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";

/// The first frame: the members of the answer that are no events. The JSON protocols send it even when it is empty.
#[must_use]
pub fn initial_response() -> Bytes {
    event("initial-response", &Value::Map(Map::new()))
}

/// A frame with one event.
#[must_use]
pub fn event(name: &str, members: &Value) -> Bytes {
    frame(
        &[
            (":message-type", "event"),
            (":event-type", name),
            (":content-type", "application/json"),
        ],
        members,
    )
}

/// The frame that ends a stream with an error.
#[must_use]
pub fn exception(fault: &Fault) -> Bytes {
    let members = Value::Map(Map::from_iter([("message", fault.message.as_str())]));
    frame(
        &[
            (":message-type", "exception"),
            (":exception-type", &fault.code),
            (":content-type", "application/json"),
        ],
        &members,
    )
}

fn frame(headers: &[(&str, &str)], members: &Value) -> Bytes {
    let header =
        |(name, value): &(&str, &str)| Header::new((*name).to_owned(), HeaderValue::String((*value).to_owned().into()));
    let payload = json::write(members, None, &Kind::Plain);
    let message = Message::new_from_parts(headers.iter().map(header).collect(), payload);
    let mut out = Vec::new();
    // It fails only over the format's own limits (16 MB a frame), which an update of at most 500 lines never reaches.
    if write_message_to(&message, &mut out).is_err() {
        out.clear();
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use aws_smithy_eventstream::frame::read_message_from;

    use super::*;
    use crate::value::{list, map};

    #[test]
    fn a_frame_reads_back() {
        let bytes = event(
            "sessionUpdate",
            &map! { "sessionResults" => list![map! { "message" => "処理完了" }] },
        );
        let message = read_message_from(&bytes[..]).expect("a frame");
        let name = message
            .headers()
            .iter()
            .find(|h| h.name().as_str() == ":event-type")
            .expect("a header");
        assert_eq!(name.value().as_string().expect("text").as_str(), "sessionUpdate");
        assert_eq!(
            &message.payload()[..],
            "{\"sessionResults\":[{\"message\":\"処理完了\"}]}".as_bytes()
        );
    }
}
