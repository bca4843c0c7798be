//! The C interface tried out: headers under every compiler, the test programs plainly, under valgrind and with the sanitizers
//! of the compiler, the names of the library, and the examples built by CMake from an installed copy.

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::header::{self, Prototype};
use crate::install;

const WARNINGS: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];
const SAMPLE: &str = "examples/data/sample.pst";

/// Runs all of it; what is not installed is named and left out.
pub(crate) fn run() -> Result<()> {
    header::run(true)?;
    if !cfg!(target_os = "linux") || !is_there("cc") {
        eprintln!("the C programs are left out: they need Linux and a C compiler");
        return Ok(());
    }
    // With the features that tests are built with, so that CI builds the core once.
    crate::cargo(&["build", "--quiet", "--workspace", "--lib"], &[])?;
    let dir = crate::target().join("c-interface");
    fs::create_dir_all(&dir)?;
    headers()?;
    symbols()?;
    let prefix = dir.join("prefix");
    let options = install::Options { prefix: prefix.clone(), shared: true, library: true, debug: true };
    install::install(&options, &crate::target().join("debug"))?;
    let calls = dir.join("calls.c");
    fs::write(&calls, all_calls(&header::committed()?)?)?;
    let tests = crate::root().join("pst-ffi/tests/c");
    let programs = [calls, tests.join("checks.c"), tests.join("walk.c")];
    for program in &programs {
        try_program(program, &dir, &prefix, &[], "plain")?;
    }
    for program in &programs {
        try_program(
            program,
            &dir,
            &prefix,
            &["-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
            "sanitized",
        )?;
    }
    snippets(&dir, &prefix)?;
    examples(&dir, &prefix)?;
    for program in &programs {
        under_valgrind(program, &dir)?;
    }
    corpus(&dir)
}

/// The programs in the documentation, built, and run on the sample.
fn snippets(dir: &Path, prefix: &Path) -> Result<()> {
    let mut tried = 0usize;
    for page in ["docs/c-api.md", "README.md"] {
        let text = fs::read_to_string(crate::root().join(page))?;
        for (language, compiler, standard) in [("c", "cc", "-std=c11"), ("cpp", "c++", "-std=c++17")] {
            let fence = format!("```{language}\n");
            for block in text.split(&fence).skip(1).filter_map(|rest| rest.split("```").next()) {
                if !block.contains("int main") {
                    continue;
                }
                tried = tried.saturating_add(1);
                let source = dir.join(format!("snippet-{tried}.{language}"));
                let program = dir.join(format!("snippet-{tried}"));
                fs::write(&source, block)?;
                let mut command = Command::new(compiler);
                command
                    .arg(standard)
                    .args(WARNINGS)
                    .arg("-I")
                    .arg(prefix.join("include"))
                    .arg(&source)
                    .arg("-o")
                    .arg(&program);
                command.arg("-L").arg(prefix.join("lib")).arg("-lpst_ffi");
                succeed(command.arg(format!("-Wl,-rpath,{}", prefix.join("lib").display())))?;
                succeed(Command::new(&program).arg(crate::root().join(SAMPLE)).stdout(Stdio::null()))?;
            }
        }
    }
    if tried < 2 {
        bail!("the documentation has no programs");
    }
    Ok(())
}

fn is_there(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn succeed(command: &mut Command) -> Result<()> {
    let shown = format!("{command:?}");
    if !command.status().with_context(|| shown.clone())?.success() {
        bail!("failed: {shown}");
    }
    Ok(())
}

/// Both headers, as C11 and C++17, by every compiler there is.
fn headers() -> Result<()> {
    let include = crate::root().join("include");
    let plans = [
        ("gcc", "c", "-std=c11", "pst.h"),
        ("clang", "c", "-std=c11", "pst.h"),
        ("g++", "c++", "-std=c++17", "pst.h"),
        ("clang++", "c++", "-std=c++17", "pst.h"),
        ("g++", "c++", "-std=c++17", "pst.hpp"),
        ("clang++", "c++", "-std=c++17", "pst.hpp"),
    ];
    for (compiler, language, standard, name) in plans {
        if !is_there(compiler) {
            eprintln!("{name} was not tried with {compiler}, which is not installed");
            continue;
        }
        let source = crate::target().join("c-interface").join(format!("{name}.{}", language.replace("c++", "cpp")));
        fs::write(&source, format!("#include <{name}>\n#include <{name}>\nint main(void) {{ return 0; }}\n"))?;
        let mut command = Command::new(compiler);
        command.arg(standard).args(WARNINGS).arg("-fsyntax-only").arg("-I").arg(&include).arg(&source);
        succeed(&mut command)?;
    }
    Ok(())
}

/// The shared library has the names of the list and no others, and is called as programs ask for it.
fn symbols() -> Result<()> {
    if !is_there("nm") {
        eprintln!("the names of the library were not compared: nm is not installed");
        return Ok(());
    }
    let library = crate::target().join("debug/libpst_ffi.so");
    let output = Command::new("nm").args(["-D", "--defined-only"]).arg(&library).output()?;
    let text = String::from_utf8(output.stdout)?;
    let found: BTreeSet<&str> = text.lines().filter_map(|line| line.split_whitespace().last()).collect();
    let listed = fs::read_to_string(crate::root().join("pst-ffi/symbols.txt"))?;
    let listed: BTreeSet<&str> = listed.lines().collect();
    if found != listed {
        let more: Vec<_> = found.symmetric_difference(&listed).collect();
        bail!("the library and pst-ffi/symbols.txt differ in {more:?}");
    }
    if is_there("readelf") {
        let output = Command::new("readelf").arg("-d").arg(&library).output()?;
        if !String::from_utf8_lossy(&output.stdout).contains("[libpst_ffi.so.0]") {
            bail!("the soname of the library is not libpst_ffi.so.0");
        }
    }
    Ok(())
}

/// A program that calls every function of the header with nothing, and with handles that are none.
fn all_calls(prototypes: &[Prototype]) -> Result<String> {
    let mut text = String::from(
        "#include <pst.h>\n#include <stdio.h>\n#include <string.h>\nstatic int wrong;\nstatic unsigned char room[4096], same[4096];\n\
         static void want(const char *name, int status, int wanted) {\n  if (status != wanted) {\n    \
         printf(\"%s: %d instead of %d\\n\", name, status, wanted);\n    wrong = 1;\n  }\n  \
         if (memcmp(room, same, sizeof room) != 0) {\n    printf(\"%s wrote to an output\\n\", name);\n    wrong = 1;\n  }\n}\n\
         int main(void) {\n  memset(room, 0x5A, sizeof room);\n  memset(same, 0x5A, sizeof same);\n",
    );
    let is_opaque = |parameter: &str| {
        let kind = parameter.trim_start_matches("const ").strip_prefix("struct ").map(|rest| rest.replace(" *", "*"));
        kind.filter(|kind| kind.matches('*').count() == 1).and_then(|kind| kind.split('*').next().map(str::to_owned))
    };
    let plain =
        ["pst_guid", "pst_str", "pst_bytes", "pst_time", "pst_loss", "pst_finding", "pst_totals", "pst_summary"];
    let plain = [&plain[..], &["pst_lost_item", "pst_export_summary", "pst_create_summary"]].concat();
    let handle = |parameter: &str| is_opaque(parameter).filter(|kind| !plain.contains(&kind.as_str()));
    for Prototype { returns, name, parameters } in prototypes {
        let is_pointer = |one: &str| one.contains('*') || one.contains("pst_on_") || one.contains("pst_write_bytes");
        let call =
            |fill: &dyn Fn(&str) -> String| parameters.iter().map(|one| fill(one)).collect::<Vec<_>>().join(", ");
        let nothing = |one: &str| {
            if is_pointer(one) || one.contains("pst_read_bytes") || one.contains("pst_name_part") {
                "NULL"
            } else {
                "0"
            }
        };
        let nulls = call(&|one| nothing(one).to_owned());
        // The first handle is none; all else could be.
        let bogus = call(&|one| match handle(one) {
            Some(kind) => format!("(struct {kind} *)(uintptr_t)0x4242"),
            None if one.starts_with("const char *") && one.matches('*').count() == 1 => "\"x\"".to_owned(),
            None if one.contains('*') && !one.contains("pst_error") => "(void *)room".to_owned(),
            None => nothing(one).to_owned(),
        });
        let begins = parameters.first().and_then(|one| handle(one)).is_some();
        match returns.as_str() {
            "enum pst_status" => {
                writeln!(text, "  want(\"{name}\", {name}({nulls}), PST_STATUS_NULL_POINTER);")?;
                if begins {
                    writeln!(text, "  want(\"{name}\", {name}({bogus}), PST_STATUS_BAD_HANDLE);")?;
                }
            }
            "void" => writeln!(text, "  {name}({nulls});\n  {name}({bogus});")?,
            _ => writeln!(text, "  (void){name}({nulls});")?,
        }
    }
    writeln!(
        text,
        "  printf(\"%d functions\\n\", {});\n  return wrong || pst_live_handles() != 0;\n}}",
        prototypes.len()
    )?;
    Ok(text)
}

/// Builds a program with more flags, and runs it.
fn try_program(source: &Path, dir: &Path, prefix: &Path, flags: &[&str], kind: &str) -> Result<()> {
    let name = source.file_stem().context("a program has a name")?.to_string_lossy().into_owned();
    let program = dir.join(format!("{name}-{kind}"));
    let mut command = Command::new("cc");
    command.args(["-std=c11", "-g", "-D_POSIX_C_SOURCE=200809L"]).args(WARNINGS).args(flags);
    command.arg("-I").arg(prefix.join("include")).arg(source).arg("-o").arg(&program);
    command.arg("-L").arg(prefix.join("lib")).args(["-lpst_ffi", "-lpthread"]);
    succeed(command.arg(format!("-Wl,-rpath,{}", prefix.join("lib").display())))?;
    // With so many mutations of the sample.
    succeed(Command::new(&program).args(arguments(&name, dir, "60")?))
}

/// What a program is called with.
fn arguments(name: &str, dir: &Path, mutations: &str) -> Result<Vec<PathBuf>> {
    let (sample, scratch) = (crate::root().join(SAMPLE), dir.join("scratch"));
    let _ = fs::remove_dir_all(&scratch);
    fs::create_dir_all(&scratch)?;
    Ok(match name {
        "checks" => vec![sample, scratch, PathBuf::from(mutations)],
        "walk" => vec![sample],
        _ => Vec::new(),
    })
}

/// Runs a program that was built, under valgrind, where everything takes thirty times as long.
fn under_valgrind(source: &Path, dir: &Path) -> Result<()> {
    let name = source.file_stem().context("a program has a name")?.to_string_lossy().into_owned();
    if !is_there("valgrind") {
        eprintln!("{name} did not run under valgrind, which is not installed");
        return Ok(());
    }
    succeed(valgrind(&dir.join(format!("{name}-plain"))).args(arguments(&name, dir, "2")?))
}

/// Errors of memory and leaks fail.
fn valgrind(program: &Path) -> Command {
    let mut command = Command::new("valgrind");
    // Hash maps and thread handles of Rust are held by their middle, which looks like a possible leak.
    command.args(["--quiet", "--error-exitcode=9", "--leak-check=full"]);
    command.args(["--show-leak-kinds=definite", "--errors-for-leak-kinds=definite"]);
    command.arg(program);
    command
}

/// Walks the stores and mails of a corpus, if there is one: small ones under valgrind, all with the sanitizers.
fn corpus(dir: &Path) -> Result<()> {
    /// Under valgrind a megabyte takes seconds.
    const SMALL: u64 = 4 << 20;
    let Some(corpus) = env::var_os("PST_CORPUS") else {
        eprintln!("no corpus was walked: PST_CORPUS is not set");
        return Ok(());
    };
    let mut files = Vec::new();
    stores_below(Path::new(&corpus), &mut files)?;
    succeed(Command::new(dir.join("walk-sanitized")).arg("--quiet").args(&files))?;
    if is_there("valgrind") {
        let small = files.iter().filter(|file| fs::metadata(file).is_ok_and(|metadata| metadata.len() <= SMALL));
        succeed(valgrind(&dir.join("walk-plain")).arg("--quiet").args(small))?;
    }
    eprintln!("{} stores and mails of the corpus were walked", files.len());
    Ok(())
}

fn stores_below(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            stores_below(&path, files)?;
        } else if path.extension().is_some_and(|extension| {
            ["pst", "ost", "pab", "eml"].iter().any(|known| extension.eq_ignore_ascii_case(known))
        }) {
            files.push(path);
        }
    }
    files.sort();
    Ok(())
}

/// The examples, built by CMake from what was installed, with each of the libraries, and run.
fn examples(dir: &Path, prefix: &Path) -> Result<()> {
    if !is_there("cmake") {
        eprintln!("the examples were not built: cmake is not installed");
        return Ok(());
    }
    for kind in ["shared", "static"] {
        let build = dir.join(format!("examples-{kind}"));
        let mut command = Command::new("cmake");
        command
            .arg("-S")
            .arg(crate::root().join("examples"))
            .arg("-B")
            .arg(&build)
            .arg("-DCMAKE_COMPILE_WARNING_AS_ERROR=ON");
        command.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display())).arg(format!("-DPST_LIBRARY=pst::{kind}"));
        succeed(command.stdout(Stdio::null()))?;
        succeed(Command::new("cmake").arg("--build").arg(&build).stdout(Stdio::null()))?;
        succeed(Command::new("ctest").arg("--output-on-failure").current_dir(&build).stdout(Stdio::null()))?;
    }
    Ok(())
}
