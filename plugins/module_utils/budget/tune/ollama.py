# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ollama: context, parallel requests and loaded models that fit beside the weights.

The limit holds 0.5 GiB of base, and for each loaded model its weights and, for each parallel request, a key-value cache of
2 x layers x key-value heads x head size x 2 bytes a token. The context grows first, then parallel requests, then models; what the
author wrote stays, and the least memory holds one model with it: how many are loaded is a bound, and Ollama unloads one for another
where memory is short. A CPU quota comes with a thread count: llama.cpp takes the host's cores for its
own, and spinning threads under a quota are many times slower than fewer threads (ollama issue 17916).
"""

from __future__ import annotations

from ...compose.reader import Reader
from ...units import GIB, KIB, MIB, mib
from ..model import Tuning
from ..spec import Value
from .tuner import Room, Tuner, count, floor_cores, variable, whole_mib

BASE = GIB // 2
CONTEXT_STEP = 1024
# OLLAMA_MAX_LOADED_MODELS without a GPU (Ollama FAQ).
DEFAULT_MODELS = 3

CONTEXT = "OLLAMA_CONTEXT_LENGTH"
PARALLEL = "OLLAMA_NUM_PARALLEL"
MODELS = "OLLAMA_MAX_LOADED_MODELS"
THREADS = "LLAMA_ARG_THREADS"


def read(reader: Reader) -> dict[str, Value]:
    """Read the parameters; the defaults are those of a 3B model in 4-bit weights, `max_models` 0 allows as many as Ollama does."""
    return {
        "model_size": reader.size("model_size", 2 * GIB),
        "kv_per_token": reader.size("kv_per_token", 112 * KIB),
        "context": reader.count("context", 4096, CONTEXT_STEP, 10_000_000),
        "parallel": reader.count("parallel", 1, 1, 1024),
        "max_models": reader.count("max_models", 0, 1, 1024),
    }


def needs(room: Room) -> int:
    """Return the bytes of one model with the author's context and parallel requests, with the smallest context without any."""
    written = {name: room.author(name, count) for name in (CONTEXT, PARALLEL, MODELS)}
    tokens = (written[CONTEXT] or CONTEXT_STEP) * (written[PARALLEL] or 1)
    return BASE + room.number("model_size") + tokens * room.number("kv_per_token") + MIB


def derive(room: Room) -> Tuning:
    """Derive the settings."""
    weights, token = room.number("model_size"), room.number("kv_per_token")
    written = {name: room.author(name, count) or 0 for name in (CONTEXT, PARALLEL, MODELS)}
    context_wanted = written[CONTEXT] or room.number("context")
    parallel_wanted = written[PARALLEL] or room.number("parallel")
    models_wanted = written[MODELS] or room.number("max_models") or DEFAULT_MODELS
    spare = room.limit - 1 - BASE
    fitting = (spare - weights) // token
    held = fitting // (written[PARALLEL] or 1)
    context = written[CONTEXT] or max(
        CONTEXT_STEP, min(context_wanted, held if held >= context_wanted else held // CONTEXT_STEP * CONTEXT_STEP)
    )
    parallel = written[PARALLEL] or (max(1, min(parallel_wanted, fitting // context)) if context == context_wanted else 1)
    model = weights + parallel * context * token
    full = parallel == parallel_wanted and context == context_wanted
    models = written[MODELS] or (max(1, min(models_wanted, spare // model)) if full else 1)
    settings = {CONTEXT: str(context), PARALLEL: str(parallel), MODELS: str(models)}
    explain = {
        CONTEXT: (
            f"({whole_mib(room.limit)} MiB - {whole_mib(BASE)} MiB of base - {mib(weights)} of weights) / {token} bytes a token holds "
            f"{max(0, fitting)}, {context_wanted} are asked for (Ollama FAQ)"
        ),
        PARALLEL: f"{parallel_wanted} asked for; each takes a key-value cache of {whole_mib(context * token)} MiB (Ollama FAQ)",
        MODELS: f"{models_wanted} asked for; each takes {whole_mib(model)} MiB with its caches (Ollama FAQ)",
    }
    if room.quota is not None:
        settings[THREADS] = str(floor_cores(room.quota))
        explain[THREADS] = f"the whole cores of the quota of {room.quota} millicores; more threads would spin (ollama issue 17916)"
    shrunk = ""
    fewer_models = models < models_wanted and bool(room.number("max_models"))
    if not full or fewer_models:
        shrunk = (
            f"a limit of {whole_mib(room.limit)} MiB holds {models} model(s) with {parallel} request(s) of {context} tokens, "
            f"not {models_wanted if room.number('max_models') else models} with {parallel_wanted} of {context_wanted}"
        )
    return Tuning(settings=settings, explain=explain, shrunk=shrunk)


TUNER = Tuner(
    name="ollama",
    keys=("model_size", "kv_per_token", "context", "parallel", "max_models"),
    knows=frozenset({CONTEXT, PARALLEL, MODELS, THREADS}),
    read=read,
    needs=needs,
    derive=derive,
    variables=variable,
    # Its defaults follow the GPU's memory and count.
    with_gpu=False,
)
