//! From an expanded set to its table: run the compiler on every chunk, read the objects, check every stencil.

use crate::arch::{self, Backend, Context};
use crate::fault::Fault;
use crate::findings::Findings;
use crate::key::TableKey;
use crate::lines::{ObjectLines, StencilLines};
use crate::machine::Extracted;
use crate::object::{Access, Object};
use crate::pipeline::Timing;
use crate::pool::Pool;
use crate::rustc::{Compiled, Message, Toolchain};
use crate::sources::{Chunk, Sources};
use crate::table::Stencils;
use crate::{Error, Options, parallel};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use stencil_syntax::ast::OpSet;
use stencil_syntax::expand::{Holes, StencilFunction};
use stencil_syntax::layout::Format;
use stencil_syntax::variants::{self, Place};
use stencil_table::Convention;

/// What compiling a set came to.
pub(crate) struct Outcome {
    /// The stencils of all ops that nothing is wrong with.
    pub(crate) stencils: Stencils,
    /// Their constants.
    pub(crate) pool: Pool,
    /// The lines of their instructions, if they were compiled with debug information.
    pub(crate) lines: StencilLines,
    /// How long the compiler ran.
    pub(crate) timing: Timing,
}

/// Stencils are no functions any more: what says how to unwind them would be wrong.
const UNWIND_TABLES: &str = "-Cforce-unwind-tables=no";

/// The flags that a set is compiled with.
pub(crate) fn flags(backend: &dyn Backend, key: TableKey, format: Format, holes: Holes) -> Vec<String> {
    let fixed = [
        "--edition=2024",
        "--crate-type=lib",
        "--emit=obj",
        "-Copt-level=3",
        "-Cpanic=abort",
        "-Ccodegen-units=1",
        "-Cdebuginfo=0",
        "-Cembed-bitcode=no",
        UNWIND_TABLES,
        // An overflow that can happen shows as a panic, which is refused: debug and release cannot differ.
        "-Coverflow-checks=on",
        "-Cdebug-assertions=off",
        // Tables in memory cannot be copied.
        "-Cjump-tables=no",
    ];
    // On Windows every function that moves the stack has them.
    let fixed = fixed.into_iter().filter(|flag| format != Format::Coff || *flag != UNWIND_TABLES);
    let mut flags: Vec<String> = fixed.map(str::to_owned).chain(backend.flags(key.level)).collect();
    if holes == Holes::FarAddresses {
        flags.push("-Ccode-model=medium".to_owned());
    }
    flags
}

/// One table's compilation.
pub(crate) struct Job<'a> {
    pub(crate) set: &'a OpSet,
    pub(crate) sources: &'a Sources,
    pub(crate) key: TableKey,
    /// Where the expansion and the objects go.
    pub(crate) folder: &'a Path,
    pub(crate) toolchain: &'a Toolchain,
    pub(crate) options: &'a Options,
    /// Whether to compile with debug information. It changes the code of some stencils that have a frame.
    pub(crate) debug: bool,
}

