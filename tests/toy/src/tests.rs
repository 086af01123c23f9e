//! The compiler against the interpreter, and the machine code against its stencils.

use crate::compiler::TABLES;
use crate::{Compiler, Fault, Program};

/// A generator of numbers, after Steele, Lea and Flood's SplitMix.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) % limit as u64) as usize
    }

    /// A program of some characters whose brackets match, and which shows some cells at its end.
    fn program(&mut self) -> String {
        let mut text = ">".repeat(self.below(8));
        let mut depth = 0;
        for _ in 0..self.below(80) {
            let character = b"+++++---->>>><<<[[]],.x"[self.below(23)] as char;
            match character {
                '[' => depth += 1,
                ']' if depth == 0 => continue,
                ']' => depth -= 1,
                _ => {}
            }
            text.push(character);
        }
        text + &"]".repeat(depth) + ".>.>.>."
    }
}

#[test]
fn compiled_programs_do_what_interpreted_ones_do() {
    const PROGRAMS: usize = 5_000;
    let mut compiler = Compiler::new().unwrap();
    let (mut overruns, mut spent, mut finished) = (0, 0, 0);
    for seed in 0..PROGRAMS as u64 {
        let mut random = Random(seed);
        let source = random.program();
        let input: Vec<u8> = (0..random.below(10)).map(|_| random.below(256) as u8).collect();
        let fuel = random.below(300) as u64;
        let program = Program::parse(&source).unwrap();
        let compiled = compiler.compile(&program).unwrap();
        let told = format!("seed {seed}, fuel {fuel}, input {input:?}, program {source}");
        compiled.code.check(TABLES.best().unwrap()).unwrap_or_else(|error| panic!("{error}: {told}"));
        let expected = program.interpret(&input, fuel);
        assert_eq!(compiled.run(&input, fuel), expected, "{told}");
        match expected.fault {
            Some(Fault::Overrun { .. }) => overruns += 1,
            Some(Fault::OutOfFuel { .. }) => spent += 1,
            None => finished += 1,
        }
    }
    println!("seeds 0 to {PROGRAMS}: {finished} finished, {overruns} overran the tape, {spent} spent their fuel");
    assert!(overruns.min(spent).min(finished) > PROGRAMS / 20, "{finished} {overruns} {spent}");
}

/// How many stencils a program has beside the prologue, the first position of the head, the epilogue and its faults.
fn stencils(source: &str) -> usize {
    let compiled = Compiler::new().unwrap().compile(&Program::parse(source).unwrap()).unwrap();
    compiled.code.check(TABLES.best().unwrap()).unwrap().pieces - 3 - compiled.faults.len()
}

#[test]
fn an_addition_that_ends_a_loop_is_one_stencil_with_it() {
    assert_eq!(stencils(""), 0);
    assert_eq!(stencils("[-]"), 2);
    assert_eq!(stencils("[->]"), 4);
    assert_eq!(stencils("[>+++]"), 3);
    assert_eq!(stencils("[>[-]]"), 5);
    // A loop begins or ends between them.
    assert_eq!(stencils("+[-[]]"), 6);
}

#[test]
fn compiled_programs_run_again_and_apart() {
    let mut compiler = Compiler::new().unwrap();
    let first = compiler.compile(&Program::parse(",+.").unwrap()).unwrap();
    let second = compiler.compile(&Program::parse(",-.<").unwrap()).unwrap();
    let again = first.clone();
    drop(first);
    for byte in [0, 7, 255] {
        assert_eq!(again.run(&[byte], 0).output, [byte.wrapping_add(1)]);
        let outcome = second.run(&[byte], 0);
        assert_eq!(outcome.output, [byte.wrapping_sub(1)]);
        assert!(matches!(outcome.fault, Some(Fault::Overrun { .. })));
    }
}
