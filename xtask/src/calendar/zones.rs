//! Time zones of the generated items, as bytes of their properties.

/// When clocks change: month, day of the week from Sunday, which of these in the month with 5 for the last, hour.
type Change = [u16; 4];

/// A zone under the name Windows has for it.
#[derive(Clone, Copy)]
pub(super) struct Zone {
    pub(super) name: &'static str,
    /// Minutes west of UTC.
    bias: i32,
    daylight_bias: i32,
    standard: Change,
    daylight: Change,
    /// Changes of earlier years, which a definition has beside those of now.
    before: Option<(Change, Change)>,
}

pub(super) const PACIFIC: Zone = Zone {
    name: "Pacific Standard Time",
    bias: 480,
    daylight_bias: -60,
    standard: [11, 0, 1, 2],
    daylight: [3, 0, 2, 2],
    before: Some(([10, 0, 5, 2], [4, 0, 1, 2])),
};
pub(super) const NEWFOUNDLAND: Zone = Zone { name: "Newfoundland Standard Time", bias: 210, before: None, ..PACIFIC };
pub(super) const BERLIN: Zone = Zone {
    name: "W. Europe Standard Time",
    bias: -60,
    daylight_bias: -60,
    standard: [10, 0, 5, 3],
    daylight: [3, 0, 5, 2],
    before: None,
};
/// In the south, where the year begins in summer.
pub(super) const SYDNEY: Zone = Zone {
    name: "AUS Eastern Standard Time",
    bias: -600,
    daylight_bias: -60,
    standard: [4, 0, 1, 3],
    daylight: [10, 0, 1, 2],
    before: None,
};
/// By half an hour.
pub(super) const LORD_HOWE: Zone =
    Zone { name: "Lord Howe Standard Time", bias: -630, daylight_bias: -30, standard: [4, 0, 1, 2], ..SYDNEY };
/// No daylight saving time.
pub(super) const INDIA: Zone = Zone {
    name: "India Standard Time",
    bias: -330,
    daylight_bias: 0,
    standard: [0; 4],
    daylight: [0; 4],
    before: None,
};

impl Zone {
    fn biases(&self) -> Vec<u8> {
        [self.bias, 0, self.daylight_bias].into_iter().flat_map(i32::to_le_bytes).collect()
    }

    /// PidLidTimeZoneStruct (MS-OXOCAL 2.2.1.39).
    pub(super) fn structure(&self) -> Vec<u8> {
        let year = [0u8; 2];
        let (standard, daylight) = (system_time(self.standard), system_time(self.daylight));
        [&self.biases()[..], &year, &standard, &year, &daylight].concat()
    }

    /// PidLidAppointmentTimeZoneDefinitionStartDisplay and its like (MS-OXOCAL 2.2.1.41); `flags` are those of the rule
    /// that holds: 1 for a recurrence, 2 for what is effective now.
    pub(super) fn definition(&self, flags: u16) -> Vec<u8> {
        let name: Vec<u8> = self.name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let count = u16::try_from(self.name.encode_utf16().count()).unwrap_or(0);
        let now =
            rule(flags, if self.before.is_some() { 2007 } else { 0 }, &self.biases(), self.standard, self.daylight);
        let before = self.before.map(|(standard, daylight)| rule(0, 2006, &self.biases(), standard, daylight));
        let rules: Vec<Vec<u8>> = before.into_iter().chain([now]).collect();
        let mut out = vec![2, 1];
        let header = count.saturating_mul(2).saturating_add(6);
        for number in [header, 2, count] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&name);
        out.extend_from_slice(&u16::try_from(rules.len()).unwrap_or(0).to_le_bytes());
        rules.iter().for_each(|rule| out.extend_from_slice(rule));
        out
    }
}

/// TZRule (MS-OXOCAL 2.2.1.41.1).
fn rule(flags: u16, year: u16, biases: &[u8], standard: Change, daylight: Change) -> Vec<u8> {
    const SIZE: u16 = 62;
    let head: Vec<u8> = [SIZE, flags, year].into_iter().flat_map(u16::to_le_bytes).collect();
    [&[2, 1][..], &head, &[0; 14], biases, &system_time(standard), &system_time(daylight)].concat()
}

/// SYSTEMTIME without a year.
fn system_time([month, weekday, nth, hour]: Change) -> Vec<u8> {
    [0, month, weekday, nth, hour, 0, 0, 0].into_iter().flat_map(u16::to_le_bytes).collect()
}
