//! The elements of the value to sort, whatever its type.

use super::options::Options;
use crate::command::Context;
use crate::data::Collection;
use crate::data::DataRef;
use crate::data::Encoding;
use crate::data::List;
use crate::data::Set;
use crate::data::StrRef;
use crate::data::ZSet;
use crate::data::list::End;
use crate::error;
use crate::error::CommandError;
use crate::store::Entry;

/// Texts one behind the other in one buffer.
#[derive(Default)]
pub struct Elements {
    texts: Vec<u8>,
    /// Where each text ends.
    ends: Vec<usize>,
}

impl Elements {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn at(&self, index: usize) -> &[u8] {
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before).copied());
        let end = self.ends.get(index).copied().unwrap_or_default();
        self.texts.get(start.unwrap_or_default()..end).unwrap_or_default()
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        (0..self.len()).map(|index| self.at(index))
    }

    fn push(&mut self, element: StrRef<'_>) {
        self.texts.extend_from_slice(element.as_bytes(&mut itoa::Buffer::new()));
        self.ends.push(self.texts.len());
    }
}

/// What can be sorted. A key that is not there is sorted as an empty list.
enum Sortable<'a> {
    Nothing,
    List(&'a List),
    Set(&'a Set),
    ZSet(&'a ZSet),
}

impl<'a> Sortable<'a> {
    fn of(entry: Option<&'a Entry>) -> Result<Self, CommandError> {
        let Some(entry) = entry else { return Ok(Self::Nothing) };
        match entry.data() {
            Some(DataRef::List(list)) => Ok(Self::List(list)),
            Some(DataRef::Set(set)) => Ok(Self::Set(set)),
            Some(DataRef::ZSet(zset)) => Ok(Self::ZSet(zset)),
            _ => Err(error::WRONG_TYPE),
        }
    }
}

/// Looks the value up as a reader, and says whether it is a set. A sorted set becomes a skiplist, as
/// Redis makes it one.
pub fn is_set(ctx: &mut Context<'_>, key: &[u8]) -> Result<bool, CommandError> {
    let (is_set, is_small) = match Sortable::of(ctx.read(key))? {
        Sortable::Set(_) => (true, false),
        Sortable::ZSet(zset) => (false, zset.encoding() == Encoding::Listpack),
        Sortable::Nothing | Sortable::List(_) => (false, false),
    };
    let limits = ctx.limits;
    if is_small && let Some(mut zset) = ctx.edit_as::<ZSet>(key)? {
        zset.enlarge(limits);
    }
    Ok(is_set)
}

/// All elements, in the value's own order.
pub fn all(ctx: &mut Context<'_>, key: &[u8]) -> Result<Elements, CommandError> {
    let mut elements = Elements::default();
    match Sortable::of(ctx.peek(key))? {
        Sortable::Nothing => {}
        Sortable::List(list) => list.for_each(0, list.len(), |element| elements.push(element)),
        Sortable::Set(set) => set.iter().for_each(|member| elements.push(member)),
        Sortable::ZSet(zset) => zset.iter().for_each(|(member, _)| elements.push(member)),
    }
    Ok(elements)
}

/// Only the elements that are asked for, of a value that is not to be sorted: from its end on if the
/// order is to descend, which means nothing to a set.
pub fn in_place(
    ctx: &mut Context<'_>,
    key: &[u8],
    options: &Options<'_>,
) -> Result<(Elements, Vec<usize>), CommandError> {
    let mut elements = Elements::default();
    match Sortable::of(ctx.peek(key))? {
        Sortable::Nothing => {}
        Sortable::List(list) => {
            let (start, count) = options.window(list.len());
            let (first, from) = match options.descending {
                false => (start, End::Head),
                true => (list.len().saturating_sub(start + 1), End::Tail),
            };
            list.visit(first, count, from, |element| {
                elements.push(element);
                std::ops::ControlFlow::Continue(())
            });
        }
        Sortable::Set(set) => {
            let (start, count) = options.window(set.len());
            set.iter().skip(start).take(count).for_each(|member| elements.push(member));
        }
        Sortable::ZSet(zset) => {
            let (start, count) = options.window(zset.len());
            let rest = zset.len() - start;
            let members = match options.descending {
                false => zset.range(start..start + count),
                true => zset.range_back(rest - count..rest),
            };
            members.for_each(|(member, _)| elements.push(member));
        }
    }
    let chosen = (0..elements.len()).collect();
    Ok((elements, chosen))
}
