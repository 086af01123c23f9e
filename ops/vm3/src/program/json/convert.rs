//! From what the JSON says to programs and cases.

use super::File;
use super::cases::{Case, Expectation, Status, Stop, TestProgram, Value};
use super::error::{JsonError, Problem};
use super::raw::{RawCase, RawExpectation, RawFile, RawFunction, RawOp, RawProgram, RawValue};
use crate::program::{Arena, Bank, Cell, Function, Op, Opcode, Program, RegisterCounts, Source};

/// The most ops that repeat counts may add to a file: far more than one function can have, and 32 MiB.
const MAX_REPEATED: u64 = 1 << 22;

pub(super) fn file(raw: RawFile) -> Result<File, JsonError> {
    if raw.programs.is_none() && raw.kernels.is_none() {
        return Err(JsonError::NoPrograms);
    }
    let mut repeats = MAX_REPEATED;
    let all = raw.programs.into_iter().chain(raw.kernels).flatten();
    let programs = all.map(|raw| program(raw, &mut repeats)).collect::<Result<_, _>>()?;
    Ok(File { programs })
}

fn program(raw: RawProgram, repeats: &mut u64) -> Result<TestProgram, JsonError> {
    let name = raw.name;
    let at = |place: String| {
        let program = name.clone();
        move |problem| JsonError::Content { program, place, problem }
    };
    let strings = raw.arena_strings.iter().map(|text| bytes(text)).collect::<Result<_, _>>();
    let strings = strings.map_err(at("arena_strings".into()))?;
    let mut functions = Vec::with_capacity(raw.funcs.len());
    let mut source = Source { file: raw.source, lines: Vec::new() };
    for (index, raw) in raw.funcs.into_iter().enumerate() {
        let place = format!("function {index} `{}`", raw.name);
        let (function, lines) = function(raw, repeats).map_err(|(pc, problem)| {
            let place = pc.map_or_else(|| place.clone(), |pc| format!("{place}, pc {pc}"));
            at(place)(problem)
        })?;
        functions.push(function);
        source.lines.push(lines);
    }
    let mut cases = Vec::with_capacity(raw.cases.len());
    for (index, raw) in raw.cases.into_iter().enumerate() {
        cases.push(case(raw).map_err(at(format!("case {index}")))?);
    }
    let program = Program { functions, entry: raw.entry, strings, source };
    Ok(TestProgram { name, group: raw.group, program, cases })
}

/// A function with the lines of its ops, or the position of the op that cannot be read.
fn function(raw: RawFunction, repeats: &mut u64) -> Result<(Function, Vec<u32>), (Option<usize>, Problem)> {
    let whole = |problem| (None, problem);
    let mut code = Vec::with_capacity(raw.code.len());
    let mut lines = Vec::new();
    for raw in &raw.code {
        let count = op(raw, &mut code, *repeats).map_err(|problem| (Some(code.len()), problem))?;
        *repeats -= count - 1;
        lines.resize(code.len(), raw.line);
    }
    let function = Function {
        name: raw.name,
        registers: RegisterCounts { i64: raw.num_regs.i64, f64: raw.num_regs.f64, cell: raw.num_regs.cell },
        parameters: all(&raw.param_banks, bank).map_err(whole)?,
        result: bank(&raw.result_bank).map_err(whole)?,
        constants: all(&raw.consts, cell).map_err(whole)?,
        tables: raw.i64_tables.iter().map(|table| all(table, int)).collect::<Result<_, _>>().map_err(whole)?,
        code,
        host: false,
    };
    Ok((function, lines))
}

/// Appends an op as often as it stands there, and gives that count.
fn op(raw: &RawOp, code: &mut Vec<Op>, repeats: u64) -> Result<u64, Problem> {
    if let Some(found) = &raw.op {
        let expected = match Opcode::from_code(raw.code) {
            Some(opcode) => opcode.name().into(),
            None => format!("Op{}", raw.code),
        };
        if *found != expected {
            return Err(Problem::Mnemonic { code: raw.code, expected, found: found.clone() });
        }
    }
    let count = raw.n.unwrap_or(1);
    if count == 0 || count - 1 > repeats {
        return Err(Problem::Repeat { count, most: MAX_REPEATED });
    }
    let op = Op { code: raw.code, flags: raw.flags, a: raw.a, b: raw.b, c: raw.c };
    code.extend((0..count).map(|_| op));
    Ok(count)
}

