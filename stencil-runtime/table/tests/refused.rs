//! Every rule of validation, broken one at a time in a table that is sound otherwise.

mod common;

use std::time::{Duration, Instant};
use stencil_table::{
    AxisRecord, BankRecord, FusionRecord, Header, HoleKind, HoleRecord, OpRecord, PlainHole, Span, StencilRecord,
    Table, TableBytes, TableError, place,
};
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// The sound table, to be changed.
struct Draft {
    bytes: Vec<u8>,
    header: Header,
}

impl Draft {
    fn new() -> Self {
        let bytes = common::table().to_vec();
        let header = Header::read_from_prefix(&bytes).unwrap().0;
        Self { bytes, header }
    }

    /// Changes a record of a section.
    fn record<T: FromBytes + IntoBytes + Immutable>(
        &mut self,
        section: Span,
        index: usize,
        change: impl FnOnce(&mut T),
    ) {
        let at = section.start as usize + index * size_of::<T>();
        let mut record = T::read_from_bytes(&self.bytes[at..at + size_of::<T>()]).unwrap();
        change(&mut record);
        self.bytes[at..at + size_of::<T>()].copy_from_slice(record.as_bytes());
    }

    fn header(&mut self, change: impl FnOnce(&mut Header)) {
        change(&mut self.header);
        self.bytes[..size_of::<Header>()].copy_from_slice(self.header.as_bytes());
    }

    fn op(&mut self, index: usize, change: impl FnOnce(&mut OpRecord)) {
        self.record(self.header.ops, index, change);
    }

    fn axis(&mut self, index: usize, change: impl FnOnce(&mut AxisRecord)) {
        self.record(self.header.axes, index, change);
    }

    fn stencil(&mut self, index: usize, change: impl FnOnce(&mut StencilRecord)) {
        self.record(self.header.stencils, index, change);
    }

    fn fusion(&mut self, change: impl FnOnce(&mut FusionRecord)) {
        self.record(self.header.fusions, 0, change);
    }

    /// Changes the first hole of a kind.
    fn hole(&mut self, kind: HoleKind, change: impl FnOnce(&mut HoleRecord)) {
        let section = self.header.holes;
        let records = (0..section.len as usize).map(|index| {
            let at = section.start as usize + index * size_of::<HoleRecord>();
            HoleRecord::read_from_bytes(&self.bytes[at..at + size_of::<HoleRecord>()]).unwrap()
        });
        let index = records.into_iter().position(|hole| hole.kind == kind as u8).unwrap();
        self.record(section, index, change);
    }
}

/// The reason that a changed table is refused for.
#[track_caller]
fn refused(change: impl FnOnce(&mut Draft)) -> String {
    let mut draft = Draft::new();
    change(&mut draft);
    let error = Table::parse(&TableBytes::copy_of(&draft.bytes)).unwrap_err();
    error.to_string()
}

/// Where the stencil of `jump` is: behind the moves and the two assembler's ops.
const JUMP: usize = 14;

#[track_caller]
fn expect(why: &str, change: impl FnOnce(&mut Draft)) {
    let text = refused(change);
    assert!(text.contains(why), "`{text}` does not say `{why}`");
}

#[test]
fn the_draft_is_sound() {
    Table::parse(&TableBytes::copy_of(&Draft::new().bytes)).unwrap();
}

#[test]
fn headers() {
    expect("does not start with", |draft| draft.header(|header| header.magic[0] = b'x'));
    expect("format version 99", |draft| draft.header(|header| header.version = 99));
    expect("bytes long where", |draft| draft.header(|header| header.len += 1));
    expect("unknown architecture 9", |draft| draft.header(|header| header.architecture = 9));
    expect("unknown calling convention 0", |draft| draft.header(|header| header.convention = 0));
    expect("unknown CPU level 2", |draft| draft.header(|header| header.level = 2));
    expect("bank section", |draft| draft.header(|header| header.banks.start = u32::MAX));
    expect("op section", |draft| draft.header(|header| header.ops.len = u32::MAX));
    expect("axis section 0 of the table is malformed: it is not aligned", |draft| {
        draft.header(|header| header.axes.start += 1);
    });
    expect("it is not UTF-8", |draft| {
        let at = draft.header.text.start as usize;
        draft.bytes[at] = 0xFF;
    });
    expect("the padding is missing", |draft| draft.header(|header| header.code.len = 63));
    expect("compiler", |draft| draft.header(|header| header.compiler.start = u32::MAX));
    let bytes = common::table();
    for len in [0, 7, 8, 16, size_of::<Header>() - 1] {
        assert!(matches!(Table::parse(&TableBytes::copy_of(&bytes[..len])), Err(TableError::Length { .. })), "{len}");
    }
    let mut shifted = vec![0; bytes.len() + 65];
    let start = shifted.as_ptr().align_offset(64) + 1;
    shifted[start..start + bytes.len()].copy_from_slice(&bytes);
    assert_eq!(Table::parse(&shifted[start..start + bytes.len()]).unwrap_err(), TableError::Alignment);
}

