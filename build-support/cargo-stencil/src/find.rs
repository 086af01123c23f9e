//! The tables that a command is about: a file, or what a package ships and what it was built with last.

use crate::cli::Tables;
use crate::error::Error;
use crate::set::TableFile;
use clap::Args;
use serde::Deserialize;
use std::cmp::Reverse;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;
use std::{env, fs};
use stencil_build_support::{Finding, TableKey};
use stencil_table::Convention;

/// Which of several tables.
#[derive(Debug, Args)]
pub(crate) struct Selection {
    /// Only tables for this architecture: x86_64, aarch64, riscv64
    #[arg(long)]
    arch: Option<String>,
    /// Only tables in this calling convention: portable, wide
    #[arg(long)]
    convention: Option<String>,
    /// Only tables for this CPU level: baseline, v3
    #[arg(long)]
    level: Option<String>,
}

impl Selection {
    fn takes(&self, key: TableKey) -> bool {
        let fits = |wanted: &Option<String>, name: &str| wanted.as_deref().is_none_or(|wanted| wanted == name);
        fits(&self.arch, key.architecture.name())
            && fits(&self.convention, key.convention.name())
            && fits(&self.level, key.level.name())
    }
}

/// Where the tables of a package may be.
struct Package {
    name: String,
    folder: PathBuf,
    target: PathBuf,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<MetadataPackage>,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct MetadataPackage {
    name: String,
    manifest_path: PathBuf,
}

impl Tables {
    /// All tables that were asked for, those for this machine first and the wide ones before the others.
    pub(crate) fn all(&self) -> Result<Vec<TableFile>, Error> {
        if let Some(path) = &self.file {
            return Ok(vec![TableFile::read(path, None)?]);
        }
        let package = Package::find(self.package.as_deref())?;
        let mut found: Vec<TableFile> = Vec::new();
        for path in package.built("table")?.into_iter().chain(files(&package.shipped(), "table")) {
            let file = TableFile::read(&path, Some(&package.folder))?;
            // What was built last goes before what is shipped.
            if self.selection.takes(file.key) && !found.iter().any(|other| other.name() == file.name()) {
                found.push(file);
            }
        }
        let foreign = |file: &TableFile| file.key.architecture.name() != env::consts::ARCH;
        found.sort_by_key(|file| (foreign(file), Reverse(file.key.convention == Convention::Wide), file.name()));
        if found.is_empty() {
            let folders = [package.shipped(), package.target.join("*/build")].map(|path| path.display().to_string());
            return Err(Error::NoTable { package: package.name, folders: folders.into() });
        }
        Ok(found)
    }

    /// The first of them.
    pub(crate) fn one(&self) -> Result<TableFile, Error> {
        // There is at least one.
        Ok(self.all()?.swap_remove(0))
    }

    /// What the last build found wrong with the ops of the package, if it did.
    pub(crate) fn findings(&self) -> Result<Vec<Finding>, Error> {
        if self.file.is_some() {
            return Ok(Vec::new());
        }
        let package = Package::find(self.package.as_deref())?;
        let texts = package.built("diag")?.into_iter();
        let read = |path: PathBuf| fs::read_to_string(&path).map_err(Error::io("read", &path));
        Ok(texts.map(read).collect::<Result<Vec<_>, _>>()?.iter().flat_map(|text| Finding::parse_all(text)).collect())
    }
}

impl Package {
    fn find(name: Option<&str>) -> Result<Self, Error> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(&cargo)
            .args(["metadata", "--format-version", "1", "--no-deps"])
            .output()
            .map_err(Error::io("start", Path::new(&cargo)))?;
        let metadata: Option<Metadata> = serde_json::from_slice(&output.stdout).ok();
        let Some(Metadata { packages, target_directory }) = metadata.filter(|_| output.status.success()) else {
            return Err(Error::Metadata { output: String::from_utf8_lossy(&output.stderr).into_owned() });
        };
        let here = env::current_dir().map_err(Error::io("find", Path::new("the current folder")))?;
        let folder = |package: &MetadataPackage| package.manifest_path.parent().map(Path::to_owned).unwrap_or_default();
        let wanted = |package: &&MetadataPackage| match name {
            Some(name) => package.name == name,
            None => here.starts_with(folder(package)),
        };
        // The innermost of folders that lie within one another.
        let found = packages.iter().filter(wanted).max_by_key(|package| folder(package).as_os_str().len());
        let missing = || Error::NoPackage { name: name.map_or("here".to_owned(), |name| format!("`{name}`")) };
        let found = found.ok_or_else(missing)?;
        Ok(Self { name: found.name.clone(), folder: folder(found), target: target_directory })
    }

    fn shipped(&self) -> PathBuf {
        self.folder.join("tables")
    }

    /// The files with this ending that the package's last build wrote, in whatever profile and for whatever target.
    fn built(&self, extension: &str) -> Result<Vec<PathBuf>, Error> {
        let profiles = folders(&self.target);
        let targets: Vec<PathBuf> = profiles.iter().flat_map(|folder| folders(folder)).collect();
        let builds = profiles.iter().chain(&targets).flat_map(|folder| folders(&folder.join("build")));
        let own = |path: &PathBuf| {
            let name = path.file_name().and_then(OsStr::to_str).and_then(|name| name.rsplit_once('-'));
            name.is_some_and(|(package, _)| package == self.name)
        };
        let outputs = builds.filter(own).map(|path| path.join("out").join("stencils"));
        let written = |path: &PathBuf| fs::metadata(path).and_then(|data| data.modified()).ok();
        let newest = |path: &PathBuf| files(path, "tables").iter().filter_map(written).max();
        let last: Option<(SystemTime, PathBuf)> = outputs.filter_map(|path| Some((newest(&path)?, path))).max();
        Ok(last.map(|(_, path)| files(&path, extension)).unwrap_or_default())
    }
}

/// The folders in a folder; none when there is no such folder.
fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

/// The files with this ending in a folder, in the order of their names.
fn files(path: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|its| its == extension));
    files.sort();
    files
}
