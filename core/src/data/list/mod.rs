//! A list: one listpack while it is small, else a row of nodes.
//!
//! Both ends are at hand at any size. A list grows nodes when what is about to be added exceeds the
//! limits, and becomes a listpack again when it has come down to one node of at most half of them,
//! as in Redis since 7.2. The callers say when, since Redis's commands do: [`List::make_room`]
//! before elements are added, [`List::settle`] after some went or were replaced.

mod fill;
mod node;
mod quick;
#[cfg(test)]
mod tests;

use std::ops::ControlFlow;

use fill::Fill;
use node::Node;
use quick::Quick;

use super::Collection;
use super::Data;
use super::DataRef;
use super::Encoding;
use super::Kind;
use super::Limits;
use super::Listpack;
use super::StrRef;

#[derive(Clone, Debug)]
pub struct List(Repr);

#[derive(Clone, Debug)]
enum Repr {
    Pack(Listpack),
    Quick(Box<Quick>),
}

/// How a list of nodes is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListShape {
    pub nodes: usize,
    /// Bytes of the nodes' elements, in their packed form.
    pub bytes: usize,
}

/// Where a list is added to and taken from, and where a walk over it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The left, where index 0 is.
    Head,
    /// The right.
    Tail,
}

impl List {
    #[must_use]
    pub fn new() -> Self {
        Self(Repr::Pack(Listpack::new()))
    }

    /// A listpack that came in one piece.
    #[must_use]
    pub fn of_pack(pack: Listpack) -> Self {
        Self(Repr::Pack(pack))
    }

    /// A list of nodes whatever its size, to fill from a file: [`Self::settle_whole`] ends that.
    #[must_use]
    pub fn of_nodes(limits: &Limits) -> Self {
        Self(Repr::Quick(Box::new(Quick::new(Fill::of(limits), limits.list_compress_depth))))
    }

