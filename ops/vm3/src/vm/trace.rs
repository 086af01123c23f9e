//! Backtraces of the guest, for people.

use super::Vm;
use std::fmt;

/// How many frames a trace shows at each end; recursion can be as deep as the stack is large.
const SHOWN: usize = 12;

/// A frame of a [`Trace`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceFrame {
    /// The index of the function.
    pub function: usize,
    /// Its name.
    pub name: String,
    /// The position of the op that is executed, or of the call that waits.
    pub pc: usize,
    /// The line of that op, if the program's source is known.
    pub line: Option<u32>,
}

/// Where a run stopped: its frames, the innermost first. Of a deep recursion those in the middle are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// The file that lines count in, if it is known.
    pub file: Option<String>,
    /// The innermost frames.
    pub inner: Vec<TraceFrame>,
    /// How many frames are left out.
    pub left_out: usize,
    /// The outermost frames, if some were left out.
    pub outer: Vec<TraceFrame>,
}

impl Vm {
    /// The frames of the last run, if it failed or ended in a deopt, with names and lines; see [`Vm::backtrace`] for all
    /// of them.
    #[must_use]
    pub fn trace(&self) -> Trace {
        let program = self.program.program();
        let frame = |place: crate::Place| TraceFrame {
            function: place.function,
            name: program.functions[place.function].name.clone(),
            pc: place.pc,
            line: program.source.line(place.function, place.pc),
        };
        let mut places = self.backtrace();
        let inner: Vec<TraceFrame> = places.by_ref().take(SHOWN).map(frame).collect();
        let rest = places.count();
        let left_out = rest.saturating_sub(SHOWN);
        let outer = self.backtrace().skip(inner.len() + left_out).map(frame).collect();
        Trace { file: program.source.file.clone(), inner, left_out, outer }
    }
}

impl Trace {
    fn write(&self, f: &mut fmt::Formatter<'_>, frames: &[TraceFrame], from: usize) -> fmt::Result {
        for (number, TraceFrame { name, pc, line, .. }) in (from..).zip(frames) {
            write!(f, "{number:>4}: `{name}`, pc {pc}")?;
            match (line, &self.file) {
                (Some(line), Some(file)) => writeln!(f, ", {file}:{line}")?,
                (Some(line), None) => writeln!(f, ", line {line}")?,
                (None, _) => writeln!(f)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, &self.inner, 0)?;
        if self.left_out > 0 {
            writeln!(f, "      ... {} frames", self.left_out)?;
        }
        self.write(f, &self.outer, self.inner.len() + self.left_out)
    }
}
