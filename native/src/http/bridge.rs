//! A client's connection inside a WebSocket: the bytes of its binary messages, one after the other, are
//! what a client sends over TCP, and what the server replies comes back the same way.
//!
//! Where one message ends and the next begins means nothing. Neither direction holds more than one piece:
//! who does not read is not written to, so that the engine's own limits see what gathers, and who sends
//! faster than the engine runs waits.

use std::io;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::extract::State;
use axum::extract::WebSocketUpgrade;
use axum::extract::ws::CloseFrame;
use axum::extract::ws::Message;
use axum::extract::ws::WebSocket;
use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use bytes::Bytes;
use bytes::BytesMut;
use futures_util::SinkExt;
use futures_util::StreamExt;
use futures_util::stream::SplitSink;
use futures_util::stream::SplitStream;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::net::unix::OwnedReadHalf;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::oneshot;
use tokio::time;
use tokio::time::Instant;
use tokio::time::MissedTickBehavior;
use tungstenite::error::CapacityError;

use super::Site;
use super::connections::Ends;
use super::names;
use super::visitor::Visitor;

/// Where the page finds it.
pub const PATH: &str = "/resp";

/// As many at once; each has three descriptors besides the engine's.
pub const BRIDGES_MAX: usize = 256;

/// Answers the request for a WebSocket, which only a page that was served from here may make. Whoever is
/// not taken in is told why by the code that closes it: a page does not see the answer to its request.
pub async fn open(
    State(site): State<Site>,
    ConnectInfo(ends): ConnectInfo<Ends>,
    headers: HeaderMap,
    request: WebSocketUpgrade,
) -> Response {
    if !is_from_here(&headers) {
        let text = "A WebSocket to this server is for pages that it served.\n";
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    let Ok(permit) = site.bridges.clone().try_acquire_owned() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "Too many are connected.\n").into_response();
    };
    let request = request
        .max_frame_size(MESSAGE_BYTES_MAX)
        .max_message_size(MESSAGE_BYTES_MAX)
        .write_buffer_size(0)
        .max_write_buffer_size(4 * PIECE_BYTES);
    match knock(&site, ends).await {
        Ok(Some(engine)) => request.on_upgrade(|socket| carry(socket, engine, permit)),
        Ok(None) => request.on_upgrade(|socket| turn_away(socket, permit)),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "The server is ending.\n").into_response(),
    }
}

