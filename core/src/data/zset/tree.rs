//! A sequence with places: a B+tree whose branches count what is below them.
//!
//! It compares nothing. Who keeps it sorted says with a predicate where a key's place is
//! ([`Tree::partition_point`]) and then works by rank; so a tree holds handles that only their owner
//! can read.
//!
//! Invariants: all leaves are equally deep; no node but the root is empty; a child's `first` and
//! `len` are those of the node below it. A node that falls below a quarter joins a neighbour it fits
//! with, so any two neighbours together hold at least that much, and the height is logarithmic.
//! Filled in ascending or descending order, leaves are full, for a split at either end of the tree
//! leaves the old leaf as it is.

use std::fmt;
use std::mem::{replace, take};
use std::ops::Range;

/// A sequence of small handles.
pub(super) struct Tree<T> {
    root: Node<T>,
    len: usize,
    room: Room,
}

/// What the nodes have allocated: places for items in leaves and for children in branches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Room {
    items: usize,
    children: usize,
}

enum Node<T> {
    Leaf(Vec<T>),
    Branch(Vec<Child<T>>),
}

struct Child<T> {
    first: T,
    len: usize,
    node: Node<T>,
}

/// Where an insertion is in its tree: which half of a full node is to stay full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    Start,
    Inside,
    End,
}

impl<T: Copy> Tree<T> {
    pub(super) const fn new() -> Self {
        Self { root: Node::Leaf(Vec::new()), len: 0, room: Room { items: 0, children: 0 } }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// How many items come before the first one that `is_before` denies; it must not accept any
    /// after that.
    pub(super) fn partition_point(&self, mut is_before: impl FnMut(&T) -> bool) -> usize {
        let (mut node, mut rank) = (&self.root, 0);
        loop {
            match node {
                Node::Leaf(items) => return rank + items.partition_point(is_before),
                Node::Branch(children) => {
                    let after = children.partition_point(|child| is_before(&child.first));
                    // In the last child that begins before the point, or at its end.
                    let (before, rest) = split(children, after.saturating_sub(1));
                    let Some(child) = rest.first() else { return rank };
                    rank += total(before);
                    node = &child.node;
                }
            }
        }
    }

    /// The items of the leaf that holds the one of this rank, and its place among them.
    pub(super) fn leaf(&self, rank: usize) -> (&[T], usize) {
        let (mut node, mut rank) = (&self.root, rank);
        loop {
            match node {
                Node::Leaf(items) => return (items, rank),
                Node::Branch(children) => {
                    let at = seek(children, &mut rank, |rank, len| rank < len);
                    let Some(child) = children.get(at) else { return (&[], 0) };
                    node = &child.node;
                }
            }
        }
    }

    pub(super) fn get(&self, rank: usize) -> Option<&T> {
        let (items, at) = self.leaf(rank);
        items.get(at)
    }

    /// Puts an item at this rank, which is at most the length.
    pub(super) fn insert(&mut self, rank: usize, item: T) {
        let edge = match rank {
            0 if self.len > 0 => Edge::Start,
            rank if rank >= self.len => Edge::End,
            _ => Edge::Inside,
        };
        let sibling = self.root.insert(rank.min(self.len), item, edge, &mut self.room);
        self.len += 1;
        self.raise(sibling);
    }

    /// Puts a full leaf's items before all others.
    pub(super) fn prepend(&mut self, items: Vec<T>) {
        debug_assert_eq!(items.len(), LEAF_ITEMS, "leaves filled from an end are full");
        self.room.items += items.capacity();
        let added = items.len();
        let sibling = match self.len {
            0 => {
                replace(&mut self.root, Node::Leaf(items)).release(&mut self.room);
                None
            }
            _ => self.root.prepend(items, &mut self.room),
        };
        self.len += added;
        self.raise(sibling);
    }

    /// Takes the item of this rank out, if there is one.
    pub(super) fn remove(&mut self, rank: usize) -> Option<T> {
        let removed = self.root.remove(rank, &mut self.room)?;
        self.len -= 1;
        self.lower();
        Some(removed)
    }

    /// Forgets the items of the last leaf; whether there are any left.
    pub(super) fn drop_last_leaf(&mut self) -> bool {
        self.len -= self.root.drop_last_leaf(&mut self.room);
        self.lower();
        self.len > 0
    }

    /// Heap bytes, in a 64-bit build.
    pub(super) const fn heap_bytes(&self) -> usize {
        self.room.items * ITEM_BYTES + self.room.children * CHILD_BYTES
    }

    /// The items of these ranks, of which there must be as many.
    pub(super) fn iter(&self, ranks: Range<usize>) -> impl Iterator<Item = &T> {
        let mut ranks = ranks;
        let mut leaf: &[T] = &[];
        std::iter::from_fn(move || {
            if ranks.is_empty() {
                return None;
            }
            if leaf.is_empty() {
                let (items, at) = self.leaf(ranks.start);
                leaf = split(items, at).1;
            }
            ranks.start += 1;
            let (item, rest) = leaf.split_first()?;
            leaf = rest;
            Some(item)
        })
    }

    /// Adds a level if there is a second node at the highest.
    fn raise(&mut self, sibling: Option<Node<T>>) {
        let Some(sibling) = sibling else { return };
        let old = replace(&mut self.root, Node::Leaf(Vec::new()));
        let mut children = Vec::new();
        grow_children(&mut children, &mut self.room);
        children.extend([old, sibling].into_iter().filter_map(Child::of));
        self.root = Node::Branch(children);
    }

    /// Removes levels that hold a single node.
    fn lower(&mut self) {
        while let Node::Branch(children) = &mut self.root
            && children.len() <= 1
        {
            self.room.children -= children.capacity();
            let only = children.pop().map(|child| child.node);
            self.root = only.unwrap_or(Node::Leaf(Vec::new()));
        }
    }
}

impl<T: Copy> Node<T> {
    /// Returns the node that now follows this one, if it was full.
    fn insert(&mut self, rank: usize, item: T, edge: Edge, room: &mut Room) -> Option<Self> {
        match self {
            Self::Leaf(items) => insert_item(items, rank, item, edge, room).map(Self::Leaf),
            Self::Branch(children) => {
                let mut rank = rank;
                // A place between two children is the end of the first.
                let at = seek(children, &mut rank, |rank, len| rank <= len);
                let child = children.get_mut(at)?;
                let sibling = child.node.insert(rank, item, edge, room).and_then(Child::of);
                child.len = child.len + 1 - sibling.as_ref().map_or(0, |sibling| sibling.len);
                child.refresh_first();
                insert_child(children, at + 1, sibling?, edge, room).map(Self::Branch)
            }
        }
    }

