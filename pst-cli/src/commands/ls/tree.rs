//! The tree of folders, from the hierarchy tables alone: no folder is opened for its name.
//!
//! At the end come the folders that the tables do not lead to, found by their nodes, so that none stays invisible.

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::path::Path;

use pst_core::ltp::{Row, TableContext, id};
use pst_core::messaging::{Folder, FolderKind};
use pst_core::ndb::{Nid, NidType};
use pst_core::{Error, Pst, Result};
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::folders::{self, Paths};
use crate::output::{Output, Style, counted, escape_line, stderr_line, thousands};

/// One line of the tree.
#[derive(Debug, Serialize)]
struct Line {
    node: Nid,
    parent: Option<Nid>,
    path: String,
    name: String,
    kind: FolderKind,
    /// False if no hierarchy table lists it; the root is above all tables.
    listed: bool,
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
    listed: bool,
}

struct Walk<'a> {
    file: &'a Path,
    pst: &'a Pst,
    out: Output,
    json: bool,
    written: u64,
    errors: bool,
    visited: HashSet<Nid>,
    /// Folders too deep to look into.
    cut: Vec<Nid>,
    /// Folders that no table lists, by the parent their nodes name, if that is none of the tree.
    unlisted_below: HashMap<Nid, Vec<Nid>>,
}

