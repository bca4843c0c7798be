//! libFuzzer target for [`pst_fuzz::journal()`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pst_fuzz::journal(data));
