//! Which ops follow one another when programs run: what to fuse, from measurement.
//!
//! The interpreter stops a run at a given number of ops and says where. Stopping it at every number in turn gives the
//! whole path of a run, in time that grows with the square of its length; so short cases are taken, whose loops are those
//! of the long ones.

use crate::cases::Case;
use crate::engine::Engine;
use crate::error::BenchError;
use std::collections::{BTreeSet, HashMap};
use vm3::program::{Field, Function, Opcode};
use vm3::{FaultKind, Outcome, Tier};

/// A sequence of ops that are executed one after the other and nothing but one after the other: each stands behind the one
/// before, where no branch goes, or it is what an unconditional jump goes to, whose code can stand in the jump's place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sequence(pub Vec<Opcode>);

impl std::fmt::Display for Sequence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|opcode| opcode.name()).collect();
        f.write_str(&names.join(" + "))
    }
}

/// Where an op stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct At {
    function: usize,
    pc: usize,
}

/// What share of the ops of a run start such a sequence, for each of them.
pub type Shares = HashMap<Sequence, f64>;

/// Counts the sequences of `length` ops of a case, which returns.
///
/// # Errors
/// When there is no machine for the case, or its run fails.
pub fn shares(case: &Case, length: usize) -> Result<Shares, BenchError> {
    let path = path(case)?;
    let functions = &case.code.program().functions;
    let opcode = |at: At| functions[at.function].code.get(at.pc).and_then(|op| op.opcode());
    let targets: Vec<BTreeSet<usize>> = functions.iter().map(targets).collect();
    let follows = |pair: &[At]| match opcode(pair[0]) {
        Some(Opcode::Jump) => true,
        _ => {
            let behind = At { function: pair[0].function, pc: pair[0].pc + 1 };
            pair[1] == behind && !targets[behind.function].contains(&behind.pc)
        }
    };
    let mut shares = Shares::new();
    for window in path.windows(length) {
        let opcodes: Option<Vec<Opcode>> = window.iter().map(|at| opcode(*at)).collect();
        if let Some(opcodes) = opcodes.filter(|_| window.windows(2).all(follows)) {
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
    let (ended, counts) =
        Engine::interpreter().machine(case)?.call_counted(case.code.program().entry, &case.arguments, limit);
    Ok(counts.filter(|_| matches!(ended, Ok(Outcome::Returned(_)))).map(|counts| counts.ops))
}

/// Where every op stands that a run executes, in turn.
fn path(case: &Case) -> Result<Vec<At>, BenchError> {
    let mut vm = Engine::interpreter().machine(case)?;
    let mut path = Vec::new();
    for ops in 0.. {
        match vm.call_counted(case.code.program().entry, &case.arguments, ops).0 {
            Ok(_) => break,
            Err(fault) if matches!(fault.kind, FaultKind::OpLimit { .. }) => {
                path.push(At { function: fault.function, pc: fault.pc })
            }
            Err(fault) => return Err(BenchError::Failed(case.to_string(), Tier::Interp.to_string(), fault.into())),
        }
        // Of what stopped runs had on the heap, no more than the last one's is kept.
        vm.collect();
    }
    Ok(path)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::Group;
    use std::collections::BTreeMap;
    use vm3::program::text;

    fn case(source: &str, argument: i64) -> Case {
        let code = text::parse(source).unwrap().verify().unwrap();
        Case { group: Group::Programs, program: "it".into(), code, arguments: vec![argument], native: None }
    }

    #[test]
    fn sequences_go_through_jumps_and_not_into_branch_targets() {
        let source = "func sum(i64) -> i64 {
            regs 3 i64
            ConstI64K r1, 0
            ConstI64K r2, 0
        next:
            CmpGeI64Br r2, r0, done
            AddI64 r1, r1, r2
            AddI64K r2, r2, 1
            Jump next
        done:
            ReturnI64 r1
        }";
        let case = case(source, 2);
        assert_eq!(length(&case, 12).unwrap(), Some(12));
        assert_eq!(length(&case, 11).unwrap(), None);
        let counts = |length| -> BTreeMap<String, f64> {
            let shares = shares(&case, length).unwrap();
            // Shares of 12 ops.
            shares.into_iter().map(|(sequence, share)| (sequence.to_string(), (share * 12.0).round())).collect()
        };
        let pairs = [
            ("AddI64K + Jump", 2.0),
            ("AddI64 + AddI64K", 2.0),
            ("CmpGeI64Br + AddI64", 2.0),
            ("Jump + CmpGeI64Br", 2.0),
            ("ConstI64K + ConstI64K", 1.0),
        ];
        assert_eq!(counts(2), pairs.map(|(pair, count)| (pair.to_owned(), count)).into());
        assert_eq!(counts(4).len(), 4, "{:?}", counts(4));
    }

    #[test]
    fn every_program_counts_the_same() {
        let one = |opcode, share| Shares::from([(Sequence(vec![opcode, opcode]), share)]);
        let mean = mean(&[one(Opcode::AddI64, 0.5), one(Opcode::Nop, 0.25)]);
        let mean: Vec<(String, f64)> =
            mean.into_iter().map(|(sequence, share)| (sequence.to_string(), share)).collect();
        assert_eq!(mean, [("AddI64 + AddI64".to_owned(), 0.25), ("Nop + Nop".to_owned(), 0.125)]);
    }
}
