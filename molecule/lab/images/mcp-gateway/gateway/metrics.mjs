// Copyright (c) 2026, Ziggie maintainers
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// http_request_duration_seconds and what Prometheus wants to know of a process.

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5, 5];
const started = Date.now() / 1000;
const series = new Map();

export function observe(method, route, status, seconds) {
  const labels = `method="${method}",route="${route}",status="${status}"`;
  let found = series.get(labels);
  if (found === undefined) {
    found = { buckets: new Array(BUCKETS.length).fill(0), count: 0, sum: 0 };
    series.set(labels, found);
  }
  found.count += 1;
  found.sum += seconds;
  BUCKETS.forEach((edge, index) => {
    if (seconds <= edge) found.buckets[index] += 1;
  });
}

export function exposition() {
  const lines = ['# HELP http_request_duration_seconds How long a request took.', '# TYPE http_request_duration_seconds histogram'];
  for (const [labels, found] of series) {
    BUCKETS.forEach((edge, index) => lines.push(`http_request_duration_seconds_bucket{${labels},le="${edge}"} ${found.buckets[index]}`));
    lines.push(`http_request_duration_seconds_bucket{${labels},le="+Inf"} ${found.count}`);
    lines.push(`http_request_duration_seconds_sum{${labels}} ${found.sum}`);
    lines.push(`http_request_duration_seconds_count{${labels}} ${found.count}`);
  }
  const memory = process.memoryUsage();
  const cpu = process.cpuUsage();
  lines.push('# TYPE process_resident_memory_bytes gauge', `process_resident_memory_bytes ${memory.rss}`);
  lines.push('# TYPE nodejs_heap_size_used_bytes gauge', `nodejs_heap_size_used_bytes ${memory.heapUsed}`);
  lines.push('# TYPE process_cpu_seconds_total counter', `process_cpu_seconds_total ${(cpu.user + cpu.system) / 1e6}`);
  lines.push('# TYPE process_start_time_seconds gauge', `process_start_time_seconds ${started}`);
  return `${lines.join('\n')}\n`;
}
