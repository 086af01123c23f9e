//! Writes the test set's portable table as it is made for a target, so that the matrix can try it where that target's code
//! runs: `cargo run -p stencil-matrix --example table -- aarch64-apple-darwin target/matrix.table`.

use std::path::PathBuf;
use std::process::ExitCode;
use stencil_build_support::{Error, Options, Toolchain, compile_set};

const USAGE: &str = "usage: table TARGET FILE";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [target, file] = arguments.as_slice() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match write(target, &PathBuf::from(file)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(target: &str, file: &PathBuf) -> Result<(), Error> {
    let folder = file.with_extension("expanded");
    let toolchain = Toolchain::host()?.foreign(target);
    let text = include_str!("../src/stencils.rs");
    let sets = compile_set("src/stencils.rs", text, &Options::default(), &toolchain, &folder)?;
    for set in sets {
        set.findings.iter().for_each(|finding| eprintln!("error: line {}: {}", finding.line, finding.message));
        if let Some(table) = set.tables.first() {
            std::fs::write(file, &*table.bytes).map_err(|source| Error::Io {
                action: "write",
                path: file.clone(),
                source,
            })?;
        }
    }
    Ok(())
}
