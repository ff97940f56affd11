//! S3: objects.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{Table, as_list, page_size, tag_list};
use crate::call::{Answer, Call, Fault};
use crate::value::{Map, Value, map};
use crate::world::World;
use crate::world::bucket::{Bucket, Object, Upload, decode_key};
use crate::world::lineage::Lineage;
use crate::world::receipt::md5_hex;

pub(super) const TABLE: Table = &[
    ("AbortMultipartUpload", abort_upload),
    ("CompleteMultipartUpload", complete_upload),
    ("CopyObject", copy),
    ("CreateMultipartUpload", create_upload),
    ("DeleteObject", delete),
    ("DeleteObjectTagging", delete_tagging),
    ("DeleteObjects", delete_many),
    ("GetObject", get),
    ("GetObjectTagging", get_tagging),
    ("HeadObject", head),
    ("ListObjects", list),
    ("ListObjectsV2", list_v2),
    ("PutObject", put),
    ("PutObjectTagging", put_tagging),
    ("UploadPart", upload_part),
];

/// The bucket that a call is about.
pub(super) fn bucket<'a>(world: &'a mut World, call: &Call) -> Result<(&'a mut Bucket, String), Fault> {
    let name = call.str("Bucket").unwrap_or("").to_owned();
    match world.storage.buckets.get_mut(&name) {
        Some(bucket) => Ok((bucket, name)),
        None => Err(World::no_bucket(&name)),
    }
}

fn no_key(key: &str) -> Fault {
    Fault::new(404, "NoSuchKey", "The specified key does not exist.").with("Key", key)
}

fn object<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut Object, Fault> {
    let key = call.str("Key").unwrap_or("");
    bucket(world, call)?.0.objects.get_mut(key).ok_or_else(|| no_key(key))
}

fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

/// An object from a request's body and headers.
fn given(world: &World, call: &Call, body: Bytes) -> Object {
    let mut made = Object::of(body, world.now());
    if let Some(kind) = call.str("ContentType") {
        kind.clone_into(&mut made.content_type);
    }
    made.meta = super::tag_map(call.get("Metadata"));
    let tagging = call.str("Tagging").unwrap_or("");
    made.tags = form_urlencoded::parse(tagging.as_bytes()).into_owned().collect();
    made
}

fn put(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let made = given(world, call, call.payload.clone().unwrap_or_default());
    let (bucket, key) = (call.str("Bucket").unwrap_or(""), call.str("Key").unwrap_or(""));
    let etag = quoted(&made.etag);
    world.put_object(bucket, key, made, "ObjectCreated:Put", &Lineage::default())?;
    Ok(map! { "ETag" => etag }.into())
}

/// What an object's head says.
fn described(object: &Object) -> Value {
    let meta: Map = object.meta.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    map! {
        "AcceptRanges" => "bytes",
        "LastModified" => Value::Time(object.modified),
        "ContentLength" => object.body.len(),
        "ETag" => quoted(&object.etag),
        "ContentType" => &object.content_type,
        "Metadata" => meta,
    }
}

/// The bytes that a range such as `bytes=1-3`, `bytes=5-` or `bytes=-2` means.
fn range(text: &str, length: usize) -> Option<(usize, usize)> {
    let (from, to) = text.strip_prefix("bytes=")?.split_once('-')?;
    let last = length.checked_sub(1)?;
    match (from.parse::<usize>(), to.parse::<usize>()) {
        (Ok(from), Ok(to)) => Some((from, to.min(last))),
        (Ok(from), Err(_)) if to.is_empty() => Some((from, last)),
        (Err(_), Ok(count)) if from.is_empty() => Some((length.saturating_sub(count), last)),
        _ => None,
    }
    .filter(|(from, to)| from <= to)
}

fn get(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let found = object(world, call)?;
    let mut output = described(found);
    let (mut body, mut status) = (found.body.clone(), None);
    if let Some(text) = call.str("Range") {
        let length = body.len();
        let (from, to) = range(text, length)
            .ok_or_else(|| Fault::new(416, "InvalidRange", "The requested range is not satisfiable"))?;
        body = body.slice(from..=to);
        output.set("ContentLength", body.len());
        output.set("ContentRange", format!("bytes {from}-{to}/{length}"));
        status = Some(206);
    }
    Ok(Answer {
        output,
        payload: Some(body),
        status,
        ..Answer::default()
    })
}

fn head(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let found = object(world, call).map_err(|fault| match fault.code.as_str() {
        // AWS (apis): the answer to HEAD has no body, so only the status shows.
        "NoSuchKey" => Fault::new(404, "NotFound", "Not Found"),
        _ => fault,
    })?;
    Ok(described(found).into())
}

