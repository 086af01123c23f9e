//! Every hole of every variant of every op, with values at which something changes: of the test set with all of them, of
//! vm3's with some. The example of the same name leaves none out. Under an emulator, all stencils with fewer values.

use std::collections::{BTreeMap, BTreeSet};
use stencil_matrix::bench::Bench;
use stencil_matrix::domain::Subject;
use stencil_matrix::sweep::{OWN, Plan, sweep};
use stencil_matrix::{TABLES, TOY_TABLES};
use stencil_random::emulated;
use stencil_runtime::entry::supports;
use stencil_runtime::{Convention, StencilRecord, Table, TableSet};

const SEED: u64 = 0x5EED_0001;

/// Tries the tables of a set, of all conventions that this machine has. Every stencil runs, but for those of ops that cannot be tried.
fn matrix<S: Subject>(tables: &'static TableSet<S>, sample: Option<usize>, least_runs: u64) {
    println!("seed {SEED:#x}");
    let tables: Vec<_> = tables.usable().unwrap().collect();
    let conventions: BTreeSet<_> = tables.iter().map(|table| table.info().convention).collect();
    let entered = Convention::ALL.iter().copied().filter(|convention| supports(*convention));
    assert_eq!(conventions, entered.collect());
    for table in tables {
        let mut bench = Bench::<S>::new(table, SEED).unwrap();
        let sweep = sweep(&mut bench, table, Plan { ops: &|_| true, places: &|_| true, sample, seed: SEED });
        let what = format!("{}, {}", table.info().convention, table.info().level);
        assert!(sweep.unknown.is_empty(), "say what these are tried with, in `subjects`: {:?}", sweep.unknown);
        assert!(sweep.differences.is_empty(), "{:#?}", sweep.differences);
        assert!(sweep.refused.is_empty(), "{:#?}", sweep.refused);
        let own: BTreeMap<_, _> = sweep.left_out.iter().filter(|(_, reason)| **reason == OWN).collect();
        assert_eq!(own.len(), 2 * table.banks().len(), "{own:?}");
        for (op, reason) in sweep.left_out.iter().filter(|(op, _)| !own.contains_key(op)) {
            println!("`{op}` was left out: {reason}");
            assert_eq!((S::NAME, &**op), ("vm3", "fuse_f64"));
        }
        let stencils = stencils(table, |op| sweep.left_out.contains_key(op));
        let never_run: Vec<_> = stencils.difference(&sweep.stencils).collect();
        assert!(never_run.is_empty(), "{what}: {never_run:?} of {} stencils were never run", stencils.len());
        println!("{what}: {} runs, {} placements, {} stencils", sweep.runs, sweep.placements, stencils.len());
        assert!(sweep.runs > least_runs, "too few: {}", sweep.runs);
    }
}

/// The stencils of a table by number, but for those of some ops.
fn stencils(table: &Table<'_>, left_out: impl Fn(&str) -> bool) -> BTreeSet<u32> {
    let ops = table.ops().iter().filter(|op| !left_out(table.text(op.name)));
    let numbers = ops.flat_map(|op| op.variants.start..op.variants.start + op.variants.len);
    numbers.filter(|number| table.stencils()[*number as usize].len != StencilRecord::PRUNED).collect()
}

#[test]
fn test_set() {
    let (sample, least_runs) = if emulated() { (Some(8), 200_000) } else { (None, 1_000_000) };
    matrix(&TABLES, sample, least_runs);
}

#[test]
fn tutorial() {
    matrix(&TOY_TABLES, None, 10_000);
}

#[test]
fn vm3() {
    let (sample, least_runs) = if emulated() { (3, 400_000) } else { (8, 1_000_000) };
    matrix(&vm3::stencils::TABLES, Some(sample), least_runs);
}
