//! A table as a Rust module.

use super::sections::{Cell, GUIDE, Kind, Sections};
use super::{camel, capitals, quoted, write_bytes};
use std::fmt::{self, Write};

pub(super) fn write(sections: &Sections, out: &mut String) -> fmt::Result {
    writeln!(
        out,
        "// The stencil table of the op set `{}`, written by the build helper; not to be edited.",
        sections.set
    )?;
    writeln!(out, "//")?;
    for line in GUIDE {
        writeln!(out, "{}", format!("// {line}").trim_end())?;
    }
    for (name, about, value) in &sections.facts {
        writeln!(out, "\n/// {about}\npub const {}: &str = {};", capitals(name), text(value))?;
    }
    for (prefix, names) in &sections.names {
        writeln!(out)?;
        for (name, number) in names {
            writeln!(out, "pub const {}_{}: u32 = {number};", capitals(prefix), capitals(name))?;
        }
    }
    for list in &sections.lists {
        writeln!(out, "\n#[derive(Debug, Clone, Copy)]\npub struct {} {{", camel(list.one))?;
        for column in list.columns {
            writeln!(out, "    /// {}\n    pub {}: {},", column.about, column.name, ty(column.kind))?;
        }
        writeln!(out, "}}\n")?;
        writeln!(out, "pub static {}: [{}; {}] = [", capitals(list.all), camel(list.one), list.rows.len())?;
        for row in &list.rows {
            let fields = list.columns.iter().zip(row);
            let fields: Vec<_> = fields.map(|(column, cell)| format!("{}: {}", column.name, value(cell))).collect();
            writeln!(out, "    {} {{ {} }},", camel(list.one), fields.join(", "))?;
        }
        writeln!(out, "];")?;
    }
    for blob in &sections.blobs {
        writeln!(out, "\n/// {}\npub static {}: [u8; {}] = [", blob.about, capitals(blob.name), blob.bytes.len())?;
        write_bytes(&blob.bytes, "    ", out)?;
        writeln!(out, "];")?;
    }
    Ok(())
}

fn text(text: &str) -> String {
    quoted(text, |char| format!("\\x{char:02x}"))
}

fn ty(kind: Kind) -> String {
    match kind {
        Kind::Text => "&'static str".to_owned(),
        Kind::U8 => "u8".to_owned(),
        Kind::U16 => "u16".to_owned(),
        Kind::U32 => "u32".to_owned(),
        Kind::I32 => "i32".to_owned(),
        Kind::I64 => "i64".to_owned(),
        Kind::Words(count) => format!("[u32; {count}]"),
    }
}

fn value(cell: &Cell) -> String {
    match cell {
        Cell::Text(value) => text(value),
        Cell::Number(number) => number.to_string(),
        Cell::Words(words) => format!("{words:?}"),
    }
}
