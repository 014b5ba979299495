//! The patterns of BY and GET: each names, for every element, a key or a field of a hash.
//!
//! ```text
//! #              the element itself (GET only)
//! weight_*       the string under this key, the element put in for the first star
//! object_*->age  the field of the hash under this key
//! ```
//!
//! As Redis reads them: nothing is looked for beyond a NUL, an arrow without a field belongs to the key, and a
//! pattern without a star finds nothing.

use memchr::memchr;
use memchr::memmem;

use crate::command::Context;
use crate::command::hash_field;
use crate::data::Hash;
use crate::data::Kind;
use crate::data::StrRef;
use crate::resp::Reply;
use crate::store::Entry;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern<'a> {
    /// `#`.
    Element,
    /// Without a star.
    Constant,
    Key {
        before: &'a [u8],
        after: &'a [u8],
        field: Option<&'a [u8]>,
    },
}

impl<'a> Pattern<'a> {
    pub fn parse(pattern: &'a [u8]) -> Self {
        if pattern == b"#" {
            return Self::Element;
        }
        let searched = memchr(0, pattern).and_then(|nul| pattern.get(..nul)).unwrap_or(pattern);
        let Some(star) = memchr(b'*', searched) else { return Self::Constant };
        let (before, rest) = pattern.split_at(star);
        let after = rest.get(1..).unwrap_or_default();
        let searched = searched.get(star + 1..).unwrap_or_default();
        let field = memmem::find(searched, b"->").and_then(|arrow| {
            let field = after.get(arrow + 2..)?;
            field.first().filter(|byte| **byte != 0)?;
            Some((after.get(..arrow)?, field))
        });
        match field {
            Some((after, field)) => Self::Key { before, after, field: Some(field) },
            None => Self::Key { before, after, field: None },
        }
    }
}

/// Looks up what patterns name; keeps the buffer in which the names are made.
#[derive(Default)]
pub struct Lookup {
    name: Vec<u8>,
}

impl Lookup {
    /// Hands over what the pattern names for this element, and the reply's writer.
    pub fn find<R>(
        &mut self,
        ctx: &mut Context<'_>,
        pattern: Pattern<'_>,
        element: &[u8],
        found: impl FnOnce(Option<StrRef<'_>>, &mut Reply<'_>) -> R,
    ) -> R {
        let Pattern::Key { before, after, field } = pattern else {
            let value = (pattern == Pattern::Element).then_some(StrRef::Bytes(element));
            return found(value, &mut ctx.reply);
        };
        self.name.clear();
        [before, element, after].iter().for_each(|part| self.name.extend_from_slice(part));
        let Some(field) = field else {
            let (entry, reply) = ctx.read_for_reply(&self.name);
            return found(entry.and_then(Entry::string), reply);
        };
        // What is no hash has no such field.
        let _ = hash_field::expire_met(ctx, &self.name, &[field]);
        let sight = hash_field::Sight::of(ctx);
        let (entry, reply) = ctx.read_for_reply(&self.name);
        let hash = entry.and_then(Entry::data).and_then(Hash::of);
        found(hash.and_then(|hash| sight.get(hash, field)).map(|pair| pair.value), reply)
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_are_read_as_redis_does() {
        let key = |before: &'static str, after: &'static str, field: Option<&'static str>| {
            let field = field.map(str::as_bytes);
            Pattern::Key { before: before.as_bytes(), after: after.as_bytes(), field }
        };
        for (text, expect) in [
            ("#", Pattern::Element),
            ("##", Pattern::Constant),
            ("", Pattern::Constant),
            ("key", Pattern::Constant),
            ("key->field", Pattern::Constant),
            ("*", key("", "", None)),
            ("w_*", key("w_", "", None)),
            ("w_*_x*", key("w_", "_x*", None)),
            ("w_*->f", key("w_", "", Some("f"))),
            ("w_*y->f->g", key("w_", "y", Some("f->g"))),
            ("w_*->", key("w_", "->", None)),
            ("a->b*", key("a->b", "", None)),
            ("a\0*", Pattern::Constant),
            ("a*\0->f", key("a", "\0->f", None)),
            ("a*->\0f", key("a", "->\0f", None)),
        ] {
            assert_eq!(Pattern::parse(text.as_bytes()), expect, "{text:?}");
        }
    }
}
