//! libFuzzer target for [`pst_fuzz::address()`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pst_fuzz::address(data));
