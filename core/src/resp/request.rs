//! Requests as a client, a master or an append-only file writes them: arrays of bulk strings.

use bytes::BufMut;
use bytes::BytesMut;

/// Appends one request. Used for everything that travels: the replication stream, the
/// append-only file, the handshake, the simulated clients.
pub fn write_request<'a>(out: &mut BytesMut, args: impl ExactSizeIterator<Item = &'a [u8]>) {
    begin_request(out, args.len());
    for arg in args {
        write_arg(out, arg);
    }
}

/// Begins a request of so many arguments, each of which [`write_arg`] appends.
pub fn begin_request(out: &mut BytesMut, args: usize) {
    write_length(out, b'*', args);
}

pub fn write_arg(out: &mut BytesMut, arg: &[u8]) {
    write_length(out, b'$', arg.len());
    out.put_slice(arg);
    out.put_slice(b"\r\n");
}

/// `<sigil><length>\r\n`, in one reservation.
///
/// Most lengths have two digits. They are spelled out, which makes them one store of known size.
#[inline]
pub(super) fn write_length(out: &mut BytesMut, sigil: u8, length: usize) {
    match length {
        0..10 => out.put_slice(&[sigil, b'0' + length as u8, b'\r', b'\n']),
        10..100 => {
            let (tens, ones) = ((length / 10) as u8, (length % 10) as u8);
            out.put_slice(&[sigil, b'0' + tens, b'0' + ones, b'\r', b'\n']);
        }
        _ => write_long_length(out, sigil, length),
    }
}

fn write_long_length(out: &mut BytesMut, sigil: u8, length: usize) {
    let mut digits = itoa::Buffer::new();
    let digits = digits.format(length).as_bytes();
    out.reserve(digits.len() + 3);
    out.put_u8(sigil);
    out.put_slice(digits);
    out.put_slice(b"\r\n");
}
