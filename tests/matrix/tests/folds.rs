//! The matrix would find every way in which an optimiser is known to fold holes that it takes for addresses: each is
//! put into the op set's own stencils, and a named op shows it.
//!
//! What a gate of the build helper refuses never comes into a table; that counts as found, and which gate it was is
//! asserted.
#![cfg(all(target_arch = "x86_64", target_os = "linux"))]

use std::collections::BTreeMap;
use std::mem::offset_of;
use stencil_build_support::{CompiledSet, Convention, Holes, Options, Toolchain, compile_set};
use stencil_matrix::bench::{Bench, Difference};
use stencil_matrix::ops::Machine;
use stencil_matrix::program::Spot;
use stencil_matrix::sweep::{Plan, sweep};
use stencil_table::{
    AxisRecord, Header, HoleKind, HoleRecord, NO_STEP, PlainHole, Span, StencilRecord, Table, TableBytes, hash_of,
    place,
};
use zerocopy::{FromBytes, Immutable, IntoBytes};

const SEED: u64 = 0x5EED_0003;

/// The op set compiled with holes read in some way, in the portable convention.
fn compiled(holes: Holes) -> CompiledSet {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::default().convention(Convention::Portable).holes(holes);
    let text = include_str!("../src/stencils.rs");
    let mut sets = compile_set("stencils.rs", text, &options, &Toolchain::host().unwrap(), folder.path()).unwrap();
    sets.pop().unwrap()
}

/// The table of a set that no gate refused.
fn table(holes: Holes) -> TableBytes {
    let set = compiled(holes);
    assert!(set.findings.is_empty(), "{:#?}", set.findings);
    set.tables[0].bytes.clone()
}

/// What the matrix finds in a table, by op, with the values in the places that are `wanted`.
fn found(bytes: &TableBytes, wanted: fn(Spot) -> bool) -> BTreeMap<String, Difference> {
    let table = Table::parse(bytes).unwrap();
    let mut bench = Bench::<Machine>::new(&table, SEED).unwrap();
    let swept = sweep(&mut bench, &table, Plan { ops: &survives, places: &wanted, sample: None, seed: SEED });
    assert!(swept.runs > 10_000, "{swept:?}");
    swept.differences
}

/// A division that believes that no literal is 0 ends the process.
fn survives(op: &str) -> bool {
    op != "divide"
}

fn in_registers_or_literal(spot: Spot) -> bool {
    !matches!(spot, Spot::Slot(_))
}

/// Whether an op has its variant for short literals, of all axes that can be literals.
fn has_short(bytes: &TableBytes, op: &str) -> bool {
    let table = Table::parse(bytes).unwrap();
    let record = table.ops().iter().find(|record| table.text(record.name) == op).unwrap();
    let mut literals = table.axes_of(record)[usize::from(record.result_count)..].iter();
    literals.all(|axis| axis.steps[place::SMALL as usize] != axis.steps[place::WIDE as usize])
}

#[test]
fn sound_holes_pass() {
    let table = table(Holes::Sound);
    assert!(found(&table, |_| true).is_empty());
    assert!(has_short(&table, "far_addend") && has_short(&table, "is_zero"));
}

#[test]
fn literals_that_are_addresses_are_found() {
    let table = table(Holes::ShortAddresses);
    let found = found(&table, in_registers_or_literal);
    // K == 0 folds to false.
    assert!(found.contains_key("is_zero"), "{found:#?}");
    // Addition is sound: what is found is not that literals are broken altogether.
    assert!(!found.contains_key("add") && !found.contains_key("scaled"), "{found:#?}");
    // A negative addend makes the hole relative to the program counter: a gate drops the variant.
    assert!(!has_short(&table, "far_addend"));
}

#[test]
fn literals_that_are_aligned_addresses_are_found() {
    let plain = found(&table(Holes::ShortAddresses), in_registers_or_literal);
    let aligned = found(&table(Holes::AlignedAddresses), in_registers_or_literal);
    // K & 7 folds to 0, for the type's alignment alone.
    assert!(aligned.contains_key("bits"), "{aligned:#?}");
    assert!(!plain.contains_key("bits"), "{plain:#?}");
}

