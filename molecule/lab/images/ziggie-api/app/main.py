# Copyright (c) 2026, Ziggie maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from ziggie_api import metrics
from ziggie_api.settings import Settings
from ziggie_api.store import Store


class NewItem(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=200)]


@asynccontextmanager
async def lifespan(application: FastAPI) -> AsyncIterator[None]:
    async with Store(Settings.from_environment()) as store:
        application.state.store = store
        yield


app = FastAPI(title="ziggie-api", version="1.0.0", lifespan=lifespan)
app.middleware("http")(metrics.measure)


@app.get("/health")
@app.get("/api/health")
async def health(request: Request) -> JSONResponse:
    checks = await request.app.state.store.check()
    well = all(answer == "ok" for answer in checks.values())
    return JSONResponse({"status": "ok" if well else "sick", "checks": checks}, 200 if well else 503)


@app.get("/api/items")
async def items(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    body, cached = await request.app.state.store.items(limit, offset)
    metrics.CACHE.labels("hit" if cached else "miss").inc()
    return Response(body, media_type="application/json", headers={"X-Cache": "hit" if cached else "miss"})


@app.post("/api/items", status_code=201)
async def add(request: Request, item: NewItem) -> dict[str, object]:
    return await request.app.state.store.add(item.name)


@app.get("/metrics")
async def exposition() -> Response:
    return metrics.exposition()
