//! What one op set with every construct of the language expands to, as text. `UPDATE_EXPECT=1 cargo test` writes it anew.

use expect_test::expect_file;
use std::fmt::Write;
use stencil_syntax::ast::{Op, OpSet};
use stencil_syntax::expand::{self, Style};
use stencil_syntax::layout::{Architecture, Convention, Format, Target};
use stencil_syntax::variants::{self, Place};
use syn::{Item, ItemMod, Meta};

const SOURCE: &str = include_str!("golden/set.rs");

fn set() -> OpSet {
    let file = syn::parse_file(SOURCE).unwrap();
    let [Item::Mod(module)] = file.items.as_slice() else { panic!("the file holds one module") };
    let mut module: ItemMod = module.clone();
    let Meta::List(list) = module.attrs.remove(0).meta else { panic!("`#[stencils]` comes first") };
    stencil_syntax::op_set(list.tokens, module).unwrap_or_else(|error| panic!("{}", error.into_compile_error()))
}

/// The text formatted; text that does not parse is a failure of its own.
fn pretty(text: &str) -> String {
    let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{error} at {:?} of\n{text}", error.span().start()));
    prettyplease::unparse(&file)
}

fn op<'a>(set: &'a OpSet, name: &str) -> (usize, &'a Op) {
    set.ops.iter().enumerate().find(|(_, op)| op.ident == name).unwrap_or_else(|| panic!("no op {name}"))
}

/// The variants that show every construct: the op and where its results and operands are.
fn shown() -> Vec<(&'static str, Vec<Place>)> {
    use Place::{Register, Short, Slot, Wide};
    vec![
        ("add", vec![Register(0), Register(1), Short]),
        ("add", vec![Register(1), Register(1), Wide]),
        ("add", vec![Slot, Slot, Slot]),
        ("double", vec![Register(0), Register(0)]),
        ("jump_lt", vec![Register(0), Register(1)]),
        ("div_rem", vec![Register(1), Slot, Register(0), Register(1)]),
        ("call_it", vec![]),
        ("finish", vec![]),
        ("stop", vec![Register(0)]),
        ("holes", vec![Register(0), Register(0)]),
        ("enter", vec![Register(0)]),
        ("add_jump_lt", vec![Register(0), Register(0), Wide, Register(1)]),
        ("move_ints", vec![Slot, Register(1)]),
        ("move_floats", vec![Register(0), Wide]),
        ("stash_floats", vec![Register(0)]),
        ("unstash_ints", vec![Register(1)]),
    ]
}

fn stencils(architecture: Architecture, convention: Convention) -> String {
    stencils_in(Format::Elf, architecture, convention)
}

fn stencils_in(format: Format, architecture: Architecture, convention: Convention) -> String {
    let set = set();
    let target = Target { architecture, convention };
    let expansion = expand::stencils(&set, Style::new(target, format));
    let mut text = expansion.head.clone();
    let _ = writeln!(text, "{}", expansion.support);
    for (name, places) in shown() {
        let (index, op) = op(&set, name);
        let axes = variants::axes(&set, op, target);
        let mut number = 0;
        for (axis, place) in axes.iter().zip(&places) {
            number = number * axis.places.len() + axis.digit(*place).unwrap_or_else(|| panic!("{name}: {place}"));
        }
        assert_eq!(variants::places(&axes, number).as_deref(), Some(&places[..]), "{name}");
        let function = expansion.functions.iter().find(|function| (function.op, function.variant) == (index, number));
        text.push_str(&function.unwrap_or_else(|| panic!("{name}: no variant {number}")).text);
    }
    pretty(&text)
}

#[test]
fn api() {
    expect_file!["golden/api.expected.rs"].assert_eq(&pretty(&expand::api(&set()).to_string()));
}

#[test]
fn items_of_the_stencils() {
    let target = Target { architecture: Architecture::X86_64, convention: Convention::Portable };
    let items = expand::stencils(&set(), Style::new(target, Format::Elf)).items.to_string();
    expect_file!["golden/items.expected.rs"].assert_eq(&pretty(&items));
}

#[test]
fn x86_64_portable() {
    expect_file!["golden/x86_64_portable.expected.rs"].assert_eq(&stencils(Architecture::X86_64, Convention::Portable));
}

#[test]
fn x86_64_wide() {
    expect_file!["golden/x86_64_wide.expected.rs"].assert_eq(&stencils(Architecture::X86_64, Convention::Wide));
}

#[test]
fn aarch64_portable() {
    expect_file!["golden/aarch64_portable.expected.rs"]
        .assert_eq(&stencils(Architecture::Aarch64, Convention::Portable));
}

#[test]
fn x86_64_mach_o() {
    expect_file!["golden/x86_64_mach_o.expected.rs"].assert_eq(&stencils_in(
        Format::MachO,
        Architecture::X86_64,
        Convention::Wide,
    ));
}

#[test]
fn x86_64_coff() {
    expect_file!["golden/x86_64_coff.expected.rs"].assert_eq(&stencils_in(
        Format::Coff,
        Architecture::X86_64,
        Convention::Portable,
    ));
}

#[test]
fn aarch64_coff() {
    expect_file!["golden/aarch64_coff.expected.rs"].assert_eq(&stencils_in(
        Format::Coff,
        Architecture::Aarch64,
        Convention::Portable,
    ));
}

#[test]
fn riscv64_portable() {
    expect_file!["golden/riscv64_portable.expected.rs"]
        .assert_eq(&stencils(Architecture::Riscv64, Convention::Portable));
}

/// Every variant on every target is Rust, and no two have one name.
#[test]
fn every_stencil_parses() {
    let set = set();
    for target in Target::all() {
        let expansion = expand::stencils(&set, Style::new(target, Format::Elf));
        let mut names = std::collections::HashSet::new();
        for function in &expansion.functions {
            pretty(&function.text);
            assert!(names.insert((function.op, function.variant)));
        }
        let expected = set.ops.iter().map(|op| {
            let axes = variants::axes(&set, op, target);
            (0..variants::count(&axes)).filter(|number| variants::places(&axes, *number).is_some()).count()
        });
        assert_eq!(expansion.functions.len(), expected.sum::<usize>());
    }
}
