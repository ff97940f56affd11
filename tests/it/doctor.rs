//! `pitagora doctor`: each rule once on an account made for it, the formats, and the exit codes.

use std::collections::BTreeSet;

use pitagora::doctor::Rule;
use pitagora::sim::account::Rule as Fault;
use serde_json::Value;
use strum::IntoEnumIterator as _;

use crate::bench::{Served, account, parsed, program};

const SCENARIO: &str = include_str!("../scenarios/doctor.toml");

/// Nothing that a rule could find.
const WELL: &str = r#"
title = "All is well"
seed = 1
[[queue]]
name = "q"
visibility = "30s"
[[function]]
name = "f"
timeout = "3s"
[[mapping]]
from = "queue:q"
to = "f"
batch = 1
"#;

/// Exit code, stdout and stderr of one command.
async fn run(served: &Served, words: &[&str]) -> (Option<i32>, String, String) {
    let home = tempfile::tempdir().expect("a home");
    let mut command = program(&served.url, home.path());
    command.arg("doctor").args(words);
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = output.await.expect("no panic").expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn of_rule<'a>(document: &'a Value, rule: &str) -> Vec<&'a Value> {
    let findings = document["findings"].as_array().expect("findings").iter();
    findings.filter(|finding| finding["rule"] == rule).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_finds_its_setting_and_leaves_what_is_well() {
    let account = account(&parsed(SCENARIO), 1.0);
    let served = Served::new(&account).await;
    let (code, out, said) = run(&served, &["--format", "json"]).await;
    assert_eq!(code, Some(1), "{out}{said}");
    let document: Value = serde_json::from_str(&out).expect("JSON");
    let found: BTreeSet<&str> = document["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter_map(|finding| finding["rule"].as_str())
        .collect();
    // A scenario leaves no permission behind, and sets no redrive allow policy.
    let not_here = [Rule::StalePermission, Rule::RedriveAllowPolicy].map(Rule::id);
    let all: BTreeSet<&str> = Rule::iter().map(Rule::id).filter(|id| !not_here.contains(id)).collect();
    assert_eq!(found, all, "{out}");
    for finding in document["findings"].as_array().expect("findings") {
        let name = finding["name"].as_str().expect("a name");
        assert!(!["mails", "mails-dlq", "mail"].contains(&name), "{finding}");
        for member in ["severity", "what", "what_code", "cure", "help", "page"] {
            assert!(finding[member].is_string(), "{member}: {finding}");
        }
    }
    let visibility = of_rule(&document, "visibility-timeout");
    assert_eq!((visibility.len(), &visibility[0]["name"]), (1, &Value::from("orders")));
    let command = visibility[0]["command"].as_str().expect("a command");
    assert!(
        command.contains("VisibilityTimeout=120") && command.contains("--endpoint-url"),
        "{command}"
    );
    let alarms = of_rule(&document, "dlq-without-alarm");
    let blind = alarms
        .iter()
        .find(|finding| finding["what_code"] == "alarm_misses_moves")
        .expect("the blind alarm");
    assert_eq!(
        (&blind["name"], &blind["severity"]),
        (&Value::from("exports-dlq"), &Value::from("warning"))
    );
    // The chain of photos loses its first event three minutes after it breaks.
    let budgets = document["budgets"].as_array().expect("budgets");
    let thumbs = budgets.iter().find(|budget| {
        budget["first_loss"]["at"]
            .as_str()
            .is_some_and(|at| at.ends_with(":thumbs"))
    });
    assert_eq!(thumbs.expect("a budget")["first_loss"]["after_s"], 180, "{out}");
    let permissions = &document["permissions"];
    assert!(
        permissions["denied"].as_array().is_some_and(Vec::is_empty),
        "{permissions}"
    );
    let granted = permissions["granted"].as_array().expect("granted");
    assert!(
        granted.contains(&Value::from("cloudwatch:DescribeAlarms")),
        "{permissions}"
    );
    let (code, text, _) = run(&served, &[]).await;
    assert_eq!(code, Some(1));
    assert!(
        text.contains("[visibility-timeout]") && text.contains("Loss budget"),
        "{text}"
    );
    println!("{text}");
}

/// The members that the schema of SARIF 2.1.0 requires, and the values that it allows.
#[tokio::test(flavor = "multi_thread")]
async fn sarif_is_valid() {
    let account = account(&parsed(SCENARIO), 1.0);
    let served = Served::new(&account).await;
    let (code, out, said) = run(&served, &["--format", "sarif"]).await;
    assert_eq!(code, Some(1), "{out}{said}");
    let document: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(document["version"], "2.1.0");
    let run = &document["runs"].as_array().expect("runs")[0];
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "pitagora");
    let rules = driver["rules"].as_array().expect("rules");
    for rule in rules {
        assert!(
            rule["id"].is_string() && rule["shortDescription"]["text"].is_string(),
            "{rule}"
        );
        assert!(
            rule["helpUri"]
                .as_str()
                .is_some_and(|link| link.starts_with("https://")),
            "{rule}"
        );
    }
    assert!(run["invocations"][0]["executionSuccessful"].is_boolean());
    let results = run["results"].as_array().expect("results");
    assert!(!results.is_empty());
    for result in results {
        assert!(
            result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()),
            "{result}"
        );
        assert!(
            ["note", "warning", "error"].contains(&result["level"].as_str().expect("a level")),
            "{result}"
        );
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(rules[index]["id"], result["ruleId"], "{result}");
        let place = &result["locations"][0]["logicalLocations"][0];
        assert!(
            place["fullyQualifiedName"]
                .as_str()
                .is_some_and(|arn| arn.starts_with("arn:")),
            "{result}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_finding_is_0_and_what_was_not_read_is_3() {
    let account = account(&parsed(WELL), 1.0);
    let served = Served::new(&account).await;
    for words in [&[][..], &["--format", "json"], &["--format", "sarif"]] {
        let (code, out, said) = run(&served, words).await;
        assert_eq!(code, Some(0), "{words:?}: {out}{said}");
    }
    account.set_rules(vec!["sns:ListTopics=AccessDenied".parse::<Fault>().expect("a rule")]);
    let (code, out, said) = run(&served, &["--format", "json"]).await;
    assert_eq!(code, Some(3), "{out}{said}");
    assert!(said.contains("sns:ListTopics"), "{said}");
    let document: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(document["permissions"]["denied"], serde_json::json!(["sns:ListTopics"]));
    assert_eq!(document["complete"], false);
}

/// Each rule has its heading, and AWS's page beneath it.
#[test]
fn the_page_has_every_rule_with_its_link() {
    let page = include_str!("../../docs/doctor.md");
    for rule in Rule::iter() {
        let heading = format!("### {}\n", rule.id());
        let part = page.split(&heading).nth(1).unwrap_or_else(|| panic!("no {heading}"));
        let part = part.split("\n#").next().unwrap_or_default();
        assert!(part.contains(rule.help()), "{}: {}", rule.id(), rule.help());
    }
}
