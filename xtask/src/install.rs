//! `cargo xtask install`: header, libraries, pkg-config file and CMake package below a prefix.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// What is installed where.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) prefix: PathBuf,
    pub(crate) shared: bool,
    pub(crate) library: bool,
    /// As tests build it: for CI.
    pub(crate) debug: bool,
}

/// What a program needs beside the static library (`rustc --print native-static-libs`).
const NATIVE: &str = "-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc";

impl Options {
    /// `--prefix P [--static|--shared] [--debug]`.
    pub(crate) fn parse(args: &[&str]) -> Option<Self> {
        let mut options = Self { prefix: PathBuf::new(), shared: true, library: true, debug: false };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match *arg {
                "--prefix" => options.prefix = PathBuf::from(args.next()?),
                "--static" => options.shared = false,
                "--shared" => options.library = false,
                "--debug" => options.debug = true,
                _ => return None,
            }
        }
        let some = options.shared || options.library;
        (some && !options.prefix.as_os_str().is_empty()).then_some(options)
    }
}

/// Builds the library and installs it.
pub(crate) fn run(options: &Options) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("the library is installed on Linux alone; elsewhere take it from the target directory");
    }
    let profile: &[&str] = if options.debug { &[] } else { &["--release"] };
    crate::cargo(&[&["build", "--quiet", "--package", "pst-ffi"], profile].concat(), &[])?;
    install(options, &crate::target().join(if options.debug { "debug" } else { "release" }))
}

/// Installs libraries that were built.
pub(crate) fn install(options: &Options, built: &Path) -> Result<()> {
    let (include, lib) = (options.prefix.join("include"), options.prefix.join("lib"));
    for header in ["pst.h", "pst.hpp"] {
        copy(&crate::root().join("include").join(header), &include.join(header))?;
    }
    let version = env!("CARGO_PKG_VERSION");
    if options.shared {
        let full = format!("libpst_ffi.so.{version}");
        copy(&built.join("libpst_ffi.so"), &lib.join(&full))?;
        link(&full, &lib.join("libpst_ffi.so.0"))?;
        link("libpst_ffi.so.0", &lib.join("libpst_ffi.so"))?;
    }
    if options.library {
        copy(&built.join("libpst_ffi.a"), &lib.join("libpst_ffi.a"))?;
    }
    // A program that is linked with the static library alone always needs what that needs.
    let (libs, private) = if options.shared { ("", NATIVE) } else { (NATIVE, "") };
    write(
        &lib.join("pkgconfig/pst.pc"),
        &format!(
            "prefix=${{pcfiledir}}/../..\nlibdir=${{prefix}}/lib\nincludedir=${{prefix}}/include\n\n\
             Name: pst\nDescription: Outlook mail archives: read, check, repair, convert and write PST and OST files\n\
             Version: {version}\nCflags: -I${{includedir}}\nLibs: -L${{libdir}} -lpst_ffi {libs}\nLibs.private: {private}\n"
        ),
    )?;
    write(&lib.join("cmake/pst/pstConfig.cmake"), &package(options))?;
    write(
        &lib.join("cmake/pst/pstConfigVersion.cmake"),
        &format!(
            "set(PACKAGE_VERSION \"{version}\")\n\
             # Before 1.0 each minor version may break.\n\
             string(REGEX MATCH \"^[0-9]+\\\\.[0-9]+\" pst_series \"{version}\")\n\
             if(PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION OR\n   \
                NOT (PACKAGE_FIND_VERSION STREQUAL \"\" OR \"${{PACKAGE_FIND_VERSION}}.\" MATCHES \"^${{pst_series}}[.]\"))\n  \
               set(PACKAGE_VERSION_COMPATIBLE FALSE)\n\
             else()\n  \
               set(PACKAGE_VERSION_COMPATIBLE TRUE)\n\
             endif()\n"
        ),
    )
}

/// `find_package(pst)`: `pst::shared` and `pst::static` as far as they are there, and `pst::pst`, which is the first of them.
fn package(options: &Options) -> String {
    let mut text = "get_filename_component(pst_prefix \"${CMAKE_CURRENT_LIST_DIR}/../../..\" ABSOLUTE)\n".to_owned();
    let include = "INTERFACE_INCLUDE_DIRECTORIES \"${pst_prefix}/include\"";
    if options.shared {
        text += &format!(
            "if(NOT TARGET pst::shared)\n  add_library(pst::shared SHARED IMPORTED)\n  set_target_properties(pst::shared PROPERTIES\n    \
             IMPORTED_LOCATION \"${{pst_prefix}}/lib/libpst_ffi.so.0\"\n    IMPORTED_SONAME \"libpst_ffi.so.0\"\n    {include})\nendif()\n"
        );
    }
    if options.library {
        let native = NATIVE.replace("-l", "").replace(' ', ";");
        text += &format!(
            "if(NOT TARGET pst::static)\n  add_library(pst::static STATIC IMPORTED)\n  set_target_properties(pst::static PROPERTIES\n    \
             IMPORTED_LOCATION \"${{pst_prefix}}/lib/libpst_ffi.a\"\n    INTERFACE_LINK_LIBRARIES \"{native}\"\n    {include})\nendif()\n"
        );
    }
    let first = if options.shared { "shared" } else { "static" };
    text += &format!(
        "if(NOT TARGET pst::pst)\n  add_library(pst::pst INTERFACE IMPORTED)\n  \
         set_target_properties(pst::pst PROPERTIES INTERFACE_LINK_LIBRARIES pst::{first})\nendif()\n"
    );
    text
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to.parent().context("a file has a directory")?)?;
    // A library that runs is not overwritten but replaced.
    let _ = fs::remove_file(to);
    fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::create_dir_all(path.parent().context("a file has a directory")?)?;
    Ok(fs::write(path, text)?)
}

#[cfg(unix)]
fn link(to: &str, at: &Path) -> Result<()> {
    let _ = fs::remove_file(at);
    std::os::unix::fs::symlink(to, at).with_context(|| format!("cannot link {}", at.display()))
}

#[cfg(not(unix))]
fn link(_: &str, _: &Path) -> Result<()> {
    bail!("no links here")
}
