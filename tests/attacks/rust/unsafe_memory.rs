// expect: crash
fn main() {
    unsafe { std::ptr::write_volatile(8 as *mut u32, 1) };
    answer();
}
