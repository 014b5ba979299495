//! Terminals that listen to channels, on the node where a message is published and on its replicas.

use super::*;

impl Fleet {
    /// What a terminal was shown that answers nothing.
    fn messages(&mut self, client: u32) -> String {
        self.collect();
        let messages = self.events.iter().filter_map(|event| match &event.what {
            What::Push { client: of, text } if of.0 == client => Some(text.as_str()),
            _ => None,
        });
        messages.collect()
    }
}

const HELLO: &str = "1) \"message\"\n2) \"news\"\n3) \"hello\"\n";

#[test]
fn a_message_goes_from_terminal_to_terminal() {
    let mut fleet =
        Fleet::of(&Topology { replicas: 0, latency_us: LATENCY, ..Topology::default() });
    fleet.world.apply(Input::OpenClient { node: NodeId(1) });
    let confirmed = "1) \"subscribe\"\n2) \"news\"\n3) (integer) 1\n";
    assert_eq!(fleet.ask(1, "subscribe news other"), confirmed);
    assert_eq!(fleet.messages(1), "1) \"subscribe\"\n2) \"other\"\n3) (integer) 2\n");
    assert_eq!(fleet.ask(2, "publish news hello"), "(integer) 1\n");
    fleet.run(LATENCY);
    assert_eq!(fleet.messages(1), HELLO);
    assert_eq!(fleet.ask(1, "ping"), "1) \"pong\"\n2) \"\"\n");
    assert!(fleet.ask(1, "get k").starts_with("(error) ERR Can't execute 'get'"));
}

#[test]
fn a_listener_on_a_replica_hears_what_is_published_on_the_master() {
    let mut fleet = Fleet::synced(2);
    fleet.ask(2, "subscribe news");
    fleet.ask(3, "psubscribe n*");
    assert_eq!(fleet.ask(1, "publish news hello"), "(integer) 0\n");
    fleet.run(2 * LATENCY);
    assert_eq!(fleet.messages(2), HELLO);
    assert_eq!(fleet.messages(3), "1) \"pmessage\"\n2) \"n*\"\n3) \"news\"\n4) \"hello\"\n");
    let before = fleet.node(1).offset;
    fleet.ask(1, "publish news hello");
    assert!(fleet.node(1).offset > before);
    fleet.run(2 * LATENCY);
    // What is published on a replica stays there.
    fleet.world.apply(Input::OpenClient { node: NodeId(2) });
    assert_eq!(fleet.ask(4, "publish news hello"), "(integer) 1\n");
    fleet.run(2 * LATENCY);
    assert_eq!(fleet.messages(3), "");
    assert_eq!(fleet.node(1).offset, fleet.node(2).offset);
}

#[test]
fn a_stream_is_shown_until_it_is_interrupted() {
    let mut fleet = Fleet::synced(1);
    fleet.ask(2, "hello 3");
    for (line, then) in [
        ("monitor", "] \"set\" \"k\" \"v\"\n"),
        ("psync ? -1", "SYNC done. Logging commands from master.\n"),
        ("subscribe c", "2) \"c\"\n3) \"m\"\n"),
    ] {
        let mut shown = fleet.ask(2, line);
        fleet.run(10 * SECOND);
        shown += &fleet.messages(2);
        fleet.ask(1, "publish c m");
        fleet.ask(1, "set k v");
        fleet.run(SECOND);
        shown += &fleet.messages(2);
        assert!(shown.contains(then), "{line}: {shown}");
        fleet.world.apply(Input::Interrupt { client: ClientId(2) });
        fleet.ask(1, "set k v");
        assert_eq!(fleet.messages(2), "", "{line}");
        // The protocol is still the one that was asked for.
        assert_eq!(fleet.ask(2, "config get save"), "1# \"save\" => \"3600 1 300 100 60 10000\"\n");
    }
}

#[test]
fn replicas_have_events_of_their_own() {
    let mut fleet = Fleet::synced(1);
    fleet.world.apply(Input::OpenClient { node: NodeId(2) });
    fleet.ask(3, "config set notify-keyspace-events EA");
    fleet.ask(2, "psubscribe __keyevent*");
    fleet.ask(1, "set k v px 1000");
    fleet.run(3 * SECOND);
    let heard = fleet.messages(2);
    let events: Vec<&str> = heard.lines().filter_map(|line| line.strip_prefix("3) ")).collect();
    let event = |name: &str| format!("\"__keyevent@0__:{name}\"");
    assert_eq!(events, [event("set"), event("expire"), event("del")]);
}
