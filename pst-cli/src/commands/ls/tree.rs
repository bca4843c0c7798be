//! The tree of folders, from the hierarchy tables alone: no folder is opened for its name.

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

use pst_core::ltp::{Row, TableContext, id};
use pst_core::messaging::{Folder, FolderKind};
use pst_core::ndb::{Nid, NidType};
use pst_core::{Error, Pst, Result};
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::folders;
use crate::output::{Output, Style, escape_line, stderr_line, thousands};

/// One line of the tree.
#[derive(Debug, Serialize)]
struct Line {
    node: Nid,
    parent: Option<Nid>,
    path: String,
    name: String,
    kind: FolderKind,
    /// Rows of the contents table, or of a search folder's results; null if there is no such table.
    messages: Option<u64>,
    unread: Option<u64>,
    associated: Option<u64>,
    #[serde(skip)]
    depth_marks: Vec<bool>,
}

/// A folder whose line is still to be written.
struct Pending {
    node: Nid,
    name: String,
    unread: Option<u64>,
}

struct Walk<'a> {
    file: &'a Path,
    pst: &'a Pst,
    out: Output,
    json: bool,
    written: u64,
    errors: bool,
    visited: HashSet<Nid>,
}

/// Writes the tree.
pub(super) fn list(file: &Path, pst: &Pst, out: Output, json: bool) -> anyhow::Result<Exit> {
    let mut walk = Walk { file, pst, out, json, written: 0, errors: false, visited: HashSet::new() };
    let root = pst.root_folder().map_err(|error| Failure::unread(file, &error))?;
    if json {
        walk.out.write_all(b"{\"schema\":\"pst-ls/1\",\"file\":")?;
        serde_json::to_writer(&mut walk.out, &file.to_string_lossy())?;
        walk.out.write_all(b",\"folders\":[\n")?;
    } else {
        let head = format!("{:>10} {:>10} {:>10}  {:<10}  folder", "messages", "unread", "hidden", "node");
        let head = walk.out.paint(Style::Label, head).into_owned();
        writeln!(walk.out, "{head}")?;
    }
    walk.all(&root)?;
    if json {
        walk.out.write_all(b"\n]}\n")?;
    }
    walk.out.finish()?;
    Ok(Exit::from_findings(walk.errors))
}

