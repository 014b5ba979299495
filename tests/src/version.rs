//! Versions of servers, as `redis_version` and the command table write them.

/// Major, minor and patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version([u32; 3]);

impl Version {
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self([major, minor, patch])
    }

    /// Reads `7.0.15`; a part that is missing or no number counts as 0.
    pub fn of(text: &str) -> Self {
        let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
        Self(std::array::from_fn(|_| parts.next().unwrap_or(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_are_ordered_by_number() {
        let sorted = ["2.8", "2.8.9", "7.0.15", "7.2.0", "10.0.0"].map(Version::of);
        assert!(sorted.is_sorted_by(|left, right| left < right));
    }
}
