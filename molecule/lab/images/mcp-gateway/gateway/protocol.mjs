// Copyright (c) 2026, Ziggie maintainers
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// The Model Context Protocol's JSON-RPC: initialize, tools/list, tools/call.

import { ask } from './api.mjs';

const VERSION = '2025-06-18';
const TOOLS = [
  {
    name: 'list_items',
    description: 'The newest items of the Ziggie API.',
    inputSchema: { type: 'object', properties: { limit: { type: 'integer', minimum: 1, maximum: 100 } } },
  },
  {
    name: 'add_item',
    description: 'Adds an item.',
    inputSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
  },
];

async function call(name, given) {
  if (name === 'list_items') return ask('GET', `/api/items?limit=${Number(given.limit ?? 20)}`);
  if (name === 'add_item') return ask('POST', '/api/items', JSON.stringify({ name: String(given.name ?? '') }));
  throw Object.assign(new Error(`there is no tool '${name}'`), { code: -32602 });
}

async function result(method, params) {
  if (method === 'initialize') {
    return { protocolVersion: VERSION, capabilities: { tools: {} }, serverInfo: { name: 'mcp-gateway', version: '1.0.0' } };
  }
  if (method === 'ping') return {};
  if (method === 'tools/list') return { tools: TOOLS };
  if (method === 'tools/call') {
    const reply = await call(params?.name, params?.arguments ?? {});
    return { content: [{ type: 'text', text: reply.body }], isError: reply.status >= 400 };
  }
  throw Object.assign(new Error(`there is no method '${method}'`), { code: -32601 });
}

export async function answer(text) {
  let message;
  try {
    message = JSON.parse(text);
  } catch {
    return { jsonrpc: '2.0', id: null, error: { code: -32700, message: 'this is not JSON' } };
  }
  if (message.id === undefined) return null;
  try {
    return { jsonrpc: '2.0', id: message.id, result: await result(message.method, message.params) };
  } catch (error) {
    return { jsonrpc: '2.0', id: message.id, error: { code: error.code ?? -32603, message: error.message } };
  }
}
