//! One redis-cli at its prompt: lines in, requests out, replies in, text out.
//!
//! It follows redis-cli 7: one request is on its way at a time, `5 INCR x`
//! repeats, and the prompt tells of the database and of an open transaction
//! by what the replies said. MONITOR, SYNC and PSYNC turn the connection into a stream, which only closing
//! it ends. After the server has closed the connection the
//! next line reconnects and selects the same database and protocol again.

use std::collections::VecDeque;

use bytes::BytesMut;

use super::decode::DecodeError;
use super::decode::Decoder;
use super::follow::Followed;
use super::follow::Follower;
use super::print;
use super::value::Value;
use crate::data::number;
use crate::limits;
use crate::resp;
use crate::resp::Protocol;

/// The client's side of one connection.
#[derive(Debug)]
pub struct Session {
    address: String,
    connected: bool,
    state: State,
    decoder: Decoder,
    /// Requests not sent yet: typed while another one waited.
    queue: VecDeque<Request>,
    /// The request whose reply is awaited.
    current: Option<Request>,
    stream: Option<Stream>,
}

/// What the server sends without being asked any more: nothing can be typed meanwhile.
#[derive(Debug)]
enum Stream {
    Monitor,
    /// Boxed: a prompt hardly ever has one.
    Replica(Box<Follower>),
}

/// What the replies have taught the client about its connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct State {
    protocol: Protocol,
    db: i64,
    in_multi: bool,
    /// Channels and patterns listened to, and channels of the shard, as the server counts them.
    channels: i64,
    shard_channels: i64,
    /// The database when MULTI began: a transaction that does not run leaves it selected.
    db_before_multi: i64,
}

#[derive(Debug)]
struct Request {
    args: Vec<Vec<u8>>,
    /// How often it is sent, one after another.
    times: i64,
    /// Sent by the client on its own behalf: its reply is not shown.
    silent: bool,
}

/// What became of a line that was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// An empty line.
    Nothing,
    /// Nothing is sent; the terminal shows this text.
    Refused(&'static str),
    /// A request waits to be sent: call [`Session::poll_request`], after connecting where needed.
    Request,
    /// The person wants to leave.
    Quit,
}

/// Something for the terminal to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    Reply {
        text: Vec<u8>,
        is_error: bool,
    },
    /// Not the answer to a request: a message, a line of MONITOR.
    Push {
        text: Vec<u8>,
    },
}

impl Session {
    /// A session with the server at `address`, which the prompt shows; not connected yet.
    pub fn new(address: String) -> Self {
        Self {
            address,
            connected: false,
            state: State::default(),
            decoder: Decoder::default(),
            queue: VecDeque::new(),
            current: None,
            stream: None,
        }
    }

    pub fn is_connected(&self) -> bool {
        self.connected
    }

    /// Whether a request was sent whose reply has not come.
    pub fn is_waiting(&self) -> bool {
        self.current.is_some()
    }

