/**
 * The plain objects of `web/src/engine/types.ts`, made from what wasm passes: numbers, strings, booleans.
 *
 * One call makes one object. The engine needs no code that knows field names, which is both less to
 * download and quicker than setting fields one by one from wasm.
 */

export const frame = (view, events) => ({ view, events });

export const view = (nowUs, wallMs, nextUs, nodes, links, packets, clients) =>
  ({ nowUs, wallMs, nextUs: nextUs ?? null, nodes, links, packets, clients });

export const node = (id, address, up, crashed, paused, clockShiftMs, diskFull, role, master, masterLink, replid, replid2, offset, backlog, replicas, keys, clients, blocked) =>
  ({ id, address, up, crashed, paused, clockShiftMs, diskFull, role, master: master ?? null, masterLink: masterLink ?? null, replid, replid2, offset, backlog, replicas, keys, clients, blocked });

export const backlog = (firstOffset, length, size) => ({ firstOffset, length, size });
export const replica = (address, state, ackOffset) => ({ address, state, ackOffset });
export const link = (id, from, to, latencyUs, jitterUs, cut, stalled) =>
  ({ id, from, to, latencyUs, jitterUs, cut: cut ?? null, stalled });
export const trial = (digest, text, atUs, script) =>
  ({ digest, failure: text === undefined ? null : { text, atUs, script } });
export const file = (name, bytes, synced) => ({ name, bytes, synced });

export const packet = (id, link, from, to, sentUs, arrivesUs, bytes, kind, label) =>
  ({ id, link, from, to, sentUs, arrivesUs, bytes, kind, label });

export const part = (start, end, meaning) => ({ start, end, meaning });
export const offsets = (start, end) => ({ start, end });
export const detail = (packet, raw, truncated, parts, why, offsets) => ({ ...packet, raw, truncated, parts, why, offsets });

export const client = (id, node, prompt, waiting, blockedOn, streams, protocol) =>
  ({ id, node, prompt, waiting, blockedOn: blockedOn ?? null, streams: streams ?? null, protocol });

export const lineHint = (name, summary, parts, completions) => ({ name, summary, parts, completions });
export const hintPart = (text, state) => ({ text, state });

export const keyPage = (total, from, rows) => ({ total, from, rows });
export const keyRow = (db, name, raw, type, encoding, expireAtMs, bytes, length) =>
  ({ db, name, raw, type, encoding, expireAtMs: expireAtMs ?? null, bytes, length });
export const keyView = (row, from, value) => ({ ...row, from, value });
export const textValue = (raw, registers) => ({ kind: "text", raw, registers: registers ?? null });
export const itemsValue = (items, points) => ({ kind: "items", items, points });
export const point = (longitude, latitude) => ({ longitude, latitude });
export const item = (name, value) => ({ name, value: value ?? null });
export const streamValue = (entries, nodes, lastId, groups) => ({ kind: "stream", entries, nodes, lastId, groups });
export const streamEntry = (id, fields) => ({ id, fields });
export const streamNode = (id, bytes) => ({ id, bytes });
export const group = (name, lastId, lag, pendingCount, pending, consumers) =>
  ({ name, lastId, lag: lag ?? null, pendingCount, pending, consumers });
export const pending = (id, consumer, deliveredMs, deliveries) => ({ id, consumer, deliveredMs, deliveries });
export const consumer = (name, seenMs, pending) => ({ name, seenMs, pending });

export const recordPage = (total, bytes, from, rows, fault) => ({ total, bytes, from, rows, fault });
export const recordRow = (start, end, title, damaged) => ({ start, end, title, damaged });
export const fault = (record, text) => ({ record, text });
export const byteWindow = (from, raw, spans) => ({ from, raw, spans });
export const recordView = (index, start, end, title, spans) => ({ index, start, end, title, spans });
export const span = (start, end, level, kind, text) => ({ start, end, level, kind, text });
export const connection = (line, waitsFor) => ({ line, waitsFor: waitsFor ?? null });
export const setting = (name, value, usual, fixed) => ({ name, value, usual, fixed });

export const reply = (atUs, client, text, isError, elapsedUs) => ({ atUs, kind: "reply", client, text, isError, elapsedUs });
export const pushed = (atUs, client, text) => ({ atUs, kind: "push", client, text });
export const disconnected = (atUs, client, reason) => ({ atUs, kind: "disconnected", client, reason });
export const wire = (atUs, client, sent, raw, bytes) => ({ atUs, kind: "wire", client, sent, raw, bytes });
export const log = (atUs, node, level, text) => ({ atUs, kind: "log", node, level, text });
export const sent = (atUs, packet, fate) => ({ atUs, kind: "packet", packet, fate });
export const command = (atUs, node, source, text) => ({ atUs, kind: "command", node, source, text });
export const linkChange = (atUs, link, change) => ({ atUs, kind: "link", link, change });
export const nodeChange = (atUs, node, change) => ({ atUs, kind: "node", node, change });
export const roleChange = (atUs, node, role) => ({ atUs, kind: "role", node, role });
export const expired = (atUs, node, key) => ({ atUs, kind: "expired", node, key });

export const transcript = (seed, replicas, session, steps) =>
  ({ seed: seed ?? null, replicas: replicas ?? null, session: session ?? null, steps });
export const step = (line, kind, prompt, text, us, expected) => ({ line, kind, prompt, text, us, expected });
