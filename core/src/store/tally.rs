//! The memory of one database's entries, in bytes.

/// Kept by whoever changes an entry: what it took before and what it takes now.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    bytes: usize,
    /// Bytes that came, those not counted that went. See [`Self::take_grown`].
    grown: usize,
}

impl Tally {
    /// Heap bytes of all entries.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// An entry, or a value in one, took `before` bytes and takes `after` now.
    pub fn change(&mut self, before: usize, after: usize) {
        self.bytes = self.bytes.saturating_sub(before) + after;
        self.grown += after.saturating_sub(before);
    }

    /// Bytes that came since this was last asked.
    pub fn take_grown(&mut self) -> usize {
        std::mem::take(&mut self.grown)
    }
}
