//! Frames, limits, and what is left after a run.

use super::{Vm, VmError, VmOptions};
use crate::frames::{Place, header};
use crate::program::{Arena, Bank, text};
use crate::{FaultKind, Outcome, Returned, Tier};

fn vm_with(source: &str, options: &VmOptions) -> Vm {
    Vm::new(text::parse(source).unwrap().verify().unwrap(), options).unwrap()
}

fn vm(source: &str) -> Vm {
    vm_with(source, &VmOptions::default())
}

const FOREVER: &str = "func f(i64) -> i64 {\n regs 2 i64\n Nop\n CallI64 r1, r0, f\n ReturnI64 r1\n}";

#[test]
fn a_trace_names_functions_positions_and_lines_in_every_tier() {
    let text = "source \"t.vm3\"\nfunc outer(i64) -> i64 {\nregs 2 i64\nCallI64 r0, r0, inner\nReturnI64 r0\n}\n\
                func inner(i64) -> i64 {\nregs 2 i64\nCmpEqI64KBr r0, 0, end\nSubI64K r0, r0, 1\n\
                CallI64 r0, r0, inner\nend: DivI64 r0, r0, r1\nReturnI64 r0\n}";
    let program = text::parse(text).unwrap().verify().unwrap();
    let traces = Tier::ALL.iter().map(|tier| {
        let options = VmOptions { tier: *tier, threshold: 0, ..VmOptions::default() };
        let mut vm = Vm::new(program.clone(), &options).unwrap();
        assert_eq!(vm.trace().inner, []);
        vm.run(&[1]).unwrap_err();
        let short = vm.trace();
        vm.run(&[100]).unwrap_err();
        (short, vm.trace())
    });
    let traces: Vec<_> = traces.collect();
    assert!(traces.windows(2).all(|pair| pair[0] == pair[1]), "{traces:?}");
    let (short, long) = &traces[0];
    assert_eq!(
        short.to_string(),
        "   0: `inner`, pc 3, t.vm3:12\n   1: `inner`, pc 2, t.vm3:11\n   2: `outer`, pc 0, t.vm3:4\n"
    );
    assert_eq!((long.inner.len(), long.left_out, long.outer.len()), (12, 78, 12));
    assert!(long.to_string().ends_with(" 101: `outer`, pc 0, t.vm3:4\n"), "{long}");
}

#[test]
fn recursion_ends_with_the_stack_and_the_machine_goes_on() {
    let options = VmOptions { stack_bytes: 4096, ..VmOptions::default() };
    let mut vm = vm_with(FOREVER, &options);
    for _ in 0..2 {
        let fault = vm.run(&[5]).unwrap_err();
        assert_eq!(fault.kind, FaultKind::StackOverflow { limit: 4096 });
        // A frame is a header and two registers, of 512 words.
        assert_eq!((fault.pc, fault.depth), (1, 170));
        let places: Vec<Place> = vm.backtrace().collect();
        assert_eq!(places.len(), 170);
        assert!(places.iter().all(|place| place.pc == 1 && place.function == 0));
        assert_eq!((places[0].base, places[169].base), (507, 0));
        assert_eq!(vm.register(places[0], Bank::I64, 0), Some(5));
    }
}

#[test]
fn a_tail_call_to_a_larger_frame_can_overflow_too() {
    let source = "func f() -> i64 {\n TailCallMixed 0, g\n}\nfunc g() -> i64 {\n regs 600 i64\n ReturnConstK 0\n}";
    let options = VmOptions { stack_bytes: 4096, ..VmOptions::default() };
    for source in [source.to_owned(), source.replace("TailCallMixed 0", "TailCallI64 r0")] {
        let mut vm = vm_with(&source, &options);
        let fault = vm.run(&[]).unwrap_err();
        assert_eq!(fault.kind, FaultKind::StackOverflow { limit: 4096 });
        assert_eq!((fault.function, fault.pc, fault.depth), (0, 0, 1));
        let fault = vm.call(1, &[]).unwrap_err();
        assert_eq!((fault.function, fault.depth), (1, 0));
        assert_eq!(vm.backtrace().count(), 0);
    }
}

#[test]
fn registers_start_as_zero_in_every_run_and_surplus_arguments_are_dropped() {
    let mut vm = vm("func f() -> i64 {\n regs 2 i64\n AddI64K r1, r1, 1\n ReturnI64 r1\n}");
    let returned = |value| Ok(Outcome::Returned(Returned::I64(value)));
    assert_eq!(vm.run(&[1, 5, 9]), returned(6));
    assert_eq!(vm.run(&[]), returned(1));
    assert_eq!(vm.run(&[]), returned(1));
}

#[test]
fn a_nested_run_returns_its_value_and_leaves_the_frames_below() {
    let source = "func f(i64) -> i64 {\n regs 2 i64\n CallI64 r1, r0, g\n ReturnI64 r1\n}
func g(i64) -> f64 {\n regs 2 i64, 1 f64\n CallI64 r1, r0, h\n I64ToF64 d0, r1\n ReturnF64 d0\n}
func h(i64) -> i64 {\n regs 1 i64\n DivI64K r0, r0, 2\n ReturnI64 r0\n}";
    let mut vm = vm(source);
    vm.enter(0, &[10]).unwrap();
    // As a call at pc 0 of `f` lays it.
    vm.stack.words_mut()[3..7].copy_from_slice(&[header(0, 0), 10, 0, 0]);
    assert_eq!(vm.run_frame(1, 3), Ok(Outcome::Returned(Returned::F64(5.0))));
    assert_eq!(vm.stack.words()[1..3], [10, 0]);
}

