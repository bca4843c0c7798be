//! libFuzzer target for [`pst_fuzz::tnef()`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pst_fuzz::tnef(data));
