//! The compiler: which one, what it is, and running it on one crate.

mod core;
mod message;

pub(crate) use message::Message;

use crate::Error;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use stencil_syntax::layout::Format;
use stencil_table::Architecture;

/// The compiler and what it compiles for.
#[derive(Debug, Clone)]
pub struct Toolchain {
    /// Wrappers, then the compiler.
    program: Vec<OsString>,
    target: String,
    unstable: bool,
    version: OnceLock<Version>,
    probe: OnceLock<Result<(), String>>,
    /// Where `core` is, `None` for the compiler's own.
    sysroot: OnceLock<Option<PathBuf>>,
}

#[derive(Debug, Clone)]
struct Version {
    /// The first line of `-vV` and the version of LLVM.
    text: String,
    host: String,
}

/// A crate that uses what the wide convention needs.
const PROBE: &str = "#![no_std]
#![feature(rust_preserve_none_cc, explicit_tail_calls, linkage)]
#![allow(incomplete_features)]
unsafe extern \"rust-preserve-none\" {
    fn next(value: u64);
}
unsafe extern \"C\" {
    #[linkage = \"extern_weak\"]
    static weak: *const u8;
}
#[unsafe(no_mangle)]
pub unsafe extern \"rust-preserve-none\" fn probe(_value: u64) {
    unsafe { become next(weak as u64) }
}
";

/// What came of compiling a crate.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// Whether there is an object.
    pub(crate) success: bool,
    /// What the compiler said about it.
    pub(crate) errors: Vec<Message>,
    /// The same as text, for when nobody can be blamed for it.
    pub(crate) text: String,
    /// How it ended.
    pub(crate) status: String,
}

impl Toolchain {
    /// The compiler that cargo names to a build script, with its wrappers, for the target that cargo builds for.
    /// `STENCIL_RUSTC` names another compiler, which is started without wrappers. `RUSTC_BOOTSTRAP=0` (or `-1`) forbids
    /// unstable features, and with them the wide convention.
    ///
    /// # Errors
    /// [`Error::Environment`] when this is no build script.
    pub fn from_build_script() -> Result<Self, Error> {
        let variable = |variable| std::env::var(variable).map_err(|_| Error::Environment { variable });
        let target = variable("TARGET")?;
        Ok(Self::new(target))
    }

    /// The compiler that the environment names, for the machine that this program runs on.
    ///
    /// # Errors
    /// When the compiler cannot be started.
    pub fn host() -> Result<Self, Error> {
        let mut toolchain = Self::new(String::new());
        toolchain.target = toolchain.version()?.host.clone();
        Ok(toolchain)
    }

    fn new(target: String) -> Self {
        let set = |variable| std::env::var_os(variable).filter(|value| !value.is_empty());
        let program = match set("STENCIL_RUSTC") {
            // A wrapper may insist on the compiler that cargo uses.
            Some(rustc) => vec![rustc],
            None => {
                let wrappers = ["RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"].into_iter().filter_map(set);
                wrappers.chain([set("RUSTC").unwrap_or_else(|| "rustc".into())]).collect()
            }
        };
        let forbidden = set("RUSTC_BOOTSTRAP").is_some_and(|value| value == "0" || value == "-1");
        Self {
            program,
            target,
            unstable: !forbidden,
            version: OnceLock::new(),
            probe: OnceLock::new(),
            sysroot: OnceLock::new(),
        }
    }

