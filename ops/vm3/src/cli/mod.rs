//! The commands. One file each; this one says what they take.

mod bench;
mod check;
#[cfg(target_os = "linux")]
mod crashes;
#[cfg(target_os = "linux")]
mod debug;
mod dump;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod profile;
mod run;
mod source;

use clap::{Args, Parser, Subcommand};
#[cfg(target_os = "linux")]
use debug::DebugArguments;
#[cfg(not(target_os = "linux"))]
use elsewhere::{DebugArguments, Profile};
#[cfg(target_os = "linux")]
use profile::Profile;
use std::path::PathBuf;
use std::process::ExitCode;
use vm3::{Tier, VmOptions};

/// Runs, checks, times and shows programs of the vm3 machine.
#[derive(Debug, Parser)]
#[command(name = "vm3", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a program and print its result
    Run(run::Run),
    /// Run every case of program files and compare with what they expect
    Check(check::Check),
    /// Time the cases of program files that are marked for it
    Bench(bench::Bench),
    /// Print a program as assembly, with the position of every op
    Dump(dump::Dump),
    /// Run a program and say where it spends its time
    Profile(Profile),
}

/// A program on the command line.
#[derive(Debug, Args)]
struct ProgramArgument {
    /// An assembly file, or a JSON program file together with --name
    #[arg(value_name = "PROGRAM")]
    path: PathBuf,
    /// Which program of a JSON program file
    #[arg(long)]
    name: Option<String>,
}

/// How to run programs.
#[derive(Debug, Args)]
struct MachineArguments {
    /// How to execute the program
    #[arg(long, default_value_t, value_parser = tier_parser())]
    tier: Tier,
    /// After how many calls and turns of loops the tier `auto` compiles a function
    #[arg(long, default_value_t = VmOptions::default().threshold, value_name = "COUNT")]
    threshold: u32,
    #[command(flatten)]
    limits: LimitArguments,
}

impl MachineArguments {
    fn options(&self) -> VmOptions {
        VmOptions { threshold: self.threshold, ..self.limits.options(self.tier) }
    }
}

/// How much memory programs may take.
#[derive(Debug, Args)]
struct LimitArguments {
    /// Size of the frame stack in MiB, the only limit to recursion
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=65536))]
    stack_mib: u32,
    /// Most MiB that strings, lists and maps may take
    #[arg(long, default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=1048576))]
    heap_mib: u32,
}

impl LimitArguments {
    fn options(&self, tier: Tier) -> VmOptions {
        let (stack_bytes, heap_bytes) = ((self.stack_mib as usize) << 20, (self.heap_mib as usize) << 20);
        VmOptions { tier, stack_bytes, heap_bytes, ..VmOptions::default() }
    }
}

/// Takes the names of the tiers of this build.
fn tier_parser() -> impl clap::builder::TypedValueParser<Value = Tier> {
    use clap::builder::{PossibleValuesParser, TypedValueParser};
    PossibleValuesParser::new(Tier::ALL.iter().map(|tier| tier.name())).try_map(|name| name.parse::<Tier>())
}

/// Parses the command line and runs the command. The exit status is 0 for success, 1 for a failure, 2 for a wrong
/// command line.
pub(crate) fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    crashes::report();
    let result = match Cli::parse().command {
        Command::Run(run) => run.execute(),
        Command::Check(check) => check.execute(),
        Command::Bench(bench) => bench.execute(),
        Command::Dump(dump) => dump.execute(),
        Command::Profile(profile) => profile.execute(),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {}", describe(&*error));
        ExitCode::FAILURE
    })
}

/// An error with its causes, one after the other; causes that the text already ends with are left out.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}
