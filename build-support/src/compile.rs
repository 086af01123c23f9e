//! From an expanded set to its table: run the compiler on every chunk, read the objects, check every stencil.

use crate::arch::{self, Backend, Context};
use crate::fault::Fault;
use crate::findings::Findings;
use crate::key::TableKey;
use crate::object::Object;
use crate::pool::Pool;
use crate::rustc::{Compiled, Toolchain};
use crate::sources::{Chunk, Sources};
use crate::table::Stencils;
use crate::{Error, Options};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use stencil_syntax::ast::OpSet;
use stencil_table::Convention;

/// What compiling a set came to.
pub(crate) struct Outcome {
    /// The stencils of all ops that nothing is wrong with.
    pub(crate) stencils: Stencils,
    /// Their constants.
    pub(crate) pool: Pool,
    /// How long the compiler ran, all processes together.
    pub(crate) time: Duration,
}

/// The flags that a set is compiled with.
pub(crate) fn flags(backend: &dyn Backend, key: TableKey) -> Vec<String> {
    let fixed = [
        "--edition=2024",
        "--crate-type=lib",
        "--emit=obj",
        "-Copt-level=3",
        "-Cpanic=abort",
        "-Ccodegen-units=1",
        "-Cdebuginfo=0",
        "-Cembed-bitcode=no",
        "-Cforce-unwind-tables=no",
        // An overflow that can happen shows as a panic, which is refused: debug and release cannot differ.
        "-Coverflow-checks=on",
        "-Cdebug-assertions=off",
        // Tables in memory cannot be copied.
        "-Cjump-tables=no",
    ];
    fixed.into_iter().map(str::to_owned).chain(backend.flags(key.level)).collect()
}

/// Compiles the sources in `folder`, which [`Sources::write`] filled.
pub(crate) fn compile(
    set: &OpSet,
    sources: &Sources,
    key: TableKey,
    folder: &Path,
    toolchain: &Toolchain,
    options: &Options,
    findings: &mut Findings,
) -> Result<Outcome, Error> {
    let backend = arch::backend(key.architecture)?;
    let flags = flags(backend, key);
    let mut outcome = Outcome { stencils: Stencils::new(), pool: Pool::default(), time: Duration::ZERO };
    let results = run_all(&sources.chunks, |chunk| run(chunk, folder, &flags, key, toolchain));
    let mut objects = Vec::new();
    for (chunk, result) in sources.chunks.iter().zip(results) {
        let (object, compiled, time) = result?;
        outcome.time += time;
        if compiled.success {
            objects.push((chunk, object));
        } else if !findings.compiler(set, sources, chunk, &compiled.errors) {
            return Err(Error::Compiler { program: toolchain.name(), status: compiled.status, output: compiled.text });
        }
    }
    for (chunk, path) in objects {
        let object = Object::read(&path)?;
        take_all(set, chunk, &object, key, backend, options, findings, &mut outcome)?;
        fs::remove_file(&path).map_err(Error::io("remove", &path))?;
    }
    Ok(outcome)
}

/// Compiles one chunk.
fn run(
    chunk: &Chunk,
    folder: &Path,
    flags: &[String],
    key: TableKey,
    toolchain: &Toolchain,
) -> Result<(PathBuf, Compiled, Duration), Error> {
    let object = folder.join(format!("{}.o", chunk.name));
    let mut flags = flags.to_vec();
    flags.push(format!("--crate-name={}", chunk.name));
    flags.push(format!("--remap-path-prefix={}=", folder.display()));
    if chunk.frame_pointers {
        flags.push("-Cforce-frame-pointers=yes".to_owned());
    }
    let start = Instant::now();
    let compiled = toolchain.compile(&chunk.path(folder), &object, &flags, key.convention == Convention::Wide)?;
    Ok((object, compiled, start.elapsed()))
}

/// Applies `work` to every item, as many at a time as there are processors; the results are in the items' order.
fn run_all<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(items.len());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { return };
                    let result = work(item);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Checks the stencils of an object and keeps those that pass.
#[expect(clippy::too_many_arguments, reason = "the parts of one build, each used once")]
fn take_all(
    set: &OpSet,
    chunk: &Chunk,
    object: &Object,
    key: TableKey,
    backend: &dyn Backend,
    options: &Options,
    findings: &mut Findings,
    outcome: &mut Outcome,
) -> Result<(), Error> {
    for &(_, op, variant) in &chunk.functions {
        let definition = &set.ops[op];
        let Some(function) = object.stencils.get(&(op, variant)) else {
            return Err(Error::Missing { op: definition.ident.to_string(), variant });
        };
        let values: Vec<String> =
            definition.values().iter().map(|value| definition.value_ident(*value).to_string()).collect();
        let context = Context {
            key,
            sections: &object.sections,
            calls_host: definition.calls_host(),
            frame_limit: options.frame_limit,
            values: &values,
        };
        match backend.take(function, &context, &mut outcome.pool) {
            Ok(stencil) => {
                outcome.stencils.insert((op, variant), stencil);
            }
            Err(faults) => faults.into_iter().for_each(|fault| findings.fault(op, variant, fault)),
        }
    }
    for section in object.sections.iter().filter(|section| !section.data.is_empty()) {
        if let Some(fault) = set_wide(section) {
            findings.set_fault(&fault);
        }
    }
    Ok(())
}

/// Data that a set cannot have even when no stencil refers to it.
fn set_wide(section: &crate::object::Section) -> Option<Fault> {
    match section.access {
        crate::object::Access::Initializer => Some(Fault::Writable { name: section.name.clone() }),
        _ => None,
    }
}
