# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ollama's own durations: loading a model that is already there, and its first token, cold and warm."""

from __future__ import annotations

from ..engine.settings.subject import Subject, UnknownError
from .scene import Found, Scene, each

PORT = 11434
LONGEST = 120
KEEP = "60s"
_NANO = 1_000_000_000


def measure(scene: Scene) -> Found:
    """Return by service `model`, `cold` and `warm` in seconds, or an `error`."""
    return each(_ask, scene.of_tuner("ollama", seconds=LONGEST))


def _ask(subject: Subject) -> Found:
    try:
        models = subject.fetch(PORT, "/api/tags").get("models") or []
        if not models:
            return {"error": "there is no model; ollama pull gets one"}
        name = str(min(models, key=lambda model: (model.get("size", 0), model["name"]))["name"])
        loaded = any(model.get("name") == name for model in subject.fetch(PORT, "/api/ps").get("models") or [])
        _unload(subject, name)
        # What was not loaded before is not loaded afterwards, also when we do not come back.
        cold = _generate(subject, name)
        warm = _generate(subject, name)
        if not loaded:
            _unload(subject, name)
    except UnknownError as reason:
        return {"error": str(reason)}
    except (KeyError, TypeError, ValueError) as error:
        return {"error": f"its answer cannot be read: {error}"}
    return {"model": name, "cold": cold, "warm": warm, "error": ""}


def _generate(subject: Subject, model: str) -> float:
    """Return the seconds until the first token."""
    order = {"model": model, "prompt": "Hello", "stream": False, "keep_alive": KEEP, "options": {"num_predict": 1}}
    answer = subject.fetch(PORT, "/api/generate", order)
    return float((answer["load_duration"] + answer.get("prompt_eval_duration", 0) + answer["eval_duration"]) / _NANO)


def _unload(subject: Subject, model: str) -> None:
    """Take a model out of memory: asked with no prompt, Ollama does nothing else."""
    subject.fetch(PORT, "/api/generate", {"model": model, "keep_alive": 0, "stream": False})