impl Job<'_> {
    /// Writes the expansion, compiles it and takes the stencils.
    pub(crate) fn run(&self, findings: &mut Findings) -> Result<Outcome, Error> {
        self.sources.write(self.folder)?;
        let timing = Timing { processes: Duration::ZERO, elapsed: Duration::ZERO };
        let (stencils, lines) = (Stencils::new(), StencilLines::default());
        let mut outcome = Outcome { stencils, pool: Pool::default(), lines, timing };
        let framed = self.compile(&self.sources.chunks, findings, &mut outcome)?;
        self.compile(&self.sources.with_frames(&framed), findings, &mut outcome)?;
        Ok(outcome)
    }

    /// Compiles chunks and takes their stencils. Returns those that need a frame of their own.
    fn compile(
        &self,
        chunks: &[Chunk],
        findings: &mut Findings,
        outcome: &mut Outcome,
    ) -> Result<Vec<(usize, usize)>, Error> {
        let backend = arch::backend(self.key.architecture);
        let mut flags = flags(backend, self.key, self.toolchain.format(), self.options.holes);
        if self.debug {
            // The last one of its kind counts.
            flags.push("-Cdebuginfo=line-tables-only".to_owned());
        }
        let (folder, toolchain, wide) = (self.folder, self.toolchain, self.key.convention == Convention::Wide);
        let start = Instant::now();
        let results = parallel::map(chunks, |chunk| compile_one(chunk, folder, toolchain, &flags, wide));
        outcome.timing.elapsed += start.elapsed();
        let mut framed = Vec::new();
        let mut failed = Vec::new();
        for (chunk, result) in chunks.iter().zip(results) {
            let (path, compiled, time) = result?;
            outcome.timing.processes += time;
            if compiled.success {
                let object = Object::read(&path)?;
                let lines = self.debug.then(|| ObjectLines::read(&path)).transpose()?;
                self.take(chunk, (&object, lines.as_ref()), backend, findings, outcome, &mut framed)?;
                fs::remove_file(&path).map_err(Error::io("remove", &path))?;
            } else {
                failed.push((chunk, compiled));
            }
        }
        let repeated = if failed.is_empty() { Vec::new() } else { self.errors_without_stencils()? };
        for (chunk, compiled) in failed {
            if !findings.compiler(self.set, self.sources, chunk, &compiled.errors, &repeated) {
                let program = self.toolchain.name();
                return Err(Error::Compiler { program, status: compiled.status, output: compiled.text });
            }
        }
        Ok(framed)
    }

    /// What the compiler says about the set as it stands in the author's crate.
    fn errors_without_stencils(&self) -> Result<Vec<Message>, Error> {
        let root = self.sources.write_plain(self.folder)?;
        let mut flags: Vec<String> =
            ["--edition=2024", "--crate-type=lib", "--emit=metadata"].map(str::to_owned).to_vec();
        flags.push(remap(self.folder));
        Ok(self.toolchain.compile(&root, &root.with_extension("rmeta"), &flags, false)?.errors)
    }

    /// Checks the stencils of an object and keeps those that pass. Those that only need a frame of their own, and had
    /// none, are added to `framed`.
    fn take(
        &self,
        chunk: &Chunk,
        (object, lines): (&Object, Option<&ObjectLines>),
        backend: &dyn Backend,
        findings: &mut Findings,
        outcome: &mut Outcome,
        framed: &mut Vec<(usize, usize)>,
    ) -> Result<(), Error> {
        for StencilFunction { op, variant, .. } in &chunk.functions {
            let (op, variant) = (*op, *variant);
            let definition = &self.set.ops[op];
            let Some(function) = object.stencils.get(&(op, variant)) else {
                return Err(Error::Missing { op: definition.ident.to_string(), variant });
            };
            let values: Vec<String> =
                definition.values().iter().map(|value| definition.value_ident(*value).to_string()).collect();
            let context = Context {
                key: self.key,
                sections: &object.sections,
                calls_host: definition.calls_host(),
                frame_limit: self.options.frame_limit,
                values: &values,
            };
            match backend.take(function, &context, &mut outcome.pool) {
                Ok(Extracted { stencil, origins }) => {
                    if let Some(lines) = lines {
                        let head = definition.ident.span().start().line as u32;
                        let found = lines.of_stencil((op, variant), &origins, &self.sources.ops, head);
                        outcome.lines.insert((op, variant), found, stencil.code.len());
                    }
                    outcome.stencils.insert((op, variant), stencil);
                }
                Err(faults) if faults == [Fault::FramePointer] && !chunk.frame_pointers => framed.push((op, variant)),
                // A short literal is a constant to the compiler, which folds it into fields of another sense and forgets
                // what it was compared with. The wide form serves the op then; what is wrong with that is reported.
                Err(_) if self.is_short(op, variant) => {}
                Err(faults) => faults.into_iter().for_each(|fault| findings.fault(op, variant, fault)),
            }
        }
        let initializers = object.sections.iter().filter(|section| section.access == Access::Initializer);
        initializers.for_each(|section| findings.set_fault(&Fault::Initializer { name: section.name.clone() }));
        Ok(())
    }

    /// Whether a variant has a literal in its short form, which some other variant serves too.
    fn is_short(&self, op: usize, variant: usize) -> bool {
        let axes = variants::axes(self.set, &self.set.ops[op], self.key.target());
        variants::places(&axes, variant).is_some_and(|places| places.contains(&Place::Short))
    }
}

/// Keeps the place of the build out of what is compiled.
fn remap(folder: &Path) -> String {
    format!("--remap-path-prefix={}=", folder.display())
}

/// Compiles one chunk to the object at the returned path.
fn compile_one(
    chunk: &Chunk,
    folder: &Path,
    toolchain: &Toolchain,
    flags: &[String],
    unstable: bool,
) -> Result<(PathBuf, Compiled, Duration), Error> {
    let root = chunk.write(folder)?;
    let object = root.with_extension("o");
    let mut flags = flags.to_vec();
    flags.push(format!("--crate-name={}", chunk.name));
    flags.push(remap(folder));
    if chunk.frame_pointers {
        flags.push("-Cforce-frame-pointers=yes".to_owned());
    }
    let start = Instant::now();
    let compiled = toolchain.compile(&root, &object, &flags, unstable)?;
    Ok((object, compiled, start.elapsed()))
}
