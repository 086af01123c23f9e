//! The same on other architectures, as the disassembler of another toolchain reads it, which must agree with ours about
//! where instructions start: GNU binutils. Which compiler made the code is the first line; of another one, only that is
//! judged.

use super::{SOURCE, chosen, compile, holes_in, target};
use expect_test::{ExpectFile, expect_file};
use iced_x86::{Decoder, DecoderOptions};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use stencil_build_support::{Error, Options, Toolchain, compile_set};
use stencil_syntax::layout::{self, Architecture, Convention};
use stencil_table::{HoleKind, StencilRecord, Table, TableBytes};

/// What a disassembler says of code: instructions by their places. `None` when it is not here.
fn disassembled(program: &str, options: &[&str], code: &[u8]) -> Option<BTreeMap<u64, String>> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("code.bin");
    std::fs::write(&file, code).unwrap();
    let mut command = Command::new(program);
    command.args(["-D", "-z", "-b", "binary", "--no-show-raw-insn"]).args(options).arg(&file);
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => {
            assert!(std::env::var_os("STENCIL_FOREIGN_RUSTC").is_none(), "{program}: {error}");
            println!("NOT RUN: {program}: {error}");
            return None;
        }
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let line = |line: &str| {
        let (place, rest) = line.split_once(":\t")?;
        // What it adds about a place is counted from a base that the file does not have.
        let rest = rest.split("//").next()?.split(" # ").next()?.trim();
        Some((u64::from_str_radix(place.trim(), 16).ok()?, rest.replace('\t', " ")))
    };
    Some(text.lines().filter_map(line).collect())
}

/// The table of the set for a target, and the compiler; `None` when none is here.
fn table(triple: &str) -> Option<(TableBytes, String)> {
    let toolchain = Toolchain::host().unwrap().foreign(triple);
    let folder = tempfile::tempdir().unwrap();
    match compile_set("src/demo.rs", SOURCE, &Options::default(), &toolchain, folder.path()) {
        Ok(mut sets) => {
            let set = sets.remove(0);
            assert!(set.findings.is_empty(), "{:#?}", set.findings);
            Some((set.tables[0].bytes.clone(), toolchain.compiler().unwrap().to_owned()))
        }
        Err(error @ Error::NoCore { .. }) => {
            assert!(std::env::var_os("STENCIL_FOREIGN_RUSTC").is_none(), "{error}");
            println!("NOT RUN: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// The bytes of a stencil that are data: addresses that are loaded.
fn is_data(table: &Table<'_>, stencil: &StencilRecord, place: u64) -> bool {
    let wide = |kind: u8| kind == HoleKind::Abs64 as u8;
    let mut holes = table.holes_of(stencil).iter().filter(|hole| wide(hole.kind));
    holes.any(|hole| (u64::from(hole.offset)..u64::from(hole.offset) + 8).contains(&place))
}

fn golden(architecture: Architecture, triple: &str, program: &str, options: &[&str], file: &ExpectFile, path: &str) {
    let Some((bytes, compiler)) = table(triple) else { return };
    let table = Table::parse(&bytes).unwrap();
    let target = layout::Target { architecture, convention: Convention::Portable };
    let mut text = format!("made by {compiler}\n");
    for (title, stencil) in chosen(&table, target) {
        let code = table.code_of(stencil);
        let Some(lines) = disassembled(program, options, code) else { return };
        writeln!(text, "{title}").unwrap();
        for place in (0..code.len() as u64).step_by(4).filter(|place| !is_data(&table, stencil, *place)) {
            let line = lines.get(&place).unwrap_or_else(|| panic!("{title}: no instruction starts at {place:#x}"));
            let unknown = ["undefined", ".inst", ".word", "udf", "unimp", "(bad)"];
            assert!(!unknown.iter().any(|word| line.contains(word)), "{title}, {place:#x}: {line}");
            let holes = holes_in(&table, stencil, place..place + 4);
            writeln!(text, "    {place:02x}  {line}{holes}").unwrap();
        }
    }
    let golden = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(path));
    let made_by = golden.as_deref().unwrap_or_default().lines().next().unwrap_or_default().to_owned();
    if std::env::var_os("UPDATE_EXPECT").is_none() && made_by != format!("made by {compiler}") {
        println!("NOT COMPARED: {path} was {made_by}, this is {compiler}");
        return;
    }
    file.assert_eq(&text);
}

#[test]
fn aarch64_code_is_what_it_was() {
    golden(
        Architecture::Aarch64,
        "aarch64-unknown-linux-gnu",
        "aarch64-linux-gnu-objdump",
        &["-m", "aarch64", "-M", "no-aliases"],
        &expect_file!["../golden/demo.aarch64.txt"],
        "demo.aarch64.txt",
    );
}

#[test]
fn riscv64_code_is_what_it_was() {
    golden(
        Architecture::Riscv64,
        "riscv64gc-unknown-linux-gnu",
        "riscv64-linux-gnu-objdump",
        &["-m", "riscv:rv64", "-M", "no-aliases"],
        &expect_file!["../golden/demo.riscv64.txt"],
        "demo.riscv64.txt",
    );
}

/// The listings of x86-64 are our own; here another disassembler says where instructions start.
#[test]
fn instructions_start_where_another_disassembler_says() {
    let set = compile(&Options::default());
    let table = Table::parse(&set.tables[0].bytes).unwrap();
    for (title, stencil) in chosen(&table, target(Convention::Portable)) {
        let code = table.code_of(stencil);
        let Some(lines) = disassembled("objdump", &["-m", "i386:x86-64", "-M", "intel"], code) else { return };
        let own: Vec<u64> = Decoder::with_ip(64, code, 0, DecoderOptions::NONE).iter().map(|i| i.ip()).collect();
        assert_eq!(lines.keys().copied().collect::<Vec<_>>(), own, "{title}: {lines:#?}");
    }
}
