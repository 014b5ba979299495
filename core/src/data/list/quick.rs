//! A list of several nodes.
//!
//! The nodes stand in a ring, so that both ends are at hand and the way to an element leads over
//! one flat array of counts, from the nearer end. Where elements go and when nodes are cut or
//! joined is as in Redis's quicklist, since that decides when a list is small enough to be a
//! listpack again; only after removals neighbours are joined where Redis leaves holes, but never
//! the last two.
//!
//! Invariant: no node is empty, `len` is the sum of their counts, `bytes` that of their heap bytes.
//! With a compress depth the outermost nodes on each side are not compressed.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use super::End;
use super::Fill;
use super::node::Node;
use crate::data::Listpack;
use crate::data::StrRef;

#[derive(Clone, Debug)]
pub(super) struct Quick {
    nodes: VecDeque<Node>,
    len: usize,
    bytes: usize,
    /// The settings of the time when the list got its nodes.
    fill: Fill,
    depth: usize,
}

impl Quick {
    pub fn new(fill: Fill, depth: u32) -> Self {
        Self { nodes: VecDeque::new(), len: 0, bytes: 0, fill, depth: depth as usize }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn nodes_len(&self) -> usize {
        self.nodes.len()
    }

    pub fn heap_bytes(&self) -> usize {
        QUICK_BYTES + self.nodes.capacity() * NODE_BYTES + self.bytes
    }

    /// The only node, if it is a listpack.
    pub fn only_pack(&self) -> Option<&Node> {
        self.nodes.front().filter(|node| self.nodes.len() == 1 && !node.is_plain())
    }

    pub fn into_only_pack(mut self) -> Option<Listpack> {
        self.nodes.pop_front().and_then(Node::into_pack)
    }

    pub fn end(&self, end: End) -> Option<StrRef<'_>> {
        match end {
            End::Head => self.nodes.front()?.end(end),
            End::Tail => self.nodes.back()?.end(end),
        }
    }

    pub fn push(&mut self, end: End, text: &[u8]) {
        let fill = self.fill;
        let node = match end {
            End::Head => self.nodes.front_mut(),
            End::Tail => self.nodes.back_mut(),
        };
        match node.filter(|node| node.has_room(text.len(), fill)) {
            Some(node) => {
                let before = node.heap_bytes();
                node.push(end, text);
                self.bytes = self.bytes - before + node.heap_bytes();
                self.len += 1;
            }
            None => self.push_node(end, Node::new(text, fill)),
        }
    }

    /// Adds a node at an end; nothing if it is empty.
    pub fn push_node(&mut self, end: End, node: Node) {
        if node.len() == 0 {
            return;
        }
        let full = match end {
            End::Head => 0,
            End::Tail => self.nodes.len().saturating_sub(1),
        };
        // The node so far at the end is full.
        self.edit(full, Node::shrink_to_fit);
        let at = match end {
            End::Head => 0,
            End::Tail => self.nodes.len(),
        };
        self.insert_node(at, node);
        self.tidy(at);
    }

    /// Removes elements at an end, no more than there are.
    pub fn remove_end(&mut self, end: End, mut count: usize) {
        while count > 0 && !self.nodes.is_empty() {
            let at = match end {
                End::Head => 0,
                End::Tail => self.nodes.len() - 1,
            };
            let here = self.nodes.get(at).map_or(0, Node::len);
            if here <= count {
                self.remove_node(at);
                self.tidy(at);
                count -= here;
            } else {
                let index = if end == End::Head { 0 } else { here - count };
                self.edit(at, |node| node.remove(index, count));
                self.len -= count;
                return;
            }
        }
    }

