//! Frame information at every instruction of every stencil of vm3's aarch64 and riscv64 tables, on any host.
//!
//! A walk follows the stack from a function's start along the branches of each stencil, as foreign disassemblers print its
//! instructions, without a look at the frame information; gimli evaluates that at every instruction it comes to.

use gimli::{BaseAddresses, CfaRule, EhFrame, LittleEndian, Operation, RegisterRule, UnwindContext, UnwindSection};
use riscv_isa::Target;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::str::FromStr;
use stencil_debug::cfi;
use stencil_runtime::{AddressMap, PublishedCode};
use stencil_table::{Architecture, HoleKind, HoleSort, Table, TableBytes};
use yaxpeax_arch::{Decoder, U8Reader};
use yaxpeax_arm::armv8::a64::InstDecoder;

/// Where the code is said to be.
const ADDRESS: u64 = 0x7000_0000;

/// What an architecture has of its own. Registers have DWARF's numbers.
struct Machine {
    architecture: Architecture,
    stack: u16,
    return_address: u16,
    /// What callees preserve.
    preserved: Vec<u16>,
    /// Where floating-point registers begin.
    floats: u16,
    prologue: &'static [u32],
    epilogue: &'static [u32],
}

fn aarch64() -> Machine {
    Machine {
        architecture: Architecture::Aarch64,
        stack: 31,
        return_address: 30,
        preserved: (19..=29).chain(72..=79).collect(),
        floats: 64,
        prologue: &[0xA9BF_7BFD, 0x9100_03FD],
        epilogue: &[0xA8C1_7BFD, 0xD65F_03C0],
    }
}

fn riscv64() -> Machine {
    Machine {
        architecture: Architecture::Riscv64,
        stack: 2,
        return_address: 1,
        preserved: [8, 9].into_iter().chain(18..=27).chain([40, 41]).chain(50..=59).collect(),
        floats: 32,
        prologue: &[0xFF01_0113, 0x0011_3423, 0x0081_3023, 0x0101_0413],
        epilogue: &[0x0081_3083, 0x0001_3403, 0x0101_0113, 0x0000_8067],
    }
}

impl Machine {
    fn text(&self, word: u32) -> String {
        let bytes = word.to_le_bytes();
        if self.architecture == Architecture::Aarch64 {
            return InstDecoder::default().decode(&mut U8Reader::new(&bytes)).unwrap().to_string();
        }
        let target = Target::from_str("RV64IMAFDC_Zicsr_Zifencei").unwrap();
        riscv_isa::Decoder::from_le_bytes(target, &bytes).next().unwrap().to_string()
    }

    /// The number of a register as disassemblers name it.
    fn register(&self, name: &str) -> Option<u16> {
        if name == "sp" {
            return Some(self.stack);
        }
        let (bank, number) = name.split('.').next()?.split_at_checked(1)?;
        let number = number.parse::<u16>().ok()?;
        match bank {
            "x" | "w" => Some(number),
            "f" | "b" | "h" | "s" | "d" | "q" | "v" => Some(self.floats + number),
            _ => None,
        }
    }
}

/// What a register or a word of the stack holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    /// What this register held at the function's start.
    Entry(u16),
    /// This many bytes from the stack pointer at the function's start.
    Stack(i64),
    Unknown,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State {
    stack: i64,
    /// Of registers that have been written.
    registers: BTreeMap<u16, Value>,
    words: BTreeMap<i64, Value>,
}

/// An instruction's words: what it is called, and its operands.
struct Words<'t> {
    name: &'t str,
    operands: Vec<&'t str>,
    /// Base and offset in brackets.
    memory: Option<(&'t str, i64)>,
    /// What is added to the base before the access, and behind it.
    moved: (i64, i64),
}

fn number(text: &str) -> Option<i64> {
    let text = text.trim_start_matches(['#', '$', '+']);
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let value = match digits.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    Some(sign * value)
}

fn words(text: &str) -> Words<'_> {
    let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
    let mut words = Words { name, operands: Vec::new(), memory: None, moved: (0, 0) };
    let operands = if let Some((before, memory)) = rest.split_once('[') {
        let (inside, behind) = memory.split_once(']').unwrap();
        let (base, offset) = inside.split_once(',').unwrap_or((inside, "0"));
        let offset = number(offset.trim());
        if behind.starts_with('!') {
            (words.memory, words.moved) = (Some((base, 0)), (offset.unwrap(), 0));
        } else {
            let after = number(behind.trim_start_matches(',').trim()).unwrap_or(0);
            (words.memory, words.moved) = (offset.map(|offset| (base, offset)), (0, after));
        }
        before
    } else if let Some((before, base)) = rest.split_once('(') {
        let (before, offset) = before.rsplit_once(',').unwrap_or(("", before));
        words.memory = number(offset.trim()).map(|offset| (base.trim_end_matches(')'), offset));
        before
    } else {
        rest
    };
    words.operands = operands.split(',').map(str::trim).filter(|operand| !operand.is_empty()).collect();
    words
}

