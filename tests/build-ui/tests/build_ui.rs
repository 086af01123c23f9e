//! Builds every file of `cases/` as a crate of its own, with a build script, and compares what the compiler says with
//! the `.stderr` file beside it. All crates are built by one cargo, in a workspace under the target folder.
//!
//! To accept what the compiler says now: `UPDATE_EXPECT=1 cargo test -p stencil-build-ui`, and read the difference.

use expect_test::expect_file;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A line of cargo's `--message-format=json`: a diagnostic has a message, a crate that is built or taken says which.
#[derive(Deserialize)]
struct Line {
    target: Option<Target>,
    message: Option<Message>,
    fresh: Option<bool>,
}

#[derive(Deserialize)]
struct Target {
    src_path: PathBuf,
}

#[derive(Deserialize)]
struct Message {
    rendered: String,
}

#[test]
fn every_case_says_what_it_should() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let cases = cases(&folder);
    assert!(!cases.is_empty());
    let workspace = Path::new(env!("CARGO_TARGET_TMPDIR")).join("build-ui");
    write_workspace(&cases, &workspace);
    let mut said = check(&workspace);
    for case in cases.keys() {
        let text = said.remove(case).unwrap_or_default();
        expect_file![folder.join(format!("{case}.stderr"))].assert_eq(&text);
    }
    assert!(said.is_empty(), "nobody asked for {said:?}");
    nothing_is_built_again(&workspace);
}

/// A second build of what is right takes everything as it is.
fn nothing_is_built_again(workspace: &Path) {
    let output = cargo(workspace).args(["--package", "nothing_wrong"]).output().unwrap();
    assert!(output.status.success());
    let lines = String::from_utf8(output.stdout).unwrap();
    let fresh = lines.lines().filter_map(|line| serde_json::from_str::<Line>(line).unwrap().fresh);
    assert!(fresh.clone().count() > 10);
    assert!(fresh.min() == Some(true));
}

/// The cases by name. A message file without a case is an error.
fn cases(folder: &Path) -> BTreeMap<String, String> {
    let files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let is = |path: &&PathBuf, ending: &str| path.extension().is_some_and(|other| other == ending);
    let name = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let cases: BTreeMap<_, _> = files
        .iter()
        .filter(|path| is(path, "rs"))
        .map(|path| (name(path), fs::read_to_string(path).unwrap()))
        .collect();
    let orphans: Vec<_> = files.iter().filter(|path| is(path, "stderr") && !cases.contains_key(&name(path))).collect();
    assert!(orphans.is_empty(), "no case belongs to {orphans:?}");
    cases
}

/// One crate per case.
fn write_workspace(cases: &BTreeMap<String, String>, workspace: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let members: Vec<_> = cases.keys().map(|case| format!("\"{case}\"")).collect();
    put(&workspace.join("Cargo.toml"), &format!("[workspace]\nresolver = \"3\"\nmembers = [{}]\n", members.join(", ")));
    // The versions that are there, since nothing may be downloaded.
    put(&workspace.join("Cargo.lock"), &fs::read_to_string(root.join("Cargo.lock")).unwrap());
    for (case, source) in cases {
        let path = |name: &str| root.join(name).display().to_string().replace('\\', "/");
        put(
            &workspace.join(case).join("Cargo.toml"),
            &format!(
                "[package]\nname = \"{case}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
                 [dependencies]\n\
                 stencil-macros = {{ path = \"{}\" }}\n\
                 stencil-runtime = {{ path = \"{}\" }}\n\n\
                 [build-dependencies]\n\
                 stencil-build-support = {{ path = \"{}\" }}\n",
                path("stencil-macros"),
                path("stencil-runtime"),
                path("build-support"),
            ),
        );
        let build =
            "fn main() {\n    stencil_build_support::Builder::new(\"src/lib.rs\").frame_limit(64).build();\n}\n";
        put(&workspace.join(case).join("build.rs"), build);
        put(&workspace.join(case).join("src/lib.rs"), source);
    }
}

/// Writes a file, unless it holds the text already: what did not change is not built again.
fn put(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// The command that builds in the workspace.
fn cargo(workspace: &Path) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command
        .args(["check", "--offline", "--message-format=json"])
        .current_dir(workspace)
        .env("CARGO_TARGET_DIR", workspace.join("target"))
        .env_remove("RUSTFLAGS")
        .env_remove("STENCIL_TABLES");
    command
}

/// What the compiler says about each crate of the workspace.
fn check(workspace: &Path) -> BTreeMap<String, String> {
    let output = cargo(workspace).args(["--workspace", "--keep-going"]).output().unwrap();
    let mut said: BTreeMap<String, String> = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let Line { target: Some(target), message: Some(message), .. } = serde_json::from_str(line).unwrap() else {
            continue;
        };
        let relative = target.src_path.strip_prefix(workspace);
        let case = relative.ok().and_then(|path| path.iter().next()).and_then(|case| case.to_str());
        let counts = ["error: aborting due to", "Some errors have detailed", "For more information about this"];
        if let Some(case) = case.filter(|_| !counts.iter().any(|count| message.rendered.starts_with(count))) {
            said.entry(case.to_owned()).or_default().push_str(&message.rendered);
        }
    }
    let fault = String::from_utf8_lossy(&output.stderr);
    assert!(!fault.contains("failed to run custom build command"), "{fault}");
    assert!(!fault.contains("error: failed to"), "{fault}");
    said
}
