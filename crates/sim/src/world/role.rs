//! Roles that a scenario makes: kept as IAM keeps and shows them.

use super::World;
use crate::value::{Value, map};

/// A policy as IAM shows it: percent-encoded.
fn encoded(document: &str) -> String {
    percent_encoding::utf8_percent_encode(document, percent_encoding::NON_ALPHANUMERIC).to_string()
}

impl World {
    /// Makes a role for Lambda with one inline policy.
    pub(crate) fn add_role(&mut self, name: &str, document: &str) {
        let trust = r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
        let role = map! {
            "Path" => "/", "RoleName" => name, "RoleId" => format!("AROA{}", self.chance.slug(name, 0, 17).to_uppercase()),
            "Arn" => format!("arn:aws:iam::{}:role/{name}", self.account), "CreateDate" => Value::Time(self.clock.now),
            "AssumeRolePolicyDocument" => encoded(trust), "MaxSessionDuration" => 3600_i64,
        };
        let policy = map! { "RoleName" => name, "PolicyName" => "own", "PolicyDocument" => encoded(document) };
        let shelf = &mut self.storage.shelf;
        shelf.insert(("role".to_owned(), name.to_owned()), role);
        shelf.insert(("role-policy".to_owned(), format!("{name}/own")), policy);
    }
}
