//! Stitching allocates nothing once the assembler's buffers have grown.
//!
//! The only test of its binary: it counts what its own thread asks of the allocator.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use stencil_matrix::TABLES;
use stencil_matrix::ops::{Emit, Machine};
use stencil_runtime::{Assembler, CodeSpace, EntryAddress, Reg, Slot};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: all is passed on to the system's allocator; counting touches a thread-local without a destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the contract is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the contract is the same.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static GLOBAL: Counting = Counting;

fn counted<T>(run: impl FnOnce() -> T) -> (usize, T) {
    let before = ALLOCATIONS.with(Cell::get);
    let result = run();
    (ALLOCATIONS.with(Cell::get) - before, result)
}

/// A function with everything that keeps something: labels, exits, cold code, exports, callees, fused ops, and places
/// without a variant.
fn stitch(asm: &mut Assembler<'_, Machine>, callee: &EntryAddress, ops: usize) {
    asm.prologue();
    let (zero, start) = (asm.label(), asm.label());
    asm.bind(start);
    asm.export(start);
    for index in 0..ops {
        let next = asm.label();
        asm.add(Reg(0), Reg(1), index as i64);
        asm.scaled(Reg(1), Slot(3), Reg(0));
        asm.add(Reg(0), Reg(1), Reg(1));
        asm.scaled(Reg(0), Reg(0), 9);
        // No variants: moves, and a detour for the label.
        asm.looping(Slot(1), Slot(2));
        asm.add(Slot(0), 1 << 40, 1 << 41);
        asm.jump_less(1 << 40, 1 << 41, next);
        asm.divide(Slot(4), 1 << 40, 1 << 41, zero, zero);
        asm.bind(next);
        asm.call(callee.clone());
        asm.begin_cold();
        asm.count(Reg(0));
        asm.jump(next);
        asm.end_cold();
    }
    asm.ret();
    asm.bind(zero);
    asm.leave();
}

#[test]
fn stitching_again_allocates_only_the_handle() {
    for table in TABLES.all().unwrap() {
        let space = CodeSpace::<Machine>::for_table(table).unwrap();
        let mut asm = Assembler::new(table);
        asm.prologue();
        asm.ret();
        let callee = space.publish(&mut asm).unwrap();
        let entry = callee.start();
        // Code that is freed makes work for the arena, which batches it.
        let mut kept = Vec::new();
        // The handle is one allocation, the lists of exports and callees one each.
        for ops in [1, 500] {
            for round in 0..3 {
                let (stitching, ()) = counted(|| stitch(&mut asm, &entry, ops));
                let (publishing, code) = counted(|| space.publish(&mut asm).unwrap());
                if round > 0 {
                    assert_eq!(stitching, 0, "{ops} times all ops");
                    assert_eq!(publishing, 3, "{ops} times all ops");
                    code.check(table).unwrap();
                }
                kept.push(code);
            }
        }
        // Without them it is the handle alone.
        let (all, code) = counted(|| {
            asm.prologue();
            asm.add(Reg(0), Reg(1), 5);
            asm.ret();
            space.publish(&mut asm).unwrap()
        });
        assert_eq!(all, 1);
        drop(code);
    }
}
