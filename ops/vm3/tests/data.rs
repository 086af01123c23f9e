//! Runs the program files that stand beside the workspace, when they are there, in every tier.

mod command;

use std::path::Path;
use std::process::Stdio;
use vm3::Tier;

#[test]
fn the_program_files_beside_the_workspace_pass() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let files = ["vm3-corpus.json", "vm3-edges.json"].map(|name| folder.join(name));
    if !files.iter().all(|file| file.exists()) {
        eprintln!("NOT RUN: there are no program files in {}", folder.display());
        return;
    }
    let ways = Tier::ALL.iter().map(|tier| (tier, None));
    let ways = ways.chain([(&Tier::Auto, Some("0")), (&Tier::Auto, Some("1"))]);
    let start = |(tier, threshold): (&'static Tier, Option<_>)| {
        let mut command = command::vm3();
        command.arg("check").args(&files).args(["--tier", tier.name()]);
        if let Some(threshold) = threshold {
            command.args(["--threshold", threshold]);
        }
        (tier, threshold, command.stdout(Stdio::piped()).spawn().unwrap())
    };
    // All at once, each on a processor of its own where there are as many.
    let started: Vec<_> = ways.map(start).collect();
    for (tier, threshold, child) in started {
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{tier}: {text}");
        let last = text.lines().last().unwrap();
        let passed: usize = last.split_once(" passed, 0 failed, ").unwrap().0.parse().unwrap();
        assert!(passed > 0, "{tier}: {last}");
        println!("{tier}, threshold {}: {last}", threshold.unwrap_or("as it is"));
    }
}
