//! Files in, outcomes out.

use super::bless;
use super::json;
use super::junit;
use super::outcome;
use super::outcome::FileOutcome;
use super::outcome::State;
use super::report;

/// The differences of a file: line, command, what was printed.
fn differences(path: &str, text: &str) -> Vec<(usize, String, String)> {
    let each = outcome::of_file(path, text).transcripts.into_iter().flat_map(|one| {
        one.differences.into_iter().map(|it| (it.line, it.command, it.printed.join("|")))
    });
    each.collect()
}

fn commands(file: &FileOutcome) -> usize {
    file.transcripts.iter().map(|one| one.commands).sum()
}

#[test]
fn finds_transcripts_in_every_format() {
    for (path, text, expect) in [
        ("a.md", "# T\n\n```redis\n> SET k v\nOK\n```\n\n~~~redis\n> GET k\n(nil)\n~~~\n", 2),
        ("a.md", "- item\n\n  ```redis replicas=1\n  > WAIT 1 100\n  (integer) 1\n  ```\n", 1),
        ("a.md", "```js\n> SET k v\n```\n\n````redis\n> PING\nPONG\n````\n", 1),
        (
            "a.md",
            "<redarium-playground replicas=\"1\">\nredis> PING\nPONG\n</redarium-playground>\n",
            1,
        ),
        ("a.md", "```html\n<redarium-playground>\n> PING\nNO\n</redarium-playground>\n```\n", 0),
        ("a.md", "```redis\nSET k v\n```\n```redis skip\n> PING\nNO\n```\n", 0),
        (
            "a.html",
            "<pre><code class=\"language-redis\">&gt; ECHO &quot;&lt;&quot;\n\"&lt;\"\n</code></pre>",
            1,
        ),
        ("a.html", "<redarium-playground><pre>redis&gt; PING\nPONG</pre></redarium-playground>", 1),
        ("a.html", "<redarium-playground>\n    redis> PING\n    PONG\n  </redarium-playground>", 1),
        ("a.adoc", "[source,redis,replicas=1]\n.Title\n----\n> PING\nPONG\n----\n", 1),
        ("a.adoc", "[,redis]\n----\n> PING\nPONG\n----\n\n----\n> PING\nNO\n----\n", 1),
    ] {
        let file = outcome::of_file(path, text);
        assert_eq!((commands(&file), file.is_good(false)), (expect, true), "{text}");
    }
}

#[test]
fn names_file_line_and_both_texts() {
    let text =
        "# T\n\n```redis\n> SET k v\nOK\n> LRANGE k 0 -1\n(empty array)\n> GET k\n\"w\"\n```\n";
    let wrong = "(error) WRONGTYPE Operation against a key holding the wrong kind of value";
    let expect = [
        (6, "> LRANGE k 0 -1".to_owned(), wrong.to_owned()),
        (8, "> GET k".to_owned(), "\"v\"".to_owned()),
    ];
    assert_eq!(differences("a.md", text), expect);
    let printed = report::text(&[outcome::of_file("a.md", text)], false);
    assert!(printed.contains("a.md:8: > GET k\n- \"w\"\n+ \"v\"\n"), "{printed}");
    assert!(printed.ends_with("1 transcripts, 3 commands, 1 files: 2 differ\n"), "{printed}");
}

#[test]
fn sessions_go_on_and_others_begin_anew() {
    let block = |info: &str, text: &str| format!("```redis{info}\n{text}\n```\n");
    let text = block(" session=a", "> INCR n\n(integer) 1")
        + &block("", "> INCR n\n(integer) 1")
        + &block(" session=a", "> INCR n\n(integer) 2");
    assert_eq!(differences("a.md", &text), []);
}

#[test]
fn settings_stand_in_a_comment_too() {
    let text = "<!-- redarium replicas=2 -->\n```redis\n> WAIT 2 100\n(integer) 2\n```\n";
    assert_eq!(differences("a.md", text), []);
    let bad = outcome::of_file("a.md", "```redis replicas=many\n> PING\nPONG\n```\n");
    assert!(
        matches!(&bad.transcripts[0].state, State::Wrong(why) if why.contains("replicas=many"))
    );
    assert!(!bad.is_good(true));
}

#[test]
fn blessing_makes_it_good_and_changes_nothing_else() {
    for (path, text, expect) in [
        (
            "a.md",
            "a\n```redis\n> SET k v\nNO\n\n> XADD s * f v\n\"...\"\n> GET k\n> DEL k\n(integer) 5\n```\nz\n",
            "a\n```redis\n> SET k v\nOK\n\n> XADD s * f v\n\"...\"\n> GET k\n\"v\"\n> DEL k\n(integer) 1\n```\nz\n",
        ),
        (
            "a.md",
            "1. x\n\n   ```redis\n   > RPUSH l a b\n   x\n   y\n   > LRANGE l 0 -1\n   ```\n",
            "1. x\n\n   ```redis\n   > RPUSH l a b\n   (integer) 2\n   > LRANGE l 0 -1\n   1) \"a\"\n   2) \"b\"\n   ```\n",
        ),
        (
            "a.html",
            "<pre><code class=\"language-redis\">&gt; ECHO \"a&lt;b\"\nx\n</code></pre>\n",
            "<pre><code class=\"language-redis\">&gt; ECHO \"a&lt;b\"\n\"a&lt;b\"\n</code></pre>\n",
        ),
    ] {
        let blessed = bless::blessed(text, &outcome::of_file(path, text)).unwrap();
        assert_eq!(blessed, expect);
        let again = outcome::of_file(path, &blessed);
        assert!(again.is_good(false) && bless::blessed(&blessed, &again).is_none(), "{blessed}");
    }
}

#[test]
fn reports_for_programs() {
    let text = "```redis\n> ECHO \"<\"\n\"&\"\n```\n";
    let outcomes = [outcome::of_file("a.md", text)];
    let expect = "{\"files\":1,\"transcripts\":1,\"commands\":1,\"differences\":[{\"file\":\"a.md\",\"line\":2,\
        \"command\":\"> ECHO \\\"<\\\"\",\"expected\":[\"\\\"&\\\"\"],\"printed\":[\"\\\"<\\\"\"]}],\"problems\":[]}\n";
    assert_eq!(json::json(&outcomes), expect);
    let xml = junit::junit(&outcomes);
    assert!(xml.contains("<testsuite name=\"a.md\" tests=\"1\" failures=\"1\">"), "{xml}");
    assert!(xml.contains("- &quot;&amp;&quot;\n+ &quot;&lt;&quot;"), "{xml}");
}
