//! What a scenario is refused for, and with which line.

use super::{Error, Scenario};

/// The line and the sentence with which a scenario is refused, read or built.
fn refused(text: &str) -> (usize, String) {
    let built = Scenario::parse(text).and_then(|scenario| scenario.build(1_700_000_000_000, None));
    let Error { line, why } = built.err().unwrap_or_else(|| panic!("it is played:\n{text}"));
    (line, why)
}

#[track_caller]
fn assert_refused(text: &str, line: usize, words: &[&str]) {
    let (at, why) = refused(text);
    assert_eq!(at, line, "{why}\n{text}");
    for word in words {
        assert!(why.contains(word), "{why:?} has no {word:?}");
    }
    assert!(
        !why.contains('\n') && !why.ends_with('.'),
        "one sentence, without its end: {why:?}"
    );
}

const FUNCTION: &str = "title = \"x\"\n[[function]]\nname = \"f\"\n";

#[test]
fn a_script_that_names_what_is_not_there() {
    for step in [
        "break = \"nope\"",
        "mend = \"nope\"",
        "hang = \"nope\"",
        "unreachable = \"nope\"",
        "disable = \"nope\"",
        "enable = \"nope\"",
        "throttle = { function = \"nope\", limit = 1 }",
        "deny = { function = \"nope\", service = \"s3\" }",
        "does = { send_message = { queue = \"nope\", body = \"x\" } }",
        "does = { publish = { topic = \"nope\", message = \"x\" } }",
        "does = { put_object = { bucket = \"nope\", key = \"x\" } }",
        "does = { copy_object = { bucket = \"nope\", key = \"x\", to_key = \"y\" } }",
        "does = { put_item = { table = \"nope\", item = { id = \"x\" } } }",
        "does = { put_events = { bus = \"nope\", source = \"x\", detail_type = \"x\", detail = \"{}\" } }",
        "does = { put_record = { stream = \"nope\", key = \"x\", data = \"x\" } }",
        "does = { invoke = { function = \"nope\" } }",
        "does = { request = { api = \"nope\", route = \"GET /\" } }",
        "does = { sign_in = { user_pool = \"nope\" } }",
        "does = { start_execution = { state_machine = \"nope\" } }",
    ] {
        let text = format!("{FUNCTION}[[script]]\nat = \"1s\"\n[[script]]\nat = \"2s\"\n{step}\n");
        assert_refused(&text, 8, &["there is no ", "`nope`", "check the name"]);
    }
    // A queue is no function, whatever its name.
    let text = format!("{FUNCTION}[[queue]]\nname = \"q\"\n[[script]]\nbreak = \"queue:q\"\n");
    assert_refused(&text, 7, &["function `queue:q`"]);
    let text = format!("{FUNCTION}[[script]]\ndeny = {{ function = \"f\", service = \"sqs\" }}\n");
    assert_refused(&text, 5, &["`sqs` is none of s3"]);
    assert_refused(
        &format!("{FUNCTION}[[script]]\ncaption = \"x\"\ndrop = 1\n"),
        6,
        &["marble"],
    );
    // What is only known when it runs is let through.
    let text = format!("{FUNCTION}[[script]]\ndoes = {{ send_message = {{ queue = \"{{env.Q}}\", body = \"x\" }} }}\n");
    let built = Scenario::parse(&text).and_then(|scenario| scenario.build(0, None));
    assert!(built.is_ok(), "{:?}", built.err());
}

#[test]
fn traffic_and_functions_that_send_to_what_is_not_there() {
    let does = "does = { send_message = { queue = \"nope\", body = \"x\" } }";
    assert_refused(
        &format!("{FUNCTION}[[traffic]]\nevery = \"2s\"\n{does}\n"),
        6,
        &["queue `nope`"],
    );
    let steps =
        "[function.does]\nsteps = [\n  { invoke = { function = \"f\" } },\n  { invoke = { function = \"g\" } },\n]\n";
    assert_refused(&format!("{FUNCTION}{steps}"), 7, &["function `g`"]);
}

#[test]
fn a_speed_that_no_clock_takes() {
    for speed in ["-1.0", "0.0", "0", "3601", "1e9", "nan", "inf"] {
        assert_refused(
            &format!("title = \"x\"\nspeed = {speed}\n"),
            2,
            &["`speed`", "0.1", "3600"],
        );
    }
}

#[test]
fn receives_that_no_queue_has() {
    for count in ["0", "1001"] {
        let text = format!("[[queue]]\nname = \"d\"\n[[queue]]\nname = \"q\"\ndlq = \"d\"\nmax_receives = {count}\n");
        assert_refused(&text, 6, &["`max_receives`", "1 to 1000"]);
    }
    assert_refused("[[queue]]\nname = \"q\"\nmax_receives = -1\n", 3, &["-1"]);
}

