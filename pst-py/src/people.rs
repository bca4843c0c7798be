//! People: senders and recipients, with the SMTP address as far as it can be found.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use pst_core::address::{AddressLookup, Known, LearnedMap, Resolved};
use pst_core::item::{Item, ItemRecipient};
use pst_core::messaging::Message;
use pyo3::prelude::*;

use crate::pst::Pst;
use crate::watch::Watch;

/// Somebody. See `_core.pyi`.
#[pyclass(frozen, get_all, eq, hash, module = "pst._core")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Person {
    name: Option<String>,
    address: Option<String>,
    source: Option<String>,
    unresolved: Option<String>,
    stored_type: Option<String>,
    stored_address: Option<String>,
}

impl Person {
    pub(crate) fn new(who: Resolved) -> Self {
        let Resolved { name, stored, smtp, unresolved, .. } = who;
        let (address, source) = smtp.map(|smtp| (smtp.address, smtp.source.name().to_owned())).unzip();
        let (stored_type, stored_address) = match stored {
            Some(stored) => (stored.address_type, Some(stored.value)),
            None => (None, None),
        };
        let unresolved = unresolved.map(|reason| reason.name().to_owned());
        Self { name, address, source, unresolved, stored_type, stored_address }
    }
}

#[pymethods]
impl Person {
    fn __str__(&self) -> String {
        let address = self.address.as_ref().or(self.stored_address.as_ref());
        match (&self.name, address) {
            (Some(name), Some(address)) if name != address => format!("{name} <{address}>"),
            (Some(one), _) | (None, Some(one)) => one.clone(),
            (None, None) => String::new(),
        }
    }

    fn __repr__(&self) -> String {
        format!("<Person {:?}>", self.__str__())
    }
}

/// Somebody a message is for. See `_core.pyi`.
#[pyclass(frozen, get_all, eq, hash, module = "pst._core")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Recipient {
    role: String,
    person: Person,
}

impl Recipient {
    pub(crate) fn new(recipient: ItemRecipient) -> Self {
        Self { role: recipient.role.name().to_owned(), person: Person::new(recipient.who) }
    }
}

#[pymethods]
impl Recipient {
    #[getter]
    fn name(&self) -> Option<&str> {
        self.person.name.as_deref()
    }

    #[getter]
    fn address(&self) -> Option<&str> {
        self.person.address.as_deref()
    }

    #[getter]
    fn unresolved(&self) -> Option<&str> {
        self.person.unresolved.as_deref()
    }

    fn __str__(&self) -> String {
        self.person.__str__()
    }

    fn __repr__(&self) -> String {
        format!("<Recipient {} {:?}>", self.role, self.person.__str__())
    }
}

/// Addresses that were learned from messages or given by a directory. See `_core.pyi`.
#[pyclass(frozen, module = "pst._core")]
pub(crate) struct AddressBook {
    learned: Arc<RwLock<LearnedMap>>,
    /// Items looked at so far, which gives each a number of its own.
    items: AtomicU64,
}

/// A book as the core asks it.
#[derive(Clone)]
pub(crate) struct Lookup(Option<Arc<RwLock<LearnedMap>>>);

impl Lookup {
    pub(crate) fn of(book: Option<&AddressBook>) -> Self {
        Self(book.map(|book| Arc::clone(&book.learned)))
    }
}

impl AddressLookup for Lookup {
    fn find(&self, address_type: &str, address: &str) -> Known {
        match &self.0 {
            Some(book) => book.read().unwrap_or_else(PoisonError::into_inner).find(address_type, address),
            None => Known::Nothing,
        }
    }
}

#[pymethods]
impl AddressBook {
    #[new]
    fn new() -> Self {
        Self { learned: Arc::default(), items: AtomicU64::new(0) }
    }

    fn learn(&self, py: Python<'_>, store: &Pst) -> PyResult<u64> {
        let pst = store.shared.pst()?;
        let mut watch = Watch::new(None);
        let seen = py.detach(|| {
            let mut seen = 0u64;
            for entry in pst.message_entries() {
                if !watch.tick() {
                    break;
                }
                let Ok(message) = entry.and_then(|entry| pst.message_from_entry(entry)) else { continue };
                self.observe(&message);
                seen = seen.saturating_add(1);
            }
            seen
        });
        watch.stopped()?;
        Ok(seen)
    }

    fn add(&self, py: Python<'_>, address_type: &str, address: &str, smtp: &str) {
        // What counts is what two items agree on; a directory counts as both.
        py.detach(|| {
            let mut learned = self.learned.write().unwrap_or_else(PoisonError::into_inner);
            for item in [u64::MAX, u64::MAX.saturating_sub(1)] {
                learned.learn(item, address_type, address, smtp);
            }
        });
    }

    fn find(&self, py: Python<'_>, address_type: &str, address: &str) -> Option<String> {
        let lookup = Lookup::of(Some(self));
        py.detach(|| match lookup.find(address_type, address) {
            Known::Address { smtp, .. } => Some(smtp),
            _ => None,
        })
    }
}

impl AddressBook {
    fn observe(&self, message: &Message) {
        let number = self.items.fetch_add(1, Ordering::Relaxed);
        let item = Item::of_message(message);
        let people = [item.sender(), item.representing()].into_iter().filter_map(|who| who.ok().flatten());
        let people = people.chain(item.recipients().filter_map(Result::ok).map(|recipient| recipient.who));
        let people: Vec<Resolved> = people.collect();
        let mut learned = self.learned.write().unwrap_or_else(PoisonError::into_inner);
        for who in &people {
            learned.observe(number, who);
        }
    }
}
