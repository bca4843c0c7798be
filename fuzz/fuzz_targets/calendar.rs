//! libFuzzer target for [`pst_fuzz::calendar()`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pst_fuzz::calendar(data));