fn copy(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let source = decode_source(call.str("CopySource").unwrap_or(""));
    let (from, key) = source
        .split_once('/')
        .ok_or_else(|| Fault::bad("InvalidArgument", "Invalid copy source object key"))?;
    let (to, to_key) = (call.str("Bucket").unwrap_or(""), call.str("Key").unwrap_or(""));
    let replaces = call.str("MetadataDirective") == Some("REPLACE");
    if replaces && from == to && key == to_key {
        let there = world
            .storage
            .buckets
            .get(from)
            .and_then(|b| b.objects.get(key))
            .ok_or_else(|| no_key(key))?;
        let made = given(world, call, there.body.clone());
        world.put_object(to, to_key, made, "ObjectCreated:Copy", &Lineage::default())?;
    } else {
        world.copy_object(from, key, to, to_key, &Lineage::default())?;
    }
    let copied = object(world, call)?;
    let result = map! { "ETag" => quoted(&copied.etag), "LastModified" => Value::Time(copied.modified) };
    Ok(map! { "CopyObjectResult" => result }.into())
}

/// A copy's source: percent-encoded, with or without a slash before it, a version behind it.
fn decode_source(text: &str) -> String {
    let text = text.split("?versionId=").next().unwrap_or(text);
    percent_encoding::percent_decode_str(text.trim_start_matches('/'))
        .decode_utf8_lossy()
        .into_owned()
}

fn delete(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    world.delete_object(call.str("Bucket").unwrap_or(""), call.str("Key").unwrap_or(""))?;
    Ok(Answer::empty())
}

fn delete_many(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (_, name) = bucket(world, call)?;
    let mut deleted = Vec::new();
    for entry in call.input.path("Delete.Objects").list() {
        let key = entry.get("Key").text().unwrap_or_default();
        world.delete_object(&name, &key)?;
        deleted.push(map! { "Key" => key });
    }
    let quiet = call.input.path("Delete.Quiet").bool() == Some(true);
    Ok(map! { "Deleted" => if quiet || deleted.is_empty() { Value::Null } else { Value::List(deleted) } }.into())
}

/// One page of a listing: objects, folders, and where the next one begins.
struct Listing {
    contents: Vec<Value>,
    folders: Vec<Value>,
    last: Option<String>,
    truncated: bool,
}

fn walk(bucket: &Bucket, prefix: &str, delimiter: &str, after: &str, most: usize) -> Listing {
    let mut listing = Listing {
        contents: Vec::new(),
        folders: Vec::new(),
        last: None,
        truncated: false,
    };
    let mut folder: Option<String> = None;
    let from = if after > prefix { after } else { prefix };
    for (key, object) in bucket.objects.range(from.to_owned()..) {
        if !key.starts_with(prefix) {
            break;
        }
        let in_last = |folder: &String| key.starts_with(folder.as_str());
        // A page may end with a folder: all of it was reported.
        if key.as_str() <= after
            || (!delimiter.is_empty() && after.ends_with(delimiter) && key.starts_with(after))
            || folder.as_ref().is_some_and(in_last)
        {
            continue;
        }
        if listing.contents.len() + listing.folders.len() >= most {
            listing.truncated = true;
            break;
        }
        let inner = &key[prefix.len()..];
        if let Some(at) = (!delimiter.is_empty()).then(|| inner.find(delimiter)).flatten() {
            let name = format!("{prefix}{}", &inner[..at + delimiter.len()]);
            listing.folders.push(map! { "Prefix" => &name });
            listing.last = Some(name.clone());
            folder = Some(name);
            continue;
        }
        listing.last = Some(key.clone());
        listing.contents.push(map! {
            "Key" => key, "LastModified" => Value::Time(object.modified), "ETag" => quoted(&object.etag),
            "Size" => object.body.len(), "StorageClass" => "STANDARD",
        });
    }
    listing
}

fn some(list: Vec<Value>) -> Value {
    if list.is_empty() {
        Value::Null
    } else {
        Value::List(list)
    }
}

fn list_v2(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (found, name) = bucket(world, call)?;
    let (prefix, delimiter) = (call.str("Prefix").unwrap_or(""), call.str("Delimiter").unwrap_or(""));
    let token = call.str("ContinuationToken");
    let after = token.map_or_else(|| call.str("StartAfter").unwrap_or("").to_owned(), read_token);
    let most = page_size(call, "MaxKeys", 1000);
    let listing = walk(found, prefix, delimiter, &after, most);
    Ok(map! {
        "Name" => name,
        "Prefix" => prefix,
        "Delimiter" => call.get("Delimiter"),
        "StartAfter" => call.get("StartAfter"),
        "ContinuationToken" => token,
        "MaxKeys" => most,
        "KeyCount" => listing.contents.len() + listing.folders.len(),
        "IsTruncated" => listing.truncated,
        "NextContinuationToken" => listing.last.filter(|_| listing.truncated).map(|key| write_token(&key)),
        "Contents" => some(listing.contents),
        "CommonPrefixes" => some(listing.folders),
    }
    .into())
}

