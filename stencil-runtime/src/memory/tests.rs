//! Arenas as a whole: both strategies, reuse, threads, limits.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::test_support::{Random, constant};
use super::*;
use crate::icache::TRAP;

fn arena(strategy: Strategy, reserve: usize) -> Arena {
    Arena::new(ArenaConfig { reserve, strategy, ..ArenaConfig::default() }).unwrap()
}

/// The strategies that this system has; the first is what [`Strategy::Auto`] chooses, and shares pages among code.
const STRATEGIES: [Strategy; 2] = [
    if cfg!(all(target_os = "macos", target_arch = "aarch64")) { Strategy::PerThread } else { Strategy::Dual },
    Strategy::Flip,
];
const SHARING: Strategy = STRATEGIES[0];

fn publish(arena: &Arena, code: &[u8]) -> Region {
    let mut draft = arena.allocate(code.len(), 16).unwrap();
    draft.bytes_mut().copy_from_slice(code);
    draft.publish().unwrap()
}

fn run(region: &Region) -> u32 {
    // SAFETY: the tests run only what `constant` made: a C function without parameters that returns
    // a u32.
    let function: extern "C" fn() -> u32 = unsafe { std::mem::transmute(region.bytes().as_ptr()) };
    function()
}

/// The protection of the page at `address`, as in `r-xs`.
#[cfg(target_os = "linux")]
fn protection(address: u64) -> String {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let line = maps.lines().find(|line| {
        let (start, end) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let [start, end] = [start, end].map(|hex| u64::from_str_radix(hex, 16).unwrap());
        (start..end).contains(&address)
    });
    line.unwrap().split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn code_is_written_published_read_back_and_run() {
    for strategy in STRATEGIES {
        let arena = arena(strategy, DEFAULT_RESERVE);
        let code = constant(0x1234_f678);
        let mut draft = arena.allocate(code.len(), 32).unwrap();
        let address = draft.address();
        draft.bytes_mut().copy_from_slice(&code);
        let region = draft.publish().unwrap();
        assert_eq!((region.address(), region.len(), region.bytes()), (address, code.len(), &code[..]));
        assert_eq!(region.bytes().as_ptr().addr() as u64, address);
        assert!(address.is_multiple_of(32));
        assert_eq!(run(&region), 0x1234_f678);
    }
}

/// The protection of the page at `address`.
#[cfg(windows)]
fn protection(address: u64) -> u32 {
    use windows_sys::Win32::System::Memory::{MEMORY_BASIC_INFORMATION, VirtualQuery};
    let mut info = MEMORY_BASIC_INFORMATION::default();
    // SAFETY: the struct is ours and of this length.
    let stored = unsafe { VirtualQuery(address as usize as *const _, &raw mut info, size_of_val(&info)) };
    assert_ne!(stored, 0);
    info.Protect
}

#[test]
fn the_best_strategy_is_chosen_and_those_that_are_not_here_are_refused() {
    assert_eq!(arena(Strategy::Auto, 1).strategy(), SHARING);
    for strategy in [Strategy::Dual, Strategy::PerThread, Strategy::Flip] {
        match Arena::new(ArenaConfig { reserve: 1, strategy, ..ArenaConfig::default() }) {
            Ok(arena) => assert!(STRATEGIES.contains(&strategy) && arena.strategy() == strategy),
            Err(error) => {
                assert!(!STRATEGIES.contains(&strategy), "{error}");
                assert!(matches!(error, MemoryError::Unsupported { .. }), "{error}");
            }
        }
    }
}

#[cfg(windows)]
#[test]
fn no_address_is_writable_and_executable() {
    use windows_sys::Win32::System::Memory::{PAGE_EXECUTE_READ, PAGE_READWRITE};
    for strategy in STRATEGIES {
        let arena = arena(strategy, 1 << 20);
        let mut draft = arena.allocate(64, 16).unwrap();
        let written = draft.bytes_mut().as_ptr().addr() as u64;
        assert_eq!(protection(written), PAGE_READWRITE, "{strategy:?}");
        assert_eq!(written == draft.address(), strategy == Strategy::Flip);
        let region = draft.publish().unwrap();
        assert_eq!(protection(region.address()), PAGE_EXECUTE_READ, "{strategy:?}");
        let next = arena.allocate(1, 1).unwrap();
        let rights = if strategy == Strategy::Flip { PAGE_READWRITE } else { PAGE_EXECUTE_READ };
        assert_eq!((protection(next.address()), protection(region.address())), (rights, PAGE_EXECUTE_READ));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn no_address_is_writable_and_executable() {
    let dual = arena(Strategy::Dual, 1 << 16);
    assert_eq!(dual.strategy(), Strategy::Dual);
    let mut draft = dual.allocate(64, 16).unwrap();
    let written = draft.bytes_mut().as_ptr().addr() as u64;
    draft.bytes_mut().fill(TRAP);
    assert_ne!(written, draft.address());
    assert_eq!((protection(written), protection(draft.address())), ("rw-s".into(), "r-xs".into()));
    let region = draft.publish().unwrap();
    assert_eq!((protection(written), protection(region.address())), ("rw-s".into(), "r-xs".into()));

    let flip = arena(Strategy::Flip, 1 << 16);
    assert_eq!(flip.strategy(), Strategy::Flip);
    let mut draft = flip.allocate(64, 16).unwrap();
    assert_eq!(draft.bytes_mut().as_ptr().addr() as u64, draft.address());
    assert_eq!(protection(draft.address()), "rw-p");
    let region = draft.publish().unwrap();
    assert_eq!(protection(region.address()), "r-xp");
    let next = flip.allocate(1, 1).unwrap();
    assert_eq!((protection(next.address()), protection(region.address())), ("rw-p".into(), "r-xp".into()));
}

#[cfg(target_os = "linux")]
#[test]
fn the_kernel_refuses_to_make_the_executable_view_writable() {
    use rustix::mm::{MprotectFlags, mprotect};
    let arena = arena(Strategy::Dual, 1);
    let region = publish(&arena, &constant(1));
    let page = (region.address() as usize & !(page_size() - 1)) as *mut std::ffi::c_void;
    // SAFETY: the page is mapped and nothing writes through this address, whatever the answer.
    let answer = unsafe { mprotect(page, page_size(), MprotectFlags::READ | MprotectFlags::WRITE) };
    assert_eq!(answer, Err(rustix::io::Errno::ACCESS));
}

#[test]
fn a_reused_range_runs_the_new_code() {
    for strategy in STRATEGIES {
        let arena = arena(strategy, 4 * page_size());
        let mut addresses = HashSet::new();
        for value in 0..2000 {
            let region = publish(&arena, &constant(value));
            addresses.insert(region.address());
            assert_eq!(run(&region), value, "{strategy:?}");
        }
        assert!(addresses.len() <= 4 * page_size() / 64, "ranges were reused");
    }
}

#[test]
fn neighbours_keep_running_while_ranges_are_reused() {
    let arena = arena(SHARING, page_size());
    let neighbours: Vec<_> = (0..4).map(|value| publish(&arena, &constant(value))).collect();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for (value, region) in neighbours.iter().enumerate() {
            let stop = &stop;
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    assert_eq!(run(region), value as u32);
                }
            });
        }
        // One page: every 60 publications take the executable view of all of them through a
        // refresh.
        let wrong = (0..20_000).find(|&value| run(&publish(&arena, &constant(value))) != value);
        stop.store(true, Ordering::Relaxed);
        assert_eq!(wrong, None, "old code ran");
    });
}

