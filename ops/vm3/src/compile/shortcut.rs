//! Functions that begin with the question whether there is anything to do. What recurses mostly ends in calls of itself that
//! return at once, so callers ask themselves, and save whatever a call costs.

use super::opcodes::TRAITS;
use super::passing::Passed;
use crate::code::{Code, Inst};
use crate::program::{Bank, Op};

/// A way through a function that does nothing but compare ints that were passed and return one of them or a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shortcut {
    /// The opcode of the compare that branches where the function returns at once.
    pub(super) code: u8,
    /// The slot of what it compares.
    pub(super) lhs: u32,
    /// What it compares that with.
    pub(super) rhs: Value,
    /// What the function returns.
    pub(super) result: Value,
}

/// A value in a function that has only just been called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// An argument, in the function's own frame.
    Slot(u32),
    Constant(i64),
}

impl Shortcut {
    /// That of the function with index `function`, which was decoded from `ops`. None where it would hardly be taken: a
    /// function that calls itself once goes deeper with every call but one.
    pub(super) fn of(function: usize, code: &Code, ops: &[Op], passed: &Passed) -> Option<Self> {
        let first = ops.first()?;
        let traits = &TRAITS[usize::from(first.code)];
        // A compare of ints has an opposite.
        if code.keeps_region || traits.opposite == first.code {
            return None;
        }
        let rhs = match traits.immediates {
            [0, _] => Value::Slot(code.layout.slot(Bank::I64, first.b)),
            _ => Value::Constant(i64::from(first.b.cast_signed())),
        };
        let lhs = code.layout.slot(Bank::I64, first.a);
        let taken = returned_at(code, usize::from(first.index())).map(|result| (first.code, result));
        let (code_taken, result) = taken.or_else(|| Some((traits.opposite, returned_at(code, 1)?)))?;
        let is_passed = |value| !matches!(value, Value::Slot(slot) if !passed.has(slot));
        let all = [Value::Slot(lhs), rhs, result].into_iter().all(is_passed);
        (all && calls_of(code, function) != 1).then_some(Self { code: code_taken, lhs, rhs, result })
    }
}

/// What the function returns at once, and as an int, when it goes on at `pc`.
fn returned_at(code: &Code, pc: usize) -> Option<Value> {
    match (*code.insts.get(pc)?, code.insts.get(pc + 1)) {
        (Inst::ReturnI64 { src }, _) => Some(Value::Slot(src)),
        (Inst::ReturnConst { value }, _) => Some(Value::Constant(i64::from(value))),
        (Inst::ConstI64 { dst, value }, Some(Inst::ReturnI64 { src })) if dst == *src => Some(Value::Constant(value)),
        _ => None,
    }
}

/// How many ops of a function call `callee`.
fn calls_of(code: &Code, callee: usize) -> usize {
    let calls = code.insts.iter().filter(|inst| match inst {
        Inst::Call { callee: called, .. } | Inst::CallMixed { callee: called, .. } => usize::from(*called) == callee,
        _ => false,
    });
    calls.count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::decode;
    use crate::compile::Facts;
    use crate::program::{Opcode, text};

    /// The shortcut of the first function of a program.
    fn shortcut(source: &str) -> Option<Shortcut> {
        let program = text::parse(source).unwrap().verify().unwrap();
        Facts::of(program.program(), &decode(&program)).shortcuts[0]
    }

    fn function(body: &str) -> Option<Shortcut> {
        shortcut(&format!("func f(i64, i64) -> i64 {{\n regs 3 i64\n {body}\n}}"))
    }

    #[test]
    fn a_function_that_may_return_at_once_has_one() {
        let (lhs, other) = (1, 2);
        let (code, rhs) = (Opcode::CmpLtI64KBr as u8, Value::Constant(2));
        let argument = Shortcut { code, lhs, rhs, result: Value::Slot(other) };
        assert_eq!(function("CmpLtI64KBr r0, 2, end\n MovI64 r1, r0\n end: ReturnI64 r1"), Some(argument));
        // The other way: it returns where the compare does not branch.
        let constant =
            Shortcut { code: Opcode::CmpNeI64Br as u8, lhs, rhs: Value::Slot(other), result: Value::Constant(7) };
        assert_eq!(function("CmpEqI64Br r0, r1, on\n ReturnConstK 7\n on: Nop\n ReturnI64 r0"), Some(constant));
        let written = "CmpEqI64Br r0, r1, on\n ConstI64K r2, 7\n ReturnI64 r2\n on: Nop\n ReturnI64 r0";
        assert_eq!(function(written), Some(constant));
    }

    #[test]
    fn others_have_none() {
        // Something is done first, or in any case.
        assert_eq!(function("Nop\n CmpLtI64KBr r0, 2, end\n end: ReturnI64 r1"), None);
        assert_eq!(function("CmpLtI64KBr r0, 2, end\n Nop\n end: AddI64K r1, r1, 1\n ReturnI64 r1"), None);
        // What it returns or compares was not passed.
        assert_eq!(function("CmpLtI64KBr r0, 2, end\n Nop\n end: ReturnI64 r2"), None);
        assert_eq!(function("CmpLtI64KBr r2, 2, end\n Nop\n end: ReturnI64 r0"), None);
        // It returns something else, or ends a region first.
        assert_eq!(
            shortcut("func f(i64) -> f64 {\n regs 1 i64, 1 f64\n CmpLtI64KBr r0, 2, end\n end: ReturnF64 d0\n}"),
            None
        );
        let cells =
            "func f(i64) -> i64 {\n regs 1 i64, 1 cell\n CmpLtI64KBr r0, 2, end\n NewList c0, 1\n end: ReturnI64 r0\n}";
        assert_eq!(shortcut(cells), None);
    }

    #[test]
    fn a_function_that_calls_itself_once_has_none() {
        let calls = |count: usize| {
            let calls = "CallI64 r0, r0, f\n".repeat(count);
            shortcut(&format!(
                "func f(i64) -> i64 {{\n regs 1 i64\n CmpLtI64KBr r0, 2, end\n {calls} end: ReturnI64 r0\n}}"
            ))
        };
        assert_eq!([calls(0), calls(1), calls(2)].map(|found| found.is_some()), [true, false, true]);
    }
}
