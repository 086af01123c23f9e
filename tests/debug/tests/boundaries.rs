//! Frame information at every instruction of compiled programs, against a walk along the code's paths.
//!
//! The walk follows stack pointer, frame pointer and preserved registers from each prologue on, along branches, without a
//! look at the frame information; gimli evaluates that at every instruction it comes to.

// The walk knows the instructions of one architecture.
#![cfg(target_arch = "x86_64")]

use gimli::{BaseAddresses, CfaRule, EhFrame, LittleEndian, Operation, RegisterRule, UnwindContext, UnwindSection};
use iced_x86::{
    Decoder, DecoderOptions, FlowControl, Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind, Register,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use stencil_debug::cfi;
use stencil_runtime::{Attachment, Convention, Listener, PublishedCode};
use vm3::program::json::File;
use vm3::program::{Verified, text};
use vm3::{CodeCache, Tier, Vm, VmOptions};

/// Where the canonical frame address is: a distance from a register, or steps from registers (`u16::MAX` for a load and for
/// what is added).
type FrameAddress = Result<(u16, i64), Vec<(u16, i64)>>;

/// The rule of each preserved register and of the return address, by DWARF's number.
type Rules = Vec<(u16, Option<RegisterRule<usize>>)>;

/// A copy of published code, with its frame information.
struct Copy {
    convention: usize,
    address: u64,
    bytes: Vec<u8>,
    functions: Vec<u32>,
    section: Vec<u8>,
}

#[derive(Debug, Default)]
struct Copies {
    convention: AtomicUsize,
    all: Mutex<Vec<Copy>>,
}

impl std::fmt::Debug for Copy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Copy").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Listener for Copies {
    fn published(&self, code: &PublishedCode<'_>) -> Option<Attachment> {
        let copy = Copy {
            convention: self.convention.load(Ordering::Relaxed),
            address: code.address,
            bytes: code.bytes.to_vec(),
            functions: code.functions.to_vec(),
            section: cfi::eh_frame(code).unwrap(),
        };
        self.all.lock().unwrap().push(copy);
        None
    }
}

/// Registers that callees preserve, with DWARF's numbers.
const PRESERVED: [(Register, u16); 6] = [
    (Register::RBP, 6),
    (Register::RBX, 3),
    (Register::R12, 12),
    (Register::R13, 13),
    (Register::R14, 14),
    (Register::R15, 15),
];

/// What a register or a word of the stack holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    /// What this preserved register held at the function's start.
    Entry(Register),
    /// This many bytes from the stack pointer at the function's start, where the return address is.
    Stack(i64),
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    stack: i64,
    registers: [Value; 6],
    words: BTreeMap<i64, Value>,
    /// Whether it is the frame of a function whose start this walk has not seen.
    rejoined: bool,
}

impl State {
    fn at_start() -> Self {
        let registers = PRESERVED.map(|(register, _)| Value::Entry(register));
        Self { stack: 0, registers, words: BTreeMap::new(), rejoined: false }
    }

    fn register(&mut self, register: Register) -> Option<&mut Value> {
        let index = PRESERVED.iter().position(|(preserved, _)| *preserved == register)?;
        Some(&mut self.registers[index])
    }

    /// The value of a register as an address.
    fn address(&self, register: u16) -> Option<i64> {
        match register {
            7 => Some(self.stack),
            6 => match self.registers[0] {
                Value::Stack(at) => Some(at),
                _ => None,
            },
            _ => None,
        }
    }
}

struct Walk<'c> {
    copy: &'c Copy,
    context: UnwindContext<usize>,
    seen: BTreeMap<usize, State>,
    open: Vec<(usize, State)>,
    info: InstructionInfoFactory,
}

