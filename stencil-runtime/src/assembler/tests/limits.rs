//! Limits are errors, not wrong code. They are lowered here, for the real ones take gigabytes.

use crate::assembler::{Assembler, Limits, MAX_CODE, MAX_LABELS};
use crate::error::StitchError;
use crate::hand_made::{FILLER, JUMP_LESS, Set, parsed, table};
use crate::operand::{Placed, Reg};
use stencil_table::{Architecture, CODE_PADDING};

const R0: Placed = Placed::register(Reg(0));

#[test]
fn distances_within_the_longest_code_fit_every_branch_of_full_reach() {
    assert!(i32::try_from(MAX_CODE + 0x800).is_ok());
    assert!(u32::try_from(MAX_LABELS).is_ok());
}

#[test]
fn code_up_to_the_limit_is_stitched_and_no_longer() {
    for architecture in [Architecture::X86_64, Architecture::Aarch64, Architecture::Riscv64] {
        let bytes = table(architecture, 60_000);
        let table = parsed(&bytes);
        let mut assembler = Assembler::<Set>::new(&table);
        let limit = 10 * 60_000 + CODE_PADDING;
        assembler.limits = Limits { code: limit, ..assembler.limits };
        (0..10).for_each(|_| assembler.emit_op(FILLER, &[]));
        assert_eq!(assembler.error(), None);
        assert_eq!(assembler.len(), 600_000);
        for _ in 0..3 {
            assembler.emit_op(FILLER, &[]);
            assert_eq!(assembler.error(), Some(&StitchError::TooLarge { limit }));
            assert_eq!(assembler.len(), 600_000);
        }
        assembler.clear();
        assembler.emit_op(FILLER, &[]);
        assert_eq!(assembler.finish(), Ok(()));
    }
}

#[test]
fn the_sections_share_the_limit() {
    let bytes = table(Architecture::X86_64, 60_000);
    let table = parsed(&bytes);
    for (cold, fits) in [(5, true), (6, false)] {
        let mut assembler = Assembler::<Set>::new(&table);
        let limit = 10 * 60_000 + CODE_PADDING;
        assembler.limits = Limits { code: limit, ..assembler.limits };
        (0..5).for_each(|_| assembler.emit_op(FILLER, &[]));
        assembler.begin_cold();
        (0..cold).for_each(|_| assembler.emit_op(FILLER, &[]));
        let expected = if fits { Ok(()) } else { Err(StitchError::TooLarge { limit }) };
        assert_eq!(assembler.finish(), expected);
    }
}

#[test]
fn the_assemblers_own_code_has_the_same_limit() {
    let bytes = table(Architecture::X86_64, 16);
    let table = parsed(&bytes);
    let mut assembler = Assembler::<Set>::new(&table);
    let limit = CODE_PADDING + 8;
    assembler.limits = Limits { code: limit, ..assembler.limits };
    let label = assembler.label();
    assembler.bind(label);
    assembler.prologue();
    assert_eq!(assembler.error(), None);
    assembler.jump(label);
    assert_eq!(assembler.finish(), Err(StitchError::TooLarge { limit }));
}

#[test]
fn a_million_labels_are_bound_and_one_too_many_is_refused() {
    let count = 1 << 20;
    let bytes = table(Architecture::X86_64, 16);
    let table = parsed(&bytes);
    let mut assembler = Assembler::<Set>::new(&table);
    assembler.limits = Limits { labels: count, ..assembler.limits };
    let labels: Vec<_> = (0..count).map(|_| assembler.label()).collect();
    for (index, label) in labels.iter().enumerate() {
        assembler.bind(*label);
        // Each to one far away, so that all distances are different.
        let target = labels[(index * 7 + 3) % count];
        assembler.emit_op(JUMP_LESS, &[R0, R0, Placed::label(target)]);
    }
    assert_eq!(assembler.finish(), Ok(()));
    let code = assembler.finished();
    let stencil = code.len() / count;
    for index in 0..count {
        let end = (index + 1) * stencil;
        let distance = i32::from_le_bytes(*code[end - 4..].first_chunk().unwrap());
        assert_eq!(end as i64 + i64::from(distance), ((index * 7 + 3) % count * stencil) as i64, "label {index}");
    }
    let none = assembler.labels(1);
    assert_eq!(assembler.error(), Some(&StitchError::TooManyLabels { limit: count }));
    let extra = assembler.label();
    assert_eq!(none.at(0), extra, "neither is a label");
    assembler.bind(extra);
    assembler.jump(extra);
    assert_eq!(assembler.finish(), Err(StitchError::TooManyLabels { limit: count }));
}