#[test]
fn churn_from_several_threads_keeps_every_region_and_leaks_nothing() {
    for strategy in STRATEGIES {
        let arena = arena(strategy, 16 << 20);
        thread::scope(|scope| {
            for seed in 0..4 {
                let arena = arena.clone();
                scope.spawn(move || {
                    let mut random = Random::new(seed);
                    let mut live: Vec<(Region, Vec<u8>)> = Vec::new();
                    for _ in 0..1500 {
                        if live.len() == 40 {
                            let (region, code) = live.swap_remove(random.below(40));
                            assert_eq!(region.bytes(), code);
                        }
                        let code: Vec<u8> = (0..1 + random.below(2000)).map(|_| random.next() as u8).collect();
                        live.push((publish(&arena, &code), code));
                    }
                    for (region, code) in live {
                        assert_eq!(region.bytes(), code);
                    }
                });
            }
        });
        let Stats { reserved, committed, used, free } = arena.stats();
        assert_eq!((reserved, used, free), (16 << 20, 0, 16 << 20));
        // 160 regions of at most a page live at once; the rest waits in a batch.
        let most = 2 * (160 * page_size() + 160 * page_size() / 4 + (64 << 10));
        assert!(committed > 0 && committed <= most, "{committed} bytes committed");
    }
}

#[test]
fn the_whole_arena_can_be_used_again_and_again() {
    for strategy in STRATEGIES {
        let arena = arena(strategy, 1 << 20);
        for _ in 0..20 {
            let draft = arena.allocate(1 << 20, page_size()).unwrap();
            let refused = arena.allocate(1, 1).unwrap_err();
            assert!(matches!(refused, MemoryError::Full { requested: 1, free: 0, reserved: 0x10_0000 }));
            drop(draft.publish().unwrap());
        }
        assert_eq!(arena.stats().committed, 1 << 20);
    }
}

#[test]
fn a_dropped_draft_is_free_at_once() {
    let arena = arena(SHARING, page_size());
    let draft = arena.allocate(100, 16).unwrap();
    let address = draft.address();
    assert_eq!(arena.stats().used, 128);
    drop(draft);
    assert_eq!(arena.stats().used, 0);
    assert_eq!(arena.allocate(100, 16).unwrap().address(), address);
}

