//! What the compiler makes of real programs, looked at from outside.

use super::{CompileError, Part, Space};
use crate::GuestPlace;
use crate::code::decode;
use crate::native::{CodeCache, Native};
use crate::program::{Verified, text};
use crate::stencils::TABLES;
use std::path::Path;
use std::sync::Arc;
use stencil_runtime::Convention;

/// The conventions that this machine has.
fn conventions() -> impl Iterator<Item = Convention> {
    Convention::ALL.iter().copied().filter(|convention| stencil_runtime::entry::supports(*convention))
}

/// The functions of a program, none of them compiled yet.
fn opened(program: &Verified, convention: Convention, landing_pads: bool, metered: bool) -> Arc<Native> {
    CodeCache::new(usize::MAX).open(program, Space::open(Some(convention), landing_pads).unwrap(), metered)
}

/// The programs that stand beside the sources.
fn programs() -> Vec<(String, Verified)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = ["programs"].into_iter().flat_map(|folder| root.join(folder).read_dir().unwrap());
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &Path| text::parse(&std::fs::read_to_string(path).unwrap()).unwrap().verify().unwrap();
    paths.iter().map(|path| (path.display().to_string(), read(path))).collect()
}

#[test]
fn the_code_is_a_sequence_of_stencils() {
    let mut checked = 0;
    for (name, program) in programs() {
        for convention in conventions() {
            let native = opened(&program, convention, false, true);
            let table = TABLES.usable().unwrap().find(|table| table.info().convention == convention).unwrap();
            for function in 0..program.program().functions.len() {
                native.compile(function, true).unwrap();
                let code = native.code(function).unwrap();
                for code in [code.code(), native.host_entry(function).unwrap()] {
                    if let Err(error) = code.check(table) {
                        panic!("{name}: {error}");
                    }
                }
                checked += 1;
            }
        }
    }
    assert!(checked > 15, "{checked}");
}

#[test]
fn code_with_landing_pads_has_one_at_every_way_in() {
    let pad: &[u8] = match std::env::consts::ARCH {
        // endbr64, bti c
        "x86_64" => &[0xF3, 0x0F, 0x1E, 0xFA],
        "aarch64" => &[0x5F, 0x24, 0x03, 0xD5],
        _ => {
            let error = Space::open(None, true).unwrap_err();
            assert!(matches!(error, CompileError::Publish(_)), "{error}");
            return;
        }
    };
    let mut entries = 0;
    for (name, program) in programs() {
        for convention in conventions() {
            let [with, without] = [true, false].map(|landing_pads| opened(&program, convention, landing_pads, false));
            let table = TABLES.usable().unwrap().find(|table| table.info().convention == convention).unwrap();
            for function in 0..program.program().functions.len() {
                with.compile(function, true).unwrap();
                without.compile(function, true).unwrap();
                let (Some(guarded), Some(plain)) = (with.code(function), without.code(function)) else { continue };
                for code in [guarded.code(), with.host_entry(function).unwrap()] {
                    code.check(table).unwrap();
                    for start in (0..).map_while(|index| code.entry_offset(index)).chain([0]) {
                        assert!(code.bytes()[start as usize..].starts_with(pad), "{name}: {function} at {start}");
                        entries += 1;
                    }
                }
                assert!(!plain.code().bytes().starts_with(pad), "{name}: nobody asked for it");
            }
        }
    }
    assert!(entries > 50, "{entries}");
}

#[test]
fn a_listing_covers_the_code_and_names_every_op() {
    for (name, program) in programs() {
        for convention in conventions() {
            let codes = decode(&program);
            for listing in crate::list(&program, Some(convention)).unwrap() {
                let mut at = 0;
                for stencil in listing.pieces.iter().flat_map(|piece| &piece.stencils) {
                    assert_eq!(stencil.range.start, at, "{name}: {}", stencil.op);
                    at = stencil.range.end;
                }
                assert_eq!(at, listing.bytes.len(), "{name}");
                let function = listing.function;
                for pc in 0..codes[function].insts.len() {
                    let of_op = |piece: &&super::Piece| piece.part == Part::Op(pc);
                    assert_eq!(listing.pieces.iter().filter(of_op).count(), 1, "{name}: function {function} pc {pc}");
                }
            }
        }
    }
}

#[test]
fn addresses_in_compiled_code_are_found_while_it_is_there() {
    let (mut ops, mut bytes) = (0, 0);
    for (name, program) in programs() {
        for convention in conventions() {
            let native = opened(&program, convention, false, false);
            let listings = native.list().unwrap();
            let mut gone = 0;
            for listing in &listings {
                let function = listing.function;
                if native.is_host(function) {
                    continue;
                }
                native.compile(function, true).unwrap();
                let code = native.code(function).unwrap();
                (ops, bytes) = (ops + native.codes()[function].insts.len(), bytes + code.code().marks().bytes());
                let start = code.code().address();
                for piece in listing.pieces.iter().filter(|piece| !piece.range.is_empty()) {
                    for offset in [piece.range.start, piece.range.end - 1] {
                        let place = GuestPlace::of_address(start + offset as u64).unwrap();
                        assert_eq!((place.function, place.part), (function, piece.part), "{name}: {offset}");
                        assert!(place.program.identity() == program.identity());
                    }
                }
                let after = GuestPlace::of_address(start + code.code().bytes().len() as u64);
                assert!(
                    after.is_none_or(
                        |place| place.function != function || place.program.identity() != program.identity()
                    )
                );
                gone = start;
            }
            drop(native);
            let left = GuestPlace::of_address(gone);
            assert!(
                left.is_none_or(|place| place.program.identity() != program.identity()),
                "{name}: the code is freed"
            );
        }
    }
    assert!(bytes <= 8 * ops, "{bytes} bytes for {ops} ops");
}

/// Elsewhere a literal is in several instructions.
#[cfg(target_arch = "x86_64")]
#[test]
fn holes_of_a_listing_hold_what_was_patched() {
    let program = text::parse("func f(i64) -> i64 {\n regs 1 i64\n AddI64K r0, r0, 1234\n ReturnI64 r0\n}").unwrap();
    let program = program.verify().unwrap();
    let listing = &crate::list(&program, None).unwrap()[0];
    let add = listing.pieces.iter().flat_map(|piece| &piece.stencils).find(|stencil| stencil.op == "add_i64").unwrap();
    let [hole] = &add.holes[..] else { panic!("{add:?}") };
    assert!(hole.start > add.range.start && hole.end <= add.range.end);
    assert_eq!(listing.bytes[hole.clone()], 1234_u32.to_le_bytes());
}

#[test]
fn functions_of_the_host_are_listed_as_what_leaves_to_the_interpreter() {
    let source =
        "func main(i64) -> i64 {\n regs 2 i64\n CallI64 r1, r0, twice\n ReturnI64 r1\n}\nhost func twice(i64) -> i64";
    let program = text::parse(source).unwrap().verify().unwrap();
    for convention in conventions() {
        let listings = crate::list(&program, Some(convention)).unwrap();
        assert_eq!(listings.len(), 2);
        assert!(
            listings.iter().all(|listing| listing.pieces.iter().any(|piece| piece.part == Part::Op(0))),
            "{convention}"
        );
    }
}
