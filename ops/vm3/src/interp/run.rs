//! The loop.

use super::calls::{push_call, replace, replace_mixed};
use super::heap_ops::heap_op;
use super::probe::Probe;
use super::window::Window;
use crate::code::Inst;
use crate::fault::FaultKind;
use crate::frames::{FrameLayout, Place, header_place};
use crate::heap::Region;
use crate::host;
use crate::machine::{Ended, Machine, Trap};
use crate::native::{Left, MAX_PATIENCE, Tiering, enter, enter_loop, resumed, returned};
use crate::outcome::Returned;
use crate::program::MAX_MIXED;
use crate::stencils::ops;

impl Machine<'_> {
    /// Runs from `start` on, whose frame is set and those below it wait at calls, until the frame at word `entry` returns.
    /// Its result is not stored anywhere.
    ///
    /// # Errors
    /// The op that failed. Frames and heap stay as they are then.
    ///
    /// # Panics
    /// When there is no such function, or the frame does not fit the stack.
    pub(crate) fn run<P: Probe>(&mut self, start: Place, entry: usize, probe: &mut P) -> Result<Ended, Trap> {
        let (program, codes) = (self.program, self.codes);
        let fma = host::fma();
        let Place { mut function, mut pc, mut base } = start;
        let mut code = &codes[function];
        let mut words = self.words.all();
        let mut frame = Window(&mut words[base..base + code.layout.words()]);

        macro_rules! trap {
            ($kind:expr) => {
                return Err(Trap { kind: $kind, place: Place { function, pc, base } })
            };
        }
        macro_rules! next {
            ($set:ident, $dst:expr, $value:expr) => {{
                let value = $value;
                frame.$set($dst, value);
                pc += 1;
            }};
        }
        macro_rules! divide {
            ($flow:ident, $dst:expr, $value:expr) => {
                match $value {
                    ops::$flow::Next(value) => next!(set_i64, $dst, value),
                    ops::$flow::DivZero => trap!(FaultKind::DivisionByZero),
                }
            };
        }
        // Every now and then, a loop that goes around wants to be looked at.
        let tiering = self.tiering;
        let context = self.context;
        let mut given = patience(tiering, function);
        let mut patience_left = given;
        macro_rules! jump {
            ($target:expr) => {{
                let from = pc;
                pc = $target as usize;
                if pc <= from {
                    patience_left -= 1;
                    if patience_left == 0 {
                        break from;
                    }
                }
            }};
        }
        // Wherever a program could go on for ever, it can be stopped.
        macro_rules! stop_if_asked {
            () => {
                if context.requested() {
                    trap!(context.request())
                }
            };
        }
        macro_rules! branch {
            ($flow:ident: $op:ident($lhs:expr, $rhs:expr) -> $target:ident) => {
                match ops::$op($lhs, $rhs) {
                    ops::$flow::Next => pc += 1,
                    ops::$flow::Taken => jump!($target),
                }
            };
        }
        macro_rules! overflow {
            () => {
                trap!(FaultKind::StackOverflow { limit: words.len() * size_of::<u64>() })
            };
        }

        // Once around for every frame that returns.
        loop {
            let (returned, keeps_region) = 'ops: loop {
                // Runs the frame that has just been set up as compiled code, if there is any for it.
                macro_rules! native {
                    () => {
                        if P::NATIVE
                            && let Some(tiering) = tiering.filter(|tiering| tiering.compiled(function, 1))
                        {
                            match enter(self, tiering, function, base) {
                                Some(Left::Returned(given)) => {
                                    let returned = returned(self, tiering, function, given);
                                    words = self.words.all();
                                    frame = Window(&mut words[base..base + code.layout.words()]);
                                    // Compiled code has ended the frame's region.
                                    break 'ops (returned, false);
                                }
                                Some(Left::Resume) => Place { function, pc, base } = resumed(self, tiering),
                                Some(Left::Stopped) => return self.take_stopped(),
                                None => {}
                            }
                            code = &codes[function];
                            words = self.words.all();
                            frame = Window(&mut words[base..base + code.layout.words()]);
                        }
                    };
                }
                // Where a loop goes around that is to be looked at.
                let from = loop {
                    if let Err(limit) = probe.op() {
                        trap!(limit);
                    }
                    match code.insts[pc] {
                        Inst::Nop => pc += 1,
                        Inst::MovI64 { dst, src } => next!(set_i64, dst, frame.i64(src)),
                        Inst::MovF64 { dst, src } => next!(set_bits, dst, frame.bits(src)),
                        Inst::ConstI64 { dst, value } => next!(set_i64, dst, value),
                        Inst::ConstF64 { dst, bits } => next!(set_bits, dst, bits),
                        Inst::ConstCell { dst, bits } => next!(set_bits, dst, bits),
                        Inst::AddI64 { dst, lhs, rhs } => {
                            next!(set_i64, dst, ops::add_i64(frame.i64(lhs), frame.i64(rhs)))
                        }
                        Inst::AddI64K { dst, lhs, rhs } => {
                            next!(set_i64, dst, ops::add_i64(frame.i64(lhs), i64::from(rhs)))
                        }
                        Inst::SubI64 { dst, lhs, rhs } => {
                            next!(set_i64, dst, ops::sub_i64(frame.i64(lhs), frame.i64(rhs)))
                        }
                        Inst::SubI64K { dst, lhs, rhs } => {
                            next!(set_i64, dst, ops::sub_i64(frame.i64(lhs), i64::from(rhs)))
                        }
                        Inst::MulI64 { dst, lhs, rhs } => {
                            next!(set_i64, dst, ops::mul_i64(frame.i64(lhs), frame.i64(rhs)))
                        }
                        Inst::MulI64K { dst, lhs, rhs } => {
                            next!(set_i64, dst, ops::mul_i64(frame.i64(lhs), i64::from(rhs)))
                        }
                        Inst::AddF64 { dst, lhs, rhs } => {
                            next!(set_f64, dst, ops::add_f64(frame.f64(lhs), frame.f64(rhs)))
                        }
                        Inst::SubF64 { dst, lhs, rhs } => {
                            next!(set_f64, dst, ops::sub_f64(frame.f64(lhs), frame.f64(rhs)))
                        }
                        Inst::MulF64 { dst, lhs, rhs } => {
                            next!(set_f64, dst, ops::mul_f64(frame.f64(lhs), frame.f64(rhs)))
                        }
                        Inst::DivF64 { dst, lhs, rhs } => {
                            next!(set_f64, dst, ops::div_f64(frame.f64(lhs), frame.f64(rhs)))
                        }
                        Inst::DivI64 { dst, lhs, rhs } => {
                            divide!(DivI64, dst, ops::div_i64(frame.i64(lhs), frame.i64(rhs)))
                        }
                        Inst::DivI64K { dst, lhs, rhs } => {
                            divide!(DivI64, dst, ops::div_i64(frame.i64(lhs), i64::from(rhs)))
                        }
                        Inst::ModI64 { dst, lhs, rhs } => {
                            divide!(ModI64, dst, ops::mod_i64(frame.i64(lhs), frame.i64(rhs)))
                        }
                        Inst::ModI64K { dst, lhs, rhs } => {
                            divide!(ModI64, dst, ops::mod_i64(frame.i64(lhs), i64::from(rhs)))
                        }
                        Inst::NegI64 { dst, src } => next!(set_i64, dst, ops::neg_i64(frame.i64(src))),
                        Inst::NegF64 { dst, src } => next!(set_f64, dst, ops::neg_f64(frame.f64(src))),
                        Inst::SqrtF64 { dst, src } => {
                            next!(set_f64, dst, ops::sqrt_f64(frame.f64(src)))
                        }
                        Inst::FmaF64 { dst, lhs, rhs, addend, start } => {
                            let rhs = frame.f64(start + u32::from(rhs));
                            let addend = frame.f64(start + u32::from(addend));
                            // SAFETY: the host's function takes any floats.
                            let sum = unsafe { ops::fma_f64(frame.f64(lhs), rhs, addend, fma) };
                            next!(set_f64, dst, sum)
                        }
                        Inst::I64ToF64 { dst, src } => {
                            next!(set_f64, dst, ops::i64_to_f64(frame.i64(src)))
                        }
                        Inst::F64ToI64 { dst, src } => {
                            next!(set_i64, dst, ops::f64_to_i64(frame.f64(src)))
                        }
                        Inst::JumpEqI64 { lhs, rhs, target } => {
                            branch!(JumpEqI64: jump_eq_i64(frame.i64(lhs), frame.i64(rhs)) -> target)
                        }
                        Inst::JumpEqI64K { lhs, rhs, target } => {
                            branch!(JumpEqI64: jump_eq_i64(frame.i64(lhs), i64::from(rhs)) -> target)
                        }
                        Inst::JumpEqF64 { lhs, rhs, target } => {
                            branch!(JumpEqF64: jump_eq_f64(frame.f64(lhs), frame.f64(rhs)) -> target)
                        }
                        Inst::JumpNeI64 { lhs, rhs, target } => {
                            branch!(JumpNeI64: jump_ne_i64(frame.i64(lhs), frame.i64(rhs)) -> target)
                        }
                        Inst::JumpNeI64K { lhs, rhs, target } => {
                            branch!(JumpNeI64: jump_ne_i64(frame.i64(lhs), i64::from(rhs)) -> target)
                        }
                        Inst::JumpNeF64 { lhs, rhs, target } => {
                            branch!(JumpNeF64: jump_ne_f64(frame.f64(lhs), frame.f64(rhs)) -> target)
                        }
                        Inst::JumpLtI64 { lhs, rhs, target } => {
                            branch!(JumpLtI64: jump_lt_i64(frame.i64(lhs), frame.i64(rhs)) -> target)
                        }
                        Inst::JumpLtI64K { lhs, rhs, target } => {
                            branch!(JumpLtI64: jump_lt_i64(frame.i64(lhs), i64::from(rhs)) -> target)
                        }
                        Inst::JumpLtF64 { lhs, rhs, target } => {
                            branch!(JumpLtF64: jump_lt_f64(frame.f64(lhs), frame.f64(rhs)) -> target)
                        }
                        Inst::JumpLeI64 { lhs, rhs, target } => {
                            branch!(JumpLeI64: jump_le_i64(frame.i64(lhs), frame.i64(rhs)) -> target)
                        }
                        Inst::JumpLeI64K { lhs, rhs, target } => {
                            branch!(JumpLeI64: jump_le_i64(frame.i64(lhs), i64::from(rhs)) -> target)
                        }
                        Inst::JumpLeF64 { lhs, rhs, target } => {
                            branch!(JumpLeF64: jump_le_f64(frame.f64(lhs), frame.f64(rhs)) -> target)
                        }
                        Inst::JumpGtI64 { lhs, rhs, target } => {
                            branch!(JumpGtI64: jump_gt_i64(frame.i64(lhs), frame.i64(rhs)) -> target)
                        }
                        Inst::JumpGtI64K { lhs, rhs, target } => {
                            branch!(JumpGtI64: jump_gt_i64(frame.i64(lhs), i64::from(rhs)) -> target)
                        }
                        Inst::JumpGtF64 { lhs, rhs, target } => {
                            branch!(JumpGtF64: jump_gt_f64(frame.f64(lhs), frame.f64(rhs)) -> target)
                        }
                        Inst::JumpGeI64 { lhs, rhs, target } => {
                            branch!(JumpGeI64: jump_ge_i64(frame.i64(lhs), frame.i64(rhs)) -> target)
                        }
                        Inst::JumpGeI64K { lhs, rhs, target } => {
                            branch!(JumpGeI64: jump_ge_i64(frame.i64(lhs), i64::from(rhs)) -> target)
                        }
                        Inst::JumpGeF64 { lhs, rhs, target } => {
                            branch!(JumpGeF64: jump_ge_f64(frame.f64(lhs), frame.f64(rhs)) -> target)
                        }
                        Inst::Jump { target } => jump!(target),
                        Inst::LookupI64 { dst, index, table } => {
                            let table = &program.functions[function].tables[usize::from(table)][..];
                            let (index, length) = (frame.i64(index), table.len());
                            // SAFETY: these are the table's entries, which nothing writes.
                            match unsafe { ops::lookup_i64(index, table.as_ptr(), length as u64) } {
                                ops::LookupI64::Next(value) => next!(set_i64, dst, value),
                                ops::LookupI64::OutOfRange => {
                                    trap!(FaultKind::IndexOutOfRange { index, length })
                                }
                            }
                        }
                        Inst::Call { .. } | Inst::CallMixed { .. } => {
                            stop_if_asked!();
                            let from = Place { function, pc, base };
                            let Some(pushed) = push_call(words, codes, self.heap, from) else { overflow!() };
                            (function, base) = pushed;
                            (pc, code) = (0, &codes[function]);
                            frame = Window(&mut words[base..base + code.layout.words()]);
                            probe.enter();
                            native!();
                        }
                        Inst::TailCallI64 { callee, count, first } => {
                            stop_if_asked!();
                            let target = &codes[usize::from(callee)];
                            if replace(words, base, target.layout, first, count).is_none() {
                                overflow!()
                            }
                            (function, pc, code) = (usize::from(callee), 0, target);
                            frame = Window(&mut words[base..base + code.layout.words()]);
                            native!();
                        }
                        Inst::TailCallMixed { callee, moves } => {
                            stop_if_asked!();
                            let target = &codes[usize::from(callee)];
                            let moves = code.moves(moves);
                            if replace_mixed(words, base, target.layout, moves).is_none() {
                                overflow!()
                            }
                            (function, pc, code) = (usize::from(callee), 0, target);
                            frame = Window(&mut words[base..base + code.layout.words()]);
                            native!();
                        }
                        Inst::Host { result } => {
                            let parameters = &program.functions[function].parameters;
                            let slot = |(position, bank)| (bank, frame.bits(code.layout.slot(bank, position)));
                            let arguments = (0..).zip(parameters.iter().copied()).map(slot);
                            match self.hosts.call(function, result, arguments, self.heap) {
                                Ok(returned) => break 'ops (returned, code.keeps_region),
                                Err(kind) => trap!(kind),
                            }
                        }
                        Inst::CallTooWide => {
                            trap!(FaultKind::IndexOutOfRange { index: MAX_MIXED as i64, length: MAX_MIXED })
                        }
                        Inst::ReturnI64 { src } => break 'ops (Returned::I64(frame.i64(src)), code.keeps_region),
                        Inst::ReturnF64 { src } => break 'ops (Returned::F64(frame.f64(src)), code.keeps_region),
                        Inst::ReturnCell { src } => break 'ops (Returned::Cell(frame.cell(src)), code.keeps_region),
                        Inst::ReturnConst { value } => {
                            break 'ops (Returned::Constant(i64::from(value)), code.keeps_region);
                        }
                        Inst::Deopt { target } => {
                            return Ok(Ended::Deopt(target, Place { function, pc, base }));
                        }
                        Inst::Unknown { code } => trap!(FaultKind::UnknownOpcode { code }),
                        inst => {
                            if let Err(error) = heap_op(self.heap, &mut frame, inst) {
                                trap!(FaultKind::from(error))
                            }
                            pc += 1;
                        }
                    }
                };
                let turns = given;
                given = patience(tiering, function);
                patience_left = given;
                if context.requested() {
                    pc = from;
                    trap!(context.request())
                }
                if P::NATIVE
                    && let Some(tiering) = tiering
                    && tiering.compiled(function, turns)
                    && let Some(left) = enter_loop(self, tiering, Place { function, pc, base })
                {
                    match left {
                        Left::Returned(given) => {
                            let returned = returned(self, tiering, function, given);
                            words = self.words.all();
                            frame = Window(&mut words[base..base + code.layout.words()]);
                            break (returned, false);
                        }
                        Left::Resume => Place { function, pc, base } = resumed(self, tiering),
                        Left::Stopped => return self.take_stopped(),
                    }
                    code = &codes[function];
                }
                words = self.words.all();
                frame = Window(&mut words[base..base + code.layout.words()]);
            };

            let returned = if keeps_region {
                let region = Region::of_frame(frame.0);
                match returned {
                    Returned::Cell(cell) => Returned::Cell(self.heap.release_keeping(region, cell)),
                    unboxed => {
                        self.heap.release(region);
                        unboxed
                    }
                }
            } else {
                returned
            };
            if base == entry {
                return Ok(Ended::Returned(returned));
            }
            let caller = header_place(frame.bits(FrameLayout::HEADER));
            (function, pc) = caller.expect("a frame above the first one was called");
            code = &codes[function];
            base -= code.layout.words();
            frame = Window(&mut words[base..base + code.layout.words()]);
            code.land(frame.0, pc, returned);
            pc += 1;
            probe.leave();
        }
    }
}

/// How often a function may go around in loops before somebody looks at it.
fn patience(tiering: Option<&Tiering>, function: usize) -> u32 {
    tiering.map_or(MAX_PATIENCE, |tiering| tiering.patience(function))
}
