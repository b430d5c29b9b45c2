# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes of public ledgers."""

from __future__ import annotations

from ...units import MIB
from ..grammar import number_of
from ..program import Program, sized
from ..spelling import files, options
from ..syntax import ini

_GETH = "go-ethereum documentation, command-line options: --cache, MB"
GETH = Program(
    name="geth",
    names=("client-go", "op-geth", "bsc"),
    executables=("geth",),
    spellings=(options(_GETH, names={"cache": "cache"}, dashes="-"),),
    rules=(
        sized(
            "cache",
            number_of(MIB),
            "cache",
            plus=1024 * MIB,
            what="tries, snapshots and the database, and peers and the transaction pool beside them",
            source=_GETH,
        ),
    ),
)

_BITCOIN = "Bitcoin Core, doc/reduce-memory.md: -dbcache in MiB, -maxmempool in MB"
_NAMES = ("dbcache", "maxmempool")
BITCOIND = Program(
    name="bitcoind",
    names=("bitcoin", "bitcoin-core", "litecoin-core"),
    executables=("bitcoind", "litecoind", "dogecoind"),
    spellings=(
        files(("*/bitcoin.conf", "*/litecoin.conf"), ini(), _BITCOIN),
        options(_BITCOIN, names={name: name for name in _NAMES}, dashes="-"),
    ),
    rules=(
        sized("cache", number_of(MIB), "dbcache", plus=300 * MIB, what="coins, and what the node takes beside them", source=_BITCOIN),
        sized("cache", number_of(MIB), "maxmempool", what="transactions that wait", source=_BITCOIN),
    ),
)

PROGRAMS = (GETH, BITCOIND)
