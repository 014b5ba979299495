//! Redarium and a real Redis are asked the same and must answer the same.

use std::fs;
use std::path::Path;
use std::thread;

use redarium_tests::pair::Difference;
use redarium_tests::pair::Pair;
use redarium_tests::pair::Protocol;
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
    let reports: Vec<String> = thread::scope(|scope| {
        let running: Vec<_> = files.iter().map(|file| scope.spawn(|| run_file(file))).collect();
        running.into_iter().flat_map(|thread| thread.join().expect("a transcript runs")).collect()
    });
    assert!(reports.is_empty(), "{} differences:\n{}", reports.len(), reports.join("\n"));
}

/// Runs all cases of a file over both protocols.
fn run_file(file: &Path) -> Vec<String> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let text = fs::read_to_string(file).expect("a transcript");
    let cases = parse(&text).unwrap_or_else(|problem| panic!("{name}: {problem}"));
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
