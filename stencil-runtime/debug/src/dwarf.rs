//! A description as DWARF.

use crate::cfi;
use crate::elf::{self, Symbol};
use crate::guest::{Description, Kind, Variable, VariablePlace};
use gimli::write::{
    Address, AttributeValue, DwarfUnit, EndianVec, Expression, LineProgram, LineString, Location, LocationList,
    Sections, UnitEntryId,
};
use gimli::{Encoding, Format, LineEncoding, LittleEndian, Register, SectionId, constants as dw};
use std::collections::HashMap;
use stencil_runtime::PublishedCode;

/// Version 4: every debugger that knows the interface for stitched code reads it.
const ENCODING: Encoding = Encoding { address_size: 8, format: Format::Dwarf32, version: 4 };

/// The executable that describes a piece of code: symbols, frames and, where there is a description, lines and variables.
///
/// # Errors
/// When something does not fit DWARF, such as an offset beyond 32 bits.
pub(crate) fn image(code: &PublishedCode<'_>, description: &Description) -> gimli::write::Result<Vec<u8>> {
    let PublishedCode { address, bytes, architecture, .. } = *code;
    let mut data = vec![(".debug_frame", cfi::debug_frame(code)?)];
    if description.file.is_some() {
        let mut sections = Sections::new(EndianVec::new(LittleEndian));
        unit(address, bytes.len(), description).write(&mut sections)?;
        sections.for_each_mut(|id: SectionId, section| -> gimli::write::Result<()> {
            data.push((id.name(), section.take()));
            Ok(())
        })?;
    }
    let mut symbols: Vec<Symbol<'_>> = Vec::with_capacity(description.symbols.len() + 1);
    symbols.extend(description.symbols.iter().map(|symbol| Symbol {
        name: &symbol.name,
        address: address + u64::from(symbol.range.start),
        length: u64::from(symbol.range.end - symbol.range.start),
        function: false,
    }));
    symbols.push(Symbol { name: &description.name, address, length: bytes.len() as u64, function: true });
    Ok(elf::write(architecture, address, bytes.len(), &symbols, &data))
}

fn unit(address: u64, length: usize, description: &Description) -> DwarfUnit {
    let mut dwarf = DwarfUnit::new(ENCODING);
    let file = description.file.clone().unwrap_or_default();
    let (name, folder) = (file.file_name(), file.parent());
    let name = name.map_or(&b"?"[..], |name| name.as_encoded_bytes()).to_vec();
    let here = std::env::current_dir().unwrap_or_default().into_os_string().into_encoded_bytes();
    let here = if here.is_empty() { b"/".to_vec() } else { here };
    let folder = folder.map(|folder| folder.as_os_str().as_encoded_bytes().to_vec()).filter(|name| !name.is_empty());
    let places = [here.clone(), folder.unwrap_or_else(|| here.clone()), name];
    dwarf.unit.line_program = lines(address, length, description, places.map(LineString::String));
    let root = dwarf.unit.root();
    let mut set = |entry: UnitEntryId, name, value| dwarf.unit.get_mut(entry).set(name, value);
    set(root, dw::DW_AT_name, AttributeValue::String(file.into_os_string().into_encoded_bytes()));
    set(root, dw::DW_AT_comp_dir, AttributeValue::String(here));
    set(root, dw::DW_AT_producer, AttributeValue::String(b"stencil".to_vec()));
    // No language of the guest's is known: C's expressions serve best.
    set(root, dw::DW_AT_language, AttributeValue::Language(dw::DW_LANG_C99));
    set(root, dw::DW_AT_stmt_list, AttributeValue::LineProgramRef);
    let function = dwarf.unit.add(root, dw::DW_TAG_subprogram);
    for entry in [root, function] {
        let entry = dwarf.unit.get_mut(entry);
        entry.set(dw::DW_AT_low_pc, AttributeValue::Address(Address::Constant(address)));
        entry.set(dw::DW_AT_high_pc, AttributeValue::Udata(length as u64));
    }
    let mut frame = Expression::new();
    frame.op(dw::DW_OP_call_frame_cfa);
    let entry = dwarf.unit.get_mut(function);
    entry.set(dw::DW_AT_name, AttributeValue::String(description.name.clone().into_bytes()));
    entry.set(dw::DW_AT_external, AttributeValue::FlagPresent);
    entry.set(dw::DW_AT_frame_base, AttributeValue::Exprloc(frame));
    let first = description.lines.iter().map(|line| line.line).filter(|line| *line != 0).min();
    entry.set(dw::DW_AT_decl_line, AttributeValue::Udata(first.unwrap_or(1).into()));
    let mut types = HashMap::new();
    for variable in &description.variables {
        add_variable(&mut dwarf, function, address, variable, &mut types);
    }
    dwarf
}

