//! Landing pads: what stands where, and what is refused.

use super::finished;
use crate::assembler::Assembler;
use crate::checker::{CodeView, check};
use crate::code::CodeSpace;
use crate::error::{PublishError, StitchError};
use crate::hand_made::{CALL, Set, WORD, parsed, table};
use crate::memory::{Arena, ArenaConfig};
use crate::operand::{Placed, Reg};
use crate::tables::host_architecture;
use stencil_table::Architecture;

const PADS: [(Architecture, [u8; 4]); 2] =
    [(Architecture::X86_64, [0xF3, 0x0F, 0x1E, 0xFA]), (Architecture::Aarch64, [0x5F, 0x24, 0x03, 0xD5])];

/// Two functions, the second of which is entered behind its prologue, too, at a label exported in time or too late.
fn program(assembler: &mut Assembler<'_, Set>, in_time: bool) {
    let [second, behind, again] = [(); 3].map(|()| assembler.label());
    assembler.prologue();
    assembler.emit_op(CALL, &[Placed::label(second)]);
    assembler.epilogue();
    assembler.begin_cold();
    assembler.bind(second);
    assembler.prologue();
    if in_time {
        assembler.export(behind);
        assembler.export(again);
    }
    assembler.bind(behind);
    assembler.bind(again);
    assembler.emit_op(WORD, &[Placed::register(Reg(0)), Placed::word(5)]);
    assembler.epilogue();
    assembler.export(second);
    if !in_time {
        assembler.export(behind);
    }
}

#[test]
fn pads_stand_in_front_of_prologues_and_at_exported_labels() {
    for (architecture, pad) in PADS {
        let bytes = table(architecture, 4);
        let table = parsed(&bytes);
        let mut assembler = Assembler::<Set>::new(&table);
        program(&mut assembler, true);
        let plain = finished(&mut assembler).to_vec();
        assert!(!plain.windows(4).any(|bytes| bytes == pad), "none are written unasked");

        assembler.landing_pads(true);
        assembler.clear();
        program(&mut assembler, true);
        let code = finished(&mut assembler).to_vec();
        let pads: Vec<usize> = (0..code.len() - 3).filter(|at| code[*at..].starts_with(&pad)).collect();
        let [start, second, behind, again] = pads[..] else { panic!("{architecture}: pads at {pads:?}") };
        assert_eq!((start, code.len()), (0, plain.len() + 16));
        assert_eq!(&code[second + 4..behind], assembler.glue.prologue);
        assert_eq!(again, behind + 4, "each label has its own");
        let entries = assembler.exports().iter().map(|label| assembler.offset_of(*label).unwrap());
        assert_eq!(entries.collect::<Vec<_>>(), [behind, again, second]);
        check(&table, CodeView { bytes: &code, address: 0x1000, pool: 0, callees: &[], slots: &[] }).unwrap();

        assembler.landing_pads(false);
        assembler.clear();
        program(&mut assembler, true);
        assert_eq!(finished(&mut assembler), plain);
    }
}

#[test]
fn a_pad_in_front_of_a_prologue_serves_a_label_there() {
    for (architecture, pad) in PADS {
        let bytes = table(architecture, 4);
        let table = parsed(&bytes);
        let mut assembler = Assembler::<Set>::new(&table);
        assembler.landing_pads(true);
        let entry = assembler.label();
        assembler.export(entry);
        assembler.bind(entry);
        assembler.prologue();
        assembler.epilogue();
        let glue = assembler.glue;
        assert_eq!(finished(&mut assembler), [&pad, glue.prologue, glue.epilogue].concat());
    }
}

#[test]
fn code_that_could_be_entered_elsewhere_is_refused() {
    for (architecture, pad) in PADS {
        let bytes = table(architecture, 4);
        let table = parsed(&bytes);
        let mut assembler = Assembler::<Set>::new(&table);
        assembler.landing_pads(true);
        program(&mut assembler, false);
        let error = assembler.finish().unwrap_err();
        let at = assembler.offset_of(assembler.exports()[1]).unwrap();
        assert_eq!(error, StitchError::NoLandingPad { at });
        assert!(!assembler.finished()[at..].starts_with(&pad));
        assembler.clear();
        assembler.epilogue();
        assert_eq!(assembler.finish(), Err(StitchError::NoLandingPad { at: 0 }));
    }
    let bytes = table(Architecture::Riscv64, 4);
    let table = parsed(&bytes);
    let mut assembler = Assembler::<Set>::new(&table);
    assembler.landing_pads(true);
    assembler.prologue();
    let error = assembler.finish().unwrap_err();
    assert_eq!(error.to_string(), "code for riscv64 has no landing pads; leave them out");
}

#[test]
fn an_arena_for_landing_pads_takes_no_other_code() {
    let architecture = host_architecture().unwrap();
    let bytes = table(architecture, 4);
    let table = parsed(&bytes);
    let arena = Arena::new(ArenaConfig { landing_pads: true, ..ArenaConfig::default() }).unwrap();
    let space = CodeSpace::<Set>::new(arena, &table).unwrap();
    let mut assembler = Assembler::<Set>::new(&table);
    assembler.prologue();
    assembler.epilogue();
    assert!(matches!(space.publish(&mut assembler), Err(PublishError::WithoutLandingPads)));
    assembler.landing_pads(true);
    assembler.prologue();
    assembler.epilogue();
    let published = space.publish(&mut assembler);
    match PADS.iter().find(|(of, _)| *of == architecture) {
        Some((_, pad)) => assert!(published.unwrap().bytes().starts_with(pad)),
        None => assert!(matches!(published, Err(PublishError::Stitch(StitchError::NoLandingPads { .. })))),
    }
}
