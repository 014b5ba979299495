//! CONFIG REWRITE: the shell writes the settings into the file they came from.

use super::ConnId;
use super::LogLevel;
use super::Node;
use super::StorageId;
use super::StorageOp;
use super::conn::Waiting;
use crate::command::Outcome;
use crate::error;

/// Rewritings asked for, each with the client that waits for it.
pub(super) type Rewrites = Vec<(StorageId, ConnId)>;

impl Node {
    pub(super) fn config_rewrite(&mut self, id: ConnId) -> Outcome {
        self.rewrite(id, false)
    }

    /// With `every`, also settings that are as they are by themselves.
    pub(super) fn rewrite(&mut self, id: ConnId, every: bool) -> Outcome {
        if self.config.config_file.is_empty() {
            return Err(error::NO_CONFIG_FILE);
        }
        let users = self.user_lines().into_iter();
        let users = users.map(|line| String::from_utf8_lossy(&line).into_owned()).collect();
        let op = StorageOp::Rewrite {
            path: self.config.config_file.clone(),
            config: Box::new(self.config.clone()),
            users,
            every,
        };
        let order = self.storage(op);
        if self.executing.is_some() {
            // A transaction answers at once.
            self.reply(id, |reply| reply.ok());
        } else if let Some(conn) = self.conns.find_mut(id) {
            conn.waiting = Waiting::Save;
            self.saves.rewrites.push((order, id));
        }
        Ok(())
    }

    /// A storage operation is done; if it was a rewriting, its client goes on.
    pub(super) fn end_config_rewrite(&mut self, order: StorageId, failure: Option<&String>) {
        let Some(at) = self.saves.rewrites.iter().position(|(own, _)| *own == order) else {
            return;
        };
        let (_, id) = self.saves.rewrites.swap_remove(at);
        match failure {
            None => {
                self.log(LogLevel::Notice, "CONFIG REWRITE executed with success.");
                self.reply(id, |reply| reply.ok());
            }
            Some(reason) => {
                self.log(LogLevel::Warning, format!("CONFIG REWRITE failed: {reason}"));
                let error = error::rewrite_failed(reason);
                self.reply(id, |reply| reply.error(&error));
            }
        }
        self.resume(id);
    }
}
