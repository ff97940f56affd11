//! IAM: what the roles of functions allow. AWS (roles): one listing tells all roles and the policies attached to them; whoever may not
//! read that may still read a role's own.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::pages::Pages;
use super::signed::{IAM, list, text};
use super::{Api, Error, Session, api};
use crate::domain::resource_policy::ResourcePolicy;
use crate::domain::{Arn, Boundary, RolePolicies};
use crate::permissions;

/// Attached policies by their ARNs; `None` where one could not be read.
pub type Managed = BTreeMap<String, Option<Arc<ResourcePolicy>>>;

/// A role of the listing, before the policies that are attached to it are known.
struct Listed {
    role: RolePolicies,
    attached: Vec<String>,
    boundary: Option<String>,
}

impl Session {
    /// All roles of the account, by their ARNs.
    pub async fn roles(&self) -> Result<BTreeMap<String, Arc<RolePolicies>>, Error> {
        let mut listed = Vec::new();
        let mut managed = Managed::new();
        let mut pages = Pages::of(&api::GET_ROLES);
        while pages.more() {
            let mut parameters = vec![
                ("Filter.member.1", "Role"),
                ("Filter.member.2", "LocalManagedPolicy"),
                ("Filter.member.3", "AWSManagedPolicy"),
                ("MaxItems", "1000"),
            ];
            let token = pages.token();
            parameters.extend(token.as_deref().map(|token| ("Marker", token)));
            let operation = (&IAM, "GetAccountAuthorizationDetails");
            let answer = self.form(&api::GET_ROLES, operation, &parameters).await?;
            for policy in list(&answer, "Policies") {
                if let Some(arn) = text(policy, "Arn") {
                    let versions = list(policy, "PolicyVersionList").iter();
                    let default = versions
                        .clone()
                        .find(|version| text(version, "IsDefaultVersion") == Some("true"));
                    managed.insert(
                        arn.to_owned(),
                        default.and_then(|version| document(version, "Document")),
                    );
                }
            }
            let roles = list(&answer, "RoleDetailList");
            listed.extend(roles.iter().filter_map(listed_role));
            let seen = roles
                .iter()
                .map(|role| text(role, "Arn").unwrap_or_default().to_owned());
            let policies = list(&answer, "Policies").iter();
            let seen: Vec<String> = seen
                .chain(policies.map(|policy| text(policy, "Arn").unwrap_or_default().to_owned()))
                .collect();
            let next = text(&answer, "Marker").filter(|_| text(&answer, "IsTruncated") == Some("true"));
            pages.turn(next, seen)?;
        }
        let joined = listed.into_iter().map(|one| one.with(&managed));
        Ok(joined.map(|role| (role.arn.clone(), Arc::new(role))).collect())
    }

    /// One role with its policies; those in `managed` are known from another role, and what is read is added.
    pub async fn role_policies(&self, arn: &str, managed: &mut Managed) -> Result<RolePolicies, Error> {
        let name = arn.rsplit('/').next().unwrap_or(arn);
        let of = [("RoleName", name)];
        let answer = self.form(&api::GET_ROLE, (&IAM, "GetRole"), &of).await?;
        let boundary = answer["Role"]
            .get("PermissionsBoundary")
            .and_then(|boundary| text(boundary, "PermissionsBoundaryArn"))
            .map(str::to_owned);
        let mut role = RolePolicies {
            arn: arn.to_owned(),
            ..RolePolicies::default()
        };
        let inline = self.names(&api::LIST_ROLE_POLICIES, "ListRolePolicies", name, |page| {
            let names = list(page, "PolicyNames").iter();
            names.filter_map(Value::as_str).map(str::to_owned).collect()
        });
        for policy in inline.await? {
            let of = [("RoleName", name), ("PolicyName", policy.as_str())];
            let answer = self.form(&api::GET_ROLE_POLICY, (&IAM, "GetRolePolicy"), &of).await?;
            match document(&answer, "PolicyDocument") {
                Some(policy) => role.policies.push(policy),
                None => role.partial = true,
            }
        }
        let attached = self.names(&api::LIST_ATTACHED_POLICIES, "ListAttachedRolePolicies", name, |page| {
            let policies = list(page, "AttachedPolicies").iter();
            policies
                .filter_map(|policy| text(policy, "PolicyArn"))
                .map(str::to_owned)
                .collect()
        });
        let attached = attached.await?;
        for policy in attached.iter().chain(&boundary) {
            if !managed.contains_key(policy) {
                let read = self.managed_policy(policy).await?;
                managed.insert(policy.clone(), read);
            }
        }
        let listed = Listed {
            role,
            attached,
            boundary,
        };
        Ok(listed.with(managed))
    }

