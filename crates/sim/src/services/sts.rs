//! STS: who is asking.

use super::Table;
use crate::call::{Answer, Call, Fault};
use crate::value::{Value, map};
use crate::world::World;

pub(super) const TABLE: Table = &[
    ("AssumeRole", assume_role),
    ("GetCallerIdentity", caller_identity),
    ("GetSessionToken", session_token),
];

/// How long temporary credentials last.
const LASTS_MS: i64 = 3_600_000;

fn caller_identity(world: &mut World, _: &Call) -> Result<Answer, Fault> {
    Ok(map! {
        "UserId" => "AIDAJDPLRKLG7UEXAMPLE", "Account" => &world.account,
        "Arn" => format!("arn:aws:iam::{}:user/simulated", world.account),
    }
    .into())
}

/// Credentials without effect: this account checks none.
fn credentials(world: &World) -> Value {
    map! {
        "AccessKeyId" => "ASIAIOSFODNN7EXAMPLE",
        "SecretAccessKey" => "simulated-secret",
        "SessionToken" => "simulated-token",
        "Expiration" => Value::Time(world.now() + LASTS_MS),
    }
}

fn assume_role(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let role = call
        .str("RoleArn")
        .ok_or_else(|| Fault::bad("ValidationError", "RoleArn is missing"))?;
    let session = call.str("RoleSessionName").unwrap_or("session");
    let name = crate::world::arn::name(role);
    Ok(map! {
        "Credentials" => credentials(world),
        "AssumedRoleUser" => map! {
            "AssumedRoleId" => format!("AROAEXAMPLE:{session}"),
            "Arn" => format!("arn:aws:sts::{}:assumed-role/{name}/{session}", world.account),
        },
    }
    .into())
}

fn session_token(world: &mut World, _: &Call) -> Result<Answer, Fault> {
    Ok(map! { "Credentials" => credentials(world) }.into())
}
