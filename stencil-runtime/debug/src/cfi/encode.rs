//! Rows as DWARF's call frame instructions.

use super::{Cfa, Registers, Row, Rules, rows};
use gimli::write::{
    Address, CallFrameInstruction, CommonInformationEntry, DebugFrame, EhFrame, EndianVec, Expression,
    FrameDescriptionEntry, FrameTable, Result,
};
use gimli::{Encoding, Format, LittleEndian, Register};
use stencil_runtime::{Architecture, PublishedCode};

/// The section `.eh_frame` of a piece of code: what all code of the architecture has in common, and one description.
///
/// # Errors
/// When something does not fit the format.
pub fn eh_frame(code: &PublishedCode<'_>) -> Result<Vec<u8>> {
    let mut section = EhFrame::from(EndianVec::new(LittleEndian));
    table(code).write_eh_frame(&mut section)?;
    Ok(section.0.into_vec())
}

/// The same as the section `.debug_frame`.
///
/// # Errors
/// When something does not fit the format.
pub fn debug_frame(code: &PublishedCode<'_>) -> Result<Vec<u8>> {
    let mut section = DebugFrame::from(EndianVec::new(LittleEndian));
    table(code).write_debug_frame(&mut section)?;
    Ok(section.0.into_vec())
}

fn table(code: &PublishedCode<'_>) -> FrameTable {
    let mut table = FrameTable::default();
    let common = table.add_cie(cie(code.architecture));
    table.add_fde(common, fde(code.architecture, code.address, code.bytes.len(), &rows(code)));
    table
}

/// What all code of an architecture has in common; the rule that holds nearly everywhere is the initial one.
fn cie(architecture: Architecture) -> CommonInformationEntry {
    let registers = Registers::of(architecture);
    let encoding = Encoding { address_size: 8, format: Format::Dwarf32, version: 1 };
    let mut cie = CommonInformationEntry::new(encoding, 1, -8, Register(registers.return_address));
    for instruction in between(None, &registers.framed(), registers, &registers.framed()) {
        cie.add_instruction(instruction);
    }
    cie
}

/// The rows of `length` bytes of code at `address`.
fn fde(architecture: Architecture, address: u64, length: usize, rows: &[Row]) -> FrameDescriptionEntry {
    let registers = Registers::of(architecture);
    let framed = registers.framed();
    let mut fde = FrameDescriptionEntry::new(Address::Constant(address), length as u32);
    let mut before = &framed;
    for Row { offset, rules } in rows {
        for instruction in between(Some(before), rules, registers, &framed) {
            fde.add_instruction(*offset, instruction);
        }
        before = rules;
    }
    fde
}

/// The instructions from one set of rules, or from none, to another.
fn between(before: Option<&Rules>, to: &Rules, registers: Registers, initial: &Rules) -> Vec<CallFrameInstruction> {
    let mut instructions = Vec::new();
    let [frame, stack] = [registers.frame, registers.stack].map(Register);
    if before.is_none_or(|before| before.cfa != to.cfa) {
        instructions.push(match to.cfa {
            Cfa::Frame(above) => CallFrameInstruction::Cfa(frame, above),
            Cfa::Stack(above) => CallFrameInstruction::Cfa(stack, above),
            Cfa::Own { at, above } => {
                let mut address = Expression::new();
                address.op_breg(frame, i64::from(at));
                address.op_deref();
                // 0 where the frame pointer itself is the address.
                address.op_plus_uconst(above.unsigned_abs().into());
                CallFrameInstruction::CfaExpression(address)
            }
        });
    }
    let had = before.map_or(&[][..], |before| &before.saved);
    for (register, at) in to.saved.iter().filter(|saved| !had.contains(saved)) {
        instructions.push(CallFrameInstruction::Offset(Register(*register), *at));
    }
    let gone = had.iter().filter(|(register, _)| to.saved.iter().all(|(kept, _)| kept != register));
    for (register, _) in gone {
        let always = initial.saved.iter().any(|(kept, _)| kept == register);
        let register = Register(*register);
        instructions.push(match always {
            true => CallFrameInstruction::SameValue(register),
            false => CallFrameInstruction::Restore(register),
        });
    }
    instructions
}
