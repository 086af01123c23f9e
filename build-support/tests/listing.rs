//! A set with one op of every kind goes the whole way to tables.

use stencil_build_support::{Convention, Options, Toolchain, compile_set};
use stencil_table::{StencilRecord, Table};

#[test]
fn every_variant_of_a_set_is_in_both_tables() {
    let text = include_str!("sets/demo.rs");
    let folder = tempfile::tempdir().unwrap();
    let options = Options::default().convention(Convention::Portable).convention(Convention::Wide);
    let sets = compile_set("src/demo.rs", text, &options, &Toolchain::host().unwrap(), folder.path()).unwrap();
    let [set] = sets.as_slice() else { panic!("{} sets", sets.len()) };
    assert_eq!((set.findings.as_slice(), set.warnings.len()), ([].as_slice(), 0));
    let conventions: Vec<_> = set.tables.iter().map(|table| table.key.convention).collect();
    assert_eq!(conventions, [Convention::Wide, Convention::Portable]);
    for table in &set.tables {
        let table = Table::parse(&table.bytes).unwrap();
        table.verify_checksum().unwrap();
        assert!(table.compiler().starts_with("rustc "));
        for op in table.ops() {
            let compiled = |stencil: &&StencilRecord| stencil.len != StencilRecord::PRUNED;
            let literals = table
                .axes_of(op)
                .iter()
                .filter(|axis| axis.steps[stencil_table::place::WIDE as usize] != stencil_table::NO_STEP)
                .count();
            let count = table.variants_of(op).iter().filter(compiled).count();
            assert!(count > 0, "{}", table.text(op.name));
            if literals < 2 {
                assert_eq!(count, table.variants_of(op).len(), "{}", table.text(op.name));
            }
        }
    }
}
