//! What is patched when the address is known.

use crate::assembler::Assembler;
use crate::code::{Code, CodeSpace};
use crate::error::{PublishError, StitchError};
use crate::hand_made::{CALL, FILLER, Set, parsed, table};
use crate::label::Callee;
use crate::slots::EntrySlots;
use crate::tables::host_architecture;
use stencil_table::{Architecture, Table};

/// An assembler for this machine and its table, and code that it has made; nothing happens on other machines.
fn with_callee(test: impl FnOnce(&Table<'_>, &mut Assembler<'_, Set>, Code<Set>)) {
    let Some(host) = host_architecture() else { return };
    let bytes = table(host, 16);
    let table = parsed(&bytes);
    let mut assembler = Assembler::<Set>::new(&table);
    assembler.emit_op(FILLER, &[]);
    let callee = CodeSpace::for_table(&table).unwrap().publish(&mut assembler).unwrap();
    test(&table, &mut assembler, callee);
}

#[test]
fn callees_are_reached_from_wherever_the_code_is() {
    with_callee(|table, assembler, callee| {
        let target = callee.address();
        let word = assembler.callee(Callee::from(callee.start()));
        assembler.emit_op(CALL, &[word]);
        assembler.finish().unwrap();
        let finished = assembler.finished().to_vec();
        for away in [1 << 20, -(1 << 20), 1 << 12] {
            let mut code = finished.clone();
            let address = target.wrapping_add_signed(away);
            assembler.bind_externals(&mut code, address, 0).unwrap();
            let view = crate::CodeView { bytes: &code, address, pool: 0, callees: &[target], slots: &[] };
            crate::check(table, view).unwrap();
            // Nobody named another address.
            assert!(crate::check(table, crate::CodeView { callees: &[target + 4], ..view }).is_err());
        }
        for away in [1 << 32, -(1 << 32), i64::MIN] {
            let address = target.wrapping_add_signed(away);
            let bound = assembler.bind_externals(&mut finished.clone(), address, 0);
            assert_eq!(bound, Err(StitchError::CalleeOutOfReach { address: target }));
        }
    });
}

#[test]
fn a_callee_is_no_label() {
    with_callee(|_, assembler, callee| {
        let word = assembler.callee(Callee::from(callee.start()));
        let r0 = crate::Placed::register(crate::Reg(0));
        assembler.emit_op(crate::hand_made::JUMP_LESS, &[r0, r0, word]);
        assert_eq!(assembler.finish(), Err(StitchError::NoLabel));
    });
}

#[test]
fn code_of_other_architectures_is_not_made_executable() {
    let foreign = Architecture::ALL.iter().filter(|architecture| Some(**architecture) != host_architecture());
    for &architecture in foreign {
        let bytes = table(architecture, 16);
        let refused = CodeSpace::<Set>::for_table(&parsed(&bytes)).unwrap_err();
        assert!(
            matches!(refused, PublishError::ForeignArchitecture { table, .. } if table == architecture),
            "{refused}"
        );
    }
}

#[test]
fn calls_and_jumps_lead_through_slots() {
    with_callee(|_, _, callee| {
        let slots = EntrySlots::new(2, &callee.start());
        let location = slots.slot(1).unwrap().location();
        assert!(slots.slot(2).is_none());
        // The slots are data: any table's code can be stitched to use them.
        for &architecture in Architecture::ALL {
            let bytes = table(architecture, 16);
            let table = parsed(&bytes);
            let mut assembler = Assembler::<Set>::new(&table);
            let word = assembler.callee(slots.slot(1).unwrap().into());
            assembler.emit_op(CALL, &[word]);
            assembler.jump_through(&slots.slot(1).unwrap());
            let code = super::finished(&mut assembler);
            let view = crate::CodeView { bytes: code, address: 0x7000_0000, pool: 0, callees: &[], slots: &[location] };
            assert_eq!(crate::check(&table, view).unwrap().pieces, 2, "{architecture}");
            assert!(crate::check(&table, crate::CodeView { slots: &[location + 8], ..view }).is_err());
        }
    });
}

#[test]
fn a_slot_is_no_label() {
    with_callee(|_, assembler, callee| {
        let slots = EntrySlots::new(1, &callee.start());
        let word = assembler.callee(slots.slot(0).unwrap().into());
        let r0 = crate::Placed::register(crate::Reg(0));
        assembler.emit_op(crate::hand_made::JUMP_LESS, &[r0, r0, word]);
        assert_eq!(assembler.finish(), Err(StitchError::NoLabel));
    });
}