#[test]
fn banks() {
    let bank = |change: fn(&mut BankRecord)| move |draft: &mut Draft| draft.record(draft.header.banks, 0, change);
    expect("its name is outside", bank(|bank| bank.name.len = 10_000));
    expect("more registers than any architecture", bank(|bank| bank.registers = 16));
    expect("an axis has more registers than its bank", bank(|bank| bank.registers = 1));
    let missing = "its move, stash or unstash op is missing";
    expect(missing, bank(|bank| bank.move_op = 1));
    expect(missing, bank(|bank| bank.stash_op = 0));
    expect(missing, bank(|bank| bank.unstash_op = 77));
}

#[test]
fn ops() {
    expect("its name is outside", |draft| draft.op(0, |op| op.file.start = u32::MAX));
    expect("too many values", |draft| draft.op(3, |op| op.value_count = 25));
    expect("more axes than values", |draft| draft.op(3, |op| op.axis_count = 4));
    expect("more results than axes", |draft| draft.op(3, |op| op.result_count = 2));
    expect("a target is no value", |draft| draft.op(3, |op| op.targets = 1 << 3));
    expect("or one that has an axis", |draft| draft.op(3, |op| op.targets = 1));
    expect("its axes are outside", |draft| draft.op(0, |op| op.axes = u32::MAX));
    expect("its variants are outside", |draft| draft.op(0, |op| op.variants.start = u32::MAX));
    expect("not the product", |draft| draft.op(0, |op| op.variants.len = 9));
    expect("do not stand behind", |draft| draft.op(2, |op| op.variants.start -= 2));
    expect("belong to no op", |draft| draft.header(|header| header.stencils.len += 1));
}

#[test]
fn axes() {
    expect("an axis names an unknown bank", |draft| draft.axis(0, |axis| axis.bank = 1));
    expect("the stride of an axis", |draft| draft.axis(0, |axis| axis.stride = 4));
    expect("an axis has more registers than its bank", |draft| draft.axis(0, |axis| axis.registers = 3));
    expect("a step of an axis", |draft| draft.axis(0, |axis| axis.steps[0] = 3));
    expect("a step of an axis", |draft| draft.axis(0, |axis| axis.steps[1] = 10));
    expect("a step of an axis", |draft| draft.axis(0, |axis| axis.steps[2] = 0));
    expect("a step of an axis", |draft| draft.axis(0, |axis| axis.steps[place::NONE as usize] = 0));
    expect("too many variants", |draft| draft.axis(1, |axis| axis.digits = u32::MAX));
}

#[test]
fn stencils() {
    expect("bytes are outside of the code", |draft| draft.stencil(JUMP, |stencil| stencil.code = 1));
    expect("do not start with their number", |draft| draft.stencil(0, |stencil| stencil.holes += 2));
    expect("do not start with their number", |draft| draft.stencil(0, |stencil| stencil.holes = u32::MAX));
    expect("mark for places is wrong", |draft| {
        draft.stencil(0, |stencil| stencil.plain[1].value |= PlainHole::HAS_PLACES);
    });
    expect("a plain variant is too long", |draft| {
        draft.stencil(JUMP, |stencil| stencil.plain[0].value &= !PlainHole::NOT_PLAIN);
    });
    // The move from a slot: its hole of 4 bytes ends with it.
    expect("a plain hole reaches past", |draft| draft.stencil(2, |stencil| stencil.plain[0].offset = 4));
    expect("a plain hole reaches past", |draft| draft.stencil(2, |stencil| stencil.plain[0].value = 3));
    expect("a plain hole reaches past", |draft| draft.stencil(0, |stencil| stencil.plain[2].value |= PlainHole::WIDE));
}

