//! Lists that do not end: each paged call finds that, names itself, and is left.

use std::collections::BTreeSet;
use std::pin::Pin;

use pitagora::aws::events::Rule;
use pitagora::aws::{Error, Options, Session};
use pitagora::domain::{Metric, Subject};
use pitagora::sim::account::{Account, Rule as Fault};
use pitagora::sim::world::World;

use super::bench::{Served, account, connect, in_process, parsed, program};

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

/// Ways in which a list goes wrong, by the account's words for them, and what is said of each.
const WAYS: [(&str, &str); 3] = [
    ("endless", "its last 100 pages brought nothing new"),
    ("circle", "it gave the same token again on page"),
    ("hollow", "its last 100 pages brought nothing new"),
];

type Listed<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + 'a>>;
type List = for<'a> fn(&'a Session) -> Listed<'a>;

macro_rules! lists {
    ($($fault:literal, $action:literal, |$session:ident| $list:expr;)*) => {
        [$(($fault, $action, (|$session: &Session| -> Listed<'_> {
            Box::pin(async move { $list.await.map(drop) })
        }) as List)),*]
    };
}

/// Every call that is read page by page: as the account calls it, as IAM does, and the call.
fn lists() -> Vec<(&'static str, &'static str, List)> {
    let lists = lists! {
        "lambda:ListFunctions", "lambda:ListFunctions", |s| s.functions(drop);
        "lambda:ListEventSourceMappings", "lambda:ListEventSourceMappings", |s| s.mappings();
        "lambda:ListAliases", "lambda:ListAliases", |s| s.aliases("f");
        "lambda:ListFunctionEventInvokeConfigs", "lambda:ListFunctionEventInvokeConfigs", |s| s.invoke_configs("f");
        "lambda:ListFunctionUrlConfigs", "lambda:ListFunctionUrlConfigs", |s| s.function_urls("f");
        "sqs:ListQueues", "sqs:ListQueues", |s| s.queue_urls();
        "sqs:ListDeadLetterSourceQueues", "sqs:ListDeadLetterSourceQueues", |s| sources(s);
        "sns:ListSubscriptionsByTopic", "sns:ListSubscriptionsByTopic", |s| subscriptions(s);
        "cloudwatch:ListMetrics", "cloudwatch:ListMetrics", |s| s.dimension_values("AWS/Lambda", "Invocations", "Resource");
        "sns:ListTopics", "sns:ListTopics", |s| s.topics();
        "sns:ListSubscriptions", "sns:ListSubscriptions", |s| s.subscriptions();
        "s3:ListBuckets", "s3:ListAllMyBuckets", |s| s.buckets();
        "events:ListEventBuses", "events:ListEventBuses", |s| s.buses();
        "events:ListRules", "events:ListRules", |s| s.rules("default");
        "events:ListTargetsByRule", "events:ListTargetsByRule", |s| targets(s);
        "scheduler:ListSchedules", "scheduler:ListSchedules", |s| s.schedules();
        "pipes:ListPipes", "pipes:ListPipes", |s| s.pipes();
        "kinesis:ListStreams", "kinesis:ListStreams", |s| s.kinesis_streams();
        "logs:DescribeLogGroups", "logs:DescribeLogGroups", |s| s.groups_of_class("DELIVERY");
        "logs:DescribeSubscriptionFilters", "logs:DescribeSubscriptionFilters", |s| s.subscription_filters("/aws/lambda/f");
        "cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarms", |s| s.alarms();
        "cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarms", |s| s.alarm_actions();
        "cloudwatch:GetMetricData", "cloudwatch:GetMetricData", |s| metrics(s);
        "tag:GetResources", "tag:GetResources", |s| s.tagged("team", None);
    };
    lists.to_vec()
}

async fn targets(session: &Session) -> Result<(), Error> {
    let rule = Rule {
        arn: String::new(),
        name: "each-minute".to_owned(),
        bus: "default".to_owned(),
        enabled: true,
        description: None,
        pattern: None,
        schedule: None,
    };
    session.targets(&rule).await.map(drop)
}

async fn sources(session: &Session) -> Result<(), Error> {
    let url = session.queue_url("dead").await?;
    session.dead_letter_sources(&url).await.map(drop)
}

async fn subscriptions(session: &Session) -> Result<(), Error> {
    session.subscriptions_of(&session.scope.arn("sns", "t")).await.map(drop)
}

async fn metrics(session: &Session) -> Result<(), Error> {
    let query = pitagora::aws::cloudwatch::Query {
        subject: Subject::Account,
        metric: Metric::Errors,
    };
    let now = session.clock().expect("a clock").now();
    let hour = jiff::SignedDuration::from_hours(1);
    session.metrics(&[query], now - hour, now).await.map(drop)
}

