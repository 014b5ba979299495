//! ACL LOAD and ACL SAVE: the users in a file of their own, `aclfile`.
//!
//! The file is read and written as every file is, by storage operations; the client waits for the
//! last. A load replaces all users or none. A save replaces the file in one step.

use bytes::Bytes;

use crate::acl::UserId;
use crate::acl::Users;
use crate::command::Outcome;
use crate::error;
use crate::error::CommandError;
use crate::limits;
use crate::node::ConnId;
use crate::node::LogLevel;
use crate::node::Node;
use crate::node::StorageDone;
use crate::node::StorageId;
use crate::node::StorageOp;
use crate::node::StorageOutput;
use crate::node::conn::Waiting;

/// The ACL file is being read or written for this client.
#[derive(Debug)]
pub(super) struct FileJob {
    client: ConnId,
    /// The file that is written and then renamed; none when the ACL file is read.
    temporary: Option<String>,
    /// The operations that belong to the job.
    first: StorageId,
    last: StorageId,
    failure: Option<String>,
}

impl Node {
    /// Takes the users of the ACL file, or why it could not be read, before anybody is served.
    ///
    /// # Errors
    /// What is wrong with the file, as Redis logs it before it ends.
    pub fn load_acl_file(&mut self, text: Result<&[u8], &str>) -> Result<(), Vec<u8>> {
        let users = self.parse_acl_file(text)?;
        self.replace_users(users);
        Ok(())
    }

    pub(super) fn acl_load(&mut self, id: ConnId) -> Outcome {
        self.may_use_acl_file(id)?;
        let file = self.config.aclfile.clone();
        let measure = self.storage(StorageOp::Measure { file });
        self.begin_file_job(id, None, measure, measure);
        Ok(())
    }

    pub(super) fn acl_save(&mut self, id: ConnId) -> Outcome {
        self.may_use_acl_file(id)?;
        let mut text = Vec::new();
        for line in self.acl.users.lines() {
            text.extend_from_slice(&line);
            text.push(b'\n');
        }
        let to = self.config.aclfile.clone();
        let temporary = format!("{to}.tmp-{}", String::from_utf8_lossy(&self.run_id[..8]));
        let file = || temporary.clone();
        let first = self.storage(StorageOp::Create { file: file() });
        self.storage(StorageOp::Append { file: file(), data: Bytes::from(text) });
        self.storage(StorageOp::Sync { file: file() });
        let last = self.storage(StorageOp::Rename { from: file(), to });
        self.begin_file_job(id, Some(temporary), first, last);
        Ok(())
    }

    /// Takes note of a storage operation if it is the ACL file's; whether it was.
    pub(in crate::node) fn handle_acl_storage(&mut self, done: &StorageDone) -> bool {
        let Some(job) = &mut self.acl.file else { return false };
        if !(job.first..=job.last).contains(&done.id) {
            return false;
        }
        if let Err(reason) = &done.outcome {
            job.failure.get_or_insert_with(|| reason.clone());
        }
        if done.id < job.last {
            return true;
        }
        if let Ok(StorageOutput::Length(Some(len))) = done.outcome
            && let Ok(len @ ..=limits::ACL_FILE_BYTES_MAX) = usize::try_from(len)
        {
            let file = self.config.aclfile.clone();
            // One more than there should be, lest the file has grown.
            let read = self.storage(StorageOp::Read { file, offset: 0, bytes_max: len + 1 });
            if let Some(job) = &mut self.acl.file {
                (job.first, job.last) = (read, read);
            }
        } else if let Some(job) = self.acl.file.take() {
            self.finish_file_job(job, done);
        }
        true
    }

    fn finish_file_job(&mut self, job: FileJob, done: &StorageDone) {
        let id = job.client;
        let outcome = match &job.temporary {
            None => self.finish_acl_load(done),
            Some(_) => self.finish_acl_save(job),
        };
        match outcome {
            Ok(()) => self.answer(id, |reply| reply.ok()),
            Err(error) => self.refuse_request(id, &error),
        }
        self.resume(id);
    }

    fn may_use_acl_file(&self, id: ConnId) -> Outcome {
        if self.config.aclfile.is_empty() {
            return Err(error::acl::NO_FILE);
        }
        // What waits can't be one of several commands that run as one.
        if self.executing == Some(id) {
            return Err(error::NOT_IN_MULTI);
        }
        if self.acl.file.is_some() {
            return Err(error::acl::FILE_BUSY);
        }
        Ok(())
    }

    fn begin_file_job(
        &mut self,
        client: ConnId,
        temporary: Option<String>,
        first: StorageId,
        last: StorageId,
    ) {
        self.acl.file = Some(FileJob { client, temporary, first, last, failure: None });
        if let Some(conn) = self.conns.find_mut(client) {
            conn.waiting = Waiting::AclFile;
        }
    }

    fn finish_acl_load(&mut self, done: &StorageDone) -> Result<(), CommandError> {
        let text = match &done.outcome {
            Ok(StorageOutput::Bytes(text)) => Ok(&text[..]),
            Ok(StorageOutput::Length(None)) => Err("No such file or directory"),
            Ok(_) => Err("File too large"),
            Err(reason) => Err(reason.as_str()),
        };
        self.load_acl_file(text).map_err(|problem| error::acl::file_refused(&problem))
    }

    fn finish_acl_save(&mut self, job: FileJob) -> Result<(), CommandError> {
        let FileJob { temporary, failure, .. } = job;
        let Some(reason) = failure else { return Ok(()) };
        self.log(LogLevel::Warning, format!("Saving ACLs to the ACL file: {reason}"));
        if let Some(file) = temporary {
            self.storage(StorageOp::Remove { file });
        }
        Err(error::acl::SAVE_FAILED)
    }

    fn parse_acl_file(&self, text: Result<&[u8], &str>) -> Result<Users, Vec<u8>> {
        let file = &self.config.aclfile;
        let unread = |reason| format!("Error loading ACLs, opening file '{file}': {reason}");
        let text = text.map_err(|reason| unread(reason).into_bytes())?;
        Users::parse_file(text, file, self.config.channels_by_default())
    }

    /// Makes these the users. Connections stay with the user of the same name; those whose user is no
    /// more are closed.
    fn replace_users(&mut self, users: Users) {
        let old = std::mem::replace(&mut self.acl.users, users);
        let kept: Vec<(ConnId, Option<UserId>)> = self
            .conns
            .iter()
            .filter_map(|conn| {
                let name = old.find(conn.user)?.name();
                Some((conn.id, self.acl.users.named(name)))
            })
            .collect();
        for (id, user) in kept {
            match (user, self.conns.find_mut(id)) {
                (Some(user), Some(conn)) => conn.user = user,
                _ => self.send_one_away(id),
            }
        }
        for user in old.iter() {
            if let Some(id) = self.acl.users.named(user.name()) {
                self.close_listeners(id, user);
            }
        }
    }
}
