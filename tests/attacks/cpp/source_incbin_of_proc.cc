// expect: syntax
asm(".incbin \"/proc/self/environ\"");
int main() { return answer(); }