/// Writes the tree.
pub(super) fn list(file: &Path, pst: &Pst, out: Output, json: bool) -> anyhow::Result<Exit> {
    let mut walk = Walk {
        file,
        pst,
        out,
        json,
        written: 0,
        errors: false,
        visited: HashSet::new(),
        cut: Vec::new(),
        unlisted_below: HashMap::new(),
    };
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
    walk.listed(&root)?;
    walk.rest()?;
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

    /// All folders that the tables lead to from the root.
    fn listed(&mut self, root: &Folder) -> anyhow::Result<()> {
        let name = folders::listed_name(self.keep(root.name()).unwrap_or_default());
        let unread = self.keep(root.unread_count()).flatten().and_then(|count| u64::try_from(count).ok());
        self.visited.insert(root.id());
        self.all(Pending { node: root.id(), name, unread, listed: true }, None, "/".to_owned())
    }

    /// All other folders: those that no table lists, and what is left below one that is too deep or listed in a circle.
    fn rest(&mut self) -> anyhow::Result<()> {
        let mut left = Vec::new();
        for entry in self.pst.nodes() {
            let Some(entry) = self.keep(entry) else { continue };
            let is_folder = matches!(entry.nid.kind(), NidType::NORMAL_FOLDER | NidType::SEARCH_FOLDER);
            if is_folder && !self.visited.contains(&entry.nid) {
                left.push((entry.nid, entry.parent));
            }
        }
        if left.is_empty() {
            return Ok(());
        }
        let mut listed = HashSet::new();
        for folder in left.iter().map(|(nid, _)| *nid).chain(std::mem::take(&mut self.cut)) {
            // What of this cannot be read is told when the folder's line is written.
            let table = self.open_table(folder, NidType::HIERARCHY_TABLE).ok().flatten();
            listed.extend(table.iter().flatten().filter_map(Result::ok).map(|row| row.nid()));
        }
        let nodes: HashSet<Nid> = left.iter().map(|(nid, _)| *nid).collect();
        let is_top = |(nid, parent): &(Nid, Nid)| !listed.contains(nid) && (parent == nid || !nodes.contains(parent));
        for (nid, parent) in left.iter().filter(|folder| !listed.contains(&folder.0) && !is_top(folder)) {
            self.unlisted_below.entry(*parent).or_default().push(*nid);
        }
        let mut paths = Paths::new(self.pst);
        for (nid, parent) in left.iter().filter(|folder| is_top(folder)).chain(&left) {
            if !self.visited.insert(*nid) {
                continue;
            }
            let folder = self.by_node(*nid, listed.contains(nid));
            let above = if parent == nid || parent.raw() == 0 { "/".to_owned() } else { paths.of(*parent) };
            let path = folders::join(&above, &folder.name);
            self.all(folder, Some(*parent), path)?;
        }
        let count = left.iter().filter(|(nid, _)| !listed.contains(nid)).count();
        if count > 0 {
            let count = counted(u64::try_from(count).unwrap_or(u64::MAX), "folder is", "folders are");
            let text = format!("{count} in the file but in no hierarchy table");
            self.note(&Error::text(pst_core::ErrorKind::Corrupt, "folders", text));
        }
        Ok(())
    }

    /// A folder and all below it. Depth first, with a list of its own: folders may be nested deeper than a stack.
    fn all(&mut self, top: Pending, parent: Option<Nid>, path: String) -> anyhow::Result<()> {
        let node = top.node;
        self.folder(top, parent, path.clone(), Vec::new())?;
        let below = self.children(node);
        let mut open = vec![(path, node, below.into_iter().peekable())];
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
                self.cut.push(node);
                continue;
            }
            let below = self.children(node);
            open.push((path, node, below.into_iter().peekable()));
        }
        Ok(())
    }

    fn open_table(&self, folder: Nid, kind: NidType) -> Result<Option<TableContext>> {
        match self.pst.node(folder.with_kind(kind))? {
            Some(node) if !node.entry().data.is_none() => TableContext::open(&node).map(Some),
            _ => Ok(None),
        }
    }

    fn table(&mut self, folder: Nid, kind: NidType) -> Option<TableContext> {
        let table = self.open_table(folder, kind);
        self.keep(table).flatten()
    }

    fn children(&mut self, folder: Nid) -> Vec<Pending> {
        if folder.kind() == NidType::SEARCH_FOLDER {
            return Vec::new();
        }
        let table = self.table(folder, NidType::HIERARCHY_TABLE);
        let mut children = Vec::new();
        for row in table.iter().flatten() {
            let Some(row) = self.keep(row) else { continue };
            if !self.visited.insert(row.nid()) {
                let text = "the folder is listed twice, or below itself";
                self.note(&Error::text(pst_core::ErrorKind::Corrupt, "hierarchy table", text).in_node(row.nid()));
                continue;
            }
            children.push(self.pending(&row));
        }
        for nid in self.unlisted_below.remove(&folder).unwrap_or_default() {
            if self.visited.insert(nid) {
                children.push(self.by_node(nid, false));
            }
        }
        children
    }

    /// A folder without a row; its own properties have to do.
    fn by_node(&mut self, node: Nid, listed: bool) -> Pending {
        let folder = self.keep(self.pst.folder(node));
        let name = folder.as_ref().and_then(|folder| self.keep(folder.name())).unwrap_or_default();
        let name = folders::listed_name(name);
        let unread = folder.and_then(|folder| folder.unread_count().ok().flatten());
        Pending { node, name, unread: unread.and_then(|count| u64::try_from(count).ok()), listed }
    }

    fn pending(&mut self, row: &Row<'_>) -> Pending {
        let name = self.keep(row.string(id::DISPLAY_NAME)).flatten();
        // Some writers keep the name in the folder alone.
        let name = name.or_else(|| {
            let folder = self.pst.folder(row.nid()).and_then(|folder| folder.name());
            self.keep(folder)
        });
        let unread = row.integer(id::CONTENT_UNREAD_COUNT).and_then(|count| u64::try_from(count).ok());
        Pending { node: row.nid(), name: folders::listed_name(name.unwrap_or_default()), unread, listed: true }
    }

    fn folder(&mut self, pending: Pending, parent: Option<Nid>, path: String, marks: Vec<bool>) -> anyhow::Result<()> {
        let Pending { node, name, unread, listed } = pending;
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
        let line = Line { node, parent, path, name, kind, listed, messages, unread, associated, depth_marks: marks };
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
            // It hangs from nothing above it.
            (Some(_), _) if line.depth_marks.is_empty() => &line.path,
            (_, "") => "(no name)",
            (_, name) => name,
        };
        let style = if line.kind == FolderKind::Search { Style::Dim } else { Style::Title };
        let name = self.out.paint(style, escape_line(name)).into_owned();
        let search = if line.kind == FolderKind::Search { " (search folder)" } else { "" };
        let unlisted = if line.listed { "" } else { " (not listed)" };
        let unlisted = self.out.paint(Style::Bad, unlisted).into_owned();
        let branch = self.out.paint(Style::Dim, branch).into_owned();
        writeln!(
            self.out,
            "{:>10} {:>10} {:>10}  {:<10}  {branch}{name}{search}{unlisted}",
            number(line.messages),
            number(line.unread),
            number(line.associated),
            line.node.to_string(),
        )
    }
}
