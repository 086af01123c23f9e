//! The rules of the language that span more than one part of an op set; what one part looks like, `parse` sees.
//!
//! | module | what it refuses |
//! |---|---|
//! | `names` | names that clash, with each other or with what the expansion makes |
//! | `reach` | narrowed operands that leave no register to move others through |
//! | `size` | more registers than an architecture has, more variants than a table holds |
//! | `body` | labels used as values, ways out where control cannot leave |
//! | `world` | whatever op bodies could not see when they are compiled apart from the program |
//! | `calls` | recursion |

mod body;
mod calls;
mod names;
mod reach;
mod scope;
mod size;
mod tokens;
mod world;

pub(crate) use body::WAYS;
pub use names::{METHODS, RESERVED};
pub use reach::MOST_BORROWED;

use crate::ast::{Action, Lost, Machine, Op, OpSet};
use crate::diag::Errors;
use syn::Item;

/// Checks a machine.
pub(crate) fn machine(machine: &Machine, errors: &mut Errors) {
    names::machine(machine, errors);
}

/// Checks a whole set. Gives the ops that something is wrong with.
pub(crate) fn set(set: &mut OpSet, lost: &[Lost], errors: &mut Errors) -> Vec<usize> {
    size::check(set, errors);
    reach::check(set, errors);
    let mut broken = parts(&set.ops, &set.items, errors);
    broken.extend(names::check(set, lost, errors));
    broken
}

/// Checks what can be checked without a machine. Gives the ops that something is wrong with.
pub(crate) fn parts(ops: &[Op], items: &[Item], errors: &mut Errors) -> Vec<usize> {
    let recursive = calls::check(ops, items, errors);
    let locals = scope::local_names(items);
    world::items(items, &locals, errors);
    let mut broken = Vec::new();
    for (index, op) in ops.iter().enumerate() {
        let Action::Body(block) = &op.action else { continue };
        let before = errors.len();
        body::check(op, block, errors);
        world::block(block, &locals, errors);
        if errors.len() > before || recursive.contains(&op.ident) {
            broken.push(index);
        }
    }
    broken
}
