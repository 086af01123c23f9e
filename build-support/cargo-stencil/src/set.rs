//! One table, with the op set's source where that is there.

use crate::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use stencil_build_support::{TableKey, TableReport, op_sets};
use stencil_syntax::ast::{Action, Op, ParamKind, Value};
use stencil_table::{OpLines, OpRecord, Table, TableBytes};
use syn::spanned::Spanned;

/// A table in a file.
#[derive(Debug)]
pub(crate) struct TableFile {
    pub(crate) path: PathBuf,
    /// The op set's name.
    pub(crate) set: String,
    pub(crate) key: TableKey,
    bytes: TableBytes,
    /// The lines of its stencils, if they stand beside it and are those of this table.
    pub(crate) lines: Option<OpLines>,
    /// The package's folder, if the table was found in one.
    package: Option<PathBuf>,
}

impl TableFile {
    /// Reads a table and checks it. Its name is `set.architecture.convention.level.table`, or the set's is the file's.
    pub(crate) fn read(path: &Path, package: Option<&Path>) -> Result<Self, Error> {
        let bytes = TableBytes::copy_of(&fs::read(path).map_err(Error::io("read", path))?);
        let path = &fs::canonicalize(path).map_err(Error::io("find", path))?;
        let broken = |source| Error::Table { path: path.to_owned(), source };
        let table = Table::parse(&bytes).map_err(broken)?;
        table.verify_checksum().map_err(broken)?;
        let key = TableKey::of(&table);
        let lines = fs::read(path.with_extension("lines")).ok().and_then(|bytes| OpLines::parse(&bytes).ok());
        let lines = lines.filter(|lines| lines.checksum() == table.checksum());
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let set = stem.strip_suffix(&format!(".{}", key.stem())).unwrap_or(&stem).to_owned();
        Ok(Self { path: path.to_owned(), set, key, bytes, lines, package: package.map(Path::to_owned) })
    }

    /// The table.
    pub(crate) fn table(&self) -> Result<Table<'_>, Error> {
        Table::parse(&self.bytes).map_err(|source| Error::Table { path: self.path.clone(), source })
    }

    /// What reports and budgets call the table.
    pub(crate) fn name(&self) -> String {
        format!("{}.{}", self.set, self.key.stem())
    }

    /// The table's figures.
    pub(crate) fn report(&self) -> Result<TableReport, Error> {
        Ok(TableReport::of(&self.table()?, &self.set))
    }

    /// The folders that may be the package's, the likeliest first.
    pub(crate) fn packages(&self) -> impl Iterator<Item = &Path> {
        self.package.as_deref().into_iter().chain(self.path.ancestors().skip(1))
    }
}

/// An op of a table.
pub(crate) fn op<'t>(table: &Table<'t>, name: &str) -> Result<&'t OpRecord, Error> {
    let found = table.ops().iter().find(|op| table.text(op.name) == name);
    found.ok_or_else(|| {
        let names = || table.ops().iter().map(|op| table.text(op.name));
        // The ops that share a word with what was asked for, or the first ones.
        let near = |other: &&str| name.split('_').any(|word| !word.is_empty() && other.contains(word));
        let mut near: Vec<String> = names().filter(near).take(5).map(|name| format!("`{name}`")).collect();
        if near.is_empty() {
            near = names().take(5).map(|name| format!("`{name}`")).collect();
        }
        Error::NoOp { op: name.to_owned(), near }
    })
}

/// What the source says of an op, or what is known without it.
#[derive(Debug)]
pub(crate) struct OpSource {
    /// The names of the values, in the order of the table.
    pub(crate) names: Vec<String>,
    /// What each of them is.
    pub(crate) sorts: Vec<&'static str>,
    /// The lines of the op with their numbers; none without the source, and for ops that have no text of their own.
    pub(crate) lines: Vec<(usize, String)>,
    /// All lines of the file, for code that was inlined.
    pub(crate) file: Vec<String>,
    /// Why there is no source.
    pub(crate) missing: Option<String>,
}

impl OpSource {
    /// Looks for the source that a table was made from.
    pub(crate) fn of(file: &TableFile, table: &Table<'_>, op: &OpRecord) -> Self {
        let name = table.text(op.file);
        let without = |missing: String| Self::without(op, missing);
        let read = |folder: &Path| fs::read_to_string(folder.join(name)).ok();
        let Some(text) = file.packages().find_map(read) else {
            return without(format!("{name} is not beside the table"));
        };
        let text = text.replace("\r\n", "\n");
        let sets = op_sets(name, &text).unwrap_or_default();
        let set = sets.iter().find(|set| set.table == file.set).and_then(|set| set.set.as_ref().ok());
        let Some(set) = set.filter(|set| stencil_syntax::hash::of_set(set) == table.info().set_hash) else {
            return without(format!("{name} is not what the table was made from; build again"));
        };
        let Some(source) = set.ops.iter().find(|other| other.ident == table.text(op.name)) else {
            return without(format!("{name} has no such op"));
        };
        let values = source.values();
        Self {
            names: values.iter().map(|value| source.value_ident(*value).to_string()).collect(),
            sorts: values.iter().map(|value| sort(source, *value)).collect(),
            lines: lines(source, &text),
            file: text.lines().map(str::to_owned).collect(),
            missing: None,
        }
    }

    /// What the table itself says.
    fn without(op: &OpRecord, missing: String) -> Self {
        let sort = |value: u8| {
            if value < op.result_count {
                "result"
            } else if value < op.axis_count {
                "operand"
            } else if op.targets >> value & 1 != 0 {
                "target"
            } else {
                "hole"
            }
        };
        let sorts: Vec<_> = (0..op.value_count).map(sort).collect();
        let names = sorts.iter().enumerate().map(|(number, sort)| format!("{sort}{number}")).collect();
        Self { names, sorts, lines: Vec::new(), file: Vec::new(), missing: Some(missing) }
    }

    /// The name of a value.
    pub(crate) fn name(&self, value: u8) -> &str {
        self.names.get(usize::from(value)).map_or("?", String::as_str)
    }
}

fn sort(op: &Op, value: Value) -> &'static str {
    match value {
        Value::Result(_) => "result",
        Value::Param(param) => match op.params[param].kind {
            ParamKind::Operand { .. } => "operand",
            ParamKind::Hole(_) => "hole",
            ParamKind::Label => "label",
            ParamKind::Exit => "exit",
            ParamKind::Callee => "callee",
            ParamKind::Fixed => "fixed",
        },
    }
}

/// The lines of an op, from its documentation to its end.
fn lines(op: &Op, text: &str) -> Vec<(usize, String)> {
    let end = match &op.action {
        Action::Body(block) => block.brace_token.span.close().end().line,
        Action::Fused(_) => op.ident.span().end().line,
        Action::Move | Action::Stash | Action::Unstash => return Vec::new(),
    };
    let starts = op.attrs.iter().map(|attr| attr.span().start().line).chain([op.ident.span().start().line]);
    let start = starts.min().unwrap_or(end);
    let lines = text.lines().zip(1..).skip(start - 1).take(end + 1 - start);
    lines.map(|(line, number)| (number, line.to_owned())).collect()
}
