//! `core` for targets that the compiler was installed without: built from the compiler's own sources, once per compiler
//! and target.
//!
//! Only what inlining needs is made (metadata with the bodies of all functions, no machine code), since stencils are never
//! linked.
//!
//! ```text
//! target/stencil-core/riscv64gc-unknown-linux-gnu-0123456789abcdef/    what `--sysroot` is told
//! └── lib/rustlib/riscv64gc-unknown-linux-gnu/lib/
//!     ├── libcore.rmeta
//!     └── libcompiler_builtins.rmeta                                   empty: the compiler looks for it
//! ```

use super::{Toolchain, run};
use crate::Error;
use sha2::{Digest as _, Sha256};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// The crate that every crate without `std` refers to. Functions that stencils may not call need no bodies.
const COMPILER_BUILTINS: &str = "#![feature(compiler_builtins, no_core)]
#![compiler_builtins]
#![no_core]
#![allow(internal_features)]
";

/// What `core` is built with, as far as it shows in stencils.
const FLAGS: [&str; 6] =
    ["--edition=2024", "--crate-type=lib", "--emit=metadata", "-Copt-level=3", "-Cpanic=abort", "-Zalways-encode-mir"];

/// The system root to compile against, `None` for the compiler's own. `folder` takes what is built when this program
/// stands in no target folder.
pub(super) fn sysroot(toolchain: &Toolchain, folder: &Path) -> Result<Option<PathBuf>, Error> {
    let own = printed(toolchain, "target-libdir")?;
    if has_core(Path::new(&own)) {
        return Ok(None);
    }
    let library = PathBuf::from(printed(toolchain, "sysroot")?).join("lib/rustlib/src/rust/library");
    let source = library.join("core/src/lib.rs");
    if !source.exists() {
        return Err(Error::NoCore { program: toolchain.name(), target: toolchain.target.clone() });
    }
    let hash = Sha256::digest(format!("{}{FLAGS:?}{COMPILER_BUILTINS}", toolchain.compiler()?));
    let hash: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let root = cache(folder).join(format!("{}-{hash}", toolchain.target));
    if !has_core(&libraries(&root, toolchain)) {
        build(toolchain, &source, &root)?;
    }
    Ok(Some(root))
}

/// Held while this process builds: what it builds into is one folder for all of its threads.
static BUILDING: Mutex<()> = Mutex::new(());

/// Builds into a folder of this process's own, then gives it its name, so that nobody finds half of it.
fn build(toolchain: &Toolchain, source: &Path, root: &Path) -> Result<(), Error> {
    let _alone = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
    if has_core(&libraries(root, toolchain)) {
        // Another thread was faster.
        return Ok(());
    }
    let mut name = root.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    let temporary = PathBuf::from(name);
    let libraries = libraries(&temporary, toolchain);
    fs::create_dir_all(&libraries).map_err(Error::io("create", &libraries))?;
    let builtins = temporary.join("compiler_builtins.rs");
    fs::write(&builtins, COMPILER_BUILTINS).map_err(Error::io("write", &builtins))?;
    for (name, source) in [("core", source), ("compiler_builtins", &builtins)] {
        let mut command = Command::new(toolchain.rustc());
        command.arg(source).arg("--crate-name").arg(name).args(FLAGS).arg("--cap-lints=allow");
        command.args(["--target", &toolchain.target]).arg("--sysroot").arg(&temporary);
        command.arg("-o").arg(libraries.join(format!("lib{name}.rmeta")));
        let output = run(command.env("RUSTC_BOOTSTRAP", "1"))?;
        if !output.status.success() {
            return Err(Error::Compiler {
                program: toolchain.name(),
                status: output.status.to_string(),
                output: String::from_utf8_lossy(&output.stderr).into_owned(),
            });
        }
    }
    match fs::rename(&temporary, root) {
        // Somebody else was faster.
        Err(_) if has_core(&self::libraries(root, toolchain)) => {
            fs::remove_dir_all(&temporary).map_err(Error::io("remove", &temporary))
        }
        result => result.map_err(Error::io("rename", &temporary)),
    }
}

/// The target folder that this program stands in, which every build of a workspace shares, else a folder of this build.
fn cache(folder: &Path) -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    // Cargo marks it for backup programs.
    let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
    target.unwrap_or(folder).join("stencil-core")
}

fn libraries(root: &Path, toolchain: &Toolchain) -> PathBuf {
    root.join("lib/rustlib").join(&toolchain.target).join("lib")
}

/// Whether a folder has `core` in it.
fn has_core(folder: &Path) -> bool {
    let is_core = |name: &OsStr| name.to_str().is_some_and(|name| name.starts_with("libcore"));
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name()).any(|name| is_core(&name))
}

/// What the compiler answers about the target.
fn printed(toolchain: &Toolchain, what: &str) -> Result<String, Error> {
    let mut command = Command::new(toolchain.rustc());
    command.args(["--print", what, "--target", &toolchain.target]);
    let output = run(&mut command)?;
    if !output.status.success() {
        return Err(Error::Target { target: toolchain.target.clone() });
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
