"""Does a document fit its schema? The keywords of JSON Schema that docs/*.schema.json use; another one is a fault."""

import math
import re

KNOWN = {
    "$schema", "$id", "$defs", "$ref", "$comment", "title", "description", "type", "const", "enum", "anyOf",
    "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "minimum", "maximum",
    "exclusiveMinimum", "pattern", "minLength",
}
TYPES = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int,
    "number": (int, float),
}


def is_type(value, name):
    if isinstance(value, bool) and name in ("integer", "number"):
        return False
    return isinstance(value, TYPES[name])


def simple_faults(value, schema):
    if "const" in schema and value != schema["const"]:
        yield f"{value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{value!r} is none of {schema['enum']}"
    if is_type(value, "number"):
        if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            yield f"{value} is out of range"
        if value <= schema.get("exclusiveMinimum", -math.inf):
            yield f"{value} is not above {schema['exclusiveMinimum']}"
    if isinstance(value, str):
        if not re.search(schema.get("pattern", ""), value):
            yield f"{value!r} does not fit {schema['pattern']}"
        if len(value) < schema.get("minLength", 0):
            yield f"{value!r} is too short"
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{len(value)} items are too few or too many"
    if isinstance(value, dict):
        for key in schema.get("required", []):
            if key not in value:
                yield f"'{key}' is missing"


def children(value, schema):
    """What lies in the value, with its schema; None: the schema has no place for it."""
    if isinstance(value, dict):
        others = schema.get("additionalProperties", True)
        for key, child in value.items():
            of_others = None if others is False else {} if others is True else others
            yield f".{key}", child, schema.get("properties", {}).get(key, of_others)
    if isinstance(value, list):
        for i, child in enumerate(value):
            yield f"[{i}]", child, schema.get("items", {})


def faults_of(value, schema, root=None, where="$"):
    root = root or schema
    strange = set(schema) - KNOWN
    faults = [f"{where}: the test does not know {strange}"] if strange else []
    if "$ref" in schema:
        target = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        faults += faults_of(value, target, root, where)
    if "anyOf" in schema:
        faults += min((faults_of(value, one, root, where) for one in schema["anyOf"]), key=len)
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if kinds and not any(is_type(value, kind) for kind in kinds):
        return [*faults, f"{where}: {value!r} is not {kinds}"]
    faults += [f"{where}: {fault}" for fault in simple_faults(value, schema)]
    for at, child, inner in children(value, schema):
        faults += [f"{where}{at} is not in the schema"] if inner is None else faults_of(child, inner, root, where + at)
    return faults
