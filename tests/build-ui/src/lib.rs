//! No code: the tests are in `tests/`, their cases in `cases/`.
