//! Around every exported body: the status, the error object, and the end of every panic.

use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use crate::error::{Error, Failure};
use crate::handle;
use crate::status::Status;

/// A place C gave for a result; `None` is NULL.
type Out<'a, T> = Option<&'a mut MaybeUninit<T>>;

/// Runs a body. A failure becomes an error object, if C gave a place for one.
pub(crate) fn guard(error: Out<'_, *mut Error>, body: impl FnOnce() -> Result<Status, Failure>) -> Status {
    let failure = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(status)) => return status,
        Ok(Err(failure)) => failure,
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            Failure::new(Status::Panic, text.unwrap_or_else(|| "a panic without a text".to_owned()))
        }
    };
    let status = failure.status;
    if let Some(place) = error
        && let Ok(handle) = handle::insert(Error::new(failure))
    {
        place.write(handle);
    }
    status
}

/// A place that must not be NULL.
pub(crate) fn need<T>(place: Out<'_, T>) -> Result<&mut MaybeUninit<T>, Failure> {
    place.ok_or_else(|| Failure::new(Status::NullPointer, "the place for a result is NULL"))
}

/// Writes a result.
pub(crate) fn put<T>(place: Out<'_, T>, make: impl FnOnce() -> Result<T, Failure>) -> Result<Status, Failure> {
    put_some(place, || make().map(Some))
}

/// Writes a result that may be absent.
pub(crate) fn put_some<T>(
    place: Out<'_, T>,
    make: impl FnOnce() -> Result<Option<T>, Failure>,
) -> Result<Status, Failure> {
    let place = need(place)?;
    let Some(value) = make()? else { return Ok(Status::Absent) };
    place.write(value);
    Ok(Status::Ok)
}

/// Hands out an object.
pub(crate) fn give<T: Send + Sync + 'static>(
    place: Out<'_, *mut T>,
    make: impl FnOnce() -> Result<T, Failure>,
) -> Result<Status, Failure> {
    give_some(place, || make().map(Some))
}

/// Hands out an object that may be absent.
pub(crate) fn give_some<T: Send + Sync + 'static>(
    place: Out<'_, *mut T>,
    make: impl FnOnce() -> Result<Option<T>, Failure>,
) -> Result<Status, Failure> {
    put_some(place, || make()?.map(handle::insert).transpose())
}

/// Hands out the next object of an iterator.
pub(crate) fn give_next<T: Send + Sync + 'static>(
    place: Out<'_, *mut T>,
    next: impl FnOnce() -> Option<Result<T, Failure>>,
) -> Result<Status, Failure> {
    let place = need(place)?;
    let Some(object) = next() else { return Ok(Status::Done) };
    place.write(handle::insert(object?)?);
    Ok(Status::Ok)
}

/// Waits for an object whose calls never call back.
pub(crate) fn wait<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes an object whose calls may call back: waiting for itself would last for ever.
pub(crate) fn take<T>(mutex: &Mutex<T>) -> Result<MutexGuard<'_, T>, Failure> {
    match mutex.try_lock() {
        Ok(guard) => Ok(guard),
        // A panic left it half done.
        Err(TryLockError::Poisoned(_)) => Err(Failure::new(Status::UsedUp, "an earlier call on this handle failed")),
        Err(TryLockError::WouldBlock) => Err(Failure::new(Status::Busy, "another call on this handle is under way")),
    }
}