    /// The command whose stream is shown until the connection is closed.
    pub fn streams(&self) -> Option<&'static str> {
        match self.stream {
            Some(Stream::Monitor) => Some("MONITOR"),
            Some(Stream::Replica(_)) => Some("SYNC"),
            None => None,
        }
    }

    /// The version of the protocol that the server speaks.
    pub fn protocol(&self) -> Protocol {
        self.state.protocol
    }

    /// Whether messages of channels may come in.
    pub fn listens(&self) -> bool {
        self.state.channels + self.state.shard_channels > 0
    }

    /// The name of the command whose reply is awaited, as it was typed.
    pub fn waits_for(&self) -> Option<&[u8]> {
        self.current.as_ref()?.args.first().map(Vec::as_slice)
    }

    pub fn prompt(&self) -> String {
        if !self.connected {
            return "not connected> ".into();
        }
        let db = match self.state.db {
            0 => String::new(),
            db => format!("[{db}]"),
        };
        let transaction = if self.state.in_multi { "(TX)" } else { "" };
        let mode = if self.state.only_listens() { "(subscribed mode)" } else { "" };
        format!("{}{db}{transaction}{mode}> ", self.address)
    }

    /// Takes a typed line, quoted as redis-cli quotes.
    pub fn handle_line(&mut self, line: &[u8]) -> Typed {
        let Some(mut args) = resp::split_words(line) else {
            return Typed::Refused("Invalid argument(s)\n");
        };
        let Some(first) = args.first() else { return Typed::Nothing };
        if is_word(first, "quit") || is_word(first, "exit") {
            return Typed::Quit;
        }
        let times = match number::parse_i64(first) {
            Some(times) if args.len() > 1 => {
                args.remove(0);
                times
            }
            _ => 1,
        };
        if times <= 0 {
            return Typed::Refused("Invalid redis-cli repeat command option value.\n");
        }
        if self.queue.len() < limits::TYPED_LINES_MAX {
            self.queue.push_back(Request { args, times, silent: false });
        }
        Typed::Request
    }

    /// The connection is open: what was selected before is selected again.
    pub fn handle_open(&mut self) {
        let before = std::mem::take(&mut self.state);
        self.connected = true;
        self.decoder = Decoder::default();
        if before.db != 0 {
            self.push_silent(&[b"SELECT", before.db.to_string().as_bytes()]);
        }
        if before.protocol == Protocol::Resp3 {
            self.push_silent(&[b"HELLO", b"3"]);
        }
    }

    /// The connection is gone, and with it everything that waited.
    pub fn handle_close(&mut self) {
        self.connected = false;
        self.state.in_multi = false;
        self.state.channels = 0;
        self.state.shard_channels = 0;
        self.current = None;
        self.stream = None;
        self.queue.clear();
    }

    /// Appends the next request to `out` when one may be sent now; whether it did.
    pub fn poll_request(&mut self, out: &mut BytesMut) -> bool {
        if !self.connected || self.current.is_some() || self.stream.is_some() {
            return false;
        }
        let Some(request) = self.queue.pop_front() else { return false };
        resp::write_request(out, request.args.iter().map(Vec::as_slice));
        if request.args.first().is_some_and(|name| is_word(name, "sync") || is_word(name, "psync"))
        {
            self.stream = Some(Stream::Replica(Box::default()));
        }
        self.current = Some(request);
        true
    }

    /// The next thing to show, consumed from the head of `received`; `None` until more arrives.
    ///
    /// # Errors
    /// When the bytes are no reply: the connection is of no more use.
    pub fn poll_output(&mut self, received: &mut BytesMut) -> Result<Option<Output>, DecodeError> {
        if let Some(Stream::Replica(follower)) = &mut self.stream {
            let Some(followed) = follower.next(received)? else { return Ok(None) };
            return Ok(Some(self.followed(followed)));
        }
        while let Some(value) = self.decoder.next(received)? {
            if let Some(output) = self.handle_value(&value) {
                return Ok(Some(output));
            }
        }
        Ok(None)
    }

    /// A master's stream answers SYNC with its first words, or with an error.
    fn followed(&mut self, followed: Followed) -> Output {
        let is_first = self.current.take().is_some();
        match followed {
            Followed::Text(text) if is_first => Output::Reply { text, is_error: false },
            Followed::Text(text) => Output::Push { text },
            Followed::Refused(text) => {
                self.stream = None;
                Output::Reply { text: print::print(&Value::Error(text)), is_error: true }
            }
        }
    }

    fn handle_value(&mut self, value: &Value) -> Option<Output> {
        let is_message = self.is_message(value);
        self.state.count_subscriptions(value);
        let Some(mut request) = self.current.take_if(|_| !is_message) else {
            return Some(Output::Push { text: print::print_push(value) });
        };
        self.state.learn(&request.args, value);
        if request.args.first().is_some_and(|name| is_word(name, "monitor")) && !value.is_error() {
            // Inside a transaction it was queued, and nothing follows.
            self.stream = (!self.state.in_multi).then_some(Stream::Monitor);
        }
        if request.silent {
            return None;
        }
        let text = match is_raw(&request.args) {
            true => print::print_raw(value),
            false => print::print(value),
        };
        request.times -= 1;
        if request.times > 0 {
            self.queue.push_front(request);
        }
        Some(Output::Reply { text, is_error: value.is_error() })
    }

    /// Whether this answers no request. RESP3 says so; in RESP2 a listener has to look at the words. A
    /// confirmation is an answer where one is awaited: of several the first.
    fn is_message(&self, value: &Value) -> bool {
        let is_push = matches!(value, Value::Push(_));
        match heading(value) {
            Some(b"message" | b"pmessage" | b"smessage") => is_push || self.state.only_listens(),
            Some(word) if is_confirmation(word) => !self.is_subscribing(),
            _ => is_push,
        }
    }

    /// Whether the awaited reply is the confirmation of a subscription.
    fn is_subscribing(&self) -> bool {
        self.waits_for().is_some_and(|name| name.to_ascii_lowercase().ends_with(b"subscribe"))
    }

    fn push_silent(&mut self, args: &[&[u8]]) {
        let args = args.iter().map(|arg| arg.to_vec()).collect();
        self.queue.push_front(Request { args, times: 1, silent: true });
    }
}

