// expect: syntax
#[link(name = "x -T/etc/passwd", kind = "static")]
extern "C" {
    fn x();
}

fn main() {
    unsafe { x() };
}
