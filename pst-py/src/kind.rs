//! What a message class means.

use pst_core::messaging::kind;
use pyo3::prelude::*;

/// What a message class says. See `_core.pyi`.
#[pyclass(frozen, get_all, eq, hash, module = "pst._core")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Classification {
    kind: String,
    rule: String,
    stub_product: Option<String>,
    stub_content: Option<String>,
    stub_evidence: Option<String>,
    reported_class: Option<String>,
}

impl Classification {
    pub(crate) fn new(found: &kind::Classification) -> Self {
        let stub = found.stub.as_ref();
        Self {
            kind: found.kind.name().to_owned(),
            rule: found.rule.to_owned(),
            stub_product: stub.and_then(|stub| stub.product).map(str::to_owned),
            stub_content: stub.map(|stub| stub.content.name().to_owned()),
            stub_evidence: stub.map(|stub| stub.evidence.name().to_owned()),
            reported_class: found.reported_class().map(str::to_owned),
        }
    }
}

#[pymethods]
impl Classification {
    fn __repr__(&self) -> String {
        format!("<Classification {} by {:?}>", self.kind, self.rule)
    }
}

/// What a message class means, of a message or not.
#[pyfunction]
pub(crate) fn classify(message_class: &str) -> Classification {
    Classification::new(&kind::classify(Some(message_class)))
}
