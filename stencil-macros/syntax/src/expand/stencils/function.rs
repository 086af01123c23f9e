//! The function of one variant.

use super::super::plain;
use super::support::{parameters, pass_on, takes_fixed, weak_short};
use super::{Holes, Style, steps, support};
use crate::ast::{Action, HoleType, Op, OpSet, ParamKind, Step, Value, WordType};
use crate::layout::{Argument, Convention, Target, is_float};
use crate::symbols::{Form, Symbol};
use crate::variants::Place;
use std::fmt::Write;

/// The text of the function that variant `number` of an op compiles to.
pub(super) fn text(set: &OpSet, style: Style, op: usize, number: usize, places: &[Place]) -> String {
    let Style { target, format, holes } = style;
    let stencil = Stencil { set, style, target, holes, op: &set.ops[op], places };
    let values = set.ops[op].values();
    let described: Vec<_> = values
        .iter()
        .zip(places)
        .map(|(value, place)| format!("{} = {place}", set.ops[op].value_ident(*value)))
        .collect();
    let mut text = format!("\n/// {}: {}\n", set.ops[op].ident, described.join(", "));
    let symbol = Symbol::Stencil { op, variant: number };
    let _ = writeln!(
        text,
        "#[unsafe(no_mangle)]\npub unsafe extern \"{}\" fn {symbol}({}) {{ unsafe {{",
        target.abi(format),
        parameters(set, target),
    );
    stencil.steps(&steps(set, op), 1, &mut text);
    text.push_str("} }\n");
    text
}

struct Stencil<'a> {
    set: &'a OpSet,
    style: Style,
    target: Target,
    holes: Holes,
    op: &'a Op,
    places: &'a [Place],
}

