//! Whether what was printed is what was expected.

/// Compares line by line, without spaces at the ends of lines and without blank lines at the end. In what is
/// expected, `...` stands for any part of a line, and alone on a line for any lines. Whether a line like `(1.20s)`,
/// which redis-cli adds to slow replies, is expected makes no difference.
pub fn matches(expected: &[String], printed: &str) -> bool {
    let mut printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
    trim(&mut printed);
    let mut expected: Vec<&str> = expected.iter().map(|line| line.trim_end()).collect();
    trim(&mut expected);
    lines_match(&expected, &printed)
}

fn trim(lines: &mut Vec<&str>) {
    while lines.last().is_some_and(|line| line.is_empty() || is_elapsed(line)) {
        lines.pop();
    }
}

/// `(1.20s)`.
fn is_elapsed(line: &str) -> bool {
    let seconds = line.strip_prefix('(').and_then(|line| line.strip_suffix("s)"));
    seconds.is_some_and(|seconds| {
        seconds.contains('.') && seconds.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    })
}

/// Whoever is left of a wildcard takes as little as it can; what follows it decides. So the work is at most the
/// product of both lengths.
fn lines_match(expected: &[&str], printed: &[&str]) -> bool {
    let is_gap = |line: &&str| line.trim() == GAP;
    sequence_matches(expected, printed, is_gap, line_matches)
}

fn line_matches(pattern: &str, line: &str) -> bool {
    let mut pieces = pattern.split(GAP);
    let Some(mut rest) = line.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        let Some(at) = rest.find(piece) else { return false };
        rest = rest.get(at + piece.len()..).unwrap_or_default();
    }
    true
}

/// Matches with gaps by the usual two positions that are gone back to: that of the last gap, and how much it took.
fn sequence_matches(
    pattern: &[&str],
    lines: &[&str],
    is_gap: impl Fn(&&str) -> bool,
    same: impl Fn(&str, &str) -> bool,
) -> bool {
    let (mut at, mut line) = (0, 0);
    let mut gap = None;
    while let Some(text) = lines.get(line) {
        match pattern.get(at) {
            Some(wanted) if is_gap(wanted) => {
                gap = Some((at, line));
                at += 1;
            }
            Some(wanted) if same(wanted, text) => {
                at += 1;
                line += 1;
            }
            _ => {
                let Some((gap_at, taken)) = gap else { return false };
                gap = Some((gap_at, taken + 1));
                (at, line) = (gap_at + 1, taken + 1);
            }
        }
    }
    pattern.iter().skip(at).all(is_gap)
}

const GAP: &str = "...";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares() {
        for (expected, printed, same) in [
            ("OK", "OK\n", true),
            ("OK  \n\n", "OK\n", true),
            ("OK", "\"OK\"\n", false),
            ("", "", true),
            ("", "OK\n", false),
            ("OK", "", false),
            ("\"...\"", "\"1-0\"\n", true),
            ("\"...\"", "(nil)\n", false),
            ("a...c...e", "abcde", true),
            ("a...c...e", "ace", true),
            ("a...x...e", "abcde", false),
            ("a...a", "a", false),
            ("...", "", true),
            ("...", "1\n2\n3\n", true),
            ("1\n...\n3", "1\n2\n2\n3\n", true),
            ("1\n...\n3", "1\n3\n", true),
            ("1\n...\n3", "1\n2\n", false),
            ("...\n2\n...\n4", "1\n2\n3\n2\n4\n", true),
            ("(nil)", "(nil)\n(1.20s)\n", true),
            ("(nil)\n(0.99s)", "(nil)\n(1.20s)\n", true),
            ("(nil)\n(0.99s)", "(nil)\n", true),
        ] {
            let lines: Vec<String> = expected.lines().map(str::to_owned).collect();
            assert_eq!(matches(&lines, printed), same, "{expected:?} {printed:?}");
        }
    }
}
