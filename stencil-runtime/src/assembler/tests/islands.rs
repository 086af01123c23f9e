//! Branches that are further from their labels than they reach.

use super::finished;
use crate::assembler::Assembler;
use crate::checker::{CodeView, check};
use crate::code::CodeSpace;
use crate::entry::Registers;
use crate::error::StitchError;
use crate::hand_made::{CALL, FILLER, JUMP_LESS, MOVE, Set, WORD, parsed, table};
use crate::label::Label;
use crate::memory::{Arena, ArenaConfig};
use crate::operand::{Placed, Reg};
use crate::patch;
use crate::prelude::Anchor;
use crate::tables::host_architecture;
use stencil_table::{Architecture, HoleKind};

const R0: Placed = Placed::register(Reg(0));
const R1: Placed = Placed::register(Reg(1));

const FILLER_LEN: usize = 60_000;

/// The architectures with branches of less reach than code can be long.
const SHORT: [Architecture; 2] = [Architecture::Aarch64, Architecture::Riscv64];

/// How a test branches.
type Branch = fn(&mut Assembler<'_, Set>, Label);

fn less(assembler: &mut Assembler<'_, Set>, label: Label) {
    assembler.emit_op(JUMP_LESS, &[R0, R1, Placed::label(label)]);
}

fn jump(assembler: &mut Assembler<'_, Set>, label: Label) {
    assembler.jump(label);
}

fn call(assembler: &mut Assembler<'_, Set>, label: Label) {
    assembler.emit_op(CALL, &[Placed::label(label)]);
}

fn fill(assembler: &mut Assembler<'_, Set>, fillers: usize) {
    (0..fillers).for_each(|_| assembler.emit_op(FILLER, &[]));
}

/// Where the branch at `at` leads in the end, and over how many other jumps.
fn follow(architecture: Architecture, code: &[u8], at: usize) -> (usize, usize) {
    let go = |at: usize| {
        let word = |index: usize| patch::word(&code[at + 4 * index..]);
        let by = |kind| Some(at.strict_add_signed(patch::distance_in(kind, &code[at..]) as isize));
        match architecture {
            Architecture::Aarch64 => match word(0) >> 24 {
                0x14..=0x17 => by(HoleKind::LabelBranch26),
                0x94..=0x97 => by(HoleKind::CalleeBranch26),
                0x54 => by(HoleKind::LabelBranch19),
                // movz w17; movk w17; adr x16, #-8; add x16, x16, w17, sxtw; ret x16
                0x52 => {
                    assert_eq!([word(2), word(3), word(4)], [0x10FF_FFD0, 0x8B31_C210, 0xD65F_0200]);
                    by(HoleKind::LabelMov32)
                }
                _ => None,
            },
            _ => match word(0) & 0xFFF {
                0x06F => by(HoleKind::LabelJump20),
                0x317 | 0x097 => by(HoleKind::LabelPair),
                _ => None,
            },
        }
    };
    let mut to = go(at).expect("a branch");
    let mut jumps = 0;
    while let Some(next) = code.get(to).and_then(|_| go(to)) {
        (to, jumps) = (next, jumps + 1);
    }
    (to, jumps)
}

/// Branches over fillers, forwards, and says how many jumps there are on the way.
fn forwards(architecture: Architecture, branch: Branch, at: usize, fillers: usize) -> usize {
    let bytes = table(architecture, FILLER_LEN);
    let table = parsed(&bytes);
    let mut assembler = Assembler::<Set>::new(&table);
    let label = assembler.label();
    branch(&mut assembler, label);
    fill(&mut assembler, fillers);
    assembler.bind(label);
    assembler.epilogue();
    assembler.finish().unwrap();
    let (to, jumps) = follow(architecture, assembler.finished(), at);
    assert_eq!(to, assembler.offset_of(label).unwrap(), "{architecture}, {fillers} forwards");
    jumps
}

/// The same backwards, with as many fillers behind the branch as could hold no island.
fn backwards(architecture: Architecture, branch: Branch, at: usize, fillers: usize) -> usize {
    let bytes = table(architecture, FILLER_LEN);
    let table = parsed(&bytes);
    let mut assembler = Assembler::<Set>::new(&table);
    let label = assembler.label();
    assembler.bind(label);
    fill(&mut assembler, fillers);
    branch(&mut assembler, label);
    fill(&mut assembler, fillers);
    assembler.finish().unwrap();
    let (to, jumps) = follow(architecture, assembler.finished(), fillers * FILLER_LEN + at);
    assert_eq!(to, 0, "{architecture}, {fillers} backwards");
    jumps
}

#[test]
fn conditional_branches_reach_across_a_mebibyte() {
    for (architecture, at) in SHORT.into_iter().zip([4, 4]) {
        // Short code has no islands.
        assert_eq!(forwards(architecture, less, at, 10), 0);
        assert_eq!(backwards(architecture, less, at, 8), 0);
        assert_eq!(forwards(architecture, less, at, 17), 1);
        assert_eq!(forwards(architecture, less, at, 100), 1);
        assert_eq!(backwards(architecture, less, at, 17), 0);
        assert_eq!(backwards(architecture, less, at, 18), 1);
        assert_eq!(backwards(architecture, less, at, 100), 1);
    }
}

#[test]
fn branches_of_every_form_reach_across_128_mebibytes() {
    let fillers = (1 << 27) / FILLER_LEN + 1;
    let aarch64 = Architecture::Aarch64;
    for branch in [jump, call] {
        assert_eq!(forwards(aarch64, branch, 0, fillers), 1);
    }
    // From the conditional branch to a veneer, from there to one that reaches on.
    assert_eq!(forwards(aarch64, less, 4, fillers + 20), 2);
    assert_eq!(backwards(aarch64, jump, 0, fillers), 1);
    assert_eq!(forwards(Architecture::Riscv64, less, 4, fillers), 1);
}

#[test]
fn sections_reach_each_other_however_long_they_are() {
    for architecture in SHORT {
        for (hot, cold) in [(40, 1), (1, 40), (40, 40), (9, 9)] {
            let bytes = table(architecture, FILLER_LEN);
            let table = parsed(&bytes);
            let mut assembler = Assembler::<Set>::new(&table);
            let [start, end, last] = [(); 3].map(|()| assembler.label());
            assembler.bind(start);
            less(&mut assembler, end);
            fill(&mut assembler, hot);
            less(&mut assembler, last);
            let ahead = assembler.len() - 4;
            assembler.begin_cold();
            less(&mut assembler, start);
            fill(&mut assembler, cold);
            assembler.bind(last);
            less(&mut assembler, start);
            assembler.bind(end);
            assembler.epilogue();
            assembler.finish().unwrap();
            let code = assembler.finished();
            let place = |label| assembler.offset_of(label).unwrap();
            let name = format!("{architecture}, {hot} and {cold}");
            assert_eq!(follow(architecture, code, 4).0, place(end), "{name}");
            let [first, last_branch] = [assembler.cold_at + 4, place(end) - 4];
            assert_eq!(follow(architecture, code, last_branch).0, place(start), "{name}");
            assert_eq!(follow(architecture, code, first).0, place(start), "{name}");
            if hot < 9 {
                // No island is in front of it.
                assert_eq!(follow(architecture, code, ahead).0, place(last), "{name}");
            }
        }
    }
}

#[test]
fn dense_branches_in_all_directions_go_where_they_should() {
    for architecture in SHORT {
        let bytes = table(architecture, 4);
        let table = parsed(&bytes);
        let mut assembler = Assembler::<Set>::new(&table);
        assembler.align(64);
        let count = 300_000;
        let labels: Vec<Label> = (0..count).map(|_| assembler.label()).collect();
        let mut branches = Vec::new();
        for (index, label) in labels.iter().enumerate() {
            assembler.mark(index as u32);
            assembler.bind(*label);
            // To ones far away and near ones, some of them several times.
            let target = match index % 4 {
                0 | 1 => labels[(index * 7919 + 3) % count],
                2 => labels[(index + 5) % count],
                _ => labels[(index / 1000 * 2999) % count],
            };
            less(&mut assembler, target);
            branches.push(target);
            if index % 10_000 == 0 {
                assembler.align(64);
                assert_eq!(assembler.code.len % 64, 0);
            }
        }
        assembler.finish().unwrap();
        let marks = assembler.address_map();
        let place = |label| assembler.offset_of(label).unwrap();
        let code = assembler.finished();
        let mut jumps = [0; 4];
        for (index, (label, target)) in labels.iter().zip(branches).enumerate() {
            let at = place(*label);
            assert_eq!(marks.find(at as u32).map(|mark| mark.tag), Some(index as u32), "what is marked moves along");
            let (to, passed) = follow(architecture, code, at + 4);
            // A jump that stands at the label is not the branch's.
            assert_eq!(to, place(target), "{architecture}: branch {index}");
            jumps[passed] += 1;
        }
        println!("{architecture}: {} bytes, by veneers passed: {jumps:?}", code.len());
        assert!(jumps[0] > 0 && jumps[1] > 0 && jumps[2..] == [0, 0], "{jumps:?}");
        check(&table, CodeView { bytes: code, address: 0x7000_0000, pool: 0, callees: &[], slots: &[] }).unwrap();
    }
}

#[test]
fn an_assembler_looks_again_after_it_was_cleared() {
    for architecture in SHORT {
        let bytes = table(architecture, FILLER_LEN);
        let table = parsed(&bytes);
        let mut assembler = Assembler::<Set>::new(&table);
        let mut lengths = Vec::new();
        for _ in 0..3 {
            let label = assembler.label();
            less(&mut assembler, label);
            fill(&mut assembler, 40);
            assembler.bind(label);
            assembler.epilogue();
            let code = finished(&mut assembler);
            lengths.push(code.len());
            let to = follow(architecture, code, 4).0;
            assert_eq!(to, assembler.offset_of(label).unwrap());
            assembler.clear();
        }
        assert!(lengths.iter().all(|len| *len == lengths[0]), "{lengths:?}");
    }
}

#[test]
fn landing_pads_and_prologues_stay_together() {
    let bytes = table(Architecture::Aarch64, 4);
    let table = parsed(&bytes);
    // An island becomes due at every place around the function.
    for before in (0..24).map(|fillers| 250_000 + fillers) {
        let mut assembler = Assembler::<Set>::new(&table);
        assembler.landing_pads(true);
        let [far, function] = [(); 2].map(|()| assembler.label());
        assembler.export(function);
        assembler.prologue();
        less(&mut assembler, far);
        fill(&mut assembler, before);
        assembler.bind(function);
        assembler.prologue();
        fill(&mut assembler, 300_000);
        assembler.bind(far);
        assembler.epilogue();
        assembler.finish().unwrap();
        let code = assembler.finished();
        // bti c; stp x29, x30, [sp, #-16]!; mov x29, sp
        let start = [[0x5F, 0x24, 0x03, 0xD5], [0xFD, 0x7B, 0xBF, 0xA9], [0xFD, 0x03, 0x00, 0x91]].concat();
        assert!(code[assembler.offset_of(function).unwrap()..].starts_with(&start));
        assert_eq!(assembler.functions()[1] as usize, assembler.offset_of(function).unwrap() + 4);
    }
}

#[test]
fn what_is_wrong_with_a_label_is_still_said() {
    for architecture in SHORT {
        let bytes = table(architecture, FILLER_LEN);
        let table = parsed(&bytes);
        let mut assembler = Assembler::<Set>::new(&table);
        let label = assembler.label();
        less(&mut assembler, label);
        fill(&mut assembler, 40);
        assert_eq!(assembler.finish(), Err(StitchError::Unbound { label }));
        assembler.clear();
        let foreign = Label(77);
        less(&mut assembler, foreign);
        fill(&mut assembler, 40);
        assert_eq!(assembler.finish(), Err(StitchError::ForeignLabel { label: foreign }));
    }
}

#[test]
fn far_branches_are_taken() {
    let Some(host) = host_architecture() else { return };
    let mut distances = vec![1, 20, 100];
    if host == Architecture::Aarch64 {
        distances.push((1 << 27) / FILLER_LEN + 1);
    }
    let bytes = table(host, FILLER_LEN);
    let table = parsed(&bytes);
    for fillers in distances {
        let mut assembler = Assembler::<Set>::new(&table);
        let [back, far, cold] = [(); 3].map(|()| assembler.label());
        assembler.prologue();
        less(&mut assembler, far);
        fill(&mut assembler, fillers);
        assembler.bind(back);
        assembler.emit_op(WORD, &[R0, Placed::word(7)]);
        assembler.epilogue();
        fill(&mut assembler, fillers);
        assembler.bind(far);
        less(&mut assembler, cold);
        assembler.begin_cold();
        fill(&mut assembler, fillers);
        assembler.bind(cold);
        assembler.emit_op(MOVE, &[R1, Placed::literal(9)]);
        less(&mut assembler, back);
        assembler.end_cold();
        let arena = Arena::new(ArenaConfig { reserve: 4 * assembler.len() + (1 << 20), ..ArenaConfig::default() });
        let code = CodeSpace::<Set>::new(arena.unwrap(), &table).unwrap().publish(&mut assembler).unwrap();
        let mut anchor = Anchor::default();
        let mut registers = Registers::default();
        registers.ints[0] = &raw mut anchor as u64;
        registers.ints[2..4].copy_from_slice(&[1, 2]);
        // SAFETY: the code touches nothing but two registers and its stack frame; its first argument is an anchor.
        unsafe { code.enter_raw(0, &mut registers) };
        assert_eq!(registers.ints[2..4], [7, 9], "{fillers} fillers");
    }
}
