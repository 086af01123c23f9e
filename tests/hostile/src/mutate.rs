//! Damage. The checksum is made right again, so that more than the checksum is tried.

use std::mem::offset_of;
use stencil_random::Random;
use stencil_table::{
    AxisRecord, BankRecord, FusionRecord, Header, HoleRecord, OpRecord, Span, StencilRecord, TableBytes, hash_of,
};
use zerocopy::{FromBytes, IntoBytes};

/// A section of records: where it starts, how many it has, and the length of one.
#[derive(Debug, Clone, Copy)]
struct Section {
    start: usize,
    count: usize,
    size: usize,
}

/// Makes mutants of one table.
#[derive(Debug)]
pub struct Mutator {
    original: Vec<u8>,
    header: Header,
    sections: Vec<Section>,
}

impl Mutator {
    /// Mutants of the table in `bytes`, which is sound.
    ///
    /// # Panics
    /// When `bytes` are shorter than a header.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        let header = Header::read_from_prefix(bytes).map(|(header, _)| header).expect("a table starts with a header");
        let section = |span: Span, size: usize| Section { start: span.start as usize, count: span.len as usize, size };
        let sections = [
            section(header.banks, size_of::<BankRecord>()),
            section(header.ops, size_of::<OpRecord>()),
            section(header.axes, size_of::<AxisRecord>()),
            section(header.stencils, size_of::<StencilRecord>()),
            section(header.holes, size_of::<HoleRecord>()),
            section(header.fusions, size_of::<FusionRecord>()),
            section(header.maps, 1),
            section(header.code, 1),
            section(header.pool, 1),
            section(header.text, 1),
        ];
        let sections = sections.into_iter().filter(|section| section.count > 0).collect();
        Self { original: bytes.to_vec(), header, sections }
    }

    /// The mutant of a number: always the same one.
    #[must_use]
    pub fn mutant(&self, number: u64) -> TableBytes {
        let mut random = Random::new(number);
        let mut bytes = self.original.clone();
        // Nearly always something behind the header, which is what takes most checking.
        if random.below(8) == 0 {
            self.in_header(&mut random, &mut bytes);
        }
        for _ in 0..1 + random.below(4) {
            self.in_records(&mut random, &mut bytes);
        }
        if random.below(64) == 0 {
            self.length(&mut random, &mut bytes);
        }
        if let Some(covered) = bytes.get(offset_of!(Header, len)..) {
            let checksum = hash_of(covered);
            if let Some(to) = bytes.get_mut(offset_of!(Header, checksum)..).and_then(|bytes| bytes.first_chunk_mut()) {
                *to = checksum.to_le_bytes();
            }
        }
        TableBytes::copy_of(&bytes)
    }

    /// Moves or resizes a section, or changes any field.
    fn in_header(&self, random: &mut Random, bytes: &mut [u8]) {
        let mut header = self.header;
        let spans = [
            &mut header.banks,
            &mut header.ops,
            &mut header.axes,
            &mut header.stencils,
            &mut header.holes,
            &mut header.fusions,
            &mut header.maps,
            &mut header.code,
            &mut header.pool,
            &mut header.text,
            &mut header.compiler,
        ];
        let count = spans.len();
        for (index, span) in spans.into_iter().enumerate() {
            if random.below(count) == index {
                match random.below(4) {
                    0 => span.start = span.start.wrapping_add_signed(64 * (random.below(9) as i32 - 4)),
                    1 => span.len = span.len.wrapping_add_signed(random.below(5) as i32 - 2),
                    2 => span.len = random.interesting() as u32,
                    _ => span.start = random.interesting() as u32,
                }
            }
        }
        match random.below(16) {
            0 => header.architecture = random.below(5) as u8,
            1 => header.convention = random.below(4) as u8,
            2 => header.level = random.below(5) as u8,
            3 => header.set_hash_low ^= 1,
            _ => {}
        }
        bytes[..size_of::<Header>()].copy_from_slice(header.as_bytes());
    }

    /// Changes a field of a record, swaps records, or copies one over another.
    fn in_records(&self, random: &mut Random, bytes: &mut [u8]) {
        let section = self.sections[random.below(self.sections.len())];
        let [one, other] = [(); 2].map(|()| section.start + random.below(section.count) * section.size);
        let at = one + random.below(section.size);
        match random.below(8) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.word() as u8,
            2 => bytes[at] = bytes[at].wrapping_add(1),
            3 => bytes[at] = bytes[at].wrapping_sub(1),
            4 | 5 => {
                // A field of 2 or 4 bytes.
                let width = if random.below(2) == 0 { 2 } else { 4 };
                let at = at & !(width - 1);
                let value = random.interesting().to_le_bytes();
                if let Some(to) = bytes.get_mut(at..at + width) {
                    to.copy_from_slice(&value[..width]);
                }
            }
            6 => {
                for offset in 0..section.size {
                    bytes.swap(one + offset, other + offset);
                }
            }
            _ => bytes.copy_within(other..other + section.size, one),
        }
    }

    /// Cuts or lengthens the table, now and then with a header that knows.
    fn length(&self, random: &mut Random, bytes: &mut Vec<u8>) {
        let len = match random.below(3) {
            0 => random.below(bytes.len()),
            1 => bytes.len() - random.below(200),
            _ => bytes.len() + random.below(200),
        };
        bytes.resize(len, 0);
        if random.below(4) != 0
            && let Some(to) = bytes.get_mut(offset_of!(Header, len)..).and_then(|bytes| bytes.first_chunk_mut())
        {
            *to = (len as u64).to_le_bytes();
        }
    }
}