impl Walk<'_> {
    fn run(&mut self) {
        while let Some((at, state)) = self.open.pop() {
            if self.seen.contains_key(&at) || at >= self.copy.bytes.len() {
                continue;
            }
            self.check(at, &state);
            self.seen.insert(at, state.clone());
            let mut decoder = Decoder::with_ip(64, &self.copy.bytes[at..], at as u64, DecoderOptions::NONE);
            let instruction = decoder.decode();
            assert!(!instruction.is_invalid(), "{at:#x}");
            self.go_on(&instruction, state);
        }
    }

    fn go_on(&mut self, instruction: &Instruction, state: State) {
        let next = instruction.next_ip() as usize;
        let near = matches!(instruction.op0_kind(), OpKind::NearBranch64);
        let target = near.then(|| instruction.near_branch_target() as usize);
        match instruction.flow_control() {
            FlowControl::ConditionalBranch => {
                self.open.extend([(next, state.clone()), (target.unwrap(), state)]);
            }
            FlowControl::UnconditionalBranch => self.open.push((target.unwrap(), state)),
            FlowControl::Next | FlowControl::Call | FlowControl::IndirectCall => {
                if let Some(state) = self.after(instruction, state) {
                    self.open.push((next, state));
                }
            }
            FlowControl::Return => assert_eq!(state.stack, 0, "{instruction} at {:#x}", instruction.ip()),
            _ => {}
        }
    }

    /// The state behind an instruction; `None` when the code leaves.
    fn after(&mut self, instruction: &Instruction, mut state: State) -> Option<State> {
        let first = instruction.op0_register();
        let memory = |state: &State| {
            let base = match instruction.memory_base() {
                Register::RSP => Some(state.stack),
                Register::RBP => state.address(6),
                _ => None,
            };
            base.map(|base| base + instruction.memory_displacement64() as i64)
        };
        match (instruction.mnemonic(), first) {
            (Mnemonic::Push, register) => {
                state.stack -= 8;
                let value = state.register(register).map_or(Value::Unknown, |value| *value);
                state.words.insert(state.stack, value);
            }
            (Mnemonic::Pop, register) => {
                let value = state.words.get(&state.stack).copied().unwrap_or(Value::Unknown);
                if let Some(place) = state.register(register) {
                    *place = value;
                }
                state.stack += 8;
            }
            (Mnemonic::Leave, _) => {
                state.stack = state.address(6).unwrap();
                state.registers[0] = state.words[&state.stack];
                state.stack += 8;
            }
            (Mnemonic::Sub, Register::RSP) => state.stack -= instruction.immediate(1) as i64,
            (Mnemonic::Add, Register::RSP) if state.stack == 0 && state.registers[0] == Value::Entry(Register::RBP) => {
                // On in the function that called this one: in its frame, whose start was elsewhere.
                assert_eq!(instruction.immediate(1), 8);
                let mut outer = State::at_start();
                (outer.stack, outer.rejoined) = (-8, true);
                outer.registers[0] = Value::Stack(-8);
                outer.words.insert(-8, Value::Entry(Register::RBP));
                return Some(outer);
            }
            (Mnemonic::Add, Register::RSP) => state.stack += instruction.immediate(1) as i64,
            (Mnemonic::Lea, Register::RSP) => state.stack = memory(&state).unwrap(),
            (Mnemonic::Mov, Register::RSP) if instruction.op1_kind() == OpKind::Register => {
                state.stack = state.address(6).unwrap();
            }
            (Mnemonic::Mov, Register::RSP) => {
                self.check_leaving(instruction.next_ip() as usize);
                return None;
            }
            (Mnemonic::Mov, Register::RBP) if instruction.op1_register() == Register::RSP => {
                state.registers[0] = Value::Stack(state.stack);
            }
            _ => {
                let written = self.info.info(instruction).used_registers().iter().filter(|used| {
                    let access = used.access();
                    matches!(
                        access,
                        OpAccess::Write | OpAccess::CondWrite | OpAccess::ReadWrite | OpAccess::ReadCondWrite
                    )
                });
                let written: Vec<Register> = written.map(|used| used.register().full_register()).collect();
                assert!(instruction.is_stack_instruction() || !written.contains(&Register::RSP), "{instruction}");
                for register in written {
                    if let Some(value) = state.register(register) {
                        *value = Value::Unknown;
                    }
                }
            }
        }
        // What is below the stack pointer is lost.
        state.words = state.words.split_off(&state.stack);
        Some(state)
    }

    /// The row at an instruction: how the canonical frame address is found, and registers.
    fn row(&mut self, at: usize) -> (FrameAddress, Rules) {
        let section = EhFrame::new(&self.copy.section, LittleEndian);
        let bases = BaseAddresses::default();
        let address = self.copy.address + at as u64;
        let entry = section.fde_for_address(&bases, address, EhFrame::cie_from_offset).unwrap();
        let row = entry.unwind_info_for_address(&section, &bases, &mut self.context, address).unwrap();
        let cfa = match row.cfa() {
            CfaRule::RegisterAndOffset { register, offset } => Ok((register.0, *offset)),
            CfaRule::Expression(expression) => {
                let expression = expression.get(&section).unwrap();
                let mut operations = expression.operations(entry.cie().encoding());
                let mut found = Vec::new();
                while let Some(operation) = operations.next().unwrap() {
                    found.push(match operation {
                        Operation::RegisterOffset { register, offset, .. } => (register.0, offset),
                        Operation::Deref { .. } => (u16::MAX, 0),
                        Operation::PlusConstant { value } => (u16::MAX, value as i64),
                        other => panic!("{other:?}"),
                    });
                }
                Err(found)
            }
        };
        let rules = PRESERVED.iter().map(|(_, number)| *number).chain([16]);
        let rules = rules.map(|number| (number, row.register(gimli::Register(number)).clone()));
        (cfa, rules.collect())
    }

    fn check(&mut self, at: usize, state: &State) {
        let what = format!("byte {at:#x} of {:#x}, {state:?}", self.copy.address);
        let (cfa, rules) = self.row(at);
        let found = match cfa {
            Ok((register, offset)) => state.address(register).map(|base| base + offset),
            Err(operations) => {
                let [(register, offset), (u16::MAX, 0), (u16::MAX, above)] = operations[..] else {
                    panic!("{operations:?}: {what}");
                };
                let saved = state.address(register).map(|base| state.words[&(base + offset)]);
                let Some(Value::Stack(saved)) = saved else { panic!("{saved:?}: {what}") };
                Some(saved + above)
            }
        };
        assert_eq!(found, Some(8), "{what}");
        for (number, rule) in rules {
            let held = |at: i64| state.words.get(&(at + 8)).copied();
            match PRESERVED.iter().position(|(_, preserved)| *preserved == number) {
                None => assert_eq!(rule, Some(RegisterRule::Offset(-8)), "{what}"),
                // In the wide convention the trampoline keeps the others.
                Some(index) if index > 0 && self.copy.convention == 1 => {}
                Some(index) => {
                    let own = Value::Entry(PRESERVED[index].0);
                    let found = match rule {
                        None | Some(RegisterRule::Undefined | RegisterRule::SameValue) => Some(state.registers[index]),
                        Some(RegisterRule::Offset(at)) => held(at),
                        other => panic!("{other:?}: {what}"),
                    };
                    assert_eq!(found, Some(own), "register {number}: {what}");
                }
            }
        }
    }

    /// Where code leaves, the stack pointer is at the trampoline's return address.
    fn check_leaving(&mut self, at: usize) {
        let (cfa, rules) = self.row(at);
        assert_eq!(self.copy.bytes[at], 0xC3, "leaving ends with a return");
        assert_eq!(cfa, Ok((7, 8)));
        assert!(rules.contains(&(16, Some(RegisterRule::Offset(-8)))));
        self.seen.insert(at, State::at_start());
    }
}

