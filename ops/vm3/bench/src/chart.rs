//! The figures as a chart: a bar per case and tier, as long as the logarithm of its ratio to native.

use crate::figures::{Figures, Row};
use crate::table::case;
use std::fmt::Write as _;

/// Sizes in pixels.
const WIDTH: f64 = 960.0;
const LABELS: f64 = 240.0;
const TOP: f64 = 64.0;
const BAR: f64 = 9.0;
const GAP: f64 = 8.0;
/// Room right of the longest bar, for its figure.
const FIGURES: f64 = 60.0;

/// A colour per tier, from the first again when there are more tiers.
const COLOURS: [&str; 5] = ["#9aa5b1", "#2f6db5", "#e08a3c", "#4c9a5b", "#8a5cb0"];

/// Where lines stand behind the bars.
const LINES: [f64; 9] = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0];

/// The chart as an SVG document. Cases without a native counterpart are left out.
#[must_use]
pub fn svg(figures: &Figures) -> String {
    let rows: Vec<&Row> = figures.rows.iter().filter(|row| row.native.is_some()).collect();
    let tiers: Vec<&str> = rows.first().map_or_else(Vec::new, |row| names(row));
    let ratios = rows.iter().flat_map(|row| &row.tiers).filter_map(|measured| measured.ratio);
    let scale = Scale::over(ratios);
    let group = BAR * tiers.len() as f64 + GAP;
    let height = TOP + group * rows.len() as f64 + GAP;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"12\" y=\"20\" font-size=\"14\">Time of a run over that of the same algorithm in Rust, logarithmic</text>\n"
    );
    for (index, tier) in tiers.iter().enumerate() {
        let (x, colour) = (12.0 + 110.0 * index as f64, COLOURS[index % COLOURS.len()]);
        let _ = writeln!(svg, "<rect x=\"{x}\" y=\"30\" width=\"10\" height=\"10\" fill=\"{colour}\"/>");
        let _ = writeln!(svg, "<text x=\"{}\" y=\"39\">{}</text>", x + 15.0, escape(tier));
    }
    for line in LINES.into_iter().filter(|line| scale.holds(*line)) {
        let (x, colour) = (scale.x(line), if line == 1.0 { "#333333" } else { "#dddddd" });
        let _ = writeln!(svg, "<path d=\"M{x:.1} {TOP}V{height}\" stroke=\"{colour}\"/>");
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{line}</text>", TOP - 6.0);
    }
    for (index, row) in rows.iter().enumerate() {
        bars(&mut svg, row, &scale, TOP + GAP + group * index as f64);
    }
    svg.push_str("</svg>\n");
    svg
}

/// The bars of a case and its name.
fn bars(svg: &mut String, row: &Row, scale: &Scale, top: f64) {
    let middle = top + BAR * row.tiers.len() as f64 / 2.0 + 4.0;
    let name = escape(&case(&row.program, &row.arguments));
    let _ = writeln!(svg, "<text x=\"{}\" y=\"{middle:.1}\" text-anchor=\"end\">{name}</text>", LABELS - 8.0);
    for (index, measured) in row.tiers.iter().enumerate() {
        let Some(ratio) = measured.ratio else { continue };
        let (y, colour) = (top + BAR * index as f64, COLOURS[index % COLOURS.len()]);
        // From the line of native: to the left when the tier is faster.
        let (native, end) = (scale.x(1.0), scale.x(ratio));
        let (x, width) = (native.min(end), (end - native).abs());
        let _ = writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{}\" fill=\"{colour}\"/>",
            BAR - 1.0
        );
        let (text, y) = (native.max(end) + 4.0, y + BAR - 1.5);
        let _ = writeln!(svg, "<text x=\"{text:.1}\" y=\"{y:.1}\" font-size=\"9\">{ratio:.2}</text>");
    }
}

/// From ratios to pixels.
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    /// A scale that holds 1 and all ratios.
    fn over(ratios: impl Iterator<Item = f64>) -> Self {
        let (low, high) = ratios.fold((1.0_f64, 2.0_f64), |(low, high), ratio| (low.min(ratio), high.max(ratio)));
        Self { low, high }
    }

    fn holds(&self, ratio: f64) -> bool {
        (self.low..=self.high).contains(&ratio)
    }

    fn x(&self, ratio: f64) -> f64 {
        let share = (ratio / self.low).ln() / (self.high / self.low).ln();
        LABELS + share * (WIDTH - LABELS - FIGURES)
    }
}

fn names(row: &Row) -> Vec<&str> {
    row.tiers.iter().map(|measured| measured.tier.as_str()).collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
