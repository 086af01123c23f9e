//! Which code an embedder's tags stand for: positions noted while code is stitched, kept in a few bits each.

/// A position and the tag of what starts there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Bytes from the start of the code.
    pub offset: u32,
    /// The embedder's tag.
    pub tag: u32,
}

/// The marks of a section of code that is being stitched, in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Recorder(Vec<Mark>);

impl Recorder {
    /// Notes that what `tag` stands for begins at byte `at` of the section.
    #[inline]
    pub(crate) fn add(&mut self, at: usize, tag: u32) {
        self.0.push(Mark { offset: at as u32, tag });
    }

    /// What was stitched from byte `at` on is replaced: marks within it move to its start.
    pub(crate) fn take_back(&mut self, at: usize) {
        let from = at as u32;
        let within = self.0.iter_mut().rev().take_while(|mark| mark.offset > from);
        within.for_each(|mark| mark.offset = from);
    }

    /// All of them, by bytes from the start of the section.
    pub(crate) fn marks(&self) -> &[Mark] {
        &self.0
    }

    /// What was marked at byte `at`, the section's end, starts at byte `to` now.
    pub(crate) fn move_on(&mut self, at: usize, to: usize) {
        let there = self.0.iter_mut().rev().take_while(|mark| mark.offset == at as u32);
        there.for_each(|mark| mark.offset = to as u32);
    }

