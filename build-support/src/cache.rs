//! Tables that need not be compiled: those of the last build, and those that are checked in.

use crate::digest::Digest;
use crate::pipeline::{CompiledSet, CompiledTable, Plan};
use crate::rustc::Toolchain;
use crate::{Error, output};
use std::fs;
use std::path::{Path, PathBuf};
use stencil_table::{OpLines, Table, TableBytes, TableError};

/// What is done about tables that are there already: the variable `STENCIL_TABLES`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Not set: a table that fits the sources is taken, the checked-in one first.
    Take,
    /// `shipped`: the checked-in tables or none.
    Shipped,
    /// `build`: the checked-in tables are not looked at.
    Build,
    /// `compare`: everything is compiled and must be what is checked in.
    Compare,
    /// `ship`: everything is compiled and checked in.
    Ship,
}

impl Mode {
    /// The variable's name.
    pub(crate) const VARIABLE: &'static str = "STENCIL_TABLES";

    /// The mode that the environment asks for.
    pub(crate) fn from_env() -> Result<Self, Error> {
        let value = std::env::var_os(Self::VARIABLE).unwrap_or_default();
        match value.to_str() {
            Some("") => Ok(Self::Take),
            Some("shipped") => Ok(Self::Shipped),
            Some("build") => Ok(Self::Build),
            Some("compare") => Ok(Self::Compare),
            Some("ship") => Ok(Self::Ship),
            _ => Err(Error::Variable {
                variable: Self::VARIABLE,
                value: value.to_string_lossy().into_owned(),
                expected: "it may be `shipped`, `build`, `compare` or `ship`, or unset",
            }),
        }
    }
}

/// Where tables may be found.
#[derive(Debug)]
pub(crate) struct Cache<'a> {
    pub(crate) mode: Mode,
    /// The folder with the tables of the last build.
    pub(crate) out: &'a Path,
    /// The folder with the tables that are checked in, if the op set has one.
    pub(crate) shipped: Option<PathBuf>,
}

impl Cache<'_> {
    /// The table that a plan would make, when it is there already.
    pub(crate) fn find(&self, table: &str, plan: &Plan, toolchain: &Toolchain) -> Result<Found, Error> {
        let name = plan.key.file_name(table);
        if matches!(self.mode, Mode::Take | Mode::Shipped)
            && let Some(shipped) = &self.shipped
        {
            let path = shipped.join(&name);
            let found = read(&path)?;
            let digest = found.as_ref().map(|bytes| digest_of(&path, bytes)).transpose()?.flatten();
            match found {
                Some(bytes) if digest == Some(plan.shipped) => return Ok(Some(with_lines(&path, bytes)?)),
                found if self.mode == Mode::Shipped => return Err(Error::Stale { path, missing: found.is_none() }),
                _ => {}
            }
        }
        if matches!(self.mode, Mode::Compare | Mode::Ship) {
            return Ok(None);
        }
        let path = self.out.join(&name);
        let Some(bytes) = read(&path)? else { return Ok(None) };
        // A table of an older version or one that was cut is simply made again.
        let Ok(found) = Table::parse(&bytes) else { return Ok(None) };
        let fits = found.verify_checksum().is_ok()
            && found.info().digest == plan.digest
            && found.compiler() == toolchain.compiler()?;
        if fits { Ok(Some(with_lines(&path, bytes)?)) } else { Ok(None) }
    }

    /// Compares what was compiled with what is checked in, or checks it in, as the mode says. Returns what the user
    /// should know.
    pub(crate) fn settle(&self, set: &CompiledSet) -> Result<Vec<String>, Error> {
        let Some(shipped) = &self.shipped else { return Ok(Vec::new()) };
        match self.mode {
            Mode::Take | Mode::Shipped | Mode::Build => Ok(Vec::new()),
            Mode::Compare => {
                set.tables.iter().filter_map(|table| self.compare(shipped, set, table).transpose()).collect()
            }
            Mode::Ship => {
                fs::create_dir_all(shipped).map_err(Error::io("create", shipped))?;
                let ship = |table: &CompiledTable| {
                    let path = shipped.join(table.key.file_name(&set.name));
                    output::put(&path, &table.bytes)?;
                    if let Some(lines) = &table.lines {
                        output::put(&path.with_extension("lines"), &lines.to_bytes())?;
                    }
                    Ok(format!("wrote {}; check it in", path.display()))
                };
                set.tables.iter().map(ship).collect()
            }
        }
    }

    /// Whether a checked-in table was made from the sources of a plan.
    ///
    /// # Errors
    /// When it was not, or there is none.
    pub(crate) fn check_digest(&self, table: &str, plan: &Plan) -> Result<(), Error> {
        let Some(shipped) = &self.shipped else { return Ok(()) };
        let path = shipped.join(plan.key.file_name(table));
        let Some(bytes) = read(&path)? else { return Err(Error::Stale { path, missing: true }) };
        if digest_of(&path, &bytes)? == Some(plan.shipped) {
            Ok(())
        } else {
            Err(Error::Stale { path, missing: false })
        }
    }

    fn compare(&self, shipped: &Path, set: &CompiledSet, table: &CompiledTable) -> Result<Option<String>, Error> {
        let path = shipped.join(table.key.file_name(&set.name));
        let Some(bytes) = read(&path)? else { return Err(Error::Stale { path, missing: true }) };
        if *bytes == *table.bytes {
            return Ok(None);
        }
        let new = parse(&path, &table.bytes)?;
        if digest_of(&path, &bytes)? != Some(new.info().digest) {
            return Err(Error::Stale { path, missing: false });
        }
        let old = parse(&path, &bytes)?;
        if old.compiler() == new.compiler() {
            return Err(Error::Differs { path, compiler: old.compiler().to_owned() });
        }
        Ok(Some(format!(
            "NOT COMPARED: {} was made by {}, this is {}; both were made from the same sources",
            path.display(),
            old.compiler(),
            new.compiler()
        )))
    }
}

/// A table that is there, and its lines if there are any.
type Found = Option<(TableBytes, Option<OpLines>)>;

/// A table with its lines. Those of another table, or of another version, are as good as none: debuggers alone miss them.
fn with_lines(path: &Path, bytes: TableBytes) -> Result<(TableBytes, Option<OpLines>), Error> {
    let lines = read(&path.with_extension("lines"))?.and_then(|lines| OpLines::parse(&lines).ok());
    let checksum = parse(path, &bytes)?.checksum();
    let lines = lines.filter(|lines| lines.checksum() == checksum);
    Ok((bytes, lines))
}

fn read(path: &Path) -> Result<Option<TableBytes>, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(TableBytes::copy_of(&bytes))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path)(error)),
    }
}

/// The digest of a table that is checked in; `None` when it has another format version.
fn digest_of(path: &Path, bytes: &TableBytes) -> Result<Option<Digest>, Error> {
    match parse(path, bytes) {
        Ok(table) => Ok(Some(table.info().digest)),
        Err(Error::Table { source: TableError::Version { .. }, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn parse<'a>(path: &Path, bytes: &'a TableBytes) -> Result<Table<'a>, Error> {
    let table = Table::parse(bytes).and_then(|table| table.verify_checksum().map(|()| table));
    table.map_err(|source| Error::Table { path: path.to_owned(), source })
}