fn case(raw: RawCase) -> Result<Case, Problem> {
    let reuse = match raw.vm.as_deref() {
        None => false,
        Some("reuse") => true,
        Some(text) => return Err(word(text, "way to choose a machine")),
    };
    Ok(Case {
        arguments: all(&raw.args, int)?,
        reuse,
        collect_before: raw.collect_before,
        bench: raw.bench,
        expect: expectation(raw.expect)?,
    })
}

fn expectation(raw: RawExpectation) -> Result<Expectation, Problem> {
    let statuses = [Status::Ok, Status::Error, Status::Panic, Status::Deopt];
    let status = statuses.into_iter().find(|status| status.name() == raw.status);
    let mut arenas = [(0, 0); Arena::ALL.len()];
    for (name, counts) in raw.arena_after {
        match Arena::ALL.into_iter().find(|arena| arena.name() == name) {
            Some(arena) => arenas[arena as usize] = counts,
            None => return Err(word(&name, "arena that ops can reach")),
        }
    }
    Ok(Expectation {
        status: status.ok_or_else(|| word(&raw.status, "status"))?,
        cell: raw.cell.as_deref().map(cell).transpose()?,
        bank: raw.ret_bank.as_deref().map(bank).transpose()?,
        raw_bits: raw.raw_bits.as_deref().map(bits).transpose()?,
        value: raw.value.map(value).transpose()?,
        error: raw.error,
        stop: raw.fault.map(|raw| Stop { function: raw.func, pc: raw.pc, depth: raw.depth }),
        deopt: raw.deopt_pc,
        arenas,
        ops: raw.ops,
        max_depth: raw.max_depth,
    })
}

fn value(raw: RawValue) -> Result<Value, Problem> {
    match raw.r#type.as_str() {
        "string" => Ok(Value::String(bytes(raw.bytes.as_deref().unwrap_or_default())?)),
        "list" => Ok(Value::List(all(&raw.cells, cell)?)),
        "map" => {
            let mut entries: Option<Vec<(Cell, Cell)>> = raw.entries.iter().map(entry).collect();
            if let Some(entries) = &mut entries {
                entries.sort_by_key(|(key, value)| (key.as_int(), value.as_int()));
            }
            Ok(Value::Map { table: raw.table_len, entries })
        }
        _ => Err(word(&raw.r#type, "type of a value")),
    }
}

/// A map entry: a pair, or an object with key and value; ints or cells.
fn entry(raw: &serde_json::Value) -> Option<(Cell, Cell)> {
    let side = |raw: &serde_json::Value| match raw {
        serde_json::Value::String(text) => cell(text).or_else(|_| int(text).map(Cell::int)).ok(),
        other => other.as_i64().map(Cell::int),
    };
    match raw {
        serde_json::Value::Array(pair) => match &pair[..] {
            [key, value] => Some((side(key)?, side(value)?)),
            _ => None,
        },
        other => Some((side(other.get("key")?)?, side(other.get("value")?)?)),
    }
}

fn all<T>(texts: &[String], one: fn(&str) -> Result<T, Problem>) -> Result<Vec<T>, Problem> {
    texts.iter().map(|text| one(text)).collect()
}

fn number(text: &str, what: &'static str) -> Problem {
    Problem::Number { text: text.into(), what }
}

fn word(text: &str, what: &'static str) -> Problem {
    Problem::Word { text: text.into(), what }
}

fn int(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| number(text, "decimal i64"))
}

fn bits(text: &str) -> Result<u64, Problem> {
    let digits = text
        .strip_prefix("0x")
        .filter(|digits| digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let bits = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
    bits.ok_or_else(|| number(text, "cell; write 0x and 16 hexadecimal digits"))
}

fn cell(text: &str) -> Result<Cell, Problem> {
    bits(text).map(Cell::from_bits)
}

fn bank(text: &str) -> Result<Bank, Problem> {
    Bank::from_name(text).ok_or_else(|| word(text, "bank"))
}

fn bytes(text: &str) -> Result<Vec<u8>, Problem> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).map(|digit| digit as u8);
    let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    });
    pairs.collect::<Option<_>>().ok_or_else(|| number(text, "string of hexadecimal bytes"))
}
