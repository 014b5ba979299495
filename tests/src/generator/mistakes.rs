//! What people get wrong: a word too few, too many, twice, elsewhere, or another one.

use super::dice::Dice;
use super::subject::Kin;
use super::words;

/// Makes one mistake in the words after the first `name` ones.
pub fn make(dice: &mut Dice, words: &mut Vec<Vec<u8>>, name: usize) {
    let count = words.len() - name;
    if count == 0 {
        words.push(words::junk(dice));
        return;
    }
    let at = name + dice.below(count);
    match dice.below(8) {
        0 => {
            words.remove(at);
        }
        1 => words.insert(at, words[at].clone()),
        2 => words.swap(at, name + count - 1),
        3 => words[at] = words::junk(dice),
        4 => words.insert(at, words::junk(dice)),
        5 => words.push(words::junk(dice)),
        6 => words.truncate(at),
        _ => words[name] = words::key(dice, Kin::Any),
    }
}
