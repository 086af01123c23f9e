//! Many threads publish into one code space, run what they and others published, and drop it.

use std::sync::mpsc;
use std::thread;
use stencil_matrix::TABLES;
use stencil_matrix::host::Host;
use stencil_matrix::ops::{Emit, Machine};
use stencil_runtime::{Assembler, Code, CodeSpace, Slot};

const THREADS: u64 = 8;
const ROUNDS: u64 = 400;

/// What the code that a thread publishes in a round leaves in slots 0 and 1.
fn marks(thread: u64, round: u64) -> [u64; 2] {
    [thread << 32 | round, !round]
}

fn run(code: &Code<Machine>) -> [u64; 2] {
    let mut host = Host::new(2);
    // SAFETY: the code of this test starts with the prologue and uses slots 0 and 1.
    let frame = unsafe { host.run(code, 0) };
    [frame[0], frame[1]]
}

/// Publishes code that leaves the marks, after `padding` ops so that lengths differ.
fn publish(
    space: &CodeSpace<Machine>,
    asm: &mut Assembler<'_, Machine>,
    marks: [u64; 2],
    padding: u64,
) -> Code<Machine> {
    asm.prologue();
    for step in 0..padding {
        asm.move_ints(Slot(0), step as i64 + (1 << 40));
    }
    asm.move_ints(Slot(0), marks[0] as i64);
    asm.move_ints(Slot(1), marks[1] as i64);
    asm.ret();
    space.publish(asm).unwrap()
}

#[test]
fn one_code_space_serves_many_threads() {
    for table in TABLES.all().unwrap() {
        let space = CodeSpace::<Machine>::for_table(table).unwrap();
        let empty = space.arena().stats().used;
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..THREADS).map(|_| mpsc::channel()).unzip();
        thread::scope(|scope| {
            for (thread, receiver) in (0..THREADS).zip(receivers) {
                let space = space.clone();
                let next = senders[(thread as usize + 1) % senders.len()].clone();
                scope.spawn(move || {
                    let mut asm = Assembler::new(table);
                    let mut kept = Vec::new();
                    for round in 0..ROUNDS {
                        let code = publish(&space, &mut asm, marks(thread, round), (thread * 7 + round) % 40);
                        assert_eq!(run(&code), marks(thread, round));
                        if round % 16 == 0 {
                            code.check(table).unwrap();
                            kept.push((round, code.clone()));
                        }
                        next.send((thread, round, code)).unwrap();
                        let (sender, round, code) = receiver.recv().unwrap();
                        assert_eq!(run(&code), marks(sender, round));
                    }
                    for (round, code) in kept {
                        assert_eq!(run(&code), marks(thread, round));
                    }
                });
            }
        });
        assert_eq!(space.arena().stats().used, empty);
    }
}
