//! A WebSocket client that does as it is told, be it against the protocol or not.

use std::io;
use std::io::Read;
use std::io::Write;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::net::UdpSocket;
use std::time::Duration;

/// What an HTTP server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// The headers, and for an upgrade no more.
    pub head: String,
}

/// A connection after its upgrade.
#[derive(Debug)]
pub struct WebClient {
    stream: TcpStream,
    /// What came behind the answer's head.
    unread: Vec<u8>,
}

/// A frame as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub opcode: u8,
    pub payload: Vec<u8>,
}

pub const CONTINUATION: u8 = 0;
pub const TEXT: u8 = 1;
pub const BINARY: u8 = 2;
pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;
pub const PONG: u8 = 10;

/// The bit of a message's last frame.
pub const LAST: u8 = 0x80;

/// Asks for a WebSocket at this address, with these headers besides the protocol's own; the client if
/// the server agrees.
///
/// # Errors
///
/// Whatever the operating system says.
pub fn upgrade(
    at: SocketAddr,
    headers: &[(&str, &str)],
) -> io::Result<(Answer, Option<WebClient>)> {
    let mut stream = TcpStream::connect(at)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let own: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let request = format!(
        "GET /resp HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{own}\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let (head, unread) = read_head(&mut stream)?;
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    let client = (status == 101).then_some(WebClient { stream, unread });
    Ok((Answer { status, head }, client))
}

fn read_head(stream: &mut TcpStream) -> io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let rest = bytes.split_off(end + 4);
            return Ok((String::from_utf8_lossy(&bytes).into_owned(), rest));
        }
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        bytes.extend(byte);
    }
}

impl WebClient {
    /// Connects as a page does that the server at this port has served.
    ///
    /// # Panics
    ///
    /// When the server does not agree.
    pub fn connect(http_port: u16) -> Self {
        let host = format!("127.0.0.1:{http_port}");
        let origin = format!("http://{host}");
        let at = host.parse().expect("an address");
        let upgraded = upgrade(at, &[("Host", &host), ("Origin", &origin)]);
        let (answer, client) = upgraded.expect("the server answers");
        client.unwrap_or_else(|| panic!("no upgrade: {answer:?}"))
    }

    /// Sends a frame; `first` is its first byte: the opcode, with [`LAST`] or without.
    ///
    /// # Errors
    ///
    /// When the connection is closed.
    pub fn send_frame(&mut self, first: u8, payload: &[u8]) -> io::Result<()> {
        let mut frame = vec![first];
        match u16::try_from(payload.len()) {
            Ok(len @ 0..126) => frame.push(0x80 | len as u8),
            Ok(len) => {
                frame.push(0x80 | 126);
                frame.extend(len.to_be_bytes());
            }
            Err(_) => {
                frame.push(0x80 | 127);
                frame.extend((payload.len() as u64).to_be_bytes());
            }
        }
        frame.extend(MASK);
        frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        self.send_raw(&frame)
    }

    /// Sends a binary message.
    ///
    /// # Errors
    ///
    /// As [`WebClient::send_frame`].
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.send_frame(LAST | BINARY, bytes)
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    ///
    /// As [`WebClient::send_frame`].
    pub fn send_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Reads a frame.
    ///
    /// # Errors
    ///
    /// When the connection is closed or nothing comes in time.
    pub fn read_frame(&mut self) -> io::Result<Frame> {
        let [first, len] = self.read_array()?;
        let len = match len {
            126 => u64::from(u16::from_be_bytes(self.read_array()?)),
            127 => u64::from_be_bytes(self.read_array()?),
            len => u64::from(len),
        };
        let mut payload = vec![0; usize::try_from(len).map_err(io::Error::other)?];
        self.read_exact(&mut payload)?;
        Ok(Frame { opcode: first & 0x0f, payload })
    }

    /// So many bytes of binary messages, from however many of them.
    ///
    /// # Errors
    ///
    /// As [`WebClient::read_frame`], and when something else comes.
    pub fn read_bytes(&mut self, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while bytes.len() < count {
            let frame = self.read_frame()?;
            if frame.opcode != BINARY {
                return Err(io::Error::other(format!("{frame:?} after {} bytes", bytes.len())));
            }
            bytes.extend(frame.payload);
        }
        Ok(bytes)
    }

    /// Sends a request and reads a reply that is known.
    ///
    /// # Panics
    ///
    /// When another comes.
    pub fn expect(&mut self, request: &[u8], reply: &[u8]) {
        self.send(request).expect("the server reads");
        let received = self.read_bytes(reply.len()).expect("a reply");
        assert_eq!(received.escape_ascii().to_string(), reply.escape_ascii().to_string());
    }

    /// The code of the message that closes; what comes before it is passed over.
    ///
    /// # Errors
    ///
    /// When the connection ends without.
    pub fn close_code(&mut self) -> io::Result<Option<u16>> {
        loop {
            let Frame { opcode, payload } = self.read_frame()?;
            if opcode == CLOSE {
                return Ok(payload.first_chunk().copied().map(u16::from_be_bytes));
            }
        }
    }

    /// Whether the server has closed the connection under it.
    pub fn is_at_end(&mut self) -> bool {
        self.unread.is_empty() && !matches!(self.stream.read(&mut [0]), Ok(1..))
    }

    fn read_array<const LEN: usize>(&mut self) -> io::Result<[u8; LEN]> {
        let mut bytes = [0; LEN];
        self.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn read_exact(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        let kept = self.unread.len().min(bytes.len());
        let rest = self.unread.split_off(kept);
        bytes[..kept].copy_from_slice(&self.unread);
        self.unread = rest;
        self.stream.read_exact(&mut bytes[kept..])
    }
}

/// An address of this machine that is not loopback; none without a network. Nothing is sent.
pub fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.200:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

/// Any will do: it is there to keep proxies from taking the bytes for something else.
const MASK: [u8; 4] = [0x5a, 0xa5, 0x0f, 0xf0];

const PATIENCE: Duration = Duration::from_secs(10);
