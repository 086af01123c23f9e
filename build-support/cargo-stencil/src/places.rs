//! The places of a variant, as people name them: `ints0`, `slot`, `short`, `literal`.

use stencil_table::{AxisRecord, NO_STEP, OpRecord, Table, place};

/// The places that an axis has, with what they add to a variant's number.
pub(crate) fn of_axis(table: &Table<'_>, axis: &AxisRecord) -> Vec<(String, u32)> {
    let bank = table.banks().get(axis.bank as usize).map_or("", |bank| table.text(bank.name));
    let registers = (0..axis.registers).map(|number| (format!("{bank}{number}"), number));
    let step = |index: u32| axis.steps[index as usize % place::COUNT];
    // A short form may serve literals of one sign only.
    let short = [place::SMALL, place::NEGATIVE].into_iter().find(|index| step(*index) != step(place::WIDE));
    let others = [("slot", Some(place::SLOT)), ("short", short), ("literal", Some(place::WIDE))];
    let others = others.into_iter().filter_map(|(name, index)| Some((name.to_owned(), index?)));
    let places = registers.chain(others).map(|(name, index)| (name, step(index)));
    places.filter(|(_, step)| *step != NO_STEP).collect()
}

/// The places of an op's variants, by their number in the op: `None` for those that no place leads to.
pub(crate) fn of_op(table: &Table<'_>, op: &OpRecord) -> Vec<Option<Vec<String>>> {
    let mut variants = vec![None; op.variants.len as usize];
    let mut found: Vec<(u32, Vec<String>)> = vec![(0, Vec::new())];
    for axis in table.axes_of(op) {
        let places = of_axis(table, axis);
        let more = |(number, before): &(u32, Vec<String>)| {
            let (number, before) = (*number, before.clone());
            places.clone().into_iter().map(move |(name, step)| {
                (number.saturating_add(step), before.iter().cloned().chain([name]).collect::<Vec<_>>())
            })
        };
        found = found.iter().flat_map(more).collect();
    }
    for (number, places) in found {
        if let Some(variant) = variants.get_mut(number as usize) {
            *variant = Some(places);
        }
    }
    variants
}
