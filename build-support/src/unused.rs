//! The gate on holes and ways out that no variant of an op has.

use crate::fault::Fault;
use crate::findings::Findings;
use crate::key::TableKey;
use crate::table::Stencils;
use stencil_syntax::ast::{Action, OpSet};
use stencil_syntax::variants;

/// Reports every hole, label, exit and callee that an op declares and none of its variants has.
///
/// A fusion may have lost one: that its ops together need less is what it is for.
pub(crate) fn check(set: &OpSet, key: TableKey, stencils: &Stencils, findings: &mut Findings) {
    for (index, op) in set.ops.iter().enumerate() {
        if matches!(op.action, Action::Fused(_)) {
            continue;
        }
        let variants = variants::count(&variants::axes(set, op, key.target()));
        let compiled: Vec<_> = (0..variants).filter_map(|number| stencils.get(&(index, number))).collect();
        if compiled.is_empty() {
            // All variants were refused: that is reported already.
            continue;
        }
        for (number, value) in op.values().iter().enumerate().skip(op.axis_count()) {
            let has = |stencil: &&stencil_table::Stencil| {
                stencil
                    .holes
                    .iter()
                    .any(|hole| usize::from(hole.value) == number && hole.kind.sort() != stencil_table::HoleSort::Pool)
            };
            if !compiled.iter().any(has) {
                let part = op.value_ident(*value);
                findings.op(set, index, part, &Fault::Unused { name: part.to_string() });
            }
        }
    }
}
