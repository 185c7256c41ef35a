// expect: syntax, memory, error
static DATA: [u8; 1 << 30] = [7; 1 << 30];

fn main() {
    std::process::exit(DATA[std::env::args().count()] as i32);
}