    /// Shows `count` elements from the one of this index on, forwards or backwards.
    pub fn visit(
        &self,
        index: usize,
        mut count: usize,
        end: End,
        visit: &mut impl FnMut(StrRef<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some((mut at, mut inside)) = self.locate(index) else {
            return ControlFlow::Continue(());
        };
        while let Some(node) = self.nodes.get(at).filter(|_| count > 0) {
            node.visit(inside, count, end, visit)?;
            let seen = if end == End::Head { node.len() - inside } else { inside + 1 };
            count = count.saturating_sub(seen);
            match end {
                End::Head => (at, inside) = (at + 1, 0),
                End::Tail => {
                    let Some(previous) = at.checked_sub(1) else { break };
                    at = previous;
                    inside = self.nodes.get(at).map_or(0, |node| node.len() - 1);
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// Puts an element before or behind the one of this index.
    pub fn insert(&mut self, index: usize, text: &[u8], behind: bool) {
        let Some((at, inside)) = self.locate(index) else { return };
        let Some(node) = self.nodes.get(at) else { return };
        let (fill, len) = (self.fill, node.len());
        let cut = inside + usize::from(behind);
        let is_end = if behind { cut == len } else { inside == 0 };
        let neighbour = if behind { Some(at + 1) } else { at.checked_sub(1) };
        let has_room = |at: usize| self.nodes.get(at).is_some_and(|n| n.has_room(text.len(), fill));
        if node.has_room(text.len(), fill) {
            self.edit(at, |node| node.insert(cut, text));
            self.len += 1;
            self.tidy(at);
        } else if is_end && let Some(next) = neighbour.filter(|next| has_room(*next)) {
            let end = if behind { End::Head } else { End::Tail };
            self.edit(next, |node| node.push(end, text));
            self.len += 1;
            self.tidy(next);
        } else if is_end {
            let place = at + usize::from(behind);
            self.insert_node(place, Node::new(text, fill));
            self.tidy(place);
        } else {
            self.insert_within(at, cut, text, behind);
        }
    }

    /// As [`Self::insert`], where the node has to be cut for it.
    fn insert_within(&mut self, at: usize, cut: usize, text: &[u8], behind: bool) {
        let tail = self.cut(at, cut);
        self.insert_node(at + 1, tail);
        if self.fill.is_large(text.len()) {
            self.insert_node(at + 1, Node::new(text, self.fill));
        } else {
            let (half, end) = if behind { (at + 1, End::Head) } else { (at, End::Tail) };
            self.edit(half, |node| node.push(end, text));
            self.len += 1;
            // Redis calls that half the centre which kept the node.
            self.merge_around(if behind { at } else { at + 1 });
        }
        self.tidy(at);
    }

    /// Replaces the element of this index; whether there is one.
    pub fn replace(&mut self, index: usize, text: &[u8]) -> bool {
        let Some((at, inside)) = self.locate(index) else { return false };
        let Some(node) = self.nodes.get(at) else { return false };
        let is_large = self.fill.is_large(text.len());
        if node.is_plain() == is_large {
            self.edit(at, |node| node.replace(inside, text));
        } else if node.is_plain() {
            self.insert(index, text, true);
            self.remove_node(at);
        } else {
            let tail = self.cut(at, inside + 1);
            self.edit(at, |node| node.remove(inside, 1));
            self.len -= 1;
            self.insert_node(at + 1, tail);
            self.insert_node(at + 1, Node::new(text, self.fill));
            self.drop_if_empty(at);
        }
        self.tidy(at);
        true
    }

    /// Removes elements from the one of this index on.
    pub fn remove(&mut self, index: usize, mut count: usize) {
        let Some((at, inside)) = self.locate(index) else { return };
        let mut seam = at;
        if inside > 0 {
            let here = self.nodes.get(at).map_or(0, |node| node.len() - inside).min(count);
            self.edit(at, |node| node.remove(inside, here));
            self.len -= here;
            count -= here;
            seam += 1;
        }
        let whole = self.nodes.range(seam..).scan(count, |left, node| {
            *left = left.checked_sub(node.len())?;
            Some(node)
        });
        let (nodes, gone, bytes) = whole.fold((0, 0, 0), |(nodes, len, bytes), node| {
            (nodes + 1, len + node.len(), bytes + node.heap_bytes())
        });
        self.nodes.drain(seam..seam + nodes);
        self.len -= gone;
        self.bytes -= bytes;
        let left = count - gone;
        if left > 0 && seam < self.nodes.len() {
            self.edit(seam, |node| node.remove(0, left));
            self.len -= left;
        }
        self.join(seam.saturating_sub(1));
        self.tidy(seam);
    }

    /// Removes elements that equal `text`, at most `count_max`, beginning at an end; how many went.
    pub fn remove_equal(&mut self, text: &[u8], end: End, count_max: usize) -> usize {
        let mut left = count_max;
        for step in 0..self.nodes.len() {
            let at = if end == End::Head { step } else { self.nodes.len() - 1 - step };
            let here = self.nodes.get(at).map_or(0, |node| node.count_equal(text));
            if here > 0 {
                let skip = if end == End::Tail { here.saturating_sub(left) } else { 0 };
                left -= self.edit(at, |node| node.remove_equal(text, skip, left));
            }
            if left == 0 {
                break;
            }
        }
        let removed = count_max - left;
        if removed > 0 {
            self.len -= removed;
            self.nodes.retain(|node| node.len() > 0);
            self.join_all();
        }
        removed
    }

    /// Frees nodes, the last first; whether any are left.
    pub fn free_some(&mut self, nodes_max: usize) -> bool {
        let left = self.nodes.len().saturating_sub(nodes_max);
        self.nodes.truncate(left);
        left > 0
    }

    /// The node of an element and the element's index in it, sought from the nearer end.
    fn locate(&self, index: usize) -> Option<(usize, usize)> {
        let mut back = self.len.checked_sub(index + 1)?;
        if index < self.len / 2 {
            let mut left = index;
            for (at, node) in self.nodes.iter().enumerate() {
                match left.checked_sub(node.len()) {
                    Some(beyond) => left = beyond,
                    None => return Some((at, left)),
                }
            }
        } else {
            for (at, node) in self.nodes.iter().enumerate().rev() {
                match back.checked_sub(node.len()) {
                    Some(beyond) => back = beyond,
                    None => return Some((at, node.len() - 1 - back)),
                }
            }
        }
        None
    }

    /// Changes a node in place, and counts its bytes anew.
    fn edit<R: Default>(&mut self, at: usize, change: impl FnOnce(&mut Node) -> R) -> R {
        let Some(node) = self.nodes.get_mut(at) else { return R::default() };
        let before = node.heap_bytes();
        let result = change(node);
        self.bytes = self.bytes - before + node.heap_bytes();
        result
    }

    fn insert_node(&mut self, at: usize, node: Node) {
        if node.len() > 0 {
            self.len += node.len();
            self.bytes += node.heap_bytes();
            self.nodes.insert(at.min(self.nodes.len()), node);
        }
    }

    fn remove_node(&mut self, at: usize) -> Option<Node> {
        let node = self.nodes.remove(at)?;
        self.len -= node.len();
        self.bytes -= node.heap_bytes();
        Some(node)
    }

    fn drop_if_empty(&mut self, at: usize) {
        if self.nodes.get(at).is_some_and(|node| node.len() == 0) {
            self.remove_node(at);
        }
    }

    /// Takes the elements from an index on out of a node.
    fn cut(&mut self, at: usize, index: usize) -> Node {
        let Some(node) = self.nodes.get_mut(at) else {
            return Node::of_pack(Listpack::new());
        };
        let before = node.heap_bytes();
        let tail = node.split_off(index);
        self.bytes = self.bytes - before + node.heap_bytes();
        self.len -= tail.len();
        tail
    }

    /// Joins what fits around a node, in Redis's order.
    fn merge_around(&mut self, mut center: usize) {
        if center >= 2 && self.merge(center - 2) {
            center -= 1;
        }
        self.merge(center + 1);
        if center >= 1 && self.merge(center - 1) {
            center -= 1;
        }
        self.merge(center);
    }

    /// Joins a node with the one behind it if both fit into one; whether they did.
    fn merge(&mut self, at: usize) -> bool {
        let (Some(node), Some(next)) = (self.nodes.get(at), self.nodes.get(at + 1)) else {
            return false;
        };
        let fits = node.has_room_for(next, self.fill);
        if fits && let Some(next) = self.remove_node(at + 1) {
            self.len += next.len();
            self.edit(at, |node| node.append(next));
        }
        fits
    }

    /// As [`Self::merge`], where Redis leaves the nodes as they are: not the last two, for then the
    /// list might become a listpack earlier than in Redis.
    fn join(&mut self, at: usize) -> bool {
        self.nodes.len() > 2 && self.merge(at)
    }

    fn join_all(&mut self) {
        let nodes = std::mem::take(&mut self.nodes);
        let mut left = nodes.len();
        for node in nodes {
            let last = self.nodes.back_mut();
            match last.filter(|last| left > 2 && last.has_room_for(&node, self.fill)) {
                Some(last) => {
                    last.append(node);
                    left -= 1;
                }
                None => self.nodes.push_back(node),
            }
        }
        self.bytes = self.nodes.iter().map(Node::heap_bytes).sum();
        for at in 0..self.nodes.len() {
            self.tidy(at);
        }
    }

    /// After the node at `at` came, went or changed: the outer nodes are uncompressed, it and its
    /// neighbours are not unless they are among those.
    fn tidy(&mut self, at: usize) {
        if self.depth == 0 {
            return;
        }
        let (depth, len) = (self.depth, self.nodes.len());
        for outer in 0..depth.min(len) {
            self.edit(outer, Node::expand);
            self.edit(len - 1 - outer, Node::expand);
        }
        let inner = depth..len.saturating_sub(depth);
        for at in [at.wrapping_sub(1), at, at + 1, at + 2, depth, len.wrapping_sub(depth + 1)] {
            if inner.contains(&at) {
                self.edit(at, Node::compress);
            }
        }
    }
}

/// By elements: where the nodes are cut does not count.
impl PartialEq for Quick {
    fn eq(&self, other: &Self) -> bool {
        let elements = |list: &Self| {
            let mut elements = Vec::with_capacity(list.len);
            let visited = list.visit(0, list.len, End::Head, &mut |element| {
                elements.push(element.to_vec());
                ControlFlow::Continue(())
            });
            debug_assert!(visited.is_continue());
            elements
        };
        self.len == other.len && elements(self) == elements(other)
    }
}

/// Sizes on a 64-bit machine, wherever this runs.
const QUICK_BYTES: usize = 64;
const NODE_BYTES: usize = 32;

#[cfg(test)]
impl Quick {
    /// Asserts the invariant.
    pub fn check(&self) {
        assert!(self.nodes.iter().all(|node| node.len() > 0));
        assert_eq!(self.nodes.iter().map(Node::len).sum::<usize>(), self.len);
        assert_eq!(self.nodes.iter().map(Node::heap_bytes).sum::<usize>(), self.bytes);
        for (at, node) in self.nodes.iter().enumerate() {
            let outer = at.min(self.nodes.len() - 1 - at);
            assert!(outer >= self.depth || !node.is_compressed(), "node {at} is compressed");
        }
    }

    pub fn compressed_len(&self) -> usize {
        self.nodes.iter().filter(|node| node.is_compressed()).count()
    }
}
