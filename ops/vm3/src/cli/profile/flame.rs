//! Flame graphs: a box for each frame, as wide as its share of the samples, above the box of its caller.

use super::Stacks;
use std::fmt::Write;

/// The picture's width, and the height of a box.
const WIDTH: f64 = 1200.0;
const HEIGHT: usize = 17;
/// The width of a letter, and of the narrowest box that is drawn.
const LETTER: f64 = 7.0;
const NARROWEST: f64 = 0.3;

/// A box.
struct Frame<'s> {
    name: &'s str,
    depth: usize,
    /// The first sample, and how many there are.
    start: usize,
    count: usize,
}

/// Draws stacks, whose order puts those with a common start beside each other.
pub(super) fn draw(stacks: &Stacks) -> String {
    let all: usize = stacks.values().sum();
    let mut frames = vec![Frame { name: "all", depth: 0, start: 0, count: all }];
    let mut start = 0;
    let mut open: Vec<usize> = Vec::new();
    for (stack, count) in stacks {
        let same = open.iter().zip(stack).take_while(|(frame, name)| frames[**frame].name == name.as_str()).count();
        open.truncate(same);
        for (depth, name) in stack.iter().enumerate().skip(same) {
            open.push(frames.len());
            frames.push(Frame { name, depth: depth + 1, start, count: 0 });
        }
        open.iter().for_each(|frame| frames[*frame].count += count);
        start += count;
    }
    let deepest = frames.iter().map(|frame| frame.depth).max().unwrap_or(0);
    let height = (deepest + 2) * HEIGHT;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"monospace\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    let scale = WIDTH / all.max(1) as f64;
    for frame in frames.iter().filter(|frame| frame.count as f64 * scale >= NARROWEST) {
        // Writing to a string cannot fail.
        let _ = write_frame(&mut text, frame, all, scale, (deepest - frame.depth) * HEIGHT + HEIGHT / 2);
    }
    text.push_str("</svg>\n");
    text
}

fn write_frame(text: &mut String, frame: &Frame<'_>, all: usize, scale: f64, y: usize) -> std::fmt::Result {
    let Frame { name, start, count, .. } = *frame;
    let (x, width) = (start as f64 * scale, count as f64 * scale);
    let share = 100.0 * count as f64 / all.max(1) as f64;
    let colour = name.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let name = escaped(name);
    writeln!(text, "<g><title>{name}: {count} samples, {share:.1}%</title>")?;
    writeln!(
        text,
        "<rect x=\"{x:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"{}\" fill=\"hsl({}, 80%, {}%)\"/>",
        HEIGHT - 1,
        20 + colour % 40,
        60 + colour / 64 % 12
    )?;
    let letters = (width / LETTER) as usize;
    if letters > 3 {
        let all_of_it = frame.name.chars().count() <= letters;
        let shown: String = frame.name.chars().take(if all_of_it { letters } else { letters - 2 }).collect();
        let rest = if all_of_it { "" } else { ".." };
        let shown = escaped(&shown);
        writeln!(text, "<text x=\"{:.1}\" y=\"{}\">{shown}{rest}</text>", x + 2.0, y + HEIGHT - 5)?;
    }
    text.push_str("</g>\n");
    Ok(())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
