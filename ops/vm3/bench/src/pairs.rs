//! Which ops follow one another when programs run: what to fuse, from measurement.
//!
//! The interpreter stops a run at a given number of ops and says where. Stopping it at every number in turn gives the
//! whole path of a run, in time that grows with the square of its length; so short cases are taken, whose loops are those
//! of the long ones.

use crate::cases::Case;
use crate::error::BenchError;
use std::collections::{BTreeSet, HashMap};
use vm3::program::{Field, Function, Opcode};
use vm3::{FaultKind, Outcome, Tier, Vm, VmOptions};

/// A sequence of ops that were executed one after the other and stand one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sequence(pub Vec<Opcode>);

impl std::fmt::Display for Sequence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|opcode| opcode.name()).collect();
        f.write_str(&names.join(" + "))
    }
}

/// What share of the ops of a run start such a sequence, for each of them.
pub type Shares = HashMap<Sequence, f64>;

/// Counts the sequences of `length` ops of a case, which returns. Sequences that a branch goes into behind their first op
/// are left out: they cannot be fused.
///
/// # Errors
/// When there is no machine for the case, or its run fails.
pub fn shares(case: &Case, length: usize) -> Result<Shares, BenchError> {
    let path = path(case)?;
    let functions = &case.code.program().functions;
    let targets: Vec<BTreeSet<usize>> = functions.iter().map(targets).collect();
    let mut shares = Shares::new();
    for window in path.windows(length) {
        let (function, start) = window[0];
        let together = window.iter().enumerate().all(|(offset, at)| *at == (function, start + offset));
        let entered = (1..length).any(|offset| targets[function].contains(&(start + offset)));
        let opcodes = (start..start + length).map(|pc| functions[function].code.get(pc)?.opcode());
        if together
            && !entered
            && let Some(opcodes) = opcodes.collect::<Option<Vec<_>>>()
        {
            *shares.entry(Sequence(opcodes)).or_default() += 1.0 / path.len() as f64;
        }
    }
    Ok(shares)
}

/// How many ops a case executes, or `None` when it does not return within `limit` of them.
///
/// # Errors
/// When there is no machine for the case.
pub fn length(case: &Case, limit: u64) -> Result<Option<u64>, BenchError> {
    let (ended, counts) = machine(case)?.call_counted(case.code.program().entry, &case.arguments, limit);
    Ok(counts.filter(|_| matches!(ended, Ok(Outcome::Returned(_)))).map(|counts| counts.ops))
}

/// The function and position of every op that a run executes.
fn path(case: &Case) -> Result<Vec<(usize, usize)>, BenchError> {
    let mut vm = machine(case)?;
    let mut path = Vec::new();
    for ops in 0.. {
        match vm.call_counted(case.code.program().entry, &case.arguments, ops).0 {
            Ok(_) => break,
            Err(fault) if matches!(fault.kind, FaultKind::OpLimit { .. }) => path.push((fault.function, fault.pc)),
            Err(fault) => return Err(BenchError::Failed(case.to_string(), Tier::Interp.to_string(), fault)),
        }
        // Of what stopped runs had on the heap, no more than the last one's is kept.
        vm.collect();
    }
    Ok(path)
}

fn machine(case: &Case) -> Result<Vm, BenchError> {
    let options = VmOptions { tier: Tier::Interp, ..VmOptions::default() };
    Vm::new(case.code.clone(), &options)
        .map_err(|error| BenchError::Machine(case.to_string(), Tier::Interp.to_string(), error))
}

/// Where branches of a function go.
fn targets(function: &Function) -> BTreeSet<usize> {
    let goes = |op: &vm3::program::Op| op.opcode().is_some_and(|opcode| opcode.fields().contains(&Field::Target));
    // The target of every op that has one is its third field.
    function.code.iter().filter(|op| goes(op)).map(|op| usize::from(op.index())).collect()
}

/// The mean of the shares of several programs, in which each counts the same, largest first.
#[must_use]
pub fn mean(programs: &[Shares]) -> Vec<(Sequence, f64)> {
    let mut sums = Shares::new();
    for (sequence, share) in programs.iter().flatten() {
        *sums.entry(sequence.clone()).or_default() += share / programs.len() as f64;
    }
    sorted(sums)
}

/// Shares, largest first.
#[must_use]
pub fn sorted(shares: Shares) -> Vec<(Sequence, f64)> {
    let mut sorted: Vec<_> = shares.into_iter().collect();
    sorted.sort_by(|(left, a), (right, b)| b.total_cmp(a).then_with(|| left.cmp(right)));
    sorted
}
