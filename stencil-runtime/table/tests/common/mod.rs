//! A small table with everything in it.

use stencil_table::{
    Architecture, Axis, Bank, Convention, Fusion, Hole, HoleKind, Level, NO_DIGIT, Op, Stencil, TableBytes, TableInfo,
    TableWriter,
};

/// What the table is made for.
pub(crate) const INFO: TableInfo = TableInfo {
    architecture: Architecture::X86_64,
    convention: Convention::Portable,
    level: Level::Baseline,
    set_hash: 0x0123_4567_89AB_CDEF_0011_2233_4455_6677,
    digest: [9; 32],
};

/// An axis over registers and, where `all`, slots and literals.
pub(crate) fn axis(all: bool) -> Axis {
    let digit = |digit| if all { digit } else { NO_DIGIT };
    Axis {
        bank: 0,
        registers: 2,
        slot: digit(2),
        short: digit(3),
        wide: digit(4),
        digits: if all { 5 } else { 2 },
        short_range: (0, i64::from(i32::MAX)),
    }
}

/// A stencil with an instruction's worth of bytes and these holes.
pub(crate) fn stencil(len: usize, holes: &[(u16, HoleKind, u8, i32)]) -> Option<Stencil> {
    let holes = holes.iter().map(|&(offset, kind, value, addend)| Hole { offset, kind, value, addend }).collect();
    Some(Stencil { code: (0..len).map(|at| at as u8).collect(), holes })
}

/// An op.
pub(crate) fn op(
    name: &str,
    axes: Vec<Axis>,
    results: u8,
    values: u8,
    targets: u32,
    variants: Vec<Option<Stencil>>,
) -> Op {
    Op {
        name: name.to_owned(),
        file: "src/ops.rs".to_owned(),
        line: 7,
        axes,
        result_count: results,
        value_count: values,
        targets,
        flags: 0,
        variants,
    }
}

/// The ops of the table.
pub(crate) fn ops() -> Vec<Op> {
    let moves = (0..10).map(|number| match number % 5 {
        2 => stencil(7, &[(3, HoleKind::Abs32Signed, 1, 0)]),
        3 => stencil(9, &[(5, HoleKind::Abs32Unsigned, 1, 0)]),
        4 => stencil(10, &[(2, HoleKind::Abs64, 1, 0)]),
        _ => stencil(3, &[]),
    });
    let word = || vec![stencil(7, &[(3, HoleKind::Abs32Signed, 1, 0)]); 2];
    let long = [(60, HoleKind::PoolRel32, 0, 12), (4, HoleKind::Abs32Signed, 1, -8), (50, HoleKind::LabelRel32, 2, -4)];
    vec![
        op("move", vec![axis(false), axis(true)], 1, 2, 0, moves.collect()),
        op("stash", vec![axis(false)], 0, 2, 0, word()),
        op("unstash", vec![axis(false)], 1, 2, 0, word()),
        op("jump", vec![axis(false)], 0, 3, 1 << 2, vec![stencil(70, &long), None]),
        op("call", vec![], 0, 1, 1, vec![stencil(5, &[(1, HoleKind::CalleeRel32, 0, -4)])]),
        op("pair", vec![axis(false); 2], 1, 2, 0, vec![stencil(4, &[]), None, None, stencil(4, &[])]),
    ]
}

/// The table.
pub(crate) fn table() -> TableBytes {
    let banks = [Bank { name: "ints".to_owned(), registers: 2, move_op: 0, stash_op: 1, unstash_op: 2 }];
    let pool = [0xAB; 32];
    let mut writer = TableWriter::new(INFO, &banks, &pool);
    writer.compiler("rustc 1.95.0");
    ops().iter().for_each(|op| writer.op(op).unwrap());
    // Two moves, the second from where the first went to.
    writer.fusion(&Fusion { op: 5, sequence: vec![0, 0], map: vec![0, 1, 0, 1] });
    writer.finish().unwrap()
}
