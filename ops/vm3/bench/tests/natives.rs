//! The counterparts in Rust give what the programs give: in the corpus, as recorded, and in every engine.

use vm3::program::json::{Case as TestCase, Status};
use vm3::program::{Bank, Verified};
use vm3_bench::cases::{Case, Group, Runs, corpus, corpus_path, of_programs};
use vm3_bench::engine::{Engine, engines};
use vm3_bench::measure::result;
use vm3_bench::native::Native;
use vm3_bench::value::Value;

/// Compares a case in every engine that is timed by default and returns how many there are.
fn in_every_engine(case: &Case, expected: &Value) -> usize {
    let engines: Vec<Engine> = engines().into_iter().filter(|engine| engine.default).collect();
    for engine in &engines {
        let mut vm = engine.machine(case).unwrap();
        assert_eq!(result(case, engine, &mut vm).unwrap(), *expected, "{case} in tier {}", engine.name);
    }
    engines.len()
}

fn recorded(case: &TestCase) -> Value {
    let bits = case.expect.raw_bits.unwrap();
    match case.expect.bank.unwrap() {
        Bank::I64 => Value::Int(bits.cast_signed()),
        Bank::F64 => Value::Float(bits),
        Bank::Cell => panic!("the corpus returns numbers"),
    }
}

#[test]
fn the_corpus_gives_what_is_recorded() {
    let path = corpus_path();
    let Some(file) = corpus(&path).unwrap() else {
        eprintln!("NOT RUN: there is no corpus at {}", path.display());
        return;
    };
    let mut compared = 0;
    for program in &file.programs {
        let native = Native::of(&program.name).unwrap_or_else(|| panic!("{} has no counterpart", program.name));
        let code: Verified = program.program.clone().verify().unwrap();
        for recording in &program.cases {
            assert_eq!(recording.expect.status, Status::Ok, "{}", program.name);
            let case = Case {
                group: Group::Corpus,
                program: program.name.clone(),
                code: code.clone(),
                arguments: recording.arguments.clone(),
                native: Some(native),
            };
            let expected = recorded(recording);
            assert_eq!(native.call(&case.arguments), expected, "{case}");
            // What the longest give in each engine is compared whenever they are timed.
            if recording.expect.ops.is_some_and(|ops| ops < 1_000_000) {
                compared += in_every_engine(&case, &expected);
            }
        }
    }
    assert!(compared > 600, "only {compared} results were compared");
}

#[test]
fn the_programs_give_what_their_counterparts_give() {
    let mut compared = 0;
    for case in of_programs(Runs::Every).unwrap() {
        if let Some(native) = case.native {
            compared += in_every_engine(&case, &native.call(&case.arguments));
        }
    }
    assert!(compared > 200, "only {compared} results were compared");
}

#[test]
fn counterparts_take_the_arguments_that_cases_have() {
    for case in of_programs(Runs::Timed).unwrap() {
        if let Some(native) = case.native {
            assert_eq!(native.arity(), case.arguments.len(), "{case}");
        }
    }
}
