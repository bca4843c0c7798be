//! libFuzzer target for [`pst_fuzz::item()`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pst_fuzz::item(data));
