//! The figures as a table for people.

use crate::figures::{CompileTime, Mean, Row};
use std::fmt::Write as _;

/// Width of the columns of a tier: time, deviation, ratio, best ratio.
const TIER: usize = 11 + 6 + 8 + 8;

/// The lines above the cases.
#[must_use]
pub fn header(tiers: &[&str]) -> String {
    let mut text = format!("{:36} {:>9} {:>17}", "", "", "native");
    for tier in tiers {
        let _ = write!(text, " {tier:>TIER$}");
    }
    let _ = write!(text, "\n{:36} {:>9} {:>11}{:>6}", "case", "ops", "ns", "±%");
    for _ in tiers {
        let _ = write!(text, " {:>11}{:>6}{:>8}{:>8}", "ns", "±%", "ratio", "best");
    }
    text.push('\n');
    text
}

/// The line of a case.
#[must_use]
pub fn row(row: &Row) -> String {
    let mut text = format!("{:36} {:>9}", case(&row.program, &row.arguments), row.ops);
    match &row.native {
        Some(time) => text += &format!(" {:>11.1}{:>6.1}", time.median_ns, 100.0 * time.deviation_ns / time.median_ns),
        None => text += &format!(" {:>11}{:>6}", "-", ""),
    }
    for measured in &row.tiers {
        let time = measured.time;
        let _ = write!(text, " {:>11.1}{:>6.1}", time.median_ns, 100.0 * time.deviation_ns / time.median_ns);
        match (measured.ratio, measured.best_ratio) {
            (Some(ratio), Some(best)) => text += &format!("{ratio:>8.2}{best:>8.2}"),
            _ => text += &format!("{:>8}{:>8}", "-", ""),
        }
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// The lines of the means.
#[must_use]
pub fn means(means: &[Mean]) -> String {
    let mut text = String::from("\ngeometric means of the ratios\n");
    for mean in means {
        let _ = write!(text, "{:36} {:>9} {:>17}", mean.over, mean.cases, "");
        for tier in &mean.tiers {
            let worst = format!("worst {:.2}", tier.worst);
            let _ = write!(text, " {worst:>17}{:>8.2}{:>8.2}", tier.ratio, tier.best_ratio);
        }
        text.push('\n');
    }
    text
}

/// The lines of compile times.
#[must_use]
pub fn compile(times: &[CompileTime]) -> String {
    let mut text = format!(
        "\n{:10} {:10} {:>10} {:>8} {:>14} {:>6} {:>8}\n",
        "compiling", "", "different", "ops", "ns/program", "±%", "ns/op"
    );
    for time in times {
        let percent = 100.0 * time.deviation_ns / time.program_ns;
        let _ = writeln!(
            text,
            "{:10} {:10} {:>10} {:>8} {:>14.0} {percent:>6.1} {:>8.1}",
            time.tier,
            time.what.name(),
            time.programs,
            time.ops,
            time.program_ns,
            time.op_ns
        );
    }
    text
}

/// A program and its arguments; of long arguments, the first digits.
#[must_use]
pub fn case(program: &str, arguments: &[i64]) -> String {
    let mut text = program.to_owned();
    for argument in arguments {
        let digits = argument.to_string();
        match digits.get(..8) {
            Some(start) if digits.len() > 9 => text += &format!(" {start}…"),
            _ => text += &format!(" {digits}"),
        }
    }
    text
}
