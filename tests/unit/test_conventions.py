# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every role, plugin, fragment and scenario; a new one is checked by being there."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml
from ansible.module_utils import basic
from ansible_collections.ziggie.stack.plugins.plugin_utils.lock import LockedAction

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = "ansible_collections.ziggie.stack.plugins"

ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
DESCRIBED = sorted(path.stem for path in (ROOT / "plugins/modules").glob("[!_]*.py"))
# An action that needs no module on the host has one that only describes it.
ACTIONS = sorted(name for name in DESCRIBED if "def main" not in (ROOT / f"plugins/modules/{name}.py").read_text(encoding="utf-8"))
MODULES = sorted(set(DESCRIBED) - set(ACTIONS))
DOCUMENTED = sorted(path for kind in ("callback", "filter", "lookup", "modules") for path in (ROOT / "plugins" / kind).glob("[!_]*.py"))
FRAGMENTS = sorted((ROOT / "roles/catalog/files/services").glob("*.yml"))
SCENARIOS = sorted(path.parent for path in (ROOT / "molecule").glob("*/molecule.yml"))
SOURCES = sorted(path for folder in ("plugins", "tests", "tools", "molecule") for path in (ROOT / folder).rglob("*.py"))
CORE = sorted((ROOT / "plugins/module_utils").rglob("*.py"))


# A room imports only rooms that stand before it here: what is asked, what there is, what is made of it, what carries it out.
ROOMS = (
    *(
        "problems",
        "units",
        "tiers",
        "systemd",
        "typed",
        "collector",
        "compose",
        "images",
        "evidence",
        "budget",
        "limits",
        "settings",
        "catalog",
    ),
    *("findings", "engine", "host", "storage", "deploy", "rotate", "adopt", "observe", "render", "host_prep", "preflight", "plan"),
    *("backup", "migrate", "collect", "measure", "validate", "fleet"),
)


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def specs(role: str) -> dict[str, Any]:
    return load(ROOT / "roles" / role / "meta/argument_specs.yml")["argument_specs"]["main"]


@pytest.mark.parametrize("role", ROLES)
def test_a_roles_defaults_are_those_of_its_specs(role: str) -> None:
    defaults = ROOT / "roles" / role / "defaults/main.yml"
    documented = {name: option["default"] for name, option in specs(role).get("options", {}).items() if "default" in option}
    assert (load(defaults) if defaults.exists() else {}) == documented


def test_the_catalog_reads_the_monitoring_settings_as_their_role_sets_them() -> None:
    # `plan` runs without that role and has to make the release that `site` makes.
    tasks = (ROOT / "roles/catalog/tasks/main.yml").read_text(encoding="utf-8")
    read = {name: yaml.safe_load(value) for name, value in re.findall(r"(monitoring_\w+) \| default\((.*?)\)", tasks)}
    assert read
    assert read == {name: value for name, value in load(ROOT / "roles/monitoring/defaults/main.yml").items() if name in read}


@pytest.mark.parametrize("role", ROLES)
def test_a_roles_variables_bear_its_name(role: str) -> None:
    assert [name for name in specs(role).get("options", {}) if not name.startswith(f"{role}_")] == []


