//! The example of the README is this crate, and it does what the README says.

use std::fs;
use std::path::{Path, PathBuf};

/// What stands in the fence behind the marker `<!-- example:NAME -->` of a document.
fn example<'a>(document: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = document.split_once(&format!("<!-- example:{name} -->\n"))?;
    let (_, after) = after.strip_prefix("```")?.split_once('\n')?;
    after.split_once("```").map(|(text, _)| text)
}

/// A file of this crate without the comment that it begins with.
fn source(path: &str) -> String {
    let text = read(&folder().join(path));
    text.split_once("\n\n").map(|(_, text)| text.to_owned()).unwrap()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_readme_shows_this_crate() {
    let text = read(&folder().join("../../README.md"));
    for (name, path) in [("lib", "src/lib.rs"), ("build", "build.rs")] {
        let shown = example(&text, name).unwrap_or_else(|| panic!("README.md shows no {name}"));
        assert_eq!(shown, source(path), "README.md does not show {path}");
    }
}

#[test]
fn examples_are_found_by_their_markers() {
    let document = "a\n<!-- example:lib -->\n```rust\nfn a() {}\n```\n<!-- example:build -->\ntext\n";
    assert_eq!(example(document, "lib"), Some("fn a() {}\n"));
    assert_eq!(example(document, "build"), None);
    assert_eq!(example(document, "other"), None);
}

#[test]
fn the_example_runs() {
    for n in [1, 2, 100, 100_000] {
        assert_eq!(stencil_readme::sum(n).unwrap(), n * (n + 1) / 2);
    }
    assert_eq!(stencil_readme::ops::add(i64::MAX, 1), i64::MIN);
}
