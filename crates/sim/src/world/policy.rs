//! Resource policies of functions, queues and topics: whether one lets a service's resource in.
//!
//! AWS (permissions): an `Allow` statement must fit whose principal, action, resource and conditions all hold, and no `Deny` may. A
//! service that acts for itself has no account of its own and belongs to no organisation: `aws:PrincipalOrgID` and
//! `aws:PrincipalArn` are absent then, and what is absent fits no condition.

use serde_json::Value as Json;

use super::World;
use super::message::Letter;
use super::topic::Publication;
use crate::behaviour::glob_matches;
use crate::call::Fault;

/// The keys that AWS keeps for each account's queues and topics. Their policies let no service in [M].
const OWN_KEYS: [&str; 2] = ["alias/aws/sqs", "alias/aws/sns"];
const CLOUDWATCH: &str = "cloudwatch.amazonaws.com";

/// A service that acts for one of its resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Such as `sns.amazonaws.com`.
    pub service: &'static str,
    /// The ARN of the topic, rule, bucket or alarm: `aws:SourceArn`.
    pub source: String,
}

impl Sender {
    /// A service, for a resource of it.
    pub(crate) fn new(service: &'static str, source: impl Into<String>) -> Self {
        Self {
            service,
            source: source.into(),
        }
    }
}

/// What is asked of a policy.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Such as `sns.amazonaws.com`.
    pub service: &'a str,
    /// The ARN of the resource for which the service acts.
    pub source: &'a str,
    /// The account that owns it.
    pub account: &'a str,
    /// Such as `sqs:SendMessage`.
    pub action: &'a str,
    /// The ARN of what is asked for; empty where the statements are its own.
    pub resource: &'a str,
}

impl Question<'_> {
    /// Whether these statements let it through.
    pub fn is_let_through<'s>(&self, statements: impl IntoIterator<Item = &'s Json>) -> bool {
        let mut allowed = false;
        for statement in statements.into_iter().filter(|statement| self.fits(statement)) {
            if statement["Effect"] == "Deny" {
                return false;
            }
            allowed |= statement["Effect"] == "Allow";
        }
        allowed
    }

    fn fits(&self, statement: &Json) -> bool {
        let whom = match (&statement["Principal"], &statement["NotPrincipal"]) {
            (Json::Null, Json::Null) => true,
            (Json::Null, not) => !self.is_named_by(not),
            (principal, _) => self.is_named_by(principal),
        };
        let what = match (&statement["Action"], &statement["NotAction"]) {
            (Json::Null, Json::Null) => true,
            (Json::Null, not) => !any(not, &|glob| self.does(glob)),
            (action, _) => any(action, &|glob| self.does(glob)),
        };
        let there = match (&statement["Resource"], &statement["NotResource"]) {
            _ if self.resource.is_empty() => true,
            (Json::Null, Json::Null) => true,
            (Json::Null, not) => !any(not, &|glob| glob_matches(glob, self.resource)),
            (resource, _) => any(resource, &|glob| glob_matches(glob, self.resource)),
        };
        whom && what && there && self.holds(&statement["Condition"])
    }

    fn is_named_by(&self, principal: &Json) -> bool {
        let is = |name: &str| name == "*" || name == self.service;
        match principal {
            Json::Object(kinds) => kinds.values().any(|names| any(names, &is)),
            names => any(names, &is),
        }
    }

    fn does(&self, glob: &str) -> bool {
        glob_matches(&glob.to_lowercase(), &self.action.to_lowercase())
    }

    fn holds(&self, condition: &Json) -> bool {
        let operators = condition.as_object().into_iter().flatten();
        operators
            .filter_map(|(operator, keys)| Some((operator, keys.as_object()?)))
            .flat_map(|(operator, keys)| keys.iter().map(move |(key, wanted)| (operator, key, wanted)))
            .all(|(operator, key, wanted)| self.condition_holds(&operator.to_lowercase(), key, wanted))
    }

    /// What the request says under a condition's key. `None`: it says nothing.
    fn said(&self, key: &str) -> Option<&str> {
        match key.to_lowercase().as_str() {
            "aws:sourcearn" => Some(self.source),
            "aws:sourceaccount" => Some(self.account),
            // AWS's older key, which only alarms bring: they act for the account.
            "aws:sourceowner" if self.service == CLOUDWATCH => Some(self.account),
            "aws:securetransport" | "aws:principalisawsservice" => Some("true"),
            "aws:principalservicename" => Some(self.service),
            _ => None,
        }
    }

    fn condition_holds(&self, operator: &str, key: &str, wanted: &Json) -> bool {
        let (operator, if_exists) = match operator.strip_suffix("ifexists") {
            Some(operator) => (operator, true),
            None => (operator, false),
        };
        let for_all = operator.starts_with("forallvalues:");
        let operator = operator
            .trim_start_matches("foranyvalue:")
            .trim_start_matches("forallvalues:");
        let said = self.said(key);
        if operator == "null" {
            return any(wanted, &|wanted| wanted.eq_ignore_ascii_case("true") == said.is_none());
        }
        let Some(said) = said else {
            // AWS (permissions): what is to hold for all values holds where there is none.
            return if_exists || for_all || operator.contains("not");
        };
        let alike = |wanted: &str| Self::alike(operator, &self.filled(wanted), said);
        any(wanted, &alike) != operator.contains("not")
    }

    /// A wanted value with what its policy variables stand for (`${aws:SourceAccount}`).
    fn filled(&self, wanted: &str) -> String {
        let mut text = wanted.to_owned();
        for key in ["aws:SourceAccount", "aws:SourceArn", "aws:PrincipalServiceName"] {
            if let Some(said) = self.said(key) {
                text = text.replace(&format!("${{{key}}}"), said);
            }
        }
        text
    }

    fn alike(operator: &str, wanted: &str, said: &str) -> bool {
        match operator {
            "stringequals" | "stringnotequals" => wanted == said,
            "stringequalsignorecase" | "stringnotequalsignorecase" | "bool" => wanted.eq_ignore_ascii_case(said),
            _ => glob_matches(wanted, said),
        }
    }
}

