//! The objects of `web/src/engine/types.ts` that JavaScript is given, made by `objects.js`.
//!
//! Numbers are doubles where JavaScript might get more than 32 bits; times and
//! offsets stay far below 2^53. A frame is made sixty times a second, and
//! deriving these objects from Rust types took three times as long.

use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/objects.js")]
extern "C" {
    pub fn frame(view: JsValue, events: JsValue) -> JsValue;
    pub fn view(
        now_us: f64,
        wall_ms: f64,
        next_us: Option<f64>,
        nodes: JsValue,
        links: JsValue,
        packets: JsValue,
        clients: JsValue,
    ) -> JsValue;
    pub fn node(
        id: u32,
        address: &str,
        up: bool,
        crashed: bool,
        paused: bool,
        clock_shift_ms: f64,
        disk_full: bool,
        role: &str,
        master: Option<&str>,
        master_link: Option<&str>,
        replid: &str,
        replid2: &str,
        offset: f64,
        backlog: JsValue,
        replicas: JsValue,
        keys: f64,
        clients: f64,
        blocked: f64,
    ) -> JsValue;
    pub fn backlog(first_offset: f64, length: f64, size: f64) -> JsValue;
    pub fn replica(address: &str, state: &str, ack_offset: f64) -> JsValue;
    pub fn link(
        id: u32,
        from: u32,
        to: u32,
        latency_us: f64,
        jitter_us: f64,
        cut: Option<&str>,
        stalled: bool,
    ) -> JsValue;
    pub fn trial(
        digest: &str,
        text: Option<&str>,
        at_us: Option<f64>,
        script: Option<&str>,
    ) -> JsValue;
    pub fn file(name: &str, bytes: f64, synced: f64) -> JsValue;
    pub fn packet(
        id: f64,
        link: u32,
        from: u32,
        to: u32,
        sent_us: f64,
        arrives_us: f64,
        bytes: f64,
        kind: &str,
        label: &str,
    ) -> JsValue;
    pub fn part(start: f64, end: f64, meaning: &str) -> JsValue;
    pub fn offsets(start: f64, end: f64) -> JsValue;
    pub fn detail(
        packet: JsValue,
        raw: Vec<u8>,
        truncated: bool,
        parts: JsValue,
        why: &str,
        offsets: JsValue,
    ) -> JsValue;
    pub fn client(
        id: u32,
        node: u32,
        prompt: &str,
        waiting: bool,
        blocked_on: Option<&str>,
        streams: Option<&str>,
        protocol: u8,
    ) -> JsValue;

    #[wasm_bindgen(js_name = lineHint)]
    pub fn line_hint(name: &str, summary: &str, parts: JsValue, completions: JsValue) -> JsValue;
    #[wasm_bindgen(js_name = hintPart)]
    pub fn hint_part(text: &str, state: &str) -> JsValue;

    #[wasm_bindgen(js_name = keyPage)]
    pub fn key_page(total: f64, from: f64, rows: JsValue) -> JsValue;
    #[wasm_bindgen(js_name = keyRow)]
    pub fn key_row(
        db: f64,
        name: &str,
        raw: Vec<u8>,
        type_name: &str,
        encoding: &str,
        expire_at_ms: Option<f64>,
        bytes: f64,
        length: f64,
    ) -> JsValue;
    #[wasm_bindgen(js_name = keyView)]
    pub fn key_view(row: JsValue, from: u32, value: JsValue) -> JsValue;
    #[wasm_bindgen(js_name = textValue)]
    pub fn text_value(raw: Vec<u8>, registers: Option<Vec<u8>>) -> JsValue;
    #[wasm_bindgen(js_name = itemsValue)]
    pub fn items_value(items: JsValue, points: JsValue) -> JsValue;
    pub fn point(longitude: f64, latitude: f64) -> JsValue;
    pub fn item(name: &str, value: Option<&str>) -> JsValue;
    #[wasm_bindgen(js_name = streamValue)]
    pub fn stream_value(
        entries: JsValue,
        nodes: JsValue,
        last_id: &str,
        groups: JsValue,
    ) -> JsValue;
    #[wasm_bindgen(js_name = streamEntry)]
    pub fn stream_entry(id: &str, fields: JsValue) -> JsValue;
    #[wasm_bindgen(js_name = streamNode)]
    pub fn stream_node(id: &str, bytes: f64) -> JsValue;
    pub fn group(
        name: &str,
        last_id: &str,
        lag: Option<f64>,
        pending_count: f64,
        pending: JsValue,
        consumers: JsValue,
    ) -> JsValue;
    pub fn pending(id: &str, consumer: &str, delivered_ms: f64, deliveries: f64) -> JsValue;
    pub fn consumer(name: &str, seen_ms: f64, pending: f64) -> JsValue;

    #[wasm_bindgen(js_name = recordPage)]
    pub fn record_page(total: f64, bytes: f64, from: f64, rows: JsValue, fault: JsValue)
    -> JsValue;
    #[wasm_bindgen(js_name = recordRow)]
    pub fn record_row(start: f64, end: f64, title: &str, damaged: bool) -> JsValue;
    pub fn fault(record: f64, text: &str) -> JsValue;
    #[wasm_bindgen(js_name = byteWindow)]
    pub fn byte_window(from: f64, raw: Vec<u8>, spans: JsValue) -> JsValue;
    #[wasm_bindgen(js_name = recordView)]
    pub fn record_view(index: f64, start: f64, end: f64, title: &str, spans: JsValue) -> JsValue;
    pub fn span(start: f64, end: f64, level: u8, kind: &str, text: &str) -> JsValue;
    pub fn connection(line: &str, waits_for: Option<&str>) -> JsValue;
    pub fn setting(name: &str, value: &str, usual: &str, fixed: bool) -> JsValue;

    pub fn reply(at_us: f64, client: u32, text: &str, is_error: bool, elapsed_us: f64) -> JsValue;
    pub fn pushed(at_us: f64, client: u32, text: &str) -> JsValue;
    pub fn disconnected(at_us: f64, client: u32, reason: &str) -> JsValue;
    pub fn wire(at_us: f64, client: u32, sent: bool, raw: Vec<u8>, bytes: f64) -> JsValue;
    pub fn log(at_us: f64, node: u32, level: &str, text: &str) -> JsValue;
    pub fn sent(at_us: f64, packet: JsValue, fate: &str) -> JsValue;
    pub fn command(at_us: f64, node: u32, source: &str, text: &str) -> JsValue;
    #[wasm_bindgen(js_name = linkChange)]
    pub fn link_change(at_us: f64, link: u32, change: &str) -> JsValue;
    #[wasm_bindgen(js_name = nodeChange)]
    pub fn node_change(at_us: f64, node: u32, change: &str) -> JsValue;
    #[wasm_bindgen(js_name = roleChange)]
    pub fn role_change(at_us: f64, node: u32, role: &str) -> JsValue;
    pub fn expired(at_us: f64, node: u32, key: &str) -> JsValue;

    pub fn transcript(
        seed: Option<f64>,
        replicas: Option<u32>,
        session: Option<&str>,
        steps: JsValue,
    ) -> JsValue;
    pub fn step(
        line: u32,
        kind: &str,
        prompt: &str,
        text: &str,
        us: f64,
        expected: &str,
    ) -> JsValue;
}

/// A JavaScript array of what `make` makes of each item.
pub fn list_of<T>(items: impl IntoIterator<Item = T>, make: impl Fn(T) -> JsValue) -> JsValue {
    items.into_iter().map(make).collect::<Array>().into()
}
