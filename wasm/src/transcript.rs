//! Transcripts for the element: the reading and the comparing are the core's, as in `redarium verify`.

use redarium_core::sim;
use redarium_core::sim::ClientId;
use redarium_core::sim::Script;
use redarium_core::transcript;
use redarium_core::transcript::Action;
use redarium_core::transcript::Step;
use redarium_core::transcript::Transcript;
use wasm_bindgen::JsError;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::World;
use crate::objects;
use crate::objects::list_of;

/// A text as a `Transcript`; `null` if it is none.
#[wasm_bindgen(js_name = readTranscript)]
pub fn read_transcript(text: &str) -> JsValue {
    let Some(Transcript { setup, steps }) = Transcript::parse(text) else { return JsValue::NULL };
    objects::transcript(
        setup.seed.map(|seed| seed as f64),
        setup.replicas,
        setup.session.as_deref(),
        list_of(&steps, step),
    )
}

/// Whether what was printed is what was expected, as lines.
#[wasm_bindgen]
pub fn matches(expected: &str, printed: &str) -> bool {
    let expected: Vec<String> = expected.lines().map(str::to_owned).collect();
    transcript::matches(&expected, printed)
}

fn step(step: &Step) -> JsValue {
    let (kind, prompt, text, us) = match &step.action {
        Action::Command { prompt, command } => ("command", prompt.as_str(), command.as_str(), 0.0),
        Action::Client { name } => ("client", "", name.as_str(), 0.0),
        Action::Advance { us } => ("advance", "", "", *us as f64),
    };
    objects::step(step.line as u32, kind, prompt, text, us, &step.expected.join("\n"))
}

#[wasm_bindgen]
impl World {
    /// Runs until a terminal waits for no reply, at most until `until_us` or until so many events were handled;
    /// whether it was answered.
    #[wasm_bindgen(js_name = runUntilAnswered)]
    pub fn run_until_answered(&mut self, client: u32, until_us: f64, events_max: u32) -> bool {
        self.world.run_until_answered(ClientId(client), until_us as u64, events_max as usize)
    }

    /// Does what a line of a script says, without its time: `type 1 SET k v`.
    ///
    /// # Errors
    /// When it is no such line.
    #[wasm_bindgen(js_name = applyLine)]
    pub fn apply_line(&mut self, line: &str) -> Result<(), JsError> {
        let script = Script::parse(&format!("redarium-script 1\n@0 {line}\n"));
        match script.ok().and_then(|script| script.steps.into_iter().next()) {
            Some((_, sim::Step::Input(input))) => self.world.apply(input),
            Some((_, sim::Step::Step)) => self.world.step(),
            None => return Err(JsError::new(&format!("this is no line of a scenario: {line}"))),
        }
        Ok(())
    }

    /// Runs until all replicas are in step with their masters, at most until `until_us`.
    #[wasm_bindgen(js_name = runUntilInSync)]
    pub fn run_until_in_sync(&mut self, until_us: f64) {
        self.world.run_until_in_sync(until_us as u64);
    }
}
