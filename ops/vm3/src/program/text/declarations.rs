//! From words to what a function declares before its code.

use super::error::{TextError, TextErrorKind};
use super::lexer::Token;
use super::parser::Parser;
use crate::program::{Arena, Bank, Cell, RegisterCounts};

impl Parser {
    pub(super) fn registers(&mut self) -> Result<RegisterCounts, TextError> {
        let mut counts = RegisterCounts::default();
        loop {
            let count = self.u16("number of registers")?;
            match self.bank()? {
                Bank::I64 => counts.i64 = count,
                Bank::F64 => counts.f64 = count,
                Bank::Cell => counts.cell = count,
            }
            if self.peek() != &Token::Mark(',') {
                return Ok(counts);
            }
            self.take();
        }
    }

    /// The name of the constant or table with this number, and `=`.
    pub(super) fn numbered(&mut self, letter: char, number: usize) -> Result<(), TextError> {
        let name = format!("{letter}{number}");
        if self.take() != Token::Word(name.clone()) {
            return self.error(TextErrorKind::Order(name));
        }
        self.mark('=', "`=`")
    }

    pub(super) fn table(&mut self) -> Result<Vec<i64>, TextError> {
        let mut entries = Vec::new();
        while self.peek() != &Token::EndOfLine {
            if !entries.is_empty() {
                self.comma()?;
            }
            entries.push(self.integer("table entry", i64::MIN, i64::MAX)?);
        }
        Ok(entries)
    }

    pub(super) fn constant(&mut self) -> Result<Cell, TextError> {
        const KINDS: &str = "`float`, `int`, `string`, `slot`, `true`, `false`, `null` or a raw cell `0x…`";
        let word = match self.take() {
            Token::Word(word) => word,
            Token::Number(text) => match raw_cell(&text) {
                Some(cell) => return Ok(cell),
                None => return self.error(TextErrorKind::RawCell(text)),
            },
            found => return self.expected(KINDS, &found),
        };
        Ok(match word.as_str() {
            "float" => match self.take() {
                Token::Word(text) | Token::Number(text) => match text.parse() {
                    Ok(float) => Cell::float(float),
                    Err(_) => return self.error(TextErrorKind::Float(text)),
                },
                found => return self.expected("a float", &found),
            },
            "int" => Cell::int(self.integer("int of 48 bits", -(1 << 47), (1 << 47) - 1)?),
            "string" => match self.take() {
                Token::String(bytes) => match Cell::inline_string(&bytes) {
                    Some(cell) => cell,
                    None => return self.error(TextErrorKind::LongString),
                },
                found => return self.expected("a string", &found),
            },
            "slot" => {
                let index = self.integer("slot", 0, i64::from(u32::MAX))?;
                Cell::handle(Arena::String, 0, index as u32)
            }
            "true" => Cell::bool(true),
            "false" => Cell::bool(false),
            "null" => Cell::NULL,
            _ => return self.expected(KINDS, &Token::Word(word)),
        })
    }
}

fn raw_cell(text: &str) -> Option<Cell> {
    let digits = text.strip_prefix("0x")?;
    let all = digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let bits = u64::from_str_radix(digits, 16).ok()?;
    all.then_some(Cell::from_bits(bits))
}
