//! What a call of a function that is no hole means, and what the author of an op can do about it.

use crate::fault::Fault;

/// Advice by a part of the name of a panic function; the first that matches.
const PANICS: &[(&str, &str)] = &[
    ("add_overflow", "use `wrapping_add`, or `checked_add` and an `Exit`"),
    ("sub_overflow", "use `wrapping_sub`, or `checked_sub` and an `Exit`"),
    ("mul_overflow", "use `wrapping_mul`, or `checked_mul` and an `Exit`"),
    ("neg_overflow", "use `wrapping_neg`, or `checked_neg` and an `Exit`"),
    ("div_overflow", "use `wrapping_div`, or test for the lowest number divided by -1"),
    ("rem_overflow", "use `wrapping_rem`, or test for the lowest number divided by -1"),
    ("shl_overflow", "use `wrapping_shl`, or `checked_shl` and an `Exit`"),
    ("shr_overflow", "use `wrapping_shr`, or `checked_shr` and an `Exit`"),
    ("by_zero", "test the divisor first and leave through an `Exit`"),
    ("bounds", "test the index first, or use `get` and an `Exit`"),
    ("slice", "test the range first, or use `get` and an `Exit`"),
    ("", "leave through an `Exit` instead"),
];

const MEMORY: &str = "keep arrays that are copied, filled or compared below 128 bytes, or take the function through a \
                      `#[hole]` of type `HostFn<fn(…)>`";
const ARITHMETIC: &str = "take it through a `#[hole]` of type `HostFn<fn(…)>`, which binds it for every host";

/// Library functions that the compiler calls of its own accord, beside those that start with two underscores.
const MEMORY_FUNCTIONS: &[&str] = &["memcpy", "memmove", "memset", "memcmp", "bcmp", "strlen"];
const MATH_FUNCTIONS: &[&str] = &[
    "acos",
    "asin",
    "atan",
    "atan2",
    "cbrt",
    "ceil",
    "copysign",
    "cos",
    "cosh",
    "exp",
    "exp10",
    "exp2",
    "expm1",
    "fabs",
    "fdim",
    "floor",
    "fma",
    "fmax",
    "fmaximum_num",
    "fmin",
    "fminimum_num",
    "fmod",
    "hypot",
    "ldexp",
    "log",
    "log10",
    "log1p",
    "log2",
    "nearbyint",
    "pow",
    "remainder",
    "rint",
    "round",
    "roundeven",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
    "trunc",
];

/// The fault of referring to a function or static that is not in the object.
pub(crate) fn undefined(symbol: &str) -> Fault {
    let name = readable(symbol);
    if let Some(fault) = panics(&name) {
        return fault;
    }
    if MEMORY_FUNCTIONS.contains(&symbol) {
        return Fault::Library { function: name, advice: MEMORY };
    }
    let math = |name: &str| MATH_FUNCTIONS.contains(&name);
    if symbol.starts_with("__") || math(symbol) || symbol.strip_suffix('f').is_some_and(math) {
        return Fault::Library { function: name, advice: ARITHMETIC };
    }
    if name.starts_with("core::") {
        return Fault::NotInlined { function: name };
    }
    Fault::Undefined { name }
}

/// The fault of referring to a function in the object: a helper, or a part of `core` that was made for it.
pub(crate) fn defined(symbol: &str) -> Fault {
    let name = readable(symbol);
    panics(&name).unwrap_or(Fault::NotInlined { function: name })
}

fn panics(name: &str) -> Option<Fault> {
    let machinery = name.starts_with("core::") && (name.contains("panic") || name.contains("fail"));
    let (_, advice) = PANICS.iter().find(|(part, _)| name.contains(part)).filter(|_| machinery)?;
    Some(Fault::Panics { function: name.to_owned(), advice })
}

/// The name as the author wrote it: demangled, without hash, without the modules of the expansion.
pub(crate) fn readable(symbol: &str) -> String {
    // A static that was split into its fields has their numbers behind its name.
    let parts = symbol.rsplit_once('.').filter(|(_, number)| number.bytes().all(|digit| digit.is_ascii_digit()));
    let name = format!("{:#}", rustc_demangle::demangle(parts.map_or(symbol, |(name, _)| name)));
    let parts: Vec<&str> = name.splitn(3, "::").collect();
    match parts.as_slice() {
        [krate, "ops", rest] if krate.starts_with("chunk_") => (*rest).to_owned(),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_called_decides_what_is_advised() {
        let text = |symbol: &str| undefined(symbol).to_string();
        assert!(
            text("_ZN4core9panicking11panic_const24panic_const_add_overflow17h0123456789abcdefE")
                .contains("wrapping_add")
        );
        assert!(text("_ZN4core6option13unwrap_failed17h0123456789abcdefE").contains("leave through an `Exit`"));
        assert!(text("memcpy").contains("below 128 bytes"));
        assert!(text("fmodf").contains("HostFn"));
        assert!(text("__udivti3").contains("HostFn"));
        assert!(text("elsewhere").contains("does not stand in the op set"));
        assert_eq!(
            defined("_ZN8chunk_003ops6helper17h0123456789abcdefE"),
            Fault::NotInlined { function: "helper".into() }
        );
    }
}
