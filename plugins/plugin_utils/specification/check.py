# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the JSON schema of the Compose Specification says of a definition, as findings.

Compose replaces variables, and drops what stands twice in a list, before it looks at the schema. So a text with a variable is wrong only
where no text can be right, and what stands twice is no problem.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError

from ...module_utils.compose import codes
from ...module_utils.compose.values import text
from ...module_utils.problems import Finding, suggestion
from ...module_utils.units import shown

try:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend
except ImportError:
    Draft202012Validator = None

SCHEMA = Path(__file__).with_name("compose-spec.json")
_WORDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}
# Below these keys a value may be a secret.
_CONFIDENTIAL = frozenset({"args", "content", "environment"})
# What Compose reads as true or false where its schema has no text: in `required` of a dependency.
_TRUTH = frozenset({"true", "false", "y", "n", "yes", "no", "on", "off"})
# A longer value is hardly written twice.
_LONGEST = 400
_FEW = 8
_NEAR = 0.5
_OWN = "begin a key of your own with x-"

_Steps = tuple[str | int, ...]


def against_specification(compose: object) -> list[Finding]:
    """Return an error for everything in a definition that the schema does not allow.

    A value is looked at once for each key, however many services have it: the schema of a service says nothing of two keys together.
    """
    if not isinstance(compose, Mapping):
        return list(_looked(compose, "", ()))
    top = {key: {} if key in _sections() and isinstance(entries, Mapping) else entries for key, entries in compose.items()}
    findings = list(_looked(top, "", ()))
    for name, section in _sections().items():
        if isinstance(compose.get(name), Mapping):
            findings.extend(_entries(compose[name], name, section))
    return findings


