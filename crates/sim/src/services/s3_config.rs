//! S3: buckets and what they are set to.

use super::s3::bucket;
use super::{Table, as_list, tag_list};
use crate::call::{Answer, Call, Fault};
use crate::value::{Value, map};
use crate::world::World;
use crate::world::bucket::Bucket;

pub(super) const TABLE: Table = &[
    ("CreateBucket", create),
    ("DeleteBucket", delete),
    ("DeleteBucketPolicy", |world, call| forget(world, call, "policy")),
    ("DeleteBucketTagging", delete_tagging),
    ("GetBucketAcl", acl),
    ("GetBucketEncryption", encryption),
    ("GetBucketLocation", location),
    ("GetBucketPolicy", get_policy),
    ("GetBucketTagging", get_tagging),
    ("GetBucketVersioning", get_versioning),
    ("GetPublicAccessBlock", get_public_access),
    ("HeadBucket", head),
    ("ListBuckets", list),
    ("PutBucketPolicy", put_policy),
    ("PutBucketTagging", put_tagging),
    ("PutBucketVersioning", put_versioning),
    ("PutPublicAccessBlock", put_public_access),
];

fn create(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let name = call.str("Bucket").unwrap_or("").to_owned();
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let edges = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let valid = (3..=63).contains(&name.len())
        && name.chars().all(known)
        && edges(name.chars().next())
        && edges(name.chars().last());
    if !valid {
        return Err(Fault::bad("InvalidBucketName", "The specified bucket is not valid.").with("BucketName", name));
    }
    let region = call
        .input
        .path("CreateBucketConfiguration.LocationConstraint")
        .str()
        .unwrap_or(&call.region)
        .to_owned();
    if world.storage.buckets.contains_key(&name) {
        // AWS (apis): again in us-east-1 is no error, elsewhere it is.
        if region == "us-east-1" {
            return Ok(map! { "Location" => format!("/{name}") }.into());
        }
        let why = "Your previous request to create the named bucket succeeded and you already own it.";
        return Err(Fault::new(409, "BucketAlreadyOwnedByYou", why).with("BucketName", name));
    }
    let made = Bucket {
        created: world.now(),
        region,
        ..Bucket::default()
    };
    world.storage.buckets.insert(name.clone(), made);
    Ok(map! { "Location" => format!("/{name}") }.into())
}

fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (found, name) = bucket(world, call)?;
    if !found.objects.is_empty() {
        let why = "The bucket you tried to delete is not empty";
        return Err(Fault::new(409, "BucketNotEmpty", why).with("BucketName", name));
    }
    world.storage.buckets.remove(&name);
    Ok(Answer::empty())
}

fn head(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let found = bucket(world, call)
        .map_err(|_| Fault::new(404, "NotFound", "Not Found"))?
        .0;
    Ok(map! { "BucketRegion" => &found.region }.into())
}

fn list(world: &mut World, _: &Call) -> Result<Answer, Fault> {
    let buckets: Vec<Value> = world
        .storage
        .buckets
        .iter()
        .map(|(name, bucket)| map! { "Name" => name, "CreationDate" => Value::Time(bucket.created) })
        .collect();
    let owner = map! { "ID" => "0000000000000000000000000000000000000000000000000000000000000000", "DisplayName" => "simulated" };
    Ok(map! { "Buckets" => buckets, "Owner" => owner }.into())
}

fn location(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let found = bucket(world, call)?.0;
    // AWS (apis): nothing for us-east-1.
    Ok(map! { "LocationConstraint" => (found.region != "us-east-1").then_some(&found.region) }.into())
}

fn get_tagging(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let found = bucket(world, call)?.0;
    if found.tags.is_empty() {
        return Err(Fault::new(404, "NoSuchTagSet", "The TagSet does not exist"));
    }
    Ok(map! { "TagSet" => as_list(&found.tags) }.into())
}

fn put_tagging(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    bucket(world, call)?.0.tags = tag_list(call.input.path("Tagging.TagSet"));
    Ok(Answer::empty())
}

fn delete_tagging(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    bucket(world, call)?.0.tags.clear();
    Ok(Answer::empty())
}

fn forget(world: &mut World, call: &Call, what: &str) -> Result<Answer, Fault> {
    bucket(world, call)?.0.echoed.remove(what);
    Ok(Answer::empty())
}

fn get_policy(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (found, name) = bucket(world, call)?;
    let policy = found.echoed.get("policy").and_then(Value::text);
    let missing = || Fault::new(404, "NoSuchBucketPolicy", "The bucket policy does not exist").with("BucketName", name);
    policy
        .map(|policy| map! { "Policy" => policy }.into())
        .ok_or_else(missing)
}

fn put_policy(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let body = call.payload.as_ref().map(|b| String::from_utf8_lossy(b).into_owned());
    let policy = call.get("Policy").text().or(body).unwrap_or_default();
    bucket(world, call)?.0.echoed.insert("policy".to_owned(), policy.into());
    Ok(Answer::empty())
}

fn get_versioning(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let found = bucket(world, call)?.0;
    Ok(found
        .echoed
        .get("versioning")
        .cloned()
        .unwrap_or_else(|| map! {})
        .into())
}

fn put_versioning(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let given = call.get("VersioningConfiguration").clone();
    bucket(world, call)?.0.echoed.insert("versioning".to_owned(), given);
    Ok(Answer::empty())
}

fn get_public_access(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let found = bucket(world, call)?.0;
    let missing = || {
        Fault::new(
            404,
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
        )
    };
    let config = found.echoed.get("public-access").ok_or_else(missing)?;
    Ok(map! { "PublicAccessBlockConfiguration" => config }.into())
}

fn put_public_access(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let given = call.get("PublicAccessBlockConfiguration").clone();
    bucket(world, call)?.0.echoed.insert("public-access".to_owned(), given);
    Ok(Answer::empty())
}

fn acl(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    bucket(world, call)?;
    let owner = map! { "ID" => "0000000000000000000000000000000000000000000000000000000000000000", "DisplayName" => "simulated" };
    let mut grantee = owner.clone();
    grantee.set("Type", "CanonicalUser");
    Ok(
        map! { "Owner" => owner, "Grants" => vec![map! { "Grantee" => grantee, "Permission" => "FULL_CONTROL" }] }
            .into(),
    )
}

fn encryption(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    bucket(world, call)?;
    let rule = map! { "ApplyServerSideEncryptionByDefault" => map! { "SSEAlgorithm" => "AES256" }, "BucketKeyEnabled" => false };
    Ok(map! { "ServerSideEncryptionConfiguration" => map! { "Rules" => vec![rule] } }.into())
}
