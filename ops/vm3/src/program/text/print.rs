//! From a program to its text.

use super::lexer::is_word;
use crate::program::{Arena, Bank, Cell, CellKind, Field, Function, Op, Opcode, Program};
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

/// Writes any program, malformed ones included, in the form that [`super::parse`] reads. Of a function of the host it
/// writes what [`Function::host`] takes.
#[must_use]
pub fn print(program: &Program) -> String {
    let mut text = String::new();
    for string in &program.strings {
        line(&mut text, format_args!("string {}", quoted(string)));
    }
    let names = Names::of(program);
    if program.entry != 0 {
        line(&mut text, format_args!("entry {}", names.function(program.entry)));
    }
    for function in &program.functions {
        if !text.is_empty() {
            text.push('\n');
        }
        print_function(&mut text, &names, function);
    }
    text
}

/// Writes one op as it stands in the text of its function; targets inside the code appear as the labels that
/// [`print()`] gives them.
#[must_use]
pub fn op(program: &Program, function: &Function, op: Op) -> String {
    operation(&Names::of(program), function, op)
}

/// The same for many ops of one program.
pub(crate) fn ops(program: &Program) -> impl Fn(&Function, Op) -> String {
    let names = Names::of(program);
    move |function, op| operation(&names, function, op)
}

/// How operands name functions: by name where that is unambiguous.
struct Names<'p> {
    program: &'p Program,
    /// How often each name is used, counted when the first function is named.
    uses: OnceCell<HashMap<&'p str, usize>>,
}

impl<'p> Names<'p> {
    fn of(program: &'p Program) -> Self {
        Self { program, uses: OnceCell::new() }
    }

    fn is_unique(&self, name: &str) -> bool {
        let uses = self.uses.get_or_init(|| {
            let mut uses = HashMap::new();
            for function in &self.program.functions {
                *uses.entry(function.name.as_str()).or_insert(0) += 1;
            }
            uses
        });
        uses.get(name) == Some(&1)
    }

    fn function(&self, index: usize) -> String {
        match self.program.functions.get(index) {
            Some(function) if self.is_unique(&function.name) => name(&function.name),
            _ => index.to_string(),
        }
    }
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    writeln!(text, "{content}").expect("writing to a string does not fail");
}

fn print_function(text: &mut String, names: &Names<'_>, function: &Function) {
    let parameters: Vec<&str> = function.parameters.iter().map(|bank| bank.name()).collect();
    let (head, parameters) = (name(&function.name), parameters.join(", "));
    if function.host {
        return line(text, format_args!("host func {head}({parameters}) -> {}", function.result));
    }
    line(text, format_args!("func {head}({parameters}) -> {} {{", function.result));
    let registers: Vec<String> = Bank::ALL
        .into_iter()
        .map(|bank| (function.registers.of(bank), bank))
        .filter(|(count, _)| *count > 0)
        .map(|(count, bank)| format!("{count} {bank}"))
        .collect();
    if !registers.is_empty() {
        line(text, format_args!("    regs {}", registers.join(", ")));
    }
    for (index, constant) in function.constants.iter().enumerate() {
        line(text, format_args!("    const k{index} = {}", cell(*constant)));
    }
    for (index, table) in function.tables.iter().enumerate() {
        let entries: Vec<String> = table.iter().map(i64::to_string).collect();
        line(text, format_args!("    table t{index} = {}", entries.join(", ")));
    }
    let labels: BTreeSet<usize> = function.code.iter().filter_map(|op| target(function, *op)).collect();
    for (pc, op) in function.code.iter().enumerate() {
        if labels.contains(&pc) {
            line(text, format_args!("L{pc}:"));
        }
        line(text, format_args!("    {}", operation(names, function, *op)));
    }
    line(text, format_args!("}}"));
}

/// Where the op goes, if that is inside the code.
fn target(function: &Function, op: Op) -> Option<usize> {
    let goes = op.opcode()?.fields()[2] == Field::Target;
    let target = usize::from(op.index());
    (goes && target < function.code.len()).then_some(target)
}

fn operation(names: &Names<'_>, function: &Function, op: Op) -> String {
    let raw = || {
        let Op { code, flags, a, b, c } = op;
        format!("op {code}, {flags}, {a}, {b}, {c}")
    };
    let Some(opcode) = op.opcode() else {
        return raw();
    };
    let flags = if opcode == Opcode::CallMixed { 0..=2 } else { 0..=0 };
    if !flags.contains(&op.flags) {
        return raw();
    }
    let mut operands = Vec::new();
    for (field, value) in opcode.fields().into_iter().zip(op.values()) {
        operands.push(match field {
            Field::Unused if value != 0 => return raw(),
            Field::Unused => continue,
            Field::I64 | Field::I64Arguments => register(Bank::I64, value),
            Field::F64 | Field::F64Arguments => register(Bank::F64, value),
            Field::Cell => register(Bank::Cell, value),
            Field::Result => register(op.result_bank(), value),
            Field::F64Pair => {
                let [low, high] = op.register_pair();
                format!("d{low}, d{high}")
            }
            Field::Immediate => value.cast_signed().to_string(),
            Field::Number | Field::Arguments => value.to_string(),
            Field::Target => match target(function, op) {
                Some(pc) => format!("L{pc}"),
                None => value.to_string(),
            },
            Field::Constant => format!("k{value}"),
            Field::Table => format!("t{value}"),
            Field::Function => names.function(usize::from(value)),
        });
    }
    format!("{} {}", opcode.name(), operands.join(", ")).trim_end().into()
}

fn register(bank: Bank, number: u16) -> String {
    format!("{}{number}", bank.letter())
}

fn name(name: &str) -> String {
    if is_word(name) { name.into() } else { quoted(name.as_bytes()) }
}

fn quoted(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        for char in chunk.valid().chars() {
            match char {
                '\n' => text.push_str("\\n"),
                '\t' => text.push_str("\\t"),
                '\r' => text.push_str("\\r"),
                '\0' => text.push_str("\\0"),
                '\\' => text.push_str("\\\\"),
                '"' => text.push_str("\\\""),
                _ if char.is_control() => {
                    char.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| escape(&mut text, byte));
                }
                _ => text.push(char),
            }
        }
        chunk.invalid().iter().for_each(|byte| escape(&mut text, *byte));
    }
    text.push('"');
    text
}

fn escape(text: &mut String, byte: u8) {
    write!(text, "\\x{byte:02x}").expect("writing to a string does not fail");
}

/// A constant, in words where these give the same bits back.
fn cell(cell: Cell) -> String {
    let words = match cell.kind() {
        CellKind::Float => Some((Cell::float(cell.as_float()), format!("float {:?}", cell.as_float()))),
        CellKind::Int => Some((Cell::int(cell.as_int()), format!("int {}", cell.as_int()))),
        CellKind::InlineString => cell.as_inline_string().and_then(|inline| {
            let bytes = inline.as_bytes();
            Some((Cell::inline_string(bytes)?, format!("string {}", quoted(bytes))))
        }),
        CellKind::Bool => {
            let value = cell.bits() & 1 == 1;
            Some((Cell::bool(value), value.to_string()))
        }
        CellKind::Null => Some((Cell::NULL, "null".into())),
        CellKind::Handle(_) => {
            let index = cell.slot_index();
            Some((Cell::handle(Arena::String, 0, index), format!("slot {index}")))
        }
        CellKind::Deopt | CellKind::Reserved => None,
    };
    match words {
        Some((read_back, words)) if read_back == cell => words,
        _ => format!("{:#018x}", cell.bits()),
    }
}
