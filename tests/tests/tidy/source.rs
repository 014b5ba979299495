//! Just enough of Rust's grammar to see which paths a file names.

/// The text with comments removed and literals emptied.
pub fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let skipped = literal_or_comment(rest, code.ends_with(is_word));
        if skipped == 0 {
            code.push(next);
            rest = &rest[next.len_utf8()..];
        } else {
            // What a literal says is no code, but its place keeps words apart.
            code.push(' ');
            rest = &rest[skipped..];
        }
    }
    code
}

/// The part before the tests, which stand last in a file.
pub fn before_tests(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod ").map_or(text, |start| &text[..start])
}

/// Every path with two or more segments, imported or written out.
pub fn paths(text: &str) -> Vec<String> {
    let code = code(text);
    let mut paths = imports(&code);
    let words = code.split(|c: char| !is_word(c) && c != ':').map(|word| word.trim_matches(':'));
    paths.extend(words.filter(|word| word.contains("::")).map(String::from));
    paths
}

/// The paths that the `use` items of comment-free code bring in, one by one.
pub fn imports(code: &str) -> Vec<String> {
    let mut imports = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let starts_item =
            code[..at].trim_end_matches([' ', '\t']).ends_with(['\n', ')', ';', '{', '}']);
        let follows_pub = code[..at].ends_with("pub ");
        let tree = code[at + 4..].split(';').next().unwrap_or_default();
        if at == 0 || starts_item || follows_pub {
            flatten("", tree.trim(), &mut imports);
        }
    }
    imports
}

/// Expands `a::{b, c::d}` into `a::b` and `a::c::d`.
fn flatten(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    match tree.split_once('{') {
        None => {
            let name = tree.split(" as ").next().unwrap_or_default().trim();
            paths.push(format!("{prefix}{name}"));
        }
        Some((head, list)) => {
            let list = list.trim_end().strip_suffix('}').unwrap_or(list);
            let prefix = format!("{prefix}{}", head.trim());
            split_list(list).into_iter().for_each(|part| flatten(&prefix, part, paths));
        }
    }
}

/// Splits at the commas that are in no inner braces.
fn split_list(list: &str) -> Vec<&str> {
    let mut depth = 0;
    let parts = list.split(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// The length of the comment or literal that `text` begins with, or 0.
fn literal_or_comment(text: &str, after_word: bool) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return text.find("*/").map_or(text.len(), |end| end + 2);
    }
    if text.starts_with('"') {
        return quoted(text, '"');
    }
    if text.starts_with('\'') {
        return character(text);
    }
    if after_word { 0 } else { raw_string(text) }
}

/// From the quote at the start to the one that closes it, escapes passed over.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// `'x'` and `'\n'` are literals, `'x` is a lifetime.
fn character(text: &str) -> usize {
    let mut chars = text.chars().skip(1);
    match (chars.next(), chars.next()) {
        (Some('\\'), _) | (Some(_), Some('\'')) => quoted(text, '\''),
        _ => 0,
    }
}

fn raw_string(text: &str) -> usize {
    let Some(after_r) = text.strip_prefix("br").or_else(|| text.strip_prefix('r')) else {
        return 0;
    };
    let hashes = after_r.bytes().take_while(|&byte| byte == b'#').count();
    if !after_r[hashes..].starts_with('"') {
        return 0;
    }
    let close = format!("\"{}", "#".repeat(hashes));
    let start = text.len() - after_r.len() + hashes + 1;
    text[start..].find(&close).map_or(text.len(), |end| start + end + close.len())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::{before_tests, code, imports, paths};

    #[test]
    fn comments_and_literals_are_no_code() {
        let cases = [
            ("a // std::fs\nb", "a  \nb"),
            ("a /* b\n */ c", "a   c"),
            (r#"f("std::fs \" x", y)"#, "f( , y)"),
            (r##"f(r#"a " b"#)"##, "f( )"),
            (r#"f(br"a\", b"x")"#, "f( , b )"),
            (r"('\'', b'a', '/', x)", "( , b ,  , x)"),
            ("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)"),
            ("var\"x\"", "var "),
        ];
        for (text, expect) in cases {
            assert_eq!(code(text), expect, "{text}");
        }
    }

    #[test]
    fn import_trees_are_flattened() {
        let cases: [(&str, &[&str]); 6] = [
            ("use a::b;", &["a::b"]),
            ("use a::{b, c::{d, e as f}, g::*};", &["a::b", "a::c::d", "a::c::e", "a::g::*"]),
            ("x;\npub use a::b as c;", &["a::b"]),
            ("\npub(crate) use a::b;", &["a::b"]),
            ("mod t {\n    use super::*;\n}", &["super::*"]),
            ("let reuse = a;", &[]),
        ];
        for (text, expect) in cases {
            assert_eq!(imports(text), expect, "{text}");
        }
    }

    #[test]
    fn written_out_paths_are_seen() {
        let text = "use std::{fmt, fs::File};\nfn f() { let x = std::env::var(\"a::b\"); }";
        assert_eq!(paths(text), ["std::fmt", "std::fs::File", "fs::File", "std::env::var"]);
    }

    #[test]
    fn tests_stand_last() {
        assert_eq!(before_tests("a\n#[cfg(test)]\nmod tests {\n}\n"), "a\n");
        assert_eq!(before_tests("a\n"), "a\n");
    }
}
