//! What is wrong with a program file.

use thiserror::Error;

/// An error in a program file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JsonError {
    /// No JSON, or something missing, or of the wrong type; the cause says where.
    #[error(transparent)]
    Syntax(#[from] serde_json::Error),
    /// A file without programs.
    #[error("the file has neither `programs` nor `kernels`")]
    NoPrograms,
    /// Something that cannot be read.
    #[error("program `{program}`, {place}: {problem}")]
    Content {
        /// The program's name.
        program: String,
        /// Where in the program.
        place: String,
        /// What is wrong.
        problem: Problem,
    },
}

/// What is wrong at some place of a program file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Problem {
    /// A number that is not written as it should be.
    #[error("`{text}` is no {what}")]
    Number {
        /// What is written.
        text: String,
        /// What it should be.
        what: &'static str,
    },
    /// A word that means nothing here.
    #[error("`{text}` is no {what}")]
    Word {
        /// The word.
        text: String,
        /// What it should be.
        what: &'static str,
    },
    /// A mnemonic that belongs to another number.
    #[error("opcode {code} is `{expected}`, not `{found}`")]
    Mnemonic {
        /// The number.
        code: u8,
        /// Its mnemonic.
        expected: String,
        /// The mnemonic in the file.
        found: String,
    },
    /// A repeat count of 0, or one with which the file's code would grow too large.
    #[error("repeat count {count} is not between 1 and what a file may add, {most} ops in all")]
    Repeat {
        /// The count.
        count: u64,
        /// The most ops that repeats may add.
        most: u64,
    },
}