    /// As [`Recorder::take_back`] for marks that go with what they stand for.
    pub(crate) fn drop_from(&mut self, at: usize) {
        let kept = self.0.iter().rposition(|mark| mark.offset < at as u32).map_or(0, |last| last + 1);
        self.0.truncate(kept);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

/// How many marks a block has at most. Finding one takes a binary search over blocks and a walk through half a block.
const BLOCK: usize = 16;

/// Where a block of marks starts.
#[derive(Debug, Clone, Copy)]
struct Block {
    first: Mark,
    /// Where the differences of the others to the ones before them start, and perhaps [`EVEN`].
    deltas: u32,
}

/// Flag of a block whose tags count up by one, and whose offsets do so by less than 256: what ops that are stitched one
/// after the other come to.
const EVEN: u32 = 1 << 31;

/// The marks of published code: about two bytes each where tags count up, else up to twice as much.
#[derive(Debug, Clone, Default)]
pub struct AddressMap {
    blocks: Box<[Block]>,
    /// For each mark that starts no block, how far its offset is from the one before: a byte in an even block, else as a
    /// variable-length number, which that of the tag follows, with the sign in the lowest bit.
    deltas: Box<[u8]>,
}

/// Makes maps, in buffers that it keeps.
#[derive(Debug, Default)]
pub(crate) struct Mapper {
    blocks: Vec<Block>,
    deltas: Vec<u8>,
}

impl Mapper {
    /// The map of sections that follow one another in the code: where each starts, and its marks in ascending order.
    pub(crate) fn map(&mut self, sections: [(usize, &[Mark]); 2]) -> AddressMap {
        self.blocks.clear();
        self.deltas.clear();
        for (start, marks) in sections {
            // A mark that begins something else does not keep those behind it from being even.
            let alone = usize::from(!is_even(&marks[..marks.len().min(2)]));
            let (first, others) = marks.split_at(alone);
            for block in first.chunks(1).chain(others.chunks(BLOCK)) {
                self.add(start as u32, block);
            }
        }
        AddressMap { blocks: self.blocks.as_slice().into(), deltas: self.deltas.as_slice().into() }
    }

    /// Adds a block of a section that starts at `start`.
    fn add(&mut self, start: u32, block: &[Mark]) {
        let Self { blocks, deltas } = self;
        let first = Mark { offset: start + block[0].offset, ..block[0] };
        // Of a length that is known, all are looked at side by side.
        let even = <&[Mark; BLOCK]>::try_from(block).map_or_else(|_| is_even(block), |block| is_even(block));
        let flag = if even { EVEN } else { 0 };
        blocks.push(Block { first, deltas: deltas.len() as u32 | flag });
        if even {
            deltas.extend(block.windows(2).map(|pair| (pair[1].offset - pair[0].offset) as u8));
            return;
        }
        for pair in block.windows(2) {
            put(deltas, pair[1].offset - pair[0].offset);
            let tag = pair[1].tag.wrapping_sub(pair[0].tag).cast_signed();
            put(deltas, (tag << 1 ^ tag >> 31).cast_unsigned());
        }
    }
}

/// Whether marks may be an [`EVEN`] block.
#[inline(always)]
fn is_even(marks: &[Mark]) -> bool {
    let odd = marks.windows(2).fold(0, |odd, pair| {
        let [before, mark] = [pair[0], pair[1]];
        odd | mark.offset.wrapping_sub(before.offset) >> 8 | mark.tag.wrapping_sub(before.tag) ^ 1
    });
    odd == 0
}

impl AddressMap {
    /// The last mark at or before a byte of the code; of several at one position, the one made last. Takes time in
    /// proportion to the logarithm of the number of marks.
    #[must_use]
    pub fn find(&self, offset: u32) -> Option<Mark> {
        let block = self.blocks.partition_point(|block| block.first.offset <= offset).checked_sub(1)?;
        self.of_block(block).take_while(|mark| mark.offset <= offset).last()
    }

    /// All marks, in the order of the code.
    pub fn iter(&self) -> impl Iterator<Item = Mark> {
        (0..self.blocks.len()).flat_map(|block| self.of_block(block))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The bytes of memory that the map takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.blocks) + self.deltas.len()
    }

    fn of_block(&self, block: usize) -> impl Iterator<Item = Mark> {
        let Block { first, deltas } = self.blocks[block];
        let end = self.blocks.get(block + 1).map_or(self.deltas.len(), |next| (next.deltas & !EVEN) as usize);
        let mut left = &self.deltas[(deltas & !EVEN) as usize..end];
        std::iter::successors(Some(first), move |before| {
            if deltas & EVEN != 0 {
                let (delta, rest) = left.split_first()?;
                left = rest;
                return Some(Mark { offset: before.offset + u32::from(*delta), tag: before.tag.wrapping_add(1) });
            }
            let offset = before.offset + take(&mut left)?;
            let tag = take(&mut left)?;
            let tag = (tag >> 1).cast_signed() ^ -(tag & 1).cast_signed();
            Some(Mark { offset, tag: before.tag.wrapping_add(tag.cast_unsigned()) })
        })
    }
}

/// Appends a number, 7 bits a byte, the lowest first.
fn put(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Takes such a number from the front; `None` at the end.
fn take(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0;
    for shift in (0..).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u32::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(offset: u32, tag: u32) -> Mark {
        Mark { offset, tag }
    }

    /// The map of marks of hot code.
    fn map_of(marks: &[Mark]) -> AddressMap {
        Mapper::default().map([(0, marks), (0, &[])])
    }

    #[test]
    fn a_map_gives_back_any_marks_and_finds_each() {
        let mut seed = 7_u64;
        let mut random = move |bits: u32| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as u32 & ((1_u64 << bits) - 1) as u32
        };
        for count in [0, 1, 15, 16, 17, 33, 1000] {
            let mut marks: Vec<Mark> = Vec::new();
            for index in 0..count {
                let from = marks.last().map_or(0, |last| last.offset);
                // Some blocks are even, some are not for their offsets, some for their tags.
                let bits = if index / 50 % 3 == 1 && index % 7 == 0 { 20 } else { 6 };
                let odd = index / 50 % 3 == 2 && index % 5 == 0;
                let tag = if odd { random(31) << 1 | random(1) } else { index };
                marks.push(mark(from + random(bits), tag));
            }
            let map = map_of(&marks);
            assert_eq!(map.iter().collect::<Vec<_>>(), marks);
            assert_eq!(map.is_empty(), count == 0);
            let end = marks.last().map_or(10, |last| last.offset + 10);
            for probe in marks.iter().flat_map(|mark| [mark.offset, mark.offset + 1]).chain([0, end]) {
                let expected = marks.iter().rev().find(|mark| mark.offset <= probe);
                // Of marks at one position that two blocks share, the last one counts, too.
                assert_eq!(map.find(probe).as_ref(), expected, "{probe} of {count}");
            }
        }
    }

    #[test]
    fn marks_of_sequential_ops_take_little_memory() {
        let mut marks = vec![mark(0, u32::MAX / 2)];
        marks.extend((0..1000).map(|op| mark(op * 9, op)));
        let map = map_of(&marks);
        assert_eq!(map.iter().collect::<Vec<_>>(), marks);
        assert!(map.bytes() <= 2 * 1000, "{}", map.bytes());
    }

    #[test]
    fn the_cold_section_follows_and_what_is_replaced_moves() {
        let [mut hot, mut cold] = [(); 2].map(|()| Recorder::default());
        for (at, tag) in [(0, 1), (10, 3), (14, 4)] {
            hot.add(at, tag);
        }
        cold.add(8, 2);
        hot.take_back(6);
        let map =
            |hot: &Recorder| Mapper::default().map([(0, hot.marks()), (20, cold.marks())]).iter().collect::<Vec<_>>();
        assert_eq!(map(&hot), [mark(0, 1), mark(6, 3), mark(6, 4), mark(28, 2)]);
        hot.move_on(6, 12);
        assert_eq!(map(&hot), [mark(0, 1), mark(12, 3), mark(12, 4), mark(28, 2)]);
        hot.add(14, 5);
        hot.drop_from(12);
        assert_eq!(map(&hot), [mark(0, 1), mark(28, 2)]);
    }

    #[test]
    fn a_mapper_keeps_nothing_of_other_code() {
        let mut mapper = Mapper::default();
        let marks: Vec<Mark> = (0..40).map(|op| mark(op * 300, op)).collect();
        mapper.map([(0, &marks), (20_000, &marks)]);
        assert_eq!(mapper.map([(0, &marks[..3]), (0, &[])]).iter().collect::<Vec<_>>(), marks[..3]);
    }
}
