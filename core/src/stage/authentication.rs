//! Authentication: who a connection is, the user everybody is at first, and passwords.

use super::spec::Group;
use super::spec::Pattern;
use super::spec::Peer;
use super::spec::Stage;
use super::spec::Step;
use super::spec::Text;

pub const STAGES: &[Stage] = &[
    Stage {
        slug: "jn4",
        number: 1,
        title: "Respond to ACL WHOAMI",
        learn: "Every connection is some user's. Before anybody says who they are, it is that of the \
                user named default.",
        steps: &[
            Step::Open(A),
            Step::Claim("A new connection is the default user's."),
            Step::Ask(A, WHO_AM_I, bulk("default")),
        ],
        ..AUTHENTICATION
    },
    Stage {
        slug: "gx8",
        number: 2,
        title: "Respond to ACL GETUSER",
        learn: "ACL GETUSER describes a user as pairs of a name and a value. The first pair is flags: an \
                array of words.",
        steps: &[
            Step::Open(A),
            Step::Claim("The reply begins with `flags` and an array."),
            Step::Ask(A, GET_USER, user(&[bulk("flags"), Pattern::ArrayPrefix(&[])])),
        ],
        ..AUTHENTICATION
    },
    Stage {
        slug: "ql6",
        number: 3,
        title: "The nopass flag",
        learn: "A user with the flag nopass needs no password: any will do. The default user has it, which \
                is why nobody has to authenticate with a fresh server.",
        steps: &[
            Step::Open(A),
            Step::Claim("The default user's flags hold `nopass`."),
            Step::Ask(A, GET_USER, user(&[bulk("flags"), WITH_NOPASS])),
        ],
        ..AUTHENTICATION
    },
    Stage {
        slug: "pl7",
        number: 4,
        title: "The passwords property",
        learn: "The second pair is passwords: an array, since a user may have several. The default user \
                has none.",
        steps: &[
            Step::Open(A),
            Step::Claim("After the flags come `passwords` and an empty array."),
            Step::Ask(
                A,
                GET_USER,
                user(&[bulk("flags"), WITH_NOPASS, bulk("passwords"), Pattern::Array(&[])]),
            ),
        ],
        ..AUTHENTICATION
    },
    Stage {
        slug: "uv9",
        number: 5,
        title: "Setting default user password",
        learn: "ACL SETUSER changes a user by rules. The rule >word adds a password, of which only the \
                SHA-256 digest is kept, and takes nopass away.",
        steps: &[
            Step::Open(A),
            Step::Claim("A rule that begins with `>` adds a password."),
            Step::Ask(A, &["ACL", "SETUSER", "default", ">open sesame"], OK),
            Step::Claim("It is shown as its SHA-256 digest, in lower-case hexadecimal."),
            Step::Ask(
                A,
                GET_USER,
                user(&[
                    bulk("flags"),
                    Pattern::ArrayWith(&[], &[bulk("nopass")]),
                    bulk("passwords"),
                    Pattern::Array(&[bulk(OPEN_SESAME)]),
                ]),
            ),
            Step::Claim("A second password stands beside the first."),
            Step::Ask(A, SET_PASSWORD, OK),
            Step::Ask(
                A,
                GET_USER,
                user(&[
                    bulk("flags"),
                    Pattern::ArrayWith(&[], &[bulk("nopass")]),
                    bulk("passwords"),
                    Pattern::Array(&[bulk(OPEN_SESAME), Pattern::Bulk(Text::Alphanumeric(64))]),
                ]),
            ),
        ],
        ..AUTHENTICATION
    },
    Stage {
        slug: "hz3",
        number: 6,
        title: "The AUTH command",
        learn: "AUTH takes a user's name and a password. A wrong name and a wrong password get the same \
                error, so that nobody learns which names exist.",
        steps: &[
            Step::Open(A),
            Step::Ask(A, SET_PASSWORD, OK),
            Step::Claim("The wrong password is refused."),
            Step::Ask(A, &["AUTH", "default", "{wrong}"], WRONG_PASS),
            Step::Claim("So is a user there is not."),
            Step::Ask(A, &["AUTH", "{nobody}", "{password}"], WRONG_PASS),
            Step::Claim("The right password is taken."),
            Step::Ask(A, AUTH, OK),
        ],
        ..AUTHENTICATION
    },
    Stage {
        slug: "nm2",
        number: 7,
        title: "Enforce authentication",
        learn: "Once the default user has a password, new connections have to authenticate before they may \
                do anything. Those that were there already may go on.",
        steps: &[
            Step::Open(A),
            Step::Ask(A, SET_PASSWORD, OK),
            Step::Claim("The connection that set the password is still the default user's."),
            Step::Ask(A, WHO_AM_I, bulk("default")),
            Step::Claim("A new connection is refused until it authenticates."),
            Step::Open(B),
            Step::Ask(B, WHO_AM_I, NO_AUTH),
            Step::Ask(B, &["GET", "{key}"], NO_AUTH),
        ],
        ..AUTHENTICATION
    },
    Stage {
        slug: "ws7",
        number: 8,
        title: "Authenticate using AUTH",
        learn: "With the right password AUTH makes the connection the user's, and it stays so. A failed \
                attempt changes nothing.",
        steps: &[
            Step::Open(A),
            Step::Ask(A, SET_PASSWORD, OK),
            Step::Open(B),
            Step::Claim("A new connection is nobody's, also after a wrong password."),
            Step::Ask(B, WHO_AM_I, NO_AUTH),
            Step::Ask(B, &["AUTH", "default", "{wrong}"], WRONG_PASS),
            Step::Ask(B, WHO_AM_I, NO_AUTH),
            Step::Claim("With the right one it is the default user's."),
            Step::Ask(B, AUTH, OK),
            Step::Ask(B, WHO_AM_I, bulk("default")),
            Step::Claim("A later failure leaves it so."),
            Step::Ask(B, &["AUTH", "default", "{wrong}"], WRONG_PASS),
            Step::Ask(B, WHO_AM_I, bulk("default")),
        ],
        ..AUTHENTICATION
    },
];

const AUTHENTICATION: Stage = Stage::of(Group::Authentication);

const A: Peer = Peer::Client(1);
const B: Peer = Peer::Client(2);

const WHO_AM_I: &[&str] = &["ACL", "WHOAMI"];
const GET_USER: &[&str] = &["ACL", "GETUSER", "default"];
const SET_PASSWORD: &[&str] = &["ACL", "SETUSER", "default", ">{password}"];
const AUTH: &[&str] = &["AUTH", "default", "{password}"];

/// SHA-256 of `open sesame`.
const OPEN_SESAME: &str = "41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb";

const OK: Pattern = Pattern::Simple(Text::Is("OK"));
const NO_AUTH: Pattern = Pattern::Error(Text::Is("NOAUTH Authentication required."));
const WRONG_PASS: Pattern =
    Pattern::Error(Text::Is("WRONGPASS invalid username-password pair or user is disabled."));
const WITH_NOPASS: Pattern = Pattern::ArrayWith(&[bulk("nopass")], &[]);

/// The first pairs of a user's description.
const fn user(parts: &'static [Pattern]) -> Pattern {
    Pattern::ArrayPrefix(parts)
}

const fn bulk(text: &'static str) -> Pattern {
    Pattern::Bulk(Text::Is(text))
}
