//! What can go wrong with a call, in the product's own words.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::Api;
use super::session::refused_by_proxy;
use crate::domain::phrase::Phrase;
use crate::domain::{Endless, NoAnswer, Unknown};

pitagora_core::phrases! {
    /// Why a call brought nothing.
    pub enum Error in "aws" {
        /// The permission is missing.
        Denied { action: &'static str },
        /// Too many calls, also after waiting and retrying.
        Throttled { action: &'static str },
        /// The credentials are no longer, or not at all, accepted; with AWS's code.
        Expired { code: String },
        /// What was asked about does not exist.
        NotFound,
        /// No answer, or no connection. `slow` if the whole timeout was waited for: another attempt takes as long again.
        Unreachable { action: &'static str, why: String, slow: bool },
        /// The service failed, also after retries; with its code, or its HTTP status. `transient` if another attempt may
        /// succeed.
        Failed { action: &'static str, code: String, transient: bool },
        /// An answer came that cannot be read.
        Unreadable { action: &'static str },
        /// A success with an empty body.
        Empty { action: &'static str },
        /// A list that does not end.
        Endless { action: &'static str, how: Endless },
    }
}
crate::words::spoken!(Error);

impl From<Error> for NoAnswer {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

impl Error {
    /// As an entry of the list of what is not known.
    #[must_use]
    pub fn unknown(&self, what: impl Into<Phrase>) -> Unknown {
        Unknown {
            what: what.into(),
            why: self.clone().into(),
        }
    }

    /// Whether the same call may succeed a moment later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Throttled { .. } | Self::Unreachable { .. } | Self::Failed { transient: true, .. }
        )
    }

    /// Takes an SDK error apart.
    pub(super) fn from_sdk<E>(api: &Api, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let action = api.action;
        match error {
            SdkError::TimeoutError(_) => Self::Unreachable {
                action,
                why: "it took too long".into(),
                slow: true,
            },
            SdkError::DispatchFailure(failure) => {
                let cause = root_cause(failure.as_connector_error().map_or(error, |inner| inner));
                if failure
                    .as_connector_error()
                    .is_some_and(|e| !e.is_timeout() && !e.is_io())
                    && is_credentials(error)
                {
                    return Self::Expired { code: cause };
                }
                Self::Unreachable {
                    action,
                    why: cause,
                    slow: failure.is_timeout(),
                }
            }
            SdkError::ConstructionFailure(_) if is_credentials(error) => Self::Expired {
                code: root_cause(error),
            },
            SdkError::ServiceError(service) if is_empty_success(service.raw()) => Self::Empty { action },
            SdkError::ResponseError(response) if is_empty_success(response.raw()) => Self::Empty { action },
            SdkError::ServiceError(service) => {
                let code = service.err().code().unwrap_or_default();
                Self::from_code(action, code, service.raw().status().as_u16())
            }
            SdkError::ResponseError(response) => {
                let status = response.raw().status().as_u16();
                if status >= 400 {
                    Self::from_code(action, "", status)
                } else {
                    Self::Unreadable { action }
                }
            }
            _ => Self::Failed {
                action,
                code: root_cause(error),
                transient: false,
            },
        }
    }

    fn from_code(action: &'static str, code: &str, status: u16) -> Self {
        // Query services prefix codes, JSON ones name the shape: `com.amazon…#Code`, `AWS.SimpleQueueService.Code`.
        let short = code.rsplit(['#', '.']).next().unwrap_or(code);
        let short = short.split(':').next().unwrap_or(short);
        match short {
            "AccessDenied"
            | "AccessDeniedException"
            | "AuthorizationError"
            | "AuthorizationErrorException"
            | "UnauthorizedOperation"
            | "NotAuthorized"
            | "NotAuthorizedException"
            | "KMSAccessDeniedException"
            | "AllAccessDisabled" => Self::Denied { action },
            "ExpiredToken"
            | "ExpiredTokenException"
            | "RequestExpired"
            | "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "InvalidAccessKeyId"
            | "InvalidToken"
            | "TokenRefreshRequired"
            | "SignatureDoesNotMatch"
            | "InvalidSignatureException"
            | "AuthFailure"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
            | "IncompleteSignature" => Self::Expired { code: short.to_owned() },
            "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "TooManyRequestsException"
            | "RequestLimitExceeded"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "SlowDown"
            | "BandwidthLimitExceeded"
            | "PriorRequestNotComplete"
            | "LimitExceededException"
            | "ProvisionedThroughputExceededException"
            | "Throttled" => Self::Throttled { action },
            "ResourceNotFoundException"
            | "NoSuchBucket"
            | "NonExistentQueue"
            | "QueueDoesNotExist"
            | "NotFound"
            | "NotFoundException"
            | "ResourceNotFound" => Self::NotFound,
            _ if status == 429 => Self::Throttled { action },
            _ if status == 403 || status == 401 => Self::Denied { action },
            // A success that the SDK cannot read, or a path that the endpoint does not know.
            _ if status < 400 || (status == 404 && short.is_empty()) => Self::Unreadable { action },
            _ => Self::Failed {
                action,
                code: if short.is_empty() {
                    format!("HTTP {status}")
                } else {
                    format!("{short} (HTTP {status})")
                },
                transient: status >= 500,
            },
        }
    }
}

/// The innermost cause, which says most in fewest words.
pub(super) fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    if let Some(refused) = refused_by_proxy(error) {
        return refused;
    }
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

fn is_empty_success(response: &HttpResponse) -> bool {
    response.status().is_success() && response.body().bytes().is_some_and(is_childless)
}

/// Nothing at all, or a document of one empty element: nothing was said that could be misread.
fn is_childless(body: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(body) else {
        return false;
    };
    let text = text.trim();
    let root = text
        .split_once("?>")
        .filter(|_| text.starts_with("<?xml"))
        .map_or(text, |(_, rest)| rest.trim());
    root.is_empty() || (root.starts_with('<') && root.ends_with("/>") && root.matches('<').count() == 1)
}

fn is_credentials(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let text = error.to_string();
        if text.contains("credential") || text.contains("identity") {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_services_own_word_for_denied_names_the_action() {
        for code in [
            "AccessDenied",
            "AccessDeniedException",
            "AuthorizationError",
            "com.amazonaws.x#AccessDeniedException",
        ] {
            let error = Error::from_code("sns:ListTopics", code, 403);
            assert_eq!(error.to_string(), "access denied: allow sns:ListTopics", "{code}");
        }
        assert_eq!(Error::from_code("x:Y", "", 403), Error::Denied { action: "x:Y" });
    }

    #[test]
    fn an_empty_document_says_nothing() {
        for body in ["", " \n", "<?xml version=\"1.0\"?>\n<AnyResponse xmlns=\"x\"/>"] {
            assert!(is_childless(body.as_bytes()), "{body}");
        }
        for body in ["<A><B/></A>", "{}", "<A", "\u{0}"] {
            assert!(!is_childless(body.as_bytes()), "{body}");
        }
    }

    #[test]
    fn a_bare_status_is_enough() {
        assert!(Error::from_code("x:Y", "", 500).is_transient());
        assert!(Error::from_code("x:Y", "", 429).is_transient());
        assert_eq!(
            Error::from_code("x:Y", "AWS.SimpleQueueService.NonExistentQueue", 400),
            Error::NotFound
        );
        assert!(!Error::from_code("x:Y", "ValidationException", 400).is_transient());
    }
}
