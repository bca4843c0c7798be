//! libFuzzer target for [`pst_fuzz::block()`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pst_fuzz::block(data));