#[cfg(any(target_os = "linux", windows))]
#[test]
fn padding_and_freed_code_trap() {
    let arena = arena(Strategy::Dual, page_size());
    let region = publish(&arena, &[0x90; 5]);
    let padding = region.bytes().as_ptr().wrapping_add(5);
    // SAFETY: allocations are a multiple of 64 bytes, so these belong to the region; nobody writes
    // them.
    let padding = unsafe { std::slice::from_raw_parts(padding, 59) };
    assert_eq!(padding, [TRAP; 59]);
    drop(region);
    let mut draft = arena.allocate(page_size(), 1).unwrap();
    assert_eq!(draft.bytes_mut()[..64], [TRAP; 64]);
}

#[test]
fn regions_outlive_the_handles_of_their_arena() {
    for strategy in STRATEGIES {
        let region = publish(&arena(strategy, 1), &constant(77));
        assert_eq!(run(&region), 77);
    }
}

#[test]
fn the_largest_arena_is_within_reach_of_32_bit_branches() {
    for strategy in STRATEGIES {
        let arena = arena(strategy, MAX_RESERVE);
        let whole = arena.allocate(MAX_RESERVE, page_size()).unwrap();
        let (first, end) = (whole.address(), whole.address() + MAX_RESERVE as u64);
        assert!(i32::try_from(end - first).is_ok() && i32::try_from(first as i64 - end as i64).is_ok());
    }
}

#[test]
fn requests_out_of_range_are_refused_with_advice() {
    let arena = arena(Strategy::Auto, page_size());
    let message = |error: MemoryError| error.to_string();
    for reserve in [0, MAX_RESERVE + 1, usize::MAX] {
        let error = Arena::new(ArenaConfig { reserve, ..ArenaConfig::default() }).unwrap_err();
        let wanted = format!("an arena of {reserve} bytes is not possible; reserve between 1 and 2147418112");
        assert_eq!(message(error), wanted);
    }
    assert_eq!(message(arena.allocate(0, 16).unwrap_err()), "a draft of 0 bytes has no address; allocate at least 1");
    for align in [0, 3, 2 * page_size(), usize::MAX] {
        let error = message(arena.allocate(1, align).unwrap_err());
        let wanted = format!("an alignment of {align} is not possible; use a power of two up to {}", page_size());
        assert_eq!(error, wanted);
    }
    let (page, more) = (page_size(), page_size() + 1);
    assert_eq!(
        message(arena.allocate(more, 1).unwrap_err()),
        format!(
            "no {more} contiguous bytes among the {page} free of {page}; drop regions that are no longer run, or reserve \
             a larger arena"
        ),
    );
}

#[test]
fn handles_and_code_move_between_threads() {
    fn check<T: Send + Sync>() {}
    check::<Arena>();
    check::<Draft>();
    check::<Region>();
    check::<MemoryError>();
}

/// How a process that calls `code` in an arena for code with landing pads ends: what it exits with, or the signal.
#[cfg(all(target_arch = "aarch64", target_os = "linux"))]
fn ends_with(strategy: Strategy, code: &[u8]) -> Result<i32, i32> {
    let arena = Arena::new(ArenaConfig { reserve: 1, strategy, landing_pads: true }).unwrap();
    let region = publish(&arena, code);
    // A range that was refreshed is guarded, too.
    drop(region);
    let region = publish(&arena, code);
    // SAFETY: the new process runs the code and ends, and takes no lock that another thread may hold.
    match unsafe { libc::fork() } {
        0 => {
            let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            // SAFETY: the struct is ours. What ends this process is no reason to keep its memory in a file.
            unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) };
            // SAFETY: ends this process, of which nobody waits for more than the status.
            unsafe { libc::_exit(run(&region) as i32) }
        }
        child => {
            let mut status = 0;
            // SAFETY: the variable is ours.
            assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
            if libc::WIFSIGNALED(status) { Err(libc::WTERMSIG(status)) } else { Ok(libc::WEXITSTATUS(status)) }
        }
    }
}

#[cfg(all(target_arch = "aarch64", target_os = "linux"))]
#[test]
fn guarded_code_is_entered_at_landing_pads_only() {
    let guarded = std::arch::is_aarch64_feature_detected!("bti");
    println!("the processor guards branches: {guarded}");
    for strategy in STRATEGIES {
        // bti c
        let with = [&[0x5f, 0x24, 0x03, 0xd5], &constant(42)[..]].concat();
        assert_eq!(ends_with(strategy, &with), Ok(42), "{strategy:?}");
        let wanted = if guarded { Err(libc::SIGILL) } else { Ok(43) };
        assert_eq!(ends_with(strategy, &constant(43)), wanted, "{strategy:?}");
    }
}