struct Walk<'c> {
    machine: &'c Machine,
    code: &'c [u32],
    section: &'c [u8],
    /// Instructions with holes for places in code.
    ways_out: BTreeSet<usize>,
    what: String,
    seen: BTreeSet<usize>,
}

impl Walk<'_> {
    fn run(&mut self) {
        let mut open = vec![(0, State::default())];
        while let Some((at, state)) = open.pop() {
            if !self.seen.insert(at) {
                continue;
            }
            self.check(at, &state);
            open.extend(self.after(at, state));
        }
    }

    fn value(&self, state: &State, register: u16) -> Value {
        if register == self.machine.stack {
            return Value::Stack(state.stack);
        }
        state.registers.get(&register).copied().unwrap_or(Value::Entry(register))
    }

    /// Where the instructions behind one are, and the states there.
    fn after(&self, at: usize, mut state: State) -> Vec<(usize, State)> {
        let text = self.machine.text(self.code[at]);
        let words = words(&text);
        let what = || format!("{text} at {at} of {}", self.what);
        let named = |index: usize| words.operands.get(index).and_then(|name| self.machine.register(name));
        let target = || at.checked_add_signed(number(words.operands.last().unwrap()).unwrap() as isize / 4).unwrap();
        match words.name {
            "ret" | "br" => return self.left(&state, words.name == "ret", what()),
            "jalr" if named(0) == Some(0) => return self.left(&state, false, what()),
            "jal" if named(0) != Some(0) => state.registers.insert(self.machine.return_address, Value::Unknown),
            "bl" | "blr" | "jalr" => state.registers.insert(self.machine.return_address, Value::Unknown),
            "b" | "jal" if self.ways_out.contains(&at) => return self.left(&state, false, what()),
            "b" | "jal" => return vec![(target(), state)],
            name if name.starts_with("b.")
                || ["cbz", "cbnz", "tbz", "tbnz", "beq", "bne", "blt", "bge", "bltu", "bgeu"].contains(&name) =>
            {
                let behind = (at + 1, state.clone());
                return if self.ways_out.contains(&at) { vec![behind] } else { vec![behind, (target(), state)] };
            }
            "nop" | "cmp" | "cmn" | "tst" | "fcmp" | "fcmpe" | "ccmp" | "ccmn" => None,
            name if words.memory.is_some() || name.starts_with("st") || name.starts_with("ld") => {
                self.access(&words, &mut state);
                None
            }
            _ => {
                let Some(written) = named(0) else { panic!("{}", what()) };
                let source = named(1).map(|source| self.value(&state, source));
                let by = match words.operands.get(2) {
                    None => Some(0),
                    Some(text) => number(text),
                };
                let value = match (words.name, source, by) {
                    ("mov" | "add" | "addi", Some(Value::Stack(from)), Some(by)) if words.operands.len() < 4 => {
                        Value::Stack(from + by)
                    }
                    ("sub", Some(Value::Stack(from)), Some(by)) if words.operands.len() < 4 => Value::Stack(from - by),
                    _ => Value::Unknown,
                };
                if written != self.machine.stack {
                    state.registers.insert(written, value)
                } else if let Value::Stack(at) = value {
                    state.stack = at;
                    // What is below it is lost.
                    state.words = state.words.split_off(&at);
                    None
                } else {
                    // Leaves: the stack pointer is the trampoline's from here on.
                    return Vec::new();
                }
            }
        };
        vec![(at + 1, state)]
    }

    /// Nothing of a stencil is on the stack where it is left, and nothing of the function where that returns.
    fn left(&self, state: &State, returns: bool, what: String) -> Vec<(usize, State)> {
        let depths = if returns { vec![0] } else { vec![0, -16] };
        assert!(depths.contains(&state.stack), "{what}: {state:?}");
        Vec::new()
    }

    fn access(&self, words: &Words<'_>, state: &mut State) {
        let base = words.memory.and_then(|(base, offset)| Some((self.machine.register(base)?, offset)));
        let address = base.and_then(|(base, offset)| match self.value(state, base) {
            Value::Stack(at) => Some(at + offset + words.moved.0),
            _ => None,
        });
        let loads = words.name.starts_with('l') || words.name.starts_with("fl");
        let whole = |name: &str| matches!(words.name, "sd" | "ld" | "fsd" | "fld") || name.starts_with(['x', 'd']);
        for (index, name) in words.operands.iter().enumerate() {
            let Some(register) = self.machine.register(name) else { continue };
            let at = address.map(|at| at + 8 * index as i64);
            if loads {
                let value = at.filter(|_| whole(name)).and_then(|at| state.words.get(&at).copied());
                state.registers.insert(register, value.unwrap_or(Value::Unknown));
            } else if let Some(at) = at {
                let value = if whole(name) { self.value(state, register) } else { Value::Unknown };
                state.words.insert(at, value);
            }
        }
        match base {
            Some((base, _)) if base == self.machine.stack => {
                state.stack += words.moved.0 + words.moved.1;
                // What is below it is lost.
                state.words = state.words.split_off(&state.stack);
            }
            Some((base, _)) if words.moved != (0, 0) => {
                state.registers.insert(base, Value::Unknown);
            }
            _ => {}
        }
    }

    /// The frame information at an instruction says where everything is.
    fn check(&self, at: usize, state: &State) {
        let what = format!("instruction {at} of {}: {state:?}", self.what);
        let section = EhFrame::new(self.section, LittleEndian);
        let (bases, mut context) = (BaseAddresses::default(), UnwindContext::new());
        let address = ADDRESS + 4 * at as u64;
        let entry = section.fde_for_address(&bases, address, EhFrame::cie_from_offset).unwrap();
        let row = entry.unwind_info_for_address(&section, &bases, &mut context, address).unwrap();
        let plus = |register: u16, offset: i64| match self.value(state, register) {
            Value::Stack(at) => at + offset,
            other => panic!("register {register} is {other:?}: {what}"),
        };
        let found = match row.cfa() {
            CfaRule::RegisterAndOffset { register, offset } => plus(register.0, *offset),
            CfaRule::Expression(expression) => {
                let expression = expression.get(&section).unwrap();
                let mut operations = expression.operations(entry.cie().encoding());
                let mut next = || operations.next().unwrap();
                let Some(Operation::RegisterOffset { register, offset, .. }) = next() else { panic!("{what}") };
                let Some(Operation::Deref { .. }) = next() else { panic!("{what}") };
                let above = match next() {
                    Some(Operation::PlusConstant { value }) => value as i64,
                    None => 0,
                    other => panic!("{other:?}: {what}"),
                };
                match state.words.get(&plus(register.0, offset)) {
                    Some(Value::Stack(saved)) => saved + above,
                    other => panic!("{other:?}: {what}"),
                }
            }
        };
        assert_eq!(found, 0, "{what}");
        for register in self.machine.preserved.iter().copied().chain([self.machine.return_address]) {
            let held = match row.register(gimli::Register(register)) {
                None | Some(RegisterRule::Undefined | RegisterRule::SameValue) => self.value(state, register),
                Some(RegisterRule::Offset(at)) => state.words.get(&at).copied().unwrap_or(Value::Unknown),
                other => panic!("{other:?}: {what}"),
            };
            assert_eq!(held, Value::Entry(register), "register {register}, {what}");
        }
    }
}

