//! Why AWS takes no pattern, in its words.

use super::read::COMBINATIONS;
use super::wildcard::WildcardError;

/// A pattern that cannot be used. The message is AWS's, without the place that AWS names in further lines.
#[derive(Debug, thiserror::Error)]
pub enum PatternError {
    /// It is no JSON.
    #[error("Event pattern is not valid. Reason: {0}")]
    NotJson(#[from] serde_json::Error),
    /// It is JSON, but no pattern.
    #[error("Event pattern is not valid. Reason: {0}")]
    Refused(#[from] Refusal),
}

/// What AWS does not take in a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each is known by AWS's words")]
pub enum Refusal {
    #[error("Filter is not an object")]
    NotAnObject,
    #[error("Empty objects are not allowed")]
    EmptyObject,
    #[error("Empty arrays are not allowed")]
    EmptyArray,
    #[error("\"{0}\" must be an object or an array")]
    NeitherObjectNorArray(String),
    #[error("{0} is Ruler reserved fieldName which cannot be used inside $or.")]
    ReservedInOr(String),
    #[error("It must be an Array followed with $or.")]
    OrWithoutArray,
    #[error("Only JSON object is allowed in array of $or relationship.")]
    OrOfOtherThanObjects,
    #[error("There must have at least 2 Objects in $or relationship.")]
    OrOfOne,
    #[error("Rule is too complex - it has more than {COMBINATIONS} combinations of rule fields")]
    TooManyCombinations,
    #[error("Match value must be String, number, true, false, or null")]
    NestedArray,
    #[error("Match expression name not found")]
    NoMatchName,
    #[error("Unrecognized match type {0}")]
    UnknownMatch(String),
    #[error("Only one key allowed in match expression")]
    SeveralKeys,
    #[error("{0} match pattern must be a string")]
    NotAString(&'static str),
    #[error("exists match pattern must be either true or false.")]
    ExistsNotBoolean,
    #[error("{0} expression name not found")]
    NoExpressionName(&'static str),
    #[error("Unsupported {kind} pattern: {name}")]
    Unsupported { kind: &'static str, name: String },
    #[error("Value of anything-but must be an array or single string/number value.")]
    AnythingButOther,
    #[error("Inside anything but list, start|null|boolean is not supported.")]
    AnythingButListOfOther,
    #[error("Inside anything but list, either all values are number or string, mixed type is not supported")]
    AnythingButMixed,
    #[error("Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.")]
    AnythingButIgnoreCaseOther,
    #[error("Null prefix/suffix not allowed")]
    EmptyAffix,
    #[error("Value of numeric must be an array.")]
    NumericNotArray,
    #[error("Invalid member in numeric match: {0}")]
    NumericMember(String),
    #[error("Unrecognized numeric range operator: {0}")]
    NumericOperator(String),
    #[error("Bad value in numeric range: {0}")]
    NumericRangeValue(String),
    #[error("Bad numeric range operator: {0}")]
    NumericRangeOperator(String),
    #[error("Value of {0} must be numeric")]
    NotNumeric(String),
    #[error("Too many elements in numeric expression")]
    TooManyElements,
    #[error("Too many terms in numeric range expression")]
    TooManyTerms,
    #[error("Bottom must be less than top")]
    EmptyRange,
    #[error("Malformed CIDR, one '/' required")]
    CidrWithoutSlash,
    #[error("Malformed CIDR, mask bits must be an integer")]
    MaskNotInteger,
    #[error("Malformed CIDR, mask bits must not be negative")]
    MaskNegative,
    #[error("{kind} mask bits must be < {all}")]
    MaskTooLong { kind: &'static str, all: u8 },
    #[error("Nonstandard IP address: {0}")]
    NoAddress(String),
    #[error(transparent)]
    Wildcard(#[from] WildcardError),
}
