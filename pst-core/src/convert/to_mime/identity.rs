//! What makes a mail the same mail every time: its made-up message id, and the boundaries between its parts.
//!
//! Both come from what the message is, never from a clock or from chance.

/// FNV-1a with 128 bits: names for things that must differ, not a defence against those who want them equal.
#[derive(Clone, Copy)]
pub(super) struct Hash(u128);

impl Hash {
    pub(super) fn new() -> Self {
        Self(0x6C62_272E_07BB_0142_62B8_2175_6295_C58D)
    }

    /// Adds a value, and where it ends.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013B;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes();
        for byte in bytes.iter().chain(&length) {
            self.0 = (self.0 ^ u128::from(*byte)).wrapping_mul(PRIME);
        }
    }

    pub(super) fn finish(self) -> u128 {
        self.0
    }
}

/// Makes the boundaries of one mail and knows which are open.
///
/// **They cannot occur in what stands between them.** They begin with `=_`, which quoted-printable and base64 never have, and
/// no header line begins with two hyphens. Parts that are copied as they are must be asked about with
/// [`forbidden`](Self::forbidden). All have one length and differ in their count, so none is the beginning of another.
pub(super) struct Boundaries {
    seed: u64,
    count: u32,
    open: Vec<Boundary>,
}

struct Boundary {
    text: String,
    begun: bool,
}

impl Boundaries {
    pub(super) fn new(seed: u128) -> Self {
        // The upper half of FNV is the better mixed one.
        Self { seed: u64::try_from(seed >> 64).unwrap_or(0), count: 0, open: Vec::new() }
    }

    /// Opens another one inside those that are open.
    pub(super) fn open(&mut self) -> String {
        self.count = self.count.saturating_add(1);
        let text = format!("{}{:08x}", self.prefix(), self.count);
        self.open.push(Boundary { text: text.clone(), begun: false });
        text
    }

    /// The line before the next part of the innermost one.
    pub(super) fn next(&mut self) -> String {
        let Some(boundary) = self.open.last_mut() else { return String::new() };
        let line_end = if std::mem::replace(&mut boundary.begun, true) { "\r\n" } else { "" };
        format!("{line_end}--{}\r\n", boundary.text)
    }

    /// The line after the last part of the innermost one.
    pub(super) fn close(&mut self) -> String {
        self.open.pop().map(|boundary| format!("\r\n--{}--\r\n", boundary.text)).unwrap_or_default()
    }

    pub(super) fn any_open(&self) -> bool {
        !self.open.is_empty()
    }

    fn prefix(&self) -> String {
        format!("=_{:016x}_", self.seed)
    }

    /// What no part that is copied as it is may contain while one is open.
    pub(super) fn forbidden(&self) -> Option<String> {
        self.any_open().then(|| self.prefix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_know_where_values_end() {
        let hash = |values: &[&str]| {
            let mut hash = Hash::new();
            values.iter().for_each(|value| hash.add(value.as_bytes()));
            hash.finish()
        };
        assert_eq!(hash(&[]), 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D);
        assert_eq!(hash(&["ab", "c"]), hash(&["ab", "c"]));
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
    }

    #[test]
    fn boundaries_nest_and_never_repeat() {
        let mut boundaries = Boundaries::new(0x0123_4567_89AB_CDEF << 64);
        assert_eq!(boundaries.forbidden(), None);
        assert_eq!(boundaries.open(), "=_0123456789abcdef_00000001");
        assert_eq!(boundaries.next(), "--=_0123456789abcdef_00000001\r\n");
        assert_eq!(boundaries.open(), "=_0123456789abcdef_00000002");
        assert_eq!(boundaries.close(), "\r\n--=_0123456789abcdef_00000002--\r\n");
        assert_eq!(boundaries.next(), "\r\n--=_0123456789abcdef_00000001\r\n");
        assert_eq!(boundaries.forbidden().as_deref(), Some("=_0123456789abcdef_"));
        assert_eq!(boundaries.close(), "\r\n--=_0123456789abcdef_00000001--\r\n");
        assert!(!boundaries.any_open());
    }
}
