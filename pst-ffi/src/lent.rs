//! Text and bytes that live as long as the object they were asked of.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Failure;
use crate::view::{Bytes, Str};

/// What an object has lent. Each answer is made once and stays where it is until the object goes: asking again gives the
/// same address.
#[derive(Debug, Default)]
pub(crate) struct Lent(Mutex<BTreeMap<u64, Arc<[u8]>>>);

impl Lent {
    /// Text, with a NUL behind it.
    pub(crate) fn text(
        &self,
        key: u64,
        make: impl FnOnce() -> Result<Option<String>, Failure>,
    ) -> Result<Option<Str>, Failure> {
        let bytes = self.bytes(key, || Ok(make()?.map(String::into_bytes)))?;
        Ok(bytes.map(|bytes| Str { data: bytes.data.cast(), length: bytes.length }))
    }

    /// Bytes, with a NUL behind them.
    pub(crate) fn bytes(
        &self,
        key: u64,
        make: impl FnOnce() -> Result<Option<Vec<u8>>, Failure>,
    ) -> Result<Option<Bytes>, Failure> {
        let view = |kept: &Arc<[u8]>| Bytes { data: kept.as_ptr(), length: kept.len().saturating_sub(1) };
        if let Some(kept) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Some(view(kept)));
        }
        // Not inside the lock: two threads may ask for different things.
        let Some(mut made) = make()? else { return Ok(None) };
        made.push(0);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Some(view(kept.entry(key).or_insert_with(|| Arc::from(made)))))
    }
}
