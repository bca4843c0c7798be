//! libFuzzer target for [`pst_fuzz::mail()`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pst_fuzz::mail(data));