    async fn names(
        &self,
        api: &'static Api,
        operation: &'static str,
        role: &str,
        each: impl Fn(&Value) -> Vec<String>,
    ) -> Result<Vec<String>, Error> {
        let mut names = Vec::new();
        let mut pages = Pages::of(api);
        while pages.more() {
            let token = pages.token();
            let mut parameters = vec![("RoleName", role)];
            parameters.extend(token.as_deref().map(|token| ("Marker", token)));
            let answer = self.form(api, (&IAM, operation), &parameters).await?;
            let page = each(&answer);
            let next = text(&answer, "Marker").filter(|_| text(&answer, "IsTruncated") == Some("true"));
            pages.turn(next, &page)?;
            names.extend(page);
        }
        Ok(names)
    }

    async fn managed_policy(&self, arn: &str) -> Result<Option<Arc<ResourcePolicy>>, Error> {
        let of = [("PolicyArn", arn)];
        let answer = self.form(&api::GET_MANAGED_POLICY, (&IAM, "GetPolicy"), &of).await?;
        let Some(version) = text(&answer["Policy"], "DefaultVersionId") else {
            return Ok(None);
        };
        let of = [("PolicyArn", arn), ("VersionId", version)];
        let answer = self
            .form(&api::GET_POLICY_VERSION, (&IAM, "GetPolicyVersion"), &of)
            .await?;
        Ok(document(&answer["PolicyVersion"], "Document"))
    }
}

impl Listed {
    fn with(self, managed: &Managed) -> RolePolicies {
        let mut role = self.role;
        for arn in &self.attached {
            match managed.get(arn) {
                Some(Some(policy)) => role.policies.push(Arc::clone(policy)),
                _ => role.partial = true,
            }
        }
        role.boundary = match self.boundary.map(|arn| managed.get(&arn)) {
            None => Boundary::None,
            Some(Some(Some(policy))) => Boundary::Policy(Arc::clone(policy)),
            Some(_) => Boundary::Unread,
        };
        role
    }
}

fn listed_role(role: &Value) -> Option<Listed> {
    let arn = text(role, "Arn").filter(|arn| Arn::parse(arn).is_some())?;
    let inline = list(role, "RolePolicyList").iter();
    let inline: Vec<Option<Arc<ResourcePolicy>>> = inline.map(|policy| document(policy, "PolicyDocument")).collect();
    let attached = list(role, "AttachedManagedPolicies").iter();
    let attached = attached
        .filter_map(|policy| text(policy, "PolicyArn"))
        .map(str::to_owned);
    let boundary = role.get("PermissionsBoundary");
    Some(Listed {
        attached: attached.collect(),
        boundary: boundary
            .and_then(|boundary| text(boundary, "PermissionsBoundaryArn"))
            .map(str::to_owned),
        role: RolePolicies {
            arn: arn.to_owned(),
            partial: inline.iter().any(Option::is_none),
            policies: inline.into_iter().flatten().collect(),
            boundary: Boundary::None,
        },
    })
}

/// A policy document. AWS (roles): IAM's are percent-encoded.
fn document(value: &Value, key: &str) -> Option<Arc<ResourcePolicy>> {
    permissions::parse(&decoded(text(value, key)?)).map(Arc::new)
}

/// A text without percent encoding; one that has none (`{` at its start) stays as it is.
fn decoded(text: &str) -> String {
    if text.trim_start().starts_with('{') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = tail.get(..2).filter(|_| first == b'%');
        let byte = hex
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_role_is_read_with_what_is_attached_to_it() {
        let encoded = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22sqs%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D";
        let role = json!({
            "Arn": "arn:aws:iam::1:role/service/f", "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": encoded}],
            "AttachedManagedPolicies": [{"PolicyArn": "arn:aws:iam::aws:policy/A"}, {"PolicyArn": "arn:aws:iam::aws:policy/B"}],
            "PermissionsBoundary": {"PermissionsBoundaryArn": "arn:aws:iam::1:policy/bound"},
        });
        let any = permissions::parse("{}").map(Arc::new);
        let managed = |boundary| {
            Managed::from([
                ("arn:aws:iam::aws:policy/A".to_owned(), any.clone()),
                ("arn:aws:iam::1:policy/bound".to_owned(), boundary),
            ])
        };
        let read = listed_role(&role).expect("a role").with(&managed(any.clone()));
        assert_eq!((read.policies.len(), read.partial), (2, true), "B was not listed");
        assert_eq!(read.policies[0].statements.len(), 1);
        assert!(matches!(read.boundary, Boundary::Policy(_)));
        let read = listed_role(&role).expect("a role").with(&managed(None));
        assert_eq!(read.boundary, Boundary::Unread);
    }

    #[test]
    fn documents_are_decoded_once() {
        assert_eq!(decoded("%7B%22a%22%3A%20%22100%25%22%7D"), r#"{"a": "100%"}"#);
        assert_eq!(decoded(r#"{"a": "100%25"}"#), r#"{"a": "100%25"}"#, "moto's are plain");
    }
}
