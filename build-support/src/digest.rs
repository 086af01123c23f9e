//! What a table depends on, as one number: tables with the same digest were made from the same text in the same way.

use crate::key::TableKey;
use crate::sources::Sources;
use sha2::{Digest as _, Sha256};

/// The digest of a table's inputs, the compiler not among them.
pub(crate) type Digest = [u8; 32];

/// Changes whenever taking stencils out of objects changes what a table holds.
const EXTRACTION_VERSION: u32 = 4;

/// The digest for a set that was expanded: every text that is compiled, the flags, and what the table is for.
pub(crate) fn of_sources(file: &str, sources: &Sources, key: TableKey, flags: &[String], frame_limit: u32) -> Digest {
    let mut hasher = Sha256::new();
    let mut field = |bytes: &[u8]| {
        hasher.update((bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    field(&stencil_table::FORMAT_VERSION.to_le_bytes());
    field(&EXTRACTION_VERSION.to_le_bytes());
    field(&frame_limit.to_le_bytes());
    field(file.as_bytes());
    field(key.stem().as_bytes());
    for flag in flags {
        field(flag.as_bytes());
    }
    for text in sources.texts() {
        field(text.as_bytes());
    }
    hasher.finalize().into()
}
