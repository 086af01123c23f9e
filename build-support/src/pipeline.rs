//! All tables of one op set.

use crate::compile::{self, Job};
use crate::digest::{self, Digest};
use crate::findings::{Findings, Found};
use crate::key::TableKey;
use crate::rustc::Toolchain;
use crate::source::{self, SetSource};
use crate::sources::Sources;
use crate::table::{self, Facts};
use crate::{Error, Options, arch, unused};
use std::path::Path;
use std::time::Duration;
use stencil_syntax::Finding;
use stencil_syntax::ast::OpSet;
use stencil_syntax::layout::Format;
use stencil_table::{Architecture, Convention, OpLines, Table, TableBytes, WriteError};

/// An op set with its tables, or with what is wrong with it.
#[derive(Debug)]
pub struct CompiledSet {
    /// The table's name, as `#[stencils(table = …)]` gives it.
    pub name: String,
    /// The tables, the best first; none when something is wrong.
    pub tables: Vec<CompiledTable>,
    /// What is wrong with ops and only compiling stencils shows.
    pub findings: Vec<Finding>,
    /// What is wrong with ops and is said when the crate that the set stands in is compiled, by the macro or the
    /// compiler.
    pub repeated: Vec<Finding>,
    /// What the author should know, such as that there is no wide table.
    pub warnings: Vec<String>,
}

/// A table and how it was made.
#[derive(Debug)]
pub struct CompiledTable {
    /// What it is for.
    pub key: TableKey,
    /// The table.
    pub bytes: TableBytes,
    /// How long the compiler ran; `None` when the table was there already.
    pub timing: Option<Timing>,
    /// The lines of its stencils, if they were asked for, see [`Options::lines`], and are known.
    pub lines: Option<OpLines>,
}

/// How long the compiler ran for a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// All processes together.
    pub processes: Duration,
    /// From the start of the first to the end of the last.
    pub elapsed: Duration,
}

/// A table that is wanted.
pub(crate) struct Plan {
    pub(crate) key: TableKey,
    /// What it is made of here.
    pub(crate) digest: Digest,
    /// The same for tables that are checked in, which always come from ELF objects.
    pub(crate) shipped: Digest,
    sources: Sources,
}

/// Compiles every op set of a source text. `file` is what messages and tables call it; intermediate files go into
/// `folder`, whose contents are replaced.
///
/// # Errors
/// [`Error`] for faults of the environment; what is wrong with ops is in [`CompiledSet::findings`].
pub fn compile_set(
    file: &str,
    text: &str,
    options: &Options,
    toolchain: &Toolchain,
    folder: &Path,
) -> Result<Vec<CompiledSet>, Error> {
    let sets = source::op_sets(file, text)?;
    sets.iter().map(|set| compile_one(file, set, options, toolchain, folder, &mut |_| Ok(None))).collect()
}

/// Gives a table that need not be compiled, and its lines if there are any.
pub(crate) type Known<'a> = dyn FnMut(&Plan) -> Result<Option<(TableBytes, Option<OpLines>)>, Error> + 'a;

/// The tables of one set; `known` gives those that need not be compiled.
pub(crate) fn compile_one(
    file: &str,
    source: &SetSource,
    options: &Options,
    toolchain: &Toolchain,
    folder: &Path,
    known: &mut Known<'_>,
) -> Result<CompiledSet, Error> {
    let mut compiled = CompiledSet {
        name: source.table.clone(),
        tables: Vec::new(),
        findings: Vec::new(),
        repeated: Vec::new(),
        warnings: Vec::new(),
    };
    let set = match &source.set {
        Ok(set) => set,
        Err(mistakes) => {
            compiled.repeated.clone_from(mistakes);
            return Ok(compiled);
        }
    };
    let architecture = toolchain.architecture()?;
    let mut open = options.keys(architecture);
    open.reverse();
    while let Some(key) = open.pop() {
        let plan = plan(file, set, key, toolchain.format(), options);
        if let Some((bytes, lines)) = known(&plan)? {
            compiled.tables.push(CompiledTable { key, bytes, timing: None, lines });
            continue;
        }
        toolchain.prepare(folder)?;
        if key.convention == Convention::Wide
            && let Err(reason) = toolchain.probe_unstable(folder)?
        {
            let portable = TableKey { convention: Convention::Portable, ..key };
            compiled.warnings.push(format!(
                "no wide table for `{}`: {reason}; programs use the portable table, which has fewer registers",
                source.table
            ));
            if !open.contains(&portable) && compiled.tables.iter().all(|table| table.key != portable) {
                open.insert(0, portable);
            }
            continue;
        }
        let folder = folder.join(format!("{}.{}", source.table, key.stem()));
        match build(file, set, plan, options, toolchain, &folder)? {
            Ok(table) => compiled.tables.push(table),
            Err(found) => {
                add(&mut compiled.findings, found.findings);
                add(&mut compiled.repeated, found.repeated);
            }
        }
    }
    if !compiled.findings.is_empty() || !compiled.repeated.is_empty() {
        compiled.tables.clear();
    }
    Ok(compiled)
}

