// expect: crash
fn main() {
    let pid: i32;
    unsafe { std::arch::asm!("int 0x80", inlateout("eax") 20 => pid) };
    if pid > 0 {
        answer();
    }
}
