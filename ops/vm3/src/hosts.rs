//! Functions of the host that programs declare and call.

use crate::fault::FaultKind;
use crate::heap::{Heap, HeapError};
use crate::outcome::Returned;
use crate::program::{Bank, Cell, Function, MAX_MIXED, Program};
use std::any::Any;
use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use thiserror::Error;

/// A value that host and program pass to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A 64-bit int.
    I64(i64),
    /// A float.
    F64(f64),
    /// A tagged value; what a handle in it names is on the machine's heap.
    Cell(Cell),
}

impl Value {
    /// The bank of registers that hold such values.
    #[must_use]
    pub const fn bank(self) -> Bank {
        match self {
            Self::I64(_) => Bank::I64,
            Self::F64(_) => Bank::F64,
            Self::Cell(_) => Bank::Cell,
        }
    }

    pub(crate) const fn bits(self) -> u64 {
        match self {
            Self::I64(int) => int.cast_unsigned(),
            Self::F64(float) => float.to_bits(),
            Self::Cell(cell) => cell.bits(),
        }
    }

    const fn from_bits(bank: Bank, bits: u64) -> Self {
        match bank {
            Bank::I64 => Self::I64(bits.cast_signed()),
            Bank::F64 => Self::F64(f64::from_bits(bits)),
            Bank::Cell => Self::Cell(Cell::from_bits(bits)),
        }
    }
}

impl From<Returned> for Value {
    fn from(returned: Returned) -> Self {
        match returned {
            Returned::I64(int) | Returned::Constant(int) => Self::I64(int),
            Returned::F64(float) => Self::F64(float),
            Returned::Cell(cell) => Self::Cell(cell),
        }
    }
}

impl From<Value> for Returned {
    fn from(value: Value) -> Self {
        match value {
            Value::I64(int) => Self::I64(int),
            Value::F64(float) => Self::F64(float),
            Value::Cell(cell) => Self::Cell(cell),
        }
    }
}

/// Why a function of the host failed: any error of its own.
#[derive(Clone, Debug)]
pub struct HostError(Arc<dyn Error + Send + Sync>);

impl HostError {
    /// An error from another one, or from a message.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(error.into().into())
    }

    /// The error that this was made from.
    #[must_use]
    pub fn get(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.0
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for HostError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

impl From<HeapError> for HostError {
    fn from(error: HeapError) -> Self {
        Self::new(error)
    }
}

/// Two errors are the same when they say the same.
impl PartialEq for HostError {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.to_string() == other.0.to_string()
    }
}

impl Eq for HostError {}

/// A function of the host panicked, with this message.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct HostPanic(pub String);

/// A function of the host gave another value than the program declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("it gave a value of bank {found}; give one of bank {expected}, as the program declares")]
struct WrongResult {
    found: Bank,
    expected: Bank,
}

/// A call of a function of the host. It cannot call the machine: that waits for it.
#[derive(Debug)]
pub struct HostCall<'c> {
    arguments: &'c [Value],
    heap: &'c mut Heap,
}

impl HostCall<'_> {
    /// The arguments, of the banks that the function was bound with.
    #[must_use]
    pub fn arguments(&self) -> &[Value] {
        self.arguments
    }

    /// Argument number `index`.
    ///
    /// # Panics
    /// When there is none, or it is no int. The panic ends the run as [`FaultKind::HostPanicked`].
    #[must_use]
    pub fn i64(&self, index: usize) -> i64 {
        match self.arguments[index] {
            Value::I64(int) => int,
            other => panic!("argument {index} is of bank {}, not an int", other.bank()),
        }
    }

    /// The same for a float.
    ///
    /// # Panics
    /// When there is none, or it is no float.
    #[must_use]
    pub fn f64(&self, index: usize) -> f64 {
        match self.arguments[index] {
            Value::F64(float) => float,
            other => panic!("argument {index} is of bank {}, not a float", other.bank()),
        }
    }

    /// The same for a cell.
    ///
    /// # Panics
    /// When there is none, or it is no cell.
    #[must_use]
    pub fn cell(&self, index: usize) -> Cell {
        match self.arguments[index] {
            Value::Cell(cell) => cell,
            other => panic!("argument {index} is of bank {}, not a cell", other.bank()),
        }
    }

    /// The heap, to read what cells name. What a cell names lives as long as the program keeps it: a cell that is kept
    /// from one call to another may name something else then.
    #[must_use]
    pub fn heap(&self) -> &Heap {
        self.heap
    }

    /// A string on the heap, or in the cell if it is short. It lives until the function that called has returned, unless
    /// it is returned.
    ///
    /// # Errors
    /// When the heap is full.
    pub fn new_string(&mut self, bytes: &[u8]) -> Result<Cell, HeapError> {
        Cell::inline_string(bytes).map_or_else(|| self.heap.new_string(bytes), Ok)
    }
}

