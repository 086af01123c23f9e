//! From words to one op.

use super::error::{TextError, TextErrorKind};
use super::lexer::{Position, Token};
use super::parser::Parser;
use crate::program::{Bank, Field, Op, Opcode};

/// A name that stands for a number found elsewhere.
pub(super) struct Reference {
    pub(super) name: String,
    pub(super) at: Position,
}

/// An op whose field C may still be a name.
pub(super) struct ParsedOp {
    pub(super) op: Op,
    pub(super) target: Option<Reference>,
    pub(super) callee: Option<Reference>,
}

/// Reads the op that starts with `word`.
pub(super) fn op(parser: &mut Parser, word: &str) -> Result<ParsedOp, TextError> {
    if word == "op" {
        return raw(parser);
    }
    let Some(opcode) = Opcode::from_name(word) else {
        return parser.error(TextErrorKind::Mnemonic(word.into()));
    };
    let mut parsed = ParsedOp { op: Op::new(opcode, 0, 0, 0), target: None, callee: None };
    let mut values = [0; 3];
    let mut first = true;
    for (value, field) in values.iter_mut().zip(opcode.fields()) {
        if field == Field::Unused {
            continue;
        }
        if !std::mem::take(&mut first) {
            parser.comma()?;
        }
        *value = match field {
            Field::Unused => 0,
            Field::I64 | Field::I64Arguments => register(parser, Bank::I64)?,
            Field::F64 | Field::F64Arguments => register(parser, Bank::F64)?,
            Field::Cell => register(parser, Bank::Cell)?,
            Field::F64Pair => {
                let low = byte_register(parser)?;
                parser.comma()?;
                u16::from_le_bytes([low, byte_register(parser)?])
            }
            Field::Immediate => {
                let least = i64::from(i16::MIN);
                let number = parser.integer("immediate", least, i64::from(i16::MAX))?;
                (number as i16).cast_unsigned()
            }
            Field::Number => parser.u16("number")?,
            Field::Arguments => parser.u16("first argument register")?,
            Field::Target => match reference(parser, "a label")? {
                Ok(number) => number,
                Err(name) => {
                    parsed.target = Some(name);
                    0
                }
            },
            Field::Function => match function_reference(parser)? {
                Ok(number) => number,
                Err(name) => {
                    parsed.callee = Some(name);
                    0
                }
            },
            Field::Constant => indexed(parser, 'k')?,
            Field::Table => indexed(parser, 't')?,
            Field::Result => {
                let (bank, register) = any_register(parser)?;
                parsed.op.flags = match bank {
                    Bank::I64 => 0,
                    Bank::F64 => 1,
                    Bank::Cell => 2,
                };
                register
            }
        };
    }
    let [a, b, c] = values;
    parsed.op = Op { a, b, c: c.cast_signed(), ..parsed.op };
    Ok(parsed)
}

/// An op written as numbers.
fn raw(parser: &mut Parser) -> Result<ParsedOp, TextError> {
    let most = i64::from(u8::MAX);
    let code = parser.integer("opcode number", 0, most)? as u8;
    parser.comma()?;
    let flags = parser.integer("flags", 0, most)? as u8;
    parser.comma()?;
    let a = parser.u16("field A")?;
    parser.comma()?;
    let b = parser.u16("field B")?;
    parser.comma()?;
    let c = parser.integer("field C", i64::from(i16::MIN), i64::from(i16::MAX))? as i16;
    Ok(ParsedOp { op: Op { code, flags, a, b, c }, target: None, callee: None })
}

/// A function's number, or its name.
pub(super) fn function_reference(parser: &mut Parser) -> Result<Result<u16, Reference>, TextError> {
    reference(parser, "a function")
}

fn reference(parser: &mut Parser, what: &'static str) -> Result<Result<u16, Reference>, TextError> {
    if let Token::Number(_) = parser.peek() {
        return Ok(Ok(parser.u16(what)?));
    }
    match parser.take() {
        Token::Word(name) => Ok(Err(Reference { name, at: parser.at() })),
        Token::String(bytes) => {
            let name = String::from_utf8_lossy(&bytes).into_owned();
            Ok(Err(Reference { name, at: parser.at() }))
        }
        found => parser.expected(what, &found),
    }
}

/// The number behind a one-letter prefix.
fn split(word: &str) -> Option<(char, u16)> {
    let mut chars = word.chars();
    let letter = chars.next()?;
    let digits = chars.as_str();
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten().map(|number| (letter, number))
}

fn register(parser: &mut Parser, bank: Bank) -> Result<u16, TextError> {
    let letter = bank.letter();
    let word = parser.word("a register")?;
    match split(&word) {
        Some((found, number)) if found == letter => Ok(number),
        _ => parser.error(TextErrorKind::Register { letter, found: word }),
    }
}

fn byte_register(parser: &mut Parser) -> Result<u8, TextError> {
    let number = register(parser, Bank::F64)?;
    u8::try_from(number).or_else(|_| {
        let (what, text) = ("register of a pair", number.to_string());
        parser.error(TextErrorKind::Number { text, what, least: 0, most: 255 })
    })
}

fn any_register(parser: &mut Parser) -> Result<(Bank, u16), TextError> {
    let word = parser.word("a register")?;
    let found = split(&word)
        .and_then(|(letter, number)| Some((Bank::ALL.into_iter().find(|bank| bank.letter() == letter)?, number)));
    match found {
        Some(found) => Ok(found),
        None => parser.expected("a register", &Token::Word(word)),
    }
}

fn indexed(parser: &mut Parser, letter: char) -> Result<u16, TextError> {
    let what = if letter == 'k' { "a constant `kN`" } else { "a table `tN`" };
    let word = parser.word(what)?;
    match split(&word) {
        Some((found, number)) if found == letter => Ok(number),
        _ => parser.expected(what, &Token::Word(word)),
    }
}
