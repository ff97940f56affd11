//! The findings in [SARIF 2.1.0](https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), as code scanning reads them. A
//! resource has no file: it is a logical location by its ARN.

use serde_json::{Value, json};
use strum::IntoEnumIterator as _;

use super::Report;
use super::json::page;
use crate::doctor::{Hint, Rule};
use crate::domain::phrase::Phrase;
use crate::store::snapshot::Severity;
use crate::words::Words;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

pub(super) fn document(report: &Report) -> Value {
    let words = Words::utc();
    let rules: Vec<Rule> = Rule::iter().collect();
    let missing = report
        .unknown
        .iter()
        .map(|unknown| format!("{}: {}", words.say(&unknown.what), words.say(&unknown.why)));
    let unjudged = report.unjudged.iter().map(|what| words.say(what));
    let notifications: Vec<Value> = missing
        .map(|text| ("warning", text))
        .chain(unjudged.map(|text| ("note", text)))
        .map(|(level, text)| json!({ "level": level, "message": { "text": text } }))
        .collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "pitagora",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules.iter().map(|rule| self::rule(*rule, &words)).collect::<Vec<_>>(),
            }},
            "invocations": [{
                "executionSuccessful": report.unknown.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "results": report.hints.iter().map(|hint| result(report, hint, &rules, &words)).collect::<Vec<_>>(),
        }],
    })
}

fn rule(rule: Rule, words: &Words) -> Value {
    json!({
        "id": rule.id(),
        "shortDescription": { "text": words.say(&Phrase::from(rule)) },
        "helpUri": page(rule),
        "help": { "text": rule.help() },
    })
}

fn result(report: &Report, hint: &Hint, rules: &[Rule], words: &Words) -> Value {
    let said = [&hint.what, &hint.why, &hint.cure.what].map(|phrase| words.say(phrase));
    let said: Vec<String> = said
        .into_iter()
        .filter(|text| !text.is_empty())
        .chain(report.copy(hint))
        .collect();
    json!({
        "ruleId": hint.rule.id(),
        "ruleIndex": rules.iter().position(|rule| *rule == hint.rule),
        "level": level(hint.severity),
        "message": { "text": format!("{}: {}", report.name(&hint.of), said.join(". ")) },
        "locations": [{ "logicalLocations": [{
            "name": hint.of.short_name(),
            "fullyQualifiedName": hint.of,
            "kind": "resource",
        }] }],
        // The same finding at the next look.
        "partialFingerprints": {
            "resource/v1": format!("{} {} {}", hint.rule.id(), hint.of, hint.link.as_ref().map_or("", |link| link.as_str())),
        },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Loss | Severity::Failing => "error",
        Severity::Warning => "warning",
        Severity::Notice => "note",
    }
}
