//! The assembly format.
//!
//! ```text
//! ; comments run from a semicolon to the end of the line
//! string "longer than five bytes"     ; string arena slot 0 of every new machine
//! entry main                          ; without this line the first function is the entry
//!
//! func main(i64) -> i64 {
//!     regs 3 i64, 1 f64, 1 cell
//!     const k0 = float 0.5            ; or int 7, string "abc", slot 0, true, false, null, 0xfffc000000000000
//!     const k1 = slot 0               ; the handle of string slot 0
//!     table t0 = 10, 20, 30
//!
//!     ConstStrKW c0, k1
//! again:
//!     CmpLeI64KBr r0, 0, done
//!     SubI64K r0, r0, 1
//!     Jump again
//! done:
//!     CallMixed r1, 0, length         ; the bank of the result is the letter of its register
//!     ReturnI64 r1
//! }
//!
//! func length(cell) -> i64 {
//!     regs 1 i64, 1 cell
//!     LenStr r0, c0
//!     ReturnI64 r0
//! }
//!
//! host func log(i64, f64) -> i64      ; a function that the host provides
//! ```
//!
//! An op is a mnemonic and its operands in the order of the fields A, B and C, without those the op does not look at.
//! Registers are `r`, `d` and `c` with a number; targets are labels, functions names; either may be a number. Names that
//! are no plain words are quoted like strings. Strings have the escapes `\n`, `\t`, `\r`, `\0`, `\\`, `\"` and `\xNN`.
//! Ops stand for the lines that they stand on, for debuggers and in errors. A compiler can say otherwise: `source "FILE"`
//! before the functions names the file that lines count in, `line NUMBER` among ops gives the line of those that follow in
//! the function.
//! What no mnemonic expresses is written as numbers: `op CODE, FLAGS, A, B, C`.
//!
//! [`parse`] reads any program that [`print()`] writes, and gets the same program, but for the lines.

mod declarations;
mod error;
mod lexer;
mod operands;
mod parser;
mod print;

pub use error::{TextError, TextErrorKind};
pub use parser::parse;
pub(crate) use print::ops;
pub use print::{op, print};

#[cfg(test)]
mod tests;
