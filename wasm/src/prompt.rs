//! redis-cli at its prompt for a server elsewhere: JavaScript has the connection, this says what to send over it and
//! what to print of what comes.

use bytes::BytesMut;
use redarium_core::client::Output;
use redarium_core::client::Session;
use redarium_core::client::Typed;
use redarium_core::resp::Protocol;
use redarium_core::sim;
use wasm_bindgen::JsError;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::convert;
use crate::objects;

/// One client's session.
#[wasm_bindgen]
pub struct Prompt {
    session: Session,
    received: BytesMut,
    /// What redis-cli says by itself.
    own: Option<(String, bool)>,
}

#[wasm_bindgen]
impl Prompt {
    /// A session with the server at `address`, not connected yet.
    #[wasm_bindgen(constructor)]
    pub fn new(address: &str) -> Self {
        Self { session: Session::new(address.into()), received: BytesMut::new(), own: None }
    }

    /// The connection is open, or it is gone.
    pub fn connected(&mut self, is_open: bool) {
        self.received.clear();
        match is_open {
            true => self.session.handle_open(),
            false => self.session.handle_close(),
        }
    }

    /// Takes a typed line: whether it asks for the connection to be closed.
    #[wasm_bindgen(js_name = type)]
    pub fn type_line(&mut self, line: &str) -> bool {
        if let Some(text) = sim::help(line) {
            self.own = Some((text, false));
            return false;
        }
        match self.session.handle_line(line.as_bytes()) {
            Typed::Nothing | Typed::Request => false,
            Typed::Refused(text) => {
                self.own = Some((text.into(), true));
                false
            }
            Typed::Quit => true,
        }
    }

    /// The next request, when one may be sent now.
    pub fn request(&mut self) -> Option<Vec<u8>> {
        let mut out = BytesMut::new();
        self.session.poll_request(&mut out).then(|| out.into())
    }

    /// Bytes have come.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.received.extend_from_slice(bytes);
    }

    /// The next thing to print, a `reply` or a `push` as in `WorldEvent`; `undefined` until more comes.
    ///
    /// # Errors
    /// When the bytes are no reply: the connection is of no more use.
    pub fn output(&mut self) -> Result<JsValue, JsError> {
        if let Some((text, is_error)) = self.own.take() {
            return Ok(objects::reply(0.0, 0, &text, is_error, 0.0));
        }
        let output = self.session.poll_output(&mut self.received);
        Ok(match output.map_err(|_| JsError::new("Protocol error"))? {
            Some(Output::Reply { text, is_error }) => {
                objects::reply(0.0, 0, &String::from_utf8_lossy(&text), is_error, 0.0)
            }
            Some(Output::Push { text }) => objects::pushed(0.0, 0, &String::from_utf8_lossy(&text)),
            None => JsValue::UNDEFINED,
        })
    }

    /// How the session stands, a `ClientView`.
    pub fn view(&self) -> JsValue {
        let Self { session, .. } = self;
        let waits_for =
            session.waits_for().map(|name| String::from_utf8_lossy(name).to_uppercase());
        let streams = session.streams().or(session.listens().then_some("SUBSCRIBE"));
        let protocol = if session.protocol() == Protocol::Resp3 { 3 } else { 2 };
        let waits = session.is_waiting() || session.streams().is_some();
        objects::client(0, 0, &session.prompt(), waits, waits_for.as_deref(), streams, protocol)
    }

    /// What is known of a line without asking the server, a `LineHint`.
    pub fn hint(&self, line: &str) -> JsValue {
        convert::line_hint(&sim::hint_without_keys(line).0)
    }

    /// What is typed of a key, where one can stand.
    pub fn partial(&self, line: &str) -> Option<Vec<u8>> {
        sim::hint_without_keys(line).1
    }
}

/// A key as it can be typed.
#[wasm_bindgen]
pub fn quoted(key: &[u8]) -> String {
    sim::quoted(key)
}