/// The lines of a file, whose name comes behind the folder that all is relative to and its own.
fn lines(address: u64, length: usize, description: &Description, places: [LineString; 3]) -> LineProgram {
    let [here, folder, name] = places;
    let mut program = LineProgram::new(ENCODING, LineEncoding::default(), here, None, name.clone(), None);
    let directory = program.add_directory(folder);
    let file = program.add_file(name, directory, None);
    program.begin_sequence(Some(Address::Constant(address)));
    let mut lines = description.lines.iter().peekable();
    let mut before = 0;
    while let Some(line) = lines.next() {
        // Of several at one place the last one counts.
        if lines.peek().is_some_and(|next| next.offset == line.offset) {
            continue;
        }
        let row = program.row();
        row.address_offset = u64::from(line.offset);
        row.file = file;
        row.line = u64::from(line.line);
        row.is_statement = line.statement && line.line != 0;
        // A breakpoint on the function belongs to the second line of the code, where the frame is whole.
        row.prologue_end = before == 1;
        before += 1;
        program.generate_row();
    }
    program.end_sequence(length as u64);
    program
}

fn add_variable(
    dwarf: &mut DwarfUnit,
    function: UnitEntryId,
    address: u64,
    variable: &Variable,
    types: &mut HashMap<Kind, UnitEntryId>,
) {
    let root = dwarf.unit.root();
    let of_kind = *types.entry(variable.kind).or_insert_with(|| {
        let base = dwarf.unit.add(root, dw::DW_TAG_base_type);
        let (name, encoding) = match variable.kind {
            Kind::Int => ("i64", dw::DW_ATE_signed),
            Kind::Float => ("f64", dw::DW_ATE_float),
            Kind::Bits => ("u64", dw::DW_ATE_unsigned),
        };
        let entry = dwarf.unit.get_mut(base);
        entry.set(dw::DW_AT_name, AttributeValue::String(name.into()));
        entry.set(dw::DW_AT_encoding, AttributeValue::Encoding(encoding));
        entry.set(dw::DW_AT_byte_size, AttributeValue::Udata(8));
        base
    });
    let mut expression = Expression::new();
    match variable.place {
        VariablePlace::Register(number) => expression.op_reg(Register(number)),
        VariablePlace::Memory { base, offset } => expression.op_breg(Register(base), offset),
    }
    let base = Location::BaseAddress { address: Address::Constant(address) };
    let places = variable.ranges.iter().map(|range| Location::OffsetPair {
        begin: range.start.into(),
        end: range.end.into(),
        data: expression.clone(),
    });
    let places = dwarf.unit.locations.add(LocationList(std::iter::once(base).chain(places).collect()));
    let entry = dwarf.unit.add(function, dw::DW_TAG_variable);
    let entry = dwarf.unit.get_mut(entry);
    entry.set(dw::DW_AT_name, AttributeValue::String(variable.name.clone().into_bytes()));
    entry.set(dw::DW_AT_type, AttributeValue::UnitRef(of_kind));
    entry.set(dw::DW_AT_location, AttributeValue::LocationListRef(places));
}
