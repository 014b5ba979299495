//! The JavaScript objects of `web/src/engine/types.ts`: made by `objects.js`, and read here.
//!
//! Numbers are doubles where JavaScript might get more than 32 bits; times and
//! offsets stay far below 2^53. A number that is missing in what JavaScript
//! passes arrives as NaN and becomes 0, which names nothing.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// `WorldOptions`.
    pub type Options;
    #[wasm_bindgen(method, getter)]
    pub fn seed(this: &Options) -> f64;
    #[wasm_bindgen(method, getter)]
    pub fn replicas(this: &Options) -> f64;
    #[wasm_bindgen(method, getter, js_name = latencyUs)]
    pub fn latency_us(this: &Options) -> f64;

    /// `Input`. Only the fields that its kind has may be asked for.
    pub type Input;
    #[wasm_bindgen(method, getter)]
    pub fn kind(this: &Input) -> String;
    #[wasm_bindgen(method, getter)]
    pub fn of(this: &Input) -> f64;
    #[wasm_bindgen(method, getter)]
    pub fn node(this: &Input) -> f64;
    #[wasm_bindgen(method, getter)]
    pub fn client(this: &Input) -> f64;
    #[wasm_bindgen(method, getter)]
    pub fn link(this: &Input) -> f64;
    #[wasm_bindgen(method, getter)]
    pub fn line(this: &Input) -> String;
    #[wasm_bindgen(method, getter, js_name = latencyUs)]
    pub fn new_latency_us(this: &Input) -> f64;
}

#[wasm_bindgen(module = "/src/objects.js")]
extern "C" {
    pub fn list() -> JsValue;
    pub fn push(items: &JsValue, item: JsValue);

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
    pub fn link(id: u32, from: u32, to: u32, latency_us: f64, cut: bool) -> JsValue;
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
    ) -> JsValue;

    pub fn reply(at_us: f64, client: u32, text: &str, is_error: bool, elapsed_us: f64) -> JsValue;
    pub fn pushed(at_us: f64, client: u32, text: &str) -> JsValue;
    pub fn disconnected(at_us: f64, client: u32, reason: &str) -> JsValue;
    pub fn log(at_us: f64, node: u32, level: &str, text: &str) -> JsValue;
    pub fn sent(at_us: f64, packet: JsValue, fate: &str) -> JsValue;
    pub fn command(at_us: f64, node: u32, source: &str, text: &str) -> JsValue;
    #[wasm_bindgen(js_name = linkChange)]
    pub fn link_change(at_us: f64, link: u32, change: &str) -> JsValue;
    #[wasm_bindgen(js_name = roleChange)]
    pub fn role_change(at_us: f64, node: u32, role: &str) -> JsValue;
    pub fn expired(at_us: f64, node: u32, key: &str) -> JsValue;
}

/// A JavaScript array of what `make` makes of each item.
pub fn list_of<T>(items: impl IntoIterator<Item = T>, make: impl Fn(T) -> JsValue) -> JsValue {
    let made = list();
    for item in items {
        push(&made, make(item));
    }
    made
}