/// A function of the host: may keep state of its own.
type Closure = Box<dyn FnMut(&mut HostCall<'_>) -> Result<Value, HostError> + Send>;

/// One with what it takes and gives.
struct HostFunction {
    parameters: Vec<Bank>,
    result: Bank,
    run: Closure,
}

/// Functions of the host, by name.
#[derive(Default)]
pub struct HostFunctions(HashMap<String, HostFunction>);

impl HostFunctions {
    /// No functions.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a function, in place of one of the same name. It is called with arguments of these banks; a result of another
    /// bank is an error of the function, and so is a panic.
    pub fn bind(
        &mut self,
        name: impl Into<String>,
        parameters: &[Bank],
        result: Bank,
        run: impl FnMut(&mut HostCall<'_>) -> Result<Value, HostError> + Send + 'static,
    ) -> &mut Self {
        let function = HostFunction { parameters: parameters.to_vec(), result, run: Box::new(run) };
        self.0.insert(name.into(), function);
        self
    }

    /// The functions that a program declares, by index.
    pub(crate) fn bind_to(mut self, program: &Program) -> Result<Hosts, BindError> {
        let mut bound = HashMap::new();
        for (index, function) in program.functions.iter().enumerate().filter(|(_, function)| function.host) {
            let Function { name, parameters, result, .. } = function;
            // Taken away, so that two declarations of one name are refused.
            let Some(host) = self.0.remove(name) else {
                return Err(BindError::Missing { name: name.clone() });
            };
            if host.parameters != *parameters || host.result != *result {
                let expected = signature(parameters, *result);
                return Err(BindError::Signature {
                    name: name.clone(),
                    expected,
                    found: signature(&host.parameters, host.result),
                });
            }
            bound.insert(index, host.run);
        }
        Ok(Hosts { bound, cause: None })
    }
}

impl fmt::Debug for HostFunctions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signatures = self.0.iter().map(|(name, host)| (name, signature(&host.parameters, host.result)));
        f.debug_map().entries(signatures).finish()
    }
}

fn signature(parameters: &[Bank], result: Bank) -> String {
    let parameters: Vec<&str> = parameters.iter().map(|bank| bank.name()).collect();
    format!("({}) -> {result}", parameters.join(", "))
}

/// Why functions of the host are not what a program declares.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BindError {
    /// One is not there, or declared twice.
    #[error("there is no function of the host for `{name}`, or it is declared twice; bind one for each declaration")]
    Missing {
        /// Its name.
        name: String,
    },
    /// One takes or gives something else.
    #[error("function `{name}` of the host is declared as {expected} and bound as {found}; bind it as declared")]
    Signature {
        /// Its name.
        name: String,
        /// What the program declares.
        expected: String,
        /// What it was bound with.
        found: String,
    },
}

/// The functions of the host that one machine's program declares.
pub(crate) struct Hosts {
    bound: HashMap<usize, Closure>,
    /// Why the last call failed.
    cause: Option<HostError>,
}

impl Hosts {
    /// Calls the function with this index of the program, whose declared result is of bank `result`.
    ///
    /// # Errors
    /// [`FaultKind::Host`] or [`FaultKind::HostPanicked`], whose cause waits to be taken.
    pub(crate) fn call(
        &mut self,
        function: usize,
        result: Bank,
        passed: impl Iterator<Item = (Bank, u64)>,
        heap: &mut Heap,
    ) -> Result<Returned, FaultKind> {
        let mut arguments = [Value::I64(0); MAX_MIXED];
        let mut count = 0;
        for (argument, (bank, bits)) in arguments.iter_mut().zip(passed) {
            *argument = Value::from_bits(bank, bits);
            count += 1;
        }
        let run = self.bound.get_mut(&function).expect("a machine has every function that its program declares");
        let mut call = HostCall { arguments: &arguments[..count], heap };
        // The heap's own functions leave it whole, and the closure's state is its own affair.
        let (kind, cause) = match catch_unwind(AssertUnwindSafe(|| run(&mut call))) {
            Ok(Ok(value)) if value.bank() == result => return Ok(value.into()),
            Ok(Ok(value)) => (FaultKind::Host, HostError::new(WrongResult { found: value.bank(), expected: result })),
            Ok(Err(error)) => (FaultKind::Host, error),
            Err(panic) => (FaultKind::HostPanicked, HostError::new(HostPanic(message(&*panic)))),
        };
        self.cause = Some(cause);
        Err(kind)
    }

    /// Why the call failed that ended a run, if one did.
    pub(crate) fn take_cause(&mut self) -> Option<HostError> {
        self.cause.take()
    }
}

impl fmt::Debug for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hosts").field("bound", &self.bound.len()).finish_non_exhaustive()
    }
}

/// What a panic said.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it gave no message".to_owned())
}
