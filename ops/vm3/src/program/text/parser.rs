//! From words to a program: the lines around the ops.

use super::error::{TextError, TextErrorKind};
use super::lexer::{Position, Token, lex};
use super::operands::{self, Reference};
use crate::program::{Bank, Function, Op, Program, RegisterCounts};
use std::collections::HashMap;

/// Reads a program.
///
/// # Errors
/// The first error, with line and column. The program is not verified.
pub fn parse(text: &str) -> Result<Program, TextError> {
    let tokens = lex(text)?;
    let last = Position { line: text.lines().count().max(1), column: 1 };
    let mut parser = Parser { tokens: tokens.into_iter(), peeked: None, at: last };
    parser.program()
}

/// A function whose calls still name functions that may stand further down.
struct Pending {
    function: Function,
    /// The line of each op.
    lines: Vec<u32>,
    calls: Vec<(usize, Reference)>,
}

pub(super) struct Parser {
    tokens: std::vec::IntoIter<(Position, Token)>,
    peeked: Option<(Position, Token)>,
    /// Where the token last taken stands.
    at: Position,
}

impl Parser {
    pub(super) fn peek(&mut self) -> &Token {
        if self.peeked.is_none() {
            self.peeked = self.tokens.next();
        }
        self.peeked.as_ref().map_or(&Token::EndOfLine, |(_, token)| token)
    }

    pub(super) fn take(&mut self) -> Token {
        self.peek();
        match self.peeked.take() {
            Some((at, token)) => {
                self.at = at;
                token
            }
            None => Token::EndOfLine,
        }
    }

    /// An error at the token last taken.
    pub(super) fn error<T>(&self, kind: TextErrorKind) -> Result<T, TextError> {
        Err(self.at.error(kind))
    }

    pub(super) fn expected<T>(&self, what: &'static str, found: &Token) -> Result<T, TextError> {
        self.error(TextErrorKind::Expected { expected: what, found: found.describe() })
    }

    pub(super) fn at(&self) -> Position {
        self.at
    }

    pub(super) fn mark(&mut self, mark: char, name: &'static str) -> Result<(), TextError> {
        match self.take() {
            Token::Mark(found) if found == mark => Ok(()),
            found => self.expected(name, &found),
        }
    }

    pub(super) fn comma(&mut self) -> Result<(), TextError> {
        self.mark(',', "`,`")
    }

    pub(super) fn word(&mut self, what: &'static str) -> Result<String, TextError> {
        match self.take() {
            Token::Word(word) => Ok(word),
            found => self.expected(what, &found),
        }
    }

    fn end_of_line(&mut self) -> Result<(), TextError> {
        match self.take() {
            Token::EndOfLine => Ok(()),
            found => self.expected("the end of the line", &found),
        }
    }

    /// Whether the text is at its end; skips empty lines.
    fn at_end(&mut self) -> bool {
        while self.peek() == &Token::EndOfLine {
            self.take();
            self.peek();
            if self.peeked.is_none() {
                return true;
            }
        }
        false
    }

    /// An integer between `least` and `most`, decimal or hexadecimal.
    pub(super) fn integer(&mut self, what: &'static str, least: i64, most: i64) -> Result<i64, TextError> {
        match self.take() {
            Token::Number(text) => match integer(&text) {
                Some(number) if (least..=most).contains(&number) => Ok(number),
                _ => self.error(TextErrorKind::Number { text, what, least, most }),
            },
            found => self.expected(what, &found),
        }
    }

    pub(super) fn u16(&mut self, what: &'static str) -> Result<u16, TextError> {
        Ok(self.integer(what, 0, i64::from(u16::MAX))? as u16)
    }

    fn name(&mut self) -> Result<String, TextError> {
        match self.take() {
            Token::Word(word) => Ok(word),
            Token::String(bytes) => match String::from_utf8(bytes) {
                Ok(name) => Ok(name),
                Err(_) => self.expected("a name in UTF-8", &Token::String(Vec::new())),
            },
            found => self.expected("a name", &found),
        }
    }

    pub(super) fn bank(&mut self) -> Result<Bank, TextError> {
        let word = self.word("a bank")?;
        match Bank::from_name(&word) {
            Some(bank) => Ok(bank),
            None => self.expected("`i64`, `f64` or `cell`", &Token::Word(word)),
        }
    }

    fn program(&mut self) -> Result<Program, TextError> {
        let mut program = Program::default();
        let mut pending: Vec<Pending> = Vec::new();
        let mut entry = None;
        while !self.at_end() {
            let keyword = self.word("`func`, `host`, `string`, `source` or `entry`")?;
            match keyword.as_str() {
                "string" => match self.take() {
                    Token::String(bytes) => program.strings.push(bytes),
                    found => return self.expected("a string", &found),
                },
                "source" if program.source.file.is_some() => return self.error(TextErrorKind::Twice("source")),
                "source" => program.source.file = Some(self.name()?),
                "entry" if entry.is_some() => return self.error(TextErrorKind::Twice("entry")),
                "entry" => entry = Some(operands::function_reference(self)?),
                "func" => pending.push(self.function()?),
                "host" => {
                    match self.word("`func`")?.as_str() {
                        "func" => {}
                        other => return self.expected("`func`", &Token::Word(other.into())),
                    }
                    let (name, parameters, result) = self.head()?;
                    let function = Function::host(name, &parameters, result);
                    pending.push(Pending { function, lines: Vec::new(), calls: Vec::new() });
                }
                _ => {
                    return self.expected("`func`, `host`, `string`, `source` or `entry`", &Token::Word(keyword));
                }
            }
            self.end_of_line()?;
        }
        resolve(program, pending, entry)
    }

