//! What can be wrong with a payload, in the words of Redis's log.

use std::fmt;

use super::module::ModuleName;

/// What is wrong, and where in the payload it was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    pub kind: ErrorKind,
    /// Bytes from the beginning of the payload.
    pub offset: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    WrongSignature,
    UnsupportedVersion(u16),
    /// The input ended before the payload did.
    ShortRead,
    /// The first byte of what should be a length.
    UnknownLength(u8),
    UnknownStringEncoding(u8),
    StringTooLong(u64),
    InvalidLzf,
    /// A value that is not what its type promises, in a few words.
    Malformed(&'static str),
    UnsupportedType(u8),
    FunctionPreGa,
    /// A module's own data, by the id of its type.
    ModuleAux(u64),
    /// A value of a module's.
    ModuleValue(u64),
    WrongChecksum {
        computed: u64,
        found: u64,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind.is_corruption() {
            write!(f, "Internal error in RDB reading offset {} -> ", self.offset)?;
        }
        self.kind.fmt(f)
    }
}

impl std::error::Error for Error {}

impl ErrorKind {
    /// Redis reports these with their offset, the others as they are.
    fn is_corruption(self) -> bool {
        matches!(
            self,
            Self::UnknownLength(_)
                | Self::UnknownStringEncoding(_)
                | Self::StringTooLong(_)
                | Self::InvalidLzf
                | Self::Malformed(_)
                | Self::UnsupportedType(_)
                | Self::FunctionPreGa
                | Self::ModuleValue(_)
        )
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::WrongSignature => f.write_str("Wrong signature trying to load DB from file"),
            Self::UnsupportedVersion(version) => {
                write!(f, "Can't handle RDB format version {version}")
            }
            Self::ShortRead => {
                f.write_str("Short read or OOM loading DB. Unrecoverable error, aborting now.")
            }
            Self::UnknownLength(first) => {
                write!(f, "Unknown length encoding {} in rdbLoadLen()", first >> 6)
            }
            Self::UnknownStringEncoding(encoding) => {
                write!(f, "Unknown RDB string encoding type {encoding}")
            }
            Self::StringTooLong(length) => write!(f, "String of {length} bytes exceeds the limit"),
            Self::InvalidLzf => f.write_str("Invalid LZF compressed string"),
            Self::Malformed(what) => f.write_str(what),
            Self::UnsupportedType(value_type) => {
                write!(f, "Unknown RDB encoding type {value_type}")
            }
            Self::FunctionPreGa => f.write_str("Pre-release function format not supported."),
            Self::ModuleAux(id) => {
                let name = ModuleName(id);
                write!(
                    f,
                    "The RDB file contains AUX module data I can't load: no matching module '{name}'"
                )
            }
            Self::ModuleValue(id) => {
                let name = ModuleName(id);
                write!(
                    f,
                    "The RDB file contains module data I can't load: no matching module type '{name}'"
                )
            }
            Self::WrongChecksum { computed, found } => {
                write!(
                    f,
                    "Wrong RDB checksum expected: ({computed:x}) but got ({found:x}). Aborting now."
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, ErrorKind};

    /// The lines of redis-server 7.0 given such files, its source positions left out.
    #[test]
    fn errors_read_as_in_the_log_of_redis() {
        let table = [
            (ErrorKind::WrongSignature, "Wrong signature trying to load DB from file"),
            (ErrorKind::UnsupportedVersion(99), "Can't handle RDB format version 99"),
            (
                ErrorKind::ShortRead,
                "Short read or OOM loading DB. Unrecoverable error, aborting now.",
            ),
            (
                ErrorKind::UnknownLength(0x90),
                "Internal error in RDB reading offset 15 -> Unknown length encoding 2 in rdbLoadLen()",
            ),
            (
                ErrorKind::UnknownStringEncoding(9),
                "Internal error in RDB reading offset 15 -> Unknown RDB string encoding type 9",
            ),
            (
                ErrorKind::StringTooLong(1 << 30),
                "Internal error in RDB reading offset 15 -> String of 1073741824 bytes exceeds the limit",
            ),
            (
                ErrorKind::InvalidLzf,
                "Internal error in RDB reading offset 15 -> Invalid LZF compressed string",
            ),
            (
                ErrorKind::UnsupportedType(99),
                "Internal error in RDB reading offset 15 -> Unknown RDB encoding type 99",
            ),
            (
                ErrorKind::FunctionPreGa,
                "Internal error in RDB reading offset 15 -> Pre-release function format not supported.",
            ),
            (
                ErrorKind::ModuleAux(0x1234_5678_90ab_cdef),
                "The RDB file contains AUX module data I can't load: no matching module 'EjRWeJCrz'",
            ),
            (
                ErrorKind::ModuleValue(0x1234_5678_90ab_cdef),
                "Internal error in RDB reading offset 15 -> The RDB file contains module data I can't load: no matching module type 'EjRWeJCrz'",
            ),
            (
                ErrorKind::WrongChecksum {
                    computed: 0xeb7e_a789_fe37_fda9,
                    found: 0x0807_0605_0403_0201,
                },
                "Wrong RDB checksum expected: (eb7ea789fe37fda9) but got (807060504030201). Aborting now.",
            ),
        ];
        for (kind, expect) in table {
            assert_eq!(Error { kind, offset: 15 }.to_string(), expect);
        }
    }
}
