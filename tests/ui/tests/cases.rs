//! Every malformed op set is refused, in the words that are checked in. `TRYBUILD=overwrite` writes them anew.

use stencil_ui::{ui_files, ui_folder};

#[test]
fn malformed_sets_are_refused() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("cases/*.rs");
}

#[test]
fn every_case_has_an_answer_and_every_answer_a_case() {
    assert_eq!(ui_files("rs"), ui_files("stderr"));
}

/// One voice: what the macros say is lower case, has no full stop, and goes on to what to write instead.
#[test]
fn messages_have_one_form() {
    for name in ui_files("stderr") {
        let path = ui_folder().join(format!("{name}.stderr"));
        let text = std::fs::read_to_string(&path).unwrap();
        for message in text.lines().filter_map(|line| line.strip_prefix("error: ")) {
            let first = message.chars().next().unwrap();
            assert!(!first.is_uppercase() && !message.ends_with('.'), "{name}: {message}");
            assert!(message.contains(';') || message.contains(':') || message.contains(','), "{name}: {message}");
        }
    }
}