impl Stencil<'_> {
    /// The rest of the sequence, with the machine's state in variables named like the arguments.
    fn steps(&self, steps: &[Step], depth: usize, text: &mut String) {
        let pad = "    ".repeat(depth);
        let Some((step, rest)) = steps.split_first() else {
            let _ = writeln!(text, "{pad}{}", self.go(Symbol::Continuation));
            return;
        };
        let op = &self.set.ops[step.op];
        let values = op.values();
        let number_of = |value: Value| values.iter().position(|other| *other == value).map_or(0, |at| step.values[at]);
        match op.action {
            Action::Move => {
                let _ = writeln!(text, "{pad}let __value = {};", self.operand(step.values[1], op, Value::Param(0)));
                self.result(step.values[0], "__value", &pad, text);
                return self.steps(rest, depth, text);
            }
            Action::Stash | Action::Unstash => {
                let scratch = Symbol::Hole { form: Form::Word, value: step.values[1] };
                let context = &self.set.machine.fixed[0].ident;
                let _ = writeln!(
                    text,
                    "{pad}let __scratch = ({context} as *mut u8).wrapping_add(word!({scratch}) as usize).cast::<u64>();"
                );
                if matches!(op.action, Action::Stash) {
                    let value = self.operand(step.values[0], op, Value::Param(0));
                    let _ = writeln!(text, "{pad}__scratch.write(Register::to_bits({value}));");
                } else {
                    let ty = crate::hash::canonical_type(&self.set.machine.banks[op.results[0].bank].ty);
                    let _ = writeln!(text, "{pad}let __value = <{ty} as Register>::from_bits(__scratch.read());");
                    self.result(step.values[0], "__value", &pad, text);
                }
                return self.steps(rest, depth, text);
            }
            Action::Body(_) | Action::Fused(_) => {}
        }
        // Operands are read before anything is written.
        let fixed: Vec<_> = self.set.machine.fixed.iter().map(|fixed| fixed.ident.to_string()).collect();
        if takes_fixed(op) {
            let _ = writeln!(text, "{pad}let mut __fixed = super::Fixed {{ {} }};", fixed.join(", "));
        }
        let arguments = op.params.iter().enumerate().filter_map(|(index, param)| match &param.kind {
            ParamKind::Label | ParamKind::Exit | ParamKind::Callee => None,
            ParamKind::Fixed => Some("&mut __fixed".to_owned()),
            ParamKind::Operand { .. } => Some(self.operand(number_of(Value::Param(index)), op, Value::Param(index))),
            ParamKind::Hole(ty) => {
                Some(self.hole(number_of(Value::Param(index)), ty, &crate::hash::canonical_type(&param.ty)))
            }
        });
        let arguments: Vec<_> = arguments.collect();
        let _ = writeln!(text, "{pad}let __flow = super::{}({});", op.ident, arguments.join(", "));
        if takes_fixed(op) {
            let _ = writeln!(text, "{pad}let super::Fixed {{ {} }} = __fixed;", fixed.join(", "));
        }
        if !op.has_flow() {
            self.results(op, step, "__flow", &pad, text);
            return self.steps(rest, depth, text);
        }
        let flow = op.flow_ident();
        let _ = writeln!(text, "{pad}match __flow {{");
        for (_, param, variant, _) in plain::ways(op) {
            let symbol = match param {
                Some(param) => {
                    let index = op.params.iter().position(|other| other.ident == *param).unwrap_or_default();
                    let form =
                        if matches!(op.params[index].kind, ParamKind::Callee) { Form::Callee } else { Form::Target };
                    Symbol::Hole { form, value: number_of(Value::Param(index)) }
                }
                None if variant == "Return" => Symbol::Return,
                None => Symbol::Leave,
            };
            let _ = writeln!(text, "{pad}    super::{flow}::{variant} => {{ {} }}", self.go(symbol));
        }
        if !op.never {
            let binding = if op.results.is_empty() { "" } else { "(__out)" };
            let _ = writeln!(text, "{pad}    super::{flow}::Next{binding} => {{");
            self.results(op, step, "__out", &format!("{pad}        "), text);
            self.steps(rest, depth + 2, text);
            let _ = writeln!(text, "{pad}    }}");
        }
        let _ = writeln!(text, "{pad}}}");
    }

    /// Leaves for a symbol with everything passed on.
    fn go(&self, symbol: Symbol) -> String {
        let keyword = match self.target.convention {
            Convention::Portable => "return",
            Convention::Wide => "become",
        };
        format!("{keyword} {symbol}({});", pass_on(self.set, self.target))
    }

    /// The value of an operand as an expression of its bank's type.
    fn operand(&self, number: usize, op: &Op, value: Value) -> String {
        let bank = op.axis(value).map_or(0, |(bank, _)| bank);
        let ty = crate::hash::canonical_type(&self.set.machine.banks[bank].ty);
        let hole = |form| Symbol::Hole { form, value: number };
        match self.places[number] {
            Place::Register(register) => {
                let name = support::argument_name(self.set, Argument::Register(bank, register));
                if is_float(&self.set.machine.banks[bank].ty) {
                    name
                } else {
                    format!("<{ty} as Register>::from_bits({name})")
                }
            }
            Place::Slot => {
                let (load, _) = self.slot_macros();
                format!("<{ty} as Register>::from_bits({load}!({}, {}))", self.frame(), hole(Form::Slot))
            }
            Place::Short if weak_short(self.style) => {
                format!("<{ty} as Register>::from_bits({} as u64)", hole(Form::Short))
            }
            Place::Short => format!("<{ty} as Register>::from_bits(short!({}))", hole(Form::Short)),
            Place::Wide => format!("<{ty} as Register>::from_bits(wide!({}))", hole(Form::Wide)),
        }
    }

    fn results(&self, op: &Op, step: &Step, from: &str, pad: &str, text: &mut String) {
        match op.results.as_slice() {
            [] => {}
            [_] => self.result(step.values[0], from, pad, text),
            many => {
                let names: Vec<_> = (0..many.len()).map(|index| format!("__out_{index}")).collect();
                let _ = writeln!(text, "{pad}let ({}) = {from};", names.join(", "));
                for (index, name) in names.iter().enumerate() {
                    self.result(step.values[index], name, pad, text);
                }
            }
        }
    }

    /// Puts a result where it goes.
    fn result(&self, number: usize, from: &str, pad: &str, text: &mut String) {
        let values = self.op.values();
        let bank = self.op.axis(values[number]).map_or(0, |(bank, _)| bank);
        let float = is_float(&self.set.machine.banks[bank].ty);
        let _ = match self.places[number] {
            Place::Register(register) => {
                let name = support::argument_name(self.set, Argument::Register(bank, register));
                let bits = if float { from.to_owned() } else { format!("Register::to_bits({from})") };
                writeln!(text, "{pad}let {name} = {bits};")
            }
            _ => {
                let hole = Symbol::Hole { form: Form::Slot, value: number };
                let (_, store) = self.slot_macros();
                writeln!(text, "{pad}{store}!({}, {hole}, Register::to_bits({from}));", self.frame())
            }
        };
    }

    fn hole(&self, number: usize, ty: &HoleType, name: &str) -> String {
        let hole = |form| Symbol::Hole { form, value: number };
        let (word, wide) = (hole(Form::Word), hole(Form::Wide));
        match ty {
            HoleType::Word(WordType::Int) => format!("word!({word}) as {name}"),
            HoleType::Word(WordType::Half) => format!("half!({word}) as {name}"),
            HoleType::Word(WordType::Bool) => format!("half!({word}) & 1 != 0"),
            HoleType::Word(WordType::F32) => format!("f32::from_bits(word!({word}))"),
            HoleType::Int64 => format!("wide!({wide}) as {name}"),
            HoleType::F64 => format!("f64::from_bits(wide!({wide}))"),
            HoleType::Pointer => format!("wide!({wide}) as {name}"),
            HoleType::Function | HoleType::HostFn(_) => {
                format!("::core::mem::transmute::<usize, _>({}!({wide}) as usize)", self.holes.function_macro())
            }
        }
    }

    /// The macros that read and write slots.
    fn slot_macros(&self) -> (&'static str, &'static str) {
        match self.op.action {
            Action::Body(_) | Action::Fused(_) => self.holes.slot_macros(),
            Action::Move | Action::Stash | Action::Unstash => Holes::Sound.slot_macros(),
        }
    }

    fn frame(&self) -> String {
        let frame = self.set.machine.frame().unwrap_or_default();
        self.set.machine.fixed[frame].ident.to_string()
    }
}
