use super::*;

fn found(text: &str) -> Vec<(&str, Shape)> {
    let mut all = ids(text);
    all.sort_by_key(|(range, _)| range.start);
    all.into_iter().map(|(range, shape)| (&text[range], shape)).collect()
}

const ID: &str = "5f1c0000-0000-4000-8000-000000000001";
const KINESIS: &str = "49590338271490256608559692538361571095921575989136588898";
const TRACE: &str = "1-66bc8205-21f8b5190da519d22b2b0533";

#[test]
fn ids_are_found_as_services_runtimes_and_functions_write_them() {
    for (line, expected) in [
        (
            format!("START RequestId: {ID} Version: $LATEST"),
            vec![(ID, Shape::Uuid)],
        ),
        // An answer to a sending, as Python prints it; the escape before an id in a quoted text.
        (
            format!("{{'MessageId': '{ID}', 'MD5OfMessageBody': 'x'}}"),
            vec![(ID, Shape::Uuid)],
        ),
        (format!("sent:\\n{ID}\\n"), vec![(ID, Shape::Uuid)]),
        // A trace in the second line of a report, in the header of a message, in a logger's field.
        (
            format!("REPORT RequestId: {ID}\tDuration: 3.10 ms\t\nXRAY TraceId: {TRACE}\tSegmentId: d0025b207c551fde"),
            vec![(ID, Shape::Uuid), (TRACE, Shape::Trace)],
        ),
        (
            format!("\"AWSTraceHeader\": \"Root={TRACE};Parent=53995c3f42cd8ad8;Sampled=1\""),
            vec![(TRACE, Shape::Trace)],
        ),
        (
            format!("{{\"xray_trace_id\": \"{TRACE}\"}}"),
            vec![(TRACE, Shape::Trace)],
        ),
        // A record of Kinesis, its event's id, and a position in a table's stream.
        (
            format!("\"sequenceNumber\": \"{KINESIS}\""),
            vec![(KINESIS, Shape::Sequence)],
        ),
        (
            format!("\"eventID\": \"shardId-000000000006:{KINESIS}\""),
            vec![(KINESIS, Shape::Sequence)],
        ),
        (
            "\"startSequenceNumber\": \"800000000003126276362\"".to_owned(),
            vec![("800000000003126276362", Shape::Sequence)],
        ),
        (
            "from arn:aws:sqs:eu-west-1:111122223333:orders-q.".to_owned(),
            vec![("arn:aws:sqs:eu-west-1:111122223333:orders-q", Shape::Arn)],
        ),
    ] {
        assert_eq!(found(&line), expected, "{line}");
    }
}

#[test]
fn what_only_looks_like_an_id_is_none() {
    for line in [
        // The id of an e-mail of SES, of which a UUID is the middle.
        "Email sent! Message ID: 0100018f1c2d3e4f-5f1c0000-0000-4000-8000-000000000001-000000",
        "5f1c0000-0000-4000-8000-00000000000",
        "5f1c0000-0000-4000-8000-0000000000011",
        "g5f1c0000-0000-4000-8000-000000000001",
        "2026-01-01T00:00:00.000Z 2026-01-01-01-01",
        // Nanoseconds since 1970, and a number without end.
        "1700000000000000000",
        &"7".repeat(65),
        "arn:aws:nothing",
        "1-6213be54",
    ] {
        assert_eq!(found(line), [], "{line}");
    }
}

#[test]
fn a_row_of_digits_is_found_wherever_it_stands() {
    for before in 0..64 {
        for digits in [21, 22, 40, 56, 64] {
            let line = format!(
                "{}{}{}",
                "x ".repeat(before / 2),
                " ".repeat(before % 2),
                "4".repeat(digits)
            );
            assert_eq!(found(&line).len(), 1, "{before} {digits}");
        }
    }
}

#[test]
fn hostile_lines_are_bounded() {
    let many: String = (0..10_000)
        .map(|n| format!("5f1c0000-0000-4000-8000-{n:012} "))
        .collect();
    assert_eq!(ids(&many).len(), MOST);
    for line in [
        "-".repeat(65_536),
        "1-".repeat(32_768),
        "arn:".repeat(16_384),
        "0".repeat(65_536),
        "\u{6ce8}-".repeat(9_999),
    ] {
        assert_eq!(ids(&line), []);
        let _ = (object_keys(&line, "orders-bkt"), said(&line, &[0..1, 1..2]));
    }
}

