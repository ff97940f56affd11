//! Lines as services, runtimes and loggers write them.

use super::*;

/// The line as it is read: message, fields, and whether there is more.
fn line(text: &str) -> String {
    let reading = read(text);
    let fields = reading.fields.iter().map(|(name, value)| format!("  {name}={value}"));
    let more = if reading.more { " +" } else { "" };
    format!("{}{}{more}", reading.message, fields.collect::<String>())
}

const ID: &str = "5f1c22aa-0000-4000-8000-00000000000a";

#[test]
fn lines_of_text_lose_what_stands_in_columns() {
    let all = [
        // Node.
        (
            "2026-11-30T08:10:29.527Z\t$ID\tINFO\tprocessing order 7",
            "processing order 7",
        ),
        (
            "2026-11-30T08:10:29.527Z\tundefined\tERROR\tUncaught Exception \t{\"errorType\":\"Error\"}",
            "Uncaught Exception \t{\"errorType\":\"Error\"}",
        ),
        (
            "2026-11-30T08:10:29.527Z $ID Task timed out after 3.00 seconds",
            "Task timed out after 3.00 seconds",
        ),
        // Python.
        (
            "[INFO]\t2026-11-30T08:10:29.527Z\t$ID\tparsing a.json",
            "parsing a.json",
        ),
        (
            "[ERROR] KeyError: 'action'\rTraceback (most recent call last):\r\u{a0}\u{a0}File",
            "KeyError: 'action' +",
        ),
        ("[WARNING]\t2026-11-30T08:10:29.527Z\t$ID\tslow\n", "slow"),
        // .NET.
        ("2026-11-30T08:10:29.527Z\t$ID\tfail\tcard declined", "card declined"),
        // Java, with the usual pattern of log4j.
        (
            "2026-11-30 08:10:29 $ID INFO  Handler - got 3 records",
            "Handler - got 3 records",
        ),
        (
            "2026-11-30 08:10:29,527 <$ID> ERROR Handler:42 - failed",
            "Handler:42 - failed",
        ),
        // Go's own logger.
        ("2026/11/30 08:10:29 connected", "connected"),
        ("2026/11/30 08:10:29 INFO connected port=5432", "connected port=5432"),
        // Rust's tracing.
        (
            "\u{1b}[2m2026-11-30T08:10:29.527123Z\u{1b}[0m \u{1b}[32m INFO\u{1b}[0m orders: saved id=7",
            "orders: saved id=7",
        ),
        // The service, of what ended a process.
        (
            "RequestId: $ID Error: Runtime exited with error: exit status 1",
            "Error: Runtime exited with error: exit status 1",
        ),
        // A person's own.
        ("information is power", "information is power"),
        ("Error in row 7", "Error in row 7"),
        ("order 7 saved", "order 7 saved"),
        ("ERROR: no address", "no address"),
        ("INFO", "INFO"),
        ("first\n  second\n", "first +"),
    ];
    for (text, wanted) in all {
        let text = text.replace("$ID", ID);
        assert_eq!(line(&text), wanted, "{text}");
    }
}