#[test]
fn two_of_one_kind_with_one_name() {
    let parts = [
        ("queue", ""),
        ("function", ""),
        ("topic", ""),
        ("bucket", ""),
        ("bus", ""),
        ("rule", "schedule = \"rate(5 minutes)\""),
        ("table", ""),
        ("stream", ""),
        ("api", ""),
        ("user_pool", "asks = \"f\""),
        ("state_machine", "runs = \"f\""),
        ("load_balancer", "to = \"f\""),
        ("secret", "rotates = \"f\""),
        ("schedule", "expression = \"rate(5 minutes)\""),
        ("alarm", "metric = \"Errors\""),
    ];
    for (kind, more) in parts {
        let text = format!("title = \"x\"\n[[{kind}]]\nname = \"a\"\n{more}\n[[{kind}]]\n{more}\nname = \"a\"\n");
        assert_refused(&text, 7, &["there are two", kind, "`a`"]);
    }
    // Of one name but of two kinds, or of two buses: nothing is wrong.
    let rules = "[[bus]]\nname = \"b\"\n[[rule]]\nname = \"a\"\n[[rule]]\nname = \"a\"\nbus = \"b\"\n";
    let text = format!("[[queue]]\nname = \"a\"\n[[topic]]\nname = \"a\"\n{rules}");
    let built = Scenario::parse(&text).and_then(|scenario| scenario.build(0, None));
    assert!(built.is_ok(), "{:?}", built.err());
    assert_refused(
        &format!("{rules}[[rule]]\nbus = \"default\"\nname = \"a\"\n"),
        10,
        &["there are two"],
    );
    assert_refused(
        "[[repeat]]\ntimes = 2\n[[repeat.queue]]\nname = \"q\"\n",
        4,
        &["there are two", "`q`"],
    );
    assert_refused("title = \"x\"\n[[queue]]\nvisibility = \"1s\"\n", 2, &["no name"]);
}

#[test]
fn times_that_do_not_pass() {
    let does = "does = { invoke = { function = \"f\" } }";
    let text = format!("{FUNCTION}[[traffic]]\n{does}\nevery = \"0s\"\n");
    assert_refused(&text, 6, &["`every`", "such as \"2s\""]);
    for (at, text) in [
        (6, format!("{FUNCTION}[[traffic]]\n{does}\nevery = \"-2s\"\n")),
        (4, format!("{FUNCTION}timeout = \"-1s\"\n")),
        (2, "title = \"x\"\nhistory = \"-5m\"\n".to_owned()),
        (2, "title = \"x\"\nlateness.logs = \"-1s..2s\"\n".to_owned()),
        (5, format!("{FUNCTION}[[script]]\nat = \"-1s\"\n")),
    ] {
        assert_refused(&text, at, &["a length of time such as"]);
    }
}

#[test]
fn what_aws_would_not_create_is_refused_with_its_line() {
    for (line, text, word) in [
        (3, "[[queue]]\nname = \"a b\"", "leave out ' '"),
        (4, "[[queue]]\nname = \"q\"\nvisibility = \"99d\"", "at the most 12h"),
        (4, "[[queue]]\nname = \"q\"\nretention = \"1s\"", "from 60s to 14d"),
        (4, "[[queue]]\nname = \"q\"\nmax_receives = 0", "from 1 to 1000"),
        (4, "[[function]]\nname = \"f\"\nretries = 3", "from 0 to 2"),
        (4, "[[function]]\nname = \"f\"\ntimeout = \"20m\"", "from 1s to 15m"),
        (
            4,
            "[[function]]\nname = \"f\"\nlog_format = \"xml\"",
            "\"text\" or \"json\"",
        ),
        (3, "[[bucket]]\nname = \"Bad_Bucket\"", "no name for a bucket"),
        (
            4,
            "[[bucket]]\nname = \"good\"\nnotify = [{ to = \"f\", events = [\"s3:Nonsense\"] }]",
            "no event of S3",
        ),
        (
            5,
            "[[mapping]]\nfrom = \"queue:q\"\nto = \"f\"\nbatch = 999999",
            "from 1 to 10000",
        ),
        (
            5,
            "[[mapping]]\nfrom = \"queue:q.fifo\"\nto = \"f\"\nbatch = 11",
            "from 1 to 10",
        ),
        (5, "[[mapping]]\nfrom = \"queue:q\"\nto = \"f\"\nbatch = 11", "`window`"),
        (
            5,
            "[[mapping]]\nfrom = \"stream:s\"\nto = \"f\"\nlanes = 11",
            "from 1 to 10",
        ),
        (
            5,
            "[[rule]]\nname = \"r\"\n[[rule.target]]\nretries = 186\nto = \"f\"",
            "from 0 to 185",
        ),
        (2, "account = \"1\"", "twelve digits"),
        (2, "history = \"400d\"", "7d at the most"),
        (3, "[[script]]\ndrop = 1000000000", "from 1 to 10000"),
        (3, "[[repeat]]\ntimes = 1000000000", "from 1 to 10000"),
        (
            4,
            "[[function]]\nname = \"f\"\ndoes = { fails = [{ one_in = 0, error = \"E: e\" }] }",
            "from 1",
        ),
        (2, "lateness.logs = \"9s..2s\"", "turn the two round"),
    ] {
        assert_refused(&format!("title = \"x\"\n{text}\n"), line, &[word]);
    }
}

