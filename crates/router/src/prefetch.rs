//! Asks for memory that will be needed, so that it comes while other things are done: a decision waits for memory more than for anything
//! else, and most of what it needs is known before it is read.

/// Bytes that come together.
const CACHE_LINE: usize = 64;

/// Asks for a value; it is not waited for, and nothing else changes. Where the processor's instruction for it is not known, nothing
/// happens.
#[inline]
pub(crate) fn prefetch<T>(value: &T) {
    (0..size_of::<T>()).step_by(CACHE_LINE).for_each(|offset| prefetch_line(value, offset));
}

#[inline]
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "the instruction has no safe wrapper; it reads nothing and faults nowhere")]
fn prefetch_line<T>(value: &T, offset: usize) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    let start = std::ptr::from_ref(value).cast::<i8>().wrapping_add(offset);
    // SAFETY: a hint about an address: whatever it is, no memory is read or written, and every x86-64 processor has it (SSE).
    unsafe { _mm_prefetch::<_MM_HINT_T0>(start) };
}

#[inline]
#[cfg(not(target_arch = "x86_64"))]
fn prefetch_line<T>(_: &T, _: usize) {}
