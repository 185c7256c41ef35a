// expect: output, timeout
fn main() {
    loop {
        use std::io::Write;
        let _ = writeln!(std::io::stdout(), "3");
    }
}
