//! A table in another language says what the table says: each text is read back, by readers that share nothing with the
//! writers, and gives the same stencils, holes, axes, ops and constants.

mod reader;

use reader::{Records, Value};
use stencil_build_support::{Format, Options, Toolchain, compile_set, export};
use stencil_table::{HoleKind, StencilRecord, Table, TableBytes, place};

/// A shipped table of every architecture and convention, and one that is made here: it has fusions and constants.
fn tables() -> Vec<TableBytes> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../ops/vm3/tables/vm3.");
    let shipped = ["x86_64.portable", "x86_64.wide", "aarch64.portable", "riscv64.portable"];
    let shipped = shipped.map(|name| {
        let path = format!("{folder}{name}.baseline.table");
        TableBytes::copy_of(&std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}")))
    });
    let folder = tempfile::tempdir().unwrap();
    let source = include_str!("../sets/demo.rs");
    let options = Options::default();
    let sets = compile_set("src/demo.rs", source, &options, &Toolchain::host().unwrap(), folder.path()).unwrap();
    let made = sets[0].tables[0].bytes.clone();
    shipped.into_iter().chain([made]).collect()
}

#[test]
fn every_format_says_what_the_table_says() {
    let mut seen = [0; 2];
    for bytes in &tables() {
        let table = Table::parse(bytes).unwrap();
        seen[0] += table.pool().len();
        seen[1] += table.fusions().len();
        for format in Format::ALL {
            let text = export(&table, "demo", *format);
            assert_eq!(text, export(&table, "demo", *format), "{format} is not the same twice");
            let records = Records::read(&text, *format);
            compare(&table, &records, &format!("{} in {format}", table.info().architecture));
        }
    }
    assert!(seen[0] > 0 && seen[1] > 0, "no constants or no fusions were tried: {seen:?}");
}

#[test]
fn rust_is_what_the_compiler_takes() {
    let bytes = tables().pop().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("demo.rs");
    std::fs::write(&file, export(&Table::parse(&bytes).unwrap(), "demo", Format::Rust)).unwrap();
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = std::process::Command::new(compiler);
    command.args(["--edition=2024", "--crate-type=lib", "--emit=metadata", "-Dwarnings", "--out-dir"]);
    let output = command.arg(folder.path()).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn compare(table: &Table<'_>, records: &Records, what: &str) {
    for (fact, expected) in [
        ("architecture", table.info().architecture.name()),
        ("convention", table.info().convention.name()),
        ("level", table.info().level.name()),
        ("compiler", table.compiler()),
    ] {
        assert_eq!(records.fact(fact), expected, "{what}");
    }
    assert_eq!(records.fact("set_hash"), format!("{:032x}", table.info().set_hash), "{what}");
    assert_eq!(records.bytes("pool"), table.pool(), "{what}");
    let ops = records.rows("ops");
    assert_eq!(ops.len(), table.ops().len(), "{what}");
    for (row, op) in ops.iter().zip(table.ops()) {
        assert_eq!((row[0].text(), row[1].text()), (table.text(op.name), table.text(op.file)), "{what}");
        let numbers: Vec<i64> = row[2..].iter().map(Value::number).collect();
        let expected =
            [op.line, op.variants.start, op.variants.len, op.axes, op.axis_count.into(), op.result_count.into()];
        let expected = expected.into_iter().chain([op.value_count.into(), op.flags.into(), op.targets]);
        assert_eq!(numbers, expected.map(i64::from).collect::<Vec<_>>(), "{what}");
    }
    compare_stencils(table, records, what);
    let axes = records.rows("axes");
    assert_eq!(axes.len(), table.axes().len(), "{what}");
    for (row, axis) in axes.iter().zip(table.axes()) {
        assert_eq!((row[0].number(), row[1].number()), (axis.bank.into(), axis.registers.into()), "{what}");
        let steps: Vec<i64> = axis.steps[..place::NONE as usize].iter().map(|step| i64::from(*step)).collect();
        assert_eq!(row[2].numbers(), steps, "{what}");
    }
    let banks = records.rows("banks");
    assert_eq!(banks.len(), table.banks().len(), "{what}");
    for (row, bank) in banks.iter().zip(table.banks()) {
        assert_eq!(row[0].text(), table.text(bank.name), "{what}");
        assert_eq!((row[1].number(), row[2].number()), (bank.registers.into(), bank.move_op.into()), "{what}");
    }
    for row in records.rows("kinds") {
        let kind = HoleKind::from_byte(row[0].number() as u8).unwrap();
        assert_eq!((row[1].text(), row[3].number()), (kind.name(), kind.width() as i64), "{what}");
        let range = kind.value_range(0).unwrap_or_default();
        assert_eq!((row[4].number(), row[5].number()), range, "{what}, {kind}");
    }
    let fusions = records.rows("fusions");
    assert_eq!(fusions.len(), table.fusions().len(), "{what}");
    for (row, fusion) in fusions.iter().zip(table.fusions()) {
        assert_eq!((row[0].number(), row[1].number()), (fusion.op.into(), fusion.len.into()), "{what}");
        assert_eq!(row[2].numbers(), fusion.sequence.map(i64::from), "{what}");
        let (start, len) = (row[3].number() as usize, row[4].number() as usize);
        assert_eq!(&records.bytes("maps")[start..start + len], table.map_of(fusion), "{what}");
    }
}

fn compare_stencils(table: &Table<'_>, records: &Records, what: &str) {
    let (code, holes, stencils) = (records.bytes("code"), records.rows("holes"), records.rows("stencils"));
    assert_eq!(stencils.len(), table.stencils().len(), "{what}");
    for (row, stencil) in stencils.iter().zip(table.stencils()) {
        let numbers: Vec<usize> = row.iter().map(|value| value.number() as usize).collect();
        let [at, len, first, values, places] = numbers[..] else { panic!("{what}: a stencil is {numbers:?}") };
        assert_eq!(len, usize::from(stencil.len), "{what}");
        if stencil.len == StencilRecord::PRUNED {
            continue;
        }
        assert_eq!(&code[at..at + len], table.code_of(stencil), "{what}");
        let expected = table.holes_of(stencil);
        assert_eq!((values + places, places), (expected.len(), table.place_holes_of(stencil).len()), "{what}");
        for (row, hole) in holes[first..].iter().zip(expected) {
            let hole = [hole.offset.into(), hole.kind.into(), hole.value.into(), i64::from(hole.addend)];
            assert_eq!(row.iter().map(Value::number).collect::<Vec<_>>(), hole, "{what}");
        }
    }
}
