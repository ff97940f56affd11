//! The tables of `model/`: which REST request is which operation, and where each member travels.
//!
//! They are written from AWS's own models (as botocore ships them) by `tests/clients/tables.py`, which also says how a
//! line reads. Only what a codec cannot see from the value itself is in them: members in the path, in the query or in
//! headers, names that differ on the wire, list names in XML, and times in another form than the format's usual one.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::call::Service;

/// How a request matches a path, and what its members are.
#[derive(Debug)]
pub struct Model {
    /// All operations that have a path.
    pub ops: Vec<Op>,
    structures: HashMap<&'static str, Vec<Member>>,
}

/// One operation of a REST service.
#[derive(Debug)]
pub struct Op {
    /// Its name in the model.
    pub name: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// The path, split at `/`.
    pub path: Vec<Segment>,
    /// What else the request must have for it to be this operation.
    pub needs: Vec<Need>,
    /// The status of a success.
    pub status: u16,
    /// The input's structure, where one is known.
    pub input: Option<&'static str>,
    /// The output's structure, where one is known.
    pub output: Option<&'static str>,
}

/// A part of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment {
    /// This text.
    Text(&'static str),
    /// A member, by its wire name.
    Param(&'static str),
    /// A member that takes all the rest, slashes included (an S3 key).
    Rest(&'static str),
}

/// What shows operations on one path apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A key in the query, with this value if one is given.
    Query(&'static str, Option<&'static str>),
    /// A header.
    Header(&'static str),
}

/// A member that travels in its own way.
#[derive(Debug)]
pub struct Member {
    /// Its name in the model.
    pub name: &'static str,
    /// Its name on the wire.
    pub wire: &'static str,
    /// Where it travels.
    pub place: Place,
    /// What it is, as far as a codec must know.
    pub kind: Kind,
}

/// Where a member travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the body, as a child.
    Child,
    /// It is the body.
    Body,
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// In all headers that begin with the wire name.
    Prefix,
    /// It is the status.
    Status,
}

/// What a member is, where the value alone does not say it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// As the value says.
    #[default]
    Plain,
    /// A time as ISO 8601 text.
    Iso,
    /// A time as seconds.
    Epoch,
    /// A time as an HTTP date.
    HttpDate,
    /// A structure of the table.
    Structure(&'static str),
    /// A list; in XML each element bears this name inside the list's own element.
    List(&'static str, Box<Kind>),
    /// A list in XML whose elements bear the list's own name, without one around them.
    Flat(Box<Kind>),
    /// A map; its keys are never renamed.
    Map(Box<Kind>),
}

impl Model {
    /// The table of a service that is spoken to in REST; `None` for the others.
    #[must_use]
    pub fn of(service: Service) -> Option<&'static Model> {
        macro_rules! table {
            ($file:literal) => {{
                static MODEL: OnceLock<Model> = OnceLock::new();
                Some(MODEL.get_or_init(|| Model::parse(include_str!($file))))
            }};
        }
        match service {
            Service::Lambda => table!("model/lambda.txt"),
            Service::Scheduler => table!("model/scheduler.txt"),
            Service::Pipes => table!("model/pipes.txt"),
            Service::ApiGateway => table!("model/apigateway.txt"),
            Service::ApiGatewayV2 => table!("model/apigatewayv2.txt"),
            Service::S3 => table!("model/s3.txt"),
            _ => None,
        }
    }

    /// The members of a structure that travel in their own way; none for a structure that the table lacks.
    #[must_use]
    pub fn members(&self, structure: Option<&str>) -> &[Member] {
        structure
            .and_then(|name| self.structures.get(name))
            .map_or(&[], Vec::as_slice)
    }

    /// The operation of that name.
    #[must_use]
    pub fn op(&self, name: &str) -> Option<&Op> {
        self.ops.iter().find(|op| op.name == name)
    }

    fn parse(text: &'static str) -> Self {
        let mut model = Self {
            ops: Vec::new(),
            structures: HashMap::new(),
        };
        for line in text.lines() {
            let mut words = line.split(' ');
            match words.next() {
                Some("op") => model.ops.extend(Op::parse(&mut words)),
                Some("st") => {
                    if let Some(name) = words.next() {
                        model.structures.insert(name, words.map(Member::parse).collect());
                    }
                }
                _ => {}
            }
        }
        model
    }
}

impl Op {
    fn parse(words: &mut dyn Iterator<Item = &'static str>) -> Option<Self> {
        let (name, method, target) = (words.next()?, words.next()?, words.next()?);
        let status = words.next()?.parse().ok()?;
        let mut shape = || words.next().filter(|word| *word != "-");
        let (input, output) = (shape(), shape());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Some(Self {
            name,
            method,
            path: path
                .split('/')
                .filter(|part| !part.is_empty())
                .map(Segment::parse)
                .collect(),
            needs: query
                .split('&')
                .filter(|part| !part.is_empty())
                .map(Need::parse)
                .collect(),
            status,
            input,
            output,
        })
    }
}

impl Segment {
    fn parse(part: &'static str) -> Self {
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            None => Self::Text(part),
            Some(name) => name.strip_suffix('+').map_or(Self::Param(name), Self::Rest),
        }
    }
}

