//! libFuzzer target for [`pst_fuzz::heap()`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pst_fuzz::heap(data));
