//! Every hole of every variant of every op, with every value at which something changes.

use stencil_matrix::model::{Bench, Random, Spot, is_out_of_range};
use stencil_matrix::ops::Machine;
use stencil_matrix::values::{INTERESTING, combinations, pick, spots};
use stencil_matrix::{TABLES, ops};
use stencil_runtime::{OpSet, Table};
use stencil_table::OpRecord;

const SEED: u64 = 0x5EED_0001;

unsafe extern "sysv64" fn helper(value: i64, scale: f64) -> i64 {
    value.wrapping_mul(3) ^ scale.to_bits() as i64
}

/// The values to try for a value of an op that cannot be any.
fn domain(bench: &Bench<'_, Machine>, name: &str, value: usize) -> Option<Vec<u64>> {
    let host: ops::CallHostHelper = helper;
    match (name, value) {
        // The same word, overlapping ones, another.
        ("store_store_load", 2 | 3) => Some(
            [(2, 0), (2, 1), (2, 4), (3, 0), (9, 0)].map(|(word, byte)| bench.scratch_address(word, byte)).to_vec(),
        ),
        ("call_host", 3) => Some(vec![host as usize as u64]),
        _ => None,
    }
}

/// Runs one op at one placement over its values; gives how many runs there were.
fn placement(
    bench: &mut Bench<'_, Machine>,
    random: &mut Random,
    table: &Table<'_>,
    op: u32,
    record: &OpRecord,
    spots: &[Spot],
) -> u64 {
    let name = table.text(record.name);
    let mut runs = 0;
    for value in 0..spots.len() {
        let of_value = domain(bench, name, value).unwrap_or_else(|| INTERESTING.to_vec());
        for &bits_of_value in &of_value {
            let mut bits: Vec<u64> = (0..spots.len())
                .map(|other| match domain(bench, name, other) {
                    Some(values) => values[random.below(values.len() as u64) as usize],
                    None => pick(random),
                })
                .collect();
            bits[value] = bits_of_value;
            if random.below(4) == 0 && domain(bench, name, value).is_none() {
                // Equal values in two places.
                let other = random.below(spots.len() as u64) as usize;
                if domain(bench, name, other).is_none() {
                    bits[other] = bits_of_value;
                }
            }
            let mut result = bench.run(op, spots, &bits);
            if result.as_ref().is_err_and(is_out_of_range) {
                // A hole of at most 32 bits: the emission API passes its value zero-extended.
                for (bits, spot) in bits.iter_mut().zip(spots) {
                    let hole = *spot == Spot::Hole && domain(bench, name, value).is_none();
                    *bits = if hole { u64::from(*bits as u32) } else { *bits };
                }
                result = bench.run(op, spots, &bits);
            }
            match result {
                Ok(Ok(())) => runs += 1,
                Ok(Err(difference)) => panic!("{difference}"),
                Err(error) => panic!("{name} at {spots:?} with {bits:x?}: {error}"),
            }
        }
    }
    runs
}

#[test]
fn every_value_of_every_hole_at_every_placement() {
    println!("seed {SEED:#x}");
    for table in TABLES.all().unwrap() {
        let mut bench = Bench::<Machine>::new(table, SEED).unwrap();
        let mut random = Random(SEED);
        let (mut runs, mut placements) = (0, 0);
        for (op, record) in table.ops().iter().enumerate() {
            let name = table.text(record.name);
            if name.starts_with("stash_") || name.starts_with("unstash_") {
                // The assembler's own: every synthesised placement runs them.
                continue;
            }
            let lists = spots(table, record, Machine::FRAME.is_some());
            combinations(&lists, &mut |spots| {
                placements += 1;
                runs += placement(&mut bench, &mut random, table, op as u32, record, spots);
            });
        }
        println!("{}: {runs} runs at {placements} placements", table.info().convention);
        assert!(runs > 50_000 && placements > 500, "{runs} runs at {placements} placements");
    }
}
