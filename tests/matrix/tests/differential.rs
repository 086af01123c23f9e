//! A short run of random programs; the example of the same name does as many as one likes.

use stencil_matrix::{TABLES, differential};

const SEED: u64 = 0x5EED_0002;

#[test]
fn stitched_programs_do_what_the_bodies_of_their_ops_say() {
    println!("seed {SEED:#x}");
    let outcomes = differential::run(TABLES.all().unwrap(), 30_000, SEED).unwrap_or_else(|error| panic!("{error}"));
    assert!(!outcomes.is_empty());
    for (convention, outcome) in outcomes {
        println!("{convention}: {outcome}");
        assert!(outcome.ops > 4 * outcome.programs && outcome.checked > 50, "{outcome:?}");
    }
}