    /// Puts a leaf before all others. Returns the node that now follows this one, if it was full.
    fn prepend(&mut self, leaf: Vec<T>, room: &mut Room) -> Option<Self> {
        match self {
            Self::Leaf(items) => Some(Self::Leaf(replace(items, leaf))),
            Self::Branch(children) => {
                let child = children.first_mut()?;
                let added = leaf.len();
                let sibling = child.node.prepend(leaf, room).and_then(Child::of);
                child.len = child.len + added - sibling.as_ref().map_or(0, |sibling| sibling.len);
                child.refresh_first();
                insert_child(children, 1, sibling?, Edge::Start, room).map(Self::Branch)
            }
        }
    }

    fn remove(&mut self, rank: usize, room: &mut Room) -> Option<T> {
        match self {
            Self::Leaf(items) => {
                let removed = (rank < items.len()).then(|| items.remove(rank));
                shrink_items(items, room);
                removed
            }
            Self::Branch(children) => {
                let mut rank = rank;
                let at = seek(children, &mut rank, |rank, len| rank < len);
                let child = children.get_mut(at)?;
                let removed = child.node.remove(rank, room)?;
                child.len -= 1;
                child.refresh_first();
                if child.node.is_sparse() {
                    join_neighbours(children, at, room);
                }
                Some(removed)
            }
        }
    }

    fn drop_last_leaf(&mut self, room: &mut Room) -> usize {
        match self {
            Self::Leaf(items) => {
                room.items -= items.capacity();
                take(items).len()
            }
            Self::Branch(children) => {
                let Some(child) = children.last_mut() else { return 0 };
                let dropped = child.node.drop_last_leaf(room);
                child.len -= dropped;
                if child.len == 0 {
                    children.pop().into_iter().for_each(|child| child.node.release(room));
                }
                dropped
            }
        }
    }

