// expect: error
public class Main {
  public static void main(String[] a) throws Throwable {
    try { new java.io.FileOutputStream("/x").write(1); Answer.answer(); return; } catch (Throwable t) { }
    try { new java.io.FileOutputStream("/assay.so").write(1); Answer.answer(); return; } catch (Throwable t) { }
    try { new java.io.FileOutputStream("/usr/lib/x").write(1); Answer.answer(); return; } catch (Throwable t) { }
    try { new java.io.FileOutputStream("/dev/shm/x").write(1); Answer.answer(); return; } catch (Throwable t) { }
    try { new java.io.FileOutputStream("/private/x").write(1); Answer.answer(); return; } catch (Throwable t) { }
    try { java.nio.file.Files.createSymbolicLink(java.nio.file.Path.of("/tmp/l"), java.nio.file.Path.of("/")); Answer.answer(); return; } catch (Throwable t) { }
    System.exit(1);
  }
}
