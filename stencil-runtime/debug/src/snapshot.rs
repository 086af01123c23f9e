//! Published code for whoever looks at it later, when it may be gone.

use stencil_runtime::{AddressMap, Architecture, Mark, Origin, PublishedCode};

/// What a [`PublishedCode`] says, with everything that it borrows.
#[derive(Debug)]
pub(crate) struct Snapshot {
    address: u64,
    bytes: Box<[u8]>,
    architecture: Architecture,
    functions: Box<[u32]>,
    marks: AddressMap,
    stencils: Box<[Mark]>,
    table: u64,
    origin: Option<Origin>,
}

impl Snapshot {
    pub(crate) fn of(code: &PublishedCode<'_>) -> Self {
        Self {
            address: code.address,
            bytes: code.bytes.into(),
            architecture: code.architecture,
            functions: code.functions.into(),
            marks: code.marks.clone(),
            stencils: code.stencils.into(),
            table: code.table,
            origin: code.origin.cloned(),
        }
    }

    /// The code as it was when it was published.
    pub(crate) fn code(&self) -> PublishedCode<'_> {
        PublishedCode {
            address: self.address,
            bytes: &self.bytes,
            architecture: self.architecture,
            functions: &self.functions,
            marks: &self.marks,
            stencils: &self.stencils,
            table: self.table,
            origin: self.origin.as_ref(),
        }
    }
}
