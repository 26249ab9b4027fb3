"""Does a document fit its JSON schema? The keywords that our schemas of measurements use."""

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def is_of(value, kind):
    if kind in ("number", "integer"):
        return isinstance(value, int if kind == "integer" else (int, float)) and value is not True
    return isinstance(value, TYPES[kind])


def fits(value, schema, root, at, faults):
    """Appends to `faults` what does not fit."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/")[-1]]
    if "anyOf" in schema:
        tries = []
        for one in schema["anyOf"]:
            found = []
            fits(value, one, root, at, found)
            tries.append(found)
        if all(tries):
            faults.extend(tries[-1])
        return
    kinds = schema.get("type")
    if kinds and not any(is_of(value, k) for k in ([kinds] if isinstance(kinds, str) else kinds)):
        faults.append(f"{at} is no {kinds}: {value!r}")
        return
    if "const" in schema and value != schema["const"]:
        faults.append(f"{at} is {value!r}")
    if "enum" in schema and value not in schema["enum"]:
        faults.append(f"{at} is {value!r}")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            faults.append(f"{at} is {value}")
    if isinstance(value, dict):
        for key in schema.get("required", []):
            if key not in value:
                faults.append(f"{at} lacks {key}")
        others = schema.get("additionalProperties", False)
        for key, item in value.items():
            if key in schema["properties"]:
                fits(item, schema["properties"][key], root, f"{at}.{key}", faults)
            elif others:
                fits(item, others, root, f"{at}.{key}", faults)
            else:
                faults.append(f"{at} has {key}")
    if isinstance(value, list):
        for i, item in enumerate(value):
            fits(item, schema["items"], root, f"{at}[{i}]", faults)
