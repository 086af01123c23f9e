//! The content of a table as lists of records and bytes.

use std::collections::HashMap;
use stencil_table::{Architecture, HoleKind, HoleRecord, HoleSort, StencilRecord, Table, place};

/// How the content is used: what the records do not say themselves.
pub(super) const GUIDE: &[&str] = &[
    "To emit an op: add the steps of its results' and operands' places to `ops.first`, which gives the stencil; copy its",
    "bytes; write its holes. The index of a place in `axes.steps` is a register's number, 16 for a slot, and for a literal 17",
    "from 0 up to 2^30, 18 from -2^30 up to 0, 19 for any other. A step of 2^31 and a length of 65,535 mean that there is no",
    "such variant: move the value to another place before.",
    "",
    "A hole takes value `value` of the op: results, operands, then all others in the order of the parameters. What is written",
    "is the value plus `addend`, which is in the range of the kind: a slot's is its offset in bytes from the frame, a",
    "literal's its bits. For a label or callee it is the distance from the hole to it, for the pool that to the pool's start,",
    "plus `addend`. Holes for values stand first (`values`), then those for places (`places`). Control goes on behind a",
    "stencil's last byte.",
    "",
    "In the portable convention the machine's fixed parts are the first integer arguments of a C function, the registers of",
    "the banks the ones behind. The first fixed part is the address of a word with the stack pointer to leave by. A function",
    "that is called starts with a frame of its own, on x86-64 `push rbp; mov rbp, rsp`.",
];

/// A table, ready to be written.
#[derive(Debug)]
pub(super) struct Sections {
    /// The op set's name, as an identifier.
    pub(super) set: String,
    pub(super) architecture: Architecture,
    /// What the table says of itself: a name, what it means, a text.
    pub(super) facts: Vec<(&'static str, &'static str, String)>,
    pub(super) lists: Vec<List>,
    pub(super) blobs: Vec<Blob>,
    /// Names for numbers: the prefix and the names, whose places are the numbers.
    pub(super) names: Vec<(&'static str, Vec<(String, u32)>)>,
}

/// Records of one kind.
#[derive(Debug)]
pub(super) struct List {
    /// What one record is called.
    pub(super) one: &'static str,
    /// What all are called.
    pub(super) all: &'static str,
    pub(super) columns: &'static [Column],
    pub(super) rows: Vec<Vec<Cell>>,
}

/// Bytes.
#[derive(Debug)]
pub(super) struct Blob {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) bytes: Vec<u8>,
}

/// A field of a record.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) about: &'static str,
}

/// The type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    U8,
    U16,
    U32,
    I32,
    I64,
    /// So many numbers of 32 bits.
    Words(usize),
}

/// What a field holds.
#[derive(Debug)]
pub(super) enum Cell {
    Text(String),
    Number(i64),
    Words(Vec<u32>),
}

const fn column(name: &'static str, kind: Kind, about: &'static str) -> Column {
    Column { name, kind, about }
}

