//! A table as source text of other languages, for stitchers that are not ours: everything that is needed to find a variant,
//! copy it and patch it, and nothing that the table does not say.
//!
//! | module | what lives there |
//! |---|---|
//! | `sections` | the content, the same for every language |
//! | `rust`, `c`, `go`, `json` | how each writes it |

mod c;
mod go;
mod json;
mod rust;
mod sections;

use sections::Sections;
use std::fmt;
use stencil_table::Table;

/// A language that [`export`] writes a table in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// A Rust module without dependencies: one `static` per section.
    Rust,
    /// A C header: one `static const` array per section.
    C,
    /// A Go file with a build constraint for the table's architecture; its package is named after the set.
    Go,
    /// JSON, one record a line.
    Json,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] = &[Self::Rust, Self::C, Self::Go, Self::Json];

    /// The name used on command lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::C => "c",
            Self::Go => "go",
            Self::Json => "json",
        }
    }

    /// What file names end with, without the dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Rust => "rs",
            Self::C => "h",
            Self::Go => "go",
            Self::Json => "json",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The table of the op set `set`, which names things need, as a text. The same table gives the same text.
///
/// The sections of all formats are the same: `banks`, `ops`, `axes`, `stencils`, `holes`, `kinds` and `fusions` are lists
/// of records, `maps`, `code` and `pool` are bytes. The start of the text says how they are used.
#[must_use]
pub fn export(table: &Table<'_>, set: &str, format: Format) -> String {
    let sections = Sections::of(table, set);
    let mut text = String::new();
    let written = match format {
        Format::Rust => rust::write(&sections, &mut text),
        Format::C => c::write(&sections, &mut text),
        Format::Go => go::write(&sections, &mut text),
        Format::Json => json::write(&sections, &mut text),
    };
    // Writing to a string cannot fail.
    debug_assert!(written.is_ok());
    text
}

/// A text in quotes, with what `escape` gives in place of control characters.
fn quoted(text: &str, escape: fn(u32) -> String) -> String {
    let mut quoted = String::from('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            _ if char.is_ascii_control() => quoted.push_str(&escape(u32::from(char))),
            _ => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}

/// How C and Go write a control character.
fn octal(char: u32) -> String {
    format!("\\{char:03o}")
}

/// `add_i64` as `AddI64`.
fn camel(name: &str) -> String {
    let capital = |part: &str| {
        let mut chars = part.chars();
        chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect::<String>()
    };
    name.split(['_', '-', '.']).map(capital).collect()
}

/// `label-rel32` as `LABEL_REL32`.
fn capitals(name: &str) -> String {
    identifier(name).to_ascii_uppercase()
}

/// A name of which every language takes each character.
fn identifier(name: &str) -> String {
    name.replace(|char: char| !char.is_ascii_alphanumeric(), "_")
}

/// Bytes as numbers, 24 a line.
fn write_bytes(bytes: &[u8], indent: &str, out: &mut String) -> fmt::Result {
    use fmt::Write;
    for line in bytes.chunks(24) {
        let numbers: Vec<String> = line.iter().map(|byte| format!("0x{byte:02x}")).collect();
        writeln!(out, "{indent}{},", numbers.join(","))?;
    }
    Ok(())
}
