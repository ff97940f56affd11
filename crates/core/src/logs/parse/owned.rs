//! What a line says with texts of its own, where the text that was read does not last.

use std::borrow::Cow;

use super::{Failure, InitReport, Parsed, Report, Said};

fn own<'b>(text: Cow<'_, str>) -> Cow<'b, str> {
    Cow::Owned(text.into_owned())
}

impl Failure<'_> {
    /// The same with texts of its own.
    #[must_use]
    pub fn into_owned<'b>(self) -> Failure<'b> {
        Failure {
            kind: self.kind.map(own),
            message: own(self.message),
        }
    }
}

impl Report<'_> {
    /// The same with texts of its own.
    #[must_use]
    pub fn into_owned<'b>(self) -> Report<'b> {
        Report {
            duration_us: self.duration_us,
            billed_ms: self.billed_ms,
            memory_mb: self.memory_mb,
            max_memory_mb: self.max_memory_mb,
            init_us: self.init_us,
            status: self.status,
            error_type: self.error_type.map(own),
            xray: self.xray.map(own),
            as_aws: self.as_aws,
        }
    }
}

impl Said<'_> {
    fn into_owned<'b>(self) -> Said<'b> {
        match self {
            Self::InitStart => Said::InitStart,
            Self::InitReport(report) => Said::InitReport(InitReport {
                init_us: report.init_us,
                in_run: report.in_run,
                status: report.status,
                error_type: report.error_type.map(own),
            }),
            Self::Start { version } => Said::Start {
                version: version.map(own),
            },
            Self::End { status, error_type } => Said::End {
                status,
                error_type: error_type.map(own),
            },
            Self::Report(report) => Said::Report(report.into_owned()),
            Self::Timeout { after_us } => Said::Timeout { after_us },
            Self::Crash(failure) => Said::Crash(failure.into_owned()),
            Self::OutOfMemory(failure) => Said::OutOfMemory(failure.into_owned()),
            Self::HeapFull(failure) => Said::HeapFull(failure.into_owned()),
            Self::Exception { failure, weight } => Said::Exception {
                failure: failure.into_owned(),
                weight,
            },
            Self::TracebackHead => Said::TracebackHead,
            Self::Trace { xray } => Said::Trace { xray: own(xray) },
            Self::Service => Said::Service,
            Self::Plain => Said::Plain,
        }
    }
}

impl Parsed<'_> {
    /// The same with texts of its own.
    #[must_use]
    pub fn into_owned<'b>(self) -> Parsed<'b> {
        Parsed {
            said: self.said.into_owned(),
            level: self.level,
            request_id: self.request_id.map(own),
            json: self.json,
        }
    }
}
