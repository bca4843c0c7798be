//! What a check tells: lines for a person, or JSON objects.

use std::io::{self, Write};
use std::path::Path;

use pst_migrate::delivery::{Account, Content, DirectoryVerdict, FileVerdict, Finding};
use pst_migrate::profile::{Profile, Severity};
use serde_json::{Value, json};

use crate::output::{Output, Style, bytes, counted, escape_line, thousands};

/// Reports a check while it goes on.
pub(super) struct Report {
    out: Output,
    json: bool,
    all: bool,
    proposals: u64,
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Error => Style::Bad,
        Severity::Warning => Style::Warning,
        Severity::Info | Severity::Off => Style::Dim,
    }
}

/// A path as text; what is no Unicode in it is replaced, and given in hex beside it.
fn path_fields(object: &mut Value, path: &Path) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert("path".to_owned(), json!(path.to_string_lossy()));
        if path.to_str().is_none() {
            let hex: String = path.as_os_str().as_encoded_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            fields.insert("path_hex".to_owned(), json!(hex));
        }
    }
}

fn findings_json(findings: &[Finding]) -> Value {
    findings.iter().map(finding_json).collect()
}

fn finding_json(finding: &Finding) -> Value {
    json!({
        "code": finding.code(),
        "rule": finding.rule.id(),
        "severity": finding.severity.name(),
        "detail": finding.detail,
    })
}

fn content_json(content: &Content) -> Value {
    let classes: serde_json::Map<String, Value> =
        content.classes.iter().map(|(verdict, count)| (verdict.code().to_owned(), json!(count))).collect();
    let large: Vec<_> = content.large.iter().map(|(place, bytes)| json!({"place": place, "bytes": bytes})).collect();
    let full: Vec<_> =
        content.full_folders.iter().map(|(folder, items)| json!({"folder": folder, "items": items})).collect();
    json!({
        "items": content.items,
        "whole": content.whole,
        "read": content.read,
        "unreadable": content.unreadable,
        "unlisted": content.unlisted,
        "errors": content.errors,
        "large_items": {"count": content.large_count, "items": large},
        "full_folders": {"count": content.full_folder_count, "folders": full},
        "looked_at": content.looked_at,
        "journal_reports": content.reports,
        "classes": classes,
        "foreign": {"count": content.foreign_count, "entries": content.foreign},
        "missing_bytes": content.missing_bytes,
        "ansi": content.ansi,
    })
}

impl Report {
    pub(super) fn new(out: Output, json: bool, all: bool) -> Self {
        Self { out, json, all, proposals: 0 }
    }

