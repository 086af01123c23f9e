//! Mutated programs through readers, verifier and machine: whatever they hold, they end in results and typed errors.
//!
//! `VM3_MUTATIONS` sets how many mutants each test makes, `VM3_SEED` the seed; both are printed.

mod command;

use std::path::Path;
use vm3::heap::SlotCounts;
use vm3::program::json::File;
use vm3::program::{Arena, Op, Program, text};
use vm3::{CodeCache, Fault, FaultKind, Tier, Vm, VmOptions};

/// A splitmix64 generator.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ bits >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn choose<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

/// The generator and the count of mutants for a test.
fn start(test: &str, count: u64) -> (Random, u64) {
    let (seed, count) = (setting("VM3_SEED", 0x5eed), setting("VM3_MUTATIONS", count));
    println!("{test}: VM3_SEED={seed} VM3_MUTATIONS={count}");
    (Random(seed), count)
}

fn sources() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

fn options() -> VmOptions {
    VmOptions { stack_bytes: 1 << 16, heap_bytes: 1 << 22, ..VmOptions::default() }
}

/// Runs a program if it can be verified, compiled too if it ends; whether it could.
fn exercise(program: Program) -> bool {
    let Ok(verified) = program.verify() else {
        return false;
    };
    let entry = verified.program().entry;
    let mut vm = Vm::new(verified.clone(), &options()).expect("the strings of mutants fit");
    let mut compiled = [Tier::Stencil, Tier::Auto].map(|tier| {
        let options = VmOptions { tier, cache: CodeCache::new(64 << 20), ..options() };
        Vm::new(verified.clone(), &options).expect("whatever is verified can be compiled")
    });
    let mut same_heap = true;
    for arguments in [&[][..], &[30, 7, -1, i64::MIN]] {
        let (ended, counts) = vm.call_counted(entry, arguments, 20_000);
        assert!(counts.is_some_and(|counts| counts.ops <= 20_000));
        if let Err(fault) = &ended {
            assert!(!fault.to_string().is_empty());
            assert_eq!(vm.backtrace().count(), fault.depth);
        }
        same_heap &= !matches!(ended, Err(Fault { kind: FaultKind::OpLimit { .. }, .. }));
        let heap = heap_of(&vm);
        vm.collect();
        for compiled in &mut compiled {
            if same_heap {
                let found = compiled.call(entry, arguments);
                // As text, in which every NaN is alike.
                assert_eq!(format!("{found:?}"), format!("{ended:?}"));
                assert!(compiled.backtrace().eq(vm.backtrace()));
                assert_eq!(heap_of(compiled), heap);
            }
            compiled.collect();
            if same_heap {
                assert_eq!(heap_of(compiled), heap_of(&vm));
            }
        }
    }
    true
}

/// The slots of every arena, and the bytes of all.
fn heap_of(vm: &Vm) -> ([SlotCounts; 3], usize) {
    (Arena::ALL.map(|arena| vm.heap().counts(arena)), vm.heap().bytes())
}

