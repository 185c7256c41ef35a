// expect: error
public class Main {
  public static void main(String[] a) throws Throwable {
    try { new ProcessBuilder("/bin/sh").start(); Answer.answer(); return; } catch (Throwable t) { }
    try { Runtime.getRuntime().exec("/assay.so"); Answer.answer(); return; } catch (Throwable t) { }
    try { Runtime.getRuntime().exec(ProcessHandle.current().info().command().get()); Answer.answer(); return; } catch (Throwable t) { }
    System.exit(1);
  }
}
