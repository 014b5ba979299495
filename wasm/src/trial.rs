//! Looking for a seed in whose world a claim does not hold.

use redarium_core::sim::campaign::Claim;
use redarium_core::sim::campaign::Plan;
use redarium_core::sim::campaign::play;
use redarium_core::sim::campaign::shrink;
use wasm_bindgen::JsError;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::console;
use crate::objects;

/// The names of all claims: an array of strings, first what is promised.
#[wasm_bindgen]
pub fn claims() -> JsValue {
    objects::list_of(Claim::ALL, |claim| JsValue::from_str(claim.name()))
}

/// Plays the world of one seed and says whether the claim held there: a `Trial`. One that did not is made
/// smaller within so many plays more.
///
/// # Errors
/// When there is no such claim.
#[wasm_bindgen(js_name = tryClaim)]
pub fn try_claim(
    claim: &str,
    seed: f64,
    nodes: u32,
    commands: u32,
    plays: u32,
) -> Result<JsValue, JsError> {
    console::show_panics();
    let claim = Claim::named(claim).ok_or_else(|| JsError::new("no such claim"))?;
    let plan = Plan { seed: seed as u64, nodes: nodes.clamp(1, 9), commands: commands as usize };
    let (script, quiet_from) = plan.script();
    let outcome = play(&script, &[claim], true);
    let Some(failure) = outcome.failure else {
        return Ok(objects::trial(&outcome.digest, None, None, None));
    };
    let (script, failure) = shrink(&script, quiet_from, &failure, plays as usize);
    let (at_us, script) = (failure.at_us as f64, script.to_string());
    Ok(objects::trial(&outcome.digest, Some(&failure.text), Some(at_us), Some(&script)))
}
