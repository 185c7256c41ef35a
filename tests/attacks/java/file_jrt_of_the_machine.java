// expect: error
public class Main {
  public static void main(String[] a) throws Throwable {
    try { java.nio.file.Files.list(java.nio.file.Path.of("/home")); Answer.answer(); return; } catch (Throwable t) { }
    try { java.nio.file.Files.list(java.nio.file.Path.of("/proc/1")); Answer.answer(); return; } catch (Throwable t) { }
    System.exit(1);
  }
}
