# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine is asked: a bounded number of requests at once, each with a bounded wait."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ..engine.client import Engine, EngineError
from ..host import machine
from .definition import Names

# The engine answers requests in parallel, but takes a lock for each container; more threads than this only wait for each other.
WORKERS = 4

Inspected = Mapping[str, Any]


class Unknown:
    """Collects what could not be seen."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self._lock = threading.Lock()

    def add(self, sentence: str) -> None:
        """Note a sentence once."""
        with self._lock:
            if sentence not in self.sentences:
                self.sentences.append(sentence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the engine says besides its containers."""

    version: Mapping[str, Any]
    info: Mapping[str, Any]
    volumes: tuple[Mapping[str, Any], ...]
    images: tuple[Mapping[str, Any], ...]
    disk_use: Mapping[str, Any]
    names: Names


class Asked:
    """Asks the engine, a bounded number of requests at once, each with a connection of its own thread."""

    def __init__(self, socket: str, timeout: float, unknown: Unknown) -> None:
        self._socket, self._timeout, self._unknown = socket, timeout, unknown
        self._local = threading.local()
        self._engines: list[Engine] = []
        # The first question decides whether there is an engine at all.
        try:
            self.version = self._engine().get("/version")
            if not isinstance(self.version, Mapping) or not self.version.get("ApiVersion"):
                raise EngineError(f"what answers at {socket} is not Docker's engine: it has no API version")
        except EngineError:
            self.close()
            raise

    def close(self) -> None:
        """Close all connections."""
        for engine in self._engines:
            engine.close()

    def containers(self) -> list[Inspected]:
        """Inspect all containers, in the order of their names; one that is removed meanwhile is not there."""
        listed = self._engine().get("/containers/json", all="true")
        with ThreadPoolExecutor(WORKERS) as pool:
            found = pool.map(self._inspect, [str(entry["Id"]) for entry in listed])
            return sorted((container for container in found if container), key=lambda container: str(container["Name"]))

    def facts(self, inspected: Iterable[Inspected]) -> Answers:
        """Ask for the engine's own facts, its volumes, networks and images; what it does not answer is noted."""
        identifiers = sorted({str(container.get("Image", "")) for container in inspected})
        questions: dict[str, Callable[[], Any]] = {
            "info": lambda: self._engine().get("/info"),
            "volumes": lambda: self._engine().get("/volumes")["Volumes"],
            "networks": lambda: self._engine().get("/networks"),
            "images": lambda: self._engine().get("/images/json"),
            "disk_use": self._disk_use,
        }
        with ThreadPoolExecutor(WORKERS) as pool:
            answers = dict(zip(questions, pool.map(self._attempt, questions, questions.values()), strict=True))
            images = dict(zip(identifiers, pool.map(self._image, identifiers), strict=True))
        volumes, networks = answers["volumes"] or [], answers["networks"] or []
        return Answers(
            version=self.version,
            info=answers["info"] or {},
            volumes=tuple(volumes),
            images=tuple(answers["images"] or []),
            disk_use=answers["disk_use"] or {},
            names=Names(
                volumes=_labelled(volumes, "com.docker.compose.volume"),
                networks=_labelled(networks, "com.docker.compose.network"),
                images=images,
                cores=tuple(machine.core_ids()),
            ),
        )

    def _disk_use(self) -> Any:
        return self._engine().get("/system/df?type=image&type=build-cache") if _counts_one_kind(self.version) else {}

    def _inspect(self, identifier: str) -> Inspected | None:
        try:
            found: Inspected = self._engine().get(f"/containers/{identifier}/json")
            return found
        except EngineError as error:
            if error.status != 404:
                self._unknown.add(f"container {identifier[:12]} is left out: {error}")
            return None

    def _image(self, identifier: str) -> Mapping[str, Any]:
        try:
            found: Mapping[str, Any] = self._engine().get(f"/images/{identifier}/json")
            return found
        except EngineError:
            # The container's image was removed; what its author wrote cannot be told from what the image said.
            return {}

    def _attempt(self, what: str, question: Callable[[], Any]) -> Any:
        try:
            return question()
        except (EngineError, KeyError, TypeError) as error:
            self._unknown.add(f"the engine's {what.replace('_', ' ')} is unknown: {error}")
            return None

    def _engine(self) -> Engine:
        engine: Engine | None = getattr(self._local, "engine", None)
        if engine is None:
            engine = self._local.engine = Engine(self._socket, self._timeout)
            self._engines.append(engine)
        return engine


def volume_sizes(socket: str, timeout: float, version: Mapping[str, Any]) -> dict[str, int]:
    """Return by name what the engine itself counts of its volumes; nothing where it does not say, or not in time."""
    if timeout <= 0 or not _counts_one_kind(version):
        return {}
    engine = Engine(socket, timeout)
    try:
        told = engine.get("/system/df?type=volume").get("Volumes") or []
    except EngineError:
        return {}
    finally:
        engine.close()
    return {str(volume["Name"]): size for volume in told if (size := int((volume.get("UsageData") or {}).get("Size", -1))) >= 0}


def _counts_one_kind(version: Mapping[str, Any]) -> bool:
    """Tell whether the engine can be asked for one kind of disk use: before API 1.42 it counts everything, however long that takes."""
    return tuple(int(part) for part in re.findall(r"\d+", str(version.get("ApiVersion", "1.0")))[:2]) >= (1, 42)


def _labelled(entries: Iterable[Mapping[str, Any]], label: str) -> dict[str, str]:
    return {str(entry["Name"]): name for entry in entries if (name := (entry.get("Labels") or {}).get(label))}