/// The tables that a set of sources would make for an architecture, without making them.
pub(crate) fn plans(file: &str, source: &SetSource, options: &Options, architecture: Architecture) -> Vec<Plan> {
    let keys = options.keys(architecture).into_iter();
    let of_set = |set| keys.map(move |key| plan(file, set, key, Format::Elf, options)).collect();
    source.set.as_ref().map(of_set).unwrap_or_default()
}

/// Adds what is not there yet: most mistakes show in every table.
fn add(all: &mut Vec<Finding>, found: Vec<Finding>) {
    for finding in found {
        if !all.contains(&finding) {
            all.push(finding);
        }
    }
}

fn plan(file: &str, set: &OpSet, key: TableKey, format: Format, options: &Options) -> Plan {
    let made_of = |format| {
        let sources = Sources::of_set(set, key, format, options.holes);
        let flags = compile::flags(arch::backend(key.architecture), key, format, options.holes);
        let digest = digest::of_sources(file, &sources, key, &flags, options.frame_limit);
        (sources, digest)
    };
    let (sources, digest) = made_of(format);
    let shipped = if format == Format::Elf { digest } else { made_of(Format::Elf).1 };
    Plan { key, digest, shipped, sources }
}

fn build(
    file: &str,
    set: &OpSet,
    plan: Plan,
    options: &Options,
    toolchain: &Toolchain,
    folder: &Path,
) -> Result<Result<CompiledTable, Found>, Error> {
    let Plan { key, digest, sources, .. } = plan;
    let mut findings = Findings::default();
    let job = Job { set, sources: &sources, key, folder, toolchain, options, debug: false };
    let outcome = job.run(&mut findings)?;
    unused::check(set, key, &outcome.stencils, &mut findings);
    let found = findings.finish(set, key.target());
    if !found.findings.is_empty() || !found.repeated.is_empty() {
        return Ok(Err(found));
    }
    let facts = Facts { key, file, digest, compiler: toolchain.compiler()? };
    let timing = Some(outcome.timing);
    let lines = if options.lines && toolchain.format() == Format::Elf {
        // What is wrong with stencils has been said.
        let mut debug = Job { debug: true, ..job }.run(&mut Findings::default())?;
        debug.lines.retain(|stencil| match (debug.stencils.get(&stencil), outcome.stencils.get(&stencil)) {
            (Some(debug), Some(stencil)) => debug.code == stencil.code,
            _ => false,
        });
        Some(debug.lines)
    } else {
        None
    };
    match table::write(set, &facts, outcome) {
        Ok(bytes) => {
            let lines = lines.and_then(|lines| Some(lines.of_table(&Table::parse(&bytes).ok()?)));
            Ok(Ok(CompiledTable { key, bytes, timing, lines }))
        }
        Err(error @ WriteError::TooLarge { .. }) => {
            Ok(Err(Found { findings: vec![too_large(set, &error)], repeated: Vec::new() }))
        }
        Err(source) => Err(Error::Write { table: set.args.table.clone(), source }),
    }
}

/// A number that the table has no room for, at the op that it counts something of.
fn too_large(set: &OpSet, error: &WriteError) -> Finding {
    let name = match error {
        WriteError::TooLarge { op, .. } => op.as_str(),
        _ => "",
    };
    let ident = set.ops.iter().map(|op| &op.ident).find(|ident| **ident == name);
    let place = ident.map(|ident| ident.span().start());
    let (line, column) = place.map_or((0, 0), |place| (place.line, place.column));
    Finding { op: name.to_owned(), line, column, message: error.to_string() }
}