@pytest.mark.parametrize("role", ROLES)
def test_a_role_says_what_it_is(role: str) -> None:
    text = (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {role}\n")
    assert "meta/argument_specs.yml" in text
    assert load(ROOT / "roles" / role / "meta/main.yml")["galaxy_info"]["description"] == specs(role)["short_description"]


@pytest.mark.parametrize("path", DOCUMENTED, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_a_plugins_documented_name_is_its_files(path: Path) -> None:
    documentation = yaml.safe_load(constant(path, "DOCUMENTATION"))
    assert documentation["module" if path.parent.name == "modules" else "name"] == path.stem


@pytest.mark.parametrize("path", DOCUMENTED, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_a_plugin_shows_its_use_and_its_result(path: Path) -> None:
    if path.parent.name == "callback":
        return
    assert yaml.safe_load(constant(path, "EXAMPLES"))
    assert yaml.safe_load(constant(path, "RETURN"))


@pytest.mark.parametrize("path", sorted((ROOT / "plugins/filter").glob("[!_]*.py")), ids=lambda path: path.stem)
def test_a_filters_file_holds_the_filter_of_its_name(path: Path) -> None:
    assert list(importlib.import_module(f"{PLUGINS}.filter.{path.stem}").FilterModule().filters()) == [path.stem]


class Stop(BaseException):
    """Raised in place of starting a module."""


@pytest.mark.parametrize("name", MODULES)
def test_a_modules_options_are_those_it_documents(name: str) -> None:
    module = importlib.import_module(f"{PLUGINS}.modules.{name}")
    with mock.patch.object(module, "AnsibleModule", side_effect=Stop) as started, pytest.raises(Stop):
        module.main()
    assert shape(options(module.DOCUMENTATION), "suboptions") == shape(started.call_args.kwargs["argument_spec"], "options")
    assert started.call_args.kwargs["supports_check_mode"] is True


@pytest.mark.parametrize("name", ACTIONS)
def test_an_actions_options_are_those_that_its_module_documents(name: str) -> None:
    documented = options(importlib.import_module(f"{PLUGINS}.modules.{name}").DOCUMENTATION)
    arguments = importlib.import_module(f"{PLUGINS}.action.{name}").ARGUMENTS
    assert shape(documented, "suboptions") == shape(arguments, "options")


def options(documentation: str) -> dict[str, Any]:
    """Return the options that a module documents, those of the fragments that it names included."""
    described = yaml.safe_load(documentation)
    found = dict(described.get("options", {}))
    for fragment in described.get("extends_documentation_fragment", []):
        shared = importlib.import_module(f"{PLUGINS}.doc_fragments.{fragment.rpartition('.')[2]}").ModuleDocFragment.DOCUMENTATION
        more = yaml.safe_load(shared).get("options", {})
        assert not found.keys() & more.keys(), fragment
        found |= more
    return found


def shape(options: dict[str, Any], nested: str) -> dict[str, Any]:
    """What an option must agree on in both places."""
    return {
        name: {
            "type": option.get("type", "str"),
            "elements": option.get("elements"),
            "required": option.get("required", False),
            "default": option.get("default"),
            "choices": option.get("choices"),
            "options": shape(option.get(nested, {}), nested),
        }
        for name, option in options.items()
    }


@pytest.mark.parametrize("name", MODULES)
def test_a_modules_code_is_shorter_than_its_documentation(name: str) -> None:
    text = (ROOT / "plugins/modules" / f"{name}.py").read_text(encoding="utf-8")
    documents = [
        (node.end_lineno or 0) - node.lineno + 1
        for node in ast.parse(text).body
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id in ("DOCUMENTATION", "EXAMPLES", "RETURN") for target in node.targets)
    ]
    assert len(text.splitlines()) - sum(documents) < sum(documents)


# These change nothing on a host; the restarts of validate and the stops of a backup are held back by their own modules.
READERS = {"adopt", "advise", "audit", "backup", "credentials", "drill", "fleet", "init", "plan", "recommend", "updates", "validate"}
PLAYBOOKS = sorted(path for path in (ROOT / "playbooks").glob("*.yml"))
_CONTROLLER = {f"ansible.builtin.{name}" for name in ("debug", "fail", "meta", "set_fact")}


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_a_playbook_that_changes_a_host_takes_its_lock_first(path: Path) -> None:
    first = [
        next((task for task in play.get("tasks", []) if not is_of_the_controller(task)), {}) for play in load(path) if asks_a_host(play)
    ]
    assert path.stem in READERS or all({"ziggie.stack.lock", "ziggie.stack.up"} & task.keys() for task in first)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_that_changes_a_host_takes_the_lock_in_the_name_of_its_run(name: str) -> None:
    locks = hasattr(importlib.import_module(f"{PLUGINS}.modules.{name}"), "working") or name == "lock"
    assert locks == (name not in {"audit", "history", "host_info", "plan_file", "stack_info"})
    if locks:
        assert issubclass(importlib.import_module(f"{PLUGINS}.action.{name}").ActionModule, LockedAction)


def asks_a_host(play: dict[str, Any]) -> bool:
    """Tell whether a play does more than work on the controller."""
    return "roles" in play or any(not is_of_the_controller(task) for task in play.get("tasks", []))


def is_of_the_controller(task: dict[str, Any]) -> bool:
    return bool(_CONTROLLER & task.keys()) or task.get("ansible.builtin.import_tasks") == "tasks/options.yml"


def test_the_modules_that_share_options_are_one_group() -> None:
    groups: dict[str, list[str]] = {"lock": [], "stack": []}
    for name in DESCRIBED:
        written = (ROOT / f"plugins/modules/{name}.py").read_text(encoding="utf-8")
        for fragment, names in groups.items():
            if f"  - ziggie.stack.{fragment}\n" in written.partition("EXAMPLES")[0]:
                names.append(name)
    assert load(ROOT / "meta/runtime.yml")["action_groups"] == groups


def test_contributing_says_why_the_collection_depends_on_each_other_one() -> None:
    reasons = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Why each dependency")[2]
    assert [name for name in load(ROOT / "galaxy.yml")["dependencies"] if f"| {name} |" not in reasons] == []


def test_modules_are_started_through_ansible_modules_class() -> None:
    assert all(importlib.import_module(f"{PLUGINS}.modules.{name}").AnsibleModule is basic.AnsibleModule for name in MODULES)


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.stem)
def test_a_fragment_declares_the_service_of_its_name(path: Path) -> None:
    assert list(load(path)["services"]) == [path.stem]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.name)
def test_a_scenario_converges_and_verifies(scenario: Path) -> None:
    assert [name for name in ("converge.yml", "verify.yml") if not (scenario / name).exists()] == []


def test_there_is_a_default_scenario() -> None:
    assert "default" in [path.name for path in SCENARIOS]


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.relative_to(ROOT / "plugins/module_utils").as_posix())
def test_the_core_needs_nothing_but_the_standard_library(path: Path) -> None:
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom) and node.level == 0
            else []
        )
    }
    assert imported & {"ansible", "ansible_collections", "yaml", "jinja2", "docker", "requests"} == set()