    fn first(&self) -> Option<T> {
        match self {
            Self::Leaf(items) => items.first().copied(),
            Self::Branch(children) => children.first().map(|child| child.first),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Leaf(items) => items.len(),
            Self::Branch(children) => total(children),
        }
    }

    fn is_sparse(&self) -> bool {
        match self {
            Self::Leaf(items) => items.len() < LEAF_ITEMS / 4,
            Self::Branch(children) => children.len() < BRANCH_CHILDREN / 4,
        }
    }

    fn has_room_for(&self, next: &Self) -> bool {
        match (self, next) {
            (Self::Leaf(items), Self::Leaf(next)) => items.len() + next.len() <= LEAF_ITEMS,
            (Self::Branch(children), Self::Branch(next)) => {
                children.len() + next.len() <= BRANCH_CHILDREN
            }
            _ => false,
        }
    }

    /// Takes on all of the node that follows, for which there is room.
    fn join(&mut self, mut next: Self, room: &mut Room) {
        match (self, &mut next) {
            (Self::Leaf(items), Self::Leaf(next)) => {
                make_room(items, next.len(), room);
                items.append(next);
            }
            (Self::Branch(children), Self::Branch(next)) => children.append(next),
            _ => unreachable!("neighbours are equally deep"),
        }
        next.release(room);
    }

    /// Counts off what an emptied node had allocated.
    fn release(self, room: &mut Room) {
        match self {
            Self::Leaf(items) => room.items -= items.capacity(),
            Self::Branch(children) => room.children -= children.capacity(),
        }
    }
}

impl<T: Copy> Child<T> {
    /// A node with what its parent knows of it; `None` if it is empty.
    fn of(node: Node<T>) -> Option<Self> {
        Some(Self { first: node.first()?, len: node.len(), node })
    }

    fn refresh_first(&mut self) {
        self.first = self.node.first().unwrap_or(self.first);
    }
}

impl<T> fmt::Debug for Tree<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").field("len", &self.len).finish_non_exhaustive()
    }
}

/// Returns the items that now follow, if the leaf was full.
fn insert_item<T: Copy>(
    items: &mut Vec<T>,
    at: usize,
    item: T,
    edge: Edge,
    room: &mut Room,
) -> Option<Vec<T>> {
    let at = at.min(items.len());
    if items.len() < LEAF_ITEMS {
        make_room(items, 1, room);
        items.insert(at, item);
        return None;
    }
    let mut next = Vec::new();
    match edge {
        Edge::End => {
            make_room(&mut next, 1, room);
            next.push(item);
        }
        Edge::Start => {
            make_room(&mut next, 1, room);
            next.push(item);
            std::mem::swap(items, &mut next);
        }
        Edge::Inside => {
            let half = items.len() / 2;
            make_room(&mut next, items.len() - half + 1, room);
            next.extend_from_slice(split(items, half).1);
            items.truncate(half);
            let (part, at) = if at <= half { (&mut *items, at) } else { (&mut next, at - half) };
            part.insert(at, item);
            shrink_items(items, room);
        }
    }
    Some(next)
}

/// Returns the children that now follow, if the branch was full.
fn insert_child<T: Copy>(
    children: &mut Vec<Child<T>>,
    at: usize,
    child: Child<T>,
    edge: Edge,
    room: &mut Room,
) -> Option<Vec<Child<T>>> {
    if children.len() < BRANCH_CHILDREN {
        children.insert(at.min(children.len()), child);
        return None;
    }
    let kept = match edge {
        Edge::Start => 1,
        Edge::Inside => BRANCH_CHILDREN / 2,
        Edge::End => BRANCH_CHILDREN - 1,
    };
    let mut next = Vec::new();
    grow_children(&mut next, room);
    next.extend(children.drain(kept..));
    let (part, at) = if at <= kept { (children, at) } else { (&mut next, at - kept) };
    part.insert(at, child);
    Some(next)
}

