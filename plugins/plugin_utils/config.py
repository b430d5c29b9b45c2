# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration files of services: generated from the Budget, or rendered from templates. The same input always gives the same bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import yaml

from ..module_utils.budget.model import Budget
from ..module_utils.catalog.certificates import certificates
from ..module_utils.catalog.routes import routes, sites
from ..module_utils.problems import suggestion
from ..module_utils.render.alertmanager.settings import Settings
from ..module_utils.render.alerts import Group, group
from ..module_utils.render.monitored import HOST
from ..module_utils.render.monitoring import documents
from . import front

ALERTS = Path(__file__).parents[2] / "roles" / "monitoring" / "files" / "alerts"

# A service's label in PromQL or LogQL, also as JSON quotes it: a name, or alternatives of names and of a dashboard's variables.
_MATCHER = re.compile(r"""\bservice\s*=~?\s*\\?["'`]([a-zA-Z0-9_.|${}:-]+)\\?["'`]""")

_READERS = ("config/prometheus/", "config/grafana/dashboards/", "config/loki/")

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # which of the two is known only here
    """Writes text of several lines as a block, and a value that two places share twice: no reader has to know aliases."""

    def ignore_aliases(self, _data: Any) -> bool:
        """Return that nothing is an alias."""
        return True


def _string(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _string)


def render(
    roots: Iterable[Path], budget: Mapping[str, Any], compose: Mapping[str, Any], *, live_state: bool = True, generate: bool = True
) -> dict[str, str]:
    """Render `<root>/<service>/**` of every service that runs; a later root's file replaces an earlier one's.

    Files that end in `.j2` are templates and see `budget`, `compose`, `sites`, the routes to services that run by host name, and `certificates`, those
    that are asked for, nothing else: what a file says comes from the Budget. What is generated from the Budget altogether, where `generate` says so,
    comes first, so a file of a root replaces it as well; `live_state` tells whether the host can write the live state that its rules ask for. Returns
    contents by path relative to the project directory, `config/<service>/…`. Raises `ValueError` once for all templates that cannot be rendered, files of
    JSON or YAML that do not parse, and rules and dashboards that ask for a service that is not in the Budget.
    """
    rendered: dict[str, str] = {}
    if generate:
        settings = Settings.of(compose.get("x-monitoring") or {}, name=str(compose.get("name") or ""))
        solved = Budget.from_dict(budget)
        generated = documents(solved, compose, settings, groups=alert_groups(), live_state=live_state)
        rendered = {path: text(path, document) for path, document in generated.items()}
        if front.SERVER in solved.services and solved.services[front.SERVER].enabled:
            rendered[front.PATH] = front.front_page(solved, compose, f"{settings.project} on {settings.host}")
    wrong: list[str] = []
    running = {name for name, share in budget["services"].items() if share.get("enabled")}
    known = {"budget": budget, "compose": compose, "sites": sites(routes(compose, running)), "certificates": certificates(compose, running)}
    for root in roots:
        environment = jinja2.Environment(  # configuration files, not HTML
            loader=jinja2.FileSystemLoader(root),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,
        )
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            relative = path.relative_to(root)
            if not budget["services"].get(relative.parts[0], {}).get("enabled"):
                continue
            try:
                if path.suffix == ".j2":
                    content = _rendered(environment, root, relative, known)
                    relative = relative.with_suffix("")
                else:
                    content = path.read_text(encoding="utf-8")
                _load(str(path), relative.name, content)
            except UnicodeDecodeError:
                wrong.append(f"{path} is no text in UTF-8")
                continue
            except ValueError as error:
                wrong.append(str(error).rstrip("."))
                continue
            rendered[f"config/{relative.as_posix()}"] = content
            wrong.extend(f"{path}: {what}" for what in _unknown(f"config/{relative.as_posix()}", content, budget["services"]))
    if wrong:
        raise ValueError(". ".join(wrong))
    return rendered


@cache
def alert_groups() -> tuple[Group, ...]:
    """Return the alerts of the monitoring role, a group for each file, in the order of their names."""
    return tuple(group(path.stem, _load(str(path), path.name, path.read_text(encoding="utf-8"))) for path in sorted(ALERTS.glob("*.yml")))


def _rendered(environment: jinja2.Environment, root: Path, relative: Path, known: Mapping[str, Any]) -> str:
    try:
        return environment.get_template(relative.as_posix()).render(**known)
    except (jinja2.TemplateError, ArithmeticError, AttributeError, LookupError, TypeError) as error:
        # An error of syntax knows its line, others do not.
        line = getattr(error, "lineno", None)
        raise ValueError(f"{root / relative}{f', line {line},' if line else ''} cannot be rendered: {error}") from error


def _unknown(path: str, content: str, services: Collection[str]) -> list[str]:
    """Return a sentence for each unknown service that a rule or dashboard queries.

    `path` is relative to the project directory. Patterns that are more than names are not checked.
    """
    if not path.startswith(_READERS):
        return []
    known = {*services, HOST}
    asked = {name for match in _MATCHER.finditer(content) for name in match[1].split("|") if name and "$" not in name}
    return [f"it asks for service '{name}', and there is none of that name; {suggestion(name, known)}" for name in sorted(asked - known)]


def text(path: str, document: Any) -> str:
    """Return a document in the format that its path ends in: JSON with sorted keys, or YAML in the order it was made."""
    if path.endswith(".json"):
        return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=1000, allow_unicode=True, explicit_start=True)


def _load(source: str, name: str, content: str) -> Any:
    """Return the content of a file of JSON or YAML, nothing of another one. Raises `ValueError` where it does not parse."""
    try:
        if name.endswith(".json"):
            return json.loads(content)
        return yaml.load(content, Loader=_LOADER) if name.endswith((".yml", ".yaml")) else None  # a safe loader
    except (ValueError, yaml.YAMLError) as error:
        raise ValueError(f"{source} does not parse: {' '.join(str(error).split())}") from error
