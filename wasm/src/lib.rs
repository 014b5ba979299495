//! The simulated fleet, handed to JavaScript.
//!
//! JavaScript holds an opaque [`World`], applies inputs, lets time go on by a
//! budget, and takes one [`Frame`](transfer::Frame) for each it draws. What
//! crosses the boundary is described in `web/src/engine/types.ts`; its Rust half is
//! [`transfer`].

mod console;
mod convert;
mod transfer;

use redarium_core::sim;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsError;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// A world of nodes, links and terminals under one virtual clock.
#[wasm_bindgen]
pub struct World {
    world: sim::World,
}

#[wasm_bindgen]
impl World {
    /// Builds a world from `WorldOptions`.
    ///
    /// # Errors
    /// When the options are not of that shape.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<Self, JsError> {
        console::show_panics();
        let options: transfer::WorldOptions = serde_wasm_bindgen::from_value(options)?;
        let topology = sim::Topology {
            replicas: options.replicas,
            latency_us: options.latency_us as u64,
            chunk_bytes: None,
        };
        Ok(Self { world: sim::World::new(options.seed as u64, &topology) })
    }

    /// Plays a script (the text form) to its end and keeps the world it made.
    ///
    /// # Errors
    /// When the text is no script; names the line.
    pub fn play(script: &str) -> Result<Self, JsError> {
        console::show_panics();
        let script = sim::Script::parse(script)
            .map_err(|error| JsError::new(&format!("not a script: {error:?}")))?;
        Ok(Self { world: script.play() })
    }

    /// Does something to the world, an `Input`.
    ///
    /// # Errors
    /// When it is not of that shape. One that names what is not there is no error.
    pub fn apply(&mut self, input: JsValue) -> Result<(), JsError> {
        let input: transfer::Input = serde_wasm_bindgen::from_value(input)?;
        self.world.apply(input.into());
        Ok(())
    }

    /// Runs until virtual time `until_us` or until so many events were handled, whichever comes
    /// first.
    #[wasm_bindgen(js_name = runUntil)]
    pub fn run_until(&mut self, until_us: f64, events_max: u32) {
        self.world.run_until(until_us as u64, events_max as usize);
    }

    /// Handles the next event, whenever it is.
    pub fn step(&mut self) {
        self.world.step();
    }

    /// What is there to see now, and what has happened since the last frame: a `Frame`.
    ///
    /// # Errors
    /// Never in practice: every transfer type is a plain object.
    pub fn frame(&mut self) -> Result<JsValue, JsError> {
        let events = convert::events(&mut self.world);
        to_js(&transfer::Frame { view: convert::view(&self.world.view()), events })
    }

    /// One packet opened, a `PacketDetail`; `null` when it is not remembered.
    ///
    /// # Errors
    /// Never in practice, as for [`World::frame`].
    pub fn packet(&self, id: f64) -> Result<JsValue, JsError> {
        match self.world.packet(sim::PacketId(id as u64)) {
            Some(packet) => to_js(&convert::packet_detail(packet)),
            None => Ok(JsValue::NULL),
        }
    }

    /// Hex digest of everything that happened so far.
    pub fn digest(&self) -> String {
        self.world.digest()
    }
}

/// Plain objects; a missing value is `null`, as `types.ts` says.
fn to_js(value: &impl Serialize) -> Result<JsValue, JsError> {
    let serializer =
        Serializer::new().serialize_missing_as_null(true).serialize_maps_as_objects(true);
    Ok(value.serialize(&serializer)?)
}