const BANKS: &[Column] = &[
    column("name", Kind::Text, "the bank's name"),
    column("registers", Kind::U32, "how many registers are pinned"),
    column("move_op", Kind::U32, "the op that moves a value between two places of the bank"),
];
const OPS: &[Column] = &[
    column("name", Kind::Text, "the op's name"),
    column("file", Kind::Text, "the file that it stands in"),
    column("line", Kind::U32, "the line of its name"),
    column("first", Kind::U32, "its first stencil"),
    column("variants", Kind::U32, "how many stencils it has, absent ones included"),
    column("axes", Kind::U32, "the first axis, that of the first value"),
    column("axis_count", Kind::U8, "how many values are results and operands"),
    column("results", Kind::U8, "how many of those are results"),
    column("values", Kind::U8, "how many values it has"),
    column("flags", Kind::U8, "1: never falls through; 8: may return"),
    column("targets", Kind::U32, "bit v is set when value v is a label, an exit or a callee"),
];
const AXES: &[Column] = &[
    column("bank", Kind::U32, "the bank"),
    column("registers", Kind::U32, "how many registers, from 0, have a step"),
    column("steps", Kind::Words(place::NONE as usize), "what each place adds to the stencil's number"),
];
const STENCILS: &[Column] = &[
    column("code", Kind::U32, "where its bytes start in the code"),
    column("len", Kind::U16, "how many bytes; 65,535 when absent"),
    column("holes", Kind::U32, "its first hole"),
    column("values", Kind::U16, "how many holes take values"),
    column("places", Kind::U16, "how many holes behind those take places in code or pool"),
];
const HOLES: &[Column] = &[
    column("offset", Kind::U16, "bytes from the start of the stencil"),
    column("kind", Kind::U8, "the number of the kind"),
    column("value", Kind::U8, "which value of the op"),
    column("addend", Kind::I32, "what is added"),
];
const KINDS: &[Column] = &[
    column("number", Kind::U8, "as holes name it"),
    column("name", Kind::Text, "the name"),
    column("takes", Kind::Text, "`value`, `label`, `callee` or `pool`"),
    column("width", Kind::U8, "how many bytes the hole has, those of an instruction around it included"),
    column("low", Kind::I64, "the least value, addend included, that fits; 0 for places"),
    column("high", Kind::I64, "the greatest one"),
];
const FUSIONS: &[Column] = &[
    column("op", Kind::U32, "the op that stands for the sequence"),
    column("len", Kind::U32, "how many ops the sequence has"),
    column("sequence", Kind::Words(4), "the ops"),
    column("map", Kind::U32, "the first byte of the maps"),
    column("map_len", Kind::U32, "how many: for every value of every op, the value of the fused op that it becomes"),
];

impl Sections {
    /// The content of a table.
    pub(super) fn of(table: &Table<'_>, set: &str) -> Self {
        let info = table.info();
        let fact = |name, about, text: &str| (name, about, text.to_owned());
        let mut pieces = Pieces::default();
        let stencils: Vec<_> = table.stencils().iter().map(|stencil| pieces.add(table, stencil)).collect();
        let own = |kind: &&HoleKind| kind.architecture().is_none_or(|its| its == info.architecture);
        let kinds: Vec<HoleKind> = HoleKind::ALL.iter().filter(own).copied().collect();
        let names = vec![
            ("op", table.ops().iter().map(|op| table.text(op.name).to_owned()).zip(0..).collect()),
            ("hole", kinds.iter().map(|kind| (kind.name().to_owned(), *kind as u32)).collect()),
        ];
        let mut maps = Vec::new();
        let fusions = rows(table.fusions(), |fusion| {
            let (start, map) = (maps.len(), table.map_of(fusion));
            maps.extend_from_slice(map);
            let numbers = [number(fusion.op), number(fusion.len)].into_iter();
            numbers.chain([Cell::Words(fusion.sequence.to_vec()), count(start), count(map.len())]).collect()
        });
        let list = |one, all, columns, rows| List { one, all, columns, rows };
        Self {
            set: super::identifier(set),
            architecture: info.architecture,
            facts: vec![
                fact("architecture", "the instruction set", info.architecture.name()),
                fact("convention", "how registers are passed", info.convention.name()),
                fact("level", "the CPU features taken for granted", info.level.name()),
                fact("set_hash", "the hash of the op set", &format!("{:032x}", info.set_hash)),
                fact("compiler", "what made the code", table.compiler()),
            ],
            lists: vec![
                list("bank", "banks", BANKS, banks(table)),
                list("op", "ops", OPS, ops(table)),
                list("axis", "axes", AXES, axes(table)),
                list("stencil", "stencils", STENCILS, stencils),
                list("hole", "holes", HOLES, pieces.holes),
                list("kind", "kinds", KINDS, rows(&kinds, |hole| kind(*hole))),
                list("fusion", "fusions", FUSIONS, fusions),
            ],
            blobs: vec![
                Blob { name: "maps", about: "what the maps of fusions are taken from", bytes: maps },
                Blob { name: "code", about: "the bytes of all stencils", bytes: pieces.code },
                Blob { name: "pool", about: "constants, the first at a multiple of 16", bytes: table.pool().to_vec() },
            ],
            names,
        }
    }
}