/// What hears of all code of the process; vm3 takes listeners before it compiles anything.
static COPIES: LazyLock<Mutex<Arc<Copies>>> = LazyLock::new(|| {
    let copies = Arc::new(Copies::default());
    vm3::listen(copies.clone()).unwrap();
    Mutex::new(copies)
});

/// Checks all that the programs come to in each convention; gives the numbers of pieces of code and of instructions.
fn check_all(programs: &[Verified], fuel: Option<u64>) -> (usize, usize) {
    // One test after the other: who listens is told of all code of the process.
    let copies = COPIES.lock().unwrap_or_else(PoisonError::into_inner);
    for (number, convention) in [Convention::Portable, Convention::Wide].into_iter().enumerate() {
        copies.convention.store(number, Ordering::Relaxed);
        for program in programs {
            let cache = CodeCache::new(usize::MAX);
            let options =
                VmOptions { tier: Tier::Stencil, convention: Some(convention), cache, fuel, ..VmOptions::default() };
            let mut vm = Vm::new(program.clone(), &options).unwrap();
            // For the ways in for the host.
            drop(vm.run(&[1]));
        }
    }
    let copies = std::mem::take(&mut *copies.all.lock().unwrap());
    let (mut checked, mut all) = (0, 0);
    for copy in &copies {
        let starts = copy.functions.iter().map(|start| (*start as usize, State::at_start()));
        let mut walk = Walk {
            copy,
            context: UnwindContext::new(),
            seen: BTreeMap::new(),
            open: starts.collect(),
            info: InstructionInfoFactory::new(),
        };
        walk.run();
        let decoder = Decoder::with_ip(64, &copy.bytes, 0, DecoderOptions::NONE);
        let boundaries: BTreeSet<usize> = decoder.into_iter().map(|instruction| instruction.ip() as usize).collect();
        assert!(walk.seen.keys().all(|at| boundaries.contains(at)));
        (checked, all) = (checked + walk.seen.len(), all + boundaries.len());
    }
    // What no path reaches is what stands behind jumps, such as padding before functions.
    assert!(checked * 100 >= all * 95, "{checked} of {all}");
    println!("{checked} of {all} instructions in {} pieces of code", copies.len());
    (copies.len(), checked)
}

#[test]
fn frame_information_is_right_at_every_instruction_of_compiled_programs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ops/vm3/programs");
    let sources = folder.read_dir().unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let programs: Vec<Verified> = sources.map(|source| text::parse(&source).unwrap().verify().unwrap()).collect();
    let (pieces, checked) = check_all(&programs, None);
    assert!(pieces > 100 && checked > 10_000, "{pieces} pieces, {checked} instructions");
}

#[test]
fn the_same_of_the_recorded_programs_beside_the_workspace() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    for (name, least) in [("vm3-corpus.json", 2_000), ("vm3-edges.json", 10_000)] {
        let Ok(source) = std::fs::read_to_string(folder.join(name)) else {
            eprintln!("NOT RUN: there is no {name} in {}", folder.display());
            continue;
        };
        // What a verifier may reject is no program.
        let programs = File::parse(&source).unwrap().programs.into_iter().filter_map(|test| test.program.verify().ok());
        let programs: Vec<Verified> = programs.collect();
        // Some are loops without an end; code that charges for what it runs is code of its own.
        let (pieces, checked) = check_all(&programs, Some(10_000));
        assert!(pieces >= programs.len() && checked > least, "{name}: {pieces} pieces, {checked} instructions");
    }
}
