//! A listpack made of many elements at once.

use super::{EMPTY_BYTES, END, Encoded, HEADER_BYTES, Listpack};
use crate::data::StrRef;

/// A listpack that is not whole yet.
pub struct Collector {
    pack: Vec<u8>,
    count: usize,
}

impl Collector {
    /// For elements of about so many bytes.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        let mut pack = Vec::with_capacity(EMPTY_BYTES + bytes);
        pack.extend_from_slice(&[0; HEADER_BYTES]);
        Self { pack, count: 0 }
    }

    pub fn push(&mut self, element: StrRef<'_>) {
        let element = match element {
            StrRef::Int(value) => Encoded::of_int(value),
            StrRef::Bytes(text) => Encoded::of(text),
        };
        element.append(&mut self.pack);
        self.count += 1;
    }

    #[must_use]
    pub fn finish(mut self) -> Listpack {
        self.pack.push(END);
        let mut pack = Listpack(self.pack);
        pack.write_total();
        pack.write_count(self.count);
        pack.shrink();
        pack
    }
}
