//! Random programs in every tier; the same with any number of them is the example `differential`.

#[path = "../examples/differential/cells.rs"]
mod cells;
#[path = "../examples/differential/compare.rs"]
mod compare;
#[path = "../examples/differential/generate.rs"]
mod generate;
#[path = "../examples/differential/random.rs"]
mod random;
#[path = "../examples/differential/signature.rs"]
mod signature;

use compare::{Checked, check};

#[test]
fn random_programs_do_the_same_in_every_tier() {
    let mut seen = [0; 4];
    for seed in 0..3000 {
        match check(seed) {
            Ok(checked) => seen[checked as usize] += 1,
            Err(difference) => panic!("seed {seed}: {difference}"),
        }
    }
    // The programs are worth running: they end in every way, and few are cut short.
    let [returned, deopt, fault, long] =
        [Checked::Returned, Checked::Deopt, Checked::Fault, Checked::Long].map(|checked| seen[checked as usize]);
    assert!(returned > 1000 && deopt > 50 && fault > 500 && long < 100, "{seen:?}");
}
