//! Why a rule is refused.

/// What is wrong with one word of a user's declaration. The texts are Redis's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    UnknownCommand,
    Syntax,
    KeysAreAll,
    ChannelsAreAll,
    NoSuchPassword,
    BadDigest,
    Duplicate,
    FirstArgOfSubcommand,
    /// More than [`crate::limits::ACL_RULES_MAX`] of a kind.
    TooMany,
}

impl Problem {
    pub const fn text(self) -> &'static str {
        match self {
            Self::UnknownCommand => "Unknown command or category name in ACL",
            Self::Syntax => "Syntax error",
            Self::KeysAreAll => {
                "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns"
            }
            Self::ChannelsAreAll => {
                "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels"
            }
            Self::NoSuchPassword => {
                "The password you are trying to remove from the user does not exist"
            }
            Self::BadDigest => {
                "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters"
            }
            Self::Duplicate => {
                "Duplicate user found. A user can only be defined once in config files"
            }
            Self::FirstArgOfSubcommand => "Allowing first-arg of a subcommand is not supported",
            Self::TooMany => "Too many rules of this kind",
        }
    }
}
