//! The program files: programs with test cases and the outcomes to expect, as JSON.
//!
//! Numbers of 64 bits stand in strings there. Whatever a file holds, reading it ends in a [`File`] or in a [`JsonError`].

mod cases;
mod convert;
mod error;
mod raw;

pub use cases::{Case, Expectation, Status, Stop, TestProgram, Value};
pub use error::JsonError;

/// A program file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The programs, in the order of the file. They are not verified.
    pub programs: Vec<TestProgram>,
}

impl File {
    /// Reads a file's text.
    ///
    /// # Errors
    /// The first thing that is no JSON, or that is not what a program file has in its place.
    pub fn parse(text: &str) -> Result<Self, JsonError> {
        convert::file(serde_json::from_str(text)?)
    }
}

#[cfg(test)]
mod tests;
