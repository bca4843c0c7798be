//! Long work: it runs without the interpreter, and yet Ctrl-C stops it and callbacks hear of it.

use std::time::{Duration, Instant};

use pst_core::Result;
use pyo3::prelude::*;

use crate::errors::raise;

/// How often Ctrl-C is looked for.
const EVERY: Duration = Duration::from_millis(50);

/// Somebody to tell, and the reason to stop, if there is one.
pub(crate) struct Watch {
    callback: Option<Py<PyAny>>,
    stopped: Option<PyErr>,
    looked: Instant,
}

impl Watch {
    pub(crate) fn new(callback: Option<Py<PyAny>>) -> Self {
        Self { callback, stopped: None, looked: Instant::now() }
    }

    /// Whether to go on; asks Python from time to time whether Ctrl-C was pressed.
    pub(crate) fn tick(&mut self) -> bool {
        if self.stopped.is_none() && self.looked.elapsed() >= EVERY {
            self.looked = Instant::now();
            self.stopped = Python::attach(|py| py.check_signals().err());
        }
        self.stopped.is_none()
    }

    /// Calls the callback, if there is one, with what `arguments` makes. An exception in it stops the work, and comes out.
    pub(crate) fn tell<A>(&mut self, arguments: impl FnOnce(Python<'_>) -> PyResult<A>) -> bool
    where
        A: for<'py> pyo3::call::PyCallArgs<'py>,
    {
        if let (Some(callback), None) = (&self.callback, &self.stopped) {
            self.stopped = Python::attach(|py| arguments(py).and_then(|arguments| callback.call1(py, arguments)).err());
        }
        self.tick()
    }

    /// The exception that stopped the work, or else its result.
    pub(crate) fn finish<T>(self, result: Result<T>) -> PyResult<T> {
        match self.stopped {
            Some(stopped) => Err(stopped),
            None => result.map_err(raise),
        }
    }

    /// The exception that stopped the work, if one did.
    pub(crate) fn stopped(self) -> PyResult<()> {
        self.stopped.map_or(Ok(()), Err)
    }
}
