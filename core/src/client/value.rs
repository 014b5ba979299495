//! A decoded reply: the tree behind RESP2 and RESP3, as the server sent it.

/// One value of a reply. What RESP2 cannot tell apart (a map and a flat array) stays as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A status line such as `OK`.
    Simple(Vec<u8>),
    /// An error with its code as the first word, without the `-`.
    Error(Vec<u8>),
    Integer(i64),
    Bulk(Vec<u8>),
    /// Text for people; the three-letter format is dropped, as no client shows it.
    Verbatim(Vec<u8>),
    /// A missing value or a missing array, in either protocol.
    Null,
    Boolean(bool),
    /// As the server spelled it: clients print the digits they got.
    Double(Vec<u8>),
    BigNumber(Vec<u8>),
    Array(Vec<Value>),
    Map(Vec<(Value, Value)>),
    Set(Vec<Value>),
    /// Out-of-band data of RESP3.
    Push(Vec<Value>),
}

impl Value {
    pub fn is_error(&self) -> bool {
        matches!(self, Self::Error(_))
    }

    /// The bytes of a string, status or error; `None` for everything else.
    pub fn as_text(&self) -> Option<&[u8]> {
        match self {
            Self::Simple(text) | Self::Error(text) | Self::Bulk(text) | Self::Verbatim(text) => {
                Some(text)
            }
            _ => None,
        }
    }
}
