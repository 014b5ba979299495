//! A client that waits: for whatever is done before and after a measurement.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use super::{reply::Scanner, request};

pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    pub fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).context("cannot connect")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, buffer: vec![0; 64 * 1024] })
    }

    /// Sends a request and returns its reply, as it came. An error reply is a `Refusal`.
    pub fn call(&mut self, words: &[&str]) -> Result<Vec<u8>> {
        self.exchange(&request::encode(words), 1).with_context(|| words.join(" "))
    }

    /// Sends requests together and returns all their replies.
    ///
    /// They must be few enough for the server to answer before it has read the last.
    pub fn exchange(&mut self, requests: &[u8], replies: u64) -> Result<Vec<u8>> {
        self.stream.write_all(requests)?;
        let mut scanner = Scanner::default();
        scanner.expect(replies);
        let mut all = Vec::new();
        while !scanner.is_done() {
            let length = self.stream.read(&mut self.buffer)?;
            ensure!(length > 0, "the server closed the connection");
            let arrived = &self.buffer[..length];
            all.extend_from_slice(arrived);
            scanner.feed(arrived)?;
        }
        Ok(all)
    }

    pub fn into_stream(self) -> TcpStream {
        self.stream
    }
}

/// Even a server that frees gigabytes at a stroke is back after this long.
const PATIENCE: Duration = Duration::from_secs(60);
