//! The records of a dump: field names and their order are those of `pst-truth/1`.

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

/// The file itself.
#[derive(Serialize)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) md5: String,
    pub(super) sha256: String,
    pub(super) readable: bool,
    pub(super) format: &'static str,
    #[serde(rename = "wVer")]
    pub(super) version: u16,
    #[serde(rename = "wVerClient")]
    pub(super) client_version: u16,
    pub(super) client_magic: &'static str,
    pub(super) crypt_method: &'static str,
    pub(super) crypt_method_raw: u8,
    pub(super) amap_valid: u8,
    pub(super) string8_codepage: Option<String>,
}

/// The message store.
#[derive(Default, Serialize)]
pub(super) struct Store {
    pub(super) display_name: Option<String>,
    pub(super) record_key: Option<String>,
    pub(super) ipm_subtree_nid: Option<String>,
    pub(super) wastebasket_nid: Option<String>,
    pub(super) finder_nid: Option<String>,
    pub(super) password_crc32: u32,
    pub(super) property_count: usize,
    pub(super) props_digest: String,
}

/// A folder or search folder.
#[derive(Serialize)]
pub(super) struct Folder {
    pub(super) nid: String,
    pub(super) parent_nid: Option<String>,
    pub(super) path: String,
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) container_class: Option<String>,
    pub(super) content_count: Option<i64>,
    pub(super) unread_count: Option<i64>,
    pub(super) associated_content_count: Option<i64>,
    pub(super) has_subfolders: Option<bool>,
    pub(super) comment: Option<String>,
    pub(super) n_messages: Option<u64>,
    pub(super) n_associated: Option<u64>,
    pub(super) n_search_results: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) search_result_nids: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<&'static str>,
    pub(super) property_count: usize,
    pub(super) props_digest: String,
}

/// Where a message is and what its properties add up to; not part of embedded messages.
#[derive(Serialize)]
pub(super) struct Place {
    pub(super) nid: String,
    pub(super) folder_nid: String,
    pub(super) folder_path: Option<String>,
}

/// The properties of an object as a whole.
#[derive(Default, Serialize)]
pub(super) struct Digest {
    pub(super) property_count: usize,
    pub(super) props_digest: String,
    pub(super) property_tags: String,
}

/// A message of a folder.
#[derive(Serialize)]
pub(super) struct Message {
    #[serde(flatten)]
    pub(super) place: Place,
    #[serde(flatten)]
    pub(super) content: Content,
    #[serde(flatten)]
    pub(super) digest: Digest,
}

/// An associated message.
#[derive(Serialize)]
pub(super) struct Associated {
    #[serde(flatten)]
    pub(super) place: Place,
    pub(super) message_class: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) creation_time: Option<String>,
    pub(super) modification_time: Option<String>,
    pub(super) message_flags: Option<i64>,
    pub(super) message_size: Option<i64>,
    #[serde(flatten)]
    pub(super) digest: Digest,
}

/// A message, wherever it is.
#[derive(Default, Serialize)]
pub(super) struct Content {
    pub(super) message_class: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) subject_prefix: Option<String>,
    pub(super) client_submit_time: Option<String>,
    pub(super) delivery_time: Option<String>,
    pub(super) creation_time: Option<String>,
    pub(super) modification_time: Option<String>,
    pub(super) sender: Participant,
    pub(super) sent_representing: Participant,
    pub(super) display_to: Option<String>,
    pub(super) display_cc: Option<String>,
    pub(super) display_bcc: Option<String>,
    pub(super) message_flags: Option<i64>,
    pub(super) message_size: Option<i64>,
    pub(super) importance: Option<i64>,
    pub(super) sensitivity: Option<i64>,
    pub(super) internet_message_id: Option<String>,
    pub(super) in_reply_to: Option<String>,
    pub(super) references: Option<TextDigest>,
    pub(super) conversation_topic: Option<String>,
    pub(super) message_codepage: Option<i64>,
    pub(super) internet_codepage: Option<i64>,
    pub(super) locale_id: Option<i64>,
    pub(super) native_body: Option<i64>,
    pub(super) transport_headers: Option<TextDigest>,
    pub(super) body_plain: Option<TextDigest>,
    pub(super) body_html: Option<HtmlDigest>,
    pub(super) body_rtf: Option<RtfDigest>,
    pub(super) recipients: Vec<Recipient>,
    pub(super) attachments: Vec<Attachment>,
}

