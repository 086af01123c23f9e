//! Functions of the host that ops call.

/// Makes a function that a hole of type `HostFn<fn(…)>` takes: it has the one convention in which the architecture's ops
/// call the host, whatever the system. Takes a `fn` or an `unsafe fn`.
///
/// ```
/// stencil_runtime::host_fn! {
///     /// `lhs * rhs + addend`, rounded once.
///     pub fn fma(lhs: f64, rhs: f64, addend: f64) -> f64 {
///         lhs.mul_add(rhs, addend)
///     }
/// }
///
/// stencil_runtime::host_fn! {
///     /// Doubles a number in place.
///     ///
///     /// # Safety
///     /// `number` is valid for reads and writes.
///     unsafe fn double(number: *mut u64) {
///         // SAFETY: the caller's contract.
///         unsafe { *number *= 2 }
///     }
/// }
///
/// assert_eq!(fma(2.0, 3.0, 4.0), 10.0);
/// let mut number = 21;
/// // SAFETY: the number outlives the call, and nothing else uses it.
/// unsafe { double(&raw mut number) };
/// assert_eq!(number, 42);
/// ```
///
/// A panic goes on through stitched code that an unwinder knows, see the crate `stencil-debug`; through other code nothing
/// can unwind, and it ends the process.
#[macro_export]
macro_rules! host_fn {
    ($(#[$attribute:meta])* $vis:vis unsafe fn $($rest:tt)+) => {
        $crate::__host_fn!($(#[$attribute])* [$vis unsafe] fn $($rest)+);
    };
    ($(#[$attribute:meta])* $vis:vis fn $($rest:tt)+) => {
        $crate::__host_fn!($(#[$attribute])* [$vis] fn $($rest)+);
    };
}

/// The function in the convention of each architecture.
#[doc(hidden)]
#[macro_export]
macro_rules! __host_fn {
    ($(#[$attribute:meta])* [$($before:tt)*] $($function:tt)+) => {
        $(#[$attribute])*
        #[cfg(target_arch = "x86_64")]
        $($before)* extern "sysv64-unwind" $($function)+

        $(#[$attribute])*
        #[cfg(not(target_arch = "x86_64"))]
        $($before)* extern "C-unwind" $($function)+
    };
}