#[test]
fn pointers_that_are_addresses_nearby_are_refused() {
    let set = compiled(Holes::WideAddresses);
    assert!(set.tables.is_empty());
    // A pointer that is dereferenced becomes relative to the program counter.
    let mut dereferenced = set.findings.iter().filter(|finding| finding.op == "store_store_load");
    assert!(
        dereferenced.any(|finding| finding.message.contains("ends up in a field of another size or sense")
            && finding.message.contains("PC32")),
        "{:#?}",
        set.findings
    );
}

#[test]
fn pointers_that_are_addresses_anywhere_are_found() {
    let found = found(&table(Holes::FarAddresses), |_| true);
    // Two pointers never point to the same memory: what was stored through one survives a store through the other.
    assert!(found.contains_key("store_store_load"), "{found:#?}");
    // K1 == K2 folds to false.
    assert!(found.contains_key("wide_same"), "{found:#?}");
    // So do comparisons with null and between pointers; nothing else is wrong.
    assert!(found.contains_key("wide_tests") && found.contains_key("pointer_tests"), "{found:#?}");
    assert_eq!(found.len(), 4, "{found:#?}");
}

#[test]
fn slots_that_are_array_elements_are_found() {
    let wanted = |spot: Spot| matches!(spot, Spot::Slot(0)) || in_registers_or_literal(spot);
    let found = found(&table(Holes::ElementSlots), wanted);
    // An element that is not the first one does not overlap it: the second read of slot 0 is dropped.
    assert!(found.contains_key("reload"), "{found:#?}");
    // Slot 0 itself is sound.
    assert!(!found.contains_key("add") && !found.contains_key("frame_zero"), "{found:#?}");
}

#[test]
fn zero_extension_in_place_of_sign_extension_is_found() {
    // Where a register is needed, an address comes as a move that zero-extends.
    let bytes = table(Holes::ShortAddresses);
    let table = Table::parse(&bytes).unwrap();
    let negative = |bytes: &TableBytes| found(bytes, in_registers_or_literal);
    // The table says so, and negative literals take other variants.
    assert!(!negative(&bytes).contains_key("move_ints"));
    let narrowed = |axis: &AxisRecord| {
        let [small, negative] = [place::SMALL, place::NEGATIVE].map(|sort| axis.steps[sort as usize]);
        small != NO_STEP && small != negative
    };
    assert!(table.axes().iter().any(narrowed));
    // A table that took the one for the other would be found.
    assert!(negative(&believing_in_sign_extension(&bytes)).contains_key("move_ints"));
}

/// The same table with every hole of 4 bytes recorded as sign-extended, and negative literals given to short variants.
fn believing_in_sign_extension(bytes: &[u8]) -> TableBytes {
    let header = *Header::ref_from_prefix(bytes).unwrap().0;
    let mut bytes = bytes.to_vec();
    edit(&mut bytes, header.axes, |axis: &mut AxisRecord| {
        axis.steps[place::NEGATIVE as usize] = axis.steps[place::SMALL as usize];
    });
    edit(&mut bytes, header.holes, |hole: &mut HoleRecord| {
        if hole.kind == HoleKind::Abs32Unsigned as u8 {
            hole.kind = HoleKind::Abs32Signed as u8;
        }
    });
    edit(&mut bytes, header.stencils, |stencil: &mut StencilRecord| {
        if stencil.is_plain() {
            stencil.plain.iter_mut().for_each(|hole| hole.value &= !PlainHole::UNSIGNED);
        }
    });
    let checksum = hash_of(&bytes[offset_of!(Header, len)..]);
    bytes[offset_of!(Header, checksum)..][..8].copy_from_slice(&checksum.to_le_bytes());
    TableBytes::copy_of(&bytes)
}

/// Changes all records of a section.
fn edit<T: FromBytes + IntoBytes + Immutable>(bytes: &mut [u8], section: Span, change: impl Fn(&mut T)) {
    let records = bytes[section.start as usize..].chunks_exact_mut(size_of::<T>());
    for bytes in records.take(section.len as usize) {
        let mut record = T::read_from_bytes(bytes).unwrap();
        change(&mut record);
        bytes.copy_from_slice(record.as_bytes());
    }
}
