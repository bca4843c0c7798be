//! libFuzzer target for [`pst_fuzz::file()`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pst_fuzz::file(data));
