# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ollama: context, parallel requests and loaded models that fit beside the weights.

The limit holds 0.5 GiB of base, and for each loaded model its weights and, for each parallel request, a key-value cache of
2 x layers x key-value heads x head size x 2 bytes a token. The context grows first, then parallel requests, then models.
A CPU quota comes with a thread count: llama.cpp takes the host's cores for its own, and spinning threads under a quota are many
times slower than fewer threads (ollama issue 17916).
"""

from __future__ import annotations

from ..model import Tuning, Value
from ..reader import Reader
from ..units import GIB, KIB, MIB, mib
from .engine import Engine, Room, floor_cores, whole_mib

BASE = GIB // 2
CONTEXT_STEP = 1024


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters; the defaults are those of a 3B model in 4-bit weights."""
    return {
        "model_size": reader.size("model_size", 2 * GIB),
        "kv_per_token": reader.size("kv_per_token", 112 * KIB),
        "context": reader.count("context", 4096, CONTEXT_STEP, 10_000_000),
        "parallel": reader.count("parallel", 1, 1, 1024),
        "max_models": reader.count("max_models", 1, 1, 1024),
    }


def least(room: Room) -> int:
    """Return the memory of one model with the smallest context."""
    return BASE + room.number("model_size") + CONTEXT_STEP * room.number("kv_per_token") + MIB


def tune(room: Room) -> Tuning:
    """Derive the settings."""
    weights, token = room.number("model_size"), room.number("kv_per_token")
    wanted, parallel_wanted, models_wanted = room.number("context"), room.number("parallel"), room.number("max_models")
    spare = room.limit - 1 - BASE
    fitting = (spare - weights) // token
    context = max(CONTEXT_STEP, min(wanted, fitting if fitting >= wanted else fitting // CONTEXT_STEP * CONTEXT_STEP))
    parallel = max(1, min(parallel_wanted, fitting // context)) if context == wanted else 1
    model = weights + parallel * context * token
    models = max(1, min(models_wanted, spare // model)) if parallel == parallel_wanted and context == wanted else 1
    settings = {
        "OLLAMA_CONTEXT_LENGTH": str(context),
        "OLLAMA_NUM_PARALLEL": str(parallel),
        "OLLAMA_MAX_LOADED_MODELS": str(models),
    }
    explain = {
        "OLLAMA_CONTEXT_LENGTH": (
            f"({whole_mib(room.limit)} MiB - {whole_mib(BASE)} MiB of base - {mib(weights)} of weights) / {token} bytes a token holds "
            f"{max(0, fitting)}, {wanted} are asked for (Ollama FAQ)"
        ),
        "OLLAMA_NUM_PARALLEL": f"{parallel_wanted} asked for; each takes a key-value cache of {whole_mib(context * token)} MiB (Ollama FAQ)",
        "OLLAMA_MAX_LOADED_MODELS": f"{models_wanted} asked for; each takes {whole_mib(model)} MiB with its caches (Ollama FAQ)",
    }
    if room.quota is not None:
        settings["LLAMA_ARG_THREADS"] = str(floor_cores(room.quota))
        explain["LLAMA_ARG_THREADS"] = (
            f"the whole cores of the quota of {room.quota} millicores; more threads would spin (ollama issue 17916)"
        )
    wanted_all = (wanted, parallel_wanted, models_wanted)
    shrunk = ""
    if (context, parallel, models) != wanted_all:
        shrunk = (
            f"a limit of {whole_mib(room.limit)} MiB holds {models} model(s) with {parallel} request(s) of {context} tokens, "
            f"not {models_wanted} with {parallel_wanted} of {wanted}"
        )
    return Tuning(engine="ollama", settings=settings, environment=settings, explain=explain, shrunk=shrunk)


ENGINE = Engine(
    name="ollama",
    keys=("model_size", "kv_per_token", "context", "parallel", "max_models"),
    read=read,
    least=least,
    tune=tune,
)
