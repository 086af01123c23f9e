//! What the views show, and what may be done with them.

use super::*;
use crate::memory::sys::page_size;
use windows_sys::Win32::System::Memory::VirtualProtect;

#[test]
fn what_one_view_takes_the_other_shows() {
    let len = 4 * STEP;
    let dual = Dual::reserve(len, false).unwrap();
    for at in [0, STEP - 1, STEP, 3 * STEP + 5, len - 1] {
        // SAFETY: nobody uses the memory.
        unsafe { dual.open(&(at..at + 1)) }.unwrap();
        // SAFETY: inside the writable view.
        let byte = unsafe { dual.writable().add(at) };
        // SAFETY: the byte is open, and nobody else uses it.
        unsafe { byte.write(at as u8 | 1) };
        dual.refresh(&(at / page_size() * page_size()..at + 1)).unwrap();
        // SAFETY: inside the executable view.
        let byte = unsafe { dual.executable().add(at) };
        // SAFETY: the byte is open, and nobody writes it now.
        assert_eq!(unsafe { byte.read_volatile() }, at as u8 | 1);
    }
}

#[test]
fn the_system_refuses_to_make_the_executable_view_writable() {
    let dual = Dual::reserve(STEP, false).unwrap();
    // SAFETY: nobody uses the memory.
    unsafe { dual.open(&(0..STEP)) }.unwrap();
    let (start, mut before) = (dual.executable().as_ptr().cast(), 0);
    for protection in [PAGE_READWRITE, PAGE_EXECUTE_READWRITE] {
        // SAFETY: the pages are mapped and nobody uses them, whatever the answer.
        let done = unsafe { VirtualProtect(start, STEP, protection, &raw mut before) };
        assert_eq!(done, 0, "{protection:#x}");
    }
}

#[test]
#[should_panic(expected = "outside the")]
fn a_refresh_outside_the_views_is_refused() {
    let _ = Dual::reserve(STEP, false).unwrap().refresh(&(0..2 * STEP));
}
