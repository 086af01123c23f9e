//! Ops on strings, lists and maps. Most work on what is really there, some on whatever a register holds.

use super::generate::Writer;
use vm3::program::{Arena, Bank, Cell, Opcode};

/// Strings that stand in the arena before a run.
pub(crate) const STRINGS: [&str; 3] = ["", "four", "a longer string"];

/// What constants of the cell bank are; the ones that are no strings are a sixth.
pub(crate) fn constants() -> Vec<Cell> {
    let inline = ["", "a", "bcd", "vwxyz"].into_iter().filter_map(|text| Cell::inline_string(text.as_bytes()));
    let arena = (0..STRINGS.len()).map(|slot| Cell::handle(Arena::String, 0, slot as u32));
    let odd = [Cell::NULL, Cell::bool(true), Cell::int(-1), Cell::float(0.5), Cell::handle(Arena::List, 7, 1)];
    // A length field beyond 5, and bytes beyond the length.
    let overlong = [0xfff9_0f65_6463_6261, 0xfff9_0201_0201_0201].map(Cell::from_bits);
    inline.chain(arena).chain(overlong).chain(odd).collect()
}

impl Writer<'_> {
    fn cell(&mut self) -> u16 {
        self.random.below(usize::from(self.own().registers.cell)) as u16
    }

    /// A cell register that something was put into, if there is one, and mostly of this kind.
    fn cell_of(&mut self, wanted: Arena) -> u16 {
        let fitting: Vec<u16> =
            (0..).zip(&self.kinds).filter(|(_, kind)| **kind == Some(wanted)).map(|(c, _)| c).collect();
        if fitting.is_empty() || self.random.once_in(40) { self.cell() } else { self.random.of(&fitting) }
    }

    /// Puts a string, a list or a map into a cell register.
    pub(crate) fn new_cell(&mut self, into: u16) {
        let kind = self.random.of(&[Arena::List, Arena::List, Arena::Map, Arena::String]);
        match kind {
            Arena::String => {
                let count = constants().len();
                // The last third is no string that there is.
                let constant = if self.random.once_in(30) { self.random.below(count) } else { self.random.below(9) };
                self.push(Opcode::ConstStrKW, into, 0, (self.cell_constants + constant) as u16);
            }
            Arena::List => {
                let negative = self.random.once_in(150);
                let capacity = if negative { 0xffff } else { self.random.below(6) as u16 };
                self.push(Opcode::NewList, into, 0, capacity);
                for _ in 0..self.random.below(4) {
                    let value = self.int();
                    self.push(Opcode::ListPushI64, into, value, 0);
                }
            }
            Arena::Map => {
                let expected = self.random.below(12) as u16;
                self.push(Opcode::NewMap, into, 0, expected);
            }
        }
        if let Some(known) = self.kinds.get_mut(usize::from(into)) {
            *known = Some(kind);
        }
    }

    /// An op on a cell.
    pub(crate) fn cell_op(&mut self) {
        use Opcode::*;
        match self.random.below(12) {
            0 | 1 => {
                let into = self.cell();
                self.new_cell(into);
            }
            2 => {
                let (string, length) = (self.cell_of(Arena::String), self.new_int());
                self.push(LenStr, length, string, 0);
            }
            3 => {
                let (into, lhs, rhs) = (self.cell(), self.cell_of(Arena::String), self.cell_of(Arena::String));
                self.push(ConcatStr, into, lhs, rhs);
                if let Some(known) = self.kinds.get_mut(usize::from(into)) {
                    *known = Some(Arena::String);
                }
            }
            4 | 5 => {
                let (list, value) = (self.cell_of(Arena::List), self.int());
                self.push(ListPushI64, list, value, 0);
            }
            6..=8 => self.element(),
            9 | 10 => {
                let (map, key, value) = (self.cell_of(Arena::Map), self.int(), self.int());
                self.push(MapSetI64I64, map, key, value);
            }
            _ => {
                let (map, key, value) = (self.cell_of(Arena::Map), self.int(), self.new_int());
                self.push(MapGetI64I64, value, map, key);
            }
        }
    }

    /// An access to an element of a list, mostly behind a compare of its index with the list's length.
    fn element(&mut self) {
        use Opcode::*;
        let (list, index) = (self.cell_of(Arena::List), self.new_int());
        let at = self.random.below(4) as u16;
        let guard = (!self.random.once_in(20)).then(|| {
            self.push(ListLenI64, index, list, 0);
            self.push(CmpLeI64KBr, index, at, 0);
            self.code.len() - 1
        });
        self.push(ConstI64K, index, 0, at);
        let floats = self.own().registers.f64 > 0;
        match self.random.below(4) {
            0 if floats => {
                let into = self.float();
                self.push(ListGetF64, into, list, index);
            }
            1 if floats => {
                let value = self.float();
                self.push(ListSetF64, list, value, index);
            }
            0 | 2 => {
                let into = self.new_int();
                self.push(ListGetI64, into, list, index);
            }
            _ => {
                let value = self.int();
                self.push(ListSetI64, list, value, index);
            }
        }
        if let Some(guard) = guard {
            self.patch(guard, self.code.len());
        }
    }

    /// A callee's result may land in this cell register; what it is then is guessed.
    pub(crate) fn guess(&mut self, register: u16) {
        let kind = self.random.of(&[None, Some(Arena::List), Some(Arena::List), Some(Arena::Map)]);
        if let Some(known) = self.kinds.get_mut(usize::from(register)) {
            *known = kind;
        }
    }

    /// The cell registers that are no parameters get something to hold, some of them.
    pub(crate) fn fill_cells(&mut self) {
        for register in 0..self.own().registers.cell {
            let passed = self.own().parameters.get(usize::from(register)) == Some(&Bank::Cell);
            if !passed && !self.random.once_in(4) {
                self.new_cell(register);
            }
        }
    }
}
