//! `vm3 check`.

mod compare;
mod skip;

use super::{MachineArguments, describe, source};
use compare::compare;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use vm3::program::Verified;
use vm3::program::json::{Case, TestProgram};
use vm3::{FaultKind, Vm, VmError, VmOptions};

/// Runs every case of program files and compares with what they expect.
///
/// The last line is `N passed, M failed, K skipped`; the exit status is 1 when a case failed or a file could not be
/// read. What is skipped is named, with the reason.
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// JSON program files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    machine: MachineArguments,
    /// Most ops a case may execute, whatever it expects, in a tier that counts them
    #[arg(long, default_value_t = 100_000_000)]
    max_ops: u64,
    /// Most seconds a case may take, in any tier
    #[arg(long, default_value = "60", value_name = "SECONDS", value_parser = seconds)]
    max_seconds: Duration,
}

/// What became of the cases so far.
#[derive(Debug, Default)]
struct Tally {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Check {
    pub(super) fn execute(&self) -> Result<ExitCode, Box<dyn Error>> {
        let mut tally = Tally::default();
        let mut unreadable = false;
        for path in &self.files {
            match source::programs(path) {
                Ok(file) => {
                    for program in &file.programs {
                        self.program(path, program, &mut tally)?;
                    }
                }
                Err(error) => {
                    unreadable = true;
                    eprintln!("error: {}", describe(&error));
                }
            }
        }
        let Tally { passed, failed, skipped } = tally;
        println!("{passed} passed, {failed} failed, {skipped} skipped");
        Ok(if failed > 0 || unreadable { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    fn program(&self, path: &Path, program: &TestProgram, tally: &mut Tally) -> Result<(), VmError> {
        let at = |case: usize| format!("{}: {} case {case}", path.display(), program.name);
        let verified = match program.program.clone().verify() {
            Ok(verified) => verified,
            Err(error) => {
                let allowed = skip::may_reject(program);
                for case in 0..program.cases.len() {
                    if allowed {
                        tally.skipped += 1;
                        println!("skipped {}: rejected by the verifier: {error}", at(case));
                    } else {
                        tally.failed += 1;
                        println!("FAILED {}: rejected by the verifier: {error}", at(case));
                    }
                }
                return Ok(());
            }
        };
        let options = self.machine.options();
        let mut vm = None;
        for (index, case) in program.cases.iter().enumerate() {
            if let Some(reason) = skip::reason(program, index) {
                tally.skipped += 1;
                println!("skipped {}: {reason}", at(index));
                continue;
            }
            let differences = self.case(case, &verified, &options, &mut vm)?;
            if differences.is_empty() {
                tally.passed += 1;
            } else {
                tally.failed += 1;
                println!("FAILED {}: {}", at(index), differences.join("; "));
            }
        }
        Ok(())
    }

    /// Runs a case, and gives what differs from what it expects.
    fn case(
        &self,
        case: &Case,
        program: &Verified,
        options: &VmOptions,
        vm: &mut Option<Vm>,
    ) -> Result<Vec<String>, VmError> {
        let vm = match vm {
            Some(vm) if case.reuse => vm,
            vm => vm.insert(Vm::new(program.clone(), options)?),
        };
        if case.collect_before {
            vm.collect();
        }
        let entry = program.program().entry;
        // A run that goes past what it should take differs already; it need not go on.
        let limit = case.expect.ops.unwrap_or(u64::MAX).min(self.max_ops);
        let interrupt = vm.interrupt();
        let time = interrupt.after(self.max_seconds);
        let (ended, counts) = vm.call_counted(entry, &case.arguments, limit);
        drop(time);
        let late = ended.as_ref().is_err_and(|fault| fault.kind == FaultKind::TimedOut);
        let mut differences = compare(&case.expect, vm, ended, counts);
        if late {
            differences.push(format!("it was stopped after {} s", self.max_seconds.as_secs_f64()));
        }
        Ok(differences)
    }
}

/// A time in seconds.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "write a number of seconds, such as 0.5".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}
