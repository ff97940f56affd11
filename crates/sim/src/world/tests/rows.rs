//! Every row of section 8 of the reference whose source this world has is a scenario file with the times that the row's
//! formula gives, never times that were recorded.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use super::rows_check::Case;

/// The rows of the table, in its order, and why one cannot be here.
const ROWS: [(&str, Option<&str>); 22] = [
    ("async default", None),
    ("async retries 1 / 0", None),
    ("async max age A", None),
    ("async throttled", None),
    ("async, concurrency 0", None),
    ("S3/SNS/EventBridge/Logs/IoT/SES -> failing fn", None),
    ("SNS, Lambda unreachable", None),
    ("SNS/EB, no permission", None),
    ("EventBridge, Lambda API 5xx", None),
    ("SQS, VT=V, maxReceive=R", None),
    ("SQS partial failure", None),
    ("SQS FIFO", None),
    ("SQS throttled", None),
    ("Kinesis/DDB, N retries", None),
    (".. N=-1", None),
    (".. bisect", None),
    ("API GW/ALB/URL/Lex/Alexa", None),
    ("Cognito", None),
    ("Step Fn recommended Retry", None),
    ("Lambda sync chain", None),
    ("loop (SQS/SNS/S3/Lambda)", None),
    ("redrive", None),
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/retry-rules")
}

#[test]
fn every_row_happens_as_its_formula_says() {
    let mut files: Vec<PathBuf> = fs::read_dir(folder())
        .expect("the folder")
        .filter_map(|e| Some(e.ok()?.path()))
        .collect();
    files.sort();
    let mut wrong = Vec::new();
    let mut cases: Vec<(String, String)> = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).expect("the file");
        let case = Case::parse(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        cases.push((case.row.clone(), name.clone()));
        let began = std::time::Instant::now();
        wrong.extend(case.check().into_iter().map(|why| format!("{name}: {why}")));
        println!("{name} took {:?}", began.elapsed());
    }
    let known: BTreeSet<&str> = ROWS.iter().map(|(row, _)| *row).collect();
    for (row, name) in &cases {
        assert!(
            known.contains(row.as_str()),
            "{name} names a row that the table does not have: {row}"
        );
    }
    println!("rows of section 8:");
    for (row, absent) in ROWS {
        let names: Vec<&str> = cases
            .iter()
            .filter(|(r, _)| r == row)
            .map(|(_, name)| name.as_str())
            .collect();
        if let Some(why) = absent {
            println!("  missing  {row}: {why}");
        } else {
            println!("  held     {row}: {}", names.join(", "));
            assert!(!names.is_empty(), "no scenario holds the row {row}");
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
