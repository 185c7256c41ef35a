// expect: syntax
std::arch::global_asm!(".incbin \"/etc/passwd\"");

fn main() {
    answer();
}
