//! `supervised systemd`: the service manager is told when the server is ready and when it stops.
//!
//! It listens on a datagram socket that it names in the environment. Upstart, which expects a stopped
//! process, is gone from the systems that had it; who asks for it is told so.

use std::env;
use std::io;

use redarium_core::config::Supervised;
use socket2::Domain;
use socket2::SockAddr;
use socket2::Socket;
use socket2::Type;

use crate::log::Log;
use crate::os;

/// A service manager that wants to know.
#[derive(Debug)]
pub struct Supervisor {
    /// `@` in front stands for a name outside the file system.
    address: String,
}

impl Supervisor {
    /// The one that the setting asks for, if it is there.
    pub fn find(setting: Supervised) -> Option<Self> {
        match setting {
            Supervised::Systemd | Supervised::Auto => {
                let address = env::var("NOTIFY_SOCKET").ok().filter(|name| !name.is_empty());
                address.map(|address| Self { address })
            }
            Supervised::Upstart | Supervised::No => None,
        }
    }

    /// Says in the log why there is none, to who asked for one by its name.
    pub fn miss(setting: Supervised, log: &mut Log) {
        match setting {
            Supervised::Systemd => {
                log.warning("systemd supervision error: NOTIFY_SOCKET not found!");
            }
            Supervised::Upstart => log.warning("Redarium knows no upstart; going on without."),
            Supervised::Auto | Supervised::No => {}
        }
    }

    pub fn ready(&self, log: &mut Log) {
        self.tell("STATUS=Ready to accept connections\nREADY=1\n", log);
    }

    pub fn stopping(&self, log: &mut Log) {
        self.tell("STOPPING=1\n", log);
    }

    fn tell(&self, state: &str, log: &mut Log) {
        if let Err(error) = self.send(state) {
            log.warning(&format!("systemd supervision error: {}", os::words(&error)));
        }
    }

    fn send(&self, state: &str) -> io::Result<()> {
        let path = match self.address.strip_prefix('@') {
            Some(name) => format!("\0{name}"),
            None => self.address.clone(),
        };
        let socket = Socket::new(Domain::UNIX, Type::DGRAM, None)?;
        socket.send_to(state.as_bytes(), &SockAddr::unix(path)?).map(drop)
    }
}