/// Checks each stencil of a table in a function of its own; gives the numbers of stencils and of instructions.
fn check_table(machine: &Machine) -> (usize, usize) {
    let name = format!("../../ops/vm3/tables/vm3.{}.portable.baseline.table", machine.architecture);
    let bytes = TableBytes::copy_of(&std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap());
    let table = Table::parse(&bytes).unwrap();
    let (mut checked, mut keeping) = (0, 0);
    for (index, stencil) in table.stencils().iter().enumerate() {
        let body = table.code_of(stencil).as_chunks().0.iter().map(|word| u32::from_le_bytes(*word));
        let code: Vec<u32> =
            machine.prologue.iter().copied().chain(body).chain(machine.epilogue.iter().copied()).collect();
        let bytes: Vec<u8> = code.iter().flat_map(|word| word.to_le_bytes()).collect();
        let published = PublishedCode {
            address: ADDRESS,
            bytes: &bytes,
            architecture: machine.architecture,
            functions: &[0],
            marks: &AddressMap::default(),
            stencils: &[],
            table: 0,
            origin: None,
        };
        let places = table.place_holes_of(stencil).iter();
        let places =
            places.filter(|hole| HoleKind::from_byte(hole.kind).is_ok_and(|kind| kind.sort() == HoleSort::Label));
        let mut walk = Walk {
            machine,
            code: &code,
            section: &cfi::eh_frame(&published).unwrap(),
            ways_out: places.map(|hole| machine.prologue.len() + usize::from(hole.offset) / 4).collect(),
            what: format!("stencil {index}"),
            seen: BTreeSet::new(),
        };
        walk.run();
        checked += walk.seen.len();
        // Besides those of prologue and epilogue.
        keeping += usize::from(cfi::rows(&published).len() > machine.prologue.len() + machine.epilogue.len());
    }
    println!(
        "{}: {checked} instructions of {} stencils, {keeping} keep registers",
        machine.architecture,
        table.stencils().len()
    );
    (table.stencils().len(), checked)
}

#[test]
fn frame_information_is_right_at_every_instruction_of_aarch64_stencils() {
    let (stencils, checked) = check_table(&aarch64());
    assert!(stencils > 1_000 && checked > 10 * stencils, "{checked} of {stencils}");
}

#[test]
fn frame_information_is_right_at_every_instruction_of_riscv64_stencils() {
    let (stencils, checked) = check_table(&riscv64());
    assert!(stencils > 1_000 && checked > 10 * stencils, "{checked} of {stencils}");
}