#[test]
fn lines_of_json_become_message_and_fields() {
    let all = [
        // Lambda's JSON format: Node, Python, .NET.
        (
            r#"{"timestamp":"2026-11-30T08:10:29.527Z","level":"INFO","requestId":"$ID","message":"order saved"}"#,
            "order saved",
        ),
        (
            r#"{"timestamp":"2026-11-30T08:10:29.527Z","level":"INFO","requestId":"$ID","message":{"id":7,"what":"two words"}}"#,
            "  id=7  what=\"two words\"",
        ),
        (
            r#"{"timestamp":"2026-11-30T08:10:29.527Z","level":"ERROR","requestId":"$ID","message":{"errorType":"ValueError","errorMessage":"no address","stackTrace":["a","b"]}}"#,
            "ValueError: no address +",
        ),
        (
            r#"{"timestamp":"2026-11-30T08:10:29.527Z","log_level":"ERROR","errorMessage":"no address","errorType":"ValueError","requestId":"$ID","stackTrace":["  File a"]}"#,
            "ValueError: no address +",
        ),
        (
            r#"{"timestamp":"2026-11-30T08:10:29.527Z","level":"Error","requestId":"$ID","traceId":"Root=1-2","message":null,"errorType":"System.ApplicationException","errorMessage":"goes bad","stackTrace":["at Main"]}"#,
            "System.ApplicationException: goes bad +",
        ),
        // Powertools.
        (
            r#"{"level":"INFO","location":"handler:7","message":"Collecting payment","timestamp":"2026-11-30 08:10:29,527+0000","service":"payment","cold_start":true,"function_name":"pay","function_memory_size":"128","function_arn":"arn:x","function_request_id":"$ID","order":{"id":7},"xray_trace_id":"1-2"}"#,
            "Collecting payment  order=\"{\\\"id\\\":7}\"",
        ),
        (
            r#"{"level":"ERROR","location":"handler:7","message":"Received an exception","timestamp":"t","service":"payment","exception":"Traceback (most recent call last):\n  File\nValueError: something","exception_name":"ValueError"}"#,
            "Received an exception  exception=\"ValueError: something\" +",
        ),
        // pino and bunyan.
        (
            r#"{"level":30,"time":1487216046197,"pid":42,"hostname":"x","app":"shop","sid":1,"msg":"order saved"}"#,
            "order saved  app=shop  sid=1",
        ),
        (
            r#"{"level":50,"time":1,"pid":42,"hostname":"x","err":{"type":"Error","message":"no address","stack":"Error: no address\n at a"},"msg":"failed"}"#,
            "failed  err=\"Error: no address\" +",
        ),
        (
            r#"{"name":"shop","hostname":"x","pid":42,"level":40,"msg":"slow","time":"2026-11-30T08:10:29.527Z","v":0}"#,
            "slow  name=shop",
        ),
        // winston.
        (
            r#"{"app":"test","sid":1,"level":"info","message":"Hello again","timestamp":"2026-11-30T08:10:29.527Z"}"#,
            "Hello again  app=test  sid=1",
        ),
        // log4j's JSON layout.
        (
            r#"{"instant":{"epochSecond":1,"nanoOfSecond":2},"thread":"main","level":"INFO","loggerName":"shop.Handler","message":"got 3","endOfBatch":false,"loggerFqcn":"x","contextMap":{"AWSRequestId":"$ID","tenant":"a"},"threadId":1,"threadPriority":5}"#,
            "got 3  tenant=a",
        ),
        // Go: slog and zap.
        (
            r#"{"time":"2026-11-30T08:10:29.527Z","level":"INFO","msg":"connected","port":5432,"tls":true}"#,
            "connected  port=5432  tls=true",
        ),
        (
            r#"{"level":"error","ts":1.5,"caller":"main.go:7","msg":"failed","error":"no address","stacktrace":"main.main\n\t/a"}"#,
            "failed  error=\"no address\" +",
        ),
        // Serilog's compact form.
        (
            r#"{"@t":"2026-11-30T08:10:29Z","@mt":"Order {Id} saved","@l":"Warning","Id":7}"#,
            "Order {Id} saved  Id=7",
        ),
        // Rust's tracing.
        (
            r#"{"timestamp":"2026-11-30T08:10:29Z","level":"INFO","fields":{"message":"saved","id":7},"target":"shop","span":{"name":"handle"},"spans":[{"name":"handle"}]}"#,
            "saved  id=7",
        ),
        // structlog.
        (
            r#"{"order":7,"event":"order saved","level":"info","timestamp":"2026-11-30T08:10:29Z","item":"棚卸"}"#,
            "order saved  order=7  item=棚卸",
        ),
        // Metrics in the embedded format.
        (
            r#"{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"shop","Dimensions":[["functionVersion"]],"Metrics":[{"Name":"latency","Unit":"Milliseconds"}]}]},"latency":100,"requestId":"$ID","path":"/a"}"#,
            "EMF shop  latency=100  path=/a",
        ),
        // JSON behind the head of a text.
        (
            "2026-11-30T08:10:29.527Z\t$ID\tINFO\t{\"level\":\"info\",\"message\":\"saved\",\"id\":7}",
            "saved  id=7",
        ),
        // Nothing but what stands in columns; no object; cut in the middle.
        (r#"{"level":"INFO"}"#, r#"{"level":"INFO"}"#),
        ("{not json", "{not json"),
        (r#"{"message":"a","b"#, r#"{"message":"a","b"#),
    ];
    for (text, wanted) in all {
        let text = text.replace("$ID", ID);
        assert_eq!(line(&text), wanted, "{text}");
    }
}

#[test]
fn pairs_of_keys_and_values_are_read_like_json() {
    assert_eq!(
        line("time=2026-11-30T08:10:29.527Z level=INFO msg=\"order saved\" id=7 item=\"two words\""),
        "order saved  id=7  item=\"two words\""
    );
    assert_eq!(line("level=warning msg=slow took=3s"), "slow  took=3s");
    assert_eq!(line("level= of water is 3"), "level= of water is 3");
}

#[test]
fn what_an_error_says_is_the_same_in_each_form() {
    for text in [
        "[ERROR] RuntimeError: card declined\rTraceback (most recent call last):\r  File \"a\"",
        r#"{"level":"ERROR","message":"card declined","errorMessage":"card declined","errorType":"RuntimeError","stackTrace":[]}"#,
    ] {
        assert_eq!(line(text), "RuntimeError: card declined +");
    }
}

#[test]
fn marks_are_those_of_the_service() {
    let marks = [
        "START RequestId: 5f1c22aa-0000-4000-8000-00000000000a Version: $LATEST\n",
        "END RequestId: 5f1c22aa-0000-4000-8000-00000000000a\n",
        "INIT_START Runtime Version: python:3.13.v1\tRuntime Version ARN: arn:aws:lambda:x::runtime:y",
        r#"{"time":"t","type":"platform.start","record":{"requestId":"5f1c22aa-0000-4000-8000-00000000000a","version":"1"}}"#,
    ];
    for text in marks {
        assert!(is_mark(text), "{text}");
    }
    for text in [
        "REPORT RequestId: 5f1c22aa-0000-4000-8000-00000000000a\tDuration: 3.01 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\tMax Memory Used: 51 MB\t\n",
        "START your engines",
        "Ende gut",
        r#"{"message":"platform.start"}"#,
        "",
    ] {
        assert!(!is_mark(text), "{text}");
    }
}