#[test]
fn holes() {
    expect("unknown kind", |draft| draft.hole(HoleKind::Abs64, |hole| hole.kind = 200));
    expect("another architecture's kind", |draft| {
        draft.hole(HoleKind::Abs32Signed, |hole| hole.kind = HoleKind::MovG0 as u8)
    });
    expect("reaches past the end", |draft| draft.hole(HoleKind::Abs64, |hole| hole.offset = 3));
    expect("do not stand before", |draft| draft.hole(HoleKind::Abs64, |hole| hole.kind = HoleKind::LabelRel32 as u8));
    expect("names a value of another sort", |draft| draft.hole(HoleKind::LabelRel32, |hole| hole.value = 1));
    expect("names a value of another sort", |draft| draft.hole(HoleKind::CalleeRel32, |hole| hole.value = 1));
    expect("names a value of another sort", |draft| draft.hole(HoleKind::Abs64, |hole| hole.value = 31));
    let run = |values, places| {
        move |draft: &mut Draft| {
            draft.record(draft.header.holes, 0, |hole: &mut HoleRecord| *hole = HoleRecord::run_of(values, places));
        }
    };
    expect("too many holes", run(200, 56));
    expect("holes are outside of the hole section", run(200, 0));
}

#[test]
fn fusions() {
    expect("its op does not exist", |draft| draft.fusion(|fusion| fusion.op = 6));
    expect("fewer than two or more than four", |draft| draft.fusion(|fusion| fusion.len = 1));
    expect("fewer than two or more than four", |draft| draft.fusion(|fusion| fusion.len = 5));
    expect("an op that does not exist", |draft| draft.fusion(|fusion| fusion.sequence[1] = 6));
    expect("it contains a fusion", |draft| draft.fusion(|fusion| fusion.sequence[1] = 5));
    expect("its map is outside", |draft| draft.fusion(|fusion| fusion.map.len = 5));
    expect("its map is too short", |draft| draft.fusion(|fusion| fusion.map.len = 3));
    expect("one of another sort", |draft| draft.fusion(|fusion| fusion.sequence[0] = 1));
    let map = |at: usize, to: u8| {
        move |draft: &mut Draft| {
            let start = draft.header.maps.start as usize;
            draft.bytes[start + at] = to;
        }
    };
    expect("a value that the fused op does not have", map(1, 2));
    expect("does not give every value", |draft| (0..4).for_each(|at| map(at, 0)(draft)));
    expect("longer than its ops can have values", |draft| {
        draft.header(|header| header.maps = Span { start: 0, len: 128 });
        draft.fusion(|fusion| fusion.map = Span { start: 0, len: 128 });
    });
}

/// Records that share others could make validation look at them over and over.
#[test]
fn validation_takes_time_that_is_linear_in_the_length() {
    let start = Instant::now();
    let count = 40_000;
    // As many ops as fit, each with all stencils; as many fusions, each with all maps.
    let mut draft = Draft::new();
    let first =
        OpRecord::read_from_bytes(&draft.bytes[draft.header.ops.start as usize..][..size_of::<OpRecord>()]).unwrap();
    let at = draft.bytes.len();
    (0..count).for_each(|_| draft.bytes.extend_from_slice(first.as_bytes()));
    draft.bytes.resize(draft.bytes.len().next_multiple_of(64), 0);
    let len = draft.bytes.len() as u64;
    draft.header(|header| (header.ops, header.len) = (Span { start: at as u32, len: count }, len));
    assert!(Table::parse(&TableBytes::copy_of(&draft.bytes)).is_err());

    let mut draft = Draft::new();
    let fusion = draft.bytes[draft.header.fusions.start as usize..][..size_of::<FusionRecord>()].to_vec();
    let at = draft.bytes.len();
    (0..count).for_each(|_| draft.bytes.extend_from_slice(&fusion));
    draft.bytes.resize(draft.bytes.len().next_multiple_of(64), 0);
    let len = draft.bytes.len() as u64;
    draft.header(|header| (header.fusions, header.len) = (Span { start: at as u32, len: count }, len));
    Table::parse(&TableBytes::copy_of(&draft.bytes)).unwrap();
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}
