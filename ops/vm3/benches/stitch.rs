//! How fast ops are stitched, publishing included, over the whole table.
//!
//! Each measurement takes the next of 256 different streams of 10,000 ops, so that no branch predictor learns them; the
//! `repeated` rows take the same stream every time, for comparison. A quarter of the ops works on floats, the rest on
//! ints. Results and operands are in a register in 70 % of the cases and in a slot in the others; right operands of
//! additions, multiplications and jumps of ints are literals in 30 % of all cases (subtractions have no literal form: a
//! compiler adds the negative). In the `branches` rows every fifth op is a conditional jump, half of which go
//! forward. A stream is 4 bytes per op, as bytecode is.
//!
//! `CRITERION_DEBUG` and the usual criterion options apply; an absolute figure is for the machine it was measured on.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use stencil_random::Random;
use stencil_runtime::memory::{Arena, ArenaConfig};
use stencil_runtime::{Assembler, CodeSpace, Placed, Reg, Slot, Table};
use vm3::stencils::TABLES;
use vm3::stencils::ops::{Emit, Machine};

const STREAMS: usize = 256;
const OPS: usize = 10_000;
/// Which ops of `Mix::ops` are the subtraction and the jump.
const SUBTRACTION: u8 = 1;
const JUMP: u8 = 7;

/// Streams of ops: the op, and what stands for its three values in `values`.
struct Mix {
    ops: [u32; 8],
    values: [Placed; 256],
    streams: Vec<Vec<[u8; 4]>>,
}

impl Mix {
    fn new(table: &Table<'_>, branches: bool) -> Self {
        let mut random = Random::new(0x5EED_0002);
        let names = ["add_i64", "sub_i64", "mul_i64", "add_f64", "sub_f64", "mul_f64", "div_f64", "jump_lt_i64"];
        let number = |name| table.ops().iter().position(|op| table.text(op.name) == name).expect("an op of the set");
        let mut values: Vec<Placed> = Vec::new();
        let ints = table.banks()[0].registers as usize;
        let floats = table.banks()[1].registers as usize;
        let place = |random: &mut Random, registers| match random.below(10) {
            0..7 => Placed::register(Reg(random.below(registers) as u8)),
            _ => Placed::slot(Slot(random.below(40) as u32)),
        };
        let operand = |random: &mut Random| match random.below(10) {
            0..3 => Placed::literal((random.below(60) as i64 * 7 - 210) as u64),
            _ => place(random, ints),
        };
        let mut stream = || {
            (0..OPS)
                .map(|index| {
                    let (op, own) = if branches && index % 5 == 4 {
                        (JUMP, [place(&mut random, ints), operand(&mut random), Placed::word(0)])
                    } else if random.below(4) == 0 {
                        (3 + random.below(4) as u8, [(); 3].map(|()| place(&mut random, floats)))
                    } else {
                        let op = random.below(3) as u8;
                        let right = if op == SUBTRACTION { place(&mut random, ints) } else { operand(&mut random) };
                        (op, [place(&mut random, ints), place(&mut random, ints), right])
                    };
                    let mut byte = |value: Placed| {
                        let known = values.iter().position(|other| *other == value);
                        known.unwrap_or_else(|| {
                            values.push(value);
                            values.len() - 1
                        }) as u8
                    };
                    [op, byte(own[0]), byte(own[1]), byte(own[2])]
                })
                .collect()
        };
        let streams = (0..STREAMS).map(|_| stream()).collect();
        let values = std::array::from_fn(|index| values.get(index).copied().unwrap_or(Placed::word(0)));
        Self { ops: names.map(|name| number(name) as u32), values, streams }
    }

    /// Stitches and publishes one stream; the code is dropped, so that its memory is reused.
    fn run(&self, stream: &[[u8; 4]], assembler: &mut Assembler<'_, Machine>, space: &CodeSpace<Machine>) {
        assembler.prologue();
        let mut ahead = assembler.label();
        let mut behind = assembler.label();
        assembler.bind(behind);
        for (index, &[op, first, second, third]) in stream.iter().enumerate() {
            let value = |byte: u8| self.values[usize::from(byte)];
            let number = self.ops[usize::from(op % 8)];
            if op == JUMP {
                let label = Placed::label(if index % 10 == 4 { ahead } else { behind });
                assembler.emit::<2, 4>(number, [value(first), value(second), label, Placed::word(0)]);
                if index % 10 == 4 {
                    assembler.bind(ahead);
                    behind = ahead;
                    ahead = assembler.label();
                }
            } else {
                assembler.emit::<3, 4>(number, [value(first), value(second), value(third), Placed::word(0)]);
            }
        }
        assembler.bind(ahead);
        assembler.ret();
        black_box(space.publish(assembler).expect("the stream is stitched"));
    }
}

fn stitching(criterion: &mut Criterion) {
    for table in TABLES.usable().expect("the tables are sound") {
        let info = table.info();
        let mut group = criterion.benchmark_group(format!("stitch/{}/{}", info.convention, info.level));
        group.throughput(Throughput::Elements(OPS as u64));
        for (name, branches) in [("straight", false), ("branches", true)] {
            let mix = Mix::new(table, branches);
            let arena = Arena::new(ArenaConfig::default()).expect("there is executable memory");
            let space = CodeSpace::new(arena, table).expect("the table is for this machine");
            let mut assembler = Assembler::new(table);
            let mut streams = mix.streams.iter().cycle();
            group.bench_function(name, |bencher| {
                bencher.iter(|| mix.run(streams.next().expect("a cycle"), &mut assembler, &space));
            });
            group.bench_function(format!("{name} repeated"), |bencher| {
                bencher.iter(|| mix.run(&mix.streams[0], &mut assembler, &space));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, stitching);
criterion_main!(benches);
