//! What is refused, and that the first refusal is the one that counts.

use super::finished;
use crate::assembler::Assembler;
use crate::error::StitchError;
use crate::hand_made::{CALL, FILLER, JUMP_LESS, MOVE, OPS, Set, WORD, parsed, table, table_without_slots};
use crate::operand::{Placed, Reg, Slot};
use stencil_table::{Architecture, HoleKind};

const R0: Placed = Placed::register(Reg(0));

/// The error of emitting one op by number.
fn error_of(op: u32, values: &[Placed]) -> StitchError {
    let bytes = table(Architecture::X86_64, 16);
    let table = parsed(&bytes);
    let mut assembler = Assembler::<Set>::new(&table);
    assembler.emit_op(op, values);
    assert_eq!(assembler.len(), 0, "nothing is left behind");
    assembler.finish().unwrap_err()
}

#[test]
fn an_op_that_is_not_there_is_named() {
    assert_eq!(error_of(OPS, &[]), StitchError::NoSuchOp { op: OPS });
    assert_eq!(error_of(u32::MAX, &[R0]), StitchError::NoSuchOp { op: u32::MAX });
}

#[test]
fn values_of_the_wrong_number_or_sort_are_refused() {
    let wrong = |op: &str, expected, given| StitchError::WrongValues { op: op.to_owned(), expected, given };
    assert_eq!(error_of(MOVE, &[R0]), wrong("move_ints", 2, 1));
    assert_eq!(error_of(MOVE, &[R0; 3]), wrong("move_ints", 2, 3));
    assert_eq!(error_of(FILLER, &[R0; 40]), wrong("filler", 0, 40));
    // A word where a place belongs, and the other way round; a literal as a result.
    assert_eq!(error_of(MOVE, &[R0, Placed::word(1)]), wrong("move_ints", 2, 2));
    assert_eq!(error_of(WORD, &[R0, R0]), wrong("word", 2, 2));
    assert_eq!(error_of(MOVE, &[Placed::literal(1), R0]), wrong("move_ints", 2, 2));
    // A word that is no label and no callee.
    assert_eq!(error_of(JUMP_LESS, &[R0, R0, Placed::word(1 << 32)]), wrong("jump_less", 3, 3));
    assert_eq!(error_of(CALL, &[Placed::word(1 << 32)]), wrong("call", 1, 1));
    assert_eq!(error_of(CALL, &[Placed::word(u64::MAX)]), wrong("call", 1, 1));
}

#[test]
fn registers_that_are_not_pinned_are_named() {
    for register in [2, 14, 15, 16, 17, 255] {
        let expected = |op: &str| StitchError::NoSuchRegister {
            op: op.to_owned(),
            bank: "ints".to_owned(),
            register: u32::from(register),
            pinned: 2,
        };
        let place = Placed::register(Reg(register));
        assert_eq!(error_of(MOVE, &[place, R0]), expected("move_ints"));
        assert_eq!(error_of(MOVE, &[R0, place]), expected("move_ints"));
        assert_eq!(error_of(WORD, &[place, Placed::word(0)]), expected("word"));
    }
}

#[test]
fn slots_of_a_machine_without_a_frame_are_refused() {
    let bytes = table_without_slots(Architecture::X86_64);
    let table = parsed(&bytes);
    let mut assembler = Assembler::<Set>::new(&table);
    let slot = Placed::slot(Slot(0));
    let label = assembler.label();
    assembler.bind(label);
    for (op, name, values) in [
        (MOVE, "move_ints", &[R0, slot][..]),
        (MOVE, "move_ints", &[slot, R0]),
        (JUMP_LESS, "jump_less", &[slot, R0, Placed::label(label)]),
    ] {
        assembler.emit_op(op, values);
        assert_eq!(assembler.error(), Some(&StitchError::NoFrame { op: name.to_owned() }));
        assembler.clear();
    }
}

#[test]
fn slots_and_words_out_of_range_are_named() {
    let out = |op: &str, bits, kind| StitchError::OutOfRange { op: op.to_owned(), value: 1, bits, kind };
    let bytes = table(Architecture::X86_64, 16);
    let table = parsed(&bytes);
    let mut assembler = Assembler::<Set>::new(&table);
    for slot in [1 << 28, 1 << 29, u32::MAX] {
        assembler.emit_op(MOVE, &[R0, Placed::slot(Slot(slot))]);
        let bits = 8 * u64::from(slot);
        assert_eq!(assembler.finish(), Err(out("move_ints", bits, HoleKind::Abs32Signed)));
        assembler.clear();
    }
    assembler.emit_op(MOVE, &[R0, Placed::slot(Slot((1 << 28) - 1))]);
    assembler.emit_op(WORD, &[R0, Placed::word(u64::from(u32::MAX))]);
    assert_eq!(assembler.finish(), Ok(()));
    assembler.clear();
    for bits in [1 << 32, u64::MAX] {
        assembler.emit_op(WORD, &[R0, Placed::word(bits)]);
        assert_eq!(assembler.finish(), Err(out("word", bits, HoleKind::Abs32Unsigned)));
        assembler.clear();
    }
}

#[test]
fn the_first_error_counts_and_clearing_forgets_it() {
    let bytes = table(Architecture::X86_64, 16);
    let table = parsed(&bytes);
    let mut assembler = Assembler::<Set>::new(&table);
    let label = assembler.label();
    assembler.emit_op(OPS, &[]);
    assembler.bind(label);
    assembler.bind(label);
    assembler.jump(label);
    assert_eq!(assembler.finish(), Err(StitchError::NoSuchOp { op: OPS }));
    assembler.clear();
    assert_eq!(assembler.error(), None);
    assembler.emit_op(FILLER, &[]);
    assert_eq!(finished(&mut assembler), [0x90; 16]);
}

#[test]
fn a_table_of_another_set_stitches_nothing() {
    let bytes = table(Architecture::X86_64, 16);
    let mut other = bytes.to_vec();
    let at = std::mem::offset_of!(stencil_table::Header, set_hash_low);
    other[at] ^= 1;
    let other = stencil_table::TableBytes::copy_of(&other);
    let table = parsed(&other);
    let mut assembler = Assembler::<Set>::new(&table);
    assembler.emit_op(FILLER, &[]);
    assert_eq!(assembler.finish(), Err(StitchError::OtherSet));
    assembler.clear();
    assert_eq!(assembler.finish(), Err(StitchError::OtherSet));
}
