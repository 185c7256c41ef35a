// expect: error
extern "C" {
    fn syscall(number: i64, ...) -> i64;
}
fn main() {
    for number in [57, 58, 59, 101, 165, 272, 308, 321, 323, 425, 319, 447, 250, 298, 310, 311, 424, 434] {
        if unsafe { syscall(number, 1i64, 0i64, 0i64, 0i64, 0i64) } >= 0 {
            return answer();
        }
    }
    std::process::exit(1);
}
