//! libFuzzer target for [`pst_fuzz::archive()`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pst_fuzz::archive(data));