    fn line(&mut self, value: &Value) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, value)?;
        self.out.write_all(b"\n")
    }

    pub(super) fn begin(&mut self, directory: &Path, profile: &Profile, seed: u64, full: bool) -> io::Result<()> {
        if self.json {
            let mut object = json!({
                "schema": "pst-delivery/1",
                "what": "run",
                "tool": env!("CARGO_PKG_VERSION"),
                "profile": profile.name,
                "profile_version": profile.version,
                "extends": profile.extends,
                "seed": seed,
                "full": full,
            });
            path_fields(&mut object, directory);
            return self.line(&object);
        }
        let directory = directory.to_string_lossy();
        let title = self.out.paint(Style::Title, escape_line(&directory)).into_owned();
        let reading = if full { "every item".to_owned() } else { format!("seed {seed}") };
        let name = escape_line(&profile.name).into_owned();
        writeln!(self.out, "{title}: profile {name} {}, {reading}", profile.version)
    }

    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        for finding in findings {
            let code = self.out.paint(style(finding.severity), finding.code()).into_owned();
            let detail =
                if finding.detail.is_empty() { finding.rule.about().to_owned() } else { finding.detail.clone() };
            writeln!(self.out, "  {code}  {}", escape_line(&detail))?;
        }
        Ok(())
    }

    pub(super) fn file(&mut self, file: &FileVerdict) -> io::Result<()> {
        if self.json {
            let mut object = json!({
                "what": "file",
                "decision": file.decision.name(),
                "kind": file.kind,
                "size": file.size,
                "owner": file.owner,
                "number": file.number,
                "purpose": file.purpose.map(|purpose| purpose.name()),
                "findings": findings_json(&file.findings),
                "rename_to": file.rename.as_ref().map(|rename| rename.to.to_string_lossy()),
                "split_into": file.split_into,
                "content": file.content.as_deref().map(content_json),
            });
            path_fields(&mut object, &file.path);
            return self.line(&object);
        }
        self.proposals = self.proposals.saturating_add(u64::from(file.rename.is_some()));
        let worst = file.findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Off);
        if !self.all && worst < Severity::Warning {
            return Ok(());
        }
        let name = file.path.to_string_lossy();
        let decision = self.out.paint(style(worst), file.decision.name()).into_owned();
        let size = file.size.map(|size| format!("  {}", bytes(size))).unwrap_or_default();
        writeln!(self.out, "{decision}  {}  {}{size}", escape_line(&name), file.kind)?;
        self.findings(&file.findings)?;
        if let Some(rename) = &file.rename {
            writeln!(self.out, "  better: {}", escape_line(&rename.to.to_string_lossy()))?;
        }
        if let Some(parts) = file.split_into {
            writeln!(self.out, "  better: split it into {parts} or more, with pst split --max-size")?;
        }
        Ok(())
    }

    pub(super) fn directory(&mut self, directory: &DirectoryVerdict) -> io::Result<()> {
        if self.json {
            let mut object = json!({
                "what": "directory",
                "entries": directory.entries,
                "findings": findings_json(&directory.findings),
            });
            path_fields(&mut object, &directory.path);
            return self.line(&object);
        }
        let worst = directory.findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Off);
        if worst < Severity::Warning && !(self.all && worst > Severity::Off) {
            return Ok(());
        }
        writeln!(self.out, "directory  {}", escape_line(&directory.path.join("").to_string_lossy()))?;
        self.findings(&directory.findings)
    }

    pub(super) fn delivery(&mut self, finding: &Finding) -> io::Result<()> {
        if self.json {
            let mut object = finding_json(finding);
            if let Some(fields) = object.as_object_mut() {
                fields.insert("what".to_owned(), json!("delivery"));
            }
            return self.line(&object);
        }
        writeln!(self.out, "delivery")?;
        self.findings(std::slice::from_ref(finding))
    }

    pub(super) fn finish(mut self, account: &Account, is_good: bool) -> io::Result<()> {
        if self.json {
            let findings: Vec<_> = account
                .findings
                .iter()
                .map(|((rule, severity), count)| {
                    json!({"rule": rule.id(), "code": rule.code(), "severity": severity.name(), "count": count})
                })
                .collect();
            let object = json!({
                "what": "account",
                "acceptable": is_good,
                "stopped": account.stopped,
                "seen": account.seen,
                "accepted": account.accepted,
                "refused": account.refused,
                "refused_total": account.refused_total(),
                "ignored": account.ignored,
                "balanced": account.balance().is_ok(),
                "directories": account.directories,
                "directories_refused": account.directories_refused,
                "bytes": account.bytes,
                "kinds": account.kinds,
                "findings": findings,
                "stores_read_whole": account.read_whole,
                "stores_read_in_part": account.read_in_part,
                "items_read": account.items_read,
                "items_unreadable": account.items_unreadable,
            });
            self.line(&object)?;
            return self.out.finish();
        }
        let (refused, ignored) = (thousands(account.refused_total()), thousands(account.ignored));
        writeln!(
            self.out,
            "{} in {}, {}: {} accepted, {refused} refused, {ignored} ignored",
            counted(account.seen, "file", "files"),
            counted(account.directories, "directory", "directories"),
            bytes(account.bytes),
            thousands(account.accepted),
        )?;
        for (code, count) in &account.refused {
            writeln!(self.out, "  {code}  {}", thousands(*count))?;
        }
        for (code, count) in &account.directories_refused {
            writeln!(self.out, "  {code}  {}", counted(*count, "directory", "directories"))?;
        }
        writeln!(
            self.out,
            "{} read to the end, {} could not be; {} warnings",
            counted(account.items_read, "item", "items"),
            thousands(account.items_unreadable),
            thousands(account.count(Severity::Warning)),
        )?;
        if self.proposals > 0 {
            let names = counted(self.proposals, "file has a better name", "files have better names");
            writeln!(self.out, "{names}: see pst delivery fix")?;
        }
        let verdict = match (account.stopped, is_good) {
            (true, _) => self.out.paint(Style::Warning, "stopped before the end"),
            (false, true) => self.out.paint(Style::Title, "acceptable"),
            (false, false) => self.out.paint(Style::Bad, "not acceptable"),
        }
        .into_owned();
        writeln!(self.out, "{verdict}")?;
        self.out.finish()
    }
}
