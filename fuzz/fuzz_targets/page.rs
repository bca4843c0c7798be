//! libFuzzer target for [`pst_fuzz::page()`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pst_fuzz::page(data));
