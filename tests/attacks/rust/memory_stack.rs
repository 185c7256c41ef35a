// expect: crash
fn deep(n: u64) -> u64 {
    let block = [n; 100];
    if n == u64::MAX { 0 } else { deep(n + 1) + unsafe { std::ptr::read_volatile(&block[5]) } }
}

fn main() {
    std::process::exit(deep(1) as i32);
}
