// Copyright (c) 2026, Ziggie maintainers
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// ziggie-api, asked over connections that are kept.

import http from 'node:http';

const BASE = new URL(process.env.ZIGGIE_API_URL ?? 'http://ziggie-api:8000');
const TIMEOUT_MS = 10_000;
// Shorter than the API keeps an idle connection (75 s), so that a request never meets a closing one.
const agent = new http.Agent({ keepAlive: true, maxSockets: 64, timeout: 60_000 });

export function ask(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = http.request(new URL(path, BASE), { method, agent, headers, timeout: TIMEOUT_MS }, (reply) => {
      const chunks = [];
      reply.on('data', (chunk) => chunks.push(chunk));
      reply.on('end', () => resolve({ status: reply.statusCode, body: Buffer.concat(chunks).toString() }));
      reply.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error(`ziggie-api did not answer in ${TIMEOUT_MS} ms`)));
    request.on('error', reject);
    request.end(body);
  });
}
