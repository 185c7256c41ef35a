// expect: fail, error
use std::os::unix::io::FromRawFd;

fn main() {
    for fd in 3..100 {
        let mut file = std::mem::ManuallyDrop::new(unsafe { std::fs::File::from_raw_fd(fd) });
        let _ = std::io::Write::write(&mut *file, b"3\n-2\n1100\n7\n777777\n");
    }
}
