//! Redarium and a real Redis are asked the same and must answer the same.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::thread;

use redarium_tests::deviations::Deviations;
use redarium_tests::pair::Difference;
use redarium_tests::pair::Pair;
use redarium_tests::pair::Protocol;
use redarium_tests::transcript::Action;
use redarium_tests::transcript::Case;
use redarium_tests::transcript::parse;

#[test]
fn transcripts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("the folder of transcripts")
        .map(|entry| entry.expect("a transcript").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "txt"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no transcripts in {}", folder.display());
    assert_deviations_are_listed(&files);
    let reports: Vec<String> = thread::scope(|scope| {
        let running: Vec<_> = files.iter().map(|file| scope.spawn(|| run_file(file))).collect();
        running.into_iter().flat_map(|thread| thread.join().expect("a transcript runs")).collect()
    });
    assert!(reports.is_empty(), "{} differences:\n{}", reports.len(), reports.join("\n"));
}

/// A reply of Redarium's own stands in a transcript when, and only when, the list of deviations names it;
/// what is newer than the Redis at hand stands in a transcript by itself.
fn assert_deviations_are_listed(files: &[PathBuf]) {
    let deviations = Deviations::of("Replies");
    for file in files.iter().filter(|file| !file.ends_with("newer.txt")) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        for line in read(file).iter().flat_map(|case| &case.lines) {
            if matches!(&line.action, Action::Send { expected: Some(_), .. }) {
                let entry = format!("{name}: {}", line.text);
                assert!(deviations.excuse(&entry), "deviations.md does not list `{entry}`");
            }
        }
    }
    deviations.assert_all_used();
}

fn read(file: &Path) -> Vec<Case> {
    let text = fs::read_to_string(file).expect("a transcript");
    parse(&text).unwrap_or_else(|problem| panic!("{}: {problem}", file.display()))
}

/// Runs all cases of a file over both protocols.
fn run_file(file: &Path) -> Vec<String> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let cases = read(file);
    let mut pair = Pair::start(&["--enable-debug-command", "yes"]);
    let mut reports = Vec::new();
    for case in &cases {
        for protocol in [Protocol::Resp2, Protocol::Resp3] {
            for difference in pair.run(case, protocol) {
                reports.push(report(&name, &case.name, &difference));
            }
        }
    }
    reports
}

fn report(file: &str, case: &str, difference: &Difference) -> String {
    let Difference { line, asked, redarium, redis } = difference;
    format!("{file}:{line} ({case}) {asked}\n    redarium {redarium}\n    expected {redis}")
}