def _entries(entries: Mapping[Any, Any], section: str, rule: _Section) -> Iterator[Finding]:
    right: set[tuple[str, str]] = set()
    for name, entry in entries.items():
        steps = (section, _key(name))
        if not isinstance(name, str):
            yield _not_text(steps, name)
        elif not rule.name.fullmatch(name):
            yield from [_bad_name(steps)] if rule.closed else []
        elif not isinstance(entry, Mapping):
            yield from _looked(entry, section, steps)
        else:
            written = {key: (str(key), repr(value)) for key, value in entry.items()}
            new = {key: value for key, value in entry.items() if key in rule.required or written[key] not in right}
            found = list(_looked(new, section, steps))
            yield from found
            if not found:
                right.update(pair for pair in written.values() if len(pair[1]) <= _LONGEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """A section with named entries: what a name is, whether others are refused, the keys that an entry needs, and its schema."""

    name: re.Pattern[str]
    closed: bool
    required: Sequence[str]
    schema: Mapping[str, Any]


@cache
def _schema() -> Mapping[str, Any]:
    schema: Mapping[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return schema


@cache
def _sections() -> Mapping[str, _Section]:
    found = {}
    for section, schema in _schema()["properties"].items():
        for pattern, entry in schema.get("patternProperties", {}).items():
            definition = _schema()["$defs"][entry["$ref"].rpartition("/")[2]]
            found[section] = _Section(
                name=re.compile(pattern.strip("^$")),
                closed=schema.get("additionalProperties") is False,
                required=definition.get("required", ()),
                schema=definition,
            )
    return found


@cache
def _validator(section: str) -> Any:
    """Return the validator of an entry of a section, of the whole definition where the section is empty."""
    if section:
        return _validator("").evolve(schema=_sections()[section].schema)
    if Draft202012Validator is None:
        raise AnsibleError("The Python library jsonschema is not installed where Ansible runs; install what requirements.txt names.")
    draft = Draft202012Validator
    # The first form that fits is enough, where the original looks at all others, too.
    return extend(draft, {"oneOf": draft.VALIDATORS["anyOf"], "uniqueItems": lambda *_said: ()})(_schema())


def _looked(value: Any, section: str, steps: _Steps) -> Iterator[Finding]:
    strange = [_not_text((*steps, *found), key) for found, key in _strange_keys(value)]
    if strange:
        yield from strange
        value = _with_text_keys(value)
    for error in _validator(section).iter_errors(value):
        yield from _told(error, steps)


def _strange_keys(value: Any) -> Iterator[tuple[_Steps, Any]]:
    """Yield the steps to each key that is not text, and the key."""
    if isinstance(value, Mapping):
        for key, entry in value.items():
            if not isinstance(key, str):
                yield (_key(key),), key
            yield from (((_key(key), *rest), strange) for rest, strange in _strange_keys(entry))
    elif isinstance(value, list):
        for position, entry in enumerate(value):
            yield from (((position, *rest), strange) for rest, strange in _strange_keys(entry))


def _key(key: Any) -> str:
    """Return a key as text, as YAML writes it."""
    return key if isinstance(key, str) else "null" if key is None else text(key)


def _with_text_keys(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_key(key): _with_text_keys(entry) for key, entry in value.items()}
    return [_with_text_keys(entry) for entry in value] if isinstance(value, list) else value


def _told(error: Any, steps: _Steps) -> Iterator[Finding]:
    """Yield what an error of the library means. What it says of each form of a value becomes one statement about the form that was meant."""
    at = (*steps, *error.absolute_path)
    match error.validator:
        case "oneOf":
            yield from _of_forms(error, steps, at)
        case "type":
            yield from _of_type([error], at)
        case "additionalProperties":
            yield from _of_keys(error, at)
        case "required":
            for key in error.validator_value:
                if key not in error.instance:
                    yield _problem(codes.KEY_MISSING, (*at, key), "this key is missing", f"write {key}: and its value")
        case "enum" | "pattern" if "$" in str(error.instance):
            return
        case "minimum" | "maximum":
            wanted = f"{'at least' if error.validator == 'minimum' else 'at most'} {error.validator_value}"
            yield _problem(codes.WRONG_VALUE, at, f"expected {wanted}, got {_value(error.instance, at)}", f"write {wanted}")
        case _:
            said = error.validator_value
            words = [str(word) for word in (said.split("|") if isinstance(said, str) else said)]
            message = f"Compose does not accept {_value(error.instance, at)}"
            yield _problem(codes.WRONG_VALUE, at, message, suggestion(error.instance, words))


def _of_forms(error: Any, steps: _Steps, at: _Steps) -> Iterator[Finding]:
    forms: dict[Any, list[Any]] = {}
    for entry in error.context or ():
        forms.setdefault(entry.relative_schema_path[0], []).append(entry)
    for found in forms.values():
        if not any(entry.validator == "type" and not entry.relative_path for entry in found):
            for entry in found:
                yield from _told(entry, steps)
            return
    yield from _of_type([entry for found in forms.values() for entry in found if entry.validator == "type"], at)


def _of_type(errors: Iterable[Any], at: _Steps) -> Iterator[Finding]:
    kinds: list[str] = []
    instance: Any = None
    for error in errors:
        kinds += [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
        instance = error.instance
    cast = at[-1:] == ("required",) and isinstance(instance, str) and ("$" in instance or instance.lower() in _TRUTH)
    if cast and "boolean" in kinds:
        return
    *others, last = dict.fromkeys(_WORDS[kind] for kind in kinds if kind != "null" or kinds == ["null"])
    wanted = f"{', '.join(others)} or {last}" if others else last
    yield _problem(codes.WRONG_TYPE, at, f"expected {wanted}, got {_value(instance, at)}", _retyped(kinds, instance, wanted, at))


def _retyped(kinds: Sequence[str], value: Any, wanted: str, at: _Steps) -> str:
    if value is None:
        return "write a value or remove the key"
    scalar = not isinstance(value, (Mapping, list))
    if "boolean" in kinds and scalar:
        return "write true or false"
    if "string" in kinds and scalar:
        return "put it in quotes"
    if "array" in kinds and scalar:
        return f"write it as a list: [{json.dumps(value)}]" if _may_be_shown(at) else "write it as a list"
    return "write key: value pairs below it" if "object" in kinds else f"write {wanted}"


def _of_keys(error: Any, at: _Steps) -> Iterator[Finding]:
    known = error.schema.get("properties", {})
    for key in error.instance:
        if key in known or any(re.search(pattern, key) for pattern in error.schema.get("patternProperties", {})):
            continue
        if not known:
            yield _bad_name((*at, key))
            continue
        near = get_close_matches(key, known, n=1, cutoff=_NEAR)
        fix = f"write {near[0]}" if near else f"use one of {', '.join(known)}" if len(known) <= _FEW else "remove it"
        yield _problem(codes.KEY_UNKNOWN, (*at, key), f"Compose does not know the key {shown(key)}", f"{fix}, or {_OWN}")


def _bad_name(at: _Steps) -> Finding:
    return _problem(codes.NAME_INVALID, at, f"Compose does not accept the name {shown(at[-1])}", "use only letters, digits, ., _ and -")


def _not_text(at: _Steps, key: Any) -> Finding:
    why = " (YAML reads yes, no, on and off as true and false)" if isinstance(key, bool) else ""
    return _problem(codes.KEY_NOT_TEXT, at, f"the key {_key(key)} is not text{why}", "put it in quotes")


def _value(value: Any, at: _Steps) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, (Mapping, list)):
        return "a mapping" if isinstance(value, Mapping) else "a list"
    kind = "text" if isinstance(value, str) else "a value of another type"
    return _scalar(value) if _may_be_shown(at) else kind


def _scalar(value: Any) -> str:
    """Return a value as YAML writes it."""
    return json.dumps(value) if value is None or isinstance(value, bool) else shown(value)


def _may_be_shown(at: _Steps) -> bool:
    return _CONFIDENTIAL.isdisjoint(at)


def _problem(code: str, at: _Steps, message: str, fix: str) -> Finding:
    return Finding(code=code, severity="error", path=_path(at), message=message, fix=fix)


def _path(at: _Steps) -> str:
    """Return the path of a value, such as `services.a.ports[0]`, on one line."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{' '.join(step.split())}" for step in at)
    return "".join(steps).removeprefix(".") or "the definition"
