//! How figures are written, on figures that are made up. `UPDATE_EXPECT=1 cargo test -p vm3-bench` writes it anew.

use expect_test::expect_file;
use vm3_bench::cases::Group;
use vm3_bench::figures::{CompileTime, Compiled, Figures, Measured, Row, Time, means};
use vm3_bench::{chart, table};

fn time(median_ns: f64) -> Time {
    Time { runs: 1000, best_ns: median_ns - 1.0, median_ns, deviation_ns: median_ns / 50.0 }
}

fn row(group: Group, program: &str, argument: i64, ops: u64, native: Option<f64>, tiers: [f64; 2]) -> Row {
    let tiers = tiers.into_iter().zip(["interp", "stencil"]).map(|(median_ns, tier)| Measured {
        tier: tier.into(),
        time: time(median_ns),
        ratio: native.map(|native| median_ns / native),
        best_ratio: native.map(|native| (median_ns - 1.0) / (native - 1.0)),
    });
    let tiers = tiers.collect();
    Row { group, program: program.into(), arguments: vec![argument], ops, native: native.map(time), tiers }
}

fn figures() -> Figures {
    let rows = vec![
        row(Group::Corpus, "sum", 10, 40, Some(10.0), [400.0, 40.0]),
        row(Group::Corpus, "sum", 1000, 4000, Some(1000.0), [40_000.0, 1000.0]),
        row(Group::Corpus, "a<b", -1, 9, Some(20.0), [200.0, 15.0]),
        row(Group::Programs, "gcd", 7_540_113_804_746_346_429, 3, Some(2.0), [200.0, 4.0]),
        row(Group::Programs, "month", 2, 5, None, [50.0, 30.0]),
    ];
    let compile = CompileTime {
        tier: "stencil".into(),
        what: Compiled::Generated,
        programs: 256,
        ops: 100,
        program_ns: 2500.0,
        deviation_ns: 100.0,
        op_ns: 25.0,
    };
    Figures { turns: 21, means: means(&rows), rows, compile: vec![compile] }
}

#[test]
fn the_table() {
    let figures = figures();
    let rows: String = figures.rows.iter().map(table::row).collect();
    let head = table::header(&["interp", "stencil"]);
    let text = head + &rows + &table::means(&figures.means) + &table::compile(&figures.compile);
    expect_file!["expected/table.txt"].assert_eq(&text);
}

#[test]
fn the_chart() {
    expect_file!["expected/chart.svg"].assert_eq(&chart::svg(&figures()));
}

#[test]
fn a_chart_of_nothing_is_a_chart() {
    let nothing = Figures { turns: 21, rows: Vec::new(), means: Vec::new(), compile: Vec::new() };
    let svg = chart::svg(&nothing);
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"), "{svg}");
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
}

#[test]
fn the_json() {
    // Means are left out: their last digits are those of the system's logarithm.
    let mut figures = Figures { means: Vec::new(), ..figures() };
    figures.rows.truncate(1);
    expect_file!["expected/figures.json"].assert_eq(&serde_json::to_string_pretty(&figures).unwrap());
}

#[test]
fn a_mean_takes_the_largest_case_of_each_kernel() {
    let means = figures().means;
    let over: Vec<(&str, usize, f64)> =
        means.iter().map(|mean| (mean.over.as_str(), mean.cases, mean.tiers[1].worst)).collect();
    assert_eq!(
        over,
        [("corpus, largest case of each kernel", 2, 1.0), ("corpus, all cases", 3, 4.0), ("programs", 1, 2.0),]
    );
    // The square root of 1.0 times 0.75.
    assert!((means[0].tiers[1].ratio - 0.75_f64.sqrt()).abs() < 1e-12, "{means:?}");
}
