//! libFuzzer target for [`pst_fuzz::table()`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pst_fuzz::table(data));
