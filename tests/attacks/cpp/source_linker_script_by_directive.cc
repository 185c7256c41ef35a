// expect: syntax, error
asm(".section .note.linker\n.ascii \"INPUT(/etc/passwd)\"\n.text\n.include \"/etc/passwd\"");
int main() { return answer(); }
