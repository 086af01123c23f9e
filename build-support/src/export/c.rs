//! A table as a C header. All names start with the op set's.

use super::sections::{Cell, GUIDE, Kind, Sections};
use super::{capitals, octal, quoted, write_bytes};
use std::fmt::{self, Write};

pub(super) fn write(sections: &Sections, out: &mut String) -> fmt::Result {
    let (set, prefix) = (&sections.set, capitals(&sections.set));
    writeln!(out, "/* The stencil table of the op set `{set}`, written by the build helper; not to be edited.\n *")?;
    for line in GUIDE {
        writeln!(out, "{}", format!(" * {line}").trim_end())?;
    }
    writeln!(out, " */\n#ifndef STENCIL_TABLE_{prefix}_H\n#define STENCIL_TABLE_{prefix}_H\n\n#include <stdint.h>\n")?;
    for (name, about, value) in &sections.facts {
        writeln!(out, "/* {about} */\n#define {prefix}_{} {}", capitals(name), quoted(value, octal))?;
    }
    for (kind, names) in &sections.names {
        writeln!(out, "\nenum {{")?;
        for (name, number) in names {
            writeln!(out, "    {prefix}_{}_{} = {number},", capitals(kind), capitals(name))?;
        }
        writeln!(out, "}};")?;
    }
    for list in &sections.lists {
        writeln!(out, "\ntypedef struct {{")?;
        for column in list.columns {
            writeln!(out, "    {}; /* {} */", field(column.kind, column.name), column.about)?;
        }
        writeln!(out, "}} {set}_{};\n", list.one)?;
        // An array has a first element in C: one that is empty is given a record of zeros that nothing counts.
        let (name, len) = (capitals(list.all), list.rows.len());
        writeln!(out, "#define {prefix}_{name}_LEN {len}")?;
        writeln!(out, "static const {set}_{} {set}_{}[{}] = {{", list.one, list.all, len.max(1))?;
        for row in &list.rows {
            let cells: Vec<_> = row.iter().map(value).collect();
            writeln!(out, "    {{{}}},", cells.join(","))?;
        }
        writeln!(out, "{}}};", if len == 0 { "0" } else { "" })?;
    }
    for blob in &sections.blobs {
        let (name, len) = (blob.name, blob.bytes.len());
        writeln!(out, "\n/* {} */\n#define {prefix}_{}_LEN {len}", blob.about, capitals(name))?;
        writeln!(out, "static const uint8_t {set}_{name}[{}] = {{", len.max(1))?;
        write_bytes(&blob.bytes, "    ", out)?;
        writeln!(out, "{}}};", if len == 0 { "0" } else { "" })?;
    }
    writeln!(out, "\n#endif")
}

fn field(kind: Kind, name: &str) -> String {
    match kind {
        Kind::Text => format!("const char *{name}"),
        Kind::U8 => format!("uint8_t {name}"),
        Kind::U16 => format!("uint16_t {name}"),
        Kind::U32 => format!("uint32_t {name}"),
        Kind::I32 => format!("int32_t {name}"),
        Kind::I64 => format!("int64_t {name}"),
        Kind::Words(count) => format!("uint32_t {name}[{count}]"),
    }
}

fn value(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => quoted(text, octal),
        // The literal of the least number would be the negation of one that there is not.
        Cell::Number(i64::MIN) => "INT64_MIN".to_owned(),
        Cell::Number(number) => number.to_string(),
        Cell::Words(words) => {
            format!("{{{}}}", words.iter().map(|word| format!("{word}u")).collect::<Vec<_>>().join(","))
        }
    }
}