/// A browser always says whose script asks, and takes care that no script can say otherwise.
fn is_from_here(headers: &HeaderMap) -> bool {
    match (text(headers, header::ORIGIN), text(headers, header::HOST)) {
        (Some(origin), Some(host)) => names::is_origin_of(origin, host),
        _ => false,
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Asks the engine to take somebody in; none if it does not.
async fn knock(site: &Site, ends: Ends) -> io::Result<Option<UnixStream>> {
    let (ours, stream) = std::os::unix::net::UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    let (verdict, admitted) = oneshot::channel();
    let visitor = Visitor { stream, ends, verdict };
    site.door.send(visitor).await.map_err(io::Error::other)?;
    match admitted.await.map_err(io::Error::other)? {
        true => UnixStream::from_std(ours).map(Some),
        false => Ok(None),
    }
}

async fn turn_away(mut socket: WebSocket, _permit: OwnedSemaphorePermit) {
    let frame = CloseFrame { code: POLICY, reason: NEEDS_PASSWORD.into() };
    let goodbye = async {
        let _ = socket.send(Message::Close(Some(frame))).await;
        while let Some(Ok(_)) = socket.recv().await {}
    };
    let _ = time::timeout(LINGER, goodbye).await;
}

/// Why a bridge ends, and what the peer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The peer has closed it, or has gone.
    Peer,
    /// The engine has closed the connection.
    Engine,
    /// What the peer sends is not for here: the code says why.
    Refused(u16),
}

/// Carries bytes both ways until one side ends. The engine's end is closed with it.
async fn carry(socket: WebSocket, engine: UnixStream, _permit: OwnedSemaphorePermit) {
    let (mut sink, mut stream) = socket.split();
    let (replies, requests) = engine.into_split();
    let end = tokio::select! {
        end = carry_requests(&mut stream, requests) => end,
        end = carry_replies(&mut sink, replies) => end,
    };
    // A peer that takes nothing is not waited for.
    let _ = time::timeout(LINGER, say_goodbye(end, sink, stream)).await;
}

async fn carry_requests(stream: &mut SplitStream<WebSocket>, mut engine: OwnedWriteHalf) -> End {
    loop {
        let bytes = match time::timeout(SILENCE_MAX, stream.next()).await {
            Ok(Some(Ok(Message::Binary(bytes)))) => bytes,
            // Pings are answered below us; what they and pongs say is that the peer is there.
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => continue,
            Ok(Some(Ok(Message::Text(_)))) => return End::Refused(NOT_FOR_HERE),
            Ok(Some(Ok(Message::Close(_))) | None) | Err(_) => return End::Peer,
            Ok(Some(Err(error))) => return broken(error),
        };
        if engine.write_all(&bytes).await.is_err() {
            // The other direction tells the peer, once it has all replies.
            std::future::pending::<()>().await;
        }
    }
}

async fn carry_replies(sink: &mut SplitSink<WebSocket, Message>, mut engine: OwnedReadHalf) -> End {
    let mut heartbeat = time::interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut buffer = BytesMut::new();
    loop {
        buffer.reserve(PIECE_BYTES);
        let message = tokio::select! {
            read = engine.read_buf(&mut buffer) => match read {
                Ok(1..) => Message::Binary(buffer.split().freeze()),
                _ => return End::Engine,
            },
            _ = heartbeat.tick() => Message::Ping(Bytes::new()),
        };
        if sink.send(message).await.is_err() {
            return End::Peer;
        }
    }
}

/// What to say about bytes that are no messages, or too long ones.
fn broken(error: axum::Error) -> End {
    match error.into_inner().downcast_ref::<tungstenite::Error>() {
        Some(tungstenite::Error::Capacity(CapacityError::MessageTooLong { .. })) => {
            End::Refused(TOO_LONG)
        }
        Some(tungstenite::Error::Protocol(_) | tungstenite::Error::Utf8(_)) => {
            End::Refused(NO_WEBSOCKET)
        }
        _ => End::Peer,
    }
}

/// Closes the WebSocket as its protocol wants it, each side with a message.
async fn say_goodbye(
    end: End,
    mut sink: SplitSink<WebSocket, Message>,
    mut stream: SplitStream<WebSocket>,
) {
    let frame = match end {
        End::Peer => None,
        End::Engine => Some(CloseFrame { code: NORMAL, reason: "".into() }),
        End::Refused(code) => Some(CloseFrame { code, reason: "".into() }),
    };
    if let Some(frame) = frame {
        let _ = sink.send(Message::Close(Some(frame))).await;
    }
    // Sends what waits, the answer to the peer's message among it.
    let _ = sink.close().await;
    if end == End::Engine {
        while let Some(Ok(_)) = stream.next().await {}
    }
}

/// A message may be so long. The page cuts what it sends into shorter ones.
const MESSAGE_BYTES_MAX: usize = 1024 * 1024;

/// Replies that are sent as one message, at most.
const PIECE_BYTES: usize = 64 * 1024;

/// Keeps what lies between from forgetting a silent connection.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// A peer that is there has answered a heartbeat in this time.
const SILENCE_MAX: Duration = Duration::from_secs(90);

/// How long the last messages to a peer that does not read are kept, as over TCP.
const LINGER: Duration = Duration::from_secs(5);

const NEEDS_PASSWORD: &str = "From other machines a password is needed: set requirepass.";

// Codes of RFC 6455, 7.4.1.
const NORMAL: u16 = 1000;
const NO_WEBSOCKET: u16 = 1002;
const NOT_FOR_HERE: u16 = 1003;
const POLICY: u16 = 1008;
const TOO_LONG: u16 = 1009;
