//! From a verified function to its decoded form.

use super::inst::{Inst, Landing, Moves};
use crate::frames::FrameLayout;
use crate::program::{Bank, MAX_MIXED, Op, Opcode, Program, Verified};

/// One argument of a mixed call: a slot of the caller's frame and the slot of the callee's frame it goes to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Move {
    pub(crate) from: u32,
    pub(crate) to: u32,
}

/// A decoded function.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) insts: Box<[Inst]>,
    pub(crate) moves: Box<[Move]>,
    pub(crate) layout: FrameLayout,
    /// Whether frames of this function own a region of the heap.
    pub(crate) keeps_region: bool,
    /// How many parameters the function has, if all of them are ints that it has registers for.
    pub(crate) int_parameters: Option<usize>,
}

/// Decodes every function of a program.
pub(crate) fn decode(program: &Verified) -> Box<[Code]> {
    (0..program.program().functions.len()).map(|index| decode_function(program, index)).collect()
}

fn decode_function(verified: &Verified, index: usize) -> Code {
    let program = verified.program();
    let layout = layout_of(verified, index);
    let mut decoder = Decoder { verified, program, index, layout, moves: Vec::new() };
    let code = &program.functions[index].code;
    let insts = if program.functions[index].host {
        [Inst::Host { result: program.functions[index].result }].into()
    } else {
        code.iter().map(|op| decoder.op(*op)).collect()
    };
    let function = &program.functions[index];
    let ints = function.parameter_count(Bank::I64);
    let only_ints = ints == function.parameters.len() && ints <= usize::from(function.registers.i64);
    Code {
        insts,
        moves: decoder.moves.into(),
        layout,
        keeps_region: verified.keeps_region(index),
        int_parameters: only_ints.then_some(ints),
    }
}

/// The frames of a function.
fn layout_of(verified: &Verified, index: usize) -> FrameLayout {
    FrameLayout::of(verified.program().functions[index].registers, verified.keeps_region(index))
}

struct Decoder<'p> {
    verified: &'p Verified,
    program: &'p Program,
    index: usize,
    layout: FrameLayout,
    moves: Vec<Move>,
}