fn list(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let (found, name) = bucket(world, call)?;
    let (prefix, delimiter) = (call.str("Prefix").unwrap_or(""), call.str("Delimiter").unwrap_or(""));
    let marker = call.str("Marker").unwrap_or("");
    let most = page_size(call, "MaxKeys", 1000);
    let listing = walk(found, prefix, delimiter, marker, most);
    Ok(map! {
        "Name" => name,
        "Prefix" => prefix,
        "Marker" => marker,
        "Delimiter" => call.get("Delimiter"),
        "MaxKeys" => most,
        "IsTruncated" => listing.truncated,
        "NextMarker" => listing.last.filter(|_| listing.truncated && !delimiter.is_empty()),
        "Contents" => some(listing.contents),
        "CommonPrefixes" => some(listing.folders),
    }
    .into())
}

/// Tokens are opaque to clients, and safe in a URL.
fn write_token(key: &str) -> String {
    percent_encoding::utf8_percent_encode(key, percent_encoding::NON_ALPHANUMERIC)
        .to_string()
        .replace('%', "_")
}

fn read_token(token: &str) -> String {
    decode_key(&token.replace('_', "%"))
}

fn get_tagging(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    Ok(map! { "TagSet" => as_list(&object(world, call)?.tags) }.into())
}

fn put_tagging(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    object(world, call)?.tags = tag_list(call.input.path("Tagging.TagSet"));
    Ok(Answer::empty())
}

fn delete_tagging(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    object(world, call)?.tags.clear();
    Ok(Answer::empty())
}

fn no_upload() -> Fault {
    Fault::new(
        404,
        "NoSuchUpload",
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    )
}

fn create_upload(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let object = given(world, call, Bytes::new());
    let id = world.next_uuid("upload").replace('-', "");
    let key = call.str("Key").unwrap_or("").to_owned();
    let (found, name) = bucket(world, call)?;
    found.uploads.insert(
        id.clone(),
        Upload {
            key: key.clone(),
            object,
            parts: BTreeMap::new(),
        },
    );
    Ok(map! { "Bucket" => name, "Key" => key, "UploadId" => id }.into())
}

fn upload_part(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let body = call.payload.clone().unwrap_or_default();
    let etag = quoted(&md5_hex(&body));
    let number = call.int("PartNumber").unwrap_or(0);
    let upload = bucket(world, call)?
        .0
        .uploads
        .get_mut(call.str("UploadId").unwrap_or(""))
        .ok_or_else(no_upload)?;
    upload.parts.insert(number, body);
    Ok(map! { "ETag" => etag }.into())
}

fn abort_upload(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let gone = bucket(world, call)?
        .0
        .uploads
        .remove(call.str("UploadId").unwrap_or(""));
    gone.map(|_| Answer::empty()).ok_or_else(no_upload)
}

fn complete_upload(world: &mut World, call: &Call) -> Result<Answer, Fault> {
    let now = world.now();
    let (found, name) = bucket(world, call)?;
    let upload = found
        .uploads
        .remove(call.str("UploadId").unwrap_or(""))
        .ok_or_else(no_upload)?;
    let wanted: Vec<i64> = call
        .input
        .path("MultipartUpload.Parts")
        .list()
        .iter()
        .filter_map(|p| p.get("PartNumber").int())
        .collect();
    let parts: Vec<&Bytes> = wanted.iter().filter_map(|n| upload.parts.get(n)).collect();
    if parts.len() != wanted.len() || parts.is_empty() {
        return Err(Fault::bad(
            "InvalidPart",
            "One or more of the specified parts could not be found.",
        ));
    }
    let body: Vec<u8> = parts.iter().flat_map(|p| p.iter().copied()).collect();
    let mut object = upload.object;
    object.etag = format!("{}-{}", md5_hex(&body), parts.len());
    object.body = Bytes::from(body);
    object.modified = now;
    let etag = quoted(&object.etag);
    world.put_object(
        &name,
        &upload.key,
        object,
        "ObjectCreated:CompleteMultipartUpload",
        &Lineage::default(),
    )?;
    let location = format!("https://{name}.s3.amazonaws.com/{}", upload.key);
    Ok(map! { "Location" => location, "Bucket" => name, "Key" => upload.key, "ETag" => etag }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_http() {
        for (text, expected) in [
            ("bytes=1-3", Some((1, 3))),
            ("bytes=5-", Some((5, 9))),
            ("bytes=-2", Some((8, 9))),
            ("bytes=0-99", Some((0, 9))),
            ("bytes=10-11", None),
            ("lines=1-2", None),
        ] {
            assert_eq!(range(text, 10), expected, "{text}");
        }
        assert_eq!(range("bytes=0-0", 0), None);
    }

    #[test]
    fn tokens_lead_back() {
        for key in ["a/b c.json", "注文_1%", "+"] {
            assert_eq!(read_token(&write_token(key)), key);
        }
    }
}
