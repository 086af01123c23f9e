//! `cargo stencil export`: a table as source text of another language.

use crate::cli::{self, Tables};
use crate::error::Error;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::fs;
use std::path::PathBuf;
use stencil_build_support::{Format, export};

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The language
    #[arg(value_parser = format_parser())]
    format: Format,
    #[command(flatten)]
    tables: Tables,
    /// The file to write; without one, the text goes to the output
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// What names start with, and Go's package is called, instead of the op set's name
    #[arg(long)]
    name: Option<String>,
}

fn format_parser() -> impl TypedValueParser<Value = Format> {
    let names = PossibleValuesParser::new(Format::ALL.iter().map(|format| format.name()));
    names.map(|name| Format::ALL.iter().copied().find(|format| format.name() == name).unwrap_or(Format::Json))
}

impl Export {
    pub(crate) fn run(&self) -> Result<(), Error> {
        let file = self.tables.one()?;
        let text = export(&file.table()?, self.name.as_deref().unwrap_or(&file.set), self.format);
        match &self.output {
            Some(path) => fs::write(path, text).map_err(Error::io("write", path)),
            None => cli::write(&text),
        }
    }
}
