//! Every gate on machine code has a source here that trips it: compiled as stencils are, with what the op language keeps
//! authors from writing too.

mod gates;
mod rewrite;
mod ways;

use super::X86_64;
use crate::arch::{Backend, Context};
use crate::compile;
use crate::object::{Function, Object};
use crate::pool::Pool;
use crate::{Architecture, Convention, Holes, Level, TableKey, Toolchain};
use stencil_syntax::layout::Format;
use stencil_table::Stencil;

/// What every source sees: the holes, as the expansion declares them.
const HEAD: &str = "#![no_std]
#![allow(dead_code, improper_ctypes)]
unsafe extern \"C\" {
    fn stencil_next(ctx: *mut u64, a: u64);
    fn stencil_return(ctx: *mut u64, a: u64);
    fn stencil_leave(ctx: *mut u64, a: u64);
    fn stencil_to_0(ctx: *mut u64, a: u64);
    fn stencil_call_0(ctx: *mut u64, a: u64);
    static stencil_slot_0: u8;
    static stencil_short_0: u8;
    static stencil_wide_0: u8;
    static stencil_word_0: u8;
}
macro_rules! slot { () => { (&raw const stencil_slot_0) as usize } }
";

const KEY: TableKey =
    TableKey { architecture: Architecture::X86_64, convention: Convention::Portable, level: Level::Baseline };

/// What compiling one function came to.
pub(super) struct Taken {
    pub(super) stencil: Result<Stencil, Vec<String>>,
    pub(super) pool: Pool,
}

/// The object of `items` and a stencil with this body.
pub(super) fn object_of(items: &str, body: &str) -> Object {
    let source = format!(
        "{HEAD}{items}\n#[unsafe(no_mangle)]\npub unsafe extern \"C\" fn stencil_op_0_0(ctx: *mut u64, a: u64) {{ unsafe {{ {body} }} }}\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("chunk_00.rs");
    std::fs::write(&root, source).unwrap();
    let object = folder.path().join("chunk_00.o");
    let toolchain = Toolchain::host().unwrap();
    let compiled =
        toolchain.compile(&root, &object, &compile::flags(&X86_64, KEY, Format::Elf, Holes::Sound), false).unwrap();
    assert!(compiled.success, "{}", compiled.text);
    Object::read(&object).unwrap()
}

/// Compiles `items` and a stencil with this body, and takes it out of the object.
pub(super) fn take_with(items: &str, body: &str, calls_host: bool) -> Taken {
    let object = object_of(items, body);
    let values = ["a".to_owned()];
    let context = Context { key: KEY, sections: &object.sections, calls_host, frame_limit: 64, values: &values };
    let mut pool = Pool::default();
    let stencil = X86_64.take(&object.stencils[&(0, 0)], &context, &mut pool);
    let stencil = stencil.map(|extracted| extracted.stencil);
    Taken { stencil: stencil.map_err(|faults| faults.iter().map(ToString::to_string).collect()), pool }
}

/// The faults of a body.
pub(super) fn faults(body: &str) -> String {
    faults_with("", body)
}

/// The faults of a body that uses these items.
pub(super) fn faults_with(items: &str, body: &str) -> String {
    take_with(items, body, false).stencil.expect_err("a gate should have refused this").join("\n")
}

/// The faults of machine code that no compiler made.
pub(super) fn faults_of(function: &Function) -> String {
    let context = Context { key: KEY, sections: &[], calls_host: false, frame_limit: 64, values: &[] };
    let faults = X86_64.take(function, &context, &mut Pool::default()).unwrap_err();
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The stencil of a body.
pub(super) fn stencil(body: &str) -> Stencil {
    take_with("", body, false).stencil.unwrap_or_else(|faults| panic!("{faults:?}"))
}