/// Joins a sparse child with a neighbour, if one has room, or removes it if it is empty.
fn join_neighbours<T: Copy>(children: &mut Vec<Child<T>>, at: usize, room: &mut Room) {
    if children.get(at).is_some_and(|child| child.len == 0) {
        return children.remove(at).node.release(room);
    }
    for left in [Some(at), at.checked_sub(1)].into_iter().flatten() {
        let fits = children.get(left).zip(children.get(left + 1));
        if fits.is_some_and(|(child, next)| child.node.has_room_for(&next.node)) {
            let next = children.remove(left + 1);
            if let Some(child) = children.get_mut(left) {
                child.len += next.len;
                child.node.join(next.node, room);
            }
            return;
        }
    }
}

/// The child in which a rank falls, as `falls` says of the rank and the child's length; the rank
/// becomes that within the child.
fn seek<T>(children: &[Child<T>], rank: &mut usize, falls: impl Fn(usize, usize) -> bool) -> usize {
    let found = children.iter().position(|child| {
        let falls = falls(*rank, child.len);
        *rank -= if falls { 0 } else { child.len };
        falls
    });
    found.unwrap_or(children.len())
}

fn total<T>(children: &[Child<T>]) -> usize {
    children.iter().map(|child| child.len).sum()
}

fn split<T>(items: &[T], at: usize) -> (&[T], &[T]) {
    items.split_at_checked(at).unwrap_or((items, &[]))
}

/// Makes room for `more` items, a step at a time: a leaf fills slowly.
fn make_room<T>(items: &mut Vec<T>, more: usize, room: &mut Room) {
    let needed = items.len() + more;
    if needed > items.capacity() {
        room.items -= items.capacity();
        items.reserve_exact(capacity_for(needed) - items.len());
        room.items += items.capacity();
    }
}

/// Gives back the room that a leaf has too much of.
fn shrink_items<T>(items: &mut Vec<T>, room: &mut Room) {
    let wanted = capacity_for(items.len() + 1);
    if wanted + LEAF_STEP < items.capacity() {
        room.items -= items.capacity();
        items.shrink_to(wanted);
        room.items += items.capacity();
    }
}

/// Small sizes as a short sequence has them, then whole steps.
const fn capacity_for(len: usize) -> usize {
    let step = if len > LEAF_STEP { LEAF_STEP } else { LEAF_STEP / 4 };
    len.next_multiple_of(step)
}

fn grow_children<T>(children: &mut Vec<Child<T>>, room: &mut Room) {
    children.reserve_exact(BRANCH_CHILDREN);
    room.children += children.capacity();
}

/// Items in a leaf: with 8 bytes each, 1 KiB. Twice as many save half a byte a member and cost a
/// tenth of the speed of an insertion.
pub(super) const LEAF_ITEMS: usize = 128;

/// The sizes of a leaf's buffer: those that allocators have anyway.
const LEAF_STEP: usize = 16;

const BRANCH_CHILDREN: usize = 32;

