//! What a client is told about users and what they may do.

use super::CommandError;
use super::head;
use super::one_line;
use super::whole;

pub const BAD_USER_NAME: CommandError =
    CommandError::Text("ERR Usernames can't contain spaces or null characters");
pub const DEFAULT_USER_STAYS: CommandError =
    CommandError::Text("ERR The 'default' user cannot be removed");
pub const NO_FILE: CommandError = CommandError::Text(
    "ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.",
);
pub const SAVE_FAILED: CommandError = CommandError::Text(
    "ERR There was an error trying to save the ACLs. Please check the server logs for more information",
);
pub const FILE_BUSY: CommandError =
    CommandError::Text("ERR The ACL file is being read or written already");
pub const PASSWORD_BITS: CommandError = CommandError::Text(
    "ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096",
);
pub const KEY_DENIED: CommandError = CommandError::Text("NOPERM No permissions to access a key");
pub const CHANNEL_DENIED: CommandError =
    CommandError::Text("NOPERM No permissions to access a channel");

/// A word of ACL SETUSER that makes no sense.
pub fn bad_rule(word: &[u8], problem: &str) -> CommandError {
    let before = b"ERR Error in ACL SETUSER modifier '";
    one_line([before.as_slice(), whole(word), b"': ", problem.as_bytes()].concat())
}

/// A selector of ACL SETUSER that is not closed.
pub fn unmatched_parenthesis(word: &[u8]) -> CommandError {
    let before = b"ERR Unmatched parenthesis in acl selector starting at '";
    one_line([before.as_slice(), whole(word), b"'."].concat())
}

pub fn unknown_category(name: &[u8]) -> CommandError {
    one_line([b"ERR Unknown category '", head(name, 128), b"'"].concat())
}

pub fn no_such_user(name: &[u8]) -> CommandError {
    one_line([b"ERR User '", whole(name), b"' not found"].concat())
}

pub fn no_such_command(name: &[u8]) -> CommandError {
    one_line([b"ERR Command '", whole(name), b"' not found"].concat())
}

/// What a user's command is refused with.
pub fn command_denied(user: &[u8], command: &str) -> CommandError {
    one_line([b"NOPERM ".as_slice(), &may_not_run(user, command)].concat())
}

/// What ACL DRYRUN says of a command.
pub fn may_not_run(user: &[u8], command: &str) -> Vec<u8> {
    let command = command.as_bytes();
    [b"User ", user, b" has no permissions to run the '", command, b"' command"].concat()
}

/// What ACL DRYRUN says of a key or channel.
pub fn may_not_access(user: &[u8], object: &[u8], kind: &str) -> Vec<u8> {
    let kind = kind.as_bytes();
    [b"User ", user, b" has no permissions to access the '", object, b"' ", kind].concat()
}

/// What a queued command gets instead of its reply when it is not allowed any more.
pub fn changed_since_queued(reason: &str) -> CommandError {
    format!(
        "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: {reason}"
    )
    .into()
}

/// A file of users that can't be taken.
pub fn file_refused(problem: &[u8]) -> CommandError {
    one_line([b"ERR ", problem].concat())
}
