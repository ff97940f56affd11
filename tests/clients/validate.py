"""Holds a raw answer against botocore's model of the service: no member that the model lacks, every required member
there, every member of its type. botocore's own parser forgives all of that, so the raw bytes are read again here."""
import base64, json, re
import xml.etree.ElementTree as ET

from botocore.parsers import RpcV2CBORParser

ISO = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
HTTP_DATE = re.compile(r"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$")


def problems(model, raw):
    """What is wrong with an answer; `raw` is botocore's response dict. Yields texts."""
    shape, protocol = model.output_shape, model.service_model.resolved_protocol
    if shape is None or raw["status_code"] >= 300:
        return
    yield from headers(shape, raw["headers"], protocol)
    if model.has_event_stream_output:
        return
    payload = shape.serialization.get("payload")
    if payload:
        shape = shape.members[payload]
        if shape.type_name in ("blob", "string"):
            return
    body = raw["body"]
    if protocol == "smithy-rpc-v2-cbor":
        if raw["headers"].get("smithy-protocol") != "rpc-v2-cbor":
            yield "no smithy-protocol header"
        yield from tree(shape, cbor(body), "", "cbor")
    elif protocol in ("json", "rest-json"):
        yield from tree(shape, json.loads(body or b"{}"), "", protocol)
    elif protocol == "query":
        root = ET.fromstring(body)
        if local(root) != model.name + "Response":
            yield f"root {local(root)}"
        if root.find("{*}ResponseMetadata/{*}RequestId") is None:
            yield "no RequestId in ResponseMetadata"
        result = root.find("{*}" + model.name + "Result")
        if result is not None:
            yield from xml(shape, result, "", "query")
    elif body:
        yield from xml(shape, ET.fromstring(body), "", "rest-xml")


def cbor(body):
    import io
    return RpcV2CBORParser().parse_data_item(io.BufferedReader(io.BytesIO(body))) if body else {}


def located(member):
    return member.serialization.get("location")


def headers(shape, given, protocol):
    for name, member in shape.members.items():
        if located(member) == "header":
            value = given.get(member.serialization.get("name", name))
            if value is None and name in shape.required_members:
                yield f"{name}: header missing"
            if value is not None and member.type_name == "timestamp" and not HTTP_DATE.match(value):
                yield f"{name}: {value!r} is no HTTP date"


def tree(shape, value, path, protocol):
    """JSON and CBOR."""
    kind = shape.type_name
    if value is None:
        yield f"{path}: null"
    elif kind == "structure":
        if not isinstance(value, dict):
            yield f"{path}: {type(value).__name__} is no structure"
            return
        wire = {m.serialization.get("name", n): (n, m) for n, m in shape.members.items() if not located(m)}
        for key, member in value.items():
            if key not in wire and key != "__type":
                yield f"{path}.{key}: not in the model"
            elif key in wire:
                yield from tree(wire[key][1], member, f"{path}.{key}", protocol)
        for key, (name, _) in wire.items():
            if name in shape.required_members and key not in value:
                yield f"{path}.{key}: required, missing"
    elif kind == "list":
        if not isinstance(value, list):
            yield f"{path}: {type(value).__name__} is no list"
            return
        for i, item in enumerate(value):
            yield from tree(shape.member, item, f"{path}[{i}]", protocol)
    elif kind == "map":
        if not isinstance(value, dict):
            yield f"{path}: {type(value).__name__} is no map"
            return
        for key, item in value.items():
            yield from scalar(shape.key, key, f"{path} key", protocol)
            yield from tree(shape.value, item, f"{path}.{key}", protocol)
    else:
        yield from scalar(shape, value, path, protocol)


def scalar(shape, value, path, protocol):
    kind, ok = shape.type_name, True
    if kind == "string" or kind == "character":
        ok = isinstance(value, str)
        if ok and shape.enum and value not in shape.enum:
            yield f"{path}: {value!r} is not in the enum"
    elif kind in ("integer", "long"):
        ok = isinstance(value, int) and not isinstance(value, bool)
    elif kind in ("float", "double"):
        ok = isinstance(value, float) or (protocol != "cbor" and isinstance(value, int))
    elif kind == "boolean":
        ok = isinstance(value, bool)
    elif kind == "blob":
        ok = isinstance(value, bytes) if protocol == "cbor" else decodes(value)
    elif kind == "timestamp":
        form = shape.serialization.get("timestampFormat")
        if protocol == "cbor":
            ok = hasattr(value, "timestamp")
        elif form == "iso8601":
            ok = isinstance(value, str) and bool(ISO.match(value))
        else:
            ok = isinstance(value, (int, float)) and 0 <= value < 1e10
    if not ok:
        yield f"{path}: {value!r:.60} is no {kind}"


def decodes(value):
    try:
        return isinstance(value, str) and base64.b64decode(value, validate=True) is not None
    except ValueError:
        return False


def local(node):
    return node.tag.rsplit("}", 1)[-1]


def xml(shape, node, path, protocol):
    kind = shape.type_name
    if kind == "structure":
        wire = {}
        for name, member in shape.members.items():
            if located(member) or member.serialization.get("xmlAttribute"):
                continue
            key = member.serialization.get("name", name)
            if member.type_name == "list" and member.serialization.get("flattened"):
                key = member.serialization.get("name") or member.member.serialization.get("name", name)
            wire[key] = (name, member)
        seen = set()
        for child in node:
            key = local(child)
            if key not in wire:
                yield f"{path}.{key}: not in the model"
                continue
            member = wire[key][1]
            flat = member.serialization.get("flattened")
            if key in seen and not flat:
                yield f"{path}.{key}: twice"
            seen.add(key)
            if flat and member.type_name == "list":
                yield from xml(member.member, child, f"{path}.{key}", protocol)
            else:
                yield from xml(member, child, f"{path}.{key}", protocol)
        for key, (name, _) in wire.items():
            if name in shape.required_members and key not in seen:
                yield f"{path}.{key}: required, missing"
    elif kind == "list":
        item = shape.member.serialization.get("name", "member")
        for child in node:
            if local(child) != item:
                yield f"{path}: {local(child)} in a list of {item}"
            yield from xml(shape.member, child, f"{path}[]", protocol)
    elif kind == "map":
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")
        for child in node:
            names = [local(part) for part in child]
            if local(child) != "entry" or names != [key_name, value_name]:
                yield f"{path}: {local(child)} {names} in a map"
    else:
        text = node.text or ""
        if len(node):
            yield f"{path}: children in a {kind}"
        elif kind in ("integer", "long") and not re.fullmatch(r"-?\d+", text):
            yield f"{path}: {text!r} is no {kind}"
        elif kind in ("float", "double") and not re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", text):
            yield f"{path}: {text!r} is no {kind}"
        elif kind == "boolean" and text not in ("true", "false"):
            yield f"{path}: {text!r} is no boolean"
        elif kind == "timestamp" and not (ISO.match(text) or HTTP_DATE.match(text)):
            yield f"{path}: {text!r} is no time"
        elif kind == "string" and shape.enum and text not in shape.enum and text.lower() not in shape.enum:
            # In any case: S3 answers `Prefix` where its own model says `prefix`.
            yield f"{path}: {text!r} is not in the enum"
