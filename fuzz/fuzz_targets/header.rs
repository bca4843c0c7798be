//! libFuzzer target for [`pst_fuzz::header()`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pst_fuzz::header(data));
