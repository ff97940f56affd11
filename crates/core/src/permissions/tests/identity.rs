//! Roles as public templates write them: inline policies of SAM's policy templates, grants of the CDK, policies that AWS manages.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::{Arn, Boundary, RolePolicies, Scope};
use crate::permissions::{May, may_do, may_write, named, parse};

const SQS: &str = "arn:aws:sqs:eu-west-1:111122223333:orders";
const TABLE: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";
const WORKER: &str = "arn:aws:lambda:eu-west-1:111122223333:function:worker";
const BUS: &str = "arn:aws:events:eu-west-1:111122223333:event-bus/default";
const BUCKET: &str = "arn:aws:s3:::photos";

fn scope() -> Scope {
    Scope {
        partition: "aws".into(),
        account: "111122223333".into(),
        region: "eu-west-1".into(),
    }
}

fn role(statements: &[&str]) -> RolePolicies {
    let each = statements.iter().map(|statement| {
        let document = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
        Arc::new(parse(&document).expect("a policy"))
    });
    RolePolicies {
        arn: "arn:aws:iam::111122223333:role/f".into(),
        policies: each.collect(),
        ..RolePolicies::default()
    }
}

fn writes(role: &RolePolicies, to: &str) -> May {
    may_write(role, &Arn::parse(to).expect("an ARN"), &scope()).expect("a service that is written to")
}

#[test]
fn a_role_says_what_may_be_written() {
    for (statement, to, may) in [
        // SAM: SQSSendMessagePolicy, SQSPollerPolicy, DynamoDBReadPolicy, LambdaInvokePolicy, S3WritePolicy.
        (
            r#"{"Effect":"Allow","Action":["sqs:SendMessage*"],"Resource":"arn:aws:sqs:eu-west-1:111122223333:orders"}"#,
            SQS,
            May::Yes,
        ),
        (
            r#"[{"Effect":"Allow","Action":["sqs:ChangeMessageVisibility","sqs:DeleteMessage","sqs:ReceiveMessage"],"Resource":"*"}]"#,
            SQS,
            May::No,
        ),
        (
            r#"{"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:Query"],"Resource":"*"}"#,
            TABLE,
            May::No,
        ),
        (
            r#"{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:eu-west-1:111122223333:function:worker*"}"#,
            WORKER,
            May::Yes,
        ),
        (
            r#"{"Effect":"Allow","Action":["s3:PutObject"],"Resource":["arn:aws:s3:::photos","arn:aws:s3:::photos/*"]}"#,
            BUCKET,
            May::Yes,
        ),
        // The bucket itself is no object.
        (
            r#"{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::photos"}"#,
            BUCKET,
            May::No,
        ),
        // CDK: grantInvoke of an alias, grantWrite under a prefix, grantReadWriteData with the indexes.
        (
            r#"{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":["arn:aws:lambda:eu-west-1:111122223333:function:worker:live"]}"#,
            WORKER,
            May::Yes,
        ),
        (
            r#"{"Effect":"Allow","Action":["s3:Abort*","s3:PutObject"],"Resource":"arn:aws:s3:::photos/thumbs/*"}"#,
            BUCKET,
            May::Yes,
        ),
        (
            r#"{"Effect":"Allow","Action":["dynamodb:*"],"Resource":["arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/*","arn:aws:dynamodb:eu-west-1:111122223333:table/orders"]}"#,
            TABLE,
            May::Yes,
        ),
    ] {
        assert_eq!(writes(&role(&[statement]), to), may, "{statement}");
    }
}