#[test]
fn a_fault_in_a_nested_run_sees_the_frames_below() {
    let source = "func f(i64) -> i64 {\n regs 2 i64\n Nop\n CallI64 r1, r0, g\n ReturnI64 r1\n}
func g(i64) -> i64 {\n regs 1 i64\n DivI64 r0, r0, r0\n ReturnI64 r0\n}";
    let mut vm = vm(source);
    vm.enter(0, &[0]).unwrap();
    vm.stack.words_mut()[3..5].copy_from_slice(&[header(0, 1), 0]);
    let fault = vm.run_frame(1, 3).unwrap_err();
    assert_eq!((fault.name.as_str(), fault.pc, fault.depth), ("g", 0, 2));
    let places: Vec<Place> = vm.backtrace().collect();
    let at = |function, pc, base| Place { function, pc, base };
    assert_eq!(places, [at(1, 0, 3), at(0, 1, 0)]);
}

#[test]
fn a_deopt_leaves_frames_and_heap_and_a_collection_keeps_what_they_hold() {
    let source = "func f() -> i64 {\n regs 1 i64, 2 cell\n NewList c0, 0\n NewList c1, 0\n CallMixed r0, 0, g\n\
                  ReturnI64 r0\n}
func g(cell) -> i64 {\n regs 2 cell\n NewMap c1, 0\n NewMap c0, 0\n Deopt 9\n}";
    let mut vm = vm(source);
    let Ok(Outcome::Deopt(deopt)) = vm.run(&[]) else { panic!("deopt") };
    assert_eq!((deopt.target, deopt.place.pc, deopt.depth), (9, 2, 2));
    let live = |vm: &Vm| {
        [Arena::List, Arena::Map].map(|arena| {
            let counts = vm.heap().counts(arena);
            (counts.slots, counts.live)
        })
    };
    assert_eq!(live(&vm), [(2, 2), (2, 2)]);
    vm.collect();
    assert_eq!(live(&vm), [(2, 2), (2, 2)]);
    // The next run leaves the slots of this one below its marks, where only a collection frees them.
    vm.call(1, &[]).unwrap();
    assert_eq!(live(&vm), [(2, 2), (4, 4)]);
    vm.collect();
    assert_eq!(live(&vm), [(2, 0), (4, 2)]);
}

#[test]
fn tail_calls_carry_a_region_into_functions_without_cells() {
    let source = "func main() -> i64 {\n regs 1 i64\n CallI64 r0, r0, first\n Deopt 0\n}
func first() -> i64 {\n regs 1 i64\n TailCallI64 r0, second\n}
func second() -> i64 {\n regs 1 cell\n NewList c0, 0\n TailCallI64 r0, third\n}
func third() -> i64 {\n ReturnConstK 1\n}";
    let mut vm = vm(source);
    let Ok(Outcome::Deopt(_)) = vm.run(&[]) else { panic!("deopt") };
    assert_eq!(vm.heap().counts(Arena::List).slots, 0);
}

#[test]
fn the_heap_limit_is_a_fault() {
    let source = "func f() -> i64 {\n regs 1 i64, 1 cell\n NewList c0, 0\nx: ListPushI64 c0, r0\n Jump x\n}";
    let options = VmOptions { heap_bytes: 4096, ..VmOptions::default() };
    let mut vm = vm_with(source, &options);
    assert_eq!(vm.run(&[]).unwrap_err().kind, FaultKind::HeapFull { limit: 4096 });
    vm.collect();
    assert!(vm.heap().bytes() <= 4096);
}

#[test]
fn a_machine_that_cannot_be_made_says_why() {
    let program = || text::parse(&format!("string \"too long\"\n{FOREVER}")).unwrap().verify().unwrap();
    let options = VmOptions { heap_bytes: 7, ..VmOptions::default() };
    let error = Vm::new(program(), &options).unwrap_err();
    assert!(matches!(error, VmError::Strings(_)), "{error}");
    let options = VmOptions { stack_bytes: usize::MAX, ..VmOptions::default() };
    let error = Vm::new(program(), &options).unwrap_err();
    assert!(matches!(error, VmError::Stack { .. }), "{error}");
}

#[test]
fn a_machine_can_move_to_another_thread() {
    let options = VmOptions { tier: crate::Tier::Stencil, ..VmOptions::default() };
    let mut vm = vm_with("func f(i64) -> i64 {\n regs 1 i64\n AddI64K r0, r0, 1\n ReturnI64 r0\n}", &options);
    assert_eq!(vm.run(&[1]), Ok(Outcome::Returned(Returned::I64(2))));
    let outcome = std::thread::spawn(move || vm.run(&[2])).join().unwrap();
    assert_eq!(outcome, Ok(Outcome::Returned(Returned::I64(3))));
}
