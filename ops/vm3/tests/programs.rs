//! Runs every program of `programs/` with the command line in every tier, and compares with the results in its head.
//!
//! A line `; run ARGS => RESULT` says what `vm3 run` prints for these arguments; a result that starts with `error:` is
//! printed to the error stream, behind the file's name.

mod command;

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use vm3::Tier;
use vm3::program::text;

fn programs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 12, "{paths:?}");
    paths
}

fn start(path: &Path, arguments: &str, tier: Tier) -> Child {
    let mut command = command::vm3();
    command.arg("run").arg(path).args(arguments.split_whitespace()).args(["--tier", tier.name()]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn every_program_gives_the_results_in_its_head() {
    for path in programs() {
        let source = std::fs::read_to_string(&path).unwrap();
        let runs: Vec<(&str, &str)> =
            source.lines().filter_map(|line| line.strip_prefix("; run ")?.split_once(" => ")).collect();
        assert!(!runs.is_empty(), "{} says nothing about its results", path.display());
        // All at once: most of what a short run takes is the start.
        let tiers = runs.iter().flat_map(|run| Tier::ALL.iter().map(move |tier| (*run, *tier)));
        let started: Vec<_> = tiers.map(|(run, tier)| (start(&path, run.0, tier), run, tier)).collect();
        for (child, (arguments, expected), tier) in started {
            let output = child.wait_with_output().unwrap();
            let at = format!("{} {arguments} {tier}", path.display());
            if let Some(error) = expected.strip_prefix("error: ") {
                let found = String::from_utf8(output.stderr).unwrap();
                let (first, functions) = found.split_once('\n').unwrap();
                assert_eq!(first, format!("error: {}: {error}", path.display()), "{at}");
                assert!(functions.starts_with("   0: `"), "{at}: {found}");
                assert_eq!(output.status.code(), Some(1), "{at}");
            } else {
                let found = String::from_utf8(output.stdout).unwrap();
                assert_eq!(found, format!("{expected}\n"), "{at}: {:?}", output.stderr);
                assert_eq!(output.status.code(), Some(0), "{at}");
            }
        }
    }
}

#[test]
fn every_program_survives_printing() {
    for path in programs() {
        let program = text::parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(text::parse(&text::print(&program)), Ok(program), "{}", path.display());
    }
}
