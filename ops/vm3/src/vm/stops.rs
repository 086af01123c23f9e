//! Compiled code is left at every op of every program that there is, and the interpreter goes on: nothing else changes.

use super::{Vm, VmOptions};
use crate::Convention;
use crate::native::{Asks, OpPlace, Tiering, When, asking};
use crate::program::json::{Case, File};
use crate::program::{Verified, text};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use stencil_random::{Random, emulated};
use stencil_runtime::entry::supports;

#[path = "../../examples/differential/calls.rs"]
mod calls;
#[path = "../../examples/differential/cells.rs"]
mod cells;
#[path = "../../examples/differential/generate.rs"]
mod generate;
#[path = "../../examples/differential/hosts.rs"]
mod hosts;
#[path = "../../examples/differential/seen.rs"]
mod seen;
#[path = "../../examples/differential/signature.rs"]
mod signature;

use hosts::functions;
use seen::{Seen, compare};

/// A run of more ops than this is cut short by fuel.
const MOST_OPS: u64 = 5_000;
/// Of a function that has more ops than this, code is left at some of them only.
const MANY_OPS: usize = 300;

/// One run of a program.
#[derive(Clone)]
struct Run {
    arguments: Vec<i64>,
    /// Whether it goes on with the machine of the run before.
    reuse: bool,
    collect_before: bool,
}

/// A program, and what is run of it.
struct Subject {
    name: String,
    program: Verified,
    runs: Vec<Run>,
    /// Whether some runs are so long that all of them are metered.
    metered: bool,
}

impl Subject {
    /// The runs of a program, metered if one is long; and those that are not long by themselves.
    fn all(name: &str, program: &Verified, runs: Vec<Run>) -> Vec<Self> {
        let mut vm = Vm::with_host(program.clone(), &VmOptions::default(), functions(program.program())).unwrap();
        let entry = program.program().entry;
        let mut is_long = |run: &Run| {
            let (_, counts) = vm.call_counted(entry, &run.arguments, MOST_OPS);
            counts.is_some_and(|counts| counts.ops >= MOST_OPS)
        };
        let short: Vec<Run> = runs.iter().filter(|run| !is_long(run)).cloned().collect();
        let subject = |runs, metered| Self { name: name.to_owned(), program: program.clone(), runs, metered };
        match short.len() {
            count if count == runs.len() => vec![subject(runs, false)],
            0 => vec![subject(runs, true)],
            _ => vec![subject(short, false), subject(runs, true)],
        }
    }

    fn machine(&self) -> Vm {
        let fuel = self.metered.then_some(MOST_OPS);
        let options = VmOptions { fuel, ..VmOptions::default() };
        Vm::with_host(self.program.clone(), &options, functions(self.program.program())).unwrap()
    }

    /// What is seen after each run, and the fuel left.
    fn seen(&self, mut tiering: Option<Tiering>) -> (Vec<(Seen, Option<u64>)>, Option<Tiering>) {
        let mut all = Vec::new();
        let mut vm = self.machine();
        for run in &self.runs {
            if !run.reuse && !all.is_empty() {
                tiering = vm.tiering.take();
                vm = self.machine();
            }
            if let Some(tiering) = tiering.take() {
                vm.codes = Arc::clone(tiering.native().codes());
                vm.tiering = Some(tiering);
            }
            if run.collect_before {
                vm.collect();
            }
            if self.metered {
                vm.set_fuel(MOST_OPS).unwrap();
            }
            let outcome = vm.run(&run.arguments);
            all.push((Seen::of(&mut vm, &self.program, outcome), vm.fuel()));
        }
        (all, vm.tiering.take())
    }

    /// Runs everything as `tiering` has it, and compares with `expected`.
    fn check(&self, tiering: Tiering, expected: &[(Seen, Option<u64>)], how: &str) -> Tiering {
        let (found, tiering) = self.seen(Some(tiering));
        for ((run, expected), found) in self.runs.iter().zip(expected).zip(&found) {
            if let Err(difference) = compare(&expected.0, &found.0) {
                panic!("{} {:?}, {how}: {difference}", self.name, run.arguments);
            }
            assert_eq!(expected.1, found.1, "{} {:?}, {how}: fuel", self.name, run.arguments);
        }
        tiering.expect("it was given back")
    }

    /// The ops that code is left at: all of most functions, but under an emulator, where making code takes long.
    fn places(&self) -> impl Iterator<Item = OpPlace> {
        let functions = self.program.program().functions.iter().enumerate();
        functions.filter(|(_, function)| !function.host).flat_map(|(index, function)| {
            let step = function.code.len().div_ceil(MANY_OPS) * if emulated() { 5 } else { 1 };
            (0..function.code.len()).step_by(step).map(move |pc| (index, pc))
        })
    }

    /// Code of every function by stencils, which asks at these ops.
    fn stitched(&self, convention: Convention, asks: Asks) -> Tiering {
        let native = asking(&self.program, Some(convention), self.metered, asks);
        let tiering = Tiering::new(native, self.program.program().functions.len(), u32::MAX);
        tiering.compile_all().unwrap();
        tiering
    }
}

/// How often code was left where.
#[derive(Default)]
struct Tally {
    /// Programs and ops.
    places: BTreeSet<(String, OpPlace)>,
    exits: u64,
}