#[test]
fn wildcards_denials_and_conditions_are_read() {
    let depends = |keys: &[&str]| May::Depends(keys.iter().map(ToString::to_string).collect());
    for (statement, to, may) in [
        // A policy that AWS manages, in another case, and everything but.
        (r#"{"Effect":"Allow","Action":"SQS:*","Resource":"*"}"#, SQS, May::Yes),
        (
            r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#,
            BUS,
            May::Yes,
        ),
        (
            r#"{"Effect":"Allow","Action":"*","NotResource":"arn:aws:sqs:*:*:orders"}"#,
            SQS,
            May::No,
        ),
        // Conditions.
        (
            r#"{"Effect":"Allow","Action":"events:PutEvents","Resource":"*","Condition":{"StringEquals":{"events:source":"shop"}}}"#,
            BUS,
            depends(&["events:source"]),
        ),
        (
            r#"[{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]"#,
            BUCKET,
            May::Yes,
        ),
        (
            r#"{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::photos/${aws:userid}/*"}"#,
            BUCKET,
            May::Yes,
        ),
        // A Deny of one object denies no bucket, one of all of them does.
        (
            r#"[{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"s3:Put*","Resource":"arn:aws:s3:::photos/locked/*"}]"#,
            BUCKET,
            May::Yes,
        ),
        (
            r#"[{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"s3:Put*","Resource":"arn:aws:s3:::photos/*"}]"#,
            BUCKET,
            May::No,
        ),
    ] {
        assert_eq!(writes(&role(&[statement]), to), may, "{statement}");
    }
}

#[test]
fn a_boundary_must_allow_it_too_and_what_was_not_read_is_open() {
    let all = role(&[r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#]);
    let only_logs = parse(r#"{"Statement":{"Effect":"Allow","Action":"logs:*","Resource":"*"}}"#).expect("a policy");
    let bound = |boundary| RolePolicies {
        boundary,
        ..all.clone()
    };
    assert_eq!(writes(&bound(Boundary::Policy(Arc::new(only_logs))), SQS), May::No);
    assert!(matches!(writes(&bound(Boundary::Unread), SQS), May::Depends(_)));
    let partial = RolePolicies {
        partial: true,
        ..role(&[])
    };
    assert!(matches!(writes(&partial, SQS), May::Depends(_)));
    assert_eq!(writes(&role(&[]), SQS), May::No);
    assert_eq!(
        may_do(
            &all,
            "kms:Decrypt",
            "arn:aws:kms:eu-west-1:111122223333:key/1",
            &scope()
        ),
        May::Yes
    );
    let secret = Arn::parse("arn:aws:secretsmanager:eu-west-1:111122223333:secret:db").expect("an ARN");
    assert_eq!(may_write(&all, &secret, &scope()), None, "nothing is sent there");
}

#[test]
fn a_role_names_what_it_is_for() {
    let names = |statement: &str| named(&role(&[statement]), &scope());
    let set = |all: &[&str]| all.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    for (statement, expected) in [
        (
            r#"{"Effect":"Allow","Action":["sqs:SendMessage","sqs:GetQueueUrl"],"Resource":"arn:aws:sqs:eu-west-1:111122223333:orders"}"#,
            set(&[SQS]),
        ),
        (
            r#"{"Effect":"Allow","Action":"s3:PutObject","Resource":["arn:aws:s3:::photos","arn:aws:s3:::photos/*"]}"#,
            set(&[BUCKET]),
        ),
        (
            r#"{"Effect":"Allow","Action":["dynamodb:PutItem"],"Resource":["arn:aws:dynamodb:eu-west-1:111122223333:table/orders","arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/*"]}"#,
            set(&[TABLE]),
        ),
        (
            r#"{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":["arn:aws:lambda:eu-west-1:111122223333:function:worker","arn:aws:lambda:eu-west-1:111122223333:function:worker:*"]}"#,
            set(&[WORKER]),
        ),
        (
            r#"{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:eu-west-1:111122223333:function:worker*"}"#,
            set(&["arn:aws:lambda:eu-west-1:111122223333:function:worker*"]),
        ),
        (
            r#"{"Effect":"Allow","Action":"sqs:SendMessage","Resource":["*","arn:aws:sqs:*:*:*","arn:aws:sqs:eu-west-1:111122223333:*-in"]}"#,
            set(&[]),
        ),
        (
            r#"{"Effect":"Allow","Action":["sqs:ReceiveMessage"],"Resource":"arn:aws:sqs:eu-west-1:111122223333:orders"}"#,
            set(&[]),
        ),
        (
            r#"{"Effect":"Allow","Action":["dynamodb:GetRecords"],"Resource":"arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2026"}"#,
            set(&[]),
        ),
        (
            r#"{"Effect":"Deny","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:eu-west-1:111122223333:orders"}"#,
            set(&[]),
        ),
        (
            r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:sqs:eu-west-1:111122223333:orders"}"#,
            set(&[]),
        ),
    ] {
        assert_eq!(names(statement), expected, "{statement}");
    }
}
