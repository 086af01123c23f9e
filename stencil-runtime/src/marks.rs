//! Which code an embedder's tags stand for: positions noted while code is stitched, kept in a few bits each.

/// A position and the tag of what starts there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Bytes from the start of the code.
    pub offset: u32,
    /// The embedder's tag.
    pub tag: u32,
}

/// Set in the offset of a mark whose section is the cold one. No offset reaches it.
const COLD: u32 = 1 << 31;

/// The marks of code that is being stitched, in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Recorder(Vec<Mark>);

impl Recorder {
    /// Notes that what `tag` stands for begins at byte `at` of a section.
    #[inline]
    pub(crate) fn add(&mut self, at: usize, cold: bool, tag: u32) {
        self.0.push(Mark { offset: at as u32 | if cold { COLD } else { 0 }, tag });
    }

    /// What was stitched from byte `at` on of the section that is being written is replaced: marks within it move to its
    /// start.
    pub(crate) fn take_back(&mut self, at: usize, cold: bool) {
        let from = at as u32 | if cold { COLD } else { 0 };
        let within = |mark: &&mut Mark| mark.offset > from && (mark.offset & COLD == from & COLD);
        self.0.iter_mut().rev().take_while(within).for_each(|mark| mark.offset = from);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The marks in the order of the code, the cold section of which starts at byte `hot`.
    pub(crate) fn lay_out(&self, hot: usize) -> impl Iterator<Item = Mark> {
        let in_hot = self.0.iter().filter(|mark| mark.offset & COLD == 0).copied();
        let in_cold = self.0.iter().filter(|mark| mark.offset & COLD != 0);
        in_hot.chain(in_cold.map(move |mark| Mark { offset: (mark.offset & !COLD) + hot as u32, ..*mark }))
    }
}

/// How many marks a block has. Finding one takes a binary search over blocks and a walk through half a block.
const BLOCK: usize = 16;

/// Where a block of marks starts.
#[derive(Debug, Clone, Copy)]
struct Block {
    first: Mark,
    /// Where the differences of the others to the ones before them start.
    deltas: u32,
}

/// The marks of published code: two to four bytes each.
#[derive(Debug, Clone, Default)]
pub struct AddressMap {
    blocks: Box<[Block]>,
    /// For each mark that starts no block, how far its offset is from the one before, then its tag, as variable-length
    /// numbers; tags with the sign in the lowest bit.
    deltas: Box<[u8]>,
}

impl AddressMap {
    /// The map of marks in ascending order.
    pub(crate) fn of(marks: impl Iterator<Item = Mark>) -> Self {
        let (mut blocks, mut deltas) = (Vec::new(), Vec::new());
        let mut before = Mark { offset: 0, tag: 0 };
        for (index, mark) in marks.enumerate() {
            if index % BLOCK == 0 {
                blocks.push(Block { first: mark, deltas: deltas.len() as u32 });
            } else {
                put(&mut deltas, mark.offset - before.offset);
                let tag = mark.tag.wrapping_sub(before.tag).cast_signed();
                put(&mut deltas, (tag << 1 ^ tag >> 31).cast_unsigned());
            }
            before = mark;
        }
        Self { blocks: blocks.into_boxed_slice(), deltas: deltas.into_boxed_slice() }
    }

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
        let end = self.blocks.get(block + 1).map_or(self.deltas.len(), |next| next.deltas as usize);
        let mut left = &self.deltas[deltas as usize..end];
        std::iter::successors(Some(first), move |before| {
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
                let bits = if index % 7 == 0 { 20 } else { 6 };
                let tag = if index % 5 == 0 { random(31) << 1 | random(1) } else { index };
                marks.push(mark(from + random(bits), tag));
            }
            let map = AddressMap::of(marks.iter().copied());
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
        let map = AddressMap::of((0..1000).map(|op| mark(op * 9, op)));
        assert!(map.bytes() <= 3 * 1000, "{}", map.bytes());
    }

    #[test]
    fn the_cold_section_follows_and_what_is_replaced_moves() {
        let mut recorder = Recorder::default();
        for (at, cold, tag) in [(0, false, 1), (8, true, 2), (10, false, 3), (14, false, 4)] {
            recorder.add(at, cold, tag);
        }
        recorder.take_back(6, false);
        let marks: Vec<Mark> = recorder.lay_out(20).collect();
        assert_eq!(marks, [mark(0, 1), mark(6, 3), mark(6, 4), mark(28, 2)]);
        recorder.take_back(0, true);
        assert_eq!(recorder.lay_out(20).last(), Some(mark(28, 2)), "marks of the other section stay");
    }
}
