//! Shorter ways through a stencil: the compiler laid it out as a function that ends in jumps, but control can fall
//! through to the next stencil, and `ret!`, `leave!` and `call!` are instructions of their own.

use super::{Machine, Piece, Program, Special, Target};
use stencil_table::Convention;

/// Rewrites until nothing gets better, then writes the special ways out where they can stand.
pub(crate) fn rewrite<M: Machine>(program: &mut Program<M>, convention: Convention) {
    while drop_empty(program)
        || thread(program)
        || drop_unreachable(program)
        || drop_branch_to_next(program)
        || invert_over_jump(program)
        || swap_last_branches(program)
    {}
    write_special(program, convention);
}

/// Drops pieces without bytes.
fn drop_empty<M: Machine>(program: &mut Program<M>) -> bool {
    let empty = |piece: &Piece<M::Condition>| matches!(piece, Piece::Plain { bytes, .. } if bytes.is_empty());
    program.pieces.iter().position(empty).map(|at| program.remove(at)).is_some()
}

/// A branch to a jump goes where the jump goes.
fn thread<M: Machine>(program: &mut Program<M>) -> bool {
    for at in 0..program.pieces.len() {
        let Piece::Branch { to: first, .. } = program.pieces[at] else { continue };
        let last = program.end_of_jumps(first);
        if let Piece::Branch { to, .. } = &mut program.pieces[at]
            && last != first
        {
            *to = last;
            return true;
        }
    }
    false
}

/// Drops what stands behind a jump and is never jumped to.
fn drop_unreachable<M: Machine>(program: &mut Program<M>) -> bool {
    let dead = (1..program.pieces.len())
        .find(|&at| matches!(program.pieces[at - 1], Piece::Branch { condition: None, .. }) && !program.is_target(at));
    dead.map(|at| program.remove(at)).is_some()
}

/// Drops a branch to where control goes anyway.
fn drop_branch_to_next<M: Machine>(program: &mut Program<M>) -> bool {
    let to_next = |(at, piece): (usize, &Piece<M::Condition>)| matches!(piece, Piece::Branch { to: Target::Piece(to), .. } if *to == at + 1);
    let found = program.pieces.iter().enumerate().position(to_next);
    found.map(|at| program.remove(at)).is_some()
}

/// `jcc over; jmp elsewhere; over:` becomes `jncc elsewhere`.
fn invert_over_jump<M: Machine>(program: &mut Program<M>) -> bool {
    for at in 0..program.pieces.len().saturating_sub(1) {
        let &[
            Piece::Branch { condition: Some(condition), to: Target::Piece(over) },
            Piece::Branch { condition: None, to: to @ (Target::Label(_) | Target::Piece(_)) },
        ] = &program.pieces[at..at + 2]
        else {
            continue;
        };
        if over == at + 2 && !program.is_target(at + 1) {
            program.pieces[at] = Piece::Branch { condition: Some(M::inverted(condition)), to };
            program.remove(at + 1);
            return true;
        }
    }
    false
}

/// `jcc first; jmp second` at the end become `jncc second; jmp first` when `first` is the one that wants to be last: a
/// special way out, or else the next stencil, which then needs no jump at all.
fn swap_last_branches<M: Machine>(program: &mut Program<M>) -> bool {
    let Some(at) = program.pieces.len().checked_sub(2) else { return false };
    let &[Piece::Branch { condition: Some(condition), to: first }, Piece::Branch { condition: None, to: second }] =
        &program.pieces[at..]
    else {
        return false;
    };
    let end = Target::Piece(program.pieces.len());
    let wish = |target| match target {
        Target::Special(_) => 2,
        target if target == end => 1,
        Target::Piece(_) | Target::Label(_) => 0,
    };
    if wish(first) <= wish(second) || program.is_target(at + 1) {
        return false;
    }
    program.pieces[at] = Piece::Branch { condition: Some(M::inverted(condition)), to: second };
    program.pieces[at + 1] = Piece::Branch { condition: None, to: first };
    true
}

/// Writes `ret!` and `leave!` wherever they stand, and `call!` at the end; what is left is refused by the assembler.
fn write_special<M: Machine>(program: &mut Program<M>, convention: Convention) {
    let mut at = 0;
    while let Some(piece) = program.pieces.get(at) {
        let last = at + 1 == program.pieces.len();
        if let &Piece::Branch { condition, to: Target::Special(way) } = piece
            && (!matches!(way, Special::Call(_)) || last && condition.is_none())
        {
            let (bytes, holes) = M::special(way, convention);
            let written = Piece::Plain { bytes, holes, base: None };
            match condition {
                None => program.pieces[at] = written,
                Some(condition) => {
                    program.insert(at + 1, written);
                    program.pieces[at] =
                        Piece::Branch { condition: Some(M::inverted(condition)), to: Target::Piece(at + 2) };
                }
            }
        }
        at += 1;
    }
}

impl<M: Machine> Program<M> {
    fn is_target(&self, piece: usize) -> bool {
        let goes_there =
            |other: &Piece<M::Condition>| matches!(other, Piece::Branch { to: Target::Piece(to), .. } if *to == piece);
        self.pieces.iter().any(goes_there)
    }

    /// Where a branch to `target` ends up after all jumps that stand there; `target` itself when they go in a circle.
    /// Special ways out stay where they are.
    fn end_of_jumps(&self, target: Target) -> Target {
        let mut last = target;
        for _ in 0..self.pieces.len() {
            let Target::Piece(middle) = last else { return last };
            match self.pieces.get(middle) {
                Some(&Piece::Branch { condition: None, to: to @ (Target::Piece(_) | Target::Label(_)) }) => last = to,
                _ => return last,
            }
        }
        target
    }

    /// Takes a piece out; branches to it go to the one behind it.
    fn remove(&mut self, at: usize) {
        self.pieces.remove(at);
        self.origins.remove(at);
        self.retarget(|to| if to > at { to - 1 } else { to });
    }

    /// Puts a piece before the one at this index; branches to that one still go there.
    fn insert(&mut self, at: usize, piece: Piece<M::Condition>) {
        self.retarget(|to| if to >= at { to + 1 } else { to });
        self.pieces.insert(at, piece);
        // What is put before a piece stands for the same instruction as the one before it.
        self.origins.insert(at, self.origins[at - 1]);
    }

    fn retarget(&mut self, new: impl Fn(usize) -> usize) {
        for piece in &mut self.pieces {
            if let Piece::Branch { to: Target::Piece(to), .. } | Piece::Plain { base: Some(to), .. } = piece {
                *to = new(*to);
            }
        }
    }
}
