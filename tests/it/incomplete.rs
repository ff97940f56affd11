//! What was not read is never exit 0: every list that is refused is named on stderr, in every command that needs it, and in every
//! format.

use pitagora::sim::account::Rule;

use crate::bench::{Served, account, parsed, program};

/// One of each thing that a survey reads.
const SCENARIO: &str = r#"
title = "One of each"
seed = 1
history = "5m"
[[rule]]
name = "each-minute"
schedule = "rate(1 minute)"
target = [{ to = "function:f" }]
[[function]]
name = "f"
[[queue]]
name = "q"
dlq = "dead"
max_receives = 3
[[queue]]
name = "dead"
[[topic]]
name = "t"
subscribe = [{ to = "queue:q" }]
[[mapping]]
from = "queue:q"
to = "function:f"
"#;

/// Calls of the survey, as the account knows them and as permissions name them: without each of them the chain is not known.
const SURVEY: [(&str, &str); 17] = [
    ("lambda:ListFunctions", "lambda:ListFunctions"),
    ("lambda:ListEventSourceMappings", "lambda:ListEventSourceMappings"),
    ("lambda:GetPolicy", "lambda:GetPolicy"),
    ("lambda:ListAliases", "lambda:ListAliases"),
    (
        "lambda:ListFunctionEventInvokeConfigs",
        "lambda:ListFunctionEventInvokeConfigs",
    ),
    ("lambda:ListFunctionUrlConfigs", "lambda:ListFunctionUrlConfigs"),
    ("lambda:GetFunction", "lambda:GetFunction"),
    ("sqs:ListQueues", "sqs:ListQueues"),
    ("sqs:GetQueueAttributes", "sqs:GetQueueAttributes"),
    ("sns:ListTopics", "sns:ListTopics"),
    ("sns:ListSubscriptions", "sns:ListSubscriptions"),
    ("sns:GetSubscriptionAttributes", "sns:GetSubscriptionAttributes"),
    ("s3:ListBuckets", "s3:ListAllMyBuckets"),
    ("events:ListEventBuses", "events:ListEventBuses"),
    ("events:ListRules", "events:ListRules"),
    ("scheduler:ListSchedules", "scheduler:ListSchedules"),
    ("pipes:ListPipes", "pipes:ListPipes"),
];

/// Every command and format that shows a chain.
const SHOWN: [&[&str]; 9] = [
    &["graph"],
    &["graph", "--format", "json"],
    &["graph", "--format", "mermaid"],
    &["graph", "--format", "dot"],
    &["dlq", "list"],
    &["dlq", "list", "--format", "json"],
    &["status"],
    &["status", "--format", "json"],
    &["retries", "--format", "json"],
];

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_read_is_named_and_never_exit_0() {
    let account = account(&parsed(SCENARIO), 1.0);
    let served = Served::new(&account).await;
    let home = tempfile::tempdir().expect("a home");
    let run = async |words: &[&str]| {
        let mut command = program(&served.url, home.path());
        command.args(words);
        let output = tokio::task::spawn_blocking(move || command.output());
        let output = output.await.expect("no panic").expect("it runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    for words in SHOWN {
        let (code, out, said) = run(words).await;
        assert_eq!(code, Some(0), "{words:?}, where all can be read: {out}{said}");
    }
    // Each call once, with one command after the other; and each command once with the same call.
    let each_call = SURVEY
        .iter()
        .enumerate()
        .map(|(n, call)| (call, SHOWN[n % SHOWN.len()], "AccessDenied"));
    let each_command = SHOWN.iter().map(|words| (&SURVEY[9], *words, "500"));
    for ((call, action), words, fault) in each_call.chain(each_command) {
        let rule = format!("{call}={fault}").parse::<Rule>().expect("a rule");
        account.set_rules(vec![rule]);
        let (code, out, said) = run(words).await;
        // Trouble that was found goes before what is missing.
        let is_status = words[0] == "status";
        assert!(
            code == Some(3) || is_status && code == Some(1),
            "{call} {words:?}: {code:?} {out}{said}"
        );
        assert!(said.contains(action), "{call} {words:?} is not named: {said}");
        if let Ok(document) = serde_json::from_str::<serde_json::Value>(&out) {
            assert_eq!(document["complete"], false, "{call} {words:?}: {out}");
        }
    }
    // Sources beside the chain.
    for (call, words) in [
        ("logs:FilterLogEvents", &["logs", "f"][..]),
        ("logs:FilterLogEvents", &["status"]),
        ("logs:FilterLogEvents", &["retries"]),
        ("cloudwatch:GetMetricData", &["status"]),
        ("cloudwatch:DescribeAlarms", &["status"]),
        ("sqs:ReceiveMessage", &["dlq", "show", "dead", "--read-anyway"]),
    ] {
        account.set_rules(vec![format!("{call}=AccessDenied").parse::<Rule>().expect("a rule")]);
        let (code, out, said) = run(words).await;
        assert!(
            matches!(code, Some(1 | 3 | 4)),
            "{call} {words:?}: {code:?} {out}{said}"
        );
        assert!(said.contains(call), "{call} {words:?} is not named: {said}");
    }
}
