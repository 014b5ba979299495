//! RDB files written by hand, in any version and with any encoding, however long ago it was last written.

/// A file being written.
#[derive(Debug)]
pub struct RdbFile {
    version: u16,
    bytes: Vec<u8>,
}

impl RdbFile {
    /// Begins with database 0.
    pub fn new(version: u16) -> Self {
        let mut file = Self { version, bytes: format!("REDIS{version:04}").into_bytes() };
        file.select_db(0);
        file
    }

    /// Appends bytes as they are.
    pub fn record(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    pub fn aux(&mut self, key: &str, value: &str) -> &mut Self {
        let pair = strings(&[key, value]);
        self.record(b"\xfa").record(&pair)
    }

    pub fn select_db(&mut self, index: u8) -> &mut Self {
        self.record(&[0xfe, index])
    }

    pub fn resize(&mut self, keys: u8, expires: u8) -> &mut Self {
        self.record(&[0xfb, keys, expires])
    }

    /// A key with a value of this type, written out.
    pub fn entry(&mut self, kind: u8, key: &str, value: &[u8]) -> &mut Self {
        self.record(&[kind]).record(&string(key.as_bytes())).record(value)
    }

    /// The file's bytes, without a checksum that would count.
    pub fn finish(&mut self) -> Vec<u8> {
        self.record(b"\xff");
        if self.version >= 5 {
            self.record(&[0; 8]);
        }
        self.bytes.clone()
    }
}

/// A string with its length in front, in the shortest form.
pub fn string(text: &[u8]) -> Vec<u8> {
    [length(text.len()), text.to_vec()].concat()
}

/// Several of them.
pub fn strings(texts: &[&str]) -> Vec<u8> {
    texts.iter().flat_map(|text| string(text.as_bytes())).collect()
}

/// A string as LZF packs it: bytes as they are, and copies of what stood `period` bytes before, where that is
/// the same.
pub fn lzf(text: &[u8], period: usize) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let same = |len: &usize| {
            at >= period && text[at..at + len] == text[at - period..at - period + len]
        };
        let longest = (3..=8.min(text.len() - at).min(period)).rev().find(same);
        let distance = period - 1;
        match longest {
            Some(len) => {
                packed.extend([((len - 2) << 5 | distance >> 8) as u8, distance as u8]);
                at += len;
            }
            None => {
                packed.extend([0, text[at]]);
                at += 1;
            }
        }
    }
    [vec![0xc3], length(packed.len()), length(text.len()), packed].concat()
}

/// A set of integers of so many bytes each, in order.
pub fn intset(width: usize, members: &[i64]) -> Vec<u8> {
    let mut bytes = [width as u32, members.len() as u32].map(u32::to_le_bytes).concat();
    members.iter().for_each(|member| bytes.extend(&member.to_le_bytes()[..width]));
    bytes
}

/// Small hashes of Redis before 2.6, with a spare byte behind each value.
pub fn zipmap(pairs: &[(&str, &str)]) -> Vec<u8> {
    let length = |text: &str| match u8::try_from(text.len()) {
        Ok(short @ 0..254) => vec![short],
        _ => [vec![254], (text.len() as u32).to_le_bytes().to_vec()].concat(),
    };
    let mut bytes = vec![pairs.len() as u8];
    for (field, value) in pairs {
        bytes.extend([length(field), field.as_bytes().to_vec(), length(value), vec![1]].concat());
        bytes.extend([value.as_bytes(), b"?"].concat());
    }
    bytes.push(0xff);
    bytes
}

/// The compact form up to Redis 6.2. What spells an integer is one, in the shortest form.
pub fn ziplist(elements: &[&str]) -> Vec<u8> {
    let (mut body, mut before, mut last) = (Vec::new(), 0, 10);
    for element in elements {
        last = 10 + body.len();
        let mut entry = match u8::try_from(before) {
            Ok(short @ 0..254) => vec![short],
            _ => [vec![254], (before as u32).to_le_bytes().to_vec()].concat(),
        };
        entry.extend(element.parse().map_or_else(|_| ziplist_text(element), ziplist_int));
        before = entry.len();
        body.extend(entry);
    }
    let total = (11 + body.len()) as u32;
    let header = [total, last as u32].map(u32::to_le_bytes).concat();
    [header, (elements.len() as u16).to_le_bytes().to_vec(), body, vec![0xff]].concat()
}

fn ziplist_text(text: &str) -> Vec<u8> {
    let len = text.len();
    let head = match len {
        0..64 => vec![len as u8],
        64..16_384 => vec![0x40 | (len >> 8) as u8, len as u8],
        _ => [vec![0x80], (len as u32).to_be_bytes().to_vec()].concat(),
    };
    [head, text.as_bytes().to_vec()].concat()
}

fn ziplist_int(value: i64) -> Vec<u8> {
    let bytes = value.to_le_bytes();
    let (encoding, width) = match value {
        0..=12 => return vec![0xf1 + value as u8],
        -0x80..0x80 => (0xfe, 1),
        -0x8000..0x8000 => (0xc0, 2),
        -0x80_0000..0x80_0000 => (0xf0, 3),
        -0x8000_0000..0x8000_0000 => (0xd0, 4),
        _ => (0xe0, 8),
    };
    [&[encoding], &bytes[..width]].concat()
}

/// The compact form since Redis 7.0.
pub fn listpack(elements: &[&str]) -> Vec<u8> {
    let mut body = Vec::new();
    for element in elements {
        let entry = element.parse().map_or_else(|_| listpack_text(element), listpack_int);
        let len = entry.len();
        body.extend(entry);
        match len {
            0..128 => body.push(len as u8),
            _ => body.extend([(len >> 7) as u8, (len & 0x7f) as u8 | 0x80]),
        }
    }
    let total = ((7 + body.len()) as u32).to_le_bytes().to_vec();
    [total, (elements.len() as u16).to_le_bytes().to_vec(), body, vec![0xff]].concat()
}

fn listpack_text(text: &str) -> Vec<u8> {
    let len = text.len();
    let head = match len {
        0..64 => vec![0x80 | len as u8],
        _ => vec![0xe0 | (len >> 8) as u8, len as u8],
    };
    [head, text.as_bytes().to_vec()].concat()
}

fn listpack_int(value: i64) -> Vec<u8> {
    let bytes = value.to_le_bytes();
    let (encoding, width) = match value {
        0..128 => return vec![value as u8],
        -0x1000..0x1000 => return vec![0xc0 | (value >> 8 & 0x1f) as u8, value as u8],
        -0x8000..0x8000 => (0xf1, 2),
        -0x80_0000..0x80_0000 => (0xf2, 3),
        -0x8000_0000..0x8000_0000 => (0xf3, 4),
        _ => (0xf4, 8),
    };
    [&[encoding], &bytes[..width]].concat()
}

fn length(len: usize) -> Vec<u8> {
    match len {
        0..64 => vec![len as u8],
        64..16_384 => vec![0x40 | (len >> 8) as u8, len as u8],
        _ => [vec![0x80], (len as u32).to_be_bytes().to_vec()].concat(),
    }
}
