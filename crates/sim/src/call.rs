//! What crosses between the wire and the services: a call in, a reply out, the same for every format.

use std::fmt;

use bytes::Bytes;

use super::value::{Map, Value};

/// The services of the simulated account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the service of its name")]
pub enum Service {
    Lambda,
    Sqs,
    Sns,
    S3,
    Events,
    Logs,
    CloudWatch,
    DynamoDb,
    DynamoDbStreams,
    Kinesis,
    Sts,
    Iam,
    Scheduler,
    Pipes,
    ApiGateway,
    ApiGatewayV2,
    Tagging,
    States,
    Cognito,
    Secrets,
    Balancers,
}

impl Service {
    /// All of them.
    pub const ALL: [Service; 21] = [
        Service::Lambda,
        Service::Sqs,
        Service::Sns,
        Service::S3,
        Service::Events,
        Service::Logs,
        Service::CloudWatch,
        Service::DynamoDb,
        Service::DynamoDbStreams,
        Service::Kinesis,
        Service::Sts,
        Service::Iam,
        Service::Scheduler,
        Service::Pipes,
        Service::ApiGateway,
        Service::ApiGatewayV2,
        Service::Tagging,
        Service::States,
        Service::Cognito,
        Service::Secrets,
        Service::Balancers,
    ];

    /// The service's name in IAM actions (`sqs:SendMessage`) and in faults given as text.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Service::Lambda => "lambda",
            Service::Sqs => "sqs",
            Service::Sns => "sns",
            Service::S3 => "s3",
            Service::Events => "events",
            Service::Logs => "logs",
            Service::CloudWatch => "cloudwatch",
            Service::DynamoDb => "dynamodb",
            Service::DynamoDbStreams => "streams.dynamodb",
            Service::Kinesis => "kinesis",
            Service::Sts => "sts",
            Service::Iam => "iam",
            Service::Scheduler => "scheduler",
            Service::Pipes => "pipes",
            Service::ApiGateway => "apigateway",
            Service::ApiGatewayV2 => "apigatewayv2",
            Service::Tagging => "tag",
            Service::States => "states",
            Service::Cognito => "cognito-idp",
            Service::Secrets => "secretsmanager",
            Service::Balancers => "elasticloadbalancing",
        }
    }
}

/// One request, whatever format it came in.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The service asked.
    pub service: Service,
    /// The operation, by its name in AWS's model: `ReceiveMessage`, also `PutObject`. Not checked to exist.
    pub op: String,
    /// From the request's credential scope; the account's own region where it has none.
    pub region: String,
    /// The access key id, if the request was signed. Never a secret; not checked.
    pub access_key: Option<String>,
    /// The input, by the member names of AWS's model. Members that travel in the path, in the query or in headers are
    /// in it like any other. Always a map.
    pub input: Value,
    /// The raw body of the operations whose input is one: S3 `PutObject` and `UploadPart`, Lambda `Invoke`.
    pub payload: Option<Bytes>,
    /// User metadata and other headers of the request, names in lower case, `authorization` left out.
    pub headers: Vec<(String, String)>,
    /// Account time in milliseconds when the request came in. Stays the same when a waiting call is asked again, so
    /// that a long poll knows its end.
    pub received_ms: i64,
    /// A number of its own for each request (the request id is made from it). The same when it is asked again.
    pub serial: u64,
    /// Set when a stream goes on: what [`Reply::Stream`] gave last as `resume`.
    pub resume: Option<Value>,
}

impl Call {
    /// A call without headers, payload or signature: for tests, and for what a function does in the world.
    #[must_use]
    pub fn new(service: Service, op: &str, input: Value) -> Self {
        let input = if input.is_null() { Value::Map(Map::new()) } else { input };
        Self {
            service,
            op: op.to_owned(),
            region: "us-east-1".to_owned(),
            access_key: None,
            input,
            payload: None,
            headers: Vec::new(),
            received_ms: 0,
            serial: 0,
            resume: None,
        }
    }

    /// A member of the input; `Null` where it is missing.
    #[must_use]
    pub fn get(&self, name: &str) -> &Value {
        self.input.get(name)
    }

    /// Text of an input member.
    #[must_use]
    pub fn str(&self, name: &str) -> Option<&str> {
        self.get(name).str()
    }

