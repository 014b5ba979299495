//! MONITOR: a line for each command that was carried out, to whoever follows.
//!
//! As in Redis a line is sent when its command has run, with the database it then stood at, so that
//! the commands of a transaction come before its EXEC. Administrators' commands are not shown.

use super::ConnId;
use super::Node;
use super::conn::ReplyMode;
use super::redact::visible;
use crate::command::Outcome;
use crate::command::spec::Flags;
use crate::command::table::Entry;
use crate::resp::Args;
use crate::resp::quote;

impl Node {
    pub(super) fn monitor(&mut self, id: ConnId) -> Outcome {
        let Some(conn) = self.conns.find_mut(id) else { return Ok(()) };
        // A replica gets the stream, and no lines in between.
        if conn.replica().is_some() {
            return Ok(());
        }
        if !self.monitors.contains(&id) {
            self.monitors.push(id);
        }
        self.reply(id, |reply| reply.ok());
        Ok(())
    }

    /// RESET, or the connection is gone.
    pub(super) fn stop_monitoring(&mut self, id: ConnId) {
        self.monitors.retain(|monitor| *monitor != id);
    }

    #[cold]
    pub(super) fn tell_monitors(&mut self, id: ConnId, entry: &Entry, args: Args<'_>) {
        if entry.command.flags.has(Flags::ADMIN) || entry.command.flags.has(Flags::SKIP_MONITOR) {
            return;
        }
        let Some(conn) = self.conns.find(id) else { return };
        let us = self.now.wall.as_us();
        let (s, us) = (us.div_euclid(1_000_000), us.rem_euclid(1_000_000));
        let mut line = format!("+{s}.{us:06} [{} {}]", conn.db, conn.peer).into_bytes();
        for word in visible(entry, args) {
            line.push(b' ');
            quote(&word, &mut line);
        }
        line.extend_from_slice(b"\r\n");
        for monitor in self.monitors.clone() {
            // CLIENT REPLY OFF: these lines are replies to Redis.
            if self.conns.find(monitor).is_some_and(|conn| conn.reply_mode == ReplyMode::Off) {
                continue;
            }
            self.send(monitor, |out| out.extend_from_slice(&line));
            self.note_client(monitor);
        }
    }
}
