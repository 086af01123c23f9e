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
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use stencil_syntax::ast::OpSet;
use stencil_syntax::expand::{Expansion, StencilFunction};
use stencil_syntax::print::{Printed, print};

/// Stencils per crate: enough that compiling the op set itself costs little beside them, few enough that the work
/// divides among processes.
const CHUNK: usize = 400;

/// One crate to compile.
#[derive(Debug)]
pub(crate) struct Chunk {
    /// The crate's name.
    pub(crate) name: String,
    /// Op and variant of each stencil, by the line that its text starts on, ascending.
    pub(crate) functions: Vec<(usize, usize, usize)>,
    /// Whether the functions keep a frame of their own, so that a call out of them leaves a whole chain of frames.
    pub(crate) frame_pointers: bool,
    text: String,
}

/// All crates of a set for one table.
#[derive(Debug)]
pub(crate) struct Sources {
    /// The author's items with their places.
    pub(crate) ops: Printed,
    /// The crates.
    pub(crate) chunks: Vec<Chunk>,
    support: String,
}

impl Sources {
    /// Expands a set.
    pub(crate) fn of_set(set: &OpSet, key: TableKey) -> Self {
        let Expansion { head, items, support, functions } = stencil_syntax::expand::stencils(set, key.target());
        let (calling, others): (Vec<_>, Vec<_>) =
            functions.into_iter().partition(|function| set.ops[function.op].calls_host());
        let mut chunks = Vec::new();
        for (functions, frame_pointers) in [(others, false), (calling, true)] {
            for functions in functions.chunks(CHUNK) {
                chunks.push(chunk(chunks.len(), &head, functions, frame_pointers));
            }
        }
        Self { ops: print(items, 0), chunks, support }
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
        let put = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::write(&path, text).map_err(Error::io("write", &path))
        };
        put("prelude.rs", stencil_table::prelude::SOURCE)?;
        put("ops.rs", &self.ops.text)?;
        put("support.rs", &self.support)?;
        self.chunks.iter().try_for_each(|chunk| put(&format!("{}.rs", chunk.name), &chunk.text))
    }
}

impl Chunk {
    /// Where the crate's root is.
    pub(crate) fn path(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.rs", self.name))
    }

    /// The op whose stencil stands on a line of the crate's root.
    pub(crate) fn op_at(&self, line: usize) -> Option<usize> {
        let after = self.functions.partition_point(|(start, ..)| *start <= line);
        self.functions.get(after.checked_sub(1)?).map(|(_, op, _)| *op)
    }
}

fn chunk(number: usize, head: &str, functions: &[StencilFunction], frame_pointers: bool) -> Chunk {
    let mut text = format!(
        "{head}mod prelude {{\n    include!(\"prelude.rs\");\n}}\nmod ops {{\n    include!(\"ops.rs\");\n    \
         mod stencils {{\n        include!(\"support.rs\");\n"
    );
    let mut line = text.matches('\n').count() + 1;
    let mut starts = Vec::with_capacity(functions.len());
    for function in functions {
        starts.push((line, function.op, function.variant));
        text.push_str(&function.text);
        line += function.text.matches('\n').count();
    }
    let _ = writeln!(text, "}}\n}}");
    Chunk { name: format!("chunk_{number:02}"), functions: starts, frame_pointers, text }
}
