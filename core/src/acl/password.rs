//! Passwords, of which only the SHA-256 digest is kept.

use sha2::Digest as _;
use sha2::Sha256;

/// What is kept of a password.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Of a password in the clear.
    pub fn of(password: &[u8]) -> Self {
        Self(Sha256::digest(password).into())
    }

    /// From 64 lower-case hexadecimal digits.
    pub fn parse(digits: &[u8]) -> Option<Self> {
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let [high, low] = pair else { return None };
            *byte = nibble(*high)? << 4 | nibble(*low)?;
        }
        Some(Self(bytes))
    }

    /// The 64 digits.
    pub fn print(&self, out: &mut Vec<u8>) {
        hex(&self.0, out);
    }

    /// Compares in the same time wherever the two differ.
    pub fn is(&self, other: &Self) -> bool {
        let differs = self.0.iter().zip(&other.0).fold(0, |sum, (a, b)| sum | (a ^ b));
        std::hint::black_box(differs) == 0
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Digest")
    }
}

/// What generated passwords are made of. A shell with a source of real randomness stirs it in; without
/// one, in a simulation, they follow from the seed like everything else.
#[derive(Clone, Default)]
pub struct Secret {
    pool: [u8; 32],
}

impl Secret {
    pub fn stir(&mut self, entropy: &[u8]) {
        let mut hash = Sha256::new_with_prefix(self.pool);
        hash.update(entropy);
        self.pool = hash.finalize().into();
    }

    /// The next `count` hexadecimal digits. What is known of earlier or later ones does not help to
    /// guess them: each piece is a digest of the pool, which then moves on.
    pub fn digits(&mut self, count: usize) -> Vec<u8> {
        let mut digits = Vec::with_capacity(count + 64);
        while digits.len() < count {
            self.stir(b"next");
            let mut hash = Sha256::new_with_prefix(b"piece");
            hash.update(self.pool);
            hex(&hash.finalize(), &mut digits);
        }
        digits.truncate(count);
        digits
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

fn hex(bytes: &[u8], out: &mut Vec<u8>) {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
    out.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
}

#[cfg(test)]
mod tests {
    use super::Digest;
    use super::Secret;

    const FOO: &str = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

    #[test]
    fn digests_are_sha_256_in_hexadecimal() {
        let digest = Digest::of(b"foo");
        let mut text = Vec::new();
        digest.print(&mut text);
        assert_eq!(String::from_utf8_lossy(&text), FOO);
        assert!(Digest::parse(FOO.as_bytes()).is_some_and(|parsed| parsed.is(&digest)));
        assert!(!Digest::of(b"fop").is(&digest));
        for wrong in
            ["", &FOO[1..], &FOO.to_uppercase(), &format!("{FOO}00"), &FOO.replace('2', "g")]
        {
            assert_eq!(Digest::parse(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn generated_digits_repeat_only_from_the_same_pool() {
        let digits = |entropy: &[u8], count| {
            let mut secret = Secret::default();
            secret.stir(entropy);
            (secret.digits(count), secret.digits(count))
        };
        let (first, second) = digits(b"a", 70);
        assert_eq!((first.len(), digits(b"a", 70).0 == first), (70, true));
        assert_ne!(first, second);
        assert_ne!(first, digits(b"b", 70).0);
    }
}
