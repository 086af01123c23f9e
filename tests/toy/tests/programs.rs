//! Programs that do something, run by both engines.

use stencil_toy::{CELLS, Compiler, Error, Fault, Outcome, Position, Program, SyntaxError};

/// Runs a program both ways.
fn run(source: &str, input: &[u8], fuel: u64) -> Outcome {
    let program = Program::parse(source).unwrap();
    let interpreted = program.interpret(input, fuel);
    let compiled = Compiler::new().unwrap().compile(&program).unwrap().run(input, fuel);
    assert_eq!(compiled, interpreted);
    compiled
}

/// What a program writes that runs to its end.
fn output(source: &str, input: &[u8]) -> String {
    let outcome = run(source, input, u64::MAX);
    assert_eq!(outcome.fault, None);
    String::from_utf8(outcome.output).unwrap()
}

fn at(line: usize, column: usize) -> Position {
    Position { line, column }
}

#[test]
fn hello_greets() {
    assert_eq!(output(include_str!("../programs/hello.bf"), b""), "Hello, world!\n");
}

#[test]
fn cat_copies() {
    let text = "every byte but 0\n";
    assert_eq!(output(include_str!("../programs/cat.bf"), text.as_bytes()), text);
}

#[test]
fn reverse_turns_around() {
    assert_eq!(output(include_str!("../programs/reverse.bf"), b"stressed"), "desserts");
}

#[test]
fn squares_are_counted() {
    let expected: String = (1..=15).map(|n| format!("{}\n", n * n)).collect();
    assert_eq!(output(include_str!("../programs/squares.bf"), b""), expected);
}

#[test]
fn table_multiplies() {
    let row = |n| (1..=9).map(|m| format!("{} ", n * m)).collect::<String>() + "\n";
    assert_eq!(output(include_str!("../programs/table.bf"), b""), (1..=9).map(row).collect::<String>());
}

#[test]
fn rot13_turns_every_letter() {
    let source = include_str!("../programs/rot13.bf");
    let letters = "@AMNZ[`amnz{ Stitched, not stirred!";
    let turned = "@NZAM[`nzam{ Fgvgpurq, abg fgveerq!";
    assert_eq!(output(source, letters.as_bytes()), turned);
    assert_eq!(output(source, turned.as_bytes()), letters);
}

#[test]
fn nothing_does_nothing() {
    for source in ["", "no program", "\r\n"] {
        assert_eq!(run(source, b"in", 0), Outcome { output: Vec::new(), fault: None });
        assert!(stencil_toy::run(source, b"in").unwrap().is_empty());
    }
}

#[test]
fn the_head_stays_on_the_tape() {
    assert_eq!(run("+.\n<.", b"", 0), Outcome { output: vec![1], fault: Some(Fault::Overrun { at: at(2, 1) }) });
    let last = ">".repeat(CELLS - 1);
    assert_eq!(run(&format!("{last}+."), b"", 0), Outcome { output: vec![1], fault: None });
    let beyond = Some(Fault::Overrun { at: at(1, 1) });
    assert_eq!(run(&format!("{last}>+."), b"", 0), Outcome { output: Vec::new(), fault: beyond });
    // Back again is too late.
    assert_eq!(run("<>", b"", 0).fault, Some(Fault::Overrun { at: at(1, 1) }));
    assert_eq!(run("+[>+]", b"", u64::MAX).fault, Some(Fault::Overrun { at: at(1, 3) }));
}

#[test]
fn loops_end_with_the_fuel() {
    let spent = Some(Fault::OutOfFuel { at: at(1, 3) });
    assert_eq!(run("+[]", b"", 1_000_000).fault, spent);
    assert_eq!(run("+[.]", b"", 2), Outcome { output: vec![1; 3], fault: Some(Fault::OutOfFuel { at: at(1, 4) }) });
    assert_eq!(run("+++[-]", b"", 2).fault, None);
    assert_eq!(run("+++[-]", b"", 1).fault, Some(Fault::OutOfFuel { at: at(1, 6) }));
}

#[test]
fn counts_wrap() {
    assert_eq!(run(&("+".repeat(300) + "."), b"", 0).output, [44]);
    assert_eq!(run(&("-".repeat(300) + "."), b"", 0).output, [212]);
}

#[test]
fn brackets_must_match() {
    let unclosed = |line, column| SyntaxError::Unclosed { at: at(line, column) };
    let unopened = |line, column| SyntaxError::Unopened { at: at(line, column) };
    for (source, expected) in [
        ("[", unclosed(1, 1)),
        ("]", unopened(1, 1)),
        ("+\n é[[]", unclosed(2, 3)),
        ("[]\n\n  ]", unopened(3, 3)),
        ("[[", unclosed(1, 2)),
        ("][", unopened(1, 1)),
    ] {
        assert_eq!(Program::parse(source), Err(expected), "{source}");
        assert!(matches!(stencil_toy::run(source, b""), Err(Error::Syntax(error)) if error == expected));
    }
    assert!(matches!(stencil_toy::run("<", b""), Err(Error::Fault(Fault::Overrun { .. }))));
}
