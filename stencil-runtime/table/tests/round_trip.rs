//! What is written is what is read.

mod common;

use common::{INFO, axis, op, ops, stencil, table};
use stencil_table::{Bank, HoleKind, NO_STEP, StencilRecord, Table, TableBytes, TableWriter, WriteError, place};

#[test]
fn everything_that_was_written_is_read() {
    let bytes = table();
    let table = Table::parse(&bytes).unwrap();
    table.verify_checksum().unwrap();
    assert_eq!(*table.info(), INFO);
    assert_eq!(table.compiler(), "rustc 1.95.0");
    assert_eq!(table.pool(), [0xAB; 32]);
    assert_eq!(table.text(table.banks()[0].name), "ints");
    for (record, op) in table.ops().iter().zip(ops()) {
        assert_eq!((table.text(record.name), table.text(record.file), record.line), (&*op.name, &*op.file, op.line));
        assert_eq!(
            (record.value_count, record.result_count, record.targets),
            (op.value_count, op.result_count, op.targets)
        );
        assert_eq!(table.axes_of(record).len(), op.axes.len());
        let variants = table.variants_of(record);
        assert_eq!(variants.len(), op.variants.len());
        for (variant, written) in variants.iter().zip(&op.variants) {
            let Some(written) = written else {
                assert_eq!(variant.len, StencilRecord::PRUNED);
                continue;
            };
            assert_eq!(table.code_of(variant), written.code);
            let mut holes = written.holes.clone();
            holes.sort_by_key(|hole| (!hole.kind.is_value(), hole.offset));
            let read: Vec<_> =
                table.holes_of(variant).iter().map(|hole| (hole.offset, hole.kind, hole.value, hole.addend)).collect();
            let expected: Vec<_> =
                holes.iter().map(|hole| (hole.offset, hole.kind as u8, hole.value, hole.addend)).collect();
            assert_eq!(read, expected);
            let values = holes.iter().filter(|hole| hole.kind.is_value()).count();
            assert_eq!(table.value_holes_of(variant).len(), values);
            assert_eq!(table.place_holes_of(variant).len(), holes.len() - values);
        }
    }
    let fusion = table.fusions()[0];
    assert_eq!((fusion.op, fusion.len, table.map_of(&fusion)), (5, 2, &[0, 1, 0, 1][..]));
}

#[test]
fn a_place_leads_to_its_digit() {
    let bytes = table();
    let table = Table::parse(&bytes).unwrap();
    let [result, operand] = table.axes_of(&table.ops()[0]) else { panic!("two axes") };
    let steps = |axis: &stencil_table::AxisRecord, places: &[u32]| -> Vec<u32> {
        places.iter().map(|place| axis.steps[*place as usize]).collect()
    };
    let places = [0, 1, 2, place::SLOT, place::SMALL, place::NEGATIVE, place::WIDE, place::NONE];
    assert_eq!(steps(result, &places), [0, 5, NO_STEP, NO_STEP, NO_STEP, NO_STEP, NO_STEP, NO_STEP]);
    // Short literals are those from 0 on; negative ones take the wide form.
    assert_eq!(steps(operand, &places), [0, 1, NO_STEP, 2, 3, 4, 4, NO_STEP]);
}

#[test]
fn literals_are_told_apart_by_their_size() {
    for (sort, literals) in [
        (place::SMALL, &[0, 1, (1 << 30) - 1][..]),
        (place::NEGATIVE, &[-1, -(1 << 30)]),
        (place::WIDE, &[1 << 30, -(1 << 30) - 1, i64::MAX, i64::MIN]),
    ] {
        for literal in literals {
            assert_eq!(place::of_literal(*literal as u64), sort, "{literal}");
        }
    }
}

#[test]
fn equal_bodies_and_holes_are_stored_once() {
    let banks = [Bank { name: "ints".to_owned(), registers: 2, move_op: 0, stash_op: 1, unstash_op: 2 }];
    let mut writer = TableWriter::new(INFO, &banks, &[0; 64]);
    ops().iter().for_each(|op| writer.op(op).unwrap());
    let distinct = writer.distinct_bodies();
    let long = ops()[3].variants[0].clone();
    writer.op(&op("again", vec![axis(false)], 0, 3, 1 << 2, vec![long.clone(), long])).unwrap();
    assert_eq!(writer.distinct_bodies(), distinct);
    let bytes = writer.finish().unwrap();
    let table = Table::parse(&bytes).unwrap();
    let first = table.variants_of(&table.ops()[3])[0];
    let others = table.variants_of(&table.ops()[6]);
    assert!(others.iter().all(|other| (other.code, other.holes) == (first.code, first.holes)));
}

#[test]
fn only_short_stencils_with_whole_holes_are_plain() {
    let plain = |len, holes: &[(u16, HoleKind, u8, i32)]| {
        let banks = [Bank { name: "ints".to_owned(), registers: 2, move_op: 0, stash_op: 1, unstash_op: 2 }];
        let mut writer = TableWriter::new(INFO, &banks, &[]);
        ops().iter().take(3).for_each(|op| writer.op(op).unwrap());
        writer.op(&op("tried", vec![], 0, 4, 0, vec![stencil(len, holes)])).unwrap();
        let bytes = writer.finish().unwrap();
        Table::parse(&bytes).unwrap().variants_of(&Table::parse(&bytes).unwrap().ops()[3])[0].is_plain()
    };
    let signed = |offset, value| (offset, HoleKind::Abs32Signed, value, 0);
    let wide = |offset, value| (offset, HoleKind::Abs64, value, 0);
    assert!(plain(48, &[]));
    assert!(!plain(49, &[]));
    assert!(plain(40, &[signed(0, 0), signed(4, 1), wide(8, 2)]));
    assert!(!plain(40, &[signed(0, 0), signed(4, 1), signed(8, 2), signed(12, 3)]));
    assert!(!plain(40, &[wide(0, 0), wide(8, 1)]));
    assert!(!plain(40, &[(0, HoleKind::Abs32Signed, 0, 1)]));
}

#[test]
fn numbers_that_do_not_fit_are_named() {
    let banks = [Bank { name: "ints".to_owned(), registers: 2, move_op: 0, stash_op: 1, unstash_op: 2 }];
    let mut writer = TableWriter::new(INFO, &banks, &[]);
    let too_long = writer.op(&op("long", vec![], 0, 0, 0, vec![stencil(65_535, &[])])).unwrap_err();
    assert!(matches!(&too_long, WriteError::TooLarge { op, limit: 65_534, .. } if op == "long"), "{too_long}");
    let holes = vec![(0, HoleKind::Abs32Signed, 0, 0); 256];
    let too_many = writer.op(&op("holes", vec![], 0, 1, 0, vec![stencil(8, &holes)])).unwrap_err();
    assert!(matches!(&too_many, WriteError::TooLarge { value: 256, limit: 255, .. }), "{too_many}");
}

#[test]
fn what_contradicts_itself_is_not_written() {
    let banks = [Bank { name: "ints".to_owned(), registers: 2, move_op: 3, stash_op: 1, unstash_op: 2 }];
    let mut writer = TableWriter::new(INFO, &banks, &[]);
    ops().iter().take(3).for_each(|op| writer.op(op).unwrap());
    assert!(matches!(writer.finish(), Err(WriteError::ReadBack(_))));
}

#[test]
fn writing_twice_gives_the_same_bytes() {
    assert_eq!(table(), table());
    assert_eq!(TableBytes::copy_of(&table()), table());
}
