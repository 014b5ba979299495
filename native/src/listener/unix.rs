//! The socket in the file system.

use std::fs;
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;

use redarium_core::config::Config;
use socket2::Domain;
use socket2::SockAddr;
use socket2::Socket;
use socket2::Type;
use tokio::net::UnixListener;

use crate::os;

/// A socket that is listened on, and whose file is ours to remove.
#[derive(Debug)]
pub struct UnixSocket {
    path: String,
    listener: Option<UnixListener>,
}

impl UnixSocket {
    /// Listens where the settings say, if they do. A file that is there already is taken for what
    /// another run has left, and replaced.
    ///
    /// # Errors
    /// What Redis says about a socket that cannot be had.
    pub fn listen(config: &Config) -> Result<Option<Self>, String> {
        let path = &config.unixsocket;
        if path.is_empty() {
            return Ok(None);
        }
        // If it cannot be removed, binding says why.
        let _ = fs::remove_file(path);
        let listener = bind(path, config.unixsocketperm, config.tcp_backlog)
            .map_err(|error| format!("Failed opening Unix socket: bind: {}", os::words(&error)))?;
        Ok(Some(Self { path: path.clone(), listener: Some(listener) }))
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn take_listener(&mut self) -> Option<UnixListener> {
        self.listener.take()
    }

    /// Removes the file.
    ///
    /// # Errors
    /// What Redis logs about that.
    pub fn remove(&self) -> Result<(), String> {
        fs::remove_file(&self.path)
            .map_err(|error| format!("Error removing the unix socket file: {}", os::words(&error)))
    }
}

fn bind(path: &str, permissions: u32, backlog: u32) -> io::Result<UnixListener> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SockAddr::unix(path)?)?;
    if permissions > 0 {
        // Nobody can connect before it listens, so nobody slips in by wider ones.
        fs::set_permissions(path, Permissions::from_mode(permissions))?;
    }
    socket.listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
    UnixListener::from_std(std::os::unix::net::UnixListener::from(socket))
}
