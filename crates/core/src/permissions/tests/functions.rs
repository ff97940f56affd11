//! Policies of functions: what SAM, CDK, Terraform, the Serverless Framework and the console write, and what went wrong in
//! public bug reports.

use super::super::{Misfit, Verdict};
use super::{of, said, verdict};

const F: &str = "arn:aws:lambda:eu-west-1:111122223333:function:thumb";
const LIVE: &str = "arn:aws:lambda:eu-west-1:111122223333:function:thumb:live";
const BUCKET: &str = "arn:aws:s3:::photos";
const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:orders";
const RULE: &str = "arn:aws:events:eu-west-1:111122223333:rule/nightly";
const ON_BUS: &str = "arn:aws:events:eu-west-1:111122223333:rule/shop/nightly";
const GROUP: &str = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/api";
const IOT: &str = "arn:aws:iot:eu-west-1:111122223333:rule/temperature";
const ALARM: &str = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:too-hot";

/// A statement as `AddPermission` makes it.
fn permission(service: &str, resource: &str, condition: &str) -> String {
    of(&format!(
        r#"{{"Sid":"s","Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"lambda:InvokeFunction",
            "Resource":"{resource}","Condition":{{{condition}}}}}"#
    ))
}

#[test]
fn permissions_of_functions() {
    let arn = |operator: &str, pattern: &str| format!(r#""{operator}":{{"AWS:SourceArn":"{pattern}"}}"#);
    let account = |id: &str| format!(r#""StringEquals":{{"AWS:SourceAccount":"{id}"}}"#);
    let both = |id: &str, pattern: &str| format!("{},{}", account(id), arn("ArnLike", pattern));
    let s3 = |condition: &str| permission("s3.amazonaws.com", F, condition);
    let cases: Vec<(&str, String, &str, &str, &str)> = vec![
        (
            "the Serverless Framework, S3",
            s3(&both("111122223333", BUCKET)),
            BUCKET,
            F,
            "allowed",
        ),
        (
            "SAM, S3: only the account",
            s3(&account("111122223333")),
            BUCKET,
            F,
            "allowed",
        ),
        (
            "the account of another stage",
            s3(&both("999999999999", BUCKET)),
            BUCKET,
            F,
            "no statement",
        ),
        (
            "a bucket of another name",
            s3(&arn("ArnLike", "arn:aws:s3:::photos-dev")),
            BUCKET,
            F,
            "no statement",
        ),
        (
            "Terraform: bucket/* in place of the bucket",
            s3(&arn("ArnLike", "arn:aws:s3:::photos/*")),
            BUCKET,
            F,
            "no statement",
        ),
        (
            "empty region and account as stars",
            s3(&arn("ArnLike", "arn:aws:s3:*:*:photos")),
            BUCKET,
            F,
            "allowed",
        ),
        (
            "a prefix of the name",
            s3(&arn("ArnLike", "arn:aws:s3:::pho*")),
            BUCKET,
            F,
            "allowed",
        ),
        (
            "StringEquals takes a star for a star",
            s3(&arn("StringEquals", "arn:aws:s3:::pho*")),
            BUCKET,
            F,
            "no statement",
        ),
        (
            "StringLike does not",
            s3(&arn("StringLike", "arn:aws:s3:::pho*")),
            BUCKET,
            F,
            "allowed",
        ),
        ("no condition at all", s3(""), BUCKET, F, "allowed"),
        (
            "the principal of a rule for a bucket",
            permission("events.amazonaws.com", F, ""),
            BUCKET,
            F,
            "no statement",
        ),
        (
            "a misspelt principal",
            permission("sns.amazon.com", F, ""),
            TOPIC,
            F,
            "no statement",
        ),
        (
            "SNS by its name with the region",
            permission("sns.eu-west-1.amazonaws.com", F, ""),
            TOPIC,
            F,
            "unknown",
        ),
        (
            "SNS by its name with another region",
            permission("sns.us-east-1.amazonaws.com", F, ""),
            TOPIC,
            F,
            "unknown",
        ),
        (
            "SNS by its name in China",
            permission("sns.amazonaws.com.cn", F, ""),
            TOPIC,
            F,
            "unknown",
        ),
        (
            "SNS in capitals",
            permission("SNS.AMAZONAWS.COM", F, ""),
            TOPIC,
            F,
            "unknown",
        ),
        (
            "logs in capitals",
            permission("Logs.amazonaws.com", F, ""),
            GROUP,
            F,
            "unknown",
        ),
        (
            "an alarm",
            permission("lambda.alarms.cloudwatch.amazonaws.com", F, &arn("ArnLike", ALARM)),
            ALARM,
            F,
            "allowed",
        ),
        (
            "an alarm, by the name for topics",
            permission("cloudwatch.amazonaws.com", F, ""),
            ALARM,
            F,
            "no statement",
        ),
        (
            "another name that may be the service's",
            permission("events.eu-west-1.amazonaws.com", F, ""),
            RULE,
            F,
            "unknown",
        ),
        (
            "SAM, SNS",
            permission("sns.amazonaws.com", F, &arn("ArnLike", TOPIC)),
            TOPIC,
            F,
            "allowed",
        ),
        (
            "a topic that was made anew under another name",
            permission(
                "sns.amazonaws.com",
                F,
                &arn("ArnLike", "arn:aws:sns:eu-west-1:111122223333:orders-2"),
            ),
            TOPIC,
            F,
            "no statement",
        ),
        (
            "a topic of another region",
            permission(
                "sns.amazonaws.com",
                F,
                &arn("ArnLike", "arn:aws:sns:us-east-1:111122223333:orders"),
            ),
            TOPIC,
            F,
            "no statement",
        ),
        (
            "SAM, a schedule",
            permission("events.amazonaws.com", F, &arn("ArnLike", RULE)),
            RULE,
            F,
            "allowed",
        ),
        (
            "Zappa: all rules of the account",
            permission(
                "events.amazonaws.com",
                F,
                &arn("ArnLike", "arn:aws:events:eu-west-1:111122223333:rule/*"),
            ),
            RULE,
            F,
            "allowed",
        ),
        (
            "a rule on a bus, by the name of one on the default bus",
            permission("events.amazonaws.com", F, &arn("ArnLike", RULE)),
            ON_BUS,
            F,
            "no statement",
        ),
        (
            "and a rule on the bus",
            permission("events.amazonaws.com", F, &arn("ArnLike", ON_BUS)),
            ON_BUS,
            F,
            "allowed",
        ),
        (
            "stars do not reach over colons",
            permission("events.amazonaws.com", F, &arn("ArnLike", "arn:aws:events:*:rule/*")),
            RULE,
            F,
            "no statement",
        ),
        (
            "whether a last star does is not documented",
            permission("events.amazonaws.com", F, &arn("ArnLike", "arn:aws:events:*")),
            RULE,
            F,
            "unknown",
        ),
        (
            "the permission on the function, the call to its alias",
            permission("events.amazonaws.com", F, ""),
            RULE,
            LIVE,
            "no statement",
        ),
        (
            "the permission on the alias",
            permission("events.amazonaws.com", LIVE, ""),
            RULE,
            LIVE,
            "allowed",
        ),
        (
            "the permission on all qualifiers",
            permission(
                "events.amazonaws.com",
                "arn:aws:lambda:eu-west-1:111122223333:function:thumb:*",
                "",
            ),
            RULE,
            LIVE,
            "allowed",
        ),
        (
            "on all qualifiers only, the call without one",
            permission(
                "events.amazonaws.com",
                "arn:aws:lambda:eu-west-1:111122223333:function:thumb:*",
                "",
            ),
            RULE,
            F,
            "no statement",
        ),
        (
            "$LATEST is the function without a qualifier",
            permission(
                "events.amazonaws.com",
                "arn:aws:lambda:eu-west-1:111122223333:function:thumb:$LATEST",
                "",
            ),
            RULE,
            F,
            "allowed",
        ),
        (
            "logs, by the name with the region",
            permission("logs.eu-west-1.amazonaws.com", F, ""),
            GROUP,
            F,
            "allowed",
        ),
        (
            "logs of another region",
            permission("logs.us-east-1.amazonaws.com", F, ""),
            GROUP,
            F,
            "no statement",
        ),
        (
            "logs with :*",
            permission("logs.amazonaws.com", F, &arn("ArnLike", &format!("{GROUP}:*"))),
            GROUP,
            F,
            "allowed",
        ),
        (
            "logs without :*",
            permission("logs.amazonaws.com", F, &arn("ArnLike", GROUP)),
            GROUP,
            F,
            "no statement",
        ),
        (
            "IoT",
            permission("iot.amazonaws.com", F, &both("111122223333", IOT)),
            IOT,
            F,
            "allowed",
        ),
        (
            "an alarm's own principal",
            permission(
                "lambda.alarms.cloudwatch.amazonaws.com",
                F,
                &both("111122223333", ALARM),
            ),
            ALARM,
            F,
            "allowed",
        ),
        (
            "CloudWatch's other one",
            permission("cloudwatch.amazonaws.com", F, ""),
            ALARM,
            F,
            "no statement",
        ),
        (
            "a function URL's statement lets no service in",
            of(
                r#"{"Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunctionUrl","Resource":"*",
            "Condition":{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}}"#,
            ),
            TOPIC,
            F,
            "no statement",
        ),
        (
            "nor does its second one",
            of(
                r#"{"Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction","Resource":"*",
            "Condition":{"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}}"#,
            ),
            TOPIC,
            F,
            "no statement",
        ),
        (
            "anyone of an organisation is told, and no proof",
            of(
                r#"{"Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction","Resource":"*",
            "Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}"#,
            ),
            TOPIC,
            F,
            "allowed if",
        ),
        (
            "another account's root lets no service in",
            of(
                r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},
            "Action":"lambda:*","Resource":"*"}"#,
            ),
            TOPIC,
            F,
            "no statement",
        ),
        (
            "several principals",
            of(
                r#"{"Effect":"Allow","Principal":{"Service":["edgelambda.amazonaws.com","sns.amazonaws.com"]},
            "Action":["lambda:GetFunction","lambda:Invoke*"],"Resource":"*"}"#,
            ),
            TOPIC,
            F,
            "allowed",
        ),
        (
            "a variable of the policy",
            permission(
                "sns.amazonaws.com",
                F,
                &arn("ArnLike", "arn:aws:sns:eu-west-1:${aws:SourceAccount}:orders"),
            ),
            TOPIC,
            F,
            "unknown",
        ),
        (
            "another action only",
            of(
                r#"{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"lambda:GetFunction","Resource":"*"}"#,
            ),
            TOPIC,
            F,
            "no statement",
        ),
        ("no policy", String::new(), TOPIC, F, "no statement"),
    ];
    for (name, document, source, target, right) in cases {
        let verdict = verdict(&document, source, target);
        assert_eq!(said(&verdict), right, "{name}: {verdict:?}");
    }
}

#[test]
fn the_statement_that_comes_nearest_is_named() {
    let document = of(
        r#"{"Sid":"Api","Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"*"},
        {"Sid":"Old","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"*",
         "Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::old"}}}"#,
    );
    let Verdict::NoStatement(Some(nearest)) = verdict(&document, BUCKET, F) else {
        panic!("it is not allowed");
    };
    assert_eq!(nearest.sid.as_deref(), Some("Old"));
    assert_eq!(nearest.misfits, [Misfit::Source(vec!["arn:aws:s3:::old".into()])]);
}

#[test]
fn what_is_no_policy_is_not_read_as_one() {
    for text in [
        "no json",
        "[]",
        r#"{"Statement":[{"Effect":"Perhaps"}]}"#,
        r#"{"Statement":["x"]}"#,
    ] {
        assert_eq!(super::super::parse(text), None, "{text}");
    }
}