#[test]
fn the_word_before_an_id_says_what_it_is_of() {
    for (line, expected) in [
        ("処理中 messageId=ID", Role::Message),
        ("{\"MessageId\": \"ID\"}", Role::Message),
        ("Mensagem enviada para SQS: ID", Role::Bare),
        ("Message sent with ID: ID", Role::Bare),
        ("Message ID: ID", Role::Message),
        ("processing message ID", Role::Message),
        ("{'Entries': [{'EventId': 'ID'}]}", Role::Event),
        ("handling event ID", Role::Event),
        (
            "{\"version\":\"0\",\"id\":\"ID\",\"detail-type\":\"Order Placed\"}",
            Role::Event,
        ),
        ("{\"id\":\"ID\"}", Role::Bare),
        ("order ID", Role::Bare),
        ("{\"AWSRequestId\":\"ID\"}", Role::Request),
        ("注文ID", Role::Bare),
    ] {
        let text = line.replacen("ID\"", &format!("{ID}\""), 1);
        let text = if text == line { replace_last(line) } else { text };
        let at = text.find(ID).expect("the id");
        assert_eq!(role(&text, &(at..at + ID.len())), expected, "{text}");
    }
}

fn replace_last(line: &str) -> String {
    let at = line.rfind("ID").expect("a place");
    format!("{}{ID}{}", &line[..at], &line[at + 2..])
}

#[test]
fn the_words_around_say_whether_it_was_sent() {
    for (line, expected) in [
        ("{'MessageId': 'ID', 'ResponseMetadata': {}}", &[Said::Sent][..]),
        ("Successfully published notification: ID", &[Said::Sent]),
        ("sent message ID", &[Said::Sent]),
        ("processing message ID", &[Said::Received]),
        ("{\"Records\": [{\"messageId\": \"ID\"}]}", &[Said::Received]),
        ("received ID, sent ID", &[Said::Received, Said::Sent]),
        ("sent message ID for ID", &[Said::Sent, Said::Open]),
        (
            "{'Entries': [{'EventId': 'ID'}, {'EventId': 'ID'}], 'FailedEntryCount': 0}",
            &[Said::Sent, Said::Sent],
        ),
        ("messageId=ID", &[Said::Open]),
    ] {
        let places: Vec<_> = line.match_indices("ID").map(|(at, id)| at..at + id.len()).collect();
        assert_eq!(said(line, &places), expected, "{line}");
    }
}

#[test]
fn keys_are_those_of_the_bucket() {
    for (line, expected) in [
        (
            "parsing s3://orders-bkt/incoming/4711.json",
            &["incoming/4711.json"][..],
        ),
        ("Saved to s3://orders-bkt/a b.json.", &["a"]),
        ("s3://my-orders-bkt/x and orders-bkt-2/y", &[]),
        (
            r#"{"bucket": "orders-bkt", "key": "invoice-001.pdf"}"#,
            &["invoice-001.pdf"],
        ),
        (
            r#"{"s3":{"bucket":{"name":"orders-bkt"},"object":{"key":"a%20b.json","sequencer":"0C"}}}"#,
            &["a%20b.json"],
        ),
        ("{'Bucket': 'orders-bkt', 'Key': 'x/y'}", &["x/y"]),
        ("bucket=orders-bkt key=x/y", &["x/y"]),
        ("monkey: orders-bkt", &[]),
    ] {
        assert_eq!(object_keys(line, "orders-bkt"), expected, "{line}");
    }
}

#[test]
fn the_index_leads_to_the_lines_that_name_an_id() {
    let other = "5f1c0000-0000-4000-8000-000000000002";
    let lines = [
        (0, format!("START RequestId: {ID} Version: $LATEST")),
        (1, format!("START RequestId: {other} Version: $LATEST")),
        (0, format!("[INFO]\tx\t{ID}\tsent {other}")),
        (0, format!("REPORT RequestId: {ID}")),
        (1, format!("[INFO]\tx\t{other}\tfrom {ID} {ID}")),
    ];
    let index = Index::of(lines.iter().map(|(stream, text)| (*stream, text.as_str())));
    let lines = |id: &str| index.lines(id).expect("all is known").collect::<Vec<_>>();
    assert_eq!(lines(ID), [0, 4], "of its own lines the first");
    assert_eq!(lines(other), [1, 2]);
    assert_eq!(lines("5f1c0000-0000-4000-8000-000000000003"), [0; 0]);
    assert_eq!(index.bytes(), 4 * 8);
}

#[test]
fn an_index_that_does_not_know_all_says_so() {
    let many: String = (0..=MOST)
        .map(|n| format!("5f1c0000-0000-4000-8000-{n:012} "))
        .collect();
    assert!(Index::of([(0, many.as_str())].into_iter()).lines(ID).is_none());
    let same = (0..10_000).map(|_| (0, ID));
    let index = Index::of(same);
    assert_eq!(index.lines(ID).expect("all is known").count(), 64);
    assert!(index.bytes() <= 64 * 8);
}
