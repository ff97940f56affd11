//! Services of which a listing tells what starts functions, or what there is to write to: load balancers, user pools, secrets, tables.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::pages::Pages;
use super::signed::{COGNITO, DYNAMODB, ELB, SECRETS, list, text};
use super::{Api, Error, Session, api};

/// A target group of functions.
#[derive(Clone, Debug, Default)]
pub struct TargetGroup {
    /// Its ARN, by which functions' policies name it.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The ARNs of the load balancers that send to it.
    pub balancers: Vec<String>,
    /// The ARNs of its functions, with their aliases.
    pub functions: Vec<String>,
    /// The hosts, paths and listeners that lead to it, in words.
    pub routes: Vec<String>,
}

/// A user pool and the functions that it asks.
#[derive(Clone, Debug, Default)]
pub struct UserPool {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Each trigger with the ARN of its function: `PreSignUp`.
    pub triggers: Vec<(String, String)>,
}

/// A secret that a function rotates.
#[derive(Clone, Debug, Default)]
pub struct RotatedSecret {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The ARN of the function.
    pub function: String,
    /// How often.
    pub schedule: Option<String>,
    /// Whether rotation is on.
    pub enabled: bool,
}

impl Session {
    /// The target groups whose targets are functions, with the rules that lead there.
    pub async fn target_groups(&self) -> Result<Vec<TargetGroup>, Error> {
        let all = self
            .balancing(&api::TARGET_GROUPS, "DescribeTargetGroups", "TargetGroups", &[])
            .await?;
        let mut groups = Vec::new();
        for seen in all.iter().filter(|group| text(group, "TargetType") == Some("lambda")) {
            let Some(arn) = text(seen, "TargetGroupArn") else {
                continue;
            };
            let of = [("TargetGroupArn", arn)];
            let health = self
                .form(&api::TARGET_HEALTH, (&ELB, "DescribeTargetHealth"), &of)
                .await?;
            let targets = list(&health, "TargetHealthDescriptions").iter();
            let balancers = list(seen, "LoadBalancerArns").iter().filter_map(Value::as_str);
            groups.push(TargetGroup {
                arn: arn.to_owned(),
                name: text(seen, "TargetGroupName").unwrap_or(arn).to_owned(),
                balancers: balancers.map(str::to_owned).collect(),
                functions: targets
                    .filter_map(|target| text(&target["Target"], "Id"))
                    .map(str::to_owned)
                    .collect(),
                routes: Vec::new(),
            });
        }
        let mut balancers: Vec<String> = groups.iter().flat_map(|group| group.balancers.clone()).collect();
        balancers.sort();
        balancers.dedup();
        let mut routes: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for balancer in balancers {
            let of = [("LoadBalancerArn", balancer.as_str())];
            for listener in self
                .balancing(&api::LISTENERS, "DescribeListeners", "Listeners", &of)
                .await?
            {
                let Some(arn) = text(&listener, "ListenerArn") else {
                    continue;
                };
                let of = [("ListenerArn", arn)];
                for rule in self
                    .balancing(&api::LISTENER_RULES, "DescribeRules", "Rules", &of)
                    .await?
                {
                    let said = rule_words(&rule, &listener);
                    for group in forwarded_to(&rule) {
                        routes.entry(group).or_default().push(said.clone());
                    }
                }
            }
        }
        for group in &mut groups {
            group.routes = routes.remove(&group.arn).unwrap_or_default();
        }
        Ok(groups)
    }

    async fn balancing(
        &self,
        api: &'static Api,
        operation: &'static str,
        key: &str,
        of: &[(&str, &str)],
    ) -> Result<Vec<Value>, Error> {
        let mut all = Vec::new();
        let mut pages = Pages::of(api);
        while pages.more() {
            let token = pages.token();
            let mut parameters = of.to_vec();
            parameters.extend(token.as_deref().map(|token| ("Marker", token)));
            let answer = self.form(api, (&ELB, operation), &parameters).await?;
            let page = list(&answer, key);
            pages.turn(text(&answer, "NextMarker"), page.iter().map(ToString::to_string))?;
            all.extend(page.iter().cloned());
        }
        Ok(all)
    }

