//! The crates that are compiled: the expansion as files. All chunks of a set include the same three files, and each has
//! its own stencils.
//!
//! ```text
//! prelude.rs    what op bodies see
//! ops.rs        the author's items and the plain functions, with the author's lines
//! support.rs    hole symbols, and macros that read holes
//! chunk_00.rs   a crate: the first stencils
//! chunk_01.rs   …
//! ```

use crate::Error;
use crate::key::TableKey;
use std::fs;
use std::path::{Path, PathBuf};
use stencil_syntax::ast::OpSet;
use stencil_syntax::expand::{self, Expansion, Holes, StencilFunction, Style};
use stencil_syntax::layout::Format;
use stencil_syntax::print::{Printed, print};

/// Stencils per crate: enough that compiling the op set itself costs little beside them, few enough that the work
/// divides among processes.
const CHUNK: usize = 400;

/// The root of a crate without stencils.
const PLAIN: &str = "#![allow(warnings)]
mod prelude {
    include!(\"prelude.rs\");
}
mod ops {
    include!(\"ops.rs\");
}
";

/// One crate to compile.
#[derive(Debug)]
pub(crate) struct Chunk {
    /// The crate's name.
    pub(crate) name: String,
    /// Its stencils.
    pub(crate) functions: Vec<StencilFunction>,
    /// Whether the functions keep a frame of their own, so that they leave the machine's frame pointer alone.
    pub(crate) frame_pointers: bool,
    text: String,
    /// The line that each stencil's text starts on.
    lines: Vec<usize>,
}

/// All crates of a set for one table.
#[derive(Debug)]
pub(crate) struct Sources {
    /// The author's items with their places.
    pub(crate) ops: Printed,
    /// The crates.
    pub(crate) chunks: Vec<Chunk>,
    head: String,
    support: String,
}

impl Sources {
    /// Expands a set for objects of a format, with holes read as an option says.
    pub(crate) fn of_set(set: &OpSet, key: TableKey, format: Format, holes: Holes) -> Self {
        let style = Style { holes, ..Style::new(key.target(), format) };
        let Expansion { head, items, support, functions } = expand::stencils(set, style);
        let chunks = chunks(0, &head, &functions, false);
        Self { ops: print(items, 0), chunks, head, support }
    }

    /// Crates with some of the stencils, which are to keep a frame of their own this time. Most never need one: the
    /// compiler takes the frame pointer for a value only where it is short of registers that survive a host call.
    pub(crate) fn with_frames(&self, wanted: &[(usize, usize)]) -> Vec<Chunk> {
        let all = self.chunks.iter().flat_map(|chunk| &chunk.functions);
        let wanted = all.filter(|function| wanted.contains(&(function.op, function.variant)));
        chunks(self.chunks.len(), &self.head, &wanted.cloned().collect::<Vec<_>>(), true)
    }

    /// Writes a crate of the author's items and the plain functions alone, as they stand in the author's crate too, and
    /// returns its path.
    pub(crate) fn write_plain(&self, folder: &Path) -> Result<PathBuf, Error> {
        put(folder, "plain.rs", PLAIN)?;
        Ok(folder.join("plain.rs"))
    }

    /// Every text that the machine code depends on, in a fixed order.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let shared = [stencil_table::prelude::SOURCE, &self.ops.text, &self.support];
        shared.into_iter().chain(self.chunks.iter().map(|chunk| chunk.text.as_str()))
    }

    /// Writes the files into a folder that has nothing else in it.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), Error> {
        if folder.exists() {
            fs::remove_dir_all(folder).map_err(Error::io("empty", folder))?;
        }
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        put(folder, "prelude.rs", stencil_table::prelude::SOURCE)?;
        put(folder, "ops.rs", &self.ops.text)?;
        put(folder, "support.rs", &self.support)
    }
}

impl Chunk {
    /// Writes the crate's root beside the other files and returns its path.
    pub(crate) fn write(&self, folder: &Path) -> Result<PathBuf, Error> {
        let name = format!("{}.rs", self.name);
        put(folder, &name, &self.text)?;
        Ok(folder.join(name))
    }

    /// The op whose stencil stands on a line of the crate's root.
    pub(crate) fn op_at(&self, line: usize) -> Option<usize> {
        let after = self.lines.partition_point(|start| *start <= line);
        self.functions.get(after.checked_sub(1)?).map(|function| function.op)
    }
}

fn put(folder: &Path, name: &str, text: &str) -> Result<(), Error> {
    let path = folder.join(name);
    fs::write(&path, text).map_err(Error::io("write", &path))
}

fn chunks(first: usize, head: &str, functions: &[StencilFunction], frame_pointers: bool) -> Vec<Chunk> {
    let chunks = functions.chunks(CHUNK).enumerate();
    chunks.map(|(number, functions)| chunk(first + number, head, functions, frame_pointers)).collect()
}

fn chunk(number: usize, head: &str, functions: &[StencilFunction], frame_pointers: bool) -> Chunk {
    let mut text = format!(
        "{head}mod prelude {{\n    include!(\"prelude.rs\");\n}}\nmod ops {{\n    include!(\"ops.rs\");\n    \
         mod stencils {{\n        include!(\"support.rs\");\n"
    );
    let mut line = text.matches('\n').count() + 1;
    let mut lines = Vec::with_capacity(functions.len());
    for function in functions {
        lines.push(line);
        text.push_str(&function.text);
        line += function.text.matches('\n').count();
    }
    text.push_str("    }\n}\n");
    Chunk { name: format!("chunk_{number:02}"), functions: functions.to_vec(), frame_pointers, text, lines }
}
