//! Sizes as people write them: `50 GB`, `512 MB`, a number of bytes.

use serde::Deserialize;

/// What a GB is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Units {
    /// 2^30 bytes, as the programs mean that show the sizes of files.
    #[default]
    Binary,
    /// 10^9 bytes, as the makers of disks mean.
    Si,
}

impl Units {
    /// The stable name, in small letters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Si => "si",
        }
    }

    /// The units of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Binary, Self::Si].into_iter().find(|units| units.name() == name)
    }
}

/// A size as a profile has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum RawSize {
    Bytes(u64),
    Text(String),
}

/// What a size may look like, for messages.
pub(super) const EXPECTED: &str = "expected a number of bytes, or a text such as \"50 GB\" or \"1.97 GiB\"";

impl RawSize {
    pub(super) fn bytes(&self, units: Units) -> Option<u64> {
        match self {
            Self::Bytes(bytes) => Some(*bytes),
            Self::Text(text) => parse(text, units),
        }
    }
}

/// Bytes of a text such as `1.96 GB`; `KiB`, `MiB`, `GiB` and `TiB` are binary whatever the units say.
pub fn parse(text: &str, units: Units) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole: u128 = whole.parse().ok()?;
    if fraction.len() > 9 || (number.contains('.') && fraction.is_empty()) {
        return None;
    }
    let places = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let fraction: u128 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let base: u128 = if units == Units::Binary { 1024 } else { 1000 };
    let unit = unit.trim().to_ascii_lowercase();
    let (base, power) = match unit.as_str() {
        "" | "b" => (base, 0),
        "kb" => (base, 1),
        "mb" => (base, 2),
        "gb" => (base, 3),
        "tb" => (base, 4),
        "kib" => (1024, 1),
        "mib" => (1024, 2),
        "gib" => (1024, 3),
        "tib" => (1024, 4),
        _ => return None,
    };
    let factor = base.checked_pow(power)?;
    let parts = fraction.checked_mul(factor)?.checked_div(places)?;
    u64::try_from(whole.checked_mul(factor)?.checked_add(parts)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_people_write() {
        let table = [
            ("50 GB", Units::Binary, Some(53_687_091_200)),
            ("50GB", Units::Si, Some(50_000_000_000)),
            ("50 GiB", Units::Si, Some(53_687_091_200)),
            ("512 MB", Units::Binary, Some(536_870_912)),
            ("1.96 GB", Units::Binary, Some(2_104_533_975)),
            ("1.97 gib", Units::Si, Some(2_115_271_393)),
            ("2065694 KB", Units::Binary, Some(2_115_270_656)),
            ("17", Units::Binary, Some(17)),
            ("17 b", Units::Binary, Some(17)),
            ("", Units::Binary, None),
            ("GB", Units::Binary, None),
            ("1. GB", Units::Binary, None),
            ("1.2.3 GB", Units::Binary, None),
            ("-1 GB", Units::Binary, None),
            ("1 XB", Units::Binary, None),
            ("99999999999999 TB", Units::Binary, None),
            ("99999999999999999999999999999999999999999", Units::Binary, None),
        ];
        for (text, units, bytes) in table {
            assert_eq!(parse(text, units), bytes, "{text}");
        }
    }
}