    /// A whole number of an input member.
    #[must_use]
    pub fn int(&self, name: &str) -> Option<i64> {
        self.get(name).int()
    }

    /// A header of the request; the name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str())
    }
}

/// What a service answers when it did what was asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// By the member names of AWS's model. Members that travel in headers (S3 `ETag`, Lambda `FunctionError`) are in it
    /// like any other: the codec takes them out.
    pub output: Value,
    /// The raw body of the operations whose output is one: S3 `GetObject`, Lambda `Invoke`.
    pub payload: Option<Bytes>,
    /// More headers, such as `x-amz-meta-*`.
    pub headers: Vec<(String, String)>,
    /// Another status than the operation's usual one (Lambda `Invoke`: 200, 202 or 204).
    pub status: Option<u16>,
}

impl Answer {
    /// An answer with this output.
    #[must_use]
    pub fn of(output: Value) -> Self {
        Self {
            output,
            ..Self::default()
        }
    }

    /// An answer without output.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }
}

impl From<Value> for Answer {
    fn from(output: Value) -> Self {
        Self::of(output)
    }
}

/// An error, as the service itself would say it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The HTTP status.
    pub status: u16,
    /// The name of the error's shape in AWS's model (`QueueDoesNotExist`, `NotFoundException`, `NoSuchBucket`), or the
    /// bare code where the model has none (`AccessDenied`, `InvalidParameterValue`). A codec whose format calls it
    /// something else (`AWS.SimpleQueueService.NonExistentQueue`, `NotFound`) knows that name.
    pub code: String,
    /// What the service says about it.
    pub message: String,
    /// Whether the caller is to blame (`Sender`) or the service (`Receiver`).
    pub sender: bool,
    /// More members of the error, such as Lambda's `Type` or S3's `BucketName`.
    pub extra: Vec<(String, Value)>,
}

impl Fault {
    /// An error with a status: below 500 the sender is to blame.
    #[must_use]
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            sender: status < 500,
            extra: Vec::new(),
        }
    }

    /// The sender's error, with status 400.
    #[must_use]
    pub fn bad(code: &str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    /// With one more member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extra.push((name.to_owned(), value.into()));
        self
    }

    /// What this service says when it has no such operation. AWS (apis): `UnknownOperationException` from the JSON services,
    /// `InvalidAction` from the query services, `NotImplemented` (501) from S3, and for a path that no operation has
    /// `ResourceNotFoundException`-like answers, which here keep the code of the JSON services with status 404.
    #[must_use]
    pub fn unknown_operation(service: Service, op: &str) -> Self {
        match service {
            Service::S3 => Self::new(
                501,
                "NotImplemented",
                "A header you provided implies functionality that is not implemented.",
            ),
            Service::Sns | Service::Sts | Service::Iam => {
                Self::bad("InvalidAction", format!("Could not find operation {op}"))
            }
            Service::Lambda | Service::Scheduler | Service::Pipes | Service::ApiGateway | Service::ApiGatewayV2 => {
                Self::new(
                    404,
                    "UnknownOperationException",
                    format!("The operation {op} is not one of this account's"),
                )
            }
            _ => Self::bad(
                "UnknownOperationException",
                format!("The operation {op} is not one of this account's"),
            ),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.code, self.status, self.message)
    }
}

/// What a service says to a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// The answer, or the error.
    Done(Result<Answer, Fault>),
    /// Nothing yet: ask again with the same call when the account's clock reaches this moment, or when the world
    /// changed before it. A long poll gives its end (`received_ms` + wait), so that asking then ends it.
    Wait {
        /// Account time in milliseconds.
        until_ms: i64,
    },
    /// An event stream (`StartLiveTail`): these events now, more later. The world keeps nothing of it: all that it
    /// needs to go on comes back in [`Call::resume`].
    Stream {
        /// Event name (`sessionStart`, `sessionUpdate`) and its members.
        events: Vec<(String, Value)>,
        /// Comes back in the next call.
        resume: Value,
        /// When to ask again, account time in milliseconds; `None` ends the stream.
        next_ms: Option<i64>,
    },
}

impl From<Result<Answer, Fault>> for Reply {
    fn from(result: Result<Answer, Fault>) -> Self {
        Reply::Done(result)
    }
}

impl From<Fault> for Reply {
    fn from(fault: Fault) -> Self {
        Reply::Done(Err(fault))
    }
}
