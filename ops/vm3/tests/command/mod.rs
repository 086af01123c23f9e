//! The command under test.

use std::process::Command;

/// The command, run by the program that `STENCIL_RUNNER` names where it is one for another machine, such as an emulator.
pub(crate) fn vm3() -> Command {
    let program = env!("CARGO_BIN_EXE_vm3");
    let Some(runner) = std::env::var_os("STENCIL_RUNNER") else { return Command::new(program) };
    let mut command = Command::new(runner);
    command.arg(program);
    command
}
