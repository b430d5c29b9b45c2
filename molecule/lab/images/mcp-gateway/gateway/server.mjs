// Copyright (c) 2026, Ziggie maintainers
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// The gateway: /health, /metrics, /mcp, and /api/… handed on to ziggie-api.

import http from 'node:http';

import { ask } from './api.mjs';
import { exposition, observe } from './metrics.mjs';
import { answer } from './protocol.mjs';

const PORT = Number(process.env.PORT ?? 8080);
const LARGEST_BODY = 1 << 20;

async function read(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw Object.assign(new Error('the body is larger than 1 MiB'), { status: 413 });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

async function health() {
  try {
    const reply = await ask('GET', '/health');
    return { status: reply.status === 200 ? 200 : 503, body: JSON.stringify({ status: reply.status === 200 ? 'ok' : 'sick', api: reply.status }) };
  } catch (error) {
    return { status: 503, body: JSON.stringify({ status: 'sick', api: error.message }) };
  }
}

async function respond(request) {
  const { pathname, search } = new URL(request.url, 'http://gateway');
  if (pathname === '/health') return { route: '/health', ...(await health()) };
  if (pathname === '/metrics') return { route: '/metrics', status: 200, type: 'text/plain; version=0.0.4', body: exposition() };
  if (pathname === '/mcp' && request.method === 'POST') {
    const reply = await answer(await read(request));
    return { route: '/mcp', status: reply === null ? 202 : 200, body: reply === null ? '' : JSON.stringify(reply) };
  }
  if (pathname.startsWith('/api/')) {
    const body = ['POST', 'PUT', 'PATCH'].includes(request.method) ? await read(request) : undefined;
    return { route: '/api', ...(await ask(request.method, pathname + search, body)) };
  }
  return { route: 'unmatched', status: 404, body: JSON.stringify({ error: `there is nothing at ${pathname}` }) };
}

const server = http.createServer(async (request, response) => {
  const began = process.hrtime.bigint();
  let found;
  try {
    found = await respond(request);
  } catch (error) {
    found = { route: 'error', status: error.status ?? 502, body: JSON.stringify({ error: error.message }) };
  }
  response.writeHead(found.status, { 'content-type': found.type ?? 'application/json', 'content-length': Buffer.byteLength(found.body) });
  response.end(found.body);
  observe(request.method, found.route, found.status, Number(process.hrtime.bigint() - began) / 1e9);
});

// Longer than the proxy keeps an idle upstream connection.
server.keepAliveTimeout = 75_000;
server.listen(PORT, '0.0.0.0', () => console.log(`mcp-gateway listens on ${PORT}`));

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    console.log(`${signal}, stopping`);
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), 25_000).unref();
  });
}
