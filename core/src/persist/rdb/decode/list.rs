//! Lists: element by element, or node by node as Redis has kept them.

use super::ErrorKind;
use super::reader::{Reader, Stop};
use super::value::Progress;
use crate::data::list::End;
use crate::data::{Limits, List, Listpack};

/// What a list consists of in the payload.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// Strings, each an element: every version reads this.
    Elements,
    /// Listpacks, and elements too large for one: Redis 7.0 and later.
    Nodes,
}

/// A list of which parts are still missing; none has been read while there is no list.
pub(super) struct ListReader {
    form: Form,
    list: Option<List>,
    left: u64,
}

impl ListReader {
    pub(super) fn new(form: Form) -> Self {
        Self { form, list: None, left: 0 }
    }

    /// Reads the number of parts, or the next one.
    pub(super) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        limits: &Limits,
    ) -> Result<Progress, Stop> {
        let Some(list) = &mut self.list else {
            self.left = reader.length()?;
            self.list = Some(List::of_nodes(limits));
            return Ok(if self.left == 0 { Progress::Empty } else { Progress::More });
        };
        match self.form {
            Form::Elements => list.push(End::Tail, &reader.bytes()?),
            Form::Nodes => read_node(list, reader)?,
        }
        self.left = self.left.saturating_sub(1);
        if self.left > 0 {
            return Ok(Progress::More);
        }
        let mut list = std::mem::take(list);
        list.settle_whole(limits);
        Ok(if list.is_empty() { Progress::Empty } else { Progress::data(list) })
    }
}

/// An empty node is passed over, as in Redis.
fn read_node(list: &mut List, reader: &mut Reader<'_>) -> Result<(), Stop> {
    let (container, bytes) = (reader.length()?, reader.bytes()?);
    match container {
        CONTAINER_PLAIN => list.push_plain(&bytes),
        CONTAINER_PACKED => list.push_pack(listpack(bytes.into())?),
        _ => return Err(wrong("Quicklist integrity check failed.")),
    }
    Ok(())
}

fn listpack(bytes: Vec<u8>) -> Result<Listpack, Stop> {
    Listpack::from_bytes(bytes).ok_or(wrong("Listpack integrity check failed."))
}

fn wrong(what: &'static str) -> Stop {
    Stop::Wrong(ErrorKind::Malformed(what))
}

const CONTAINER_PLAIN: u64 = 1;
const CONTAINER_PACKED: u64 = 2;
