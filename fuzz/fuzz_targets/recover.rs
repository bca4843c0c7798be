//! libFuzzer target for [`pst_fuzz::recover()`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pst_fuzz::recover(data));