def parts_imported(path: Path, *, at_once: bool = False) -> Iterator[tuple[str, ...]]:
    """Yield the parts of the core that a file of the collection imports, as paths below module_utils; `at_once`, those that it imports whatever it does."""
    folder = path.relative_to(ROOT / "plugins").parent.parts
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body if at_once else ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            named = (node.module or "").removeprefix(f"{PLUGINS}.").split(".")
            base = [*folder[: len(folder) - node.level + 1], *filter(None, named)] if node.level else named
            if base[0] == "module_utils":
                yield from ((*base[1:], alias.name) for alias in node.names)


def files_of(parts: Iterable[tuple[str, ...]]) -> list[Path]:
    """Return the files of the core that these parts are, or stand in."""
    places = [ROOT / "plugins/module_utils" / Path(*part) for part in parts]
    return [file for place in places for file in (place.with_suffix(".py"), place.parent.with_suffix(".py")) if file.exists()]


@pytest.mark.parametrize(("name", "most", "at_once"), [("stack_info", 20, False), ("up", 47, False), ("up", 20, True)])
def test_what_nearly_every_run_calls_imports_few_files(name: str, most: int, at_once: bool) -> None:
    """Each is sent to the host, and those that are imported at once are compiled there before the module does anything."""
    waiting, found = [ROOT / "plugins/modules" / f"{name}.py"], set[Path]()
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += files_of(parts_imported(path, at_once=at_once))
    assert len(found) <= most


def test_every_room_of_the_core_has_its_place() -> None:
    here = {path.relative_to(ROOT / "plugins/module_utils").parts[0].removesuffix(".py") for path in CORE}
    assert here - {"__init__"} - set(ROOMS) == set()


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.relative_to(ROOT / "plugins/module_utils").as_posix())
def test_the_core_imports_nothing_from_a_room_above(path: Path) -> None:
    own = path.relative_to(ROOT / "plugins/module_utils").parts[0].removesuffix(".py")
    imported = list(parts_imported(path))
    if path.stem == "codes":
        # A table of codes is read by every room, so it imports none.
        assert imported == []
        return
    if own == "__init__":
        return
    below = set(ROOMS[: ROOMS.index(own) + 1])
    assert {".".join(part) for part in imported if "codes" not in part and part[0] not in below} == set()


def test_small_files_of_the_core_are_few() -> None:
    """What one neighbour uses stands with it; packages and tables of codes have their place by name."""
    small = [path for path in CORE if path.stem not in ("__init__", "codes") and len(path.read_text(encoding="utf-8").splitlines()) <= 35]
    assert len(small) <= 8


def test_every_source_says_whose_it_is() -> None:
    head = "# Copyright (c) 2026, Ziggie maintainers\n# GNU General Public License v3.0+ "
    texts = {path: path.read_text(encoding="utf-8") for path in SOURCES}
    assert [path for path, text in texts.items() if text and head not in text[:200]] == []


def test_nothing_is_left_out_of_any_check() -> None:
    assert not list((ROOT / "tests/sanity").glob("ignore-*.txt"))
    assert not (ROOT / ".ansible-lint-ignore").exists()
    lint = load(ROOT / ".config/ansible-lint.yml")
    assert not {"skip_list", "warn_list"} & set(lint)
    assert lint["profile"] == "production"


def test_every_check_that_make_runs_is_one() -> None:
    asked = set(re.findall(r"tools/test ([a-z-]+)", (ROOT / "Makefile").read_text(encoding="utf-8")))
    usage = subprocess.run(
        [sys.executable, "-m", "testkit", "--help"], cwd=ROOT / "tools", capture_output=True, text=True, check=True, timeout=60
    ).stdout
    known = re.search(r"\{(.*?)\}", usage)
    assert known
    assert asked >= {"lint", "unit", "vps", "bench", "all"}
    assert asked <= set(known[1].split(","))


def test_the_changelog_knows_the_collections_version() -> None:
    released = load(ROOT / "changelogs/changelog.yaml")["releases"]
    assert load(ROOT / "galaxy.yml")["version"] in released


def test_the_changelog_names_every_plugin_of_a_release() -> None:
    # Mended by `antsibull-changelog release --version VERSION --update-existing --reload-plugins`.
    releases = load(ROOT / "changelogs/changelog.yaml")["releases"]
    named = {
        (kind, plugin["name"])
        for release in releases.values()
        for kind, plugins in [("modules", release.get("modules", [])), *release.get("plugins", {}).items()]
        for plugin in plugins
    }
    released = {
        (path.parent.name, path.stem) for path in DOCUMENTED if yaml.safe_load(constant(path, "DOCUMENTATION"))["version_added"] in releases
    }
    assert released - named == set()


def constant(path: Path, name: str) -> str:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == name for target in node.targets):
            return str(ast.literal_eval(node.value))
    raise AssertionError(f"{path.name} has no {name}")