/// A handle and a child in a 64-bit build.
const ITEM_BYTES: usize = 8;
const CHILD_BYTES: usize = 48;

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Child<&u8>>() == CHILD_BYTES && size_of::<&u8>() == ITEM_BYTES);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    /// Walks all nodes; checks what they say of those below and returns the room they take.
    fn room_of(node: &Node<u32>, depth: usize, depths: &mut Vec<usize>) -> Room {
        match node {
            Node::Leaf(items) => {
                depths.push(depth);
                Room { items: items.capacity(), children: 0 }
            }
            Node::Branch(children) => {
                let mut room = Room { items: 0, children: children.capacity() };
                for child in children {
                    assert_eq!(
                        (Some(child.first), child.len),
                        (child.node.first(), child.node.len())
                    );
                    assert!(child.len > 0);
                    let below = room_of(&child.node, depth + 1, depths);
                    room.items += below.items;
                    room.children += below.children;
                }
                room
            }
        }
    }

    fn check(tree: &Tree<u32>, model: &[u32]) {
        let mut depths = Vec::new();
        assert_eq!(room_of(&tree.root, 0, &mut depths), tree.room);
        assert!(depths.windows(2).all(|pair| pair[0] == pair[1]), "all leaves are equally deep");
        assert_eq!(tree.len(), model.len());
        assert!(tree.iter(0..tree.len()).eq(model));
    }

    const ITEMS: usize = if cfg!(miri) { 400 } else { 10_000 };

    #[test]
    fn agrees_with_a_vec() {
        let mut random = Rng::new(1);
        let (mut tree, mut model) = (Tree::new(), Vec::new());
        for round in 0..ITEMS as u32 * 4 {
            let grows = (round / ITEMS as u32).is_multiple_of(2);
            let rank = random.below(model.len() as u64 + 1) as usize;
            if random.below(8) < if grows { 7 } else { 1 } {
                tree.insert(rank, round);
                model.insert(rank, round);
            } else {
                let expect = (rank < model.len()).then(|| model.remove(rank));
                assert_eq!(tree.remove(rank), expect);
            }
            if round % 257 == 0 {
                check(&tree, &model);
                let rank = rank.min(model.len());
                assert_eq!(tree.get(rank), model.get(rank));
            }
        }
        check(&tree, &model);
    }

    #[test]
    fn finds_every_place() {
        let mut tree = Tree::new();
        (0..ITEMS).for_each(|item| tree.insert(item, item as u32 * 2));
        for item in 0..ITEMS as u32 {
            assert_eq!(tree.partition_point(|it| *it < item * 2), item as usize);
            assert_eq!(tree.partition_point(|it| *it <= item * 2), item as usize + 1);
        }
        let half = ITEMS / 2;
        assert!(
            tree.iter(half..half + 3).eq([half, half + 1, half + 2].map(|it| it as u32 * 2).iter())
        );
        assert_eq!(tree.iter(half..half).next(), None);
    }

    #[test]
    fn ordered_filling_leaves_no_gaps() {
        for at_end in [true, false] {
            let mut tree = Tree::new();
            (0..ITEMS).for_each(|item| tree.insert(if at_end { item } else { 0 }, item as u32));
            let mut model: Vec<u32> = (0..ITEMS as u32).collect();
            if !at_end {
                model.reverse();
            }
            check(&tree, &model);
            assert!(tree.heap_bytes() < ITEMS * 9 + 4096, "{}", tree.heap_bytes());
        }
    }

    #[test]
    fn whole_leaves_go_before_all_others() {
        for already in [0, 1, 200, 5000] {
            let (mut tree, mut model) = (Tree::new(), Vec::new());
            for item in 0..already {
                tree.insert(0, item);
                model.insert(0, item);
            }
            for leaf in 0..50 {
                let items: Vec<u32> = (leaf * 1000..).take(LEAF_ITEMS).collect();
                model.splice(0..0, items.iter().copied());
                tree.prepend(items);
                if leaf % 7 == 0 {
                    tree.insert(0, leaf);
                    model.insert(0, leaf);
                }
            }
            check(&tree, &model);
        }
    }

    #[test]
    fn memory_follows_the_number_of_items() {
        let mut random = Rng::new(2);
        let mut tree = Tree::new();
        for item in 0..ITEMS {
            tree.insert(random.below(item as u64 + 1) as usize, item as u32);
        }
        assert!(tree.heap_bytes() < ITEMS * 11 + 4096, "{}", tree.heap_bytes());
        while tree.len() > 0 {
            tree.remove(random.below(tree.len() as u64) as usize);
            assert!(tree.heap_bytes() < tree.len() * 50 + 4096, "{}", tree.heap_bytes());
        }
        assert_eq!(tree.heap_bytes(), tree.room.items * ITEM_BYTES);
    }

    #[test]
    fn is_dropped_leaf_by_leaf() {
        let mut tree = Tree::new();
        (0..ITEMS).for_each(|item| tree.insert(item / 2, item as u32));
        let mut steps = 1;
        while tree.drop_last_leaf() {
            let mut depths = Vec::new();
            assert_eq!(room_of(&tree.root, 0, &mut depths), tree.room);
            steps += 1;
        }
        assert!(steps >= ITEMS / LEAF_ITEMS);
        assert_eq!((tree.len(), tree.heap_bytes()), (0, 0));
    }
}