    /// How it is kept, if that is not as one listpack.
    #[must_use]
    pub fn shape(&self) -> Option<ListShape> {
        match &self.0 {
            Repr::Pack(_) => None,
            Repr::Quick(quick) => {
                Some(ListShape { nodes: quick.nodes_len(), bytes: quick.heap_bytes() })
            }
        }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Repr::Pack(pack) => pack.len(),
            Repr::Quick(quick) => quick.len(),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            Repr::Pack(pack) => pack.is_empty(),
            Repr::Quick(quick) => quick.len() == 0,
        }
    }

    /// The first or last element.
    #[must_use]
    pub fn end(&self, end: End) -> Option<StrRef<'_>> {
        match (&self.0, end) {
            (Repr::Pack(pack), End::Head) => pack.first().map(|at| pack.get(at)),
            (Repr::Pack(pack), End::Tail) => pack.last().map(|at| pack.get(at)),
            (Repr::Quick(quick), end) => quick.end(end),
        }
    }

    /// Shows `count` elements, from the one of this index on towards the other end than `from`; ends
    /// early when `visit` breaks.
    pub fn visit(
        &self,
        index: usize,
        count: usize,
        from: End,
        mut visit: impl FnMut(StrRef<'_>) -> ControlFlow<()>,
    ) {
        // Whether it broke is known to who broke it.
        let _ = match &self.0 {
            Repr::Quick(quick) => quick.visit(index, count, from, &mut visit),
            Repr::Pack(pack) => {
                let start = pack.seek(i64::try_from(index).unwrap_or(i64::MAX));
                match from {
                    End::Head => pack.iter_from(start).take(count).try_for_each(visit),
                    End::Tail => {
                        let back = std::iter::successors(start, |at| pack.prev(*at));
                        back.take(count).try_for_each(|at| visit(pack.get(at)))
                    }
                }
            }
        };
    }

    /// Shows `count` elements from the one of this index on.
    pub fn for_each(&self, index: usize, count: usize, mut visit: impl FnMut(StrRef<'_>)) {
        self.visit(index, count, End::Head, |element| {
            visit(element);
            ControlFlow::Continue(())
        });
    }

    /// The index of the first element that equals `text`.
    #[must_use]
    pub fn position(&self, text: &[u8]) -> Option<usize> {
        let as_int = super::number::parse_i64(text);
        let (mut index, mut found) = (0, None);
        self.visit(0, usize::MAX, End::Head, |element| {
            if node::equals(element, text, as_int) {
                found = Some(index);
                return ControlFlow::Break(());
            }
            index += 1;
            ControlFlow::Continue(())
        });
        found
    }

    /// Elements of so many bytes in all are about to be added: gets nodes if that is too much for
    /// one listpack.
    pub fn make_room(&mut self, bytes: usize, elements: usize, limits: &Limits) {
        let Repr::Pack(pack) = &mut self.0 else { return };
        let fill = Fill::of(limits);
        if fill.is_exceeded_by(pack.total_bytes() + bytes, pack.len() + elements) {
            let mut quick = Quick::new(fill, limits.list_compress_depth);
            quick.push_node(End::Tail, Node::of_pack(std::mem::take(pack)));
            self.0 = Repr::Quick(Box::new(quick));
        }
    }

    /// Elements went or were replaced: becomes a listpack again if it is small enough.
    pub fn settle(&mut self, limits: &Limits) {
        self.settle_if_small(limits, true);
    }

    /// As [`Self::settle`], of a list that was filled from nothing: takes the form of its size.
    pub fn settle_whole(&mut self, limits: &Limits) {
        self.make_room(0, 0, limits);
        self.settle_if_small(limits, false);
    }

    fn settle_if_small(&mut self, limits: &Limits, shrinking: bool) {
        let Repr::Quick(quick) = &mut self.0 else { return };
        let Some(node) = quick.only_pack() else { return };
        if Fill::of(limits).is_met_by(node.bytes(), node.len(), shrinking) {
            let quick = std::mem::replace(&mut **quick, Quick::new(Fill::of(limits), 0));
            self.0 = Repr::Pack(quick.into_only_pack().unwrap_or_default());
        }
    }

    pub fn push(&mut self, end: End, text: &[u8]) {
        match (&mut self.0, end) {
            (Repr::Pack(pack), End::Head) => pack.push_front(text),
            (Repr::Pack(pack), End::Tail) => pack.push_back(text),
            (Repr::Quick(quick), end) => quick.push(end, text),
        }
    }

    /// Adds a whole node at the tail of a list of nodes.
    pub fn push_pack(&mut self, node: Listpack) {
        if let Repr::Quick(quick) = &mut self.0 {
            quick.push_node(End::Tail, Node::of_pack(node));
        }
    }

    /// Adds one element at the tail of a list of nodes, in a node of its own.
    pub fn push_plain(&mut self, text: &[u8]) {
        if let Repr::Quick(quick) = &mut self.0 {
            quick.push_node(End::Tail, Node::plain(text.into()));
        }
    }

    /// Removes elements at an end, no more than there are.
    pub fn remove_end(&mut self, end: End, count: usize) {
        match (&mut self.0, end) {
            (Repr::Pack(pack), End::Head) => {
                if let Some(first) = pack.first() {
                    pack.remove(first, count);
                }
            }
            (Repr::Pack(pack), End::Tail) => {
                let from = pack.len().saturating_sub(count);
                if let Some(at) = pack.seek(i64::try_from(from).unwrap_or(i64::MAX)) {
                    pack.remove(at, count);
                }
            }
            (Repr::Quick(quick), end) => quick.remove_end(end, count),
        }
    }

    /// Puts an element before or behind the one of this index.
    pub fn insert(&mut self, index: usize, text: &[u8], behind: bool) {
        match &mut self.0 {
            Repr::Pack(pack) => match pack.seek(i64::try_from(index).unwrap_or(i64::MAX)) {
                Some(at) if behind => pack.insert_after(at, text),
                Some(at) => pack.insert_before(at, text),
                None => {}
            },
            Repr::Quick(quick) => quick.insert(index, text, behind),
        }
    }

    /// Replaces the element of this index; whether there is one.
    pub fn replace(&mut self, index: usize, text: &[u8]) -> bool {
        match &mut self.0 {
            Repr::Pack(pack) => match pack.seek(i64::try_from(index).unwrap_or(i64::MAX)) {
                Some(at) => {
                    pack.replace(at, text);
                    true
                }
                None => false,
            },
            Repr::Quick(quick) => quick.replace(index, text),
        }
    }

    /// Removes elements that equal `text`, at most `count_max`, beginning at an end; how many went.
    pub fn remove_equal(&mut self, text: &[u8], from: End, count_max: usize) -> usize {
        match &mut self.0 {
            Repr::Quick(quick) => quick.remove_equal(text, from, count_max),
            Repr::Pack(pack) => {
                let mut node = Node::of_pack(std::mem::take(pack));
                let here = node.count_equal(text);
                let skip = if from == End::Tail { here.saturating_sub(count_max) } else { 0 };
                let removed = node.remove_equal(text, skip, count_max);
                *pack = node.into_pack().unwrap_or_default();
                removed
            }
        }
    }

    /// Removes elements from the one of this index on, no more than there are.
    pub fn remove(&mut self, index: usize, count: usize) {
        match &mut self.0 {
            Repr::Quick(quick) => quick.remove(index, count),
            Repr::Pack(pack) => {
                if let Some(at) = pack.seek(i64::try_from(index).unwrap_or(i64::MAX)) {
                    pack.remove(at, count);
                }
            }
        }
    }
}

impl Default for List {
    fn default() -> Self {
        Self::new()
    }
}

/// By elements, whatever the form.
impl PartialEq for List {
    fn eq(&self, other: &Self) -> bool {
        let elements = |list: &Self| {
            let mut elements = Vec::with_capacity(list.len());
            list.for_each(0, usize::MAX, |element| elements.push(element.to_vec()));
            elements
        };
        self.len() == other.len() && elements(self) == elements(other)
    }
}

impl Collection for List {
    fn type_name(&self) -> &'static str {
        "list"
    }

    fn encoding(&self) -> Encoding {
        match &self.0 {
            Repr::Pack(_) => Encoding::Listpack,
            Repr::Quick(_) => Encoding::Quicklist,
        }
    }

    fn heap_bytes(&self) -> usize {
        match &self.0 {
            Repr::Pack(pack) => pack.heap_bytes(),
            Repr::Quick(quick) => quick.heap_bytes(),
        }
    }

    fn take(&mut self) -> Data {
        std::mem::take(self).into_data()
    }

    fn free_effort(&self) -> usize {
        match &self.0 {
            Repr::Pack(_) => 1,
            Repr::Quick(quick) => quick.nodes_len(),
        }
    }

    fn free_some(&mut self, elements_max: usize) -> bool {
        match &mut self.0 {
            Repr::Pack(_) => false,
            Repr::Quick(quick) => quick.free_some(elements_max),
        }
    }
}

impl Kind for List {
    type Ref<'a> = &'a Self;

    fn into_data(self) -> Data {
        Data::List(self)
    }

    fn of(data: DataRef<'_>) -> Option<&Self> {
        match data {
            DataRef::List(value) => Some(value),
            _ => None,
        }
    }

    fn of_mut(data: &mut Data) -> Option<&mut Self> {
        match data {
            Data::List(list) => Some(list),
            _ => None,
        }
    }
}
