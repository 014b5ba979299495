//! The order that SORT puts elements in.
//!
//! Each element gets a number of 64 bits that sorts as its weight does, as far as that many bits
//! tell; only where two are equal are the weights themselves compared. Elements of one weight are
//! compared as texts when weights are numbers, and stay as they were when weights are texts.

use std::cmp::Ordering;

use super::elements::Elements;
use super::options::By;
use super::options::Options;
use super::pattern::Lookup;
use super::pattern::Pattern;
use crate::command::Context;
use crate::data::StrRef;
use crate::data::number;
use crate::error;
use crate::error::CommandError;

pub enum Order<'a> {
    AsItIs,
    ByNumber(Option<Pattern<'a>>),
    ByText(Option<Pattern<'a>>),
}

impl<'a> Order<'a> {
    /// A set that is stored is sorted in any case: replicas have to come to the same list.
    pub fn of(options: &Options<'a>, is_set: bool) -> Self {
        let weights = match options.by {
            By::Nothing if is_set && options.store.is_some() => return Self::ByText(None),
            By::Nothing => return Self::AsItIs,
            By::Themselves => None,
            By::Weights(pattern) => Some(pattern),
        };
        if options.alpha { Self::ByText(weights) } else { Self::ByNumber(weights) }
    }

    /// The places of the elements that are asked for, in order.
    ///
    /// # Errors
    /// A weight that is to be a number is none.
    pub fn sorted(
        self,
        ctx: &mut Context<'_>,
        elements: &Elements,
        options: &Options<'_>,
    ) -> Result<Vec<usize>, CommandError> {
        Ok(match self {
            Self::AsItIs => (0..elements.len()).collect(),
            Self::ByNumber(weights) => {
                let keys = number_keys(ctx, elements, weights)?;
                choose(keys, options, &|a, b| elements.at(a).cmp(elements.at(b)))
            }
            Self::ByText(None) => {
                let text = |index| collated(elements.at(index), options);
                let keys = (0..elements.len()).map(|index| text_key(text(index))).collect();
                choose(keys, options, &|a, b| text(a).cmp(text(b)))
            }
            Self::ByText(Some(pattern)) => {
                let weights = text_weights(ctx, elements, pattern);
                let text = |index: usize| {
                    let weight: Option<&[u8]> = weights.get(index)?.as_deref();
                    weight.map(|weight| collated(weight, options))
                };
                let key = |index| text(index).map_or(0, text_key);
                let keys = (0..elements.len()).map(key).collect();
                choose(keys, options, &|a, b| text(a).cmp(&text(b)))
            }
        })
    }
}

/// Sorts as much as is asked for. `compare` tells apart what the keys do not.
fn choose(
    keys: Vec<u64>,
    options: &Options<'_>,
    compare: &dyn Fn(usize, usize) -> Ordering,
) -> Vec<usize> {
    let (start, count) = options.window(keys.len());
    let end = start + count;
    let flips = if options.descending { u64::MAX } else { 0 };
    let order = |a: &(u64, usize), b: &(u64, usize)| {
        a.0.cmp(&b.0).then_with(|| {
            let ordering = compare(a.1, b.1);
            let ordering = if options.descending { ordering.reverse() } else { ordering };
            ordering.then(a.1.cmp(&b.1))
        })
    };
    let mut places: Vec<_> =
        keys.into_iter().enumerate().map(|(index, key)| (key ^ flips, index)).collect();
    if end < places.len() {
        places.select_nth_unstable_by(end, order);
        places.truncate(end);
    }
    if 0 < start && start < places.len() {
        places.select_nth_unstable_by(start, order);
    }
    let chosen = places.get_mut(start..).unwrap_or_default();
    chosen.sort_unstable_by(order);
    chosen.iter().map(|(_, index)| *index).collect()
}

/// A key for each element's weight; an element whose weight is not there weighs 0. All weights are
/// looked up before any is refused.
fn number_keys(
    ctx: &mut Context<'_>,
    elements: &Elements,
    weights: Option<Pattern<'_>>,
) -> Result<Vec<u64>, CommandError> {
    let mut lookup = Lookup::default();
    let mut all_numbers = true;
    let mut keys = Vec::with_capacity(elements.len());
    for element in elements.iter() {
        let number = match weights {
            None => weight_of(StrRef::Bytes(element)),
            Some(pattern) => {
                lookup.find(ctx, pattern, element, |value, _| value.map_or(Some(0.0), weight_of))
            }
        };
        all_numbers &= number.is_some();
        keys.push(number_key(number.unwrap_or_default()));
    }
    all_numbers.then_some(keys).ok_or(error::SCORES_NOT_NUMBERS)
}

fn text_weights(
    ctx: &mut Context<'_>,
    elements: &Elements,
    pattern: Pattern<'_>,
) -> Vec<Option<Vec<u8>>> {
    let mut lookup = Lookup::default();
    let weight = |element| lookup.find(ctx, pattern, element, |value, _| value.map(StrRef::to_vec));
    elements.iter().map(weight).collect()
}

/// A weight as C's `strtod` reads it, which Redis leaves it to: white space may stand before the number,
/// a NUL ends the text, the empty text is 0, and what is closer to 0 than full precision reaches is refused.
fn weight_of(value: StrRef<'_>) -> Option<f64> {
    if let Some(int) = value.to_int() {
        return Some(int as f64);
    }
    let StrRef::Bytes(text) = value else { return None };
    let text = c_string(text);
    if text.is_empty() {
        return Some(0.0);
    }
    let is_space = |byte: &u8| matches!(byte, b' ' | 0x09..=0x0d);
    let spaces = text.iter().take_while(|byte| is_space(byte)).count();
    number::parse_f64(text.get(spaces..)?).filter(|number| !number.is_subnormal())
}

/// Bits that sort as the number does.
fn number_key(number: f64) -> u64 {
    // Both zeros are equal; adding one makes them the same.
    let bits = (number + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// Bits that sort as the text does, as far as its first eight bytes tell.
fn text_key(text: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    for (place, byte) in bytes.iter_mut().zip(text) {
        *place = *byte;
    }
    u64::from_be_bytes(bytes)
}

/// The part of a text that is compared: Redis compares as C strings, unless the result is stored.
fn collated<'t>(text: &'t [u8], options: &Options<'_>) -> &'t [u8] {
    if options.store.is_some() { text } else { c_string(text) }
}

/// The text up to its first NUL.
fn c_string(text: &[u8]) -> &[u8] {
    memchr::memchr(0, text).and_then(|nul| text.get(..nul)).unwrap_or(text)
}
