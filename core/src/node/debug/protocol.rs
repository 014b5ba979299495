//! DEBUG PROTOCOL: a value of each type that replies have, for clients' own tests.

use crate::command::Outcome;
use crate::error;
use crate::node::ConnId;
use crate::node::Node;
use crate::resp::Args;
use crate::resp::Protocol;
use crate::resp::Reply;

impl Node {
    pub(super) fn debug_protocol(&mut self, id: ConnId, args: Args<'_>) -> Outcome {
        let kind = args.at(2).to_ascii_lowercase();
        let resp2 = self.conns.find(id).is_some_and(|conn| conn.protocol == Protocol::Resp2);
        if kind == b"push" && resp2 {
            return Err(error::NOT_IN_RESP2);
        }
        let write = WRITERS.iter().find(|(name, _)| name.as_bytes() == kind);
        let (_, write) = write.ok_or(error::PROTOCOL_TYPE)?;
        self.reply(id, write);
        Ok(())
    }
}

type Write = fn(&mut Reply<'_>);

const WRITERS: &[(&str, Write)] = &[
    ("string", |reply| reply.bulk(b"Hello World")),
    ("integer", |reply| reply.integer(12_345)),
    ("double", |reply| reply.double(EXAMPLE)),
    ("bignum", |reply| reply.big_number("1234567999999999999999999999999999999")),
    ("null", |reply| reply.null()),
    ("array", |reply| {
        reply.array(3);
        (0..3).for_each(|number| reply.integer(number));
    }),
    ("set", |reply| {
        reply.set(3);
        (0..3).for_each(|number| reply.integer(number));
    }),
    ("map", |reply| {
        reply.map(3);
        for number in 0..3 {
            reply.integer(number);
            reply.boolean(number == 1);
        }
    }),
    ("attrib", |reply| {
        if reply.protocol() == Protocol::Resp3 {
            reply.raw(b"|1\r\n");
            reply.bulk(b"key-popularity");
            reply.array(2);
            reply.bulk(b"key:123");
            reply.integer(90);
        }
        reply.bulk(b"Some real reply following the attribute");
    }),
    ("push", |reply| {
        reply.push(2);
        reply.bulk(b"server-cpu-usage");
        reply.integer(42);
        reply.bulk(b"Some real reply following the push reply");
    }),
    ("verbatim", |reply| reply.verbatim(b"txt", b"This is a verbatim\nstring")),
    ("true", |reply| reply.boolean(true)),
    ("false", |reply| reply.boolean(false)),
];

/// Redis answers with these digits.
const EXAMPLE: f64 = 3141.0 / 1000.0;
