//! The progress bar, on standard error and only if that is a terminal.

use std::io::{IsTerminal, stderr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::thousands;

/// Bytes and items done. Shared by all threads.
pub(crate) struct Progress {
    bar: ProgressBar,
    items: AtomicU64,
}

impl Progress {
    /// A bar for so many bytes.
    pub(crate) fn new(bytes: u64) -> Self {
        const TEMPLATE: &str =
            "{bar:24} {percent:>3}%  {binary_bytes}/{binary_total_bytes}  {binary_bytes_per_sec}  {msg}  {elapsed}";
        if !stderr().is_terminal() {
            return Self { bar: ProgressBar::hidden(), items: AtomicU64::new(0) };
        }
        let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr_with_hz(10));
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, items: AtomicU64::new(0) }
    }

    /// As [`new`](Self::new), for bytes that are only counted if somebody sees them.
    pub(crate) fn of(bytes: impl FnOnce() -> u64) -> Self {
        Self::new(if stderr().is_terminal() { bytes() } else { 0 })
    }

    /// Adds bytes and items.
    pub(crate) fn advance(&self, bytes: u64, items: u64) {
        let items = self.items.fetch_add(items, Ordering::Relaxed).saturating_add(items);
        if !self.bar.is_hidden() {
            self.bar.inc(bytes);
            self.bar.set_message(format!("{} items", thousands(items)));
        }
    }

    /// Adds bytes, and sets how many items there were in all.
    pub(crate) fn reach(&self, bytes: u64, items: u64) {
        self.items.store(items, Ordering::Relaxed);
        self.advance(bytes, 0);
    }

    /// Runs `write` while the bar is out of the way.
    pub(crate) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