impl Decoder<'_> {
    fn op(&mut self, op: Op) -> Inst {
        let Some(opcode) = op.opcode() else {
            return Inst::Unknown { code: op.code };
        };
        let Op { a, b, c, .. } = op;
        let (i, f, x) = (Bank::I64, Bank::F64, Bank::Cell);
        let slot = |bank, register| self.layout.slot(bank, register);
        let n = op.index();
        let target = u32::from(n);
        let constant = || self.program.functions[self.index].constants[usize::from(n)];
        macro_rules! dst_src {
            ($name:ident, $dst:ident, $src:ident) => {
                Inst::$name { dst: slot($dst, a), src: slot($src, b) }
            };
        }
        macro_rules! dst_lhs_rhs {
            ($name:ident, $bank:ident) => {
                Inst::$name { dst: slot($bank, a), lhs: slot($bank, b), rhs: slot($bank, n) }
            };
        }
        macro_rules! dst_lhs_k {
            ($name:ident) => {
                Inst::$name { dst: slot(i, a), lhs: slot(i, b), rhs: c }
            };
        }
        macro_rules! branch {
            ($name:ident, $bank:ident) => {
                Inst::$name { lhs: slot($bank, a), rhs: slot($bank, b), target }
            };
        }
        macro_rules! branch_k {
            ($name:ident) => {
                Inst::$name { lhs: slot(i, a), rhs: b.cast_signed(), target }
            };
        }
        match opcode {
            Opcode::Nop => Inst::Nop,
            Opcode::MovI64 => dst_src!(MovI64, i, i),
            Opcode::MovF64 => dst_src!(MovF64, f, f),
            Opcode::ConstI64K => Inst::ConstI64 { dst: slot(i, a), value: i64::from(c) },
            Opcode::ConstF64K => Inst::ConstF64 { dst: slot(f, a), bits: constant().bits() },
            Opcode::ConstI64KW => Inst::ConstI64 { dst: slot(i, a), value: constant().as_int() },
            Opcode::ConstStrKW => Inst::ConstCell { dst: slot(x, a), bits: constant().bits() },
            Opcode::AddI64 => dst_lhs_rhs!(AddI64, i),
            Opcode::SubI64 => dst_lhs_rhs!(SubI64, i),
            Opcode::MulI64 => dst_lhs_rhs!(MulI64, i),
            Opcode::DivI64 => dst_lhs_rhs!(DivI64, i),
            Opcode::ModI64 => dst_lhs_rhs!(ModI64, i),
            Opcode::NegI64 => dst_src!(NegI64, i, i),
            Opcode::AddI64K => dst_lhs_k!(AddI64K),
            Opcode::SubI64K => dst_lhs_k!(SubI64K),
            Opcode::MulI64K => dst_lhs_k!(MulI64K),
            Opcode::DivI64K => dst_lhs_k!(DivI64K),
            Opcode::ModI64K => dst_lhs_k!(ModI64K),
            Opcode::AddF64 => dst_lhs_rhs!(AddF64, f),
            Opcode::SubF64 => dst_lhs_rhs!(SubF64, f),
            Opcode::MulF64 => dst_lhs_rhs!(MulF64, f),
            Opcode::DivF64 => dst_lhs_rhs!(DivF64, f),
            Opcode::NegF64 => dst_src!(NegF64, f, f),
            Opcode::SqrtF64 => dst_src!(SqrtF64, f, f),
            Opcode::I64ToF64 => dst_src!(I64ToF64, f, i),
            Opcode::F64ToI64 => dst_src!(F64ToI64, i, f),
            Opcode::FmaF64 => {
                let [rhs, addend] = op.register_pair();
                let start = self.layout.start(f);
                Inst::FmaF64 { dst: slot(f, a), lhs: slot(f, b), rhs, addend, start }
            }
            Opcode::CmpEqI64Br => branch!(JumpEqI64, i),
            Opcode::CmpNeI64Br => branch!(JumpNeI64, i),
            Opcode::CmpLtI64Br => branch!(JumpLtI64, i),
            Opcode::CmpLeI64Br => branch!(JumpLeI64, i),
            Opcode::CmpGtI64Br => branch!(JumpGtI64, i),
            Opcode::CmpGeI64Br => branch!(JumpGeI64, i),
            Opcode::CmpEqI64KBr => branch_k!(JumpEqI64K),
            Opcode::CmpNeI64KBr => branch_k!(JumpNeI64K),
            Opcode::CmpLtI64KBr => branch_k!(JumpLtI64K),
            Opcode::CmpLeI64KBr => branch_k!(JumpLeI64K),
            Opcode::CmpGtI64KBr => branch_k!(JumpGtI64K),
            Opcode::CmpGeI64KBr => branch_k!(JumpGeI64K),
            Opcode::CmpEqF64Br => branch!(JumpEqF64, f),
            Opcode::CmpNeF64Br => branch!(JumpNeF64, f),
            Opcode::CmpLtF64Br => branch!(JumpLtF64, f),
            Opcode::CmpLeF64Br => branch!(JumpLeF64, f),
            Opcode::CmpGtF64Br => branch!(JumpGtF64, f),
            Opcode::CmpGeF64Br => branch!(JumpGeF64, f),
            Opcode::Jump => Inst::Jump { target },
            Opcode::LookupI64KW => Inst::LookupI64 { dst: slot(i, a), index: slot(i, b), table: n },
            Opcode::CallI64 => self.call(op, i),
            Opcode::CallF64 => self.call(op, f),
            Opcode::CallMixed | Opcode::TailCallMixed => self.mixed(opcode, op),
            Opcode::TailCallI64 => {
                let count = self.parameters(n, i);
                Inst::TailCallI64 { callee: n, count, first: self.first(i, b, count) }
            }
            Opcode::ReturnI64 => Inst::ReturnI64 { src: slot(i, a) },
            Opcode::ReturnF64 => Inst::ReturnF64 { src: slot(f, a) },
            Opcode::ReturnCell => Inst::ReturnCell { src: slot(x, a) },
            Opcode::ReturnConstK => Inst::ReturnConst { value: c },
            Opcode::Deopt => Inst::Deopt { target: n },
            Opcode::CallCell | Opcode::ListGetCell | Opcode::ListSetCell => Inst::Unknown { code: op.code },
            Opcode::LenStr => Inst::LenStr { dst: slot(i, a), string: slot(x, b) },
            Opcode::ConcatStr => dst_lhs_rhs!(ConcatStr, x),
            Opcode::NewList => Inst::NewList { dst: slot(x, a), capacity: c },
            Opcode::ListLenI64 => Inst::ListLen { dst: slot(i, a), list: slot(x, b) },
            Opcode::ListPushI64 => Inst::ListPush { list: slot(x, a), value: slot(i, b) },
            Opcode::ListGetI64 => Inst::ListGetI64 { dst: slot(i, a), list: slot(x, b), index: slot(i, n) },
            Opcode::ListSetI64 => Inst::ListSetI64 { list: slot(x, a), value: slot(i, b), index: slot(i, n) },
            Opcode::ListGetF64 => Inst::ListGetF64 { dst: slot(f, a), list: slot(x, b), index: slot(i, n) },
            Opcode::ListSetF64 => Inst::ListSetF64 { list: slot(x, a), value: slot(f, b), index: slot(i, n) },
            Opcode::NewMap => Inst::NewMap { dst: slot(x, a), expected: n },
            Opcode::MapSetI64I64 => Inst::MapSet { map: slot(x, a), key: slot(i, b), value: slot(i, n) },
            Opcode::MapGetI64I64 => Inst::MapGet { dst: slot(i, a), map: slot(x, b), key: slot(i, n) },
        }
    }

    /// The parameters of `bank` that function `callee` has; verified to be registers, so at most 65535.
    fn parameters(&self, callee: u16, bank: Bank) -> u16 {
        self.program.functions[usize::from(callee)].parameter_count(bank) as u16
    }

    /// The slot of the first argument. Where there are none, the verifier lets the register be any, also one that is not in
    /// the frame.
    fn first(&self, bank: Bank, register: u16, count: u16) -> u32 {
        if count == 0 { 0 } else { self.layout.slot(bank, register) }
    }

    fn call(&self, op: Op, bank: Bank) -> Inst {
        let callee = op.index();
        let landing = Landing { bank, register: op.a };
        let count = self.parameters(callee, bank);
        Inst::Call { landing, callee, count, first: self.first(bank, op.b, count) }
    }

    fn mixed(&mut self, opcode: Opcode, op: Op) -> Inst {
        if Program::is_restart(op, self.index) {
            return Inst::Jump { target: 0 };
        }
        let callee = op.index();
        let function = &self.program.functions[usize::from(callee)];
        if function.parameters.len() > MAX_MIXED {
            return Inst::CallTooWide;
        }
        let start = self.moves.len() as u32;
        let into = layout_of(self.verified, usize::from(callee));
        for (position, bank) in (0..).zip(&function.parameters) {
            let from = self.layout.slot(*bank, op.b + position);
            self.moves.push(Move { from, to: into.slot(*bank, position) });
        }
        let moves = Moves { start, count: function.parameters.len() as u8 };
        if opcode == Opcode::TailCallMixed {
            return Inst::TailCallMixed { callee, moves };
        }
        let landing = Landing { bank: op.result_bank(), register: op.a };
        Inst::CallMixed { landing, callee, moves }
    }
}
