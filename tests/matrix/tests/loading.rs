//! Tables from files, and tables of other op sets.

use std::fs;
use std::path::PathBuf;
use stencil_matrix::TABLES;
use stencil_matrix::ops::Machine;
use stencil_runtime::entry::Registers;
use stencil_runtime::{Argument, Convention, LoadError, MappedTable, OpSet, TableError, TableSet, Vouched, Way};
use stencil_table::{AlignedBlob, Header};

/// The same machine with another hash, as after a change of an op.
struct Changed;

impl OpSet for Changed {
    const NAME: &'static str = "changed";
    const HASH: u128 = Machine::HASH ^ 1;
    const FIXED: usize = Machine::FIXED;
    const FRAME: Option<usize> = Machine::FRAME;
    type Fixed = <Machine as OpSet>::Fixed;

    fn fixed_words(fixed: &Self::Fixed) -> [u64; 3] {
        Machine::fixed_words(fixed)
    }

    fn fixed_from_words(words: [u64; 3]) -> Self::Fixed {
        Machine::fixed_from_words(words)
    }

    fn load(&self, _: Convention, _: &mut Registers) {}

    fn store(&mut self, _: Convention, _: &Registers) {}

    fn evaluate(_: Vouched, _: u32, _: &mut Self::Fixed, _: &[u64], _: &mut [u64]) -> Way {
        Way::NoBody
    }

    fn layout(convention: Convention) -> &'static [Argument] {
        Machine::layout(convention)
    }
}

/// A file with these bytes, in a folder that is removed with the returned value.
fn file(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.table");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// What loading a file with these bytes for a set gives.
fn loaded<S: OpSet>(bytes: &[u8]) -> Result<usize, LoadError> {
    let (_folder, path) = file(bytes);
    // SAFETY: nobody else knows the file.
    let mapped = unsafe { MappedTable::open(&path) }?;
    let from_file = mapped.table::<S>().map(|table| table.ops().len());
    // Bytes in memory are judged like those of a file.
    let copied = MappedTable::from_bytes(bytes);
    let from_bytes = copied.table::<S>().map(|table| table.ops().len());
    assert_eq!(format!("{from_file:?}"), format!("{from_bytes:?}"));
    from_file
}

#[test]
fn a_table_in_a_file_is_as_good_as_one_in_the_program() {
    for table in TABLES.all().unwrap() {
        assert_eq!(loaded::<Machine>(table.bytes()).unwrap(), table.ops().len());
    }
}

#[test]
fn a_file_that_was_cut_is_refused_wherever_it_was_cut() {
    let bytes = TABLES.all().unwrap()[0].bytes();
    let lengths = (1..bytes.len()).step_by(997).chain([1, 7, 8, 64, size_of::<Header>() - 1, size_of::<Header>()]);
    for len in lengths.chain([bytes.len() - 1]) {
        assert!(matches!(loaded::<Machine>(&bytes[..len]), Err(LoadError::Table(TableError::Length { .. }))), "{len}");
    }
    let longer = [bytes, &[0; 64]].concat();
    assert!(matches!(loaded::<Machine>(&longer), Err(LoadError::Table(TableError::Length { .. }))));
    assert!(loaded::<Machine>(b"#!/bin/sh\nnot a table at all\n").is_err());
}

#[test]
fn every_damaged_bit_is_found() {
    let bytes = TABLES.all().unwrap()[0].bytes();
    for bit in (0..bytes.len() * 8).step_by(4099) {
        let mut damaged = bytes.to_vec();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let copied = MappedTable::from_bytes(&damaged);
        assert!(copied.table::<Machine>().is_err(), "bit {bit}");
    }
    let mut damaged = bytes.to_vec();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    assert!(matches!(loaded::<Machine>(&damaged), Err(LoadError::Table(TableError::Checksum { .. }))));
}

#[test]
fn a_table_of_another_set_is_refused() {
    let bytes = TABLES.all().unwrap()[0].bytes();
    let error = loaded::<Changed>(bytes).unwrap_err();
    assert!(matches!(error, LoadError::OtherSet { set: "changed" }), "{error}");
}

#[test]
#[should_panic(expected = "another version of the op set")]
fn a_program_does_not_carry_tables_of_another_set() {
    // In a `static` this is an error of the compiler.
    let bytes: Box<AlignedBlob<[u8; 4096]>> =
        Box::new(AlignedBlob(*TABLES.all().unwrap()[0].bytes().first_chunk().unwrap()));
    let blob: &'static AlignedBlob<[u8]> = Box::leak(bytes);
    let _ = TableSet::<Changed>::new(Box::leak(Box::new([blob])));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let path = tempfile::tempdir().unwrap().path().join("missing.table");
    // SAFETY: there is no file.
    let error = unsafe { MappedTable::open(&path) }.unwrap_err();
    assert!(error.to_string().contains("missing.table"), "{error}");
}
