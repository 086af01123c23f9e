//! Labels: what is bound when, and by whom.

use super::finished;
use crate::assembler::Assembler;
use crate::error::StitchError;
use crate::hand_made::{CALL, FILLER, JUMP_LESS, Set, parsed, table};
use crate::label::Label;
use crate::operand::{Placed, Reg};
use stencil_table::Architecture;

fn jump_less(assembler: &mut Assembler<'_, Set>, label: Label) {
    let places = [Placed::register(Reg(0)), Placed::register(Reg(1)), Placed::label(label)];
    assembler.emit_op(JUMP_LESS, &places);
}

/// The distance in the 4 bytes before `end`, where x86-64 counts from.
fn distance(code: &[u8], end: usize) -> i32 {
    i32::from_le_bytes(*code[end - 4..].first_chunk().unwrap())
}

#[test]
fn jumps_go_forward_and_backward_and_to_themselves() {
    let bytes = table(Architecture::X86_64, 100);
    let table = parsed(&bytes);
    let mut assembler = Assembler::<Set>::new(&table);
    let [before, after] = [(); 2].map(|()| assembler.label());
    assembler.bind(before);
    jump_less(&mut assembler, before);
    jump_less(&mut assembler, after);
    assembler.emit_op(FILLER, &[]);
    assembler.bind(after);
    assembler.jump(before);
    let code = finished(&mut assembler);
    assert_eq!(distance(code, 9), -9);
    assert_eq!(distance(code, 18), 100);
    assert_eq!(distance(code, 123), -123);
}

#[test]
fn labels_that_are_made_at_once_are_those_made_one_by_one() {
    let bytes = table(Architecture::X86_64, 100);
    let table = parsed(&bytes);
    let mut assembler = Assembler::<Set>::new(&table);
    let single: Vec<Label> = (0..5).map(|_| assembler.label()).collect();
    assembler.clear();
    let first = assembler.label();
    let labels = assembler.labels(3);
    let last = assembler.label();
    assert_eq!(vec![first, labels.at(0), labels.at(1), labels.at(2), last], single);
    assembler.bind(labels.at(2));
    jump_less(&mut assembler, labels.at(2));
    assert_eq!(distance(finished(&mut assembler), 9), -9);
    assembler.clear();
    let labels = assembler.labels(3);
    let beyond = labels.at(3);
    assembler.bind(beyond);
    assert_eq!(assembler.error(), Some(&StitchError::ForeignLabel { label: beyond }));
}

#[test]
fn a_label_that_is_never_bound_is_an_error_when_it_is_used() {
    let bytes = table(Architecture::X86_64, 100);
    let table = parsed(&bytes);
    let mut assembler = Assembler::<Set>::new(&table);
    let [unused, used] = [(); 2].map(|()| assembler.label());
    assembler.emit_op(FILLER, &[]);
    assert_eq!(assembler.finish(), Ok(()), "{unused:?} is used by nobody");
    assembler.clear();
    let again = [(); 2].map(|()| assembler.label());
    assert_eq!(again, [unused, used], "numbers start anew");
    jump_less(&mut assembler, used);
    assert_eq!(assembler.finish(), Err(StitchError::Unbound { label: used }));
    assembler.clear();
    let callee = assembler.label();
    assembler.emit_op(CALL, &[Placed::label(callee)]);
    assert_eq!(assembler.finish(), Err(StitchError::Unbound { label: callee }));
}

#[test]
fn a_label_that_is_bound_twice_is_an_error_at_once() {
    let bytes = table(Architecture::X86_64, 100);
    let table = parsed(&bytes);
    let mut assembler = Assembler::<Set>::new(&table);
    let label = assembler.label();
    assembler.bind(label);
    assert_eq!(assembler.error(), None);
    assembler.bind(label);
    assert_eq!(assembler.error(), Some(&StitchError::BoundTwice { label }));
}

#[test]
fn labels_of_others_and_from_before_clearing_are_errors() {
    let bytes = table(Architecture::X86_64, 100);
    let table = parsed(&bytes);
    let mut other = Assembler::<Set>::new(&table);
    let labels = [(); 3].map(|()| other.label());
    let mut assembler = Assembler::<Set>::new(&table);
    let own = assembler.label();
    assembler.bind(own);
    assembler.bind(labels[2]);
    assert_eq!(assembler.finish(), Err(StitchError::ForeignLabel { label: labels[2] }));
    assembler.clear();
    // None of its own now: the same label is one from before.
    assembler.jump(own);
    assert_eq!(assembler.finish(), Err(StitchError::ForeignLabel { label: own }));
}

#[test]
fn labels_in_the_cold_section_lie_behind_the_hot_one() {
    let bytes = table(Architecture::X86_64, 100);
    let table = parsed(&bytes);
    let mut assembler = Assembler::<Set>::new(&table);
    let [cold, back, colder] = [(); 3].map(|()| assembler.label());
    assembler.begin_cold();
    assembler.begin_cold();
    assembler.bind(cold);
    assembler.jump(back);
    assembler.bind(colder);
    assembler.jump(cold);
    assembler.end_cold();
    assembler.end_cold();
    jump_less(&mut assembler, cold);
    assembler.bind(back);
    jump_less(&mut assembler, colder);
    assembler.emit_op(FILLER, &[]);
    // Ending in the cold section is as good.
    assembler.begin_cold();
    assert_eq!(assembler.len(), 2 * 9 + 100 + 2 * 5);
    let code = finished(&mut assembler);
    assert_eq!(code.len(), 2 * 9 + 100 + 2 * 5);
    assert_eq!(distance(code, 9), 109);
    assert_eq!(distance(code, 18), 105);
    assert_eq!(distance(code, 123), 9 - 123);
    assert_eq!(distance(code, 128), 118 - 128);
    assert_eq!(assembler.offset_of(back), Ok(9));
    assert_eq!(assembler.offset_of(colder), Ok(123));
    // The hot section is written again after clearing.
    assembler.clear();
    assert!(assembler.is_empty());
    assembler.emit_op(FILLER, &[]);
    assert_eq!(finished(&mut assembler).len(), 100);
}

#[test]
fn code_goes_on_at_boundaries() {
    for &architecture in stencil_table::Architecture::ALL {
        let bytes = crate::hand_made::table(architecture, 16);
        let table = crate::hand_made::parsed(&bytes);
        for boundary in [4, 16, 64, 256] {
            let mut assembler = crate::Assembler::<Set>::new(&table);
            let labels = [(); 2].map(|()| assembler.label());
            assembler.prologue();
            assembler.align(boundary);
            assembler.bind(labels[0]);
            assembler.align(boundary);
            assembler.jump(labels[0]);
            assembler.align(boundary);
            assembler.bind(labels[1]);
            assembler.epilogue();
            let code = super::finished(&mut assembler).to_vec();
            let starts = labels.map(|label| assembler.offset_of(label).unwrap());
            assert!(starts.iter().all(|start| start.is_multiple_of(boundary)), "{architecture}: {starts:?}");
            assert!(starts[0] > 0 && starts[1] > starts[0] && assembler.alignment() == boundary);
            let view = crate::CodeView { bytes: &code, address: 0x7000_0000, pool: 0, callees: &[], slots: &[] };
            crate::check(&table, view).unwrap();
            assembler.clear();
            assert_eq!(assembler.alignment(), 1);
        }
    }
}
