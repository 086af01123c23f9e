//! Frame slots that are further away than the instructions of stencils reach.

use super::finished;
use crate::assembler::Assembler;
use crate::code::CodeSpace;
use crate::hand_made::{CALL_WITH, FILLER, MOVE, READ, STASH, Set, WRITE, parsed, table};
use crate::label::Callee;
use crate::operand::{Placed, Reg, Slot};
use crate::slots::EntrySlots;
use crate::tables::host_architecture;
use stencil_table::Architecture;

const R0: Placed = Placed::register(Reg(0));

/// Further than the slots of any architecture that has near ones.
const FAR: Placed = Placed::slot(Slot(5000));

/// The architectures whose instructions reach a part of the frame only.
const SHORT: [Architecture; 2] = [Architecture::Aarch64, Architecture::Riscv64];

#[test]
fn ops_with_far_slots_are_not_fused() {
    for architecture in SHORT {
        let bytes = table(architecture, 4);
        let table = parsed(&bytes);
        let emitted = |apart: bool| {
            let mut assembler = Assembler::<Set>::new(&table);
            assembler.emit_op(READ, &[R0]);
            if apart {
                let label = assembler.label();
                assembler.bind(label);
            }
            assembler.emit_op(WRITE, &[FAR]);
            finished(&mut assembler).to_vec()
        };
        assert_eq!(emitted(false), emitted(true), "{architecture}");
    }
}

#[test]
fn an_op_with_a_far_slot_calls_through_a_slot_of_data() {
    let bytes = table(host_architecture().unwrap(), 16);
    let host = parsed(&bytes);
    let mut assembler = Assembler::<Set>::new(&host);
    assembler.emit_op(FILLER, &[]);
    let callee = CodeSpace::for_table(&host).unwrap().publish(&mut assembler).unwrap();
    let slots = EntrySlots::new(1, &callee.start());
    for architecture in SHORT {
        let bytes = table(architecture, 4);
        let table = parsed(&bytes);
        let mut called = Assembler::<Set>::new(&table);
        let target = called.callee(Callee::from(slots.slot(0).unwrap()));
        called.emit_op(CALL_WITH, &[FAR, target]);
        // A register is borrowed for what is in the slot, before anything else.
        let mut fetched = Assembler::<Set>::new(&table);
        fetched.emit_op(STASH, &[R0, Placed::word(8)]);
        fetched.emit_op(MOVE, &[R0, FAR]);
        let fetched = finished(&mut fetched).to_vec();
        assert!(finished(&mut called).starts_with(&fetched), "{architecture}");
    }
}
