//! The documents name files that exist.

use std::path::Path;

/// Every path in backticks: a word with a slash and without what commands, attributes and patterns have.
fn paths(text: &str) -> Vec<&str> {
    let is_path = |word: &&str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
        word.contains('/') && word.chars().all(plain) && word.starts_with(|c: char| c.is_ascii_lowercase() || c == '.')
    };
    text.split('`').skip(1).step_by(2).filter(is_path).collect()
}

#[test]
fn every_path_in_the_documents_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = 0;
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "tests/README.md"] {
        let text = std::fs::read_to_string(root.join(document)).unwrap();
        let folder = root.join(document).parent().unwrap().to_owned();
        for path in paths(&text) {
            assert!(
                folder.join(path).exists() || root.join(path).exists(),
                "{document} names `{path}`, which does not exist"
            );
            found += 1;
        }
    }
    assert!(found > 30, "only {found} paths were found in the documents; has their form changed?");
}
