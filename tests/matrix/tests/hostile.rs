//! Tables that somebody tampered with end in errors, not in undefined behaviour.

use stencil_matrix::{TABLES, hostile};

#[test]
fn mutated_tables_are_parsed_and_stitched_or_refused() {
    let seed = 0x5EED_0003;
    println!("seed {seed:#x}");
    for table in TABLES.all().unwrap() {
        let tally = hostile::run(table, 1_000, seed);
        println!("{}: {tally}", table.info().convention);
        assert!(tally.past_header * 2 >= tally.mutants, "{tally}");
        assert!(
            tally.parsed > 0 && tally.parsed < tally.mutants && tally.stitched > tally.parsed && tally.refused > 0,
            "{tally}"
        );
    }
}