    /// Name, parameters and result of a function, from behind its keyword.
    fn head(&mut self) -> Result<(String, Vec<Bank>, Bank), TextError> {
        let name = self.name()?;
        self.mark('(', "`(`")?;
        let mut parameters = Vec::new();
        while self.peek() != &Token::Mark(')') {
            if !parameters.is_empty() {
                self.comma()?;
            }
            parameters.push(self.bank()?);
        }
        self.take();
        match self.take() {
            Token::Arrow => {}
            found => return self.expected("`->` and the bank of the result", &found),
        }
        Ok((name, parameters, self.bank()?))
    }

    /// A function, from behind its keyword to its closing brace.
    fn function(&mut self) -> Result<Pending, TextError> {
        let (name, parameters, result) = self.head()?;
        self.mark('{', "`{`")?;
        self.end_of_line()?;
        let function = Function {
            name,
            registers: RegisterCounts::default(),
            parameters,
            result,
            constants: Vec::new(),
            tables: Vec::new(),
            code: Vec::new(),
            host: false,
        };
        self.body(Pending { function, lines: Vec::new(), calls: Vec::new() })
    }

    fn body(&mut self, mut pending: Pending) -> Result<Pending, TextError> {
        let mut labels: HashMap<String, u16> = HashMap::new();
        let mut targets: Vec<(usize, Reference)> = Vec::new();
        let mut registers = None;
        let mut line = None;
        loop {
            if self.at_end() {
                return self.expected("`}`", &Token::EndOfLine);
            }
            if self.peek() == &Token::Mark('}') {
                self.take();
                break;
            }
            let word = self.word("an op, a label, `regs`, `const`, `table`, `line` or `}`")?;
            let at = self.at;
            if self.peek() == &Token::Mark(':') {
                self.take();
                let pc = pending.function.code.len();
                let Ok(pc) = u16::try_from(pc) else {
                    return self.error(TextErrorKind::TooLong);
                };
                if labels.insert(word.clone(), pc).is_some() {
                    return Err(at.error(TextErrorKind::LabelTwice(word)));
                }
                // An op may follow on the label's line.
                continue;
            }
            match word.as_str() {
                "regs" if registers.is_some() => return self.error(TextErrorKind::Twice("regs")),
                "regs" => registers = Some(self.registers()?),
                "const" => {
                    self.numbered('k', pending.function.constants.len())?;
                    pending.function.constants.push(self.constant()?);
                }
                "table" => {
                    self.numbered('t', pending.function.tables.len())?;
                    pending.function.tables.push(self.table()?);
                }
                "line" => line = Some(self.integer("a line", 1, i64::from(u32::MAX))? as u32),
                _ => {
                    let parsed = operands::op(self, &word)?;
                    let pc = pending.function.code.len();
                    targets.extend(parsed.target.map(|target| (pc, target)));
                    pending.calls.extend(parsed.callee.map(|callee| (pc, callee)));
                    pending.function.code.push(parsed.op);
                    pending.lines.push(line.unwrap_or(at.line as u32));
                }
            }
            self.end_of_line()?;
        }
        pending.function.registers = registers.unwrap_or_default();
        for (pc, target) in targets {
            let Some(label) = labels.get(&target.name) else {
                return Err(target.at.error(TextErrorKind::Label(target.name)));
            };
            set_index(&mut pending.function.code[pc], *label);
        }
        Ok(pending)
    }
}

/// Puts the functions' numbers where their names stand.
fn resolve(
    mut program: Program,
    pending: Vec<Pending>,
    entry: Option<Result<u16, Reference>>,
) -> Result<Program, TextError> {
    let mut numbers: HashMap<String, Vec<usize>> = HashMap::new();
    for (number, pending) in pending.iter().enumerate() {
        numbers.entry(pending.function.name.clone()).or_default().push(number);
    }
    let number = |reference: Reference| match numbers.get(&reference.name).map(Vec::as_slice) {
        None => Err(reference.at.error(TextErrorKind::Function(reference.name))),
        Some([number]) => Ok(*number),
        Some(_) => Err(reference.at.error(TextErrorKind::FunctionTwice(reference.name))),
    };
    program.entry = match entry {
        None => 0,
        Some(Ok(index)) => usize::from(index),
        Some(Err(reference)) => number(reference)?,
    };
    for Pending { mut function, lines, calls } in pending {
        for (pc, reference) in calls {
            let at = reference.at;
            match u16::try_from(number(reference)?) {
                Ok(callee) => set_index(&mut function.code[pc], callee),
                Err(_) => return Err(at.error(TextErrorKind::TooLong)),
            }
        }
        program.functions.push(function);
        program.source.lines.push(lines);
    }
    Ok(program)
}

fn set_index(op: &mut Op, index: u16) {
    op.c = index.cast_signed();
}

/// A decimal number, or a hexadecimal one that may use all 64 bits.
fn integer(text: &str) -> Option<i64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok().map(u64::cast_signed),
        None => text.parse().ok(),
    }
}
