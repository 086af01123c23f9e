//! A table as JSON: an object with the facts, the lists and, in hexadecimal, the bytes.

use super::sections::{Cell, Sections};
use std::fmt::{self, Write};

pub(super) fn write(sections: &Sections, out: &mut String) -> fmt::Result {
    writeln!(out, "{{\n\"set\": {},", text(&sections.set))?;
    for (name, _, value) in &sections.facts {
        writeln!(out, "\"{name}\": {},", text(value))?;
    }
    for list in &sections.lists {
        let rows = list.rows.iter().map(|row| {
            let fields = list.columns.iter().zip(row);
            let fields: Vec<_> = fields.map(|(column, cell)| format!("\"{}\": {}", column.name, value(cell))).collect();
            format!("\n{{{}}}", fields.join(", "))
        });
        writeln!(out, "\"{}\": [{}\n],", list.all, rows.collect::<Vec<_>>().join(","))?;
    }
    for (index, blob) in sections.blobs.iter().enumerate() {
        let hex: String = blob.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let comma = if index + 1 < sections.blobs.len() { "," } else { "" };
        writeln!(out, "\"{}\": \"{hex}\"{comma}", blob.name)?;
    }
    writeln!(out, "}}")
}

fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn value(cell: &Cell) -> String {
    match cell {
        Cell::Text(value) => text(value),
        Cell::Number(number) => number.to_string(),
        Cell::Words(words) => format!("{words:?}"),
    }
}