    /// The environment variables that tables depend on. The compiler that cargo uses is none of them, since cargo starts
    /// over when it changes, and wrappers do not change what is compiled.
    pub(crate) const VARIABLES: [&'static str; 3] = ["STENCIL_RUSTC", Self::FOREIGN, "RUSTC_BOOTSTRAP"];

    /// Names another compiler for the stencils of architectures other than the target's.
    const FOREIGN: &'static str = "STENCIL_FOREIGN_RUSTC";

    /// Forbids unstable features, as `RUSTC_BOOTSTRAP=0` does.
    #[must_use]
    pub fn stable_only(mut self) -> Self {
        self.unstable = false;
        self
    }

    /// Whether unstable features may be tried, which the wide convention needs.
    #[must_use]
    pub fn allows_unstable(&self) -> bool {
        self.unstable
    }

    /// Compiles for another target. When the compiler was installed without `core` for it, it is built from the compiler's
    /// sources, if these are installed.
    #[must_use]
    pub fn for_target(mut self, triple: impl Into<String>) -> Self {
        self.target = triple.into();
        // What the old target's probes found says nothing.
        self.probe = OnceLock::new();
        self.sysroot = OnceLock::new();
        self
    }

    /// Compiles for another target, by the compiler that `STENCIL_FOREIGN_RUSTC` names, if any, else as
    /// [`Toolchain::for_target`] says.
    #[must_use]
    pub fn foreign(self, triple: impl Into<String>) -> Self {
        let mut toolchain = self.for_target(triple);
        if let Some(rustc) = std::env::var_os(Self::FOREIGN).filter(|value| !value.is_empty()) {
            toolchain.program = vec![rustc];
            toolchain.version = OnceLock::new();
        }
        toolchain
    }

    /// Compiles for an architecture, as tables are that are checked in: for the target itself when it has it and its
    /// objects are ELF, else for Linux, by the compiler that `STENCIL_FOREIGN_RUSTC` names, if any.
    pub(crate) fn for_architecture(&self, architecture: Architecture) -> Self {
        if self.format() == Format::Elf && self.architecture().is_ok_and(|own| own == architecture) {
            return self.clone();
        }
        let triple = match architecture {
            Architecture::X86_64 => "x86_64-unknown-linux-gnu",
            Architecture::Aarch64 => "aarch64-unknown-linux-gnu",
            Architecture::Riscv64 => "riscv64gc-unknown-linux-gnu",
        };
        self.clone().foreign(triple)
    }

    /// Makes sure that there is a `core` for the target; what has to be built for it goes into `folder`, or into cargo's
    /// target folder if this program stands in one.
    ///
    /// # Errors
    /// [`Error::NoCore`] when there is none and nothing to build it from.
    pub(crate) fn prepare(&self, folder: &Path) -> Result<(), Error> {
        if self.sysroot.get().is_none() {
            let sysroot = core::sysroot(self, folder)?;
            self.sysroot.get_or_init(|| sysroot);
        }
        Ok(())
    }

    /// Runs the compiler through a wrapper, as `RUSTC_WRAPPER` does.
    #[cfg(test)]
    pub(crate) fn wrapped_in(mut self, wrapper: &Path) -> Self {
        self.program.insert(0, wrapper.into());
        self
    }

    /// The target triple.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The architecture of the target.
    pub(crate) fn architecture(&self) -> Result<Architecture, Error> {
        match self.target.split('-').next() {
            Some("x86_64") => Ok(Architecture::X86_64),
            Some("aarch64") => Ok(Architecture::Aarch64),
            Some("riscv64gc") => Ok(Architecture::Riscv64),
            _ => Err(Error::Target { target: self.target.clone() }),
        }
    }

    /// The format of the target's objects.
    pub(crate) fn format(&self) -> Format {
        let format = |part| match part {
            "apple" => Some(Format::MachO),
            "windows" | "uefi" | "cygwin" => Some(Format::Coff),
            _ => None,
        };
        self.target.split('-').find_map(format).unwrap_or_default()
    }

    /// Whether the compiler has what the wide convention needs; if not, why. Tried once, in `folder`.
    pub(crate) fn probe_unstable(&self, folder: &Path) -> Result<Result<(), String>, Error> {
        if let Some(known) = self.probe.get() {
            return Ok(known.clone());
        }
        let result = if self.unstable {
            fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
            let (source, object) = (folder.join("probe.rs"), folder.join("probe.o"));
            fs::write(&source, PROBE).map_err(Error::io("write", &source))?;
            let flags = ["--edition=2024", "--crate-type=lib", "--emit=obj", "-Copt-level=3", "-Cpanic=abort"];
            let compiled = self.compile(&source, &object, &flags.map(str::to_owned), true)?;
            let first = compiled.errors.first().map_or(compiled.status, Message::text);
            if compiled.success { Ok(()) } else { Err(format!("the compiler cannot make one ({first})")) }
        } else {
            Err("RUSTC_BOOTSTRAP forbids the unstable features that it needs".to_owned())
        };
        Ok(self.probe.get_or_init(|| result).clone())
    }

    /// The compiler's version and that of LLVM, as a table records them.
    ///
    /// # Errors
    /// When the compiler cannot be started.
    pub fn compiler(&self) -> Result<&str, Error> {
        self.version().map(|version| version.text.as_str())
    }

    fn version(&self) -> Result<&Version, Error> {
        if let Some(version) = self.version.get() {
            return Ok(version);
        }
        let program = self.rustc();
        let mut command = Command::new(&program);
        command.arg("-vV");
        let output = run(&mut command)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let first = text.lines().next().filter(|line| line.starts_with("rustc "));
        let (Some(first), Some(host)) = (first, field("host:")) else {
            return Err(Error::Compiler {
                program: program.to_string_lossy().into_owned(),
                status: output.status.to_string(),
                output: format!("{text}{}", String::from_utf8_lossy(&output.stderr)),
            });
        };
        let text = match field("LLVM version:") {
            Some(llvm) => format!("{first}, LLVM {llvm}"),
            None => first.to_owned(),
        };
        let version = Version { text, host: host.to_owned() };
        Ok(self.version.get_or_init(|| version))
    }

    /// The compiler itself.
    fn rustc(&self) -> OsString {
        self.program.last().cloned().unwrap_or_default()
    }

    /// Compiles a crate to an object, after [`Toolchain::prepare`]. `unstable` lets this one process use unstable features.
    pub(crate) fn compile(
        &self,
        root: &Path,
        object: &Path,
        flags: &[String],
        unstable: bool,
    ) -> Result<Compiled, Error> {
        let mut program = self.program.iter();
        let mut command = Command::new(program.next().cloned().unwrap_or_default());
        command.args(program).arg(root).arg("-o").arg(object).args(["--target", &self.target]).args(flags);
        if let Some(Some(sysroot)) = self.sysroot.get() {
            command.arg("--sysroot").arg(sysroot);
        }
        command.args(["--error-format=json", "--cap-lints=allow"]);
        command.env_remove("RUSTC_BOOTSTRAP");
        if unstable {
            command.env("RUSTC_BOOTSTRAP", "1");
        }
        let output = run(&mut command)?;
        let (mut errors, mut text) = (Vec::new(), String::new());
        for line in String::from_utf8_lossy(&output.stderr).lines() {
            let message = Message::parse(line);
            text.push_str(&message.as_ref().map_or_else(|| line.to_owned(), Message::text));
            text.push('\n');
            errors.extend(message.filter(Message::is_error));
        }
        Ok(Compiled { success: output.status.success(), errors, text, status: output.status.to_string() })
    }

    /// The program's name, for messages.
    pub(crate) fn name(&self) -> String {
        self.program.last().map(|program| program.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

fn run(command: &mut Command) -> Result<Output, Error> {
    command
        .stdin(Stdio::null())
        .output()
        .map_err(|source| Error::Start { program: command.get_program().to_string_lossy().into_owned(), source })
}
