//! What starts functions from outside, as listings show it: state machines, user pools, secrets and load balancers. They are made
//! by scenarios only.

use super::{Table, page, page_size};
use crate::call::{Answer, Call, Fault};
use crate::value::{Value, map};
use crate::world::World;
use crate::world::front::LoadBalancer;

/// Operations of Step Functions.
pub(super) const STATES: Table = &[
    ("DescribeStateMachine", describe_machine),
    ("ListStateMachines", list_machines),
];

/// Operations of user pools.
pub(super) const COGNITO: Table = &[("DescribeUserPool", describe_pool), ("ListUserPools", list_pools)];

/// Operations of Secrets Manager.
pub(super) const SECRETS: Table = &[("ListSecrets", list_secrets)];

/// Operations of load balancers.
pub(super) const BALANCERS: Table = &[
    ("DescribeListeners", listeners),
    ("DescribeRules", rules),
    ("DescribeTargetGroups", target_groups),
    ("DescribeTargetHealth", target_health),
];

fn machine_arn(world: &World, name: &str) -> String {
    world.arn("states", &format!("stateMachine:{name}"))
}

fn list_machines(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let all: Vec<Value> = world
        .fronts
        .state_machines
        .keys()
        .map(|name| {
            map! {
                "stateMachineArn" => machine_arn(world, name), "name" => name, "type" => "STANDARD",
                "creationDate" => Value::Time(world.clock.started),
            }
        })
        .collect();
    let (found, next) = page(all, call.str("nextToken"), page_size(call, "maxResults", 100));
    Ok(map! { "stateMachines" => found, "nextToken" => next }.into())
}

fn describe_machine(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let arn = call.str("stateMachineArn").unwrap_or("");
    let machines = &world.fronts.state_machines;
    let Some((name, machine)) = machines.iter().find(|(name, _)| machine_arn(world, name) == arn) else {
        let why = format!("State Machine Does Not Exist: '{arn}'");
        return Err(Fault::bad("StateMachineDoesNotExist", &why));
    };
    let function = world.arn("lambda", &format!("function:{}", machine.function));
    let url = |queue: &str| format!("https://sqs.{}.amazonaws.com/{}/{queue}", world.region, world.account);
    let definition = machine.definition(&function, url);
    Ok(map! {
        "stateMachineArn" => arn, "name" => name, "status" => "ACTIVE", "type" => "STANDARD",
        "definition" => definition.to_string(), "roleArn" => format!("arn:aws:iam::{}:role/{name}-role", world.account),
        "creationDate" => Value::Time(world.clock.started),
    }
    .into())
}

fn list_pools(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let pools = world.fronts.user_pools.iter();
    let pools: Vec<Value> = pools
        .map(|(name, pool)| map! { "Id" => &pool.id, "Name" => name })
        .collect();
    let (found, next) = page(pools, call.str("NextToken"), page_size(call, "MaxResults", 60));
    Ok(map! { "UserPools" => found, "NextToken" => next }.into())
}

fn describe_pool(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let id = call.str("UserPoolId").unwrap_or("");
    let found = world.fronts.user_pools.iter().find(|(_, pool)| pool.id == id);
    let Some((name, pool)) = found else {
        let why = format!("User pool {id} does not exist.");
        return Err(Fault::bad("ResourceNotFoundException", &why));
    };
    let function = world.arn("lambda", &format!("function:{}", pool.function));
    let pool = map! {
        "Id" => id, "Name" => name, "Arn" => world.pool_arn(id), "LambdaConfig" => map! { "PreAuthentication" => function },
    };
    Ok(map! { "UserPool" => pool }.into())
}

fn list_secrets(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let secrets = world.fronts.secrets.iter().map(|(name, secret)| {
        map! {
            "ARN" => &secret.arn, "Name" => name, "RotationEnabled" => true, "RotationLambdaARN" => &secret.function,
            "RotationRules" => map! { "AutomaticallyAfterDays" => i64::from(secret.days) },
        }
    });
    let secrets: Vec<Value> = secrets.collect();
    let (found, next) = page(secrets, call.str("NextToken"), page_size(call, "MaxResults", 100));
    Ok(map! { "SecretList" => found, "NextToken" => next }.into())
}

fn target_groups(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let groups = world.fronts.balancers.iter().map(|(name, balancer)| {
        map! {
            "TargetGroupArn" => &balancer.group, "TargetGroupName" => format!("{name}-lambda"), "TargetType" => "lambda",
            "LoadBalancerArns" => vec![balancer.arn.as_str()],
        }
    });
    let groups: Vec<Value> = groups.collect();
    let (found, next) = page(groups, call.str("Marker"), page_size(call, "PageSize", 400));
    Ok(map! { "TargetGroups" => found, "NextMarker" => next }.into())
}

fn by<'a>(world: &'a World, is_it: impl Fn(&LoadBalancer) -> bool) -> Option<&'a LoadBalancer> {
    world.fronts.balancers.values().find(|balancer| is_it(balancer))
}

fn target_health(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let group = call.str("TargetGroupArn").unwrap_or("");
    let Some(found) = by(world, |balancer| balancer.group == group) else {
        return Err(Fault::bad("TargetGroupNotFound", "One or more target groups not found"));
    };
    let target = map! {
        "Target" => map! { "Id" => &found.to, "AvailabilityZone" => "all" },
        "TargetHealth" => map! { "State" => "unavailable", "Reason" => "Target.HealthCheckDisabled" },
    };
    Ok(map! { "TargetHealthDescriptions" => vec![target] }.into())
}

fn listener_arn(balancer: &LoadBalancer) -> String {
    balancer.arn.replace(":loadbalancer/", ":listener/") + "/1"
}

fn listeners(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let of = call.str("LoadBalancerArn").unwrap_or("");
    let Some(found) = by(world, |balancer| balancer.arn == of) else {
        return Err(Fault::bad(
            "LoadBalancerNotFound",
            "One or more load balancers not found",
        ));
    };
    let listener = map! {
        "ListenerArn" => listener_arn(found), "LoadBalancerArn" => of, "Port" => 443_i64, "Protocol" => "HTTPS",
    };
    Ok(map! { "Listeners" => vec![listener] }.into())
}

fn rules(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let of = call.str("ListenerArn").unwrap_or("");
    let Some(found) = by(world, |balancer| listener_arn(balancer) == of) else {
        return Err(Fault::bad("ListenerNotFound", "One or more listeners not found"));
    };
    let condition = |field: &str, value: &Option<String>| {
        value
            .as_ref()
            .map(|value| map! { "Field" => field, "Values" => vec![value.as_str()] })
    };
    let conditions = condition("host-header", &found.host).into_iter();
    let conditions: Vec<Value> = conditions.chain(condition("path-pattern", &found.path)).collect();
    let rule = map! {
        "RuleArn" => of.replace(":listener/", ":listener-rule/") + "/1", "Priority" => "1", "Conditions" => conditions,
        "Actions" => vec![map! { "Type" => "forward", "TargetGroupArn" => &found.group }], "IsDefault" => false,
    };
    Ok(map! { "Rules" => vec![rule] }.into())
}
