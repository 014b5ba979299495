//! Publish and subscribe: messages to whoever listens at the moment.

use super::spec::Group;
use super::spec::Pattern;
use super::spec::Peer;
use super::spec::Stage;
use super::spec::Step;
use super::spec::Text;

/// What SUBSCRIBE or UNSUBSCRIBE answers for one channel.
macro_rules! confirmed {
    ($done:literal, $channel:literal, $count:literal) => {
        Pattern::Array(&[
            Pattern::Bulk(Text::Is($done)),
            Pattern::Bulk(Text::Is($channel)),
            Pattern::Integer($count),
        ])
    };
}

/// What a listener gets.
macro_rules! message {
    ($channel:literal, $text:literal) => {
        Pattern::Request(&[Text::Is("message"), Text::Is($channel), Text::Is($text)])
    };
}

pub const STAGES: &[Stage] = &[
    Stage {
        slug: "mx3",
        number: 1,
        title: "Subscribe to a channel",
        learn: "A channel is a name that messages are sent to. Who subscribes to it gets them from then on; \
                nobody makes a channel, and none is left when the last listener goes.",
        steps: &[
            Step::Open(A),
            Step::Claim(
                "SUBSCRIBE is confirmed by its name, the channel and how many channels that makes.",
            ),
            Step::Ask(A, &["SUBSCRIBE", "{channel}"], ONE),
            Step::Claim("A channel of which nobody has heard is as good as any."),
            Step::Open(B),
            Step::Ask(B, &["subscribe", "{other}"], confirmed!("subscribe", "{other}", 1)),
        ],
        ..PUB_SUB
    },
    Stage {
        slug: "zc8",
        number: 2,
        title: "Subscribe to multiple channels",
        learn: "A client may listen to many channels. Each client has a count of its own, in which a channel \
                counts once.",
        steps: &[
            Step::Open(A),
            Step::Open(B),
            Step::Claim("Each further channel is counted."),
            Step::Ask(A, &["SUBSCRIBE", "{channel}"], ONE),
            Step::Ask(A, &["SUBSCRIBE", "{second}"], confirmed!("subscribe", "{second}", 2)),
            Step::Ask(A, &["SUBSCRIBE", "{third}"], confirmed!("subscribe", "{third}", 3)),
            Step::Claim("A channel that is listened to already is not counted again."),
            Step::Ask(A, &["SUBSCRIBE", "{second}"], confirmed!("subscribe", "{second}", 3)),
            Step::Claim("Other clients' channels are not counted."),
            Step::Ask(B, &["SUBSCRIBE", "{channel}"], ONE),
            Step::Claim("Channels named in one command are confirmed one by one."),
            Step::Send(B, &["SUBSCRIBE", "{second}", "{third}"]),
            Step::Expect(B, confirmed!("subscribe", "{second}", 2)),
            Step::Expect(B, confirmed!("subscribe", "{third}", 3)),
        ],
        ..PUB_SUB
    },
    Stage {
        slug: "aw8",
        number: 3,
        title: "Enter subscribed mode",
        learn: "In RESP2 a message looks like a reply, so that a client that listens may not ask for much: \
                it could not tell the answer from a message. RESP3 marks messages and has no such mode.",
        steps: &[
            Step::Open(A),
            Step::Open(B),
            Step::Ask(A, &["SUBSCRIBE", "{channel}"], ONE),
            Step::Claim("Commands that have nothing to do with channels are refused."),
            Step::Ask(A, &["SET", "{key}", "{value}"], REFUSED_SET),
            Step::Ask(A, &["GET", "{key}"], REFUSED_GET),
            Step::Ask(A, &["ECHO", "{value}"], REFUSED_ECHO),
            Step::Claim("What was refused was not done, and other clients are free."),
            Step::Ask(B, &["GET", "{key}"], Pattern::NullBulk),
            Step::Claim("The client may subscribe to more."),
            Step::Ask(A, &["SUBSCRIBE", "{second}"], confirmed!("subscribe", "{second}", 2)),
        ],
        ..PUB_SUB
    },
    Stage {
        slug: "lf1",
        number: 4,
        title: "PING in subscribed mode",
        learn: "PING may be asked while listening, and its answer then has the form of a message: an \
                array, so that a client that expects nothing else can read it.",
        steps: &[
            Step::Open(A),
            Step::Open(B),
            Step::Claim("Before it subscribes a client gets the plain answer."),
            Step::Ask(A, &["PING"], PONG),
            Step::Ask(A, &["SUBSCRIBE", "{channel}"], ONE),
            Step::Claim("A listener is answered with pong and an empty text."),
            Step::Ask(A, &["PING"], Pattern::Request(&[Text::Is("pong"), Text::Is("")])),
            Step::Claim("An argument comes back as the second text."),
            Step::Ask(
                A,
                &["PING", "{word}"],
                Pattern::Request(&[Text::Is("pong"), Text::Is("{word}")]),
            ),
            Step::Claim("Others still get the plain answer."),
            Step::Ask(B, &["PING"], PONG),
        ],
        ..PUB_SUB
    },
    Stage {
        slug: "hf2",
        number: 5,
        title: "Publish a message",
        learn: "PUBLISH sends a message to everybody who listens to the channel now and tells how many \
                these are. It keeps nothing: who comes later has missed it.",
        steps: &[
            Step::Open(A),
            Step::Open(B),
            Step::Open(C),
            Step::Claim("With nobody listening the message reaches nobody."),
            Step::Ask(C, &["PUBLISH", "{channel}", "{message}"], Pattern::Integer(0)),
            Step::Claim("Every listener of the channel is counted."),
            Step::Ask(A, &["SUBSCRIBE", "{channel}"], ONE),
            Step::Ask(C, &["PUBLISH", "{channel}", "{message}"], Pattern::Integer(1)),
            Step::Ask(B, &["SUBSCRIBE", "{channel}"], ONE),
            Step::Ask(C, &["PUBLISH", "{channel}", "{message}"], Pattern::Integer(2)),
            Step::Claim("Listeners of another channel are not."),
            Step::Ask(C, &["PUBLISH", "{other}", "{message}"], Pattern::Integer(0)),
        ],
        ..PUB_SUB
    },
    Stage {
        slug: "dn4",
        number: 6,
        title: "Deliver messages",
        learn: "A listener gets each message as an array: the word message, the channel, the text. It comes \
                without having been asked for, and in the order in which messages were published.",
        steps: &[
            Step::Open(A),
            Step::Open(B),
            Step::Open(C),
            Step::Ask(A, &["SUBSCRIBE", "{channel}"], ONE),
            Step::Ask(B, &["SUBSCRIBE", "{channel}"], ONE),
            Step::Ask(B, &["SUBSCRIBE", "{other}"], confirmed!("subscribe", "{other}", 2)),
            Step::Claim("Every listener of the channel gets the message."),
            Step::Ask(C, &["PUBLISH", "{channel}", "{message}"], Pattern::Integer(2)),
            Step::Expect(A, message!("{channel}", "{message}")),
            Step::Expect(B, message!("{channel}", "{message}")),
            Step::Claim("Nobody gets the messages of a channel that it does not listen to."),
            Step::Ask(C, &["PUBLISH", "{other}", "{message2}"], Pattern::Integer(1)),
            Step::Expect(B, message!("{other}", "{message2}")),
            Step::Silence(A, 100, Pattern::Nothing),
            Step::Claim("Messages arrive in the order in which they were published."),
            Step::Ask(C, &["PUBLISH", "{channel}", "1"], Pattern::Integer(2)),
            Step::Ask(C, &["PUBLISH", "{channel}", "2"], Pattern::Integer(2)),
            Step::Expect(A, message!("{channel}", "1")),
            Step::Expect(A, message!("{channel}", "2")),
            Step::Claim("A message is any text, even an empty one or one of several lines."),
            Step::Ask(C, &["PUBLISH", "{other}", ""], Pattern::Integer(1)),
            Step::Expect(B, message!("{channel}", "1")),
            Step::Expect(B, message!("{channel}", "2")),
            Step::Expect(B, message!("{other}", "")),
            Step::Ask(C, &["PUBLISH", "{other}", "a\r\nb"], Pattern::Integer(1)),
            Step::Expect(B, message!("{other}", "a\r\nb")),
        ],
        ..PUB_SUB
    },
    Stage {
        slug: "ze9",
        number: 7,
        title: "Unsubscribe",
        learn: "UNSUBSCRIBE ends a subscription and is confirmed as SUBSCRIBE is, with the number of \
                channels left. With none left the client is an ordinary one again.",
        steps: &[
            Step::Open(A),
            Step::Open(B),
            Step::Ask(A, &["SUBSCRIBE", "{channel}"], ONE),
            Step::Ask(A, &["SUBSCRIBE", "{other}"], confirmed!("subscribe", "{other}", 2)),
            Step::Claim("The confirmation tells how many channels are left."),
            Step::Ask(A, &["UNSUBSCRIBE", "{channel}"], confirmed!("unsubscribe", "{channel}", 1)),
            Step::Claim("No more messages come from the channel, and those of others still do."),
            Step::Ask(B, &["PUBLISH", "{channel}", "{message}"], Pattern::Integer(0)),
            Step::Ask(B, &["PUBLISH", "{other}", "{message}"], Pattern::Integer(1)),
            Step::Expect(A, message!("{other}", "{message}")),
            Step::Claim("A channel that was not listened to changes nothing."),
            Step::Ask(A, &["UNSUBSCRIBE", "{channel}"], confirmed!("unsubscribe", "{channel}", 1)),
            Step::Claim("When no channel is left the client may ask for anything again."),
            Step::Ask(A, &["UNSUBSCRIBE", "{other}"], confirmed!("unsubscribe", "{other}", 0)),
            Step::Ask(A, &["GET", "{key}"], Pattern::NullBulk),
            Step::Ask(A, &["PING"], PONG),
        ],
        ..PUB_SUB
    },
];

const PUB_SUB: Stage = Stage::of(Group::PubSub);

const A: Peer = Peer::Client(1);
const B: Peer = Peer::Client(2);
const C: Peer = Peer::Client(3);

const PONG: Pattern = Pattern::Simple(Text::Is("PONG"));
const ONE: Pattern = confirmed!("subscribe", "{channel}", 1);

const REFUSED_SET: Pattern = refused("ERR Can't execute 'set'");
const REFUSED_GET: Pattern = refused("ERR Can't execute 'get'");
const REFUSED_ECHO: Pattern = refused("ERR Can't execute 'echo'");

const fn refused(start: &'static str) -> Pattern {
    Pattern::Error(Text::Prefix(start))
}
