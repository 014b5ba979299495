//! A TCP proxy that a test can cut or stall, to see what a server makes of a lost connection or a silent
//! one.

use std::io;
use std::io::Read;
use std::io::Write;
use std::net::Shutdown;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

/// Listens on a port of its own and passes everything on to a server.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    upstream: u16,
    open: AtomicBool,
    /// Bytes that may still come from the server before every connection is cut, or stands still.
    allowance: AtomicU64,
    /// What comes after those bytes waits instead of being cut off.
    stalls: AtomicBool,
    stalled: AtomicBool,
    streams: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// In front of the server at this port.
    pub fn new(upstream: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("the listener's address").port();
        let shared = Arc::new(Shared {
            upstream,
            open: AtomicBool::new(true),
            allowance: AtomicU64::new(u64::MAX),
            stalls: AtomicBool::new(false),
            stalled: AtomicBool::new(false),
            streams: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A peer that is gone already is no reason to stop listening.
                let _ = accepting.connect(stream);
            }
        });
        Self { port, shared }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends all connections and refuses new ones until [`Proxy::heal`].
    pub fn cut(&self) {
        self.shared.open.store(false, Ordering::SeqCst);
        self.shared.close_all();
    }

    pub fn heal(&self) {
        self.shared.allowance.store(u64::MAX, Ordering::SeqCst);
        self.shared.stalls.store(false, Ordering::SeqCst);
        self.shared.stalled.store(false, Ordering::SeqCst);
        self.shared.open.store(true, Ordering::SeqCst);
    }

    /// Lets nothing through once this many more bytes have come from the server, until
    /// [`Proxy::heal`].
    pub fn stall_after(&self, bytes: u64) {
        self.shared.stalls.store(true, Ordering::SeqCst);
        self.shared.allowance.store(bytes, Ordering::SeqCst);
    }

    /// Whether something waits to be let through.
    pub fn has_stalled(&self) -> bool {
        self.shared.stalled.load(Ordering::SeqCst)
    }

    /// Whether it has been cut, by a call or by its allowance.
    pub fn has_cut(&self) -> bool {
        !self.shared.open.load(Ordering::SeqCst)
    }

    /// Cuts once this many more bytes have come from the server.
    pub fn cut_after(&self, bytes: u64) {
        self.shared.allowance.store(bytes, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
    }
}

impl Shared {
    fn connect(self: &Arc<Self>, near: TcpStream) -> io::Result<()> {
        if !self.open.load(Ordering::SeqCst) {
            return near.shutdown(Shutdown::Both);
        }
        let far = TcpStream::connect(("127.0.0.1", self.upstream))?;
        far.set_nodelay(true)?;
        near.set_nodelay(true)?;
        let mut streams = self.streams.lock().expect("the list of connections");
        streams.push(near.try_clone()?);
        streams.push(far.try_clone()?);
        drop(streams);
        let (near2, far2) = (near.try_clone()?, far.try_clone()?);
        let shared = Arc::clone(self);
        thread::spawn(move || pump(near, far, |len| len));
        thread::spawn(move || pump(far2, near2, |len| shared.pass(len)));
        Ok(())
    }

    /// How many of `len` bytes may pass now; waits while that is none and the link only stalls.
    fn pass(&self, len: usize) -> usize {
        let mut pass = self.spend(len);
        while pass == 0 && self.stalls.load(Ordering::SeqCst) {
            self.stalled.store(true, Ordering::SeqCst);
            thread::sleep(TICK);
            pass = self.spend(len);
        }
        pass
    }

    /// Takes up to `len` bytes from the allowance. Less than asked for is the end of a link that does
    /// not stall.
    fn spend(&self, len: usize) -> usize {
        let len = len as u64;
        let left = self.allowance.load(Ordering::SeqCst);
        let pass = len.min(left);
        if left != u64::MAX {
            self.allowance.store(left - pass, Ordering::SeqCst);
        }
        if pass < len && !self.stalls.load(Ordering::SeqCst) {
            self.open.store(false, Ordering::SeqCst);
        }
        usize::try_from(pass).expect("no more than was asked for")
    }

    fn close_all(&self) {
        for stream in self.streams.lock().expect("the list of connections").drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// Copies until either end is gone or `allow` lets nothing pass; then closes both.
fn pump(mut from: TcpStream, mut to: TcpStream, allow: impl Fn(usize) -> usize) {
    let mut chunk = [0; 16 * 1024];
    while let Ok(len @ 1..) = from.read(&mut chunk) {
        if !pump_chunk(&chunk[..len], &mut to, &allow) {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

/// Whether all of it could pass.
fn pump_chunk(mut chunk: &[u8], to: &mut TcpStream, allow: &impl Fn(usize) -> usize) -> bool {
    while !chunk.is_empty() {
        let (now, later) = chunk.split_at(allow(chunk.len()));
        if now.is_empty() || to.write_all(now).is_err() {
            return false;
        }
        chunk = later;
    }
    true
}

const TICK: Duration = Duration::from_millis(2);
