//! Reads tables that were written in other languages. What is an initialiser in Rust, C and Go looks alike once names and
//! types are left out: nested brackets of numbers and strings.

use std::collections::HashMap;
use stencil_build_support::Format;

/// What stands in an initialiser.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Number(i64),
    Text(String),
    List(Vec<Value>),
}

impl Value {
    pub(crate) fn number(&self) -> i64 {
        let Self::Number(number) = self else { panic!("{self:?} is no number") };
        *number
    }

    pub(crate) fn text(&self) -> &str {
        let Self::Text(text) = self else { panic!("{self:?} is no text") };
        text
    }

    pub(crate) fn list(&self) -> &[Value] {
        let Self::List(list) = self else { panic!("{self:?} is no list") };
        list
    }

    pub(crate) fn numbers(&self) -> Vec<i64> {
        self.list().iter().map(Self::number).collect()
    }
}

/// The lists, bytes and facts of a table, by name.
pub(crate) struct Records(HashMap<String, Value>);

const SECTIONS: [&str; 10] = ["banks", "ops", "axes", "stencils", "holes", "kinds", "fusions", "maps", "code", "pool"];
const FACTS: [&str; 5] = ["architecture", "convention", "level", "set_hash", "compiler"];

impl Records {
    /// Reads a text that was written for the op set `demo`.
    pub(crate) fn read(text: &str, format: Format) -> Self {
        let read = |name: &&str| {
            ((*name).to_owned(), if format == Format::Json { json(text, name) } else { find(text, name, format) })
        };
        Self(SECTIONS.iter().chain(&FACTS).map(read).collect())
    }

    pub(crate) fn rows(&self, name: &str) -> Vec<&[Value]> {
        self.0[name].list().iter().map(Value::list).collect()
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        self.0[name].list().iter().map(|byte| u8::try_from(byte.number()).unwrap()).collect()
    }

    pub(crate) fn fact(&self, name: &str) -> &str {
        self.0[name].text()
    }
}

/// The initialiser of a name.
fn find(text: &str, name: &str, format: Format) -> Value {
    let fact = FACTS.contains(&name);
    let capital = || name.split('_').map(|part| part[..1].to_uppercase() + &part[1..]).collect::<String>();
    let start = match (format, fact) {
        (Format::C, true) => format!("#define DEMO_{} ", name.to_uppercase()),
        (Format::C, false) => format!(" demo_{name}["),
        (Format::Rust, true) => format!("pub const {}: &str = ", name.to_uppercase()),
        (Format::Rust, false) => format!("pub static {}: [", name.to_uppercase()),
        (Format::Go, true) => format!("\t{} = ", capital()),
        (Format::Go, false) => format!("var {} = []", capital()),
        (Format::Json, _) => unreachable!(),
    };
    let found = text.find(&start).unwrap_or_else(|| panic!("no `{start}`"));
    let mut rest = &text[found + start.len()..];
    if !fact {
        let opens = match format {
            Format::Rust => rest.find("= [").unwrap() + 2,
            _ => rest.find('{').unwrap(),
        };
        rest = &rest[opens..];
    }
    let value = initialiser(&mut rest).unwrap();
    // C has no arrays of nothing.
    let empty = format == Format::C && text.contains(&format!("#define DEMO_{}_LEN 0\n", name.to_uppercase()));
    if empty { Value::List(Vec::new()) } else { value }
}

/// The next value; `None` at the end of a list.
fn initialiser(rest: &mut &str) -> Option<Value> {
    loop {
        let first = rest.chars().next()?;
        match first {
            '{' | '[' => {
                // `[20]uint32{…}` is the list behind the type.
                let count = rest[1..].trim_start_matches(|char: char| char.is_ascii_digit());
                if let Some(list) = count.strip_prefix("]uint32") {
                    *rest = list;
                }
                *rest = &rest[1..];
                let mut list = Vec::new();
                while let Some(value) = initialiser(rest) {
                    list.push(value);
                }
                return Some(Value::List(list));
            }
            '}' | ']' => {
                *rest = &rest[1..];
                return None;
            }
            '"' => return Some(Value::Text(string(rest))),
            '-' | '0'..='9' => {
                let end = rest.find(|char: char| !char.is_ascii_alphanumeric() && char != '-').unwrap_or(rest.len());
                let number = rest[..end].trim_end_matches('u');
                *rest = &rest[end..];
                let hex = number.strip_prefix("0x").map(|digits| i64::from_str_radix(digits, 16));
                return Some(Value::Number(hex.unwrap_or_else(|| number.parse()).unwrap()));
            }
            'A'..='Z' | 'a'..='z' | '_' => {
                let end = rest.find(|char: char| !char.is_ascii_alphanumeric() && char != '_').unwrap_or(rest.len());
                let word = &rest[..end];
                *rest = &rest[end..];
                if word == "INT64_MIN" {
                    return Some(Value::Number(i64::MIN));
                }
            }
            _ => *rest = &rest[first.len_utf8()..],
        }
    }
}

/// A string literal without control characters.
fn string(rest: &mut &str) -> String {
    let mut text = String::new();
    let mut chars = rest[1..].char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => {
                *rest = &rest[at + 2..];
                return text;
            }
            '\\' => text.extend(chars.next().map(|(_, char)| char)),
            _ => text.push(char),
        }
    }
    panic!("a string without an end");
}

/// The same from JSON: records lose the names of their fields, which are compared here.
fn json(text: &str, name: &str) -> Value {
    let root: serde_json::Value = serde_json::from_str(text).unwrap();
    let fields: &[&str] = match name {
        "banks" => &["name", "registers", "move_op"],
        "ops" => &[
            "name",
            "file",
            "line",
            "first",
            "variants",
            "axes",
            "axis_count",
            "results",
            "values",
            "flags",
            "targets",
        ],
        "axes" => &["bank", "registers", "steps"],
        "stencils" => &["code", "len", "holes", "values", "places"],
        "holes" => &["offset", "kind", "value", "addend"],
        "kinds" => &["number", "name", "takes", "width", "low", "high"],
        "fusions" => &["op", "len", "sequence", "map", "map_len"],
        "maps" | "code" | "pool" => {
            let hex = root[name].as_str().unwrap();
            let bytes = (0..hex.len() / 2).map(|at| i64::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap());
            return Value::List(bytes.map(Value::Number).collect());
        }
        _ => return plain(&root[name]),
    };
    let row = |row: &serde_json::Value| {
        assert_eq!(row.as_object().unwrap().len(), fields.len());
        Value::List(fields.iter().map(|field| plain(&row[field])).collect())
    };
    Value::List(root[name].as_array().unwrap().iter().map(row).collect())
}

fn plain(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::String(text) => Value::Text(text.clone()),
        serde_json::Value::Number(number) => Value::Number(number.as_i64().unwrap()),
        serde_json::Value::Array(list) => Value::List(list.iter().map(plain).collect()),
        other => panic!("{other} is in no table"),
    }
}