#[test]
fn whatever_leads_nowhere_has_its_line() {
    let alone = |text: &str| format!("title = \"x\"\n{text}\n");
    for (line, text, word) in [
        (4, "[[queue]]\nname = \"q\"\ndlq = \"nope\"", "queue `nope`"),
        (4, "[[function]]\nname = \"f\"\ndlq = \"nope\"", "queue `nope`"),
        (
            4,
            "[[function]]\nname = \"f\"\non_failure = \"topic:nope\"",
            "topic `nope`",
        ),
        (
            4,
            "[[topic]]\nname = \"t\"\nsubscribe = [{ to = \"que:q\" }]",
            "nobody who can listen",
        ),
        (
            4,
            "[[topic]]\nname = \"t\"\nsubscribe = [{ to = \"queue:nope\" }]",
            "queue `nope`",
        ),
        (
            5,
            "[[topic]]\nname = \"t\"\nsubscribe = [\n  { to = \"nope\" }]",
            "function `nope`",
        ),
        (
            4,
            "[[bucket]]\nname = \"box\"\nnotify = [{ to = \"nope\" }]",
            "function `nope`",
        ),
        (4, "[[rule]]\nname = \"r\"\nbus = \"nope\"", "bus `nope`"),
        (4, "[[rule]]\nname = \"r\"\nschedule = \"now and then\"", "no schedule"),
        (4, "[[rule]]\nname = \"r\"\npattern = \"{\"", "pattern"),
        (
            5,
            "[[rule]]\nname = \"r\"\n[[rule.target]]\nto = \"nope\"",
            "function `nope`",
        ),
        (3, "[[mapping]]\nfrom = \"queue:nope\"\nto = \"f\"", "queue `nope`"),
        (3, "[[mapping]]\nfrom = \"que:nope\"\nto = \"f\"", "names nothing"),
        (
            5,
            "[[table]]\nname = \"tab\"\n[[mapping]]\nfrom = \"table:tab\"\nto = \"f\"",
            "has no stream",
        ),
        (
            4,
            "[[api]]\nname = \"a\"\nroutes = { \"GET /\" = \"nope\" }",
            "function `nope`",
        ),
        (4, "[[user_pool]]\nname = \"p\"\nasks = \"nope\"", "function `nope`"),
        (4, "[[state_machine]]\nname = \"p\"\nruns = \"nope\"", "function `nope`"),
        (
            5,
            "[[schedule]]\nname = \"s\"\nexpression = \"rate(1 minute)\"\ntarget = { to = \"nope\" }",
            "function `nope`",
        ),
        (
            3,
            "[[alarm]]\nname = \"a\"\nmetric = \"Errors\"",
            "either a `function` or a `queue`",
        ),
        (
            4,
            "[[alarm]]\nname = \"a\"\nfunction = \"nope\"\nmetric = \"Errors\"",
            "function `nope`",
        ),
    ] {
        assert_refused(&alone(text), line, &[word]);
    }
    // In what is there several times, the line is that of the round's own text.
    let repeat =
        "[[queue]]\nname = \"d-1\"\n[[repeat]]\ntimes = 3\n[[repeat.queue]]\nname = \"q-{i}\"\ndlq = \"d-{i}\"\n";
    assert_refused(repeat, 7, &["queue `d-2`"]);
    // An unknown key, and TOML that is none.
    assert_refused(
        "title = \"x\"\n\n[[queue]]\nname = \"q\"\nvisiblity = \"3s\"\n",
        5,
        &["visiblity"],
    );
    assert_refused("title = \"x\"\nspeed = \n", 2, &[]);
}
