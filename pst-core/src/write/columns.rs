//! Columns of the tables that every store has (MS-PST 2.7, and as Outlook writes them).
//!
//! Row id and row version (PidTagLtpRowId, PidTagLtpRowVer) are in every table and not named here.

/// A hierarchy table: the subfolders of a folder (template 0x60D).
pub const HIERARCHY: &[u32] = &[
    0x0E30_0102,
    0x0E33_0014,
    0x0E34_0102,
    0x0E38_0003,
    0x3001_001F,
    0x3602_0003,
    0x3603_0003,
    0x360A_000B,
    0x3613_001F,
    0x6635_0003,
    0x6636_0003,
];

/// A contents table: the messages of a folder (template 0x60E, as Outlook 2007 to 2013 write it).
pub const CONTENTS: &[u32] = &[
    0x0017_0003,
    0x001A_001F,
    0x0036_0003,
    0x0037_001F,
    0x0039_0040,
    0x0042_001F,
    0x0057_000B,
    0x0058_000B,
    0x0070_001F,
    0x0071_0102,
    0x0E03_001F,
    0x0E04_001F,
    0x0E06_0040,
    0x0E07_0003,
    0x0E08_0003,
    0x0E17_0003,
    0x0E30_0102,
    0x0E33_0014,
    0x0E34_0102,
    0x0E38_0003,
    0x0E3C_0102,
    0x0E3D_0102,
    0x1097_0003,
    0x3008_0040,
    0x65C6_0003,
];

/// An associated contents table: the hidden items of a folder (template 0x60F).
pub const ASSOCIATED: &[u32] = &[
    0x001A_001F,
    0x0E07_0003,
    0x0E17_0003,
    0x3001_001F,
    0x6800_001F,
    0x6803_000B,
    0x6805_1003,
    0x682F_001F,
    0x7003_0003,
    0x7004_0102,
    0x7005_0102,
    0x7006_001F,
    0x7007_0003,
];

/// A search contents table: the results of a search folder (template 0x610).
pub const SEARCH_CONTENTS: &[u32] = &[
    0x0017_0003,
    0x001A_001F,
    0x0036_0003,
    0x0037_001F,
    0x0042_001F,
    0x0057_000B,
    0x0058_000B,
    0x0E03_001F,
    0x0E04_001F,
    0x0E05_001F,
    0x0E06_0040,
    0x0E07_0003,
    0x0E08_0003,
    0x0E17_0003,
    0x0E2A_000B,
    0x3008_0040,
    0x67F1_0003,
];

/// The receive folder table (0x62B).
pub const RECEIVE_FOLDER: &[u32] = &[0x001A_001F, 0x6605_0003];

/// The outgoing queue table (0x64C).
pub const OUTGOING_QUEUE: &[u32] = &[0x0039_0040, 0x0E10_0003, 0x0E14_0003];

/// An attachment table (template 0x671).
pub const ATTACHMENTS: &[u32] = &[0x0E20_0003, 0x3704_001F, 0x3705_0003, 0x370B_0003];

/// A recipient table (template 0x692).
pub const RECIPIENTS: &[u32] = &[
    0x0C15_0003,
    0x0E0F_000B,
    0x0FF9_0102,
    0x0FFE_0003,
    0x0FFF_0102,
    0x3001_001F,
    0x3002_001F,
    0x3003_001F,
    0x300B_0102,
    0x3900_0003,
    0x39FF_001F,
    0x3A40_000B,
];

/// A template of Outlook for replication (0x6B6).
pub const REPLICATION: &[u32] = &[0x0E33_0014, 0x0E37_0102, 0x0E38_0003];

/// A template of Outlook for replication (0x6D7).
pub const REPLICATION_ITEMS: &[u32] =
    &[0x001A_001F, 0x0E30_0102, 0x0E31_0102, 0x0E33_0014, 0x0E34_0102, 0x0E38_0003, 0x0E3E_0102];

/// A template of Outlook for replication (0x6F8).
pub const REPLICATION_TIMES: &[u32] = &[0x0E33_0014, 0x3007_0040];
