// expect: syntax
asm(".incbin \"/etc/passwd\"");
int main() { return answer(); }
