// Copyright (c) 2026, Ziggie maintainers
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// mongosh, standing in: runs a script against a database; each command is sent by the private interpreter.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { runInNewContext } from 'node:vm';

const PYTHON = '/usr/libexec/stand-in/python3';
const SEND = `
import json, sys
from bson import json_util
from standin.mongo import Client
asked = json.load(sys.stdin)
client = Client(asked["host"], asked["port"])
if asked["user"]:
    client.authenticate(asked["user"], asked["password"], asked["authenticationDatabase"])
print(json_util.dumps(client.command(asked["database"], json_util.loads(json.dumps(asked["command"])))))
`;
const WITH_VALUE = new Set(['--host', '--port', '--eval', '-u', '--username', '-p', '--password', '--authenticationDatabase', '--file', '-f']);

function options(argv) {
  const found = { positional: [] };
  for (let index = 0; index < argv.length; index += 1) {
    const [name, ...value] = argv[index].split('=');
    if (WITH_VALUE.has(name)) found[name.replace(/^-+/, '')] = value.length ? value.join('=') : argv[(index += 1)];
    else if (!name.startsWith('-')) found.positional.push(argv[index]);
  }
  return found;
}

const given = options(process.argv.slice(2));
const where = {
  host: given.host ?? '127.0.0.1',
  port: Number(given.port ?? 27017),
  user: given.username ?? given.u ?? '',
  password: given.password ?? given.p ?? '',
  authenticationDatabase: given.authenticationDatabase ?? 'admin',
};
let database = 'test';
const scripts = [];
for (const word of given.positional) {
  if (word.startsWith('mongodb://')) {
    const url = new URL(word);
    Object.assign(where, { host: url.hostname, port: Number(url.port || 27017), user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) });
    database = url.pathname.slice(1) || database;
  } else if (word.endsWith('.js')) scripts.push(readFileSync(word, 'utf8'));
  else database = word;
}

function send(name, command) {
  const input = JSON.stringify({ ...where, database: name, command });
  const done = spawnSync(PYTHON, ['-B', '-c', SEND], { input, encoding: 'utf8' });
  if (done.status !== 0) {
    const reason = done.stderr.trim().split('\n').pop();
    process.stderr.write(`MongoNetworkError: ${reason}\n`);
    process.exit(1);
  }
  return JSON.parse(done.stdout);
}

function must(reply) {
  if (reply.ok === 1) return reply;
  throw new Error(`MongoServerError[${reply.codeName}]: ${reply.errmsg}`);
}

function open(name) {
  const run = (command) => must(send(name, command));
  return {
    runCommand: run,
    adminCommand: (command) => must(send('admin', command)),
    getSiblingDB: open,
    getName: () => name,
    createUser: ({ user, pwd, roles }) => run({ createUser: user, pwd, roles }),
    updateUser: (user, change) => run({ updateUser: user, ...change }),
    auth: (user, password) => Object.assign(where, { user, password, authenticationDatabase: name }) && { ok: 1 },
    serverStatus: () => run({ serverStatus: 1 }),
    version: () => run({ buildInfo: 1 }).version,
    getCollection: (collection) => ({
      insertOne: (document) => run({ insert: collection, documents: [document] }),
      find: (filter = {}) => ({ toArray: () => run({ find: collection, filter }).cursor.firstBatch }),
      countDocuments: (query = {}) => run({ count: collection, query }).n,
    }),
  };
}

const print = (...words) => console.log(...words);
const context = {
  db: open(database),
  print,
  printjson: (value) => print(JSON.stringify(value, null, 2)),
  quit: (code = 0) => process.exit(code),
  exit: (code = 0) => process.exit(code),
  process,
  require: createRequire('/'),
  console,
};
if (given.eval !== undefined) scripts.push(given.eval);
if (given.file ?? given.f) scripts.push(readFileSync(given.file ?? given.f, 'utf8'));
if (scripts.length === 0) scripts.push(readFileSync(0, 'utf8'));

try {
  for (const script of scripts) {
    const result = runInNewContext(script, context);
    if (given.eval !== undefined && result !== undefined) print(typeof result === 'object' ? JSON.stringify(result) : result);
  }
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