fn trouble(account: &Account<World>, rules: &[&str]) {
    let rules: Vec<Fault> = rules.iter().map(|rule| rule.parse().expect("a rule")).collect();
    account.set_rules(rules);
}

#[tokio::test]
async fn each_list_without_end_is_found_named_and_left() {
    let account = account(&parsed(SCENARIO), 1.0);
    let session = connect(Options {
        budgets: Some(100_000),
        ..in_process(&account)
    })
    .await;
    for (operation, action, list) in lists() {
        trouble(&account, &[]);
        let whole = list(&session).await;
        assert_eq!(whole, Ok(()), "{operation} ends where nothing is wrong");
        for (way, how) in WAYS {
            trouble(&account, &[&format!("{operation}={way}")]);
            let before = session.calls().total;
            let error = list(&session).await.expect_err("it does not end").to_string();
            let calls = session.calls().total - before;
            // A list whose token is its last name goes in a circle where it is empty.
            let circles = operation == "kinesis:ListStreams";
            let said = format!(
                "the list of {action} does not end: {}",
                if circles { WAYS[1].1 } else { how }
            );
            assert!(error.starts_with(&said), "{operation}={way}: {error}");
            assert!(calls <= 110, "{operation}={way}: {calls} calls");
        }
    }
}

/// A new list cannot be left out of the table above.
#[test]
fn the_table_has_every_list() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/aws");
    let mut read = BTreeSet::new();
    let mut bare = Vec::new();
    for file in std::fs::read_dir(folder).expect("a folder") {
        let path = file.expect("a file").path();
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        let by_pager = text.match_indices("Pages::of(&api::").map(|(at, found)| {
            let name = text.get(at + found.len()..).unwrap_or_default();
            name.split(')').next().unwrap_or_default().to_owned()
        });
        read.extend(by_pager);
        // Whoever asks with a token has it from a pager, or is asked for one page by whoever reads a log.
        let tokens = [
            "set_next_token(",
            "set_marker(",
            "set_continuation_token(",
            "set_pagination_token(",
        ];
        for token in tokens {
            for (at, _) in text.match_indices(token) {
                let given = text.get(at + token.len()..).unwrap_or_default();
                let log_page = given.starts_with("token.map(str::to_owned)") && path.ends_with("logs.rs");
                if !given.starts_with("pages.token()") && !given.starts_with("token.clone()") && !log_page {
                    bare.push(format!(
                        "{}: {token}{}",
                        path.display(),
                        given.lines().next().unwrap_or_default()
                    ));
                }
            }
        }
    }
    assert!(bare.is_empty(), "{bare:#?}");
    let known: BTreeSet<String> = lists().into_iter().map(|(_, action, _)| action.to_owned()).collect();
    // Read of one table's stream, five pages at most: what lies behind stays unknown.
    read.remove("TABLE_STREAM");
    assert_eq!(read.len(), known.len(), "{read:#?} {known:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_met_a_list_without_end_says_so_and_exits_with_3() {
    let account = account(&parsed(SCENARIO), 1.0);
    let served = Served::new(&account).await;
    let home = tempfile::tempdir().expect("a folder");
    let run = async |words: &[&str]| {
        let mut command = program(&served.url, home.path());
        command.args(words);
        let output = tokio::task::spawn_blocking(move || command.output());
        let output = output.await.expect("no panic").expect("it runs");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    trouble(&account, &["sqs:ListQueues=circle"]);
    for words in [
        &["graph"][..],
        &["graph", "--format", "json"],
        &["graph", "--format", "mermaid"],
        &["graph", "--format", "dot"],
        &["dlq", "list"],
        &["dlq", "list", "--format", "json"],
        &["status"],
        &["status", "--format", "json"],
    ] {
        let (code, out, said) = run(words).await;
        assert_eq!(code, Some(3), "{words:?}: {out} {said}");
        assert!(
            said.contains("the list of sqs:ListQueues does not end: it gave the same token again on page 2"),
            "{words:?}: {said}"
        );
        let complete = serde_json::from_str::<serde_json::Value>(&out).map(|json| json["complete"].clone());
        assert!(
            complete.is_err() || complete.is_ok_and(|complete| complete == false),
            "{out}"
        );
    }
    trouble(
        &account,
        &["sqs:ListQueues=circle", "lambda:ListEventSourceMappings=hollow"],
    );
    let (_, out, _) = run(&["dlq", "list"]).await;
    assert!(!out.starts_with("No dead-letter queues in this chain"), "{out}");
    served.end().await;
}
