//! Names the shared library for the loader: programs ask for `libpst_ffi.so.0`, whatever its full version.

fn main() {
    let system = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if system == "linux" {
        // The number is that of `pst_abi_version`.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libpst_ffi.so.0");
    }
    println!("cargo:rerun-if-changed=build.rs");
}