impl Need {
    fn parse(part: &'static str) -> Self {
        if let Some(header) = part.strip_prefix('!') {
            return Self::Header(header);
        }
        part.split_once('=')
            .map_or(Self::Query(part, None), |(key, value)| Self::Query(key, Some(value)))
    }
}

impl Member {
    fn parse(word: &'static str) -> Self {
        let (head, kind) = word
            .split_once(':')
            .filter(|(head, _)| !head.ends_with("xsi"))
            .unwrap_or((word, ""));
        let (head, place) = head.split_once('!').unwrap_or((head, ""));
        let (name, wire) = head.split_once('@').unwrap_or((head, head));
        let place = match place {
            "u" => Place::Path,
            "q" => Place::Query,
            "h" => Place::Header,
            "p" => Place::Prefix,
            "s" => Place::Status,
            "b" => Place::Body,
            _ => Place::Child,
        };
        Self {
            name,
            wire,
            place,
            kind: Kind::parse(kind),
        }
    }
}

impl Kind {
    fn parse(text: &'static str) -> Self {
        let inner = |prefix: &str| text.strip_prefix(prefix).and_then(|rest| rest.strip_suffix('>'));
        if let Some(name) = text.strip_prefix('$') {
            Self::Structure(name)
        } else if let Some(rest) = inner("F<") {
            Self::Flat(Box::new(Self::parse(rest)))
        } else if let Some(rest) = inner("M<") {
            Self::Map(Box::new(Self::parse(rest)))
        } else if let Some((name, rest)) = inner("L<").and_then(|rest| rest.split_once(',')) {
            Self::List(name, Box::new(Self::parse(rest)))
        } else {
            match text {
                "i" => Self::Iso,
                "e" => Self::Epoch,
                "h" => Self::HttpDate,
                _ => Self::Plain,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_reads() {
        for (service, ops) in [
            (Service::Lambda, 80),
            (Service::Scheduler, 12),
            (Service::Pipes, 10),
            (Service::ApiGateway, 100),
            (Service::ApiGatewayV2, 70),
            (Service::S3, 90),
        ] {
            let model = Model::of(service).expect("a REST service");
            assert!(model.ops.len() >= ops, "{service:?} has {}", model.ops.len());
        }
        assert!(Model::of(Service::Sqs).is_none());
    }

    #[test]
    fn a_member_reads_back_as_it_was_written() {
        let model = Model::of(Service::S3).expect("a REST service");
        let put = model.op("UploadPart").expect("an operation");
        assert_eq!(put.path, [Segment::Param("Bucket"), Segment::Rest("Key")]);
        assert_eq!(
            put.needs,
            [Need::Query("partNumber", None), Need::Query("uploadId", None)]
        );
        let conf = model.members(Some("NotificationConfiguration"));
        let lambda = conf
            .iter()
            .find(|m| m.name == "LambdaFunctionConfigurations")
            .expect("a member");
        assert_eq!(lambda.wire, "CloudFunctionConfiguration");
        assert_eq!(
            lambda.kind,
            Kind::Flat(Box::new(Kind::Structure("LambdaFunctionConfiguration")))
        );
    }
}