/// A sender.
#[derive(Default, Serialize)]
pub(super) struct Participant {
    pub(super) name: Option<String>,
    pub(super) address_type: Option<String>,
    pub(super) address: Option<String>,
    pub(super) smtp: Option<String>,
}

/// A text by its measures.
#[derive(Serialize)]
pub(super) struct TextDigest {
    pub(super) chars: usize,
    pub(super) utf8_len: usize,
    pub(super) sha256: String,
}

/// The HTML body by its measures.
#[derive(Serialize)]
pub(super) struct HtmlDigest {
    pub(super) prop_type: String,
    pub(super) len: usize,
    pub(super) sha256: String,
}

/// The RTF body by its measures.
#[derive(Serialize)]
pub(super) struct RtfDigest {
    pub(super) compressed_len: u64,
    pub(super) len: usize,
    pub(super) sha256: String,
    pub(super) comp_type: &'static str,
    pub(super) raw_size: u32,
    pub(super) crc_stored: String,
    pub(super) crc_ok: bool,
    pub(super) comp_size_matches_property: bool,
    pub(super) end_marker: bool,
}

/// A row of the recipient table.
#[derive(Serialize)]
pub(super) struct Recipient {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) type_raw: Option<i32>,
    pub(super) name: Option<String>,
    pub(super) address_type: Option<String>,
    pub(super) address: Option<String>,
    pub(super) smtp: Option<String>,
}

/// An attachment; an embedded message is inside.
#[derive(Default, Serialize)]
pub(super) struct Attachment {
    pub(super) nid: String,
    pub(super) method: Option<i32>,
    pub(super) method_name: Option<&'static str>,
    pub(super) long_filename: Option<String>,
    pub(super) short_filename: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) extension: Option<String>,
    pub(super) mime_type: Option<String>,
    pub(super) content_id: Option<String>,
    pub(super) content_location: Option<String>,
    pub(super) rendering_position: Option<i64>,
    pub(super) flags: Option<i64>,
    pub(super) hidden: Option<bool>,
    pub(super) attach_size_prop: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data_len: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) embedded: Option<Box<Content>>,
}

/// The named property map.
#[derive(Default, Serialize)]
pub(super) struct NamedProperties {
    pub(super) count: usize,
    pub(super) entries: Vec<String>,
}

/// Totals of what was dumped.
#[derive(Default, Serialize)]
pub(super) struct Counts {
    pub(super) folders: u64,
    pub(super) search_folders: u64,
    pub(super) messages: u64,
    pub(super) associated: u64,
    pub(super) attachments_incl_embedded: u64,
    pub(super) top_level_attachments: u64,
    pub(super) embedded_messages: u64,
    pub(super) attachment_bytes: u64,
    pub(super) recipients: u64,
}

/// What could not be read.
#[derive(Default, Serialize)]
pub(super) struct Integrity {
    pub(super) nodes: u64,
    pub(super) raw_anomalies: Anomalies,
}

/// Lines on what could not be read: the first ones, and how many more there are.
#[derive(Default)]
pub(super) struct Anomalies {
    lines: Vec<String>,
    more: usize,
}

impl Anomalies {
    /// Lines that are kept; a file with more is a ruin.
    const MOST: usize = 10_000;

    pub(super) fn push(&mut self, line: String) {
        if self.lines.len() < Self::MOST {
            self.lines.push(line);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    /// All, those that were not kept included.
    pub(super) fn count(&self) -> usize {
        self.lines.len().saturating_add(self.more)
    }
}

impl Serialize for Anomalies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for line in &self.lines {
            list.serialize_element(line)?;
        }
        if self.more > 0 {
            list.serialize_element(&format_args!("and {} more", self.more))?;
        }
        list.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anomalies_are_counted_and_the_first_are_kept() {
        let mut anomalies = Anomalies::default();
        assert_eq!(serde_json::to_string(&anomalies).unwrap(), "[]");
        (0..Anomalies::MOST).for_each(|number| anomalies.push(number.to_string()));
        let lines = |anomalies: &Anomalies| -> Vec<String> {
            serde_json::from_str(&serde_json::to_string(anomalies).unwrap()).unwrap()
        };
        assert_eq!(lines(&anomalies).last().unwrap(), "9999");
        (0..23).for_each(|_| anomalies.push("late".to_owned()));
        assert_eq!((lines(&anomalies).len(), anomalies.count()), (10_001, 10_023));
        assert_eq!(lines(&anomalies).last().unwrap(), "and 23 more");
    }
}