impl State {
    /// Whether this is the mode of RESP2 in which a connection does little else than listen.
    fn only_listens(&self) -> bool {
        self.protocol == Protocol::Resp2 && self.channels + self.shard_channels > 0
    }

    /// A confirmation says how many channels there are now.
    fn count_subscriptions(&mut self, value: &Value) {
        let (Value::Array(words) | Value::Push(words)) = value else { return };
        let [word, _, Value::Integer(count)] = words.as_slice() else { return };
        match word.as_text() {
            Some(b"ssubscribe" | b"sunsubscribe") => self.shard_channels = *count,
            Some(word) if is_confirmation(word) => self.channels = *count,
            _ => {}
        }
    }

    /// Redis-cli's rules: what the answer to this request changes in the prompt.
    fn learn(&mut self, args: &[Vec<u8>], value: &Value) {
        let refused = value.is_error();
        match args {
            [name, db] if is_word(name, "select") && !refused => {
                self.db = number::parse_i64(db).unwrap_or(0);
            }
            [name] if is_word(name, "multi") && !refused => {
                self.in_multi = true;
                self.db_before_multi = self.db;
            }
            [name] if is_word(name, "exec") && self.in_multi => {
                self.in_multi = false;
                if refused || *value == Value::Null {
                    self.db = self.db_before_multi;
                }
            }
            [name] if is_word(name, "discard") && !refused => {
                self.in_multi = false;
                self.db = self.db_before_multi;
            }
            [name] if is_word(name, "reset") && !refused => *self = Self::default(),
            [name, version, ..] if is_word(name, "hello") && !refused => {
                self.protocol = match version.as_slice() {
                    b"3" => Protocol::Resp3,
                    _ => Protocol::Resp2,
                };
            }
            _ => {}
        }
    }
}

/// Whether redis-cli prints the reply as it is: the commands that answer with a text for people.
fn is_raw(args: &[Vec<u8>]) -> bool {
    let subcommand = args.get(1);
    args.first().is_some_and(|name| {
        RAW.iter().any(|(command, sub)| {
            is_word(name, command)
                && (sub.is_empty() || subcommand.is_some_and(|given| is_word(given, sub)))
        })
    })
}

/// The first word of a message, or of an array that may be one.
fn heading(value: &Value) -> Option<&[u8]> {
    match value {
        Value::Array(words) | Value::Push(words) => words.first()?.as_text(),
        _ => None,
    }
}

/// Whether a message that begins with this word says that a subscription began or ended.
fn is_confirmation(word: &[u8]) -> bool {
    matches!(word, b"subscribe" | b"psubscribe" | b"ssubscribe")
        || matches!(word, b"unsubscribe" | b"punsubscribe" | b"sunsubscribe")
}

fn is_word(given: &[u8], word: &str) -> bool {
    given.eq_ignore_ascii_case(word.as_bytes())
}

