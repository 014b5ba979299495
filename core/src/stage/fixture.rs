//! RDB files for stages: the bytes a Redis would have left behind.
//!
//! Written in version 9, which every Redis since 5.0 reads, with the two auxiliary fields and the size
//! hint that Redis itself writes, so that a reader has to get past them.

use super::spec::Expires;

/// A key of the file with its placeholders put in.
pub struct Pair {
    pub key: String,
    pub value: String,
    pub expires: Expires,
}

/// An RDB file that holds `pairs` in database 0.
pub fn rdb_file(pairs: &[Pair]) -> Vec<u8> {
    let mut file = b"REDIS0009".to_vec();
    for (name, value) in [("redis-ver", "5.0.0"), ("redis-bits", "64")] {
        file.push(AUX);
        put_string(&mut file, name);
        put_string(&mut file, value);
    }
    if !pairs.is_empty() {
        file.extend_from_slice(&[SELECT_DB, 0, RESIZE_DB]);
        put_len(&mut file, pairs.len());
        put_len(
            &mut file,
            pairs.iter().filter(|pair| !matches!(pair.expires, Expires::Never)).count(),
        );
    }
    for pair in pairs {
        put_pair(&mut file, pair);
    }
    file.push(END);
    // A checksum of zero tells a reader that none was computed.
    file.extend_from_slice(&[0; 8]);
    file
}

fn put_pair(file: &mut Vec<u8>, pair: &Pair) {
    match pair.expires {
        Expires::Never => {}
        Expires::UnixSeconds(at) => {
            file.push(EXPIRES_SECONDS);
            file.extend_from_slice(&at.to_le_bytes());
        }
        Expires::UnixMillis(at) => {
            file.push(EXPIRES_MILLIS);
            file.extend_from_slice(&at.to_le_bytes());
        }
    }
    file.push(TYPE_STRING);
    put_string(file, &pair.key);
    put_string(file, &pair.value);
}

fn put_string(file: &mut Vec<u8>, text: &str) {
    put_len(file, text.len());
    file.extend_from_slice(text.as_bytes());
}

/// Lengths of 6 and of 14 bits; stages hold nothing longer.
fn put_len(file: &mut Vec<u8>, len: usize) {
    let [.., high, low] = len.to_be_bytes();
    match len {
        0..64 => file.push(low),
        _ => file.extend_from_slice(&[0x40 | (high & 0x3f), low]),
    }
}

const TYPE_STRING: u8 = 0;
const AUX: u8 = 0xfa;
const RESIZE_DB: u8 = 0xfb;
const EXPIRES_MILLIS: u8 = 0xfc;
const EXPIRES_SECONDS: u8 = 0xfd;
const SELECT_DB: u8 = 0xfe;
const END: u8 = 0xff;

#[cfg(test)]
mod tests {
    use super::Expires;
    use super::Pair;
    use super::rdb_file;

    #[test]
    fn a_file_without_keys_opens_no_database() {
        let file = rdb_file(&[]);
        assert!(file.starts_with(b"REDIS0009\xfa\x09redis-ver\x055.0.0"));
        assert!(file.ends_with(b"\x0264\xff\0\0\0\0\0\0\0\0"));
    }

    #[test]
    fn a_key_is_written_after_its_expiry() {
        let pair = |expires| Pair { key: "k".into(), value: "v".into(), expires };
        let file = rdb_file(&[
            pair(Expires::Never),
            pair(Expires::UnixSeconds(1)),
            pair(Expires::UnixMillis(2)),
        ]);
        let database = b"\xfe\0\xfb\x03\x02\0\x01k\x01v\xfd\x01\0\0\0\0\x01k\x01v\xfc\x02\0\0\0\0\0\0\0\0\x01k\x01v\xff";
        assert!(file.windows(database.len()).any(|part| part == database));
    }
}