/// Changes a few bytes of a text: to each other, to numbers and marks, away, or twice.
fn mutate(random: &mut Random, text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let spice =
        ["0", "1", "9", "-1", "65535", "18446744073709551615", "\"", ",", "{", "}", "[", "]", "null", " ", "\n"];
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len());
        let end = (at + 1 + random.below(4)).min(bytes.len());
        match random.below(5) {
            0 => bytes[at] = random.next() as u8,
            1 => drop(bytes.drain(at..end)),
            2 => drop(bytes.splice(at..end, random.choose(&spice).bytes())),
            3 => {
                let copy = bytes[at..end].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, copy);
            }
            // A digit for a digit keeps the text well-formed and changes what it means.
            _ => {
                let digits: Vec<usize> = (0..bytes.len()).filter(|index| bytes[*index].is_ascii_digit()).collect();
                if let Some(at) = digits.get(random.below(digits.len().max(1))) {
                    bytes[*at] = b'0' + random.below(10) as u8;
                }
            }
        }
        if bytes.is_empty() {
            bytes.push(b' ');
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn mutated_assembly() {
    let (mut random, count) = start("mutated_assembly", 5_000);
    let sources = sources();
    let (mut read, mut ran) = (0, 0);
    for _ in 0..count {
        let source = random.choose(&sources).clone();
        match text::parse(&mutate(&mut random, &source)) {
            Ok(program) => {
                read += 1;
                ran += u64::from(exercise(program));
            }
            Err(error) => assert!(error.line > 0 && error.column > 0),
        }
    }
    println!("{read} read, {ran} run, of {count}");
    assert!(read > count / 10 && ran > count / 20, "too few mutants get anywhere");
}

#[test]
fn mutated_ops() {
    let (mut random, count) = start("mutated_ops", 10_000);
    let programs: Vec<Program> = sources().iter().map(|source| text::parse(source).unwrap()).collect();
    let mut ran = 0;
    for _ in 0..count {
        let mut program = random.choose(&programs).clone();
        for _ in 0..=random.below(4) {
            let function = random.below(program.functions.len());
            let registers = &mut program.functions[function].registers;
            if random.below(4) == 0 {
                // Room for more of the mutants below.
                (registers.i64, registers.f64, registers.cell) = (9, 9, 9);
            }
            let code = &mut program.functions[function].code;
            let at = random.below(code.len());
            let bits = random.next().to_le_bytes();
            let small = |byte: u8| u16::from(byte % 10);
            match random.below(5) {
                0 => code[at].code = bits[0] % 80,
                1 => code[at].a = small(bits[0]),
                2 => code[at].b = small(bits[0]),
                3 => code[at].c = i16::from(bits[0] % 10),
                _ => {
                    let c = small(bits[2]).cast_signed();
                    let (a, b) = (small(bits[0]), small(bits[1]));
                    code[at] = Op { code: bits[3] % 72, flags: bits[4] % 4, a, b, c };
                }
            }
        }
        ran += u64::from(exercise(program));
    }
    println!("{ran} run, of {count}");
    assert!(ran > count / 4, "too few mutants are verified");
}

/// The programs of `programs/` as a program file has them, written by hand here because nothing in the crate writes JSON.
fn json_programs() -> Vec<String> {
    let sources = sources();
    let numbered = sources.iter().enumerate();
    let of_program = |(number, source): (usize, &String)| {
        let program = text::parse(source).unwrap();
        let functions: Vec<String> = program.functions.iter().map(json_function).collect();
        let strings: Vec<String> =
            program.strings.iter().map(|bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect()).collect();
        format!(
            "{{\"name\": \"p{number}\", \"entry\": {}, \"arena_strings\": {strings:?}, \"funcs\": [{}], \
             \"cases\": [{{\"args\": [\"20\", \"3\"], \"expect\": {{\"status\": \"ok\", \"ops\": 20000}}}}]}}",
            program.entry,
            functions.join(", ")
        )
    };
    numbered.map(of_program).collect()
}

/// A program file.
fn json(programs: &[String]) -> String {
    format!("{{\"programs\": [{}]}}", programs.join(",\n"))
}

fn json_function(function: &vm3::program::Function) -> String {
    let registers = function.registers;
    let parameters: Vec<&str> = function.parameters.iter().map(|bank| bank.name()).collect();
    let constants: Vec<String> = function.constants.iter().map(|cell| format!("{:#018x}", cell.bits())).collect();
    let tables: Vec<Vec<String>> =
        function.tables.iter().map(|table| table.iter().map(i64::to_string).collect()).collect();
    let code: Vec<String> = function
        .code
        .iter()
        .map(|Op { code, flags, a, b, c }| {
            format!("{{\"code\": {code}, \"flags\": {flags}, \"a\": {a}, \"b\": {b}, \"c\": {c}, \"n\": 1}}")
        })
        .collect();
    format!(
        "{{\"name\": {:?}, \"num_regs\": {{\"i64\": {}, \"f64\": {}, \"cell\": {}}}, \"param_banks\": {parameters:?}, \
         \"result_bank\": \"{}\", \"consts\": {constants:?}, \"i64_tables\": {tables:?}, \"code\": [{}]}}",
        function.name,
        registers.i64,
        registers.f64,
        registers.cell,
        function.result,
        code.join(", ")
    )
}

#[test]
fn mutated_json() {
    let (mut random, count) = start("mutated_json", 2_000);
    let source = json(&json_programs());
    let whole = File::parse(&source).expect("the unmutated file is fine");
    assert!(whole.programs.into_iter().all(|program| exercise(program.program)));
    let (mut read, mut ran) = (0, 0);
    for _ in 0..count {
        match File::parse(&mutate(&mut random, &source)) {
            Ok(file) => {
                read += 1;
                // All but the mutated ones would run as they did above.
                let from = random.below(file.programs.len().max(1));
                for program in file.programs.into_iter().skip(from).take(2) {
                    ran += u64::from(exercise(program.program));
                }
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    println!("{read} files read, {ran} programs run, of {count}");
    assert!(read > count / 10 && ran > count / 20, "too few mutants get anywhere");
}

#[test]
fn mutated_files_through_the_command() {
    let (mut random, count) = start("mutated_files_through_the_command", 200);
    let folder = tempfile::tempdir().unwrap();
    let sources: Vec<String> = json_programs().into_iter().map(|program| json(&[program])).collect();
    let mut left = count;
    while left > 0 {
        let batch = left.min(200);
        left -= batch;
        let paths: Vec<_> = (0..batch).map(|number| folder.path().join(format!("{number}.json"))).collect();
        for path in &paths {
            let source = random.choose(&sources);
            std::fs::write(path, mutate(&mut random, source)).unwrap();
        }
        for tier in Tier::ALL {
            let mut command = command::vm3();
            command.args(["check", "--max-ops", "20000", "--max-seconds", "0.05", "--tier", tier.name()]);
            let output = command.args(["--stack-mib", "1", "--heap-mib", "4"]).args(&paths).output().unwrap();
            assert_eq!(output.status.code(), Some(1), "{tier}: {}", String::from_utf8_lossy(&output.stderr));
            let text = String::from_utf8(output.stdout).unwrap();
            let last = text.lines().last().unwrap();
            assert!(last.contains(" passed, ") && last.ends_with(" skipped"), "{tier}: {last}");
        }
    }
}
