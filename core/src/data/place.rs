//! How far a walk over one value has come: what writes a huge value writes it in pieces.
//!
//! A place is good for the value it was given for, and for copies of it, as long as nobody changes
//! them.

use super::dict::WalkPosition;
use super::stream::StreamId;

/// Where to go on with a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Nothing has been written, not even what comes before the elements.
    #[default]
    Start,
    /// So many elements of a sequence have.
    Index(usize),
    /// The elements of a table that the walk has passed.
    Walk(WalkPosition),
    /// As `Walk`, for the second time.
    SecondWalk(WalkPosition),
    /// The nodes, or the entries, of a stream before this id.
    Entries(StreamId),
    /// A stream's entries, and so many of its groups.
    Group(usize),
    /// And of the next group what is pending before this id.
    Pending { group: usize, from: StreamId },
    /// And all that, and so many of its consumers.
    Consumer { group: usize, consumer: usize },
    /// And of the next consumer what is pending before this id.
    Owned { group: usize, consumer: usize, from: StreamId },
}
