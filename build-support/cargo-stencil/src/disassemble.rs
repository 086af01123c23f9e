//! Machine code as text, by disassemblers that are not ours.

use crate::set::OpSource;
use iced_x86::{Formatter, IntelFormatter};
use riscv_isa::Target;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;
use stencil_table::{Architecture, HoleKind, HoleRecord, LineRow, StencilRecord, Table};
use yaxpeax_arch::{Decoder, U8Reader};
use yaxpeax_arm::armv8::a64::InstDecoder;

/// One instruction.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Line {
    /// Bytes from the start of the stencil.
    pub(crate) at: usize,
    /// The bytes, in hexadecimal.
    pub(crate) bytes: String,
    /// The instruction, its holes as the table has them.
    pub(crate) text: String,
    /// What is patched in it.
    pub(crate) holes: Vec<Hole>,
    /// The line of the op set's source that it is of, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u32>,
}

/// Something that is patched.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Hole {
    /// Bytes from the start of the stencil.
    pub(crate) offset: u16,
    /// What goes there: the name of a value, or `pool`.
    pub(crate) value: String,
    /// How.
    pub(crate) kind: &'static str,
    /// What is added.
    pub(crate) addend: i32,
}

impl fmt::Display for Hole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.value, self.kind)?;
        if self.addend == 0 { Ok(()) } else { write!(f, " {:+}", self.addend) }
    }
}

impl Line {
    /// The name of the instruction.
    pub(crate) fn mnemonic(&self) -> &str {
        self.text.split_whitespace().next().unwrap_or_default()
    }
}

/// The instructions of a stencil, whose lines are `rows`.
pub(crate) fn stencil(table: &Table<'_>, stencil: &StencilRecord, rows: &[LineRow], source: &OpSource) -> Vec<Line> {
    let code = table.code_of(stencil);
    let mut lines = match table.info().architecture {
        Architecture::X86_64 => x86_64(code),
        Architecture::Aarch64 => words(code, aarch64),
        Architecture::Riscv64 => words(code, riscv64()),
    };
    for line in &mut lines {
        let row = rows.iter().take_while(|row| usize::from(row.offset) <= line.at).last();
        line.line = row.map(|row| row.line).filter(|number| *number != 0);
    }
    for record in table.holes_of(stencil) {
        // A field may stand behind the start of its instruction, never before it.
        let holding = lines.iter_mut().rev().find(|line| line.at <= usize::from(record.offset));
        if let Some(line) = holding {
            line.holes.extend(hole(record, source));
        }
    }
    lines
}

fn hole(record: &HoleRecord, source: &OpSource) -> Option<Hole> {
    // A table that was read has no other kinds.
    let kind = HoleKind::from_byte(record.kind).ok()?;
    let pool = kind.sort() == stencil_table::HoleSort::Pool;
    let value = if pool { "pool".to_owned() } else { source.name(record.value).to_owned() };
    Some(Hole { offset: record.offset, value, kind: kind.name(), addend: record.addend })
}

fn line(at: usize, bytes: &[u8], text: String) -> Line {
    Line { at, bytes: bytes.iter().map(|byte| format!("{byte:02x}")).collect(), text, holes: Vec::new(), line: None }
}

fn x86_64(code: &[u8]) -> Vec<Line> {
    let mut formatter = IntelFormatter::new();
    formatter.options_mut().set_branch_leading_zeros(false);
    let instructions = iced_x86::Decoder::with_ip(64, code, 0, iced_x86::DecoderOptions::NONE).into_iter();
    let text = |instruction: iced_x86::Instruction| {
        let mut text = String::new();
        formatter.format(&instruction, &mut text);
        let at = instruction.ip() as usize;
        line(at, &code[at..at + instruction.len()], text)
    };
    instructions.map(text).collect()
}

/// Code whose instructions all have 4 bytes. What is no instruction is data that the code reads.
fn words(code: &[u8], text: impl Fn(&[u8]) -> Option<String>) -> Vec<Line> {
    let text = |(index, word): (usize, &[u8])| {
        let data = || format!(".word 0x{:08x}", word.iter().rev().fold(0_u32, |all, byte| all << 8 | u32::from(*byte)));
        line(4 * index, word, text(word).unwrap_or_else(data))
    };
    code.chunks(4).enumerate().map(text).collect()
}

fn aarch64(word: &[u8]) -> Option<String> {
    InstDecoder::default().decode(&mut U8Reader::new(word)).ok().map(|instruction| instruction.to_string())
}

fn riscv64() -> impl Fn(&[u8]) -> Option<String> {
    let target = Target::from_str("RV64IMAFDC_Zicsr_Zifencei").ok();
    move |word| {
        let instruction = riscv_isa::Decoder::from_le_bytes(target?, word).next()?;
        Some(instruction.to_string())
    }
}
