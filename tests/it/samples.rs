//! Sample events held against what the simulated account hands to functions: the same members, of the same types.

use std::collections::BTreeSet;

use pitagora::samples::{Kind, Names, sample};
use pitagora::sim::world::ground_truth::What;
use serde_json::Value;

use crate::journeys::play::{Voice, play};

/// What the sender of an event chose: it may be anything.
const OF_THE_SENDER: [&str; 6] = ["detail", "body", "Message", "Keys", "NewImage", "OldImage"];

fn names() -> Names {
    Names {
        partition: "aws".to_owned(),
        account: "123456789012".to_owned(),
        region: "us-east-1".to_owned(),
        resource: "x".to_owned(),
        function: "f".to_owned(),
    }
}

/// The paths of all members, with their types.
fn members(value: &Value, path: &str, into: &mut BTreeSet<String>) {
    let own = OF_THE_SENDER.iter().any(|name| path.ends_with(&format!(".{name}")));
    match value {
        Value::Object(all) if !own => {
            for (name, value) in all {
                members(value, &format!("{path}.{name}"), into);
            }
        }
        Value::Array(all) => all.iter().for_each(|value| members(value, &format!("{path}[]"), into)),
        // A subject is a text or null.
        Value::String(_) | Value::Null => drop(into.insert(format!("{path}: text"))),
        Value::Number(_) => drop(into.insert(format!("{path}: number"))),
        Value::Bool(_) => drop(into.insert(format!("{path}: bool"))),
        Value::Object(_) => drop(into.insert(format!("{path}: of the sender"))),
    }
}

#[test]
fn samples_have_the_members_of_what_functions_get() {
    let played = play("journeys/speaking", 120, Voice::Loud);
    for (function, kind) in [
        ("take", Kind::Eventbridge),
        ("parse", Kind::S3),
        ("work", Kind::Sqs),
        ("stream", Kind::Sns),
        ("count", Kind::Kinesis),
        ("changed", Kind::Dynamodb),
    ] {
        let given = played.truth.iter().find_map(|entry| match &entry.what {
            What::Begins { function: of, with } if of == function => Some(with.clone()),
            _ => None,
        });
        let given = given.unwrap_or_else(|| panic!("{function} was never invoked"));
        let (mut ours, mut theirs) = (BTreeSet::new(), BTreeSet::new());
        members(&sample(kind, &names()), "", &mut ours);
        members(&given, "", &mut theirs);
        let missing: Vec<_> = theirs.difference(&ours).collect();
        let more: Vec<_> = ours.difference(&theirs).collect();
        assert!(
            missing.is_empty() && more.is_empty(),
            "{kind:?}: missing {missing:#?}, more {more:#?}"
        );
    }
}