    /// All user pools that ask functions.
    pub async fn user_pools(&self) -> Result<Vec<UserPool>, Error> {
        let mut pools = Vec::new();
        let mut pages = Pages::of(&api::LIST_USER_POOLS);
        while pages.more() {
            let mut body = json!({"MaxResults": 60});
            if let Some(token) = pages.token() {
                body["NextToken"] = token.into();
            }
            let answer = self
                .json(&api::LIST_USER_POOLS, (&COGNITO, "ListUserPools"), body)
                .await?;
            let page = list(&answer, "UserPools");
            for seen in page {
                let Some(id) = text(seen, "Id") else { continue };
                let body = json!({"UserPoolId": id});
                let told = self.json(&api::DESCRIBE_USER_POOL, (&COGNITO, "DescribeUserPool"), body);
                let told = match told.await {
                    Err(Error::NotFound) => continue,
                    other => other?,
                };
                let triggers = pool_triggers(&told["UserPool"]["LambdaConfig"]);
                if !triggers.is_empty() {
                    pools.push(UserPool {
                        id: id.to_owned(),
                        name: text(seen, "Name").unwrap_or(id).to_owned(),
                        triggers,
                    });
                }
            }
            pages.turn(text(&answer, "NextToken"), page.iter().map(|seen| text(seen, "Id")))?;
        }
        Ok(pools)
    }

    /// All secrets that functions rotate.
    pub async fn rotated_secrets(&self) -> Result<Vec<RotatedSecret>, Error> {
        let mut secrets = Vec::new();
        let mut pages = Pages::of(&api::LIST_SECRETS);
        while pages.more() {
            let mut body = json!({"MaxResults": 100});
            if let Some(token) = pages.token() {
                body["NextToken"] = token.into();
            }
            let answer = self.json(&api::LIST_SECRETS, (&SECRETS, "ListSecrets"), body).await?;
            let page = list(&answer, "SecretList");
            secrets.extend(page.iter().filter_map(rotated));
            pages.turn(text(&answer, "NextToken"), page.iter().map(|seen| text(seen, "ARN")))?;
        }
        Ok(secrets)
    }

    /// The names of all tables.
    pub async fn tables(&self) -> Result<Vec<String>, Error> {
        let mut names: Vec<String> = Vec::new();
        let mut pages = Pages::of(&api::LIST_TABLES);
        while pages.more() {
            let mut body = json!({"Limit": 100});
            if let Some(last) = pages.token() {
                body["ExclusiveStartTableName"] = last.into();
            }
            let answer = self.json(&api::LIST_TABLES, (&DYNAMODB, "ListTables"), body).await?;
            let page: Vec<&str> = list(&answer, "TableNames").iter().filter_map(Value::as_str).collect();
            pages.turn(text(&answer, "LastEvaluatedTableName"), &page)?;
            names.extend(page.into_iter().map(str::to_owned));
        }
        Ok(names)
    }
}

/// The target groups that a listener's rule forwards to.
fn forwarded_to(rule: &Value) -> Vec<String> {
    let mut groups = Vec::new();
    for action in list(rule, "Actions")
        .iter()
        .filter(|action| text(action, "Type") == Some("forward"))
    {
        let several = list(&action["ForwardConfig"], "TargetGroups").iter();
        let several = several.filter_map(|group| text(group, "TargetGroupArn"));
        groups.extend(several.chain(text(action, "TargetGroupArn")).map(str::to_owned));
    }
    groups.sort();
    groups.dedup();
    groups
}

/// The conditions of a listener's rule in words: `HTTPS:443 host shop.example.com path /api/*`.
fn rule_words(rule: &Value, listener: &Value) -> String {
    let port = text(listener, "Port").map(|port| format!(":{port}"));
    let mut words = vec![format!(
        "{}{}",
        text(listener, "Protocol").unwrap_or("HTTP"),
        port.unwrap_or_default()
    )];
    for condition in list(rule, "Conditions") {
        let field = text(condition, "Field").unwrap_or_default();
        let (name, config) = match field {
            "host-header" => ("host", "HostHeaderConfig"),
            "path-pattern" => ("path", "PathPatternConfig"),
            "http-request-method" => ("method", "HttpRequestMethodConfig"),
            other => (other, ""),
        };
        let own = list(&condition[config], "Values").iter();
        let values: Vec<&str> = own
            .chain(list(condition, "Values").iter())
            .filter_map(Value::as_str)
            .collect();
        let mut values = values;
        values.dedup();
        words.push(format!("{name} {}", values.join(", ")).trim_end().to_owned());
    }
    words.join(" ")
}

