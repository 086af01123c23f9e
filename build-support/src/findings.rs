//! What is wrong with ops, collected and put into words: one finding per op and mistake, however many variants show it.

use crate::fault::Fault;
use crate::rustc::Message;
use crate::sources::{Chunk, Sources};
use proc_macro2::Ident;
use std::collections::BTreeMap;
use stencil_syntax::Finding;
use stencil_syntax::ast::OpSet;
use stencil_syntax::layout::Target;
use stencil_syntax::variants;

/// What is wrong with a set.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// What only compiling stencils shows.
    pub(crate) findings: Vec<Finding>,
    /// What the compiler says about the author's crate too.
    pub(crate) repeated: Vec<Finding>,
}

/// Findings while a table is made.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// By op and fault: the first variant and how many variants there are.
    faults: BTreeMap<(usize, Fault), (usize, usize)>,
    others: Vec<Finding>,
    repeated: Vec<Finding>,
}

impl Findings {
    /// Adds a fault of a variant.
    pub(crate) fn fault(&mut self, op: usize, variant: usize, fault: Fault) {
        let (first, count) = self.faults.entry((op, fault)).or_insert((variant, 0));
        *first = variant.min(*first);
        *count += 1;
    }

    /// Adds a fault that is no op's own.
    pub(crate) fn set_fault(&mut self, fault: &Fault) {
        self.other(Finding { op: String::new(), line: 0, column: 0, message: format!("the op set {fault}") });
    }

    /// Adds the compiler's errors about a chunk, at the author's lines. `repeated` are those that the compiler has about
    /// the same text when the author's own crate is compiled. Returns whether any could be placed: others are no
    /// mistakes of an op.
    pub(crate) fn compiler(
        &mut self,
        set: &OpSet,
        sources: &Sources,
        chunk: &Chunk,
        errors: &[Message],
        repeated: &[Message],
    ) -> bool {
        let mut placed = false;
        for error in errors {
            let Some(Origin { op, line, column }) = place(set, sources, chunk, error) else { continue };
            placed = true;
            let again = repeated.iter().any(|other| other.is_same(error));
            let (list, note) = if again { (&mut self.repeated, "") } else { (&mut self.others, ALONE) };
            let finding = Finding { op, line, column, message: format!("{}{note}", error.text()) };
            if !list.contains(&finding) {
                list.push(finding);
            }
        }
        placed
    }

    /// Adds what is found out about an op as a whole, at one of its parts.
    pub(crate) fn op(&mut self, set: &OpSet, op: usize, part: &Ident, fault: &Fault) {
        let name = set.ops[op].ident.to_string();
        let start = part.span().start();
        let message = format!("`{name}` {fault}");
        self.other(Finding { op: name, line: start.line, column: start.column, message });
    }

    fn other(&mut self, finding: Finding) {
        if !self.others.contains(&finding) {
            self.others.push(finding);
        }
    }

    /// All findings about a table for `target`, by place.
    pub(crate) fn finish(self, set: &OpSet, target: Target) -> Found {
        let mut findings = self.others;
        for ((op, fault), (first, count)) in self.faults {
            let definition = &set.ops[op];
            let axes = variants::axes(set, definition, target);
            let all = (0..variants::count(&axes)).filter(|number| variants::places(&axes, *number).is_some()).count();
            let mut message = format!("`{}` {fault}", definition.ident);
            if count < all {
                let places = variants::places(&axes, first).unwrap_or_default();
                let values = definition.values();
                let example = values.iter().zip(places).map(|(value, place)| {
                    let name = definition.value_ident(*value);
                    format!("{name} = {place}")
                });
                let example = example.collect::<Vec<_>>().join(", ");
                message.push_str(&format!(" (in {count} of {all} variants, such as {example})"));
            }
            findings.push(finding(set, op, message));
        }
        findings.sort_by_key(|left| (left.line, left.column));
        Found { findings, repeated: self.repeated }
    }
}

/// Why the compiler finds fault with stencils and not with the author's crate.
const ALONE: &str = "\nnote: an op set is compiled on its own and sees `core` and what stands in it";

fn finding(set: &OpSet, op: usize, message: String) -> Finding {
    let ident = &set.ops[op].ident;
    let start = ident.span().start();
    Finding { op: ident.to_string(), line: start.line, column: start.column, message }
}

struct Origin {
    op: String,
    line: usize,
    column: usize,
}

/// Where in the author's file an error of the compiler belongs.
fn place(set: &OpSet, sources: &Sources, chunk: &Chunk, error: &Message) -> Option<Origin> {
    let places = error.places();
    let in_file = |file: &str, name: &str| file.rsplit(['/', '\\']).next() == Some(name);
    let authors = places.iter().filter(|place| in_file(&place.file, "ops.rs"));
    let author = authors.filter_map(|place| sources.ops.origin(place.line, place.column)).next();
    if let Some(at) = author {
        let before = |op: &&stencil_syntax::ast::Op| {
            let start = op.ident.span().start();
            (start.line, start.column) <= (at.line, at.column)
        };
        let op = set.ops.iter().filter(before).max_by_key(|op| op.ident.span().start().line);
        let op = op.map(|op| op.ident.to_string()).unwrap_or_default();
        return Some(Origin { op, line: at.line, column: at.column });
    }
    let root = format!("{}.rs", chunk.name);
    let op = places.iter().find(|place| in_file(&place.file, &root)).and_then(|place| chunk.op_at(place.line))?;
    let Finding { op, line, column, .. } = finding(set, op, String::new());
    Some(Origin { op, line, column })
}
