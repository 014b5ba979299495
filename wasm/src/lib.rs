//! The simulated fleet, handed to JavaScript.
//!
//! JavaScript holds an opaque [`World`], applies inputs, lets time go on by a
//! budget, and takes one frame for each it draws. What crosses the boundary is
//! described in `web/src/engine/types.ts`; [`inputs`] and [`objects`] are its
//! other half.

mod console;
mod convert;
mod disk;
mod engine;
mod inputs;
mod keys;
mod objects;
mod prompt;
mod transcript;
mod trial;
mod values;

use js_sys::Uint8Array;
use redarium_core::config::Change;
use redarium_core::config::Config;
use redarium_core::config::SETTINGS;
use redarium_core::sim;
use wasm_bindgen::JsError;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::objects::list_of;

/// A world of nodes, links and terminals under one virtual clock.
#[wasm_bindgen]
pub struct World {
    world: sim::World,
    order: keys::Order,
    microscope: disk::Microscope,
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
        let options: inputs::WorldOptions = serde_wasm_bindgen::from_value(options)?;
        let topology = options.topology().ok_or_else(|| JsError::new("no such world"))?;
        Ok(Self::of(sim::World::new(options.seed(), &topology)))
    }

    /// Plays a script (the text form) to its end and keeps the world it made.
    ///
    /// # Errors
    /// When the text is no script; names the line.
    pub fn play(script: &str) -> Result<Self, JsError> {
        console::show_panics();
        let script = sim::Script::parse(script)
            .map_err(|error| JsError::new(&format!("not a script: {error:?}")))?;
        Ok(Self::of(script.play()))
    }

    /// Does something to the world, an `Input`. One that names what is not there changes nothing.
    ///
    /// # Errors
    /// When the input is not of that shape.
    pub fn apply(&mut self, input: JsValue) -> Result<(), JsError> {
        let input: inputs::Input = serde_wasm_bindgen::from_value(input)?;
        let input = input.into_sim().ok_or_else(|| JsError::new("input lacks a field"))?;
        self.world.apply(input);
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
    pub fn frame(&mut self) -> JsValue {
        let events = convert::events(&mut self.world);
        objects::frame(convert::view(&self.world.view()), events)
    }

    /// Forgets what has happened since the last frame: it is known already. As long as what happened.
    pub fn forget(&mut self) {
        while self.world.poll_event().is_some() {}
    }

    /// The virtual time, in microseconds.
    #[wasm_bindgen(js_name = nowUs)]
    pub fn now_us(&self) -> f64 {
        self.world.now_us() as f64
    }

    /// When the next thing happens by itself; `undefined` when nothing is to come.
    #[wasm_bindgen(js_name = nextUs)]
    pub fn next_us(&self) -> Option<f64> {
        self.world.next_event_at().map(|at_us| at_us as f64)
    }

    /// Ends this instance as a bug would: what the page does then has to be tested.
    pub fn trap(&self) {
        #[cfg(target_arch = "wasm32")]
        core::arch::wasm32::unreachable();
    }

    /// One packet opened, a `PacketDetail`; `null` when it is not remembered.
    pub fn packet(&self, id: f64) -> JsValue {
        match self.world.packet(sim::PacketId(id as u64)) {
            Some(packet) => convert::packet_detail(packet),
            None => JsValue::NULL,
        }
    }

    /// Keys of a node by name, a `KeyPage`: those that match a pattern as KEYS takes it, or a part of their name.
    /// The order is that of the last question unless it shall be `fresh`.
    pub fn keys(
        &mut self,
        node: u32,
        pattern: &str,
        from: u32,
        count: u32,
        fresh: bool,
    ) -> JsValue {
        let looked_at = self.world.look_at(sim::NodeId(node));
        let (from, count) = (from as usize, count as usize);
        self.order.page(looked_at, (node, pattern), from, count, fresh)
    }

    /// One key from an element on, a `KeyView`; `null` when it is not there.
    pub fn value(&self, node: u32, db: u32, key: &[u8], from: u32) -> JsValue {
        let node = self.world.look_at(sim::NodeId(node));
        match node.and_then(|node| node.entry(db as usize, key)) {
            Some(entry) => {
                let value = values::value(entry, from as usize);
                objects::key_view(keys::row(db as usize, entry), from, value)
            }
            None => JsValue::NULL,
        }
    }

    /// The connections of a node, `ConnectionView`s.
    pub fn connections(&self, node: u32) -> JsValue {
        let node = self.world.look_at(sim::NodeId(node)).into_iter();
        list_of(node.flat_map(|node| node.connections()), |(line, waits_for)| {
            objects::connection(&line, waits_for.as_deref())
        })
    }

    /// The settings of a node, `SettingView`s.
    pub fn settings(&self, node: u32) -> JsValue {
        let defaults = Config::default();
        let shown = SETTINGS.iter().filter(|setting| setting.change != Change::Hidden);
        match self.world.look_at(sim::NodeId(node)) {
            Some(node) => list_of(shown, |setting| {
                let value = setting.value_in(node.config());
                let fixed = setting.change != Change::Anytime;
                objects::setting(setting.name, &value, &setting.value_in(&defaults), fixed)
            }),
            None => JsValue::NULL,
        }
    }

    /// The files of a node's directory, `FileView`s: none of a node that is not there.
    pub fn files(&self, node: u32) -> JsValue {
        convert::files(self.world.files(sim::NodeId(node)))
    }

    /// A piece of a file, as much of it as there is; `null` when there is no such file.
    pub fn file(&self, node: u32, name: &str, offset: f64, length: f64) -> JsValue {
        let Some(bytes) = self.world.file(sim::NodeId(node), name) else { return JsValue::NULL };
        let rest = bytes.get(offset as usize..).unwrap_or_default();
        Uint8Array::from(rest.get(..length as usize).unwrap_or(rest)).into()
    }

    /// The records of a file from one on, a `RecordPage`; `null` when there is no such file.
    pub fn records(
        &mut self,
        node: u32,
        name: &str,
        from: u32,
        count: u32,
        fresh: bool,
    ) -> JsValue {
        let (from, count) = (from as usize, count as usize);
        self.look_into(node, name, |microscope, file| microscope.records(file, from, count, fresh))
    }

    /// Bytes of a file with their names, a `ByteWindow`; `null` when there is no such file.
    pub fn window(&mut self, node: u32, name: &str, from: f64, count: u32) -> JsValue {
        let (from, count) = (from as usize, count as usize);
        self.look_into(node, name, |microscope, file| microscope.window(file, from, count))
    }

    /// The record of a file that a byte belongs to, a `RecordView`.
    pub fn record(&mut self, node: u32, name: &str, at: f64) -> JsValue {
        self.look_into(node, name, |microscope, file| microscope.record(file, at as usize))
    }

    /// Everything that was done to the world so far, as a script's text that makes it again; `undefined` when
    /// it was more than is kept.
    pub fn script(&self) -> Option<String> {
        self.world.script().map(|script| script.to_string())
    }

    /// What a terminal's prompt may say while a line is typed, a `LineHint`.
    pub fn hint(&self, client: u32, line: &str) -> JsValue {
        convert::line_hint(&self.world.hint(sim::ClientId(client), line))
    }

    /// Hex digest of everything that happened so far.
    pub fn digest(&self) -> String {
        self.world.digest()
    }
}

impl World {
    fn of(world: sim::World) -> Self {
        let (order, microscope) = (keys::Order::default(), disk::Microscope::default());
        Self { world, order, microscope }
    }

    fn look_into(
        &mut self,
        node: u32,
        name: &str,
        look: impl FnOnce(&mut disk::Microscope, disk::File<'_>) -> JsValue,
    ) -> JsValue {
        let Self { world, microscope, .. } = self;
        match world.file(sim::NodeId(node), name) {
            Some(bytes) => look(microscope, disk::File { node, name, bytes }),
            None => JsValue::NULL,
        }
    }
}
