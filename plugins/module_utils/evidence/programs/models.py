# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers of language models."""

from __future__ import annotations

from collections.abc import Iterator

from ...units import GIB, KIB, MIB
from ..demand import Demand
from ..grammar import number_of
from ..program import Program, Rule, Values, shown, sized
from ..spelling import options, prefixed, variables

_OLLAMA = "Ollama documentation, FAQ: concurrent requests, context window"
_WEIGHTS, _TOKEN, _BASE = 2 * GIB, 112 * KIB, 512 * MIB
_OLLAMA_NAMES = ("OLLAMA_CONTEXT_LENGTH", "OLLAMA_NUM_PARALLEL", "OLLAMA_MAX_LOADED_MODELS")


def _models(values: Values) -> Iterator[Demand]:
    context, parallel, models = (values.count(name) for name in _OLLAMA_NAMES)
    if not (context or parallel or models):
        return
    each = _WEIGHTS + (parallel or 1) * (context or 4096) * _TOKEN
    how = (
        f"{shown(_BASE)} and {models or 1} models of {shown(_WEIGHTS)} (3 billion parameters in 4 bits), each with {parallel or 1} contexts of "
        f"{context or 4096} tokens of {_TOKEN // KIB} KiB"
    )
    yield values.demand("model", _BASE + (models or 1) * each, how)


OLLAMA = Program(
    name="ollama",
    executables=("ollama",),
    spellings=(prefixed("OLLAMA_", lambda name: f"OLLAMA_{name}", _OLLAMA),),
    rules=(
        Rule(
            settings=_OLLAMA_NAMES,
            formula="512 MiB + models x (2 GiB + parallel x context x 112 KiB), for a model of 3 billion parameters in 4 bits",
            source=_OLLAMA,
            derive=_models,
        ),
    ),
)

_VLLM = "vLLM documentation, engine arguments"
VLLM = Program(
    name="vllm",
    names=("vllm-openai",),
    executables=("vllm",),
    spellings=(
        variables({"VLLM_CPU_KVCACHE_SPACE": "VLLM_CPU_KVCACHE_SPACE"}, "vLLM documentation, CPU: runtime environment variables"),
        options(_VLLM, names={"swap-space": "swap-space", "cpu-offload-gb": "cpu-offload-gb"}),
    ),
    rules=(
        sized("cache", number_of(GIB), "VLLM_CPU_KVCACHE_SPACE", what="the key-value cache in the host's memory", source=_VLLM),
        sized("buffers", number_of(GIB), "swap-space", what="swapped key-value blocks, for each GPU", source=_VLLM),
        sized("model", number_of(GIB), "cpu-offload-gb", what="weights kept in the host's memory", source=_VLLM),
    ),
)

PROGRAMS = (OLLAMA, VLLM)
