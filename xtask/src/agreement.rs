//! Compares `pst dump` with truth files, field by field.
//!
//! Records that carry a `nid` are compared by it, lists without one by position. An empty string and null count as the
//! same, as the format of the truth files has it. What only our side has differs too.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Sections that tell of other readers and of deleted items, which a dump does not have.
const NOT_IN_A_DUMP: [&str; 2] = ["recoverable", "verification"];
pub(crate) const SUFFIX: &str = ".truth.json";
/// Differences printed per file.
const SHOWN: usize = 20;

pub(crate) fn run(dir: &Path) -> Result<()> {
    let mut truths: Vec<PathBuf> = fs::read_dir(dir)
        .with_context(|| format!("cannot list {}", dir.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    truths.retain(|path| path.to_string_lossy().ends_with(SUFFIX));
    truths.sort();
    if truths.is_empty() {
        bail!("no *{SUFFIX} below {}", dir.display());
    }
    let command = crate::pst_command()?;
    println!("{:40} {:>8} {:>8}", "file", "fields", "differ");
    let (mut fields, mut differ) = (0usize, 0usize);
    for path in &truths {
        let comparison = compare_file(&command, path).with_context(|| format!("comparing {}", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.strip_suffix(SUFFIX).unwrap_or(&name);
        println!("{name:40} {:>8} {:>8}", comparison.fields, comparison.differences.len());
        for difference in comparison.differences.iter().take(SHOWN) {
            println!("    {difference}");
        }
        fields = fields.saturating_add(comparison.fields);
        differ = differ.saturating_add(comparison.differences.len());
    }
    println!("{:40} {fields:>8} {differ:>8}", format!("{} files", truths.len()));
    if differ > 0 {
        bail!("{differ} of {fields} fields differ");
    }
    Ok(())
}

fn compare_file(command: &Path, truth_path: &Path) -> Result<Comparison> {
    // The file may have another name here than where the truth was made; its stem and the truth's agree.
    let stem = truth_path.to_string_lossy();
    let stem = stem.strip_suffix(SUFFIX).unwrap_or(&stem).to_owned();
    compare_with(command, truth_path, |extension| format!("{stem}.{extension}").into())
}

/// Compares a truth with the dump of a file, whose path is made from the extension of the file the truth is about.
pub(crate) fn compare_with(
    command: &Path,
    truth_path: &Path,
    file: impl FnOnce(&str) -> PathBuf,
) -> Result<Comparison> {
    let mut truth: Value = serde_json::from_slice(&fs::read(truth_path)?)?;
    if let Value::Object(members) = &mut truth {
        members.retain(|name, _| !NOT_IN_A_DUMP.contains(&name.as_str()));
    }
    let name = truth.pointer("/file/name").and_then(Value::as_str).context("the truth names no file")?;
    let extension = Path::new(name).extension().unwrap_or_default().to_string_lossy();
    let output = Command::new(command).arg("dump").arg(file(&extension)).output()?;
    let dump: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("pst dump said: {}", String::from_utf8_lossy(&output.stderr)))?;
    let mut comparison = Comparison::default();
    comparison.compare("", Some(&truth), Some(&dump));
    Ok(comparison)
}

/// How a truth and a dump compare.
#[derive(Default)]
pub(crate) struct Comparison {
    pub(crate) fields: usize,
    /// The path of each field that differs, and both values.
    pub(crate) differences: Vec<String>,
}

impl Comparison {
    fn differ(&mut self, path: &str, truth: Option<&Value>, dump: Option<&Value>) {
        let show = |value: Option<&Value>| match value {
            None => "absent".to_owned(),
            Some(value) => value.to_string().chars().take(120).collect(),
        };
        self.differences.push(format!("{path}: truth {}, dump {}", show(truth), show(dump)));
    }

    fn compare(&mut self, path: &str, truth: Option<&Value>, dump: Option<&Value>) {
        match (truth, dump) {
            (Some(Value::Object(truth)), Some(Value::Object(dump))) => {
                let names = truth.keys().chain(dump.keys().filter(|name| !truth.contains_key(*name)));
                for name in names {
                    self.compare(&format!("{path}/{name}"), truth.get(name), dump.get(name));
                }
            }
            (Some(Value::Array(truth)), Some(Value::Array(dump))) => self.lists(path, truth, dump),
            _ => {
                self.fields = self.fields.saturating_add(1);
                if !same(truth, dump) {
                    self.differ(path, truth, dump);
                }
            }
        }
    }

    fn lists(&mut self, path: &str, truth: &[Value], dump: &[Value]) {
        let by_id = |list: &[Value]| -> Option<BTreeMap<String, Value>> {
            let id = |value: &Value| value.get("nid").and_then(Value::as_str).map(str::to_owned);
            let map: BTreeMap<_, _> =
                list.iter().map(|value| Some((id(value)?, value.clone()))).collect::<Option<_>>()?;
            // Two records with one id cannot be told apart by it.
            (map.len() == list.len()).then_some(map)
        };
        match (by_id(truth), by_id(dump)) {
            (Some(truth), Some(dump)) => {
                let ids = truth.keys().chain(dump.keys().filter(|id| !truth.contains_key(*id)));
                for id in ids {
                    self.compare(&format!("{path}/{id}"), truth.get(id), dump.get(id));
                }
            }
            _ => {
                for index in 0..truth.len().max(dump.len()) {
                    self.compare(&format!("{path}/{index}"), truth.get(index), dump.get(index));
                }
            }
        }
    }
}

/// Equal, or both nothing: null, absent in the dump, or an empty string.
fn same(truth: Option<&Value>, dump: Option<&Value>) -> bool {
    let nothing = |value: Option<&Value>| match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(_) => false,
    };
    match (truth, dump) {
        (Some(truth), Some(dump)) if truth == dump => true,
        // A field that only our side has must be empty to agree.
        _ => nothing(truth) && nothing(dump),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn differences(truth: Value, dump: Value) -> (usize, usize) {
        let mut comparison = Comparison::default();
        comparison.compare("", Some(&truth), Some(&dump));
        (comparison.fields, comparison.differences.len())
    }

    #[test]
    fn records_are_compared_by_id_and_nothing_is_skipped() {
        let truth = json!({"m": [{"nid": "0x1", "a": 1}, {"nid": "0x2", "a": 2}]});
        assert_eq!(differences(truth.clone(), json!({"m": [{"nid": "0x2", "a": 2}, {"nid": "0x1", "a": 1}]})), (4, 0));
        assert_eq!(differences(truth.clone(), json!({"m": [{"nid": "0x2", "a": 3}, {"nid": "0x1", "a": 1}]})).1, 1);
        assert_eq!(differences(truth, json!({"m": [{"nid": "0x1", "a": 1}]})).1, 1);
        assert_eq!(differences(json!({"a": ""}), json!({"a": null})), (1, 0));
        assert_eq!(differences(json!({"a": 1}), json!({})), (1, 1));
        assert_eq!(differences(json!({}), json!({"a": 1})), (1, 1));
        assert_eq!(differences(json!([1, 2]), json!([2, 1])), (2, 2));
        assert_eq!(differences(json!([1, 2]), json!([1])), (2, 1));
    }
}
