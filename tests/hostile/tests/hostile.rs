//! A short run of damaged tables; the example of the same name does as many as one likes.

use std::time::Duration;
use stencil_hostile::attempt::Outcome;
use stencil_hostile::campaign;

const SEED: u64 = 0x5EED_0005;

#[test]
fn damaged_tables_end_in_code_or_an_error() {
    println!("seed {SEED:#x}");
    let report = campaign::run(30_000, SEED);
    println!("{report}");
    assert!(report.panicked.is_empty(), "{report}");
    assert!(2 * report.past_header() >= report.total(), "{report}");
    assert!(report.of(Outcome::Code) * 10 > report.total(), "{report}");
    assert!(report.slowest.1 < Duration::from_secs(5), "{report}");
}