impl Tally {
    fn add(&mut self, subject: &Subject, left: BTreeMap<OpPlace, u64>) {
        self.exits += left.values().sum::<u64>();
        self.places.extend(left.into_keys().map(|place| (subject.name.clone(), place)));
    }
}

/// Leaves the code of each program at each op: with code that asks there only, and with code that asks everywhere.
fn leave_everywhere(subjects: &[Subject]) -> Tally {
    let mut tally = Tally::default();
    for subject in subjects {
        let (expected, _) = subject.seen(None);
        for convention in Convention::ALL.iter().copied().filter(|convention| supports(*convention)) {
            for place in subject.places() {
                let tiering = subject.stitched(convention, Asks::At(place));
                tiering.stops.set(When::Visits(place));
                let tiering = subject.check(tiering, &expected, &format!("{convention}, left at {place:?}"));
                tally.add(subject, tiering.stops.left());
            }
            let mut tiering = subject.stitched(convention, Asks::Everywhere);
            for often in [u64::MAX, 1, 2, 3, 7, 50] {
                tiering.stops.set(When::Every(often));
                let how = format!("{convention}, left at every op number {often}");
                tiering = subject.check(tiering, &expected, &how);
            }
            tally.add(subject, tiering.stops.left());
        }
        #[cfg(feature = "cranelift")]
        tally.add(subject, leave_upper_everywhere(subject));
    }
    tally
}

/// The same with code by Cranelift, which is made once: it takes long to make. It takes no fuel.
#[cfg(feature = "cranelift")]
fn leave_upper_everywhere(subject: &Subject) -> BTreeMap<OpPlace, u64> {
    if subject.metered {
        return BTreeMap::new();
    }
    let (expected, _) = subject.seen(None);
    let native = asking(&subject.program, None, false, Asks::Everywhere);
    let mut tiering = Tiering::optimised(native, subject.program.program().functions.len()).unwrap();
    let often = [u64::MAX, 1, 2, 3, 7, 50].map(When::Every);
    for when in often.into_iter().chain(subject.places().map(When::Visits)) {
        tiering.stops.set(when);
        tiering = subject.check(tiering, &expected, &format!("by Cranelift, left {when:?}"));
    }
    tiering.stops.left()
}

#[test]
fn random_programs_can_be_left_everywhere() {
    let subject = |seed| {
        let mut random = Random::new(seed);
        let program = generate::program(&mut random).verify().unwrap();
        let arguments = (0..random.below(6)).map(|_| random.word() as i64 >> random.below(64)).collect();
        let runs = vec![Run { arguments, reuse: false, collect_before: false }];
        Subject::all(&format!("seed {seed}"), &program, runs)
    };
    let count = 60;
    let subjects: Vec<Subject> = (0..count).flat_map(subject).collect();
    let Tally { places, exits } = leave_everywhere(&subjects);
    let least = if emulated() { 5 } else { 15 };
    assert!(places.len() as u64 > least * count && exits > 50 * count, "{exits} exits at {} ops", places.len());
}

/// Leaves code at all ops of these programs that some run comes to: at least so many of ten.
fn leave_most(subjects: &[Subject], of_ten: usize) {
    let Tally { places, exits } = leave_everywhere(subjects);
    let ops: BTreeSet<(&str, OpPlace)> =
        subjects.iter().flat_map(|subject| subject.places().map(|place| (&subject.name[..], place))).collect();
    let left = places.iter().filter(|(name, place)| ops.contains(&(&name[..], *place))).count();
    println!("{exits} exits at {} ops, among them {left} of {}", places.len(), ops.len());
    assert!(left * 10 > ops.len() * of_ten, "{left} of {} ops", ops.len());
}

#[test]
fn the_programs_of_the_repository_can_be_left_everywhere() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs");
    let mut subjects = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap();
        let runs = source.lines().filter_map(|line| line.strip_prefix("; run ")?.split_once(" => "));
        let arguments = runs.map(|(text, _)| text.split_whitespace().map(|int| int.parse().unwrap()).collect());
        let runs = arguments.map(|arguments| Run { arguments, reuse: false, collect_before: false }).collect();
        let program = text::parse(&source).unwrap().verify().unwrap();
        subjects.extend(Subject::all(&path.display().to_string(), &program, runs));
    }
    leave_most(&subjects, 9);
}

/// The programs of a file that stands beside the workspace, if it does.
fn recorded(name: &str) -> Option<Vec<Subject>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    let Ok(source) = std::fs::read_to_string(&path) else {
        eprintln!("NOT RUN: there is no {}", path.display());
        return None;
    };
    let run = |Case { arguments, reuse, collect_before, .. }: &Case| Run {
        arguments: arguments.clone(),
        reuse: *reuse,
        collect_before: *collect_before,
    };
    // What a verifier may reject is no program.
    let subjects = File::parse(&source).unwrap().programs.into_iter().filter_map(|test| {
        let verified = test.program.verify().ok()?;
        Some(Subject::all(&test.name, &verified, test.cases.iter().map(run).collect()))
    });
    Some(subjects.flatten().collect())
}

#[test]
fn the_programs_of_the_corpus_can_be_left_everywhere() {
    if let Some(subjects) = recorded("vm3-corpus.json") {
        leave_most(&subjects, 9);
    }
}

#[test]
fn the_programs_of_edges_can_be_left_everywhere() {
    if let Some(subjects) = recorded("vm3-edges.json") {
        leave_most(&subjects, 7);
    }
}
