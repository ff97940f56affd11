//! Lists that do not end, as a broken endpoint or proxy may serve them.

use crate::call::{Answer, Call, Service};
use crate::value::Value;

/// How a list goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endless {
    /// Every page has a token that none had before, and what is on it comes again.
    NewTokens,
    /// Every page has the same token.
    SameToken,
    /// Every page is empty, with a token that none had before.
    EmptyPages,
}

/// The members by which a page is asked for.
const ASKED: [&str; 7] = [
    "NextToken",
    "nextToken",
    "Marker",
    "PaginationToken",
    "ContinuationToken",
    "ExclusiveStartStreamName",
    "ExclusiveStartShardId",
];

impl Endless {
    /// Takes the token out of a call: every page is the first one.
    pub(super) fn ask(call: &mut Call) {
        if let Value::Map(input) = &mut call.input {
            for token in ASKED {
                input.remove(token);
            }
        }
    }

    /// Makes a page of an answer, the `n`-th that is asked for.
    pub(super) fn answer(self, service: Service, answer: &mut Answer, n: u64) {
        if self == Self::EmptyPages {
            let lists = answer
                .output
                .entries()
                .filter(|(_, value)| matches!(value, Value::List(_)));
            let lists: Vec<String> = lists.map(|(name, _)| name.to_owned()).collect();
            for name in lists {
                answer.output.set(name, Value::List(Vec::new()));
            }
        }
        let token = match self {
            Self::SameToken => "page-again".to_owned(),
            Self::NewTokens | Self::EmptyPages => format!("page-{n}-of-ever"),
        };
        let member = match service {
            Service::Lambda => "NextMarker",
            Service::Logs | Service::States => "nextToken",
            Service::Balancers => "NextMarker",
            Service::Iam => "Marker",
            Service::Tagging => "PaginationToken",
            Service::S3 => "ContinuationToken",
            _ => "NextToken",
        };
        answer.output.set(member, token);
        if service == Service::Kinesis {
            answer.output.set("HasMoreStreams", true);
        }
    }
}
