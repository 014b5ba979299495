//! Reading entries in order, from either end.

use std::collections::btree_map;
use std::iter::Peekable;

use super::node::{Entry, Node};
use super::{Stream, StreamId};
use crate::data::Listpack;

/// The entries between two ids, from both ends.
pub struct Range<'a> {
    nodes: btree_map::Range<'a, StreamId, Listpack>,
    front: Option<(Node<'a>, Entry<'a>)>,
    back: Option<(Node<'a>, Entry<'a>)>,
    start: StreamId,
    end: StreamId,
}

impl Stream {
    /// The entries from `start` to `end`, both included.
    #[must_use]
    pub fn range(&self, start: StreamId, end: StreamId) -> Range<'_> {
        let first = self.nodes.range(..=start).next_back().map_or(start, |(id, _)| *id);
        let nodes = match first <= end {
            true => self.nodes.range(first..=end),
            false => self.nodes.range(start..start),
        };
        Range { nodes, front: None, back: None, start, end }
    }
}

impl<'a> Range<'a> {
    /// The next entry from the front, deleted or not, wherever it lies.
    fn step(&mut self) -> Option<Entry<'a>> {
        loop {
            if let Some((node, entry)) = self.front.take() {
                self.front = node.after(&entry).map(|next| (node, next));
                return Some(entry);
            }
            let (id, pack) = self.nodes.next()?;
            let node = Node::new(*id, pack);
            self.front = node.first().map(|entry| (node, entry));
        }
    }

    fn step_back(&mut self) -> Option<Entry<'a>> {
        loop {
            if let Some((node, entry)) = self.back.take() {
                self.back = node.before(&entry).map(|next| (node, next));
                return Some(entry);
            }
            let (id, pack) = self.nodes.next_back()?;
            let node = Node::new(*id, pack);
            self.back = node.last().map(|entry| (node, entry));
        }
    }
}

impl<'a> Iterator for Range<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        loop {
            let entry = self.step()?;
            if entry.id > self.end {
                return None;
            }
            if entry.id >= self.start && !entry.is_deleted() {
                return Some(entry);
            }
        }
    }
}

/// Reads a stream's entries backwards.
pub struct Reversed<'a>(Range<'a>);

impl<'a> Range<'a> {
    /// The same entries, the last one first.
    #[must_use]
    pub fn reversed(self) -> Reversed<'a> {
        Reversed(self)
    }
}

impl<'a> Iterator for Reversed<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        loop {
            let entry = self.0.step_back()?;
            if entry.id < self.0.start {
                return None;
            }
            if entry.id <= self.0.end && !entry.is_deleted() {
                return Some(entry);
            }
        }
    }
}

/// Finds entries one after the other: walks on where the next id lies close behind the last.
pub struct Finder<'a> {
    stream: &'a Stream,
    ahead: Option<Peekable<Range<'a>>>,
}

impl Stream {
    #[must_use]
    pub fn finder(&self) -> Finder<'_> {
        Finder { stream: self, ahead: None }
    }
}

impl<'a> Finder<'a> {
    /// The entry of this id, unless it is deleted. Ids may be asked for in any order; entries that
    /// follow each other are found in one walk.
    pub fn find(&mut self, id: StreamId) -> Option<Entry<'a>> {
        if let Some(entry) = self.ahead.as_mut().and_then(|ahead| ahead.next_if(|e| e.id == id)) {
            return Some(entry);
        }
        let ahead = self.ahead.insert(self.stream.range(id, StreamId::MAX).peekable());
        ahead.next_if(|entry| entry.id == id)
    }
}
