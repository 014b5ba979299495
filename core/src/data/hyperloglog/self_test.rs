//! PFSELFTEST: a check of the machine and the build, on fresh values.
//!
//! Redis counts ten million elements, for some seconds; a hundredth of that finds the same faults and
//! holds up nobody.

use super::EMPTY;
use super::REGISTERS;
use super::add;
use super::count;
use crate::rng::Rng;

const ELEMENTS: u64 = 100_000;

/// The standard error of as many registers is 0.81 %; one count in a billion is six times that off.
const ERROR_MAX: f64 = 6.0 * 1.04;

/// Counts random elements in both encodings.
///
/// # Errors
/// What was found to be wrong.
pub fn self_test(rng: &mut Rng) -> Result<(), String> {
    let (mut sparse, mut dense) = (EMPTY.to_vec(), EMPTY.to_vec());
    let tolerance = ERROR_MAX / (REGISTERS as f64).sqrt();
    let first = rng.next_u64();
    for number in 1..=ELEMENTS {
        let element = (first ^ number).to_le_bytes();
        let changes = [add(&mut sparse, &element, SPARSE_BYTES_MAX), add(&mut dense, &element, 0)];
        if !matches!(changes, [Ok(sparse), Ok(dense)] if sparse == dense) {
            return Err(format!("dense and sparse disagree about element {number}"));
        }
        if !number.is_power_of_two() && number != ELEMENTS {
            continue;
        }
        let (Ok(counted), Ok(again)) = (count(&sparse), count(&dense)) else {
            return Err(format!("no count of {number} elements"));
        };
        if counted != again {
            return Err(format!("dense/sparse disagree: {again} and {counted} of {number}"));
        }
        let off = counted.abs_diff(number);
        // One collision among few elements is no fault.
        if off > 1 && off as f64 > tolerance * number as f64 {
            return Err(format!("Too big error. card:{number} counted:{counted}"));
        }
    }
    Ok(())
}

const SPARSE_BYTES_MAX: usize = 3000;