impl Walk<'_> {
    fn note(&mut self, error: &Error) {
        self.errors = true;
        stderr_line(&format!("pst: {}", escape_line(&Failure::unread(self.file, error).to_string())));
    }

    fn keep<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.note(&error)).ok()
    }

    /// Depth first, with a list of its own: folders may be nested deeper than a stack.
    fn all(&mut self, root: &Folder) -> anyhow::Result<()> {
        let name = self.keep(root.name()).unwrap_or_default();
        let unread = self.keep(root.unread_count()).flatten().and_then(|count| u64::try_from(count).ok());
        self.visited.insert(root.id());
        self.folder(Pending { node: root.id(), name, unread }, None, "/".to_owned(), Vec::new())?;
        let below = self.children(root.id());
        let mut open = vec![("/".to_owned(), root.id(), below.into_iter().peekable())];
        while let Some((path, parent, siblings)) = open.last_mut() {
            let Some(next) = siblings.next() else {
                open.pop();
                continue;
            };
            let (parent, path) = (*parent, folders::join(path, &next.name));
            let node = next.node;
            let marks = open.iter_mut().map(|(_, _, siblings)| siblings.peek().is_some()).collect();
            self.folder(next, Some(parent), path.clone(), marks)?;
            let limit = u64::from(self.pst.limits().folder_depth);
            if u64::try_from(open.len()).is_ok_and(|depth| depth >= limit) {
                self.note(&Error::limit("folder", "depth", open.len(), limit).in_node(node));
                continue;
            }
            let below = self.children(node);
            open.push((path, node, below.into_iter().peekable()));
        }
        Ok(())
    }

    fn table(&mut self, folder: Nid, kind: NidType) -> Option<TableContext> {
        let node = self.keep(self.pst.node(folder.with_kind(kind)))??;
        if node.entry().data.is_none() {
            return None;
        }
        self.keep(TableContext::open(&node))
    }

    fn children(&mut self, folder: Nid) -> Vec<Pending> {
        if folder.kind() == NidType::SEARCH_FOLDER {
            return Vec::new();
        }
        let Some(table) = self.table(folder, NidType::HIERARCHY_TABLE) else { return Vec::new() };
        let mut children = Vec::new();
        for row in table.rows() {
            let Some(row) = self.keep(row) else { continue };
            if !self.visited.insert(row.nid()) {
                let text = "the folder is listed twice, or below itself";
                self.note(&Error::text(pst_core::ErrorKind::Corrupt, "hierarchy table", text).in_node(row.nid()));
                continue;
            }
            children.push(self.pending(&row));
        }
        children
    }

    fn pending(&mut self, row: &Row<'_>) -> Pending {
        let name = self.keep(row.string(id::DISPLAY_NAME)).flatten();
        // Some writers keep the name in the folder alone.
        let name = name.or_else(|| {
            let folder = self.pst.folder(row.nid()).and_then(|folder| folder.name());
            self.keep(folder)
        });
        let unread = row.integer(id::CONTENT_UNREAD_COUNT).and_then(|count| u64::try_from(count).ok());
        Pending { node: row.nid(), name: name.unwrap_or_default(), unread }
    }

    fn folder(&mut self, pending: Pending, parent: Option<Nid>, path: String, marks: Vec<bool>) -> anyhow::Result<()> {
        let Pending { node, name, unread } = pending;
        let is_search = node.kind() == NidType::SEARCH_FOLDER;
        let (messages, associated) = if is_search {
            // There is a second kind of table, which nobody documented; it is no fault of the file.
            let folder = self.pst.folder(node).and_then(|folder| folder.search_table());
            let table = match folder {
                Err(error) if error.kind() == pst_core::ErrorKind::WrongType => None,
                other => self.keep(other).flatten(),
            };
            (table.and_then(|table| self.keep(table.len())), None)
        } else {
            let contents = self.table(node, NidType::CONTENTS_TABLE);
            let associated = self.table(node, NidType::ASSOCIATED_CONTENTS_TABLE);
            (contents.and_then(|table| self.keep(table.len())), associated.and_then(|table| self.keep(table.len())))
        };
        let kind = if is_search { FolderKind::Search } else { FolderKind::Normal };
        let line = Line { node, parent, path, name, kind, messages, unread, associated, depth_marks: marks };
        if self.json {
            if self.written > 0 {
                self.out.write_all(b",\n")?;
            }
            serde_json::to_writer(&mut self.out, &line)?;
        } else {
            self.write(&line)?;
        }
        self.written = self.written.saturating_add(1);
        Ok(())
    }

    fn write(&mut self, line: &Line) -> std::io::Result<()> {
        let mut branch = String::new();
        if let Some((last, above)) = line.depth_marks.split_last() {
            above.iter().for_each(|more| branch.push_str(if *more { "│   " } else { "    " }));
            branch.push_str(if *last { "├── " } else { "└── " });
        }
        let number = |number: Option<u64>| number.map_or_else(|| "-".to_owned(), thousands);
        let name = match (line.parent, line.name.as_str()) {
            (None, "") => "/",
            (_, "") => "(no name)",
            (_, name) => name,
        };
        let style = if line.kind == FolderKind::Search { Style::Dim } else { Style::Title };
        let name = self.out.paint(style, escape_line(name)).into_owned();
        let mark = if line.kind == FolderKind::Search { " (search folder)" } else { "" };
        let branch = self.out.paint(Style::Dim, branch).into_owned();
        writeln!(
            self.out,
            "{:>10} {:>10} {:>10}  {:<10}  {branch}{name}{mark}",
            number(line.messages),
            number(line.unread),
            number(line.associated),
            line.node.to_string(),
        )
    }
}
