#!/usr/bin/env python3
"""Writes crates/sim/src/wire/model/*.txt from botocore's models: which request is which operation, and where members travel.

usage: tables.py [--check]     --check: exit 1 if a file differs from what would be written

One line an operation, then the structures that need one:

    op NAME METHOD PATH STATUS INPUT OUTPUT     PATH with ?a&b=c when query keys (and !header names) are what tells it
    st NAME MEMBER[@WIRE][!PLACE][:TYPE] ...    only members that are not simply a JSON or XML child of their own name
    er SHAPE CODE STATUS                        what an error is called on the wire, where that is not its shape's name

PLACE: u path, q query, h header, p header prefix, s status, b the body itself.
TYPE: i ISO 8601, e epoch seconds, h HTTP date, $X structure, F<T> flattened list, L<name,T> list, M<T> map.
"""
import pathlib, sys
import botocore.session

OUT = pathlib.Path(__file__).resolve().parents[2] / "crates/sim/src/wire/model"
LOADER = botocore.session.get_session().get_component("data_loader")

# Operations whose structures are written; of the others only the route is, so that they are named in an error.
S3 = """AbortMultipartUpload CompleteMultipartUpload CopyObject CreateBucket CreateMultipartUpload DeleteBucket
DeleteBucketCors DeleteBucketEncryption DeleteBucketLifecycle DeleteBucketPolicy DeleteBucketTagging DeleteObject
DeleteObjectTagging DeleteObjects GetBucketAcl GetBucketCors GetBucketEncryption GetBucketLifecycleConfiguration
GetBucketLocation GetBucketNotificationConfiguration GetBucketPolicy GetBucketTagging GetBucketVersioning GetObject
GetObjectAttributes GetObjectTagging GetPublicAccessBlock HeadBucket HeadObject ListBuckets ListMultipartUploads
ListObjectVersions ListObjects ListObjectsV2 ListParts PutBucketEncryption PutBucketLifecycleConfiguration
PutBucketNotificationConfiguration PutBucketPolicy PutBucketTagging PutBucketVersioning PutObject PutObjectTagging
PutPublicAccessBlock UploadPart UploadPartCopy""".split()
API = """Api Apis Route Routes Integration Integrations Stage Stages Deployment Deployments Tags TagResource
UntagResource""".split()
V2 = [v + n for v in ("Create", "Get", "Update", "Delete", "") for n in API]
WANTED = {"s3": S3, "apigatewayv2": V2}
REST = ["lambda", "scheduler", "pipes", "apigateway", "apigatewayv2", "s3"]
QUERY = ["sns", "sts", "iam", "cloudwatch"]


class Service:
    def __init__(self, name):
        self.name, self.m = name, LOADER.load_service_model(name, "service-2")
        self.shapes, self.xml = self.m["shapes"], "xml" in self.m["metadata"]["protocol"]
        self.matter = {}

    def time(self, member, shape, place):
        form = member.get("timestampFormat") or shape.get("timestampFormat")
        default = {"h": "h", "q": "i", "u": "i"}.get(place, "i" if self.xml else "e")
        return {"iso8601": "i", "unixTimestamp": "e", "rfc822": "h", None: default}[form]

    def kind(self, member, place=None):
        """The type's text, '' if a codec needs to know nothing about it."""
        name = member["shape"]; shape = self.shapes[name]; t = shape["type"]
        if t == "timestamp":
            form = self.time(member, shape, place)
            return "" if place is None and form == ("i" if self.xml else "e") else form
        if t == "structure":
            return f"${name}" if place == "b" or self.needs(name) else ""
        if t == "list":
            inner = self.kind(shape["member"])
            if self.xml:
                flat = shape.get("flattened") or member.get("flattened")
                return f"F<{inner}>" if flat else f"L<{shape['member'].get('locationName', 'member')},{inner}>"
            return f"L<,{inner}>" if inner or place else ""
        if t == "map":
            inner = self.kind(shape["value"])
            return f"M<{inner}>" if inner or self.name == "apigatewayv2" else ""
        return ""

    def needs(self, name):
        if name not in self.matter:
            self.matter[name] = False  # a recursive structure matters only by its other members
            self.matter[name] = bool(self.members(name)) or self.name == "apigatewayv2"
        return self.matter[name]

    def members(self, name):
        shape = self.shapes[name]; out = []
        for key, member in shape.get("members", {}).items():
            place = {"uri": "u", "querystring": "q", "header": "h", "headers": "p", "statusCode": "s", None: None}[member.get("location")]
            wire = member.get("locationName", key)
            flat = self.shapes[member["shape"]]
            if self.xml and place is None and flat["type"] == "list" and (flat.get("flattened") or member.get("flattened")):
                wire = member.get("locationName") or flat["member"].get("locationName", key)
            if key == shape.get("payload"):
                place = "b"
            kind = self.kind(member, place)  # a body that is a structure keeps its type: that tells it from raw bytes
            if wire == key and not place and not kind:
                continue
            out.append(key + (f"@{wire}" if wire != key else "") + (f"!{place}" if place else "") + (f":{kind}" if kind else ""))
        return out

    def ops(self):
        wanted, lines, todo = WANTED.get(self.name), [], []
        for name, op in sorted(self.m["operations"].items()):
            if op.get("deprecated"):
                continue
            http = op["http"]; path, _, query = http["requestUri"].partition("?")
            keys = [k for k in query.split("&") if k]
            inp, out = op.get("input", {}).get("shape"), op.get("output", {}).get("shape")
            if self.name == "s3" and inp:
                for member in self.shapes[inp].get("required", []):
                    m = self.shapes[inp]["members"][member]
                    if m.get("location") == "querystring": keys.append(m["locationName"])
                    if m.get("location") == "header": keys.append("!" + m["locationName"].lower())
            known = wanted is None or name in wanted
            shapes = [s if s and known and self.needs(s) else "-" for s in (inp, out)]
            todo += [s for s in shapes if s != "-"]
            lines.append(" ".join(["op", name, http["method"], path + ("?" + "&".join(keys) if keys else ""), str(http.get("responseCode", 200)), *shapes]))
        seen = set()
        while todo:
            name = todo.pop()
            if name in seen: continue
            seen.add(name); members = self.members(name)
            lines.append(" ".join(["st", name, *members]))
            todo += [p.split(">")[0].split(",")[-1] for m in members for p in m.split("$")[1:]]
        head, tail = [l for l in lines if l[0] == "o"], sorted(l for l in lines if l[0] == "s")
        return head + tail


def errors():
    lines = []
    for name in QUERY:
        for shape, body in sorted(LOADER.load_service_model(name, "service-2")["shapes"].items()):
            e = body.get("error", {})
            if body.get("exception") and e.get("code", shape) != shape:
                lines.append(f"er {name} {shape} {e['code']} {e.get('httpStatusCode', 400)}")
    return lines


def main():
    files = {f"{n}.txt": Service(n).ops() for n in REST}; files["errors.txt"] = errors(); bad = 0
    for name, lines in files.items():
        text = "# Written by tests/clients/tables.py from botocore's model.\n" + "\n".join(lines) + "\n"; path = OUT / name
        if "--check" in sys.argv:
            if not path.exists() or path.read_text() != text: print("differs:", name); bad = 1
        else:
            OUT.mkdir(parents=True, exist_ok=True); path.write_text(text)
    sys.exit(bad)


if __name__ == "__main__":
    main()
