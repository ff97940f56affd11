//! Outcomes of the invocations in `tests/fixtures/logs/runs`: real formats in our own words, each with the right verdict.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::Invocations;
use crate::domain::{Invocation, NodeId, RunOutcome};

/// The invocation's own request, and another function's.
const OWN: &str = "5f1c0000-0000-4000-8000-000000000001";
const OTHER: &str = "0b5e0000-0000-4000-9000-000000000002";
/// Milliseconds between two lines.
const STEP: i64 = 50;

/// The right verdict on an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    /// It failed.
    Failed,
    /// It succeeded.
    Ok,
    /// Both readings are possible.
    Unknown,
    /// It is not an invocation, and must not appear.
    None,
}

#[derive(Deserialize)]
struct File {
    run: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    /// What it is.
    name: String,
    /// Where the form is from.
    source: String,
    verdict: Verdict,
    /// `outcome type: message`, where it failed.
    error: Option<String>,
    /// Of the other request, where it is more than printed text.
    other: Option<Verdict>,
    /// `@start`, `@end`, `@report MORE`, `@jstart`, `@jend STATUS [TYPE]` and `@jreport STATUS [TYPE]` are the service's lines; `~` behind `@` makes them the
    /// other request's. In all others `{id}` and `{other}` are the requests.
    lines: Vec<String>,
}

fn cases() -> Vec<(&'static str, Case)> {
    macro_rules! files {
        ($($name:literal),* $(,)?) => {
            [$(($name, include_str!(concat!("../../tests/fixtures/logs/runs/", $name, ".toml")))),*]
        };
    }
    let files = files![
        "python", "node", "java", "dotnet", "go", "ruby", "rust", "custom", "service", "json", "printed", "children",
        "windows"
    ];
    let read = |(name, file)| {
        let file: File = toml::from_str(file).unwrap_or_else(|error| panic!("{name}: {error}"));
        file.run.into_iter().map(move |case| (name, case))
    };
    files.into_iter().flat_map(read).collect()
}

/// A line as it came.
fn line(text: &str) -> String {
    let Some(macro_of) = text.strip_prefix('@') else {
        return text.replace("{id}", OWN).replace("{other}", OTHER);
    };
    let (id, macro_of) = match macro_of.strip_prefix('~') {
        Some(rest) => (OTHER, rest),
        None => (OWN, macro_of),
    };
    let (word, more) = macro_of.split_once(' ').unwrap_or((macro_of, ""));
    let ended = || {
        let (status, kind) = more.split_once(' ').unwrap_or((more, ""));
        let kind = if kind.is_empty() {
            String::new()
        } else {
            format!(r#","errorType":"{kind}""#)
        };
        format!(r#""status":"{status}"{kind}"#)
    };
    match word {
        "start" => format!("START RequestId: {id} Version: $LATEST\n"),
        "end" => format!("END RequestId: {id}\n"),
        "report" => {
            let more = more.replace("\\t", "\t");
            format!(
                "REPORT RequestId: {id}\tDuration: 12.30 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB\t{more}\n"
            )
        }
        "jstart" => {
            format!(r#"{{"time":"x","type":"platform.start","record":{{"requestId":"{id}","version":"$LATEST"}}}}"#)
        }
        "jend" => format!(
            r#"{{"time":"x","type":"platform.runtimeDone","record":{{"requestId":"{id}",{}}}}}"#,
            ended()
        ),
        "jreport" => format!(
            r#"{{"time":"x","type":"platform.report","record":{{"requestId":"{id}","metrics":{{"durationMs":10.5,"billedDurationMs":11,"memorySizeMB":128,"maxMemoryUsedMB":40}},{}}}}}"#,
            ended()
        ),
        other => panic!("no such line: {other}"),
    }
}

/// The last invocation of each request, once all lines were read.
fn runs(case: &Case) -> BTreeMap<String, Invocation> {
    let function = NodeId::from("arn:aws:lambda:eu-west-1:111122223333:function:work");
    let mut all = Invocations::default();
    for (n, text) in (0..).zip(&case.lines) {
        let at = Timestamp::from_millisecond(1_700_000_000_000 + n * STEP).expect("a time");
        all.take(&function, "2026/11/30/[$LATEST]a", at, &line(text));
        // As they come, and not only at once.
        all.refresh();
    }
    let runs = all.runs(&function);
    runs.iter()
        .map(|run| (run.request_id.clone(), (**run).clone()))
        .collect()
}

fn verdict(run: Option<&Invocation>) -> Verdict {
    match run.map(|run| run.outcome) {
        None => Verdict::None,
        Some(outcome) if outcome.is_failure() => Verdict::Failed,
        Some(RunOutcome::Ok) => Verdict::Ok,
        Some(_) => Verdict::Unknown,
    }
}

fn told(run: &Invocation) -> Option<String> {
    let outcome = serde_json::to_value(run.outcome).ok()?.as_str()?.to_owned();
    let error = run.error.as_ref()?;
    Some(match &error.kind {
        Some(kind) => format!("{outcome} {kind}: {}", error.message),
        None => format!("{outcome} {}", error.message),
    })
}

/// How often each right verdict was met with which.
#[derive(Default)]
struct Counts(BTreeMap<(Verdict, Verdict), u32>);

impl Counts {
    fn sum(&self, which: impl Fn(Verdict, Verdict) -> bool) -> f64 {
        let met = self.0.iter().filter(|((right, found), _)| which(*right, *found));
        f64::from(met.map(|(_, count)| count).sum::<u32>())
    }
}

#[test]
fn runs_are_told_as_they_ended() {
    use Verdict::{Failed, Ok, Unknown};
    let mut counts = Counts::default();
    let mut wrong = Vec::new();
    let cases = cases();
    for (file, case) in &cases {
        let runs = runs(case);
        let own = runs.get(OWN);
        let found = verdict(own);
        *counts.0.entry((case.verdict, found)).or_default() += 1;
        let name = format!("{file}: {} ({})", case.name, case.source);
        if found != case.verdict {
            wrong.push(format!("{name}: {found:?}, not {:?}", case.verdict));
        }
        let error = own.and_then(told);
        if case.error.is_some() && error != case.error {
            wrong.push(format!("{name}: {error:?}, not {:?}", case.error));
        }
        let other = verdict(runs.get(OTHER));
        if other != case.other.unwrap_or(Verdict::None) {
            wrong.push(format!("{name}: the other request is told as {other:?}"));
            *counts.0.entry((Verdict::None, other)).or_default() += 1;
        }
    }
    let told_failed = counts.sum(|_, found| found == Failed);
    let failed = counts.sum(|right, _| right == Failed);
    let right = counts.sum(|right, found| right == Failed && found == Failed);
    let judged = counts.sum(|right, _| matches!(right, Failed | Ok));
    let unknown = counts.sum(|right, found| matches!(right, Failed | Ok) && found == Unknown);
    let (precision, recall, unknown) = (right / told_failed, right / failed, unknown / judged);
    println!(
        "{} runs, {judged} with a right verdict: precision of failed {precision:.3}, recall {recall:.3}, unknown {:.1} %",
        cases.len(),
        unknown * 100.0
    );
    assert!(cases.len() >= 60);
    assert!(
        (precision - 1.0).abs() < f64::EPSILON && recall >= 0.95 && unknown <= 0.05,
        "precision {precision}, recall {recall}, unknown {unknown}:\n{}",
        wrong.join("\n")
    );
    // Nothing may change unseen, not even within these bounds.
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
