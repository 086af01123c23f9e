//! What is wrong with a text, and where.

use thiserror::Error;

/// An error in an assembly text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}, column {column}: {kind}")]
pub struct TextError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    #[source]
    pub kind: TextErrorKind,
}

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TextErrorKind {
    /// Something else has to stand here.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What has to stand here.
        expected: &'static str,
        /// What stands here.
        found: String,
    },
    /// A character that no word starts with.
    #[error("`{0}` starts no word")]
    Character(char),
    /// A string that ends with its line.
    #[error("the string is not closed; end it with `\"` on the same line")]
    OpenString,
    /// A backslash with something else behind it than an escape.
    #[error("there is no such escape; write \\n, \\t, \\r, \\0, \\\\, \\\" or \\xNN")]
    Escape,
    /// A number that does not fit.
    #[error("`{text}` is no {what}, which is a number from {least} to {most}")]
    Number {
        /// The number.
        text: String,
        /// What it stands for.
        what: &'static str,
        /// The least it can be.
        least: i64,
        /// The most it can be.
        most: i64,
    },
    /// A float that cannot be read.
    #[error("`{0}` is no float")]
    Float(String),
    /// A raw cell that is not written as such.
    #[error("`{0}` is no cell; write 0x and 16 hexadecimal digits")]
    RawCell(String),
    /// An inline string that is too long.
    #[error("a constant string has at most 5 bytes; put it in a `string` line and write `slot N`")]
    LongString,
    /// A mnemonic that no opcode has.
    #[error("there is no op `{0}`")]
    Mnemonic(String),
    /// A register of another bank than the op works on.
    #[error("expected a register `{letter}N`, found `{found}`")]
    Register {
        /// The letter of the bank.
        letter: char,
        /// What stands here.
        found: String,
    },
    /// A constant or table out of order.
    #[error("expected `{0}`: constants and tables are numbered in order")]
    Order(String),
    /// A label that the function does not have.
    #[error("the function has no label `{0}`")]
    Label(String),
    /// A label that the function has twice.
    #[error("the function already has a label `{0}`")]
    LabelTwice(String),
    /// A function name that the program does not have.
    #[error("the program has no function `{0}`")]
    Function(String),
    /// A function name that the program has twice.
    #[error("the program has several functions `{0}`; name the one you mean by its number")]
    FunctionTwice(String),
    /// A line that may stand only once.
    #[error("there may be only one `{0}` line")]
    Twice(&'static str),
    /// More ops than a position can name.
    #[error("the function has too many ops; it may have 65536")]
    TooLong,
}