/// Code and holes of stencils, each run of them once.
#[derive(Debug, Default)]
struct Pieces<'t> {
    code: Vec<u8>,
    holes: Vec<Vec<Cell>>,
    code_at: HashMap<&'t [u8], usize>,
    holes_at: HashMap<Vec<HoleKey>, usize>,
}

/// What holes are told apart by.
type HoleKey = (u16, u8, u8, i32);

impl<'t> Pieces<'t> {
    /// Adds what a stencil needs; returns its record.
    fn add(&mut self, table: &Table<'t>, stencil: &'t StencilRecord) -> Vec<Cell> {
        if stencil.len == StencilRecord::PRUNED {
            return vec![number(0_u32), number(stencil.len), number(0_u32), number(0_u32), number(0_u32)];
        }
        let bytes = table.code_of(stencil);
        let code = *self.code_at.entry(bytes).or_insert_with(|| {
            self.code.extend_from_slice(bytes);
            self.code.len() - bytes.len()
        });
        let of_table = table.holes_of(stencil);
        let key = of_table.iter().map(|hole| (hole.offset, hole.kind, hole.value, hole.addend)).collect();
        let holes = *self.holes_at.entry(key).or_insert_with(|| {
            self.holes.extend(of_table.iter().map(hole));
            self.holes.len() - of_table.len()
        });
        let places = table.place_holes_of(stencil).len();
        vec![count(code), number(stencil.len), count(holes), count(of_table.len() - places), count(places)]
    }
}

fn number(value: impl Into<i64>) -> Cell {
    Cell::Number(value.into())
}

/// A count or index. A table's are below 2^32.
fn count(value: usize) -> Cell {
    Cell::Number(value as i64)
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn rows<T>(records: &[T], row: impl FnMut(&T) -> Vec<Cell>) -> Vec<Vec<Cell>> {
    records.iter().map(row).collect()
}

fn banks(table: &Table<'_>) -> Vec<Vec<Cell>> {
    rows(table.banks(), |bank| vec![text(table.text(bank.name)), number(bank.registers), number(bank.move_op)])
}

fn ops(table: &Table<'_>) -> Vec<Vec<Cell>> {
    rows(table.ops(), |op| {
        vec![
            text(table.text(op.name)),
            text(table.text(op.file)),
            number(op.line),
            number(op.variants.start),
            number(op.variants.len),
            number(op.axes),
            number(op.axis_count),
            number(op.result_count),
            number(op.value_count),
            number(op.flags),
            number(op.targets),
        ]
    })
}

fn axes(table: &Table<'_>) -> Vec<Vec<Cell>> {
    rows(table.axes(), |axis| {
        let steps = axis.steps.iter().take(place::NONE as usize).copied().collect();
        vec![number(axis.bank), number(axis.registers), Cell::Words(steps)]
    })
}

fn hole(hole: &HoleRecord) -> Vec<Cell> {
    vec![number(hole.offset), number(hole.kind), number(hole.value), number(hole.addend)]
}

fn kind(kind: HoleKind) -> Vec<Cell> {
    let takes = match kind.sort() {
        HoleSort::Value => "value",
        HoleSort::Label => "label",
        HoleSort::Callee => "callee",
        HoleSort::Pool => "pool",
    };
    let (low, high) = kind.value_range(0).unwrap_or_default();
    vec![number(kind as u8), text(kind.name()), text(takes), count(kind.width()), number(low), number(high)]
}