/// AWS (delivery): `LambdaConfig` has a function's ARN by the name of each trigger, or under it with a version.
fn pool_triggers(config: &Value) -> Vec<(String, String)> {
    let each = config.as_object().into_iter().flatten().filter_map(|(name, value)| {
        let arn = value.as_str().or_else(|| text(value, "LambdaArn"))?;
        let is_function = arn.contains(":function:");
        let name = name.strip_suffix("Config").unwrap_or(name);
        is_function.then(|| (name.to_owned(), arn.to_owned()))
    });
    let mut triggers: Vec<(String, String)> = each.collect();
    // `PreTokenGeneration` and `PreTokenGenerationConfig` tell the same function.
    triggers.sort();
    triggers.dedup();
    triggers
}

fn rotated(secret: &Value) -> Option<RotatedSecret> {
    let function = text(secret, "RotationLambdaARN")?;
    let rules = &secret["RotationRules"];
    let days = rules.get("AutomaticallyAfterDays").and_then(Value::as_u64);
    let days = days.map(|days| format!("rate({days} day{})", if days == 1 { "" } else { "s" }));
    Some(RotatedSecret {
        arn: text(secret, "ARN")?.to_owned(),
        name: text(secret, "Name")?.to_owned(),
        function: function.to_owned(),
        schedule: text(rules, "ScheduleExpression").map(str::to_owned).or(days),
        enabled: secret.get("RotationEnabled").and_then(Value::as_bool).unwrap_or(false),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pools_triggers_are_told_once_each() {
        let f = |name: &str| format!("arn:aws:lambda:r:1:function:{name}");
        let config = json!({
            "PreSignUp": f("check"), "PreTokenGeneration": f("claims"),
            "PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": f("claims")},
            "CustomEmailSender": {"LambdaVersion": "V1_0", "LambdaArn": f("mail")},
            "KMSKeyID": "arn:aws:kms:r:1:key/1",
        });
        let found = pool_triggers(&config);
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["CustomEmailSender", "PreSignUp", "PreTokenGeneration"]);
    }

    #[test]
    fn a_listeners_rule_is_said_in_words_and_forwards_to_groups() {
        let rule = json!({
            "Conditions": [
                {"Field": "host-header", "Values": ["shop.example.com"], "HostHeaderConfig": {"Values": ["shop.example.com"]}},
                {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/api/*", "/v2/*"]}},
            ],
            "Actions": [{"Type": "authenticate-oidc"}, {"Type": "forward", "TargetGroupArn": "g1",
                "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": "g1"}, {"TargetGroupArn": "g2"}]}}],
        });
        let listener = json!({"Protocol": "HTTPS", "Port": "443"});
        assert_eq!(
            rule_words(&rule, &listener),
            "HTTPS:443 host shop.example.com path /api/*, /v2/*"
        );
        assert_eq!(forwarded_to(&rule), ["g1", "g2"]);
        assert_eq!(
            rule_words(&json!({"Conditions": ""}), &json!({})),
            "HTTP",
            "the default rule"
        );
    }

    #[test]
    fn only_what_a_function_rotates_is_told() {
        let secret = json!({"ARN": "arn:aws:secretsmanager:r:1:secret:db-AbCdEf", "Name": "db", "RotationEnabled": true,
            "RotationLambdaARN": "arn:aws:lambda:r:1:function:turn", "RotationRules": {"AutomaticallyAfterDays": 30}});
        let told = rotated(&secret).expect("one that is rotated");
        assert_eq!(
            (told.name.as_str(), told.schedule.as_deref(), told.enabled),
            ("db", Some("rate(30 days)"), true)
        );
        // AWS itself rotates what other services own: without a function.
        assert!(rotated(&json!({"ARN": "a", "Name": "rds", "RotationEnabled": true})).is_none());
    }
}