/// Whether it holds for a text or for one of a list.
fn any(texts: &Json, holds: &dyn Fn(&str) -> bool) -> bool {
    match texts {
        Json::Array(list) => list.iter().any(|one| any(one, holds)),
        Json::String(text) => holds(text),
        Json::Bool(yes) => holds(if *yes { "true" } else { "false" }),
        Json::Number(number) => holds(&number.to_string()),
        _ => false,
    }
}

/// What is encrypted with a key of AWS's own lets no service in, whatever its policy says.
fn refuse_own_key(sender: &Sender, key: Option<&String>) -> Result<(), Fault> {
    match key.filter(|key| OWN_KEYS.iter().any(|own| key.ends_with(own))) {
        None => Ok(()),
        Some(key) => {
            let why = format!(
                "{} is not authorized to perform: kms:GenerateDataKey on the key {key}",
                sender.service
            );
            Err(Fault::new(403, "AccessDenied", why))
        }
    }
}

/// The statements of a policy's text.
pub(crate) fn statements(policy: &str) -> Vec<Json> {
    let policy: Json = serde_json::from_str(policy).unwrap_or_default();
    match &policy["Statement"] {
        Json::Array(list) => list.clone(),
        Json::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

fn denied(sender: &Sender, action: &str, resource: &str) -> Fault {
    let why = format!(
        "User: {} is not authorized to perform: {action} on resource: {resource} because no resource-based policy \
         allows the {action} action",
        sender.service
    );
    Fault::new(403, "AccessDenied", why)
}

impl World {
    /// Whether a queue lets a service send to it. AWS (permissions): its policy must, and its key's: that of `alias/aws/sqs` does not.
    pub(crate) fn queue_admits(&self, name: &str, sender: &Sender) -> Result<(), Fault> {
        const ACTION: &str = "sqs:SendMessage";
        let queue = self.messaging.queues.get(name).ok_or_else(Self::no_queue)?;
        let resource = self.queue_arn(name);
        let question = Question {
            service: sender.service,
            source: &sender.source,
            account: &self.account,
            action: ACTION,
            resource: &resource,
        };
        let policy = queue.echoed.get("Policy").map(|text| statements(text));
        refuse_own_key(sender, queue.echoed.get("KmsMasterKeyId"))?;
        if question.is_let_through(policy.iter().flatten()) {
            Ok(())
        } else {
            Err(denied(sender, ACTION, &resource))
        }
    }

    /// Sends a message for a service, if the queue lets it.
    pub(super) fn send_for(&mut self, sender: &Sender, name: &str, letter: Letter) -> Result<(), Fault> {
        self.queue_admits(name, sender)?;
        self.send_message(name, letter).map(|_| ())
    }

    /// Whether a topic lets a service publish to it. AWS (permissions): a topic's own policy lets the account's users in, no service but
    /// CloudWatch, whose alarms act for the account.
    pub(crate) fn topic_admits(&self, name: &str, sender: &Sender) -> Result<(), Fault> {
        const ACTION: &str = "sns:Publish";
        let topic = self
            .messaging
            .topics
            .get(name)
            .ok_or_else(|| Fault::new(404, "NotFoundException", "Topic does not exist"))?;
        let resource = self.arn("sns", name);
        let question = Question {
            service: sender.service,
            source: &sender.source,
            account: &self.account,
            action: ACTION,
            resource: &resource,
        };
        refuse_own_key(sender, topic.echoed.get("KmsMasterKeyId"))?;
        let policy = topic.echoed.get("Policy").cloned();
        let policy = policy.unwrap_or_else(|| self.default_topic_policy(name));
        if question.is_let_through(&statements(&policy)) {
            Ok(())
        } else {
            Err(denied(sender, "SNS:Publish", &resource))
        }
    }

    /// The policy that a topic has until it is given another.
    pub(crate) fn default_topic_policy(&self, name: &str) -> String {
        serde_json::json!({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [{
            "Sid": "__default_statement_ID", "Effect": "Allow", "Principal": {"AWS": "*"},
            "Action": ["SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission", "SNS:RemovePermission",
                "SNS:DeleteTopic", "SNS:Subscribe", "SNS:ListSubscriptionsByTopic", "SNS:Publish"],
            "Resource": self.arn("sns", name),
            "Condition": {"StringEquals": {"AWS:SourceOwner": self.account}}}]})
        .to_string()
    }

    /// Publishes a message for a service, if the topic lets it.
    pub(super) fn publish_for(&mut self, sender: &Sender, name: &str, publication: Publication) -> Result<(), Fault> {
        self.topic_admits(name, sender)?;
        self.publish(name, publication).map(|_| ())
    }

    /// Lets a service's resource send to a queue, as the console does when it wires the two.
    pub(crate) fn permit_queue(&mut self, name: &str, service: &str, source: &str) {
        let resource = self.queue_arn(name);
        if let Some(queue) = self.messaging.queues.get_mut(name) {
            let policy = queue.echoed.entry("Policy".to_owned()).or_default();
            *policy = with_statement(policy, "sqs:SendMessage", service, source, &resource);
        }
    }

    /// Lets a service's resource publish to a topic.
    pub(crate) fn permit_topic(&mut self, name: &str, service: &str, source: &str) {
        let (resource, own) = (self.arn("sns", name), self.default_topic_policy(name));
        if let Some(topic) = self.messaging.topics.get_mut(name) {
            let policy = topic.echoed.entry("Policy".to_owned()).or_insert(own);
            *policy = with_statement(policy, "sns:Publish", service, source, &resource);
        }
    }

    /// Takes away what a queue lets a service do. False: there is no such queue.
    pub(crate) fn deny_on_queue(&mut self, name: &str, service: &str) -> bool {
        let queue = self.messaging.queues.get_mut(name);
        queue.is_some_and(|queue| without_principal(&mut queue.echoed, service))
    }

    /// Takes away what a topic lets a service do. False: there is no such topic.
    pub(crate) fn deny_on_topic(&mut self, name: &str, service: &str) -> bool {
        let topic = self.messaging.topics.get_mut(name);
        topic.is_some_and(|topic| without_principal(&mut topic.echoed, service))
    }
}

/// A policy with one statement more.
fn with_statement(policy: &str, action: &str, service: &str, source: &str, resource: &str) -> String {
    let mut all = statements(policy);
    let made = serde_json::json!({"Sid": format!("{}-{}", service.split('.').next().unwrap_or(service), all.len() + 1),
        "Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource,
        "Condition": {"ArnEquals": {"aws:SourceArn": source}}});
    let same =
        |statement: &Json| statement["Principal"] == made["Principal"] && statement["Condition"] == made["Condition"];
    if !all.iter().any(same) {
        all.push(made);
    }
    serde_json::json!({"Version": "2012-10-17", "Statement": all}).to_string()
}

/// Drops the statements of a service from a policy that is kept as text.
fn without_principal(attributes: &mut std::collections::BTreeMap<String, String>, service: &str) -> bool {
    if let Some(policy) = attributes.remove("Policy") {
        let mut left = statements(&policy);
        left.retain(|s| !matches!(&s["Principal"]["Service"], Json::String(p) if p.starts_with(service)));
        if !left.is_empty() {
            let policy = serde_json::json!({"Version": "2012-10-17", "Statement": left});
            attributes.insert("Policy".to_owned(), policy.to_string());
        }
    }
    true
}

/// Who is reported as the sender of what a rule delivers.
impl super::bus::Origin {
    pub(super) fn sender(&self, world: &World) -> Sender {
        match self {
            Self::Rule(bus, rule) => Sender::new("events.amazonaws.com", world.rule_arn(bus, rule)),
            Self::Schedule(group, name, _) => Sender::new("scheduler.amazonaws.com", world.schedule_arn(group, name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked() -> Question<'static> {
        Question {
            service: "sns.amazonaws.com",
            source: "arn:aws:sns:us-east-1:1:t",
            account: "1",
            action: "sqs:SendMessage",
            resource: "arn:aws:sqs:us-east-1:1:q",
        }
    }

    fn base() -> Json {
        json!({"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
            "Resource": "arn:aws:sqs:us-east-1:1:q"})
    }

    #[test]
    fn a_statement_must_fit_in_all_its_parts() {
        for (member, value, expected) in [
            ("Principal", json!("*"), true),
            ("Principal", json!({"AWS": "*"}), true),
            (
                "Principal",
                json!({"Service": ["s3.amazonaws.com", "sns.amazonaws.com"]}),
                true,
            ),
            ("Principal", json!({"Service": "s3.amazonaws.com"}), false),
            ("Principal", json!({"AWS": "1"}), false),
            ("Action", json!("SQS:*"), true),
            ("Action", json!(["sqs:ReceiveMessage", "sqs:Send*"]), true),
            ("Action", json!("sqs:ReceiveMessage"), false),
            ("Resource", json!("*"), true),
            ("Resource", json!("arn:aws:sqs:us-east-1:1:other"), false),
            ("Effect", json!("Deny"), false),
            (
                "Condition",
                json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:1:*"}}),
                true,
            ),
            (
                "Condition",
                json!({"ArnEquals": {"AWS:SourceArn": ["arn:x", "arn:aws:sns:us-east-1:1:t"]}}),
                true,
            ),
            (
                "Condition",
                json!({"StringEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:1:*"}}),
                false,
            ),
            ("Condition", json!({"StringEquals": {"aws:SourceAccount": "1"}}), true),
            ("Condition", json!({"StringEquals": {"aws:SourceAccount": 2}}), false),
            (
                "Condition",
                json!({"StringNotEquals": {"aws:SourceAccount": "1"}}),
                false,
            ),
            (
                "Condition",
                json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
                false,
            ),
            (
                "Condition",
                json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}),
                true,
            ),
            ("Condition", json!({"Bool": {"aws:SecureTransport": "true"}}), true),
            (
                "Condition",
                json!({"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": ["o-1/r-1/"]}}),
                true,
            ),
            (
                "Condition",
                json!({"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": ["o-1/r-1/"]}}),
                false,
            ),
            (
                "Condition",
                json!({"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:${aws:SourceAccount}:t"}}),
                true,
            ),
            ("Condition", json!({"Null": {"aws:SourceArn": "false"}}), true),
        ] {
            let mut statement = base();
            statement[member] = value;
            assert_eq!(asked().is_let_through([&statement]), expected, "{statement}");
        }
    }

    #[test]
    fn a_denial_outweighs_what_is_allowed() {
        let mut denial = base();
        denial["Effect"] = "Deny".into();
        denial["Principal"] = json!("*");
        assert!(!asked().is_let_through([&base(), &denial]));
        denial["Condition"] = json!({"Bool": {"aws:SecureTransport": "false"}});
        assert!(asked().is_let_through([&base(), &denial]));
        let mut others = base();
        others["Effect"] = "Deny".into();
        others.as_object_mut().expect("a statement").remove("Principal");
        others["NotPrincipal"] = json!({"Service": "sns.amazonaws.com"});
        assert!(asked().is_let_through([&base(), &others]));
    }
}
