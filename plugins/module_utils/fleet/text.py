# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Advice as a person reads it: what binds, the ranked options with their figures, and what each service would get. Memory is in MiB, money a month."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ..budget.leave_out import lacking
from ..render.terminal import PLAIN, Terminal
from ..units import GIB, MIB, cores
from .advise import BUSY, LEVELS, NOUNS, Advice, Option, Use, money, percent

# Of how many options all is told, and for how many the table of services has room.
_TOLD = 3
_COLUMNS = 5


def lines(advice: Advice, terminal: Terminal = PLAIN) -> list[str]:
    """Return all of it as lines."""
    told = [terminal.paint(f"ADVICE for {advice.host.name} ({_size(advice)}). Nothing was changed.", "title"), ""]
    for sentence in _today(advice):
        told += terminal.wrapped(sentence)
    told += ["", *_options(advice, terminal)]
    if advice.options[0].fits and any(option.fits and option.regret < advice.options[0].regret for option in advice.options):
        told += terminal.wrapped(
            "A larger host comes first where its regret is about that of a second one: it holds as much, and nothing has to be split."
        )
    return [*told, "", *_figures(advice, terminal), *_services(advice, terminal)]


def _size(advice: Advice) -> str:
    capacity, row = advice.host.capacity, advice.current
    disk = f", {capacity.disk // GIB} GiB of disk" if capacity.disk else ""
    bought = f"; bought as {row.name}, {money(row.cost)} a month" if row else ""
    return f"{cores(capacity.cpus)} cores, {capacity.memory // MIB} MiB{disk}{bought}"


def _today(advice: Advice) -> Iterator[str]:
    keep = advice.today
    if keep.fits:
        parts = [
            f"{NOUNS[name]} {percent(part.share)} ({part.service})" if part.share < 1 else f"{NOUNS[name]} 100 %"
            for name, part in keep.parts.items()
        ]
        less = sum(keep.limits[name] < request for name, request in advice.requests.items())
        what = f"{NOUNS[advice.binding]} binds" if advice.binding else "nothing binds: every service gets all that it asks for"
        yield f"Today {what}. The worst service gets of what it asks for: {', '.join(parts)}."
        if less:
            yield f"{less} of {len(advice.requests)} services get less memory than they ask for."
    else:
        lacks = keep.fleet.placement.lacks[advice.host.name]
        yield f"Today the stack does not fit: the host lacks {', '.join(lacking(name, figure) for name, figure in lacks.items())}."
        cure = advice.cure or "no row of the price list"
        yield f"The smallest row with which every service has its floor: {cure}."
    if advice.use:
        yield _seen(advice.use, advice.host.capacity.cpus)
    if advice.current is None:
        yield (
            "Which row this host is bought as is not known, so costs are without what it costs today, and a larger host looks dearer than it is beside "
            "a second one: write current: true in its row of stack_offers."
        )


def _seen(use: Use, have: int) -> str:
    told = []
    if use.cpus is not None:
        told.append(f"{percent(Fraction(use.cpus, have))} of the cores busy, {use.over} (above {percent(BUSY)} they bind)")
    told.append(
        f"OOM kills of {', '.join(f'{name} ({count})' for name, count in sorted(use.kills.items()))}" if use.kills else "no OOM kill"
    )
    told += [f"{name} pressure {100 * share:.0f} %" for name, share in sorted(use.pressure.items()) if share >= 0.005]
    return f"Seen by the audit: {', '.join(told)}. Latency and connection pools are not in an audit."


def _options(advice: Advice, terminal: Terminal) -> Iterator[str]:
    width = max(len(option.title) for option in advice.options)
    lacks = "  ".join(f"{level:>6}" for level in LEVELS)
    head = f"{'':2}  {'':{width}}  {'':>8}  {'':>7}  {'worst':>8}  {'one can':>8}  lacks of the need, at"
    yield terminal.paint(head, "faint")
    yield terminal.paint(f"{'':2}  {'option'.ljust(width)}  {'a month':>8}  {'regret':>7}  {'service':>8}  {'get':>8}  {lacks}", "faint")
    for rank, option in enumerate(advice.options, 1):
        worst = percent(option.fleet.placement.share) if option.fits else "no floor"
        holds = "  ".join(f"{_missing(option, level):>6}" for level in LEVELS)
        figures = f"{money(option.cost):>8}  {float(option.regret):7.2f}  {worst:>8}  {option.largest // MIB:>8}  {holds}"
        yield terminal.paint(f"{rank:2}  {option.title.ljust(width)}  {figures}", "good" if rank == 1 else "" if option.fits else "error")


def _missing(option: Option, level: str) -> str:
    missing = option.missing[level]
    # Not "0 %" where something is missing.
    return "-" if not missing else f"{max(0.1, float(missing * 100)):.1f} %"


def _figures(advice: Advice, terminal: Terminal) -> Iterator[str]:
    for rank, option in enumerate(advice.options[:_TOLD], 1):
        yield terminal.paint(f"{rank}. {option.title}", "title")
        for word, sentences in (("cures", option.cures), ("does not cure", option.leaves)):
            for sentence in sentences:
                yield from terminal.wrapped(f"   {word}: {sentence}", "   ")
        if len(option.fleet.hosts) > 1 and option.fits:
            for host in option.fleet.hosts:
                names = [name for name in option.fleet.placement.services[host.name] if name not in advice.copies]
                yield from terminal.wrapped(f"   on {host.name}: {', '.join(names) or 'nothing'}", "   ")
            if advice.copies:
                yield from terminal.wrapped(f"   on both: {', '.join(advice.copies)}", "   ")
        yield ""
    if len(advice.options) > _TOLD:
        yield from terminal.wrapped("The same of the other options: -e advise_format=json.")
        yield ""


def _services(advice: Advice, terminal: Terminal) -> Iterator[str]:
    shown = [(rank, option) for rank, option in enumerate(advice.options, 1) if option.fits and option.kind != "keep"][:_COLUMNS]
    if not shown:
        return
    keep = advice.today
    width = max(len(name) for name in advice.requests)
    heads = "  ".join(f"{f'option {rank}':>9}" for rank, _option in shown)
    yield terminal.paint("What each service would get (MiB of memory for each container; * on the second host):", "title")
    yield terminal.paint(f"{'service'.ljust(width)}  {'floor':>6}  {'request':>7}  {'today':>6}  {heads}", "faint")
    today = keep.limits
    for name, request in sorted(advice.requests.items()):
        figures = "  ".join(f"{_limit(option, name):>9}" for _rank, option in shown)
        now = str(today[name] // MIB) if name in today else "-"
        yield f"{name.ljust(width)}  {-(-advice.floors[name] // MIB):>6}  {-(-request // MIB):>7}  {now:>6}  {figures}"


def _limit(option: Option, name: str) -> str:
    placement, hosts = option.fleet.placement, option.fleet.hosts
    second = len(hosts) > 1 and placement.host_of(name) != hosts[0].name
    return f"{option.limits[name] // MIB}{'*' if second else ''}"
