//! What a refresh does to the executable view.

use super::*;
use crate::memory::sys::page_size;

/// The executable views that hold `address`, with the kilobytes of them that are mapped in.
fn views(address: usize) -> Vec<(Range<usize>, usize)> {
    let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
    let mut views = Vec::new();
    let mut lines = maps.lines();
    while let Some(line) = lines.next() {
        let Some((range, rest)) = line.split_once(' ') else {
            continue;
        };
        let Some((start, end)) = range.split_once('-') else {
            continue;
        };
        let [start, end] = [start, end].map(|hex| usize::from_str_radix(hex, 16).unwrap());
        if rest.starts_with("r-xs") && (start..end).contains(&address) {
            let rss = lines.find_map(|line| line.strip_prefix("Rss:")).unwrap();
            views.push((start..end, rss.trim().trim_end_matches(" kB").parse().unwrap()));
        }
    }
    views
}

#[test]
fn a_refresh_replaces_pages_by_themselves() {
    let page = page_size();
    let dual = Dual::reserve(4 * page, false).unwrap();
    let start = dual.executable().addr().get();
    for index in 0..4 {
        // SAFETY: inside the writable view, which nobody else uses.
        let byte = unsafe { dual.writable().add(index * page) };
        // SAFETY: as above.
        unsafe { byte.write(index as u8 + 1) };
    }
    let read = |index: usize| {
        // SAFETY: inside the executable view.
        let byte = unsafe { dual.executable().add(index * page) };
        // SAFETY: as above; nobody writes it now.
        unsafe { byte.read_volatile() }
    };
    assert_eq!([0, 1, 2, 3].map(read), [1, 2, 3, 4]);
    let kilobytes = page / 1024;
    let before = views(start);
    dual.refresh(&(page..3 * page)).unwrap();
    let after = views(start);
    // A processor emulator maps code otherwise than it was asked to; then only the contents can be compared.
    if !before.is_empty() {
        assert_eq!(before, [(start..start + 4 * page, 4 * kilobytes)]);
        assert_eq!(after, [(start..start + 4 * page, 2 * kilobytes)], "two pages are new");
    }
    assert_eq!([0, 1, 2, 3].map(read), [1, 2, 3, 4]);
}

#[test]
#[should_panic(expected = "outside the")]
fn a_refresh_outside_the_views_is_refused() {
    let page = page_size();
    let _ = Dual::reserve(page, false).unwrap().refresh(&(0..2 * page));
}

// Emulators write the file about mappings themselves, without this flag.
#[cfg(target_arch = "x86_64")]
#[test]
fn child_processes_get_neither_view() {
    let page = page_size();
    let dual = Dual::reserve(4 * page, false).unwrap();
    dual.refresh(&(page..2 * page)).unwrap();
    let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
    let (mut range, mut found) = (0..0, 0);
    for line in maps.lines() {
        // A mapping begins with its range and ends with its flags, of which `dc` says that it is not copied.
        if let Some((start, end)) = line.split_once(' ').and_then(|(range, _)| range.split_once('-')) {
            let [start, end] = [start, end].map(|hex| usize::from_str_radix(hex, 16).unwrap());
            range = start..end;
        } else if let Some(flags) = line.strip_prefix("VmFlags:")
            && [dual.writable(), dual.executable()].iter().any(|view| range.contains(&view.addr().get()))
        {
            assert!(flags.split_whitespace().any(|flag| flag == "dc"), "{flags}");
            found += 1;
        }
    }
    assert_eq!(found, 2);
}
