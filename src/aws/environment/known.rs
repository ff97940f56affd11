//! The resources that a variable may name, by every text that names them.

use std::collections::HashMap;

use crate::domain::{Arn, NodeId, Scope, queue_url};

/// A resource that a variable may name.
#[derive(Clone, Debug)]
pub struct Known {
    /// The node.
    pub id: NodeId,
    /// Its short name.
    pub name: String,
    /// Its URL, for a queue.
    pub url: Option<String>,
}

/// Known resources, indexed by every text that names them.
#[derive(Debug)]
pub struct KnownIndex<'a> {
    scope: &'a Scope,
    by_text: HashMap<String, Vec<NodeId>>,
}

impl<'a> KnownIndex<'a> {
    /// An index of nothing yet; `scope` is the account and region that were listed.
    #[must_use]
    pub fn new(scope: &'a Scope) -> Self {
        Self {
            scope,
            by_text: HashMap::new(),
        }
    }

    /// Adds a resource.
    pub fn insert(&mut self, known: &Known) {
        let mut add = |text: String| {
            let ids = self.by_text.entry(text).or_default();
            if !ids.contains(&known.id) {
                ids.push(known.id.clone());
            }
        };
        add(known.id.as_str().to_owned());
        add(known.name.clone());
        if let Some(url) = &known.url {
            add(queue_path(url).unwrap_or(url).to_owned());
        }
    }

    /// The resources of this name. AWS (functions): a function may be named with its qualifier (`worker:live`), and with its account before it
    /// (`111122223333:function:worker`).
    pub(super) fn named(&self, text: &str) -> &[NodeId] {
        let function = || {
            let name = text.split_once(":function:").map_or(text, |(_, name)| name);
            name.split(':').next().unwrap_or(name)
        };
        let direct = self.by_text.get(text).or_else(|| self.by_text.get(function()));
        direct.map(Vec::as_slice).unwrap_or_default()
    }

    /// The resource that an ARN or URL names as nothing else could be.
    pub(super) fn exact(&self, text: &str) -> Option<NodeId> {
        if let Some(arn) = Arn::parse(text) {
            return self.of_arn(arn);
        }
        if let Some(path) = text.strip_prefix("s3://") {
            return self.one(path.split('/').next().unwrap_or(path), "s3");
        }
        let path = queue_path(text)?;
        self.one(path, "sqs").or_else(|| elsewhere(text, path, self.scope))
    }

    /// The resource that a role names, by its ARN, or by one that ends in `*` where that fits one resource.
    pub fn meant(&self, text: &str) -> Option<NodeId> {
        let Some(start) = text.strip_suffix('*') else {
            return self.exact(text);
        };
        let mut fitting = self.by_text.iter().filter(|(name, _)| name.starts_with(start));
        let (_, ids) = fitting.next().filter(|_| fitting.next().is_none())?;
        ids.first().cloned()
    }

    fn of_arn(&self, arn: Arn<'_>) -> Option<NodeId> {
        // An alias's ARN names its function; a table's ARN the node of its stream, which is known by the table's name.
        let (node, _) = arn.node();
        let is_table = arn.service == "dynamodb" && self.scope.holds(&arn);
        self.one(node.as_str(), arn.service)
            .or_else(|| self.one(arn.name(), "dynamodb").filter(|_| is_table))
            .or_else(|| self.is_unlisted(arn).then_some(node))
    }

    /// Whether an ARN names a target of events that is in no listing.
    fn is_unlisted(&self, arn: Arn<'_>) -> bool {
        let starts = |text: &str| arn.resource.strip_prefix(text).is_some_and(|name| !name.is_empty());
        let takes_events = match arn.service {
            "kinesis" => starts("stream/"),
            "firehose" => starts("deliverystream/"),
            "dynamodb" => starts("table/"),
            // Those of this account and region were listed.
            "s3" => !arn.resource.contains('/') && arn.account.is_empty(),
            "appsync" => starts("apis/"),
            "states" => starts("stateMachine:"),
            // In this account and region all of these were listed: one that was not does not exist.
            "lambda" => starts("function:") && !self.scope.holds(&arn),
            "events" => starts("event-bus/") && !self.scope.holds(&arn),
            "sqs" | "sns" => !self.scope.holds(&arn),
            _ => false,
        };
        takes_events && !arn.is_pattern()
    }

    /// The only resource of a service that a text names.
    fn one(&self, text: &str, service: &str) -> Option<NodeId> {
        let is_of = |id: &&NodeId| Arn::parse(id.as_str()).is_some_and(|arn| arn.service == service);
        let mut ids = self.by_text.get(text)?.iter().filter(is_of);
        ids.next().filter(|_| ids.next().is_none()).cloned()
    }
}

/// A queue of another account or region, by its URL. AWS (sqs): `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`.
fn elsewhere(url: &str, path: &str, scope: &Scope) -> Option<NodeId> {
    let host = url.split("://").nth(1)?.split('/').next()?;
    let region = queue_url::region(host)?;
    let (account, name) = path.strip_prefix('/')?.split_once('/')?;
    let is_here = account == scope.account && region == scope.region;
    (!is_here).then(|| NodeId::from(format!("arn:{}:sqs:{region}:{account}:{name}", scope.partition)))
}

/// `/account/name` of a queue's URL: hosts differ between endpoints, regions and old URLs.
fn queue_path(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let path = &rest[rest.find('/')?..];
    let mut parts = path[1..].rsplitn(3, '/');
    let (name, account) = (parts.next()?, parts.next()?);
    let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    (is_account && !name.is_empty()).then(|| &path[path.len() - name.len() - account.len() - 2..])
}