/// Commands, and subcommands where only those count, whose replies are printed raw.
const RAW: &[(&str, &str)] = &[
    ("info", ""),
    ("lolwut", ""),
    ("client", "info"),
    ("client", "list"),
    ("cluster", "info"),
    ("cluster", "nodes"),
    ("debug", "htstats"),
    ("debug", "htstats-key"),
    ("latency", "doctor"),
    ("latency", "graph"),
    ("memory", "doctor"),
    ("memory", "malloc-stats"),
    ("proxy", "info"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> Session {
        let mut session = Session::new("h:1".into());
        session.handle_open();
        session
    }

    /// Types each line, answers its request with the reply beside it, and compares the prompt.
    fn check_prompts(dialogue: &[(&str, &str, &str)]) {
        let mut session = open();
        for (line, reply, prompt) in dialogue {
            assert_eq!(session.handle_line(line.as_bytes()), Typed::Request, "{line}");
            assert!(session.poll_request(&mut BytesMut::new()), "{line}");
            session.poll_output(&mut BytesMut::from(*reply)).unwrap();
            assert_eq!(session.prompt(), *prompt, "after {line}");
        }
    }

    #[test]
    fn prompt_follows_database_and_transaction() {
        check_prompts(&[
            ("get k", "$-1\r\n", "h:1> "),
            ("select 99", "-ERR DB index is out of range\r\n", "h:1> "),
            ("select 3", "+OK\r\n", "h:1[3]> "),
            ("multi", "+OK\r\n", "h:1[3](TX)> "),
            ("multi", "-ERR MULTI calls can not be nested\r\n", "h:1[3](TX)> "),
            ("select 4", "+QUEUED\r\n", "h:1[4](TX)> "),
            ("exec", "*1\r\n+OK\r\n", "h:1[4]> "),
            ("MULTI", "+OK\r\n", "h:1[4](TX)> "),
            ("select 0", "+QUEUED\r\n", "h:1(TX)> "),
            (
                "exec",
                "-EXECABORT Transaction discarded because of previous errors.\r\n",
                "h:1[4]> ",
            ),
            ("multi", "+OK\r\n", "h:1[4](TX)> "),
            ("select 5", "+QUEUED\r\n", "h:1[5](TX)> "),
            ("discard", "+OK\r\n", "h:1[4]> "),
            ("multi", "+OK\r\n", "h:1[4](TX)> "),
            ("reset x", "-ERR wrong number\r\n", "h:1[4](TX)> "),
            ("reset", "+RESET\r\n", "h:1> "),
        ]);
    }

    #[test]
    fn lines_that_send_nothing() {
        let mut session = open();
        for (line, expect) in [
            ("", Typed::Nothing),
            ("  ", Typed::Nothing),
            ("set \"a", Typed::Refused("Invalid argument(s)\n")),
            ("0 incr x", Typed::Refused("Invalid redis-cli repeat command option value.\n")),
            ("quit", Typed::Quit),
            ("EXIT now", Typed::Quit),
        ] {
            assert_eq!(session.handle_line(line.as_bytes()), expect, "{line:?}");
            assert!(!session.poll_request(&mut BytesMut::new()), "{line:?}");
        }
    }

    #[test]
    fn sends_one_request_at_a_time_and_repeats() {
        let mut session = open();
        session.handle_line(b"2 incr x");
        session.handle_line(b"get \"a b\"");
        let mut sent = Vec::new();
        for reply in [":1\r\n", ":2\r\n", "$-1\r\n"] {
            let mut out = BytesMut::new();
            assert!(session.poll_request(&mut out) && !session.poll_request(&mut out));
            sent.push(String::from_utf8(out.to_vec()).unwrap());
            assert!(session.poll_output(&mut BytesMut::from(reply)).unwrap().is_some());
        }
        let incr = "*2\r\n$4\r\nincr\r\n$1\r\nx\r\n";
        assert_eq!(sent, [incr, incr, "*2\r\n$3\r\nget\r\n$3\r\na b\r\n"]);
        assert!(!session.is_waiting());
    }

    #[test]
    fn prints_texts_for_people_raw_and_messages_as_pushes() {
        let mut session = open();
        session.handle_line(b"INFO server");
        assert!(session.poll_request(&mut BytesMut::new()));
        let mut received = BytesMut::from(">1\r\n+m\r\n=7\r\ntxt:a:1\r\n+late\r\n");
        let mut next = || session.poll_output(&mut received).unwrap();
        assert_eq!(next(), Some(Output::Push { text: b"1) m\n".to_vec() }));
        assert_eq!(next(), Some(Output::Reply { text: b"a:1\n".to_vec(), is_error: false }));
        assert_eq!(next(), Some(Output::Push { text: b"late\n".to_vec() }));
        assert_eq!(next(), None);
    }

    /// Types a line if there is one, then shows what comes: `<` a reply, `!` a message.
    fn listen(session: &mut Session, line: &str, received: &str) -> String {
        session.handle_line(line.as_bytes());
        session.poll_request(&mut BytesMut::new());
        let (mut received, mut shown) = (BytesMut::from(received), String::new());
        while let Some(output) = session.poll_output(&mut received).unwrap() {
            let (mark, text) = match output {
                Output::Reply { text, .. } => ('<', text),
                Output::Push { text } => ('!', text),
            };
            shown += &format!("{mark}{}", String::from_utf8(text).unwrap().replace('\n', " "));
        }
        shown
    }

    #[test]
    fn a_listener_tells_messages_from_replies() {
        for (sigil, mode) in [('*', "(subscribed mode)"), ('>', "")] {
            let mut session = open();
            session.state.protocol = if sigil == '*' { Protocol::Resp2 } else { Protocol::Resp3 };
            let one = format!("{sigil}3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
            let two = format!("{sigil}3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n");
            let message = format!("{sigil}3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nm\r\n");
            let none = format!("{sigil}3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n");
            let confirmed = "1) \"subscribe\" 2) \"a\" 3) (integer) 1 ";
            let delivered = "!1) \"message\" 2) \"a\" 3) \"m\" ";
            let got = listen(&mut session, "subscribe a b", &format!("{one}{two}"));
            assert_eq!(got, format!("<{confirmed}!1) \"subscribe\" 2) \"b\" 3) (integer) 2 "));
            assert_eq!(session.prompt(), format!("h:1{mode}> "));
            assert_eq!(listen(&mut session, "", &message), delivered);
            let got = listen(&mut session, "ping", &format!("{message}+PONG\r\n{message}"));
            assert_eq!(got, format!("{delivered}<PONG {delivered}"));
            assert!(listen(&mut session, "unsubscribe", &none).starts_with("<1) \"unsubscribe\""));
            assert_eq!(session.prompt(), "h:1> ");
            // An answer that only looks like a message.
            let looks = "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nm\r\n";
            assert!(listen(&mut session, "lrange l 0 -1", looks).starts_with('<'));
        }
    }

    #[test]
    fn a_stream_goes_on_until_the_connection_is_closed() {
        let mut session = open();
        assert_eq!(
            listen(&mut session, "monitor", "+OK\r\n+1.0 \"ping\"\r\n"),
            "<OK !1.0 \"ping\" "
        );
        assert_eq!(session.streams(), Some("MONITOR"));
        session.handle_line(b"ping");
        assert!(!session.poll_request(&mut BytesMut::new()), "nothing is sent meanwhile");
        session.handle_close();
        session.handle_open();
        assert_eq!((session.streams(), session.prompt().as_str()), (None, "h:1> "));
        let got = listen(&mut session, "psync ? -1", "-NOMASTERLINK no\r\n");
        assert_eq!((got.as_str(), session.streams()), ("<(error) NOMASTERLINK no ", None));
        let got = listen(&mut session, "SYNC", "$1\r\nR*1\r\n$4\r\nPING\r\n");
        assert!(got.starts_with("<Entering replica output mode..."), "{got}");
        assert!(got.ends_with("!SYNC done. Logging commands from master. !\"PING\" "), "{got}");
        assert_eq!(session.streams(), Some("SYNC"));
    }

    #[test]
    fn reconnecting_selects_again() {
        let mut session = open();
        session.handle_line(b"select 2");
        session.poll_request(&mut BytesMut::new());
        session.poll_output(&mut BytesMut::from("+OK\r\n")).unwrap();
        session.handle_close();
        assert_eq!(session.prompt(), "not connected> ");
        session.handle_line(b"get k");
        session.handle_open();
        let mut out = BytesMut::new();
        assert!(session.poll_request(&mut out));
        assert_eq!(&out[..], b"*2\r\n$6\r\nSELECT\r\n$1\r\n2\r\n");
        assert_eq!(session.poll_output(&mut BytesMut::from("+OK\r\n")), Ok(None));
        assert_eq!(session.prompt(), "h:1[2]> ");
        assert!(session.poll_request(&mut out), "the line that was typed follows");
    }
}
