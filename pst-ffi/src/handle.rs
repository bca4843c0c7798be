//! The table of everything C holds.
//!
//! ```text
//! handle = generation << half | index + 1         (half the bits of a pointer each)
//! slots[index] = { generation, object }
//! ```
//!
//! A handle looks like a pointer to C and is never followed. Freeing an object counts its slot's generation up, so that an
//! old handle fits nothing any more: use after free, a second free and a handle of another type are refused instead of
//! being undefined. A call holds the object while it runs; freeing it in another thread meanwhile is harmless.

use std::any::Any;
use std::sync::{Arc, PoisonError, RwLock};

use crate::error::Failure;
use crate::status::Status;

/// Bits for the index.
const HALF: u32 = usize::BITS / 2;
/// The largest index + 1, and the largest generation.
const MOST: usize = (1 << HALF) - 1;

type Object = Arc<dyn Any + Send + Sync>;

struct Slot {
    /// Counts the objects that were here, from 1.
    generation: usize,
    object: Option<Object>,
}

struct Table {
    slots: Vec<Slot>,
    /// Slots without an object.
    free: Vec<usize>,
    live: usize,
}

static TABLE: RwLock<Table> = RwLock::new(Table { slots: Vec::new(), free: Vec::new(), live: 0 });

impl Table {
    fn insert(&mut self, object: Object) -> Option<usize> {
        let index = match self.free.pop() {
            Some(index) => index,
            None if self.slots.len() < MOST => {
                self.slots.push(Slot { generation: 1, object: None });
                self.slots.len().wrapping_sub(1)
            }
            None => return None,
        };
        let slot = self.slots.get_mut(index)?;
        slot.object = Some(object);
        self.live = self.live.saturating_add(1);
        Some(slot.generation.wrapping_shl(HALF) | index.wrapping_add(1))
    }

    fn slot(&self, handle: usize) -> Option<(usize, &Slot)> {
        let index = (handle & MOST).checked_sub(1)?;
        let slot = self.slots.get(index)?;
        (slot.generation == handle.wrapping_shr(HALF)).then_some((index, slot))
    }

    fn remove<T: Any>(&mut self, handle: usize) -> Option<Object> {
        let (index, slot) = self.slot(handle)?;
        if !slot.object.as_ref()?.as_ref().is::<T>() {
            return None;
        }
        let slot = self.slots.get_mut(index)?;
        let object = slot.object.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        // A slot whose generations are used up stays empty.
        if slot.generation <= MOST {
            self.free.push(index);
        }
        self.live = self.live.saturating_sub(1);
        Some(object)
    }
}

/// Puts an object into the table.
pub(crate) fn insert<T: Any + Send + Sync>(object: T) -> Result<*mut T, Failure> {
    let handle = TABLE.write().unwrap_or_else(PoisonError::into_inner).insert(Arc::new(object));
    let handle = handle.ok_or_else(|| Failure::new(Status::Limit, "there are too many handles"))?;
    Ok(std::ptr::without_provenance_mut(handle))
}

/// The object of a handle.
pub(crate) fn get<T: Any + Send + Sync>(handle: *const T) -> Result<Arc<T>, Failure> {
    if handle.is_null() {
        return Err(Failure::new(Status::NullPointer, "a handle is NULL"));
    }
    let object = {
        let table = TABLE.read().unwrap_or_else(PoisonError::into_inner);
        table.slot(handle.addr()).and_then(|(_, slot)| slot.object.clone())
    };
    object
        .and_then(|object| object.downcast().ok())
        .ok_or_else(|| Failure::new(Status::BadHandle, "the handle was freed, or is of another type"))
}

/// The object of a handle that may be NULL.
pub(crate) fn get_some<T: Any + Send + Sync>(handle: *const T) -> Result<Option<Arc<T>>, Failure> {
    if handle.is_null() { Ok(None) } else { get(handle).map(Some) }
}

/// Takes an object from the table. What is no handle is left alone.
pub(crate) fn free<T: Any + Send + Sync>(handle: *mut T) {
    let object = TABLE.write().unwrap_or_else(PoisonError::into_inner).remove::<T>(handle.addr());
    // Dropping may take long, and call back: not inside the lock, and no panic to C.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(object)));
}

/// Objects in the table.
pub(crate) fn live() -> usize {
    TABLE.read().unwrap_or_else(PoisonError::into_inner).live
}
