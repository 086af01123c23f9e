//! `vm3 profile`.

mod flame;

use super::{MachineArguments, ProgramArgument, source};
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use stencil_debug::{Sample, Sampler, Samples};
use vm3::program::text;
use vm3::{GuestPlace, Tier, Vm, code_addresses};

/// Runs a program and says where it spends its time: by function, by op, and as stacks.
///
/// Only compiled code can be told apart; what is interpreted counts as a whole.
#[derive(Debug, clap::Args)]
pub(super) struct Profile {
    #[command(flatten)]
    program: ProgramArgument,
    /// Ints for the entry function's i64 registers, from register 0 on
    #[arg(allow_negative_numbers = true)]
    args: Vec<i64>,
    #[command(flatten)]
    machine: MachineArguments,
    /// Samples per second of processor time; systems may take fewer
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=10000))]
    rate: u32,
    /// Write stacks to this file, one a line with the number of its samples, as flame graph tools read them
    #[arg(long, value_name = "FILE")]
    folded: Option<PathBuf>,
    /// Draw a flame graph
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// How many functions and ops to list
    #[arg(long, default_value_t = 10)]
    top: usize,
}

/// A stack, outermost frame first, with the number of its samples.
type Stacks = BTreeMap<Vec<String>, usize>;

impl Profile {
    pub(super) fn execute(&self) -> Result<ExitCode, Box<dyn Error>> {
        let program = source::verified(&self.program.path, self.program.name.as_deref())?;
        let options = self.machine.options();
        if options.tier == Tier::Interp {
            return Err("the interpreter's time cannot be told apart; use --tier stencil or auto".into());
        }
        let mut vm = Vm::new(program, &options)?;
        let every = Duration::from_secs(1) / self.rate;
        let sampler = Sampler::start(code_addresses()?, every)?;
        let ended = vm.run(&self.args);
        let samples = sampler.stop();
        // While the machine keeps its code.
        let stacks = stacks(&samples);
        self.report(&stacks, &samples);
        if let Some(path) = &self.folded {
            write_to(path, &folded(&stacks))?;
        }
        if let Some(path) = &self.svg {
            write_to(path, &flame::draw(&stacks))?;
        }
        ended?;
        Ok(ExitCode::SUCCESS)
    }

    fn report(&self, stacks: &Stacks, samples: &Samples) {
        let all = samples.samples.len();
        println!("{all} samples; {} per second of processor time were asked for", self.rate);
        if samples.lost > 0 {
            println!("{} samples were lost: there was no room for them", samples.lost);
        }
        let (mut functions, mut ops) = (HashMap::new(), HashMap::new());
        for (stack, count) in stacks {
            // The last two are the function and its op; a single one is the host.
            let function = stack.len().saturating_sub(2);
            *functions.entry(stack[function].as_str()).or_insert(0) += count;
            *ops.entry(stack[stack.len() - 1].as_str()).or_insert(0) += count;
        }
        for (title, counts) in [("function", functions), ("op", ops)] {
            println!("\n{title:60} {:>8} {:>7}", "samples", "share");
            let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
            counts.sort_by_key(|(name, count)| (usize::MAX - count, *name));
            for (name, count) in counts.into_iter().take(self.top) {
                println!("{name:60} {count:>8} {:>6.1}%", 100.0 * count as f64 / all as f64);
            }
        }
    }
}

fn write_to(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// What the machine's own functions count as.
const HOST: &str = "[interpreter and host]";

fn stacks(samples: &Samples) -> Stacks {
    let mut places = HashMap::new();
    let mut stacks = Stacks::new();
    for Sample { frames, in_host } in &samples.samples {
        let mut stack = Vec::new();
        for (depth, address) in frames.iter().enumerate().rev() {
            let place = places.entry(*address).or_insert_with(|| GuestPlace::of_address(*address));
            // Code between functions and the host is nobody's.
            let Some(place) = place else { continue };
            stack.push(place.name().to_owned());
            if depth == 0 {
                stack.push(op(place));
            }
        }
        if *in_host || stack.is_empty() {
            stack.push(HOST.to_owned());
        }
        *stacks.entry(stack).or_insert(0) += 1;
    }
    stacks
}

/// An op as people know it.
fn op(place: &GuestPlace) -> String {
    let program = place.program.program();
    let function = &program.functions[place.function];
    let mut name = function.name.clone();
    if let Some(line) = place.line() {
        let file = program.source.file.as_deref().unwrap_or("line");
        let file = file.rsplit('/').next().unwrap_or(file);
        name = format!("{name} {file}:{line}");
    }
    if let Some(pc) = place.pc() {
        // Writing to a string cannot fail.
        let _ = write!(name, " {}", text::op(program, function, function.code[pc]));
    }
    name
}

/// One line a stack, frames separated by semicolons, which names cannot hold.
fn folded(stacks: &Stacks) -> String {
    let line = |(stack, count): (&Vec<String>, &usize)| {
        let frames: Vec<String> = stack.iter().map(|frame| frame.replace(';', ":")).collect();
        format!("{} {count}\n", frames.join(";"))
    };
    stacks.iter().map(line).collect()
}
