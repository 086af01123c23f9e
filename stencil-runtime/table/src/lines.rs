//! Which line of an op's source each instruction of its stencils is of: a file beside a table, for debuggers. A table works
//! without it and says nothing of it.
//!
//! Numbers have 7 bits a byte, the lowest first; lines are written as their difference to the one before, the sign in the
//! lowest bit.
//!
//! ```text
//! "stnlines"  version: 4 bytes  checksum of the table: 8 bytes
//! how many lists   for each: how many rows   for each: bytes from the row before, lines from there
//! how many stencils   for each: the number of its list
//! ```

use std::collections::HashMap;
use thiserror::Error;

/// The first bytes of every file.
const MAGIC: [u8; 8] = *b"stnlines";

/// The version of the format.
const VERSION: u32 = 1;

/// The line of a stencil's code from an offset on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LineRow {
    /// Bytes from the start of the stencil.
    pub offset: u16,
    /// The line in the op's file, from 1.
    pub line: u32,
}

/// Why bytes are no lines of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LinesError {
    /// They do not start as such files do.
    #[error("this is no file of op lines: it does not start with the bytes `stnlines`")]
    Magic,
    /// They were written by another version of the build helper.
    #[error("the op lines have format version {found}, this reads version {VERSION}; build them again")]
    Version {
        /// Their version.
        found: u32,
    },
    /// They end too early, or contradict themselves.
    #[error("the op lines are cut or damaged; build them again")]
    Malformed,
}

/// The lines of all stencils of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpLines {
    checksum: u64,
    /// The different lists of rows.
    lists: Vec<Box<[LineRow]>>,
    /// The list of each stencil.
    stencils: Vec<u32>,
}

impl OpLines {
    /// The lines of the stencils of a table, by dense index; those without any have no rows. Rows are in ascending order.
    #[must_use]
    pub fn new(checksum: u64, stencils: impl IntoIterator<Item = Vec<LineRow>>) -> Self {
        let (mut lists, mut known) = (Vec::new(), HashMap::new());
        let number = |rows: Vec<LineRow>| {
            *known.entry(rows).or_insert_with_key(|rows| {
                lists.push(rows.clone().into_boxed_slice());
                lists.len() as u32 - 1
            })
        };
        let stencils = stencils.into_iter().map(number).collect();
        Self { checksum, lists, stencils }
    }

    /// The checksum of the table, see [`crate::Table::checksum`].
    #[must_use]
    pub const fn checksum(&self) -> u64 {
        self.checksum
    }

    /// How many stencils the table has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.stencils.len()
    }

    /// Whether the table has none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.stencils.is_empty()
    }

    /// The rows of a stencil, by dense index.
    #[must_use]
    pub fn of(&self, stencil: usize) -> &[LineRow] {
        let list = self.stencils.get(stencil).and_then(|list| self.lists.get(*list as usize));
        list.map(|rows| &**rows).unwrap_or_default()
    }

    /// The bytes of the file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(self.checksum.to_le_bytes());
        put(&mut bytes, self.lists.len() as u32);
        for rows in &self.lists {
            put(&mut bytes, rows.len() as u32);
            let mut before = LineRow { offset: 0, line: 0 };
            for row in rows {
                put(&mut bytes, u32::from(row.offset - before.offset));
                let line = row.line.wrapping_sub(before.line).cast_signed();
                put(&mut bytes, (line << 1 ^ line >> 31).cast_unsigned());
                before = *row;
            }
        }
        put(&mut bytes, self.stencils.len() as u32);
        self.stencils.iter().for_each(|list| put(&mut bytes, *list));
        bytes
    }

    /// Reads the bytes of a file. Takes memory in proportion to their number.
    ///
    /// # Errors
    /// When they are no such file.
    pub fn parse(bytes: &[u8]) -> Result<Self, LinesError> {
        let rest = bytes.strip_prefix(&MAGIC).ok_or(LinesError::Magic)?;
        let (version, rest) = rest.split_first_chunk().ok_or(LinesError::Malformed)?;
        let found = u32::from_le_bytes(*version);
        if found != VERSION {
            return Err(LinesError::Version { found });
        }
        let (checksum, mut rest) = rest.split_first_chunk().ok_or(LinesError::Malformed)?;
        let checksum = u64::from_le_bytes(*checksum);
        let lists = (0..take(&mut rest)?).map(|_| rows(&mut rest)).collect::<Result<Vec<_>, _>>()?;
        let count = take(&mut rest)?;
        let list = |_| match take(&mut rest)? {
            list if (list as usize) < lists.len() => Ok(list),
            _ => Err(LinesError::Malformed),
        };
        let stencils = (0..count).map(list).collect::<Result<Vec<_>, _>>()?;
        if rest.is_empty() { Ok(Self { checksum, lists, stencils }) } else { Err(LinesError::Malformed) }
    }
}

/// Reads one list of rows.
fn rows(bytes: &mut &[u8]) -> Result<Box<[LineRow]>, LinesError> {
    let mut before = LineRow { offset: 0, line: 0 };
    let count = take(bytes)?;
    let row = |_| {
        let offset = u16::try_from(take(bytes)?).ok().and_then(|more| before.offset.checked_add(more));
        let line = take(bytes)?;
        let line = (line >> 1).cast_signed() ^ -(line & 1).cast_signed();
        before = LineRow { offset: offset.ok_or(LinesError::Malformed)?, line: before.line.wrapping_add_signed(line) };
        Ok(before)
    };
    (0..count).map(row).collect()
}

fn put(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> Result<u32, LinesError> {
    let mut number = 0;
    for shift in (0..u32::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first().ok_or(LinesError::Malformed)?;
        *bytes = rest;
        number |= u32::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(LinesError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(offset: u16, line: u32) -> LineRow {
        LineRow { offset, line }
    }

    #[test]
    fn lines_are_read_back_and_lists_are_kept_once() {
        let lists = [
            vec![row(0, 100), row(3, 90), row(3, 4_000_000_000), row(40_000, 1)],
            vec![],
            vec![row(0, 100), row(3, 90)],
            vec![],
            vec![row(0, 100), row(3, 90)],
        ];
        let lines = OpLines::new(7, lists.clone());
        let bytes = lines.to_bytes();
        let read = OpLines::parse(&bytes).unwrap();
        assert_eq!((read.checksum(), read.len(), read.is_empty()), (7, 5, false));
        for (stencil, rows) in lists.iter().enumerate() {
            assert_eq!(read.of(stencil), rows);
        }
        assert_eq!(read.of(5), []);
        assert_eq!(read.lists.len(), 3);
        assert_eq!(read, lines);
    }

    #[test]
    fn what_is_damaged_is_refused() {
        let bytes = OpLines::new(7, [vec![row(0, 300), row(9, 10)], vec![row(1, 2)]]).to_bytes();
        for len in 0..bytes.len() {
            let error = OpLines::parse(&bytes[..len]).unwrap_err();
            assert_eq!(error, if len < MAGIC.len() { LinesError::Magic } else { LinesError::Malformed }, "{len}");
        }
        let with = |at: usize, byte: u8| {
            let mut bytes = bytes.clone();
            bytes[at] = byte;
            OpLines::parse(&bytes)
        };
        assert_eq!(with(0, b'x'), Err(LinesError::Magic));
        assert_eq!(with(8, 2), Err(LinesError::Version { found: 2 }));
        assert_eq!(with(bytes.len() - 1, 2), Err(LinesError::Malformed), "there are two lists");
        assert_eq!(OpLines::parse(&[&bytes[..], &[0]].concat()), Err(LinesError::Malformed));
    }
}
