//! A small blocking client: sends requests, reads replies, whole or as raw bytes.

use std::io;
use std::io::Read;
use std::io::Write;
use std::net::Shutdown;
use std::net::TcpStream;
use std::time::Duration;

use crate::value::Value;

/// A connection to a server.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    /// Connects to a port of this machine.
    ///
    /// # Errors
    ///
    /// Whatever the operating system says.
    pub fn connect(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    /// Sends a request and reads its reply.
    pub fn call<T: AsRef<[u8]>>(&mut self, words: &[T]) -> Value {
        self.try_call(words).unwrap_or_else(|error| {
            let request = encode(words);
            panic!("no reply to {}: {error}", request.escape_ascii())
        })
    }

    /// The same for a test in which the server may be gone.
    ///
    /// # Errors
    ///
    /// When the connection is closed, nothing comes in time, or what comes is no reply.
    pub fn try_call<T: AsRef<[u8]>>(&mut self, words: &[T]) -> io::Result<Value> {
        self.send_raw(&encode(words))?;
        self.read()
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    ///
    /// When the connection is closed.
    pub fn send_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Reads one reply.
    ///
    /// # Errors
    ///
    /// As [`Client::try_call`].
    pub fn read(&mut self) -> io::Result<Value> {
        Ok(self.read_with_bytes()?.0)
    }

    /// Reads one reply and the bytes it came in.
    ///
    /// # Errors
    ///
    /// As [`Client::try_call`].
    pub fn read_with_bytes(&mut self) -> io::Result<(Value, Vec<u8>)> {
        loop {
            let parsed = Value::parse(&self.buffer).map_err(io::Error::other)?;
            if let Some((value, len)) = parsed {
                let rest = self.buffer.split_off(len);
                return Ok((value, std::mem::replace(&mut self.buffer, rest)));
            }
            self.fill()?;
        }
    }

    /// Everything up to the end of the connection.
    ///
    /// # Errors
    ///
    /// When the connection stays open.
    pub fn read_to_end(&mut self) -> io::Result<Vec<u8>> {
        let read = self.stream.read_to_end(&mut self.buffer);
        match read {
            Err(error) if error.kind() != io::ErrorKind::ConnectionReset => Err(error),
            _ => Ok(std::mem::take(&mut self.buffer)),
        }
    }

    /// Whether nothing arrives for this long.
    pub fn is_silent(&mut self, time: Duration) -> bool {
        self.stream.set_read_timeout(Some(time)).expect("a timeout");
        let silent = self.buffer.is_empty() && self.fill().is_err_and(|error| is_timeout(&error));
        self.stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        silent
    }

    /// Says that nothing more will be sent; replies can still be read.
    pub fn finish_sending(&mut self) {
        self.stream.shutdown(Shutdown::Write).expect("half of the connection closes");
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut chunk = [0; 16 * 1024];
        let len = self.stream.read(&mut chunk)?;
        if len == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.buffer.extend_from_slice(&chunk[..len]);
        Ok(())
    }
}

/// A request: an array of bulk strings.
pub fn encode<T: AsRef<[u8]>>(words: &[T]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        let word = word.as_ref();
        bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

/// Whether a read ended because its time was over.
pub fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// How long a reply may take: long enough for a busy machine, short enough for a test.
const PATIENCE: Duration = Duration::from_secs(10);
