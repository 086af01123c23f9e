//! Every hole of every variant of every op, with every value at which something changes.

use stencil_matrix::TABLES;
use stencil_matrix::bench::Bench;
use stencil_matrix::domain::domain;
use stencil_matrix::ops::Machine;
use stencil_matrix::sweep::{Plan, sweep};

const SEED: u64 = 0x5EED_0001;

#[test]
fn every_value_of_every_hole_at_every_placement() {
    println!("seed {SEED:#x}");
    for table in TABLES.all().unwrap() {
        let mut bench = Bench::<Machine>::new(table, SEED).unwrap();
        let domain = domain(&bench);
        let sweep = sweep(&mut bench, table, Plan { domain: &domain, ops: &|_| true, places: &|_| true, seed: SEED });
        assert!(sweep.differences.is_empty() && sweep.refused.is_empty(), "{sweep:#?}");
        println!("{}: {} runs at {} placements", table.info().convention, sweep.runs, sweep.placements);
        assert!(sweep.runs > 50_000 && sweep.placements > 500, "too few: {sweep:?}");
    }
}
