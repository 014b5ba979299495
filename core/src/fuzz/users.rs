//! Files of users, which anybody may have edited, and the rules in them.

use crate::acl::Users;
use crate::command::table;
use crate::resp::OwnedArgs;

/// A file is taken as a whole or refused with a reason. What it comes to is written so that it is read again as
/// the same, and judges any command without a fault.
pub fn users(data: &[u8]) {
    for all_channels in [false, true] {
        match Users::parse_file(data, "users.acl", all_channels) {
            Ok(users) => {
                are_written_as_they_are_read(&users, all_channels);
                judge_every_command(&users);
            }
            Err(reason) => assert!(!reason.is_empty()),
        }
    }
    a_configuration_reads_the_same_lines(data);
}

fn are_written_as_they_are_read(users: &Users, all_channels: bool) {
    let written = lines(users);
    let again = Users::parse_file(&written, "users.acl", all_channels);
    let again = again.unwrap_or_else(|reason| {
        panic!("{}: {}", written.escape_ascii(), reason.escape_ascii());
    });
    assert_eq!(lines(&again).escape_ascii().to_string(), written.escape_ascii().to_string());
}

fn judge_every_command(users: &Users) {
    let words = [b"x".as_slice(), b"a", b"2", b"store", b"b", b"streams", b"c", b""];
    for entry in table::entries().iter().step_by(7) {
        for count in [1, entry.command.arity.unsigned_abs() as usize, words.len()] {
            let args = OwnedArgs::from(words.into_iter().take(count.clamp(1, words.len())));
            for user in users.iter() {
                // Either verdict will do.
                let _ = user.check(entry, args.args());
            }
        }
    }
}

/// Line by line, as the `user` directives of a configuration.
fn a_configuration_reads_the_same_lines(data: &[u8]) {
    let mut users = Users::default();
    for line in data.split(|byte| *byte == b'\n') {
        let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').skip(1).collect();
        let before = lines(&users);
        match users.take_line(&words, true) {
            Ok(()) => are_written_as_they_are_read(&users, true),
            Err(reason) => {
                assert!(!reason.is_empty());
                assert_eq!(lines(&users), before, "a line that is refused changes nothing");
            }
        }
    }
}

fn lines(users: &Users) -> Vec<u8> {
    users.lines().flat_map(|line| [line, b"\n".to_vec()].concat()).collect()
}

#[cfg(test)]
mod tests {
    use super::users;
    use crate::fuzz::mutate::mutations;

    #[test]
    fn mutations_of_good_files_keep_every_promise() {
        let seeds: [&[u8]; 6] = [
            b"user default on nopass ~* &* +@all\n",
            b"user alice on >secret ~a:* %R~b %W~c resetchannels &news.? +@read -get +config|get\n\
              user bob off #2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae -@all\n",
            b"user carol on nopass allkeys allchannels allcommands (~x* +@write -del) (%R~y +get)\n",
            b"user dave reset sanitize-payload +@all -@dangerous +client|id <old !00 clearselectors\r\n",
            b"  \nuser default off\nuser default on\n",
            b"user \xff\xfe on ~\xff* &\x01 (~( +@all) (+get\n",
        ];
        mutations(&seeds, 4_000, 11, users);
    }
}
